"""The canonical form of JSON values (RFC 8785): equal values have equal bytes, whatever their spelling or order was."""

from __future__ import annotations

from typing import Any

from ebl.codec.javascript_json import stringify


def canonical(value: Any) -> bytes:
    """Returns the canonical bytes. Raises `ValueError` if there is a lone surrogate, which the RFC excludes."""
    return stringify(_ordered(value))


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {_whole(key): _ordered(value[key]) for key in sorted(value, key=_utf16)}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    return _whole(value) if isinstance(value, str) else value


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _whole(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as bad:
        raise ValueError("a lone surrogate has no canonical form") from bad
    return text
