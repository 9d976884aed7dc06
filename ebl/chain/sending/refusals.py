"""Explanations of a contract's revert: a sentence and a fix.

Contracts revert with four bytes and arguments, or with a text of their own. The table has a sentence for each.
"""

from __future__ import annotations

from dataclasses import dataclass

from ebl.chain.contracts import role_names as roles
from ebl.ethereum.address import checksummed
from ebl.ethereum.keccak import keccak256


@dataclass(frozen=True, slots=True)
class Refusal:
    """``error`` is the contract's own name or text for it; empty if it gave none."""

    error: str
    sentence: str
    fix: str = ""


_NO_REASON = Refusal(
    "",
    "The contract refused without giving a reason.",
    "Check that the address is that of the intended contract, on the intended chain.",
)
_WAIT = "Wait until an admin has ended the pause."

# signature -> sentence, fix; {0}, {1} … are the arguments
_ERRORS: dict[str, tuple[str, str]] = {
    # document stores
    "DocumentExists(bytes32)": ("{0} is already issued.", "No action is needed, unless it was issued by mistake."),
    "DocumentIsRevoked(bytes32,bytes32)": ("{1} under the root {0} is already revoked.", "No action is needed."),
    "DocumentIsRevoked(bytes32)": ("{0} is already revoked.", "No action is needed."),
    "DocumentNotIssued(bytes32,bytes32)": ("The root {0} was never issued in this store.", "Issue it first."),
    "InactiveDocument(bytes32,bytes32)": (
        "{1} under the root {0} is not in force: never issued, or already revoked.",
        "Check it with `ebl store status`.",
    ),
    "InactiveDocument(bytes32)": ("{0} is not in force: never issued, or already revoked.", ""),
    "InvalidDocument(bytes32,bytes32)": (
        "The proof does not show that {1} belongs to the root {0}.",
        "Give the proof that was made when the batch was wrapped.",
    ),
    "ZeroDocument()": ("The hash is all zero.", "Give the root of the document."),
    "DocumentLocked(bytes32)": ("{0} is locked to its owner and cannot be moved.", ""),
    "ERC721NonexistentToken(uint256)": ("The contract has no document {0}.", "Issue it first."),
    # roles and pauses
    "AccessControlUnauthorizedAccount(address,bytes32)": (
        "{0} lacks the role {1}.",
        "Sign with the key that has the role, or have an admin grant it.",
    ),
    "AccessControlBadConfirmation()": (
        "A role can be renounced only by the account that has it.",
        "Sign with the key that has the role.",
    ),
    "EnforcedPause()": ("The contract is paused.", _WAIT),
    "ExpectedPause()": ("The contract is not paused.", "No action is needed."),
    "RegistryContractPaused()": ("The registry is paused, so titles cannot be moved.", _WAIT),
    "InvalidAdminAddress()": ("The admin is the zero address.", "Name an admin."),
    "ZeroOwner()": ("The owner is the zero address.", "Name an owner."),
    # titles
    "TokenExists()": (
        "This title was minted already, and a token id can be used once.",
        "Check it with `ebl title show`; a new document gets a new id.",
    ),
    "InvalidTokenId()": ("The registry has no such title.", "Check the token id and the registry."),
    "TokenNotReturnedToIssuer()": (
        "The title was not surrendered to the issuer.",
        "Have its holder surrender it first.",
    ),
    "TokenNotSurrendered()": ("The title was not surrendered to the issuer.", "Have its holder surrender it first."),
    "TransferFailure()": ("The title may not go to this address.", "Use the moves of the title, not raw transfers."),
    "RemarkLengthExceeded()": ("The remark is longer than 120 bytes.", "Shorten it: a Chinese character is 3 bytes."),
    "CallerNotHolder()": ("Only the holder can do this.", "Sign with the holder's key; see `ebl title can`."),
    "CallerNotBeneficiary()": (
        "Only the beneficiary can do this.",
        "Sign with the beneficiary's key; see `ebl title can`.",
    ),
    "DualRoleRejectionRequired()": (
        "An account that is holder and beneficiary rejects both together.",
        "Reject both together (`ebl title reject`).",
    ),
    "InactiveTitleEscrow()": ("The title was taken out of circulation permanently.", ""),
    "InvalidNominee()": (
        "The new beneficiary was not nominated.",
        "Have the beneficiary name the nominee first; then the holder endorses to the nominee.",
    ),
    "InvalidTransferToZeroAddress()": (
        "There is no previous party to move it back to.",
        "Name the other party; a transfer can be rejected once.",
    ),
    "InvalidTokenTransferToZeroAddressOwners(address,address)": (
        "A title needs a beneficiary and a holder.",
        "Name both.",
    ),
    "NomineeAlreadyNominated()": ("This party is the nominee already.", "No action is needed."),
    "RecipientAlreadyHolder()": ("This party is the holder already.", "No action is needed."),
    "TargetNomineeAlreadyBeneficiary()": ("This party is the beneficiary already.", "No action is needed."),
    "TitleEscrowNotHoldingToken()": (
        "The title was surrendered to the issuer.",
        "Wait until the issuer accepts the surrender or restores the title.",
    ),
    "InvalidRegistry(address)": ("{0} is not the registry of this title.", ""),
    "InvalidTokenId(uint256)": ("{0} is not the token of this title.", ""),
    "EmptyReceivingData()": ("A title can be moved only by its own moves.", ""),
    "CreateCallerNotContract()": ("Only a registry can create titles.", "Mint through the registry."),
    # deploying
    "UnsupportedImplementationContractAddress()": ("The deployer does not know this implementation.", ""),
    "ImplementationInitializationFailure(bytes)": (
        "The deployer could not initialise the registry.",
        "Check the admin.",
    ),
    "FailedDeployment()": ("The contract could not be created.", ""),
    "InvalidInitialization()": ("The contract is initialised already.", ""),
}
# texts of the older contracts -> the sentence and the fix; the first match counts
_STRINGS: tuple[tuple[str, str, str], ...] = (
    ("Only hashes that have not been issued can be issued", "A hash among these is already issued.", ""),
    (
        "Hash has been revoked previously",
        "A hash among these is already revoked.",
        "No action is needed for this hash.",
    ),
    ("Only issued document hashes can be revoked", "A hash among these was never issued.", "Issue it first."),
    ("is missing role", "", "Sign with the key that has the role, or have an admin grant it."),
    ("caller is not the owner", "Only the owner can do this.", "Sign with the owner's key."),
    ("Pausable: paused", "The contract is paused.", _WAIT),
    ("Pausable: not paused", "The contract is not paused.", "No action is needed."),
    ("nonexistent token", "The contract has no such title.", "Check the token id and the registry."),
    ("already initialized", "The contract is initialised already.", ""),
)
_BY_SELECTOR = {keccak256(signature.encode())[:4]: signature for signature in _ERRORS}
_ERROR_STRING = keccak256(b"Error(string)")[:4]
_PANIC = keccak256(b"Panic(uint256)")[:4]


def explain(data: bytes) -> Refusal:
    """Explains the return data of a reverted call. Data of an unknown contract is quoted, not trusted."""
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
    """Returns each argument in words; the errors above have static arguments, and one of bytes which is not shown."""
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
    """Returns the one string argument, cut to 200 bytes; an unknown contract can have written anything."""
    size = min(int.from_bytes(data[32:64], "big"), 200)
    return data[64 : 64 + size].decode("utf-8", "replace")
