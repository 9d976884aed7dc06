"""Salting of OpenAttestation v2: every leaf of the data is written as ``uuid:type:value``."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from ebl.codec import javascript_json as javascript
from ebl.codec.javascript_json import WHITE_SPACE
from ebl.codec.strict_json import MAX_DEPTH, MAX_NODES
from ebl.codes import Failure
from ebl.errors import Malformed
from ebl.native import core as native
from ebl.openattestation.salts import Pool, Salts, are_distinct_uuids, uuids
from ebl.openattestation.v2_digest import MAX_PATHS, hashes, list_hash

_SALTED = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?::|\\Z)", re.IGNORECASE)
_DECIMAL = re.compile("-?[0-9]{1,12}[.][0-9]{0,11}[1-9]")
_STRING = ":string:"
_ENDS = frozenset(WHITE_SPACE)
_END, _KIND = itemgetter(-1), itemgetter(slice(36, 44))  # in C, in half the time of value[36:44]
_UNFINISHED = re.compile(":boolean(?!:)")
_BOOLEAN = ":boolean"  # eight characters like the others, so the colon after it is the ninth
_KNOWN = {":string:", ":number:", _BOOLEAN, ":null:nu"}


class NotPlain(Exception):
    """The data is not plain JSON within the limits, or has ambiguous names; `ebl.openattestation.input_checks` locates this."""


class Salted(NamedTuple):
    """A salted copy of data, and its leaves laid out flat with their paths (``issuers.0.name``)."""

    data: dict[str, Any]
    paths: list[str]
    values: list[str]
    empty: list[tuple[str, Any]]


_POOL = Pool(_STRING)


class _OneByOne:
    """The caller's salts in place of a block of the pool."""

    def __init__(self, salts: Salts) -> None:
        self._salts = salts

    def pop(self) -> str:
        return self._salts(1)[0] + _STRING


def salted_and_hashed(
    data: dict[str, Any], salts: Salts | None = None, *, any_end: bool = False
) -> tuple[dict[str, Any], bytes]:
    """Returns what `salted` makes of raw data, and its digest. Raises `NotPlain` as `salted` does."""
    if salts is None and (made := native.CORE.oa2_salt(data, os.urandom, any_end)) is not None:
        return made
    copy, paths, values, empty = salted(data, salts, any_end=any_end)
    return copy, list_hash(hashes(paths, values, empty))


def salted(data: dict[str, Any], salts: Salts | None = None, *, any_end: bool = False) -> Salted:
    """Copies raw data with every leaf salted, in the same shape; empty containers stay as they are.

    Raises `NotPlain` if a value is not of an exact plain JSON type (subclasses count as others), if a name contains a dot,
    or, unless ``any_end``, if a text ends in white space, which every reader of the format drops.
    """
    block: Any = _POOL.lease() if salts is None else _OneByOne(salts)
    paths: list[str] = []
    values: list[str] = []
    empty: list[tuple[str, Any]] = []
    root = data.copy()
    stack: list[tuple[str, Any, Any, int]] = [("", data, root, 1)]
    room = MAX_PATHS
    while stack:
        prefix, node, copy, depth = stack.pop()
        room -= len(prefix) * len(node)
        if depth > MAX_DEPTH or len(paths) + len(node) > MAX_NODES or room < 0:
            raise NotPlain
        if salts is None and len(block) < len(node):
            block = _POOL.lease() if len(node) < 256 else uuids(len(node), tail=_STRING)
        members: Iterable[tuple[Any, Any]] = enumerate(node)
        if type(node) is dict:
            _require_names(node)
            members = node.items()
        for key, value in members:
            kind = type(value)
            if kind is str:
                copy[key] = leaf = block.pop() + value
                values.append(leaf)
                paths.append(f"{prefix}{key}")
            elif kind is dict or kind is list or kind is tuple:
                copy[key] = inner = list(value) if kind is tuple else value.copy()
                if value:
                    stack.append((f"{prefix}{key}.", value, inner, depth + 1))
                else:
                    empty.append((f"{prefix}{key}", inner))
            else:
                copy[key] = leaf = block.pop()[: 1 - len(_STRING)] + _typed(value)
                values.append(leaf)
                paths.append(f"{prefix}{key}")
    if salts is None:
        _POOL.give_back(block)
    if not any_end and not _ENDS.isdisjoint(map(_END, values)):
        raise NotPlain
    return Salted(root, paths, values, empty)


