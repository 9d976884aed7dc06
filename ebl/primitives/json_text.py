"""JSON values as text: in the order in which they are, or in the one canonical form (RFC 8785)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ebl.primitives.javascript import json_leaf, json_string


def write(value: Any) -> bytes:
    """UTF-8 as JavaScript's ``JSON.stringify`` writes it: members in their order, no spaces, shortest numbers."""
    return _text(value, canonical=False).encode()


def canonical(value: Any) -> bytes:
    """The canonical form of RFC 8785: equal values have equal bytes, however they were spelt or ordered.

    Raises `ValueError` for a lone surrogate, which the RFC excludes.
    """
    text = _text(value, canonical=True)
    if "\\ud" in text:
        _refuse_surrogates(value)
    return text.encode()


def _text(value: Any, *, canonical: bool) -> str:
    if isinstance(value, Mapping):
        members: Iterable[tuple[str, Any]] = value.items()
        if canonical:
            members = sorted(members, key=_utf16)
        return "{" + ",".join(f"{json_string(k)}:{_text(v, canonical=canonical)}" for k, v in members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_text(item, canonical=canonical) for item in value) + "]"
    return json_leaf(value)


def _utf16(member: tuple[str, Any]) -> bytes:
    return member[0].encode("utf-16-be", "surrogatepass")


def _refuse_surrogates(value: Any) -> None:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as bad:
            raise ValueError("a lone surrogate has no canonical form") from bad
    elif isinstance(value, Mapping):
        for key, member in value.items():
            _refuse_surrogates(key)
            _refuse_surrogates(member)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_surrogates(item)
