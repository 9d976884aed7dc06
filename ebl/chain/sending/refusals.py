"""Why a contract refused, as a sentence and a fix.

Contracts refuse with four bytes and arguments, or with a string of their own; nobody should have to look either up.
"""

from __future__ import annotations

from dataclasses import dataclass

from ebl.chain.contracts import role_names as roles
from ebl.ethereum.address import checksummed
from ebl.ethereum.keccak import keccak256


@dataclass(frozen=True, slots=True)
class Refusal:
    """``error`` is the contract's own name or words for it, empty where it gave none."""

    error: str
    sentence: str
    fix: str = ""


_NO_REASON = Refusal(
    "",
    "The contract refused without giving a reason.",
    "Check that the address is the contract you mean, on the chain you mean.",
)
_WAIT = "Wait until an admin has lifted the pause."

# signature -> sentence, fix; {0}, {1} … are the arguments
_ERRORS: dict[str, tuple[str, str]] = {
    # document stores
    "DocumentExists(bytes32)": ("{0} is already issued.", "Nothing is left to do, unless it was issued by mistake."),
    "DocumentIsRevoked(bytes32,bytes32)": ("{1} under the root {0} is already revoked.", "Nothing is left to do."),
    "DocumentIsRevoked(bytes32)": ("{0} is already revoked.", "Nothing is left to do."),
    "DocumentNotIssued(bytes32,bytes32)": ("The root {0} was never issued here.", "Issue it first."),
    "InactiveDocument(bytes32,bytes32)": (
        "{1} under the root {0} is not in force: never issued, or already revoked.",
        "Look with `ebl store status`.",
    ),
    "InactiveDocument(bytes32)": ("{0} is not in force: never issued, or already revoked.", ""),
    "InvalidDocument(bytes32,bytes32)": (
        "{1} is not proved to belong to the root {0}.",
        "Give the proof that was made when the batch was wrapped.",
    ),
    "ZeroDocument()": ("The hash is all zero.", "Give the root of the document."),
    "DocumentLocked(bytes32)": ("{0} is locked to its owner and cannot be moved.", ""),
    "ERC721NonexistentToken(uint256)": ("There is no document {0} here.", "Issue it first."),
    # roles and pauses
    "AccessControlUnauthorizedAccount(address,bytes32)": (
        "{0} lacks the role {1}.",
        "Sign with the key that has the role, or have an admin grant it.",
    ),
    "AccessControlBadConfirmation()": (
        "A role is renounced by its bearer only.",
        "Sign with the key that has the role.",
    ),
    "EnforcedPause()": ("The contract is paused.", _WAIT),
    "ExpectedPause()": ("The contract is not paused.", "Nothing is left to do."),
    "RegistryContractPaused()": ("The registry is paused, so titles cannot be moved.", _WAIT),
    "InvalidAdminAddress()": ("The admin is the zero address.", "Name an admin."),
    "ZeroOwner()": ("The owner is the zero address.", "Name an owner."),
    # titles
    "TokenExists()": (
        "This title was minted already, and a token id serves once.",
        "Look with `ebl title show`; a new document gets a new id.",
    ),
    "InvalidTokenId()": ("There is no such title here.", "Check the token id and the registry."),
    "TokenNotReturnedToIssuer()": ("The title has not been returned to the issuer.", "Its holder returns it first."),
    "TokenNotSurrendered()": ("The title has not been returned to the issuer.", "Its holder returns it first."),
    "TransferFailure()": ("The title may not go to this address.", "Use the moves of the title, not raw transfers."),
    "RemarkLengthExceeded()": ("The remark is longer than 120 bytes.", "Shorten it: a Chinese character is 3 bytes."),
    "CallerNotHolder()": ("Only the holder can do this.", "Sign with the holder's key; see `ebl title can`."),
    "CallerNotBeneficiary()": (
        "Only the beneficiary can do this.",
        "Sign with the beneficiary's key; see `ebl title can`.",
    ),
    "DualRoleRejectionRequired()": (
        "Whoever is holder and beneficiary rejects both at once.",
        "Reject both together (`ebl title reject`).",
    ),
    "InactiveTitleEscrow()": ("The title was taken out of circulation for good.", ""),
    "InvalidNominee()": (
        "The new beneficiary was not nominated.",
        "The beneficiary nominates first; then the holder endorses to the nominee.",
    ),
    "InvalidTransferToZeroAddress()": (
        "There is nobody to move it to.",
        "Name the other party; a transfer is rejected once.",
    ),
    "InvalidTokenTransferToZeroAddressOwners(address,address)": (
        "A title needs a beneficiary and a holder.",
        "Name both.",
    ),
    "NomineeAlreadyNominated()": ("This party is the nominee already.", "Nothing is left to do."),
    "RecipientAlreadyHolder()": ("This party is the holder already.", "Nothing is left to do."),
    "TargetNomineeAlreadyBeneficiary()": ("This party is the beneficiary already.", "Nothing is left to do."),
    "TitleEscrowNotHoldingToken()": (
        "The title has been returned to the issuer.",
        "The issuer accepts it, or gives it back, before it can move.",
    ),
    "InvalidRegistry(address)": ("{0} is not the registry of this title.", ""),
    "InvalidTokenId(uint256)": ("{0} is not the token of this title.", ""),
    "EmptyReceivingData()": ("A title is moved by its own moves only.", ""),
    "CreateCallerNotContract()": ("Only a registry makes titles.", "Mint through the registry."),
    # deploying
    "UnsupportedImplementationContractAddress()": ("The deployer does not know this implementation.", ""),
    "ImplementationInitializationFailure(bytes)": ("The deployer could not set the registry up.", "Check the admin."),
    "FailedDeployment()": ("The contract could not be created.", ""),
    "InvalidInitialization()": ("The contract was set up already.", ""),
}
# what the older contracts say in words -> the sentence and the fix; the first that fits
_STRINGS: tuple[tuple[str, str, str], ...] = (
    ("Only hashes that have not been issued can be issued", "A hash among these is already issued.", ""),
    ("Hash has been revoked previously", "A hash among these is already revoked.", "Nothing is left to do for it."),
    ("Only issued document hashes can be revoked", "A hash among these was never issued.", "Issue it first."),
    ("is missing role", "", "Sign with the key that has the role, or have an admin grant it."),
    ("caller is not the owner", "Only the owner can do this.", "Sign with the owner's key."),
    ("Pausable: paused", "The contract is paused.", _WAIT),
    ("Pausable: not paused", "The contract is not paused.", "Nothing is left to do."),
    ("nonexistent token", "There is no such title here.", "Check the token id and the registry."),
    ("already initialized", "The contract was set up already.", ""),
)
_BY_SELECTOR = {keccak256(signature.encode())[:4]: signature for signature in _ERRORS}
_ERROR_STRING = keccak256(b"Error(string)")[:4]
_PANIC = keccak256(b"Panic(uint256)")[:4]


