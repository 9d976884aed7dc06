"""The claims of a document in the order of the report, and the findings of their checks."""

from __future__ import annotations

from collections.abc import Iterator

from ebl.codes import Doubt, Failure
from ebl.errors import Malformed, Refuted, Undetermined
from ebl.messages import Message, say
from ebl.model.document import Document, Issuer
from ebl.model.findings import Claim, Failed, Finding, Group, Noted, Passed, TitleClaim, Unknown
from ebl.model.ports import Sources
from ebl.model.wholeness import Extent
from ebl.openattestation import issuers

Planned = Claim | Failed | Unknown
"""A claim to check, or a finding about a missing claim, which needs no check."""


def planned(document: Document) -> Iterator[Planned]:
    """The claims in the order of the report, and a finding for each missing one: a failure, or unknown if it may be withheld."""
    is_whole = document.whole.extent is Extent.WHOLE
    yield from document.integrity
    if (conflict := issuers.conflict_of(document)) is not None:
        yield Failed(Group.STATUS, "issued", Failure.ISSUERS_CONFLICT, conflict)
    yield from document.status
    for number, issuer in enumerate(document.issuers):
        yield from (*issuer.status, *issuer.identity)
        if not _settles(issuer.status) and not _settles(document.status):
            if is_whole:
                yield Failed(Group.STATUS, "issued", Failure.NO_STATUS, _of(issuer, number, Failure.NO_STATUS))
            else:
                message = _of(issuer, number, Doubt.STATUS_NOT_SHOWN)
                yield Unknown(Group.STATUS, "issued", Doubt.STATUS_NOT_SHOWN, message)
        if not _settles(issuer.identity) and not _settles(document.identity):
            if is_whole:
                yield Failed(Group.IDENTITY, "issuer", Failure.NO_IDENTITY, _of(issuer, number, Failure.NO_IDENTITY))
            else:
                message = _of(issuer, number, Doubt.IDENTITY_NOT_SHOWN)
                yield Unknown(Group.IDENTITY, "issuer", Doubt.IDENTITY_NOT_SHOWN, message)
    yield from document.identity


def _settles(claims: tuple[Claim, ...]) -> bool:
    for claim in claims:  # noqa: SIM110 - of one or two claims, a generator takes twice the time
        if claim.settles:
            return True
    return False


def _of(issuer: Issuer, number: int, code: Failure | Doubt) -> Message:
    """The message for a missing claim of an issuer, who is named, or else counted."""
    return say(code, "issuer", name=issuer.name) if issuer.name else say(code, "nameless_issuer", number=number + 1)


def has_title(document: Document) -> bool:
    """Whether a document claims to be a title."""
    claims = (*document.status, *(claim for issuer in document.issuers for claim in issuer.status))
    return any(isinstance(claim, TitleClaim) for claim in claims)


def established(claim: Claim, sources: Sources) -> list[Finding]:
    """The findings of a claim's check: a fact and its remarks, a failure, or a doubt."""
    try:
        fact = claim.check(sources)
    except Refuted as no:
        return [Failed(claim.group, claim.name, no.failure, no.message, claim, no.reason)]
    except Malformed as bad:
        return [Failed(claim.group, claim.name, bad.code, bad.message, claim)]
    except Undetermined as trouble:
        return [Unknown(claim.group, claim.name, trouble.doubt, trouble.message, claim)]
    if not fact.notes:
        return [Passed(claim.group, claim.name, fact, claim)]
    notes = (Noted(claim.group, claim.name, note.remark, note.message, claim) for note in fact.notes)
    return [Passed(claim.group, claim.name, fact, claim), *notes]
