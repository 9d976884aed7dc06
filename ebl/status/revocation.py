"""Not revoked, for documents that a DID signed: no contract issued them, so the document says where to ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ebl.codes import Condition, Doubt, Failure
from ebl.errors import Refuted, Undetermined, Unsupported
from ebl.primitives.address import checksummed
from ebl.proofs.merkle import path
from ebl.report import Claim, Fact, Group, Note
from ebl.sources import Block, Sources
from ebl.status import document_store, ocsp


@dataclass(frozen=True, slots=True)
class NotRevoked(Claim):
    """Neither the document nor anything between it and its root was revoked at the place that it names.

    ``kind`` is NONE (the issuer revokes nothing), REVOCATION_STORE or OCSP_RESPONDER, or else whatever the document says,
    None being nothing at all. ``root``, ``target`` and each of ``proof`` are 32 bytes. ``chain_id`` None means the only chain
    that is configured, unless ``chain_may_be_withheld``: a store of the same address on another chain knows nothing of it.
    ``may_be_withheld``: kind or place are not shown, and fields are withheld.
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


@dataclass(frozen=True, slots=True)
class StillHolds(Fact):
    """It was not revoked. ``block`` is of the chain that was asked, where one was; ``proved`` by the store's storage there."""

    claim: NotRevoked
    block: Block | None = None
    proved: bool = False

    def __str__(self) -> str:
        match self.claim.kind:
            case "REVOCATION_STORE" if self.block is not None:
                proved = "proved " if self.proved else ""
                when = f"{proved}as of block {self.block.number} of chain {self.block.chain_id}"
                return f"not revoked in the store {self.claim.location} {when}"
            case "OCSP_RESPONDER":
                return "not revoked, says the responder that the document names"
            case _:
                return "its issuer revokes nothing"


def check(claim: NotRevoked, sources: Sources) -> StillHolds:
    """Ask where the document says.

    Raises `Refuted` with ``status.revoked``, with ``status.missing`` where the document does not say where to ask, and as
    `ebl.status.ocsp` does; `Undetermined` for a way to ask that is not known, and with ``status.not_shown`` if what is not said
    may be withheld; and `ebl.errors.SourceError`.
    """
    if claim.may_be_withheld:
        raise Undetermined(Doubt.STATUS_NOT_SHOWN, "where it could be revoked is not shown, and fields are withheld")
    match claim.kind:
        case "NONE":
            note = Note.of(Condition.NO_STATUS, "its issuer has no means to revoke it")
            return StillHolds(claim, notes=(note,))
        case "REVOCATION_STORE":
            return StillHolds(claim, _ask_store(claim, sources), sources.prove)
        case "OCSP_RESPONDER":
            ocsp.require_not_revoked(_place(claim), path(claim.target, claim.proof), sources)
            return StillHolds(claim)
        case None:
            raise Refuted(Failure.NO_STATUS, "the issuer does not say how the document could be revoked, not even NONE")
        case other:
            raise Unsupported(
                Doubt.UNSUPPORTED_STATUS,
                f"its revocation is of the kind {other[:40]!r}, which is not known here; NONE, REVOCATION_STORE and"
                " OCSP_RESPONDER are.",
                "Ask the issuer whether the document still holds.",
            )


def _ask_store(claim: NotRevoked, sources: Sources) -> Block:
    place = _place(claim)
    try:
        address = checksummed(place)
    except ValueError as bad:
        raise Refuted(Failure.BAD_ADDRESS, f"the revocation store is named by no address: {bad}") from bad
    if claim.chain_may_be_withheld:
        detail = f"the chain of the revocation store {address} is not shown, and fields are withheld"
        raise Undetermined(Doubt.CHAIN_NOT_NAMED, detail)
    store = document_store.DocumentStore(claim.chain_id, address, claim.root, claim.target, claim.proof)
    return document_store.require_not_revoked(store, sources)


def _place(claim: NotRevoked) -> str:
    if not claim.location:
        raise Refuted(Failure.NO_STATUS, f"revocation is of the kind {claim.kind}, and no place to ask is named")
    return claim.location
