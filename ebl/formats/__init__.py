"""JSON <-> claims: one module for each document format.

A format module has ``looks_like(raw) -> bool``, which is true where *anything* about the object is of its format, and
``read(raw) -> Document``. An object that looks like two formats is refused: it could be read as either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ebl.document import Document
from ebl.errors import Malformed, Unreadable
from ebl.formats import oa2, oa3, vc, vp
from ebl.primitives import strict_json
from ebl.report import Failure

Format = tuple[str, Callable[[Mapping[str, Any]], bool], Callable[[Mapping[str, Any]], Document]]

FORMATS: tuple[Format, ...] = (
    ("OpenAttestation v2", oa2.looks_like, oa2.read),
    ("OpenAttestation v3", oa3.looks_like, oa3.read),
    ("W3C credentials", vc.looks_like, lambda raw: vp.read(raw) if vp.is_presentation(raw) else vc.read(raw)),
)

_OA4 = "https://schemata.openattestation.com/com/openattestation/4.0/"


def read(raw: bytes, *, max_bytes: int = strict_json.MAX_BYTES) -> Document:
    """Read a document of any format that we know.

    Raises `Unreadable` where the bytes are no such document (not JSON, beyond a limit, of no known format, or not wrapped
    yet), and `Malformed` where they are one that breaks its format's rules. Nothing is verified.
    """
    parsed = strict_json.parse(raw, max_bytes=max_bytes)
    if not isinstance(parsed, dict):
        raise Unreadable(Failure.UNSUPPORTED_FORMAT, "This is JSON, but not a document: a document is an object.")
    if _is_oa4(parsed):
        raise Unreadable(
            Failure.UNSUPPORTED_FORMAT, "This is an OpenAttestation v4 document, a format that was never released."
        )
    found = [(name, reader) for name, looks_like, reader in FORMATS if looks_like(parsed)]
    if len(found) > 1:
        names = " and ".join(name for name, _ in found)
        raise Malformed(Failure.AMBIGUOUS_VERSION, f"This could be read as {names}, which would say different things.")
    if not found:
        raise _unknown(parsed)
    return found[0][1](parsed)


def _is_oa4(parsed: Mapping[str, Any]) -> bool:
    contexts = parsed.get("@context")
    return isinstance(contexts, list) and any(isinstance(c, str) and c.startswith(_OA4) for c in contexts)


def _unknown(parsed: Mapping[str, Any]) -> Unreadable:
    if "issuers" in parsed:
        return Unreadable(
            Failure.UNSUPPORTED_FORMAT,
            "This is the data of an OpenAttestation v2 document, not wrapped yet.",
            "Wrap it first.",
        )
    return Unreadable(Failure.UNSUPPORTED_FORMAT, "This is JSON, but no document of a kind that we know.")
