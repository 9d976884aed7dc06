"""The claim that the party that presents a title controls an account now: its answer to the verifier's challenge.

Control of an account at one moment is not ownership of the goods, and not the identity of a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar, Final

from ebl.chain.titles.challenge_memory import ChallengeMemory
from ebl.chain.titles.title_challenge import TitleAnswer
from ebl.codes import Condition, Doubt, Failure
from ebl.errors import Refuted, SourceError
from ebl.ethereum import abi, secp256k1
from ebl.ethereum.address import checksummed
from ebl.messages import Message, say
from ebl.model.findings import Claim, Fact, Group, Note, TitleClaim
from ebl.model.ports import Block, Chain, Read, Sources

_MAGIC: Final = bytes.fromhex("1626ba7e").ljust(32, b"\0")
"""What ``isValidSignature`` returns for a signature that a contract accepts (ERC-1271)."""
_DELEGATION: Final = bytes.fromhex("ef0100")
"""How the code of an account begins that runs the code of a contract (EIP-7702); the contract's address follows."""
_SKEW: Final = timedelta(minutes=2)
"""How far the clock of the computer that issued the challenge may be ahead."""


@dataclass(frozen=True, slots=True)
class ControlsAccount(Claim):
    """The presenter controls the account of the ``answer``, which is to the verifier's own challenge for ``title``.

    ``title`` is the document's claim to be a title; None if it makes none. ``memory`` remembers what the verifier sent;
    without it the check has no result, except on a replay of recorded responses.
    """

    group: ClassVar[Group] = Group.TITLE
    name: ClassVar[str] = "presenter"
    settles: ClassVar[bool] = False

    answer: TitleAnswer
    title: TitleClaim | None
    memory: ChallengeMemory | None = field(default=None, repr=False, compare=False)
    challenge: str = field(init=False)
    """The nonce of the challenge in hex, for the record."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "challenge", f"0x{self.answer.challenge.nonce.hex()}")

    @property
    def address(self) -> str:
        """The registry of the challenge."""
        return self.answer.challenge.registry

    def check(self, sources: Sources) -> AccountControlled:
        """Verifies the answer, and uses the challenge up if it is good: the same answer is refused the next time.

        Raises `Refuted` if the answer is for another title, chain or challenge, has expired, was used, or is not a signature
        by the account; and `SourceError` if the chain or the memory could not be queried. An account without code signs with
        its key, in the one form of EIP-2; a contract accepts signatures by ERC-1271 at the block; an account that runs the
        code of a contract (EIP-7702) must sign with its own key, and this is a condition.
        """
        challenge = self.answer.challenge
        self._require_this_title()
        now = sources.now
        if now > challenge.expires:
            raise Refuted(Failure.ANSWER_EXPIRED, "late", time=challenge.expires)
        if now + _SKEW < challenge.issued:
            raise Refuted(Failure.ANSWER_EXPIRED, "early", time=challenge.issued)
        if not sources.replayed:
            if self.memory is None:
                raise SourceError(Doubt.ANSWER_NOT_REMEMBERED, "no_memory")
            self.memory.look(challenge)
        chain = sources.chain(challenge.chain_id if self.title is None else self.title.chain_id)
        if chain.id != challenge.chain_id:
            raise Refuted(Failure.ANSWER_OF_ANOTHER, "chain", expected=chain.id, found=challenge.chain_id)
        fact = self._signed(chain, sources)
        if self.memory is not None and not sources.replayed:
            self.memory.use(challenge, at=now)  # last, so that nothing is used up if a source had no response
        return fact

    def _require_this_title(self) -> None:
        challenge, title = self.answer.challenge, self.title
        if title is None:
            raise Refuted(Failure.ANSWER_OF_ANOTHER, "no_title")
        if title.address != challenge.registry:
            raise Refuted(Failure.ANSWER_OF_ANOTHER, "registry", expected=title.address, found=challenge.registry)
        if title.token_id != challenge.token_id:
            expected, found = title.token_id.to_bytes(32), challenge.token_id.to_bytes(32)
            raise Refuted(Failure.ANSWER_OF_ANOTHER, "token", expected=expected, found=found)
        if title.chain_id not in (None, challenge.chain_id):
            raise Refuted(Failure.ANSWER_OF_ANOTHER, "chain", expected=title.chain_id, found=challenge.chain_id)

    def _signed(self, chain: Chain, sources: Sources) -> AccountControlled:
        answer = self.answer
        code = chain.code(answer.account)
        if not code:
            _require_key(answer)
            return AccountControlled(self, "key", chain.block)
        if code[:3] == _DELEGATION and len(code) == 23:
            delegate = checksummed(f"0x{code[3:].hex()}")
            _require_key(answer)
            note = Note.of(Condition.DELEGATED_ACCOUNT, account=answer.account, contract=delegate)
            return AccountControlled(self, "delegated", chain.block, notes=(note,))
        if sources.prove:  # what a contract returns cannot be proved from its storage
            raise SourceError(Doubt.CHAIN_UNPROVED, "only_said", because=say("fact", "contract_accepts"))
        call = abi.call("isValidSignature(bytes32,bytes)", answer.digest, answer.signature)
        (returned,) = chain.read(Read(answer.account, call))
        if returned != _MAGIC:
            raise Refuted(Failure.ANSWER_SIGNATURE, "contract", account=answer.account)
        return AccountControlled(self, "contract", chain.block)


def _require_key(answer: TitleAnswer) -> None:
    """Raises `Refuted` if the signature is not by the key of the account, in the one form that Ethereum accepts."""
    signature = answer.signature
    if len(signature) != 65 or signature[64] not in (27, 28):
        raise Refuted(Failure.ANSWER_SIGNATURE, "form", length=len(signature))
    if secp256k1.is_high(signature):
        raise Refuted(Failure.ANSWER_SIGNATURE, "malleable")
    try:
        signer = secp256k1.recover(answer.digest, signature)
    except ValueError as bad:
        raise Refuted(Failure.ANSWER_SIGNATURE, "none") from bad
    if signer != answer.account:
        raise Refuted(Failure.ANSWER_SIGNATURE, "other_account", expected=answer.account, found=signer)


@dataclass(frozen=True, slots=True)
class AccountControlled(Fact):
    """The presenter controlled the account as of ``block``. ``kind`` is ``key``, ``contract`` or ``delegated``."""

    claim: ControlsAccount
    kind: str
    block: Block

    @property
    def message(self) -> Message:
        """States the result."""
        account, verifier = self.claim.answer.account, self.claim.answer.challenge.verifier
        block, chain = self.block.number, self.block.chain_id
        if self.kind == "contract":
            return say("fact", "answered_by_contract", account=account, verifier=verifier, block=block, chain=chain)
        return say("fact", "answered_by_key", account=account, verifier=verifier, block=block, chain=chain)
