"""Queries to an OCSP responder of OpenAttestation: one GET for each hash, with a response in plain JSON.

``{"revoked": false, "documentHash": "0x…"}``, or ``{"revoked": true, "documentHash": "0x…", "reasonCode": 1}``. The response
is not signed. Only the web server's certificate authenticates it, and it holds for the time of the query only.
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
"""Reason codes of RFC 5280, section 5.3.1, and one of OpenAttestation, as parameters of the message catalogue."""


def require_not_revoked(location: str, hashes: Sequence[bytes], sources: Sources) -> None:
    """Queries the responder about each hash (32 bytes).

    Raises `Refuted` with ``status.revoked`` if one was revoked. Raises `SourceError` if there is no usable response: with
    ``web.refused`` if the responder is not at an https URL, with ``revocation.unbound_answer`` if it responds about another
    hash. These errors are not about the document.
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
            odd = odd or trouble  # the next hash may still be revoked, and a failure outweighs an unknown
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
