"""Asking a responder whether documents were revoked: one GET a hash, answered in plain JSON.

``{"revoked": false, "documentHash": "0x…"}``, or ``{"revoked": true, "documentHash": "0x…", "reasonCode": 1}``. The answer
is not signed: it rests on the web server's certificate, and is only of the moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ebl.codes import Doubt, Failure
from ebl.errors import Refuted, SourceError, Unreadable
from ebl.primitives import strict_json
from ebl.sources import MAX_PAGE, Sources

_ACCEPT = ("application/json",)
# RFC 5280, section 5.3.1, and one of OpenAttestation's own.
REASONS = {
    0: "unspecified",
    1: "key compromise",
    2: "CA compromise",
    3: "affiliation changed",
    4: "superseded",
    5: "cessation of operation",
    6: "certificate hold",
    8: "removed from CRL",
    9: "privilege withdrawn",
    10: "AA compromise",
    1001: "suspended",
}


def require_not_revoked(location: str, hashes: Sequence[bytes], sources: Sources) -> None:
    """Ask about each hash (32 bytes).

    Raises `Refuted` with ``status.revoked``; `SourceError` if there is no usable answer: the responder is not at an https URL
    (``web.refused``) or answers about another hash (``revocation.unbound_answer``), which says nothing of this document.
    """
    if not location.startswith("https://"):
        raise SourceError(Doubt.WEB_REFUSED, f"the responder is at {location[:60]!r}, and only https URLs are asked")
    odd: SourceError | None = None
    for node in hashes:
        try:
            _require_not_revoked(location.rstrip("/"), "0x" + node.hex(), sources)
        except SourceError as trouble:
            if trouble.doubt not in (Doubt.WEB_BAD_ANSWER, Doubt.UNBOUND_ANSWER):
                raise
            odd = odd or trouble  # the next hash may still have been revoked, and a no beats a doubt
    if odd is not None:
        raise odd


def _require_not_revoked(location: str, asked: str, sources: Sources) -> None:
    page = sources.fetch(f"{location}/{asked}", accept=_ACCEPT)
    try:
        answer: Any = strict_json.parse(page.body, max_bytes=MAX_PAGE, any_number=True)
    except Unreadable as bad:
        raise SourceError(Doubt.WEB_BAD_ANSWER, f"the responder's answer is not JSON: {bad.detail}") from bad
    revoked = answer.get("revoked") if isinstance(answer, dict) else None
    if not isinstance(revoked, bool):
        raise SourceError(Doubt.WEB_BAD_ANSWER, "the responder's answer does not say whether it was revoked")
    about = answer.get("documentHash")
    if not isinstance(about, str):
        raise SourceError(Doubt.WEB_BAD_ANSWER, "the responder's answer does not say which document it is about")
    if about.lower().removeprefix("0x") != asked.removeprefix("0x"):
        detail = f"the responder was asked about {asked}, and answered about {about[:80]!r}"
        raise SourceError(Doubt.UNBOUND_ANSWER, detail)
    if revoked:
        code = answer.get("reasonCode")
        known = code if type(code) is int and code in REASONS else None
        why = f"{REASONS[known]}" if known is not None else "for no reason that is known"
        raise Refuted(Failure.REVOKED, f"{asked} was revoked, says the responder: {why}", reason=known)