def explain(data: bytes) -> Refusal:
    """Say what the return data of a reverted call means. Data of a contract that is not ours is quoted, not trusted."""
    if not data:
        return _NO_REASON
    selector, arguments = data[:4], data[4:]
    if selector == _ERROR_STRING:
        return _explain_words(_string(arguments))
    if selector == _PANIC:
        return Refusal("Panic", "The contract failed in its own arithmetic or bounds.", _NO_REASON.fix)
    signature = _BY_SELECTOR.get(selector)
    if signature is None:
        return Refusal(
            f"0x{selector.hex()}", f"The contract refused with the unknown error 0x{selector.hex()}.", _NO_REASON.fix
        )
    sentence, fix = _ERRORS[signature]
    return Refusal(signature.partition("(")[0], sentence.format(*_arguments(signature, arguments)), fix)


def _explain_words(words: str) -> Refusal:
    for part, sentence, fix in _STRINGS:
        if part in words:
            return Refusal(words, sentence or f"{_sentence(_name_roles(words))}", fix)
    return Refusal(words, f"The contract refused: {words!r}.")


def _name_roles(words: str) -> str:
    for role, name in roles.NAMES.items():
        words = words.replace(f"0x{role.hex()}", name)
    return words.removeprefix("AccessControl: ")


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _arguments(signature: str, data: bytes) -> list[str]:
    """Each argument in words; the errors above have static arguments, and one of bytes which is not shown."""
    shown = []
    kinds = [kind for kind in signature.partition("(")[2].rstrip(")").split(",") if kind]
    for number, kind in enumerate(kinds):
        word = data[32 * number : 32 * number + 32].ljust(32, b"\0")
        if kind == "address":
            shown.append(checksummed(f"0x{word[12:].hex()}"))
        elif signature.startswith("AccessControl"):
            shown.append(roles.named(word))
        else:
            shown.append(f"0x{word.hex()}")
    return shown


def _string(data: bytes) -> str:
    """The one string argument, cut to 200 bytes; a stranger's contract may have written anything."""
    size = min(int.from_bytes(data[32:64], "big"), 200)
    return data[64 : 64 + size].decode("utf-8", "replace")
