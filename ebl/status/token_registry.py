"""The claim that a document is a title: a token of a registry contract, numbered by the document's hash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ebl.chain.titles.registries import Registry
from ebl.chain.titles.title_state import State, Title, read_title
from ebl.codes import Condition, Doubt, Failure, Remark
from ebl.errors import Refuted, SourceError
from ebl.ethereum.address import ZERO
from ebl.messages import Message, say
from ebl.model.findings import Group, Note, TitleClaim, TitleFact
from ebl.model.ports import Chain, Sources


@dataclass(frozen=True, slots=True)
class TokenRegistry(TitleClaim):
    """The registry at ``address`` has minted the token of this document, and the token is for no other document.

    ``chain_id`` None means the only configured chain. ``root``, ``target`` and each of ``proof`` are 32 bytes; the token's
    number is the root. ``by_id``: the root is computed from the document's id alone.
    """

    group: ClassVar[Group] = Group.STATUS
    name: ClassVar[str] = "token_registry"
    issued_by: ClassVar[str | None] = "token_registry"

    chain_id: int | None
    address: str
    root: bytes
    target: bytes
    proof: tuple[bytes, ...]
    by_id: bool = False

    @property
    def token_id(self) -> int:
        """The number of the token."""
        return int.from_bytes(self.root, "big")

    def check(self, sources: Sources) -> Titled:
        """Reads the title, in two round trips.

        Raises `Refuted` if the token is for more than this document, if it was never minted, if there is no registry, or if the
        registry cannot be relied on. A title that was surrendered or accomplished still exists: a policy refuses it.
        """
        if self.proof or self.root != self.target:
            raise Refuted(Failure.SHARED_TOKEN)
        chain = sources.chain(self.chain_id)
        try:
            title = _usable(chain, self)
        except Refuted as no:
            if sources.prove:  # only the node states this, and there is nothing to prove it against
                raise SourceError(Doubt.CHAIN_UNPROVED, "only_said", because=no.message) from no
            raise
        if sources.prove:
            from ebl.chain.titles.title_proof import (
                prove,  # rarely needed, and the import would slow every verification
            )

            prove(chain, title)
        if title.state is State.NOT_MINTED:
            raise Refuted(Failure.NOT_MINTED, registry=title.registry, chain=title.chain_id)
        return Titled(self, title, sources.prove, notes=tuple(_notes(self, title)))


@dataclass(frozen=True, slots=True)
class Titled(TitleFact):
    """The document's title exists, as of one block. A policy decides whether it must be in circulation: see ``title``.

    ``proved`` is True if the contracts' storage was proved against the block's hash.
    """

    claim: TokenRegistry
    title: Title
    proved: bool = False

    @property
    def message(self) -> Message:
        """States the result."""
        title = self.title
        holder, beneficiary = title.holder or ZERO, title.beneficiary or ZERO
        match title.state:
            case State.TAKEN_OUT:
                state, who = "taken_out", {}
            case State.RETURNED:
                state, who = "returned", {"holder": holder}
            case _ if holder == beneficiary:
                state, who = "held_by_owner", {"holder": holder}
            case _:
                state, who = "held", {"holder": holder, "beneficiary": beneficiary}
        return say(
            "fact",
            f"title_{state}{'_proved' if self.proved else ''}",
            registry=title.registry,
            block=title.block.number,
            chain=title.chain_id,
            **who,
        )


def _usable(chain: Chain, claim: TokenRegistry) -> Title:
    title = read_title(chain, Registry(chain.id, claim.address), claim.token_id)
    if title.state is State.HOSTILE:
        raise Refuted(Failure.HOSTILE_REGISTRY, "because", registry=title.registry, doubts=title.doubts)
    return title


def _notes(claim: TokenRegistry, title: Title) -> Iterator[Note]:
    if claim.by_id:
        yield Note.of(Condition.BOUND_BY_ID)
    if title.paused:
        yield Note.of(Remark.PAUSED, registry=title.registry)
    if title.code is None:
        yield Note.of(Condition.UNKNOWN_CODE, registry=title.registry)
