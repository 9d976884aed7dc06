"""Revocation of documents that a DID signed: no contract issued them, so the document names the place to query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ebl.codes import Condition, Doubt, Failure
from ebl.errors import Refuted, Undetermined, Unsupported
from ebl.ethereum.address import NotAnAddress, checksummed
from ebl.ethereum.merkle import path
from ebl.messages import Message, say
from ebl.model.findings import Claim, Fact, Group, Note
from ebl.model.ports import Block, Sources
from ebl.openattestation import ocsp
from ebl.status import document_store


@dataclass(frozen=True, slots=True)
class NotRevoked(Claim):
    """Neither the document nor any node between it and its root was revoked at the place that the document names.

    ``kind`` is NONE (the issuer revokes nothing), REVOCATION_STORE or OCSP_RESPONDER, or any other text of the document; None
    if the document has none. ``root``, ``target`` and each of ``proof`` are 32 bytes. ``chain_id`` None means the only
    configured chain, unless ``chain_may_be_withheld``: a store of the same address on another chain has no record of the
    document. ``may_be_withheld``: kind or place are not shown, and fields are withheld.
    """

    group: ClassVar[Group] = Group.STATUS
    name: ClassVar[str] = "revocation"
    settles: ClassVar[bool] = False

    kind: str | None
    location: str | None
    chain_id: int | None
    root: bytes
    target: bytes
    proof: tuple[bytes, ...]
    chain_may_be_withheld: bool = False
    may_be_withheld: bool = False

    def check(self, sources: Sources) -> StillHolds:
        """Queries the place that the document names.

        Raises `Refuted` with ``status.revoked`` if the document was revoked, with ``status.missing`` if it names no place, and
        as ``ebl.openattestation.ocsp`` does. Raises `Undetermined` if the kind is not supported, and with ``status.not_shown`` if
        kind or place may be withheld. Raises `ebl.errors.SourceError` if the place does not respond.
        """
        if self.may_be_withheld:
            raise Undetermined(Doubt.STATUS_NOT_SHOWN, "place_withheld")
        match self.kind:
            case "NONE":
                note = Note.of(Condition.NO_STATUS, "no_means")
                return StillHolds(self, notes=(note,))
            case "REVOCATION_STORE":
                return StillHolds(self, _ask_store(self, sources), sources.prove)
            case "OCSP_RESPONDER":
                ocsp.require_not_revoked(_place(self), path(self.target, self.proof), sources)
                return StillHolds(self)
            case None:
                raise Refuted(Failure.NO_STATUS, "no_revocation")
            case other:
                raise Unsupported(Doubt.UNSUPPORTED_STATUS, "revocation", kind=other)


@dataclass(frozen=True, slots=True)
class StillHolds(Fact):
    """It was not revoked. ``block`` is that of the queried chain, if any; ``proved`` if the store's storage was proved there."""

    claim: NotRevoked
    block: Block | None = None
    proved: bool = False

    @property
    def message(self) -> Message:
        """The fact in words."""
        match self.claim.kind:
            case "REVOCATION_STORE" if self.block is not None:
                return say(
                    "fact",
                    "still_holds_proved" if self.proved else "still_holds_in_store",
                    store=self.claim.location or "",
                    block=self.block.number,
                    chain=self.block.chain_id,
                )
            case "OCSP_RESPONDER":
                return say("fact", "still_holds_by_responder")
            case _:
                return say("fact", "still_holds_always")


def _ask_store(claim: NotRevoked, sources: Sources) -> Block:
    place = _place(claim)
    try:
        address = checksummed(place)
    except NotAnAddress as bad:
        raise Refuted(Failure.BAD_ADDRESS, "revocation_store", because=bad.reason) from bad
    if claim.chain_may_be_withheld:
        raise Undetermined(Doubt.CHAIN_NOT_NAMED, "withheld", store=address)
    store = document_store.DocumentStore(claim.chain_id, address, claim.root, claim.target, claim.proof)
    return document_store.require_not_revoked(store, sources)


def _place(claim: NotRevoked) -> str:
    if not claim.location:
        raise Refuted(Failure.NO_STATUS, "no_place", kind=str(claim.kind))
    return claim.location
