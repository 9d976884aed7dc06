"""A report of a W3C credential in the form of its official verifier's fragments. Names, codes and words: `trustvc`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ebl.codes import Doubt, Failure
from ebl.credentials import bbs_2023 as bbs
from ebl.credentials import ecdsa_sd
from ebl.credentials.data_integrity import Authentic, Signed
from ebl.credentials.no_status import NoStatus
from ebl.credentials.status_list import StatusListEntry
from ebl.identity.did_issuer import DidIssuer
from ebl.model.findings import Claim, Failed, Group, Passed, Unknown
from ebl.model.not_known_here import NotKnownHere
from ebl.reports.fragments.fragment_parts import Fragment, Outcome, fragment, outcome_of, reason_of
from ebl.reports.report import Report
from ebl.status.token_registry import TokenRegistry
from ebl.status.validity import Valid

_SUITE: Final = (
    "Document either has no proof or proof type is not 'DataIntegrityProof' or proof cryptosuite is not '{}'."
)
SKIPPED: Final[Mapping[str, tuple[int, str]]] = {
    "W3CSignatureIntegrity": (0, "Document either has no proof or proof.type is not 'BbsBlsSignature2020'."),
    "EcdsaW3CSignatureIntegrity": (0, _SUITE.format(ecdsa_sd.SUITE)),
    "Bbs2023W3CSignatureIntegrity": (0, _SUITE.format(bbs.SUITE)),
    "W3CCredentialStatus": (0, "Document does not have a valid credentialStatus or type."),
    "TransferableRecords": (4, "Document does not have TransferableRecords status"),
    "W3CEmptyCredentialStatus": (0, "Document contains a credentialStatus."),
    "W3CIssuerIdentity": (0, "Document has no issuer field."),
}
"""The fragments in their order, each with the reason for which it is skipped."""

_LEGACY: Final = ("BbsBlsSignature2020", "BbsBlsSignatureProof2020")
_LISTED: Final[Mapping[frozenset[str], tuple[int, str, str]]] = {
    frozenset({"revocation"}): (11, "REVOKED", "Document has been revoked."),
    frozenset({"suspension"}): (12, "SUSPENDED", "Document has been suspended."),
    frozenset({"revocation", "suspension"}): (101, "REVOKED_AND_SUSPENDED", "Document has been revoked and suspended."),
}
_UNTITLED: Final[Mapping[Failure, str]] = {
    Failure.NOT_MINTED: "Document has not been issued under token registry",
    Failure.NO_CONTRACT: "Token registry is not found",
}


def of_credential(report: Report) -> list[Fragment]:
    """The fragments of a credential that could be read, made by kind of claim."""
    assert report.document is not None
    document = report.document
    claims = (*document.integrity, *document.status, *document.issuers[0].identity)
    outcomes = [_outcome(report, claim) for claim in claims]
    made = [make([one for one in outcomes if isinstance(one[0], kind)]) for kind, make in _FRAGMENTS.items()]
    by_name = {one["name"]: one for one in made if one is not None}
    by_name |= {name: one for name, one in _unknown(report).items() if by_name.get(name, one)["status"] != "INVALID"}
    return [by_name.get(name) or _skipped(name) for name in SKIPPED]


def _unknown(report: Report) -> dict[str, Fragment]:
    """Errors in the place of unsupported claims, because the official verifier has no word for them."""
    assert report.document is not None
    found: dict[str, Fragment] = {}
    for finding in report.findings:
        if isinstance(finding, Unknown) and isinstance(finding.claim, NotKnownHere):
            if finding.doubt is Doubt.OBLIGATION:
                name = "TransferableRecords"
            elif finding.group is Group.STATUS:
                name = "W3CEmptyCredentialStatus" if finding.check == NoStatus.name else "W3CCredentialStatus"
            elif finding.group is Group.IDENTITY:
                name = "W3CIssuerIdentity"
            elif (of_proof := _of_proof(report.document.raw)) is not None:
                name = of_proof
            else:
                continue  # all are skipped, as in the official verifier
            found[name] = _said(name, None, finding.detail)
    return found


def _of_proof(raw: Mapping[str, Any]) -> str | None:
    """The name of the fragment for the document's kind of proof."""
    proof = raw.get("proof")
    type_, suite = (proof.get("type"), proof.get("cryptosuite")) if isinstance(proof, dict) else (None, None)
    older = "W3CSignatureIntegrity" if type_ in _LEGACY else None
    return _of_suite(suite) if type_ == "DataIntegrityProof" else older


def of_broken(raw: Mapping[str, Any], why: str, is_refused: bool = True) -> list[Fragment]:
    """The fragments of a credential that breaks the rules of its format: its proof is refused, and nothing else is checked.

    If it is not refused, it was not examined at all, and the fragment of its proof is an error.
    """
    refused, found = _of_proof(raw), []
    for name in SKIPPED:
        not_asked = None if "Integrity" in name else f"Not checked: {why}"
        found.append(_said(name, False if is_refused else None, why) if name == refused else _skipped(name, not_asked))
    return found


