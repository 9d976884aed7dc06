"""A report of a W3C presentation in the form of its official verifier's fragments. Names and words: `trustvc` 2.15."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ebl.codes import Failure
from ebl.credentials.holder import Holder
from ebl.credentials.status_list import StatusListEntry
from ebl.model.document import Document
from ebl.model.findings import Claim, Failed, Finding, Group, Unknown
from ebl.reports.fragments.fragment_parts import Fragment, fragment, reason_of
from ebl.reports.report import Report
from ebl.status.validity import Valid

NAMES: Final = ("W3CVpSignatureIntegrity", "W3CVpCredentialStatus", "W3CVpIssuerIdentity")
_INTEGRITY, _STATUS, _IDENTITY = NAMES
_TOLD: Final[Mapping[Failure, dict[str, Any]]] = {
    Failure.REVOKED: {"revoked": True},
    Failure.SUSPENDED: {"revoked": True},
    Failure.EXPIRED: {"expired": True},
    Failure.NOT_YET_VALID: {"notYetValid": True},
}
"""The data of the status fragment for each failure."""


def of_presentation(report: Report) -> list[Fragment]:
    """The fragments of a presentation that could be read: its proofs and its holder, the statuses, the issuers."""
    assert report.document is not None
    trouble: dict[str, list[Failed | Unknown]] = {name: [] for name in NAMES}
    for finding in report.findings:
        if isinstance(finding, Failed | Unknown) and finding.group is not Group.POLICY:
            trouble[_fragment_of(finding)].append(finding)
    return [_made(name, found, report.document) for name, found in trouble.items()]


def of_broken(why: str, is_refused: bool = True) -> list[Fragment]:
    """The fragments of a presentation that breaks the rules of its format: it is refused, and nothing else is checked.

    If it is not refused, it was not examined at all, which is an error.
    """
    refused = fragment(_INTEGRITY, "INVALID" if is_refused else "ERROR", reason={"message": why})
    skipped = reason_of(0, "SKIPPED", f"Not checked: {why}")
    return [refused, *(fragment(name, "SKIPPED", reason=skipped) for name in NAMES[1:])]


def _fragment_of(finding: Finding) -> str:
    """The fragment against which a finding counts: each finding counts against one."""
    if finding.group in (Group.DOCUMENT, Group.INTEGRITY) or finding.check == Holder.name:
        return _INTEGRITY
    return _IDENTITY if finding.group is Group.IDENTITY else _STATUS


def _made(name: str, trouble: list[Failed | Unknown], document: Document) -> Fragment:
    failed = [finding for finding in trouble if isinstance(finding, Failed)]
    status = "INVALID" if failed else "ERROR" if trouble else "VALID"
    first = next(iter((*failed, *trouble)), None)
    reason = None if first is None else {"message": _words(first, document)}
    return fragment(name, status, reason=reason, data=_data(name, trouble, document))


def _data(name: str, trouble: list[Failed | Unknown], document: Document) -> dict[str, Any] | None:
    if name == _INTEGRITY:
        return _data_of_integrity(trouble, document)
    return _data_of_identity(trouble, document) if name == _IDENTITY else _data_of_status(trouble, document)


def _data_of_integrity(trouble: list[Failed | Unknown], document: Document) -> dict[str, Any]:
    against = {id(finding.claim) for finding in trouble}
    return {
        "holderProofVerified": id(document.integrity[0]) not in against,
        "holderBound": not any(finding.check == Holder.name for finding in trouble),
        "credentialResults": [{"verified": id(claim) not in against} for claim in document.integrity[1:]],
    }


def _data_of_identity(trouble: list[Failed | Unknown], document: Document) -> dict[str, Any]:
    named = [issuer.id for issuer in document.issuers]
    unresolved = [
        {"did": named[at], "credentialIndex": at} for finding in trouble for at in _index(finding.claim, document)
    ]
    return {"issuers": named, **({"unresolved": unresolved} if unresolved else {})}


def _data_of_status(trouble: list[Failed | Unknown], document: Document) -> dict[str, Any] | None:
    failed = next((finding for finding in trouble if isinstance(finding, Failed)), None)
    if failed is not None:
        at = next(_index(failed.claim, document), None)
        told = _TOLD.get(failed.failure, {})
        return {**told, **({} if at is None else {"credentialIndex": at})} or None
    entries = (claim for issuer in document.issuers for claim in issuer.status if isinstance(claim, StatusListEntry))
    return None if trouble else {"revoked": False, "checked": sum(1 for _ in entries)}


def _words(finding: Failed | Unknown, document: Document) -> str:
    """The official words if there are any, else our own; the credential is named by its index."""
    at = next(_index(finding.claim, document), None)
    where = "" if at is None else f"Embedded credential at index {at}"
    match finding:
        case Failed(failure=Failure.REVOKED | Failure.SUSPENDED, claim=StatusListEntry(purpose=purpose)):
            return f'{where} has been revoked (status purpose "{purpose}").'
        case Failed(failure=Failure.EXPIRED, claim=Valid()):
            return f"{where or 'Presentation'} has expired ({finding.detail})."
        case Failed(failure=Failure.NOT_YET_VALID, claim=Valid()):
            return f"{where or 'Presentation'} is not yet valid ({finding.detail})."
        case Failed(failure=Failure.PROOF_SIGNATURE) if where:
            return f"{where} has an invalid signature: {finding.detail}"
        case Failed(group=Group.IDENTITY) if at is not None and finding.check != Holder.name:
            return f"Could not resolve issuer(s): index {at} ({document.issuers[at].id}). {finding.detail}"
    return f"{where}: {finding.detail}" if where else finding.detail


def _index(claim: Claim | None, document: Document) -> Iterator[int]:
    """The index of the credential with this claim; none for a claim of the presentation itself."""
    if claim is None:
        return
    for at, (issuer, integrity) in enumerate(zip(document.issuers, document.integrity[1:], strict=False)):
        if any(claim is one for one in (*issuer.status, *issuer.identity, integrity)):
            yield at
            return