def _require_names(node: dict[Any, Any]) -> None:
    try:
        dotted = "." in "".join(node)
    except TypeError:
        dotted = True
    if dotted:
        raise NotPlain


def _typed(value: object) -> str:
    """Returns ``type:value`` of a leaf that is not a string."""
    if value is None:
        return "null:null"
    if type(value) is bool:
        return "boolean:true" if value else "boolean:false"
    if type(value) is int:
        text = str(value) if -(2**53) <= value <= 2**53 else _whole(value)
        return f"number:{text}"
    if type(value) is float and math.isfinite(value):
        return f"number:{javascript.number_text(value)}"
    raise NotPlain


def _whole(value: int) -> str:
    if abs(value) >= 10**21 or (text := javascript.number_text(value)) != str(value):
        raise NotPlain
    return text


class Unsalted(Mapping[str, Any]):
    """The plain content of salted data, made at the first access, which comes after most of a verification.

    The leaves must be of known types (`require_known_types`).
    """

    __slots__ = ("_plain", "_salted")

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._salted = data
        self._plain: dict[str, Any] | None = None

    def _made(self) -> dict[str, Any]:
        if self._plain is None:
            self._plain = unsalted(self._salted)  # two threads may both make it; the results are equal
        return self._plain

    def __getitem__(self, name: str) -> Any:
        return self._made()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._salted)

    def __len__(self) -> int:
        return len(self._salted)

    def __repr__(self) -> str:
        return repr(self._made())


def require_known_types(values: Sequence[str]) -> None:
    """Raises `Malformed` if a salted leaf has an unknown type. `unsalted` reads what this accepts."""
    kinds = set(map(_KIND, values))
    if kinds <= _KNOWN and (_BOOLEAN not in kinds or not _UNFINISHED.search("".join(values))):
        return  # values that contain these words are checked below
    for value in values:
        kind = value[36:44]
        if kind not in _KNOWN or (kind == _BOOLEAN and value[44:45] not in ("", ":")):
            unsalted_leaf(value)


def unsalted(data: Any) -> Any:
    """Returns the plain content of salted data. Strings are trimmed, as every reader of the format does.

    Raises `Malformed` if a salted leaf has an unknown type.
    """
    if (plain := native.CORE.oa2_plain(data)) is not None:
        return plain
    root: dict[str, Any] = {}
    salts: list[str] = []
    stack: list[tuple[Any, Any, Any]] = [(root, "", data)]
    while stack:
        holder, key, node = stack.pop()
        copy: Any = node.copy()
        holder[key] = copy
        members: Iterable[tuple[Any, Any]] = node.items() if isinstance(node, dict) else enumerate(node)
        for name, value in members:
            if type(value) is str:
                if value[36:44] == _STRING:  # whether a salt precedes it is checked below, for all leaves at once
                    salts.append(value[:36])
                    copy[name] = value[44:].rstrip(WHITE_SPACE)
                else:
                    copy[name] = unsalted_leaf(value)
            elif type(value) is dict or type(value) is list:
                stack.append((copy, name, value))
            else:
                copy[name] = value
    if not are_distinct_uuids(salts):
        return _unsalted_one_by_one(data)
    return root[""]


def _unsalted_one_by_one(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _unsalted_one_by_one(value) for key, value in node.items()}
    return [_unsalted_one_by_one(value) for value in node] if isinstance(node, list) else unsalted_leaf(node)


def unsalted_leaf(leaf: Any) -> Any:
    """Returns the value of one leaf: what follows ``uuid:type:``, read as that type. Any other leaf is its own value.

    An invalid number is NaN; ``undefined`` is None. Raises `Malformed` if the type is unknown.
    """
    if not isinstance(leaf, str) or not _SALTED.match(leaf):
        return leaf
    kind, _, text = javascript.trim(leaf[37:]).partition(":")
    match kind:
        case "string":
            return text
        case "number":
            return _number(text)
        case "boolean":
            return text == "true"
        case "null" | "undefined":
            return None
    raise Malformed(Failure.SCHEMA, "salted_type", type=kind)


def _number(text: str) -> float:
    if text.isascii() and text.isdecimal() and len(text) < 16:
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return javascript.plain_number(javascript.number(text))
