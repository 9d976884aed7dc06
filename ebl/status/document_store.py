"""The claim that a document is issued and not revoked, by a document-store contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Final

from ebl.chain.contracts import document_store_abi as abi
from ebl.chain.contracts import erc165
from ebl.codes import Doubt, Failure
from ebl.errors import Refuted, SourceError
from ebl.ethereum.merkle import path
from ebl.messages import Message, say
from ebl.model.findings import Claim, Fact, Group
from ebl.model.ports import Answer, Block, Chain, Read, Sources

_NO: Final = bytes(32)
_IS_BATCHABLE = erc165.SUPPORTS_INTERFACE(erc165.BATCHABLE_STORE)


@dataclass(frozen=True, slots=True)
class DocumentStore(Claim):
    """The store at ``address`` issued the root, and revoked nothing between the document and the root.

    ``chain_id`` None means the only configured chain. ``root``, ``target`` and each of ``proof`` are 32 bytes.
    """

    group: ClassVar[Group] = Group.STATUS
    name: ClassVar[str] = "document_store"
    issued_by: ClassVar[str | None] = "document_store"

    chain_id: int | None
    address: str
    root: bytes
    target: bytes
    proof: tuple[bytes, ...]

    def check(self, sources: Sources) -> Issued:
        """Queries the store, in at most two round trips (one if it has code and is of the older kind).

        The batchable kind is queried for the document under its root. The older kind knows only hashes, so no hash from the
        document up to the root may be revoked. Raises `Refuted` if the document is not issued or is revoked, or if there is no
        contract.
        """
        chain = sources.chain(self.chain_id)
        if sources.prove:
            was_issued, was_revoked = _proved(chain, self.address, path(self.target, self.proof))
            if not was_issued:
                raise _not_issued(self, chain)
            if was_revoked:
                raise _revoked(self, chain)
            return Issued(self, chain.block, proved=True)
        batchable, issued, *revoked = chain.read(*_questions(self.address, self.root, self.target, self.proof))
        if erc165.has(batchable):
            issued, *revoked = chain.read(
                Read(self.address, abi.is_issued(self.root, self.target, self.proof)),
                Read(self.address, abi.is_revoked(self.root, self.target, self.proof)),
            )
        _require_issued(self, chain, issued)
        _require_not_revoked(self, chain, revoked)
        return Issued(self, chain.block)


@dataclass(frozen=True, slots=True)
class Issued(Fact):
    """Issued and not revoked, as of one block.

    ``proved`` is True if the store's storage was proved against the block's hash.
    """

    claim: DocumentStore
    block: Block
    proved: bool = False

    @property
    def message(self) -> Message:
        """States the result."""
        return say(
            "fact",
            "issued_proved" if self.proved else "issued",
            store=self.claim.address,
            block=self.block.number,
            chain=self.block.chain_id,
        )


def require_not_revoked(claim: DocumentStore, sources: Sources) -> Block:
    """Queries the store for revocation only, as `check` does, and returns the block of the response.

    For documents that no contract issued and that name one for their revocation. Raises `Refuted` if the document is
    revoked, or if there is no contract.
    """
    chain = sources.chain(claim.chain_id)
    nodes = path(claim.target, claim.proof)
    if sources.prove:
        _, was_revoked = _proved(chain, claim.address, nodes)
        if was_revoked:
            raise _revoked(claim, chain)
        return chain.block
    batchable, *revoked = chain.read(
        Read(claim.address, _IS_BATCHABLE),
        *(Read(claim.address, abi.is_revoked(node)) for node in nodes),
    )
    if erc165.has(batchable):
        revoked = list(chain.read(Read(claim.address, abi.is_revoked(claim.root, claim.target, claim.proof))))
    if b"" in revoked and not chain.code(claim.address):
        raise Refuted(Failure.NO_CONTRACT, "nothing_there", address=claim.address, chain=chain.id)
    _require_not_revoked(claim, chain, revoked)
    return chain.block


@lru_cache(maxsize=1024)
def _questions(address: str, root: bytes, target: bytes, proof: tuple[bytes, ...]) -> tuple[Read, ...]:
    """Whether the store is batchable, has issued the root, and has revoked any node from the target to the root.

    Kept for a while, since a check among many documents runs again once its answers are there.
    """
    revoked = [_is_revoked(address, node) for node in path(target, proof)]
    return (Read(address, _IS_BATCHABLE), Read(address, abi.IS_ISSUED(root)), *revoked)


@lru_cache(maxsize=4096)
def _is_revoked(address: str, node: bytes) -> Read:
    """Whether the store has revoked a node. Documents of one batch share most nodes of their paths."""
    return Read(address, abi.IS_REVOKED(node))


def _proved(chain: Chain, address: str, nodes: Sequence[bytes]) -> tuple[bool, bool]:
    from ebl.chain.stores.store_proof import proved  # rarely needed, and the import would slow every verification

    return proved(chain, address, nodes)


def _require_issued(claim: DocumentStore, chain: Chain, answer: Answer) -> None:
    if answer == b"" and not chain.code(claim.address):
        raise Refuted(Failure.NO_CONTRACT, "nothing_there", address=claim.address, chain=chain.id)
    if not _flag(answer, claim):
        raise _not_issued(claim, chain)


def _require_not_revoked(claim: DocumentStore, chain: Chain, answers: Sequence[Answer]) -> None:
    if not answers:
        raise SourceError(Doubt.CHAIN_BAD_ANSWER, "fewer_answers", chain=chain.id)
    if answers.count(_NO) == len(answers):  # the usual case
        return
    if any([_flag(answer, claim) for answer in answers]):
        raise _revoked(claim, chain)


def _not_issued(claim: DocumentStore, chain: Chain) -> Refuted:
    return Refuted(Failure.NOT_ISSUED, store=claim.address, root=claim.root, chain=chain.id)


def _revoked(claim: DocumentStore, chain: Chain) -> Refuted:
    return Refuted(Failure.REVOKED, "in_store", store=claim.address, chain=chain.id)


def _flag(answer: Answer, claim: DocumentStore) -> bool:
    flag = abi.IS_ISSUED.decode_answer(answer)  # every query here returns true or false
    if flag is None:
        raise Refuted(Failure.NO_CONTRACT, "not_a_store", address=claim.address)
    return flag
