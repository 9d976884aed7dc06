"""The claims of a document in the order of the report, and the check that establishes each kind of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from importlib import import_module
from typing import Any

from ebl.codes import Doubt, Failure
from ebl.errors import Malformed, Refuted, Undetermined
from ebl.messages import Message, say
from ebl.model.document import Document, Issuer
from ebl.model.findings import Claim, Fact, Failed, Finding, Group, Noted, Passed, Unknown
from ebl.model.ports import Sources
from ebl.model.wholeness import Extent
from ebl.openattestation import issuers

CHECKS: dict[str, str] = {
    "ebl.openattestation.v2_integrity.Unaltered": "ebl.openattestation.v2_integrity",
    "ebl.openattestation.v3_integrity.Unaltered": "ebl.openattestation.v3_integrity",
    "ebl.credentials.bbs_2023.Signed": "ebl.credentials.bbs_2023",
    "ebl.credentials.ecdsa_sd.Signed": "ebl.credentials.ecdsa_sd",
    "ebl.credentials.ecdsa_rdfc.Signed": "ebl.credentials.ecdsa_rdfc",
    "ebl.status.document_store.DocumentStore": "ebl.status.document_store",
    "ebl.status.token_registry.TokenRegistry": "ebl.status.token_registry",
    "ebl.status.validity.Valid": "ebl.status.validity",
    "ebl.credentials.status_list.StatusListEntry": "ebl.credentials.status_list",
    "ebl.credentials.no_status.NoStatus": "ebl.credentials.no_status",
    "ebl.openattestation.revocation.NotRevoked": "ebl.openattestation.revocation",
    "ebl.openattestation.did_signature.DidSigned": "ebl.openattestation.did_signed",
    "ebl.identity.dns_txt.DnsTxt": "ebl.identity.dns_txt",
    "ebl.identity.dns_did.DnsDid": "ebl.identity.dns_did",
    "ebl.identity.did.Did": "ebl.identity.did",
    "ebl.identity.did_issuer.DidIssuer": "ebl.identity.did_issuer",
    "ebl.credentials.holder.Holder": "ebl.credentials.holder",
    "ebl.identity.title_registry.NamesRegistry": "ebl.identity.title_registry",
    "ebl.model.not_known_here.NotKnownHere": "ebl.model.not_known_here",
    "ebl.openattestation.not_signed.NotSigned": "ebl.openattestation.not_signed",
    "ebl.identity.store_alone.StoreAlone": "ebl.identity.store_alone",
}
"""Each kind of claim, and the module whose ``check`` establishes it: by name, so that only what a document needs is loaded."""


ASKS_NOBODY = {
    "ebl.openattestation.v2_integrity.Unaltered",
    "ebl.openattestation.v3_integrity.Unaltered",
    "ebl.status.validity.Valid",
    "ebl.credentials.no_status.NoStatus",
    "ebl.model.not_known_here.NotKnownHere",
    "ebl.openattestation.not_signed.NotSigned",
    "ebl.identity.store_alone.StoreAlone",
}
"""The kinds whose check is arithmetic, and so is not worth a thread."""

HOLDER = "ebl.credentials.holder.Holder"
TITLE = "ebl.status.token_registry.TokenRegistry"
LISTED = "ebl.credentials.status_list.StatusListEntry"
STORE = "ebl.status.document_store.DocumentStore"
STORE_ALONE = "ebl.identity.store_alone.StoreAlone"
_NOWHERE = Sources.offline()

Planned = Claim | Failed | Unknown
"""A claim that is to be established; or what is missing beside the claims, which is settled by itself."""


def kind_of(claim: Claim) -> str:
    """The kind of a claim, by which its check is found."""
    return f"{type(claim).__module__}.{type(claim).__qualname__}"


def is_kind(claim: Claim | None, kind: str) -> bool:
    """Whether a claim is of a kind, whose module need not be loaded to tell."""
    return claim is not None and kind_of(claim) == kind


def planned(document: Document) -> Iterator[Planned]:
    """The claims in the order of the report, and what is missing beside them: a failure, or open if it may be withheld."""
    is_whole = document.whole.extent is Extent.WHOLE
    yield from document.integrity
    if (conflict := issuers.conflict_of(document)) is not None:
        yield Failed(Group.STATUS, "issued", Failure.ISSUERS_CONFLICT, conflict)
    yield from document.status
    for number, issuer in enumerate(document.issuers):
        yield from (*issuer.status, *issuer.identity)
        if not any(claim.settles for claim in (*issuer.status, *document.status)):
            if is_whole:
                yield Failed(Group.STATUS, "issued", Failure.NO_STATUS, _of(issuer, number, Failure.NO_STATUS))
            else:
                message = _of(issuer, number, Doubt.STATUS_NOT_SHOWN)
                yield Unknown(Group.STATUS, "issued", Doubt.STATUS_NOT_SHOWN, message)
        if not any(claim.settles for claim in (*issuer.identity, *document.identity)):
            if is_whole:
                yield Failed(Group.IDENTITY, "issuer", Failure.NO_IDENTITY, _of(issuer, number, Failure.NO_IDENTITY))
            else:
                message = _of(issuer, number, Doubt.IDENTITY_NOT_SHOWN)
                yield Unknown(Group.IDENTITY, "issuer", Doubt.IDENTITY_NOT_SHOWN, message)
    yield from document.identity


def _of(issuer: Issuer, number: int, code: Failure | Doubt) -> Message:
    """What is missing of an issuer, who is named, or else counted."""
    return say(code, "issuer", name=issuer.name) if issuer.name else say(code, "nameless_issuer", number=number + 1)


def has_title(document: Document) -> bool:
    """Whether a document claims to be a title."""
    claims = (*document.status, *(claim for issuer in document.issuers for claim in issuer.status))
    return any(is_kind(claim, TITLE) for claim in claims)


def check_of(claim: Claim) -> Callable[[Any, Sources], Fact]:
    """The check that establishes a claim of this kind. Raises `KeyError` where there is none."""
    name = CHECKS[kind_of(claim)]
    module = sys.modules.get(name) or import_module(name)  # importing what is there takes as long as a small check
    check: Callable[[Any, Sources], Fact] = module.check
    return check


def established(claim: Claim, sources: Sources) -> list[Finding]:
    """What the check of a claim finds: a fact and what is remarked of it, a no, or that it cannot be told."""
    if kind_of(claim) not in CHECKS:
        message = say(Doubt.UNSUPPORTED_CLAIM, claim=type(claim).__name__)
        return [Unknown(claim.group, claim.name, Doubt.UNSUPPORTED_CLAIM, message, claim)]
    try:
        fact = check_of(claim)(claim, sources)
    except Refuted as no:
        return [Failed(claim.group, claim.name, no.failure, no.message, claim, no.reason)]
    except Malformed as bad:
        return [Failed(claim.group, claim.name, bad.code, bad.message, claim)]
    except Undetermined as trouble:
        return [Unknown(claim.group, claim.name, trouble.doubt, trouble.message, claim)]
    notes = (Noted(claim.group, claim.name, note.remark, note.message, claim) for note in fact.notes)
    return [Passed(claim.group, claim.name, fact, claim), *notes]


def check_integrity(
    document: Document, *, accepting: Collection[Doubt] = (), sources: Sources = _NOWHERE
) -> frozenset[Doubt]:
    """Require that a document is unaltered; the doubts that are left about it, each of them one that the caller accepts.

    Without ``sources`` nothing is asked outside, so that the signature of a did:web stays a doubt (``source.offline``).

    Raises `Refuted` if it was changed, `ebl.errors.Malformed` if its proof is not well-formed, and `Undetermined` for a doubt
    that is not among ``accepting``: what could not be told must not pass for a yes. Not checked: who issued it, and whether
    it still holds.
    """
    if not document.integrity:
        raise Refuted(Failure.NO_FACT, "integrity")
    doubts: set[Doubt] = set()
    refused: Undetermined | None = None
    for claim in document.integrity:
        try:
            if kind_of(claim) not in CHECKS:
                raise Undetermined(Doubt.UNSUPPORTED_CLAIM, claim=type(claim).__name__)
            check_of(claim)(claim, sources)
        except Undetermined as trouble:
            doubts.add(trouble.doubt)
            if trouble.doubt not in accepting:
                refused = refused or trouble  # a later claim may still say no, and a no beats a doubt
    if refused is not None:
        raise refused
    return frozenset(doubts)