def _skipped(name: str, why: str | None = None) -> Fragment:
    code, message = SKIPPED[name]
    return fragment(name, "SKIPPED", reason=reason_of(code, "SKIPPED", why or message))


def _of_suite(suite: object) -> str | None:
    """The fragment of a cryptosuite; None if the official verifier supports it in presentations only, or not at all."""
    names = {ecdsa_sd.SUITE: "EcdsaW3CSignatureIntegrity", bbs.SUITE: "Bbs2023W3CSignatureIntegrity"}
    return names.get(str(suite))


Judged = tuple[Any, Outcome]


def _outcome(report: Report, claim: Claim) -> Judged:
    """A claim and its outcome. A finding without a fragment of its own counts against the nearest one.

    Dates count against the proof, where the official verifier checks them. That a title is not in circulation counts against the
    title, and so does whose its registry is. Findings without a claim (another entry that may be hidden, a list that is too old)
    count against every status. A failure comes before a doubt.
    """
    outcome = outcome_of(report, claim)
    for finding in sorted(report.findings, key=lambda finding: not isinstance(finding, Failed)):
        if isinstance(outcome, Passed) and isinstance(finding, Failed | Unknown):
            dates = isinstance(claim, Signed) and isinstance(finding.claim, Valid)
            gone = isinstance(claim, TokenRegistry) and finding.group is Group.TITLE
            unclaimed = finding.claim is None and finding.group is claim.group
            outcome = finding if dates or gone or unclaimed else outcome
    return claim, outcome


def _said(name: str, status: bool | None, message: str = "") -> Fragment:
    """A fragment with a message and no code. The status None is an outage, for which the official verifier has no value."""
    word = {True: "VALID", False: "INVALID", None: "ERROR"}[status]
    return fragment(name, word, reason={"message": message} if message else None, data=status)


def _judged(name: str, outcome: Outcome, words: Mapping[Failure, str]) -> Fragment:
    match outcome:
        case Passed():
            return _said(name, True)
        case Failed():
            return _said(name, False, words.get(outcome.failure, outcome.detail))
        case Unknown():
            return _said(name, None, outcome.detail)


# One function for each kind of claim, which gets all of that kind; None if there are none. ----------------------------


def _integrity(about: Sequence[Judged]) -> Fragment | None:
    if not about:
        return None
    ((claim, outcome),) = about
    name = _of_suite(claim.proof.cryptosuite)
    if name and isinstance(outcome, Passed) and isinstance(outcome.fact, Authentic):
        return _said(name, True, f"Document verified {'successfully' if outcome.fact.derived else 'after derivation'}")
    words = dict.fromkeys((Failure.PROOF_SIGNATURE, Failure.BASE_INCOMPLETE), "Invalid signature.")
    return _judged(name, outcome, words) if name else None


def _status_list(about: Sequence[Judged]) -> Fragment | None:
    if not about:
        return None
    name, data = "W3CCredentialStatus", [_entry(claim, outcome) for claim, outcome in about]
    if any("error" in one for one in data):
        reason = reason_of(4, "ERROR", ", ".join(one.get("error", "") for one in data))
        return fragment(name, "ERROR", reason=reason, data=data)
    if not any(one["status"] for one in data):
        return fragment(name, "VALID", data=data)
    purposes = frozenset(
        one["purpose"] for one in data
    )  # of all entries, set or not: the official verifier names it like this
    return fragment(name, "INVALID", reason=reason_of(*_LISTED[purposes]), data=data)


def _entry(claim: StatusListEntry, outcome: Outcome) -> dict[str, Any]:
    match outcome:
        case Passed():
            return {"status": False, "purpose": claim.purpose}
        case Failed(failure=Failure.REVOKED | Failure.SUSPENDED):
            return {"status": True, "purpose": claim.purpose}
    return {"error": outcome.detail}


def _title(about: Sequence[Judged]) -> Fragment | None:
    name = "TransferableRecords"
    for claim, outcome in about:
        data = {"tokenRegistry": claim.address}
        match outcome:
            case Passed():
                return fragment(name, "VALID", data=data)
            case Failed():
                reason = reason_of(1, "DOCUMENT_NOT_MINTED", _UNTITLED.get(outcome.failure, outcome.detail))
                return fragment(name, "INVALID", reason=reason, data=data)
            case Unknown():
                return fragment(name, "ERROR", reason=reason_of(500, "SERVER_ERROR", outcome.detail))
    return None


def _no_status(about: Sequence[Judged]) -> Fragment | None:
    return _judged("W3CEmptyCredentialStatus", about[0][1], {}) if about else None


def _issuer(about: Sequence[Judged]) -> Fragment | None:
    words = {Failure.ISSUER_MISMATCH: "Issuer and verification method do not match."}
    return _judged("W3CIssuerIdentity", about[0][1], words) if about else None


_FRAGMENTS: Final[Mapping[type[Claim], Callable[[Sequence[Judged]], Fragment | None]]] = {
    Signed: _integrity,
    StatusListEntry: _status_list,
    TokenRegistry: _title,
    NoStatus: _no_status,
    DidIssuer: _issuer,
}
