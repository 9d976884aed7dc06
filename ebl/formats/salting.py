"""Salting of OpenAttestation v2: every leaf of the data is written as ``uuid:type:value``."""

from __future__ import annotations

import re
from typing import Any

from ebl.errors import Malformed
from ebl.primitives import javascript
from ebl.primitives.salts import Salts
from ebl.primitives.strict_json import shown
from ebl.report import Failure

_SALTED = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?::|\\Z)", re.IGNORECASE)


def salted(data: Any, salts: Salts) -> Any:
    """A copy of raw data with every leaf salted, in the same shape; empty containers stay as they are."""
    leaves: list[tuple[Any, Any, str]] = []
    copy = _prepared({"": data}, leaves)
    for (holder, key, typed), salt in zip(leaves, salts(len(leaves)), strict=True):
        holder[key] = f"{salt}:{typed}"
    return copy[""]


def unsalted(data: Any) -> Any:
    """The plain content of salted data. Strings are trimmed, as everybody who reads the format does.

    Raises `Malformed` for a salted leaf of an unknown type.
    """
    root: dict[str, Any] = {}
    stack: list[tuple[Any, Any, Any]] = [(root, "", data)]
    while stack:
        holder, key, value = stack.pop()
        if isinstance(value, dict):
            copy: Any = dict.fromkeys(value)
            stack += [(copy, name, member) for name, member in value.items()]
        elif isinstance(value, list):
            copy = [None] * len(value)
            stack += [(copy, at, member) for at, member in enumerate(value)]
        else:
            copy = unsalted_leaf(value)
        holder[key] = copy
    return root[""]


def unsalted_leaf(leaf: Any) -> Any:
    """The value of one leaf: what follows ``uuid:type:``, read as that type. Anything else is its own value.

    A number that is none is NaN; ``undefined`` is None. Raises `Malformed` for an unknown type.
    """
    if not isinstance(leaf, str) or not _SALTED.match(leaf):
        return leaf
    kind, _, text = javascript.trim(leaf[37:]).partition(":")
    match kind:
        case "string":
            return text
        case "number":
            return javascript.plain_number(javascript.number(text))
        case "boolean":
            return text == "true"
        case "null" | "undefined":
            return None
    raise Malformed(
        Failure.SCHEMA,
        f"A salted value has the type {shown(kind)}; expected string, number, boolean, null or undefined.",
    )


def _prepared(node: Any, leaves: list[tuple[Any, Any, str]]) -> Any:
    root: dict[str, Any] = {}
    stack: list[tuple[Any, Any, Any]] = [(root, "", node)]
    while stack:
        holder, key, value = stack.pop()
        if isinstance(value, dict):
            holder[key] = copy = dict.fromkeys(value)
            stack += [(copy, name, member) for name, member in value.items()]
        elif isinstance(value, list | tuple):
            holder[key] = items = [None] * len(value)
            stack += [(items, at, member) for at, member in enumerate(value)]
        else:
            leaves.append((holder, key, f"{_kind(value)}:{javascript.text(value)}"))
    return root[""]


def _kind(value: object) -> str:
    if isinstance(value, str):
        return "string"
    if value is None:
        return "null"
    return "boolean" if isinstance(value, bool) else "number"
