"""JSON <-> claims: one module for each document format.

A format has a mark in `ebl.formats.marks`, which is true where *anything* about an object is of the format, and a module
with ``read(raw) -> Document``. An object that looks like two formats is refused: it could be read as either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from ebl.codes import Failure
from ebl.document import Document
from ebl.errors import Malformed, Unreadable
from ebl.formats import marks
from ebl.primitives import strict_json

Format = tuple[str, Callable[[Mapping[str, Any]], bool], str]

FORMATS: tuple[Format, ...] = (
    ("OpenAttestation v2", marks.is_oa2, "ebl.formats.oa2"),
    ("OpenAttestation v3", marks.is_oa3, "ebl.formats.oa3"),
    ("W3C credentials", marks.is_w3c_credential, "ebl.formats.vc"),
    ("W3C presentations", marks.is_w3c_presentation, "ebl.formats.vp"),
)
"""The name of each, its mark, and its module, which is loaded when it is needed."""


def read(raw: bytes, *, max_bytes: int = strict_json.MAX_BYTES) -> Document:
    """Read a document of any format that we know.

    Raises `Unreadable` where the bytes are no such document (not JSON, beyond a limit, of no known format, or not wrapped
    yet), and `Malformed` where they are one that breaks its format's rules. Nothing is verified.
    """
    parsed = strict_json.parse(raw, max_bytes=max_bytes)
    if not isinstance(parsed, dict):
        raise Unreadable(Failure.UNSUPPORTED_FORMAT, "This is JSON, but not a document: a document is an object.")
    if marks.is_oa4(parsed):
        raise Unreadable(
            Failure.UNSUPPORTED_FORMAT, "This is an OpenAttestation v4 document, a format that was never released."
        )
    found = [(name, module) for name, is_one, module in FORMATS if is_one(parsed)]
    if len(found) > 1:
        names = " and ".join(name for name, _ in found)
        raise Malformed(Failure.AMBIGUOUS_VERSION, f"This could be read as {names}, which would say different things.")
    if not found:
        raise _unknown(parsed)
    document: Document = import_module(found[0][1]).read(parsed)
    return document


def _unknown(parsed: Mapping[str, Any]) -> Unreadable:
    if "issuers" in parsed:
        return Unreadable(
            Failure.UNSUPPORTED_FORMAT,
            "This is the data of an OpenAttestation v2 document, not wrapped yet.",
            "Wrap it first.",
        )
    if "cipherText" in parsed:
        return Unreadable(
            Failure.UNSUPPORTED_FORMAT,
            "This is an encrypted document.",
            "Decrypt it first (`ebl decrypt`), with the key or the link that came with it.",
        )
    return Unreadable(Failure.UNSUPPORTED_FORMAT, "This is JSON, but no document of a kind that we know.")
