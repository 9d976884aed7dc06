"""Asking a responder whether documents were revoked: one GET a hash, answered in plain JSON.

``{"revoked": false, "documentHash": "0x…"}``, or ``{"revoked": true, "documentHash": "0x…", "reasonCode": 1}``. The answer
is not signed: it rests on the web server's certificate, and is only of the moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ebl.codes import Doubt, Failure
from ebl.errors import Refuted, SourceError, Unreadable
from ebl.model.broken_input import read_json
from ebl.model.ports import MAX_PAGE, Sources

_ACCEPT = ("application/json",)
REASONS = {
    0: "unspecified",
    1: "key_compromise",
    2: "ca_compromise",
    3: "affiliation_changed",
    4: "superseded",
    5: "cessation_of_operation",
    6: "certificate_hold",
    8: "removed_from_crl",
    9: "privilege_withdrawn",
    10: "aa_compromise",
    1001: "suspended",
}
"""RFC 5280, section 5.3.1, and one of OpenAttestation's own, as words of the catalogue."""


def require_not_revoked(location: str, hashes: Sequence[bytes], sources: Sources) -> None:
    """Ask about each hash (32 bytes).

    Raises `Refuted` with ``status.revoked``; `SourceError` if there is no usable answer: the responder is not at an https URL
    (``web.refused``) or answers about another hash (``revocation.unbound_answer``), which says nothing of this document.
    """
    if not location.startswith("https://"):
        raise SourceError(Doubt.WEB_REFUSED, "responder", location=location)
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
        answer: Any = read_json(page.body, max_bytes=MAX_PAGE, any_number=True)
    except Unreadable as bad:
        raise SourceError(Doubt.WEB_BAD_ANSWER, "responder_json", because=bad.message) from bad
    revoked = answer.get("revoked") if isinstance(answer, dict) else None
    if not isinstance(revoked, bool):
        raise SourceError(Doubt.WEB_BAD_ANSWER, "responder_answer")
    about = answer.get("documentHash")
    if not isinstance(about, str):
        raise SourceError(Doubt.WEB_BAD_ANSWER, "responder_about")
    if about.lower().removeprefix("0x") != asked.removeprefix("0x"):
        raise SourceError(Doubt.UNBOUND_ANSWER, asked=asked, about=about)
    if revoked:
        code = answer.get("reasonCode")
        if type(code) is int and code in REASONS:
            raise Refuted(Failure.REVOKED, "by_responder", hash=asked, why=REASONS[code], reason=code)
        raise Refuted(Failure.REVOKED, "by_responder_unexplained", hash=asked)
