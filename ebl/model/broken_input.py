"""Conversion of the errors of algorithms on untrusted bytes to ebl's errors with their codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from ebl.codec import strict_json
from ebl.codec.broken import Broken
from ebl.codes import Doubt, Failure
from ebl.errors import DocumentError, Malformed, Unreadable, Unsupported

ERRORS: Final[Mapping[str, tuple[type[DocumentError], Failure]]] = {
    "not_json": (Unreadable, Failure.NOT_JSON),
    "duplicate_key": (Unreadable, Failure.DUPLICATE_KEY),
    "odd_number": (Unreadable, Failure.AMBIGUOUS_NUMBER),
    "large_json": (Unreadable, Failure.TOO_LARGE),
    "deep_json": (Unreadable, Failure.TOO_DEEP),
    "bad_context": (Malformed, Failure.CONTEXT),
    "unsigned_json": (Malformed, Failure.UNSIGNED_JSON),
    "large_graph": (Malformed, Failure.TOO_LARGE),
    "deep_graph": (Malformed, Failure.TOO_DEEP),
    "poison_graph": (Malformed, Failure.POISON_GRAPH),
}
"""Codes by the subject of the reason. An unknown context (``unknown_context``) is not a failure of the document."""


@contextmanager
def as_ours() -> Iterator[None]:
    """Raises `DocumentError` or `Unsupported` instead of a `Broken` of JSON, or of JSON-LD, of its body."""
    try:
        yield
    except Broken as bad:
        reason = bad.reason
        params: dict[str, Any] = dict(reason.params)
        if reason.subject == "unknown_context":
            raise Unsupported(Doubt.UNSUPPORTED_CONTEXT, reason.name, **params) from bad
        if reason.subject not in ERRORS:
            raise
        error, code = ERRORS[reason.subject]
        raise error(code, reason.name, **params) from bad


def read_json(
    raw: bytes, *, max_bytes: int = strict_json.MAX_BYTES, any_number: bool = False, with_mark: bool = True
) -> Any:
    """Parses as `ebl.codec.strict_json.parse` does.

    Raises `Unreadable` if the bytes are not strict JSON: ``document.not_json``, ``duplicate_key``, ``too_deep``,
    ``too_large`` or ``ambiguous_number``."""
    with as_ours():
        return strict_json.parse(raw, max_bytes=max_bytes, any_number=any_number, with_mark=with_mark)
