"""The digest of OpenAttestation v2: every leaf's path and salted value hashed, the hashes sorted and hashed again.

A pure function of the data, behind which a faster one could go. It follows the format to the byte and judges nothing;
`ebl.openattestation.v2_integrity` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ebl.codec.javascript_json import json_member, one_member, ordered
from ebl.codes import Failure
from ebl.errors import Malformed
from ebl.ethereum.keccak import keccak256
from ebl.native import core as native

CONTAINERS = (dict, list)  # exactly: what is parsed or copied has no subclasses
RESERVED = ("__proto__", "constructor", "prototype")
MAX_PATHS = 2**26
"""Characters of all paths together. A long name is a part of every path below it, so a small file may have far more."""


class FlatData(NamedTuple):
    """Data laid out flat, in no particular order.

    ``paths``    one for each leaf that is a string (``issuers.0.name``), which in salted data is every one with a value
    ``values``   the string at each path
    ``others``   the leaves that are no strings, with their paths; an empty container is such a leaf
    ``objects``  every object that is not empty
    """

    paths: list[str]
    values: list[str]
    others: list[tuple[str, Any]]
    objects: list[dict[str, Any]]


class Laid:
    """Salted data, looked through once.

    ``digest`` is its digest with the ``withheld`` hashes (hex), if the data is plain: every name and path is clear, and every
    leaf has a salt of its own and a known type, so that no strict rule objects. Otherwise it is None, and ``flat`` is needed.
    It is None also if ``withheld`` is not a list of hashes.

    Raises `Malformed` if the paths would be too long together.
    """

    __slots__ = ("_data", "_flat", "digest")

    def __init__(self, data: Mapping[str, Any], withheld: object) -> None:
        found = native.CORE.oa2_examine(data, withheld)
        self.digest = found[0] if found is not None and not found[1] else None
        self._data = data
        self._flat = flatten(data) if self.digest is None else None

    @property
    def flat(self) -> FlatData:
        """The leaves. Plain data is laid out the first time that this is read."""
        if self._flat is None:
            self._flat = flatten(self._data)
        return self._flat

    def __eq__(self, other: object) -> bool:
        return self._data == other._data if isinstance(other, Laid) else NotImplemented

    __hash__ = None  # type: ignore[assignment]


def flatten(data: Mapping[str, Any]) -> FlatData:
    """Lay data out flat. No key of the root may be empty: the paths below it have no prefix (`digest` sees to that).

    Raises `Malformed` where the paths would be too long together.
    """
    paths: list[str] = []
    values: list[str] = []
    others: list[tuple[str, Any]] = []
    objects: list[dict[str, Any]] = []
    stack: list[tuple[str, Any]] = [("", data)]  # no recursion: strangers may nest as they like
    room = MAX_PATHS
    while stack:
        prefix, node = stack.pop()
        room -= len(prefix) * len(node)
        if room < 0:
            raise too_long()
        if type(node) is dict:  # the same twice, since naming the elements of arrays costs every object too
            objects.append(node)
            for key, value in node.items():
                if type(value) is str:
                    paths.append(prefix + key)
                    values.append(value)
                elif value and type(value) in CONTAINERS:
                    stack.append((f"{prefix}{key}.", value))
                else:
                    others.append((prefix + key, value))
        else:
            for at, value in enumerate(node):
                if type(value) is str:
                    paths.append(f"{prefix}{at}")
                    values.append(value)
                elif value and type(value) in CONTAINERS:
                    stack.append((f"{prefix}{at}.", value))
                else:
                    others.append((f"{prefix}{at}", value))
    return FlatData(paths, values, others, objects)


def too_long() -> Malformed:
    """The error for a document whose paths have more than `MAX_PATHS` characters."""
    return Malformed(Failure.TOO_LARGE, "paths", limit=MAX_PATHS)


def everything(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every leaf and every object that is not empty, with its path and in order; for telling where something is."""
    stack: list[tuple[str, Any]] = [("", data)]
    while stack:
        path, node = stack.pop()
        if not node or type(node) not in CONTAINERS:
            yield path, node
            continue
        if type(node) is dict:
            yield path, node
        prefix = f"{path}." if path else ""
        members = list(node.items() if type(node) is dict else enumerate(node))
        stack += [(f"{prefix}{key}", value) for key, value in reversed(members)]


def digest(data: Mapping[str, Any], withheld: Iterable[str] = ()) -> bytes:
    """The 32-byte digest of salted data and of the hex hashes of withheld leaves.

    Of leaves with one path the last counts, and reserved names at the root do not: verifying refuses both.
    """
    if type(withheld) not in (tuple, list):
        withheld = tuple(withheld)
    if (found := native.CORE.oa2_examine(data, withheld)) is not None:
        return found[0]
    if "" not in data and not any(name in data for name in RESERVED):
        flat = flatten(data)
        return list_hash(hashes(flat.paths, flat.values, flat.others), withheld)
    leaves = dict(_in_order(data))
    for name in RESERVED:
        leaves.pop(name, None)
    return list_hash(hashes((), (), leaves.items()), withheld)


def hashes(paths: Sequence[str], values: Sequence[str], others: Iterable[tuple[str, Any]] = ()) -> list[bytes]:
    """The 32-byte hash of each leaf: of the strings at ``paths``, then of the others."""
    write = one_member()
    try:
        found = [keccak256(write({path: value})) for path, value in zip(paths, values, strict=True)]
    except (TypeError, UnicodeEncodeError):  # a lone surrogate
        found = [keccak256(json_member(path, value)) for path, value in zip(paths, values, strict=True)]
    return found + [keccak256(json_member(path, value)) for path, value in others]


def digest_of(paths: list[str], values: list[str], withheld: Iterable[str] = ()) -> bytes:
    """The digest of leaves that are strings, and of the hex hashes of withheld leaves."""
    also = tuple(withheld)
    found = native.CORE.list_hash(paths, values, also)
    return list_hash(hashes(paths, values), also) if found is None else found


def list_hash(found: list[bytes], withheld: Iterable[str] = ()) -> bytes:
    """Keccak-256 of the JSON array of these hashes and the withheld ones, in hex, sorted."""
    if also := [bytes.fromhex(text) for text in withheld]:
        found = [*found, *also]
    text = b"".join(sorted(found)).hex(",", 32).replace(",", '","')
    return keccak256(f'["{text}"]'.encode() if found else b"[]")


def _in_order(node: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves in JavaScript's order; an empty prefix is not joined."""
    for key, value in ordered(node) if isinstance(node, dict) else enumerate(node):
        path = f"{prefix}.{key}" if prefix else str(key)
        if value and isinstance(value, dict | list):
            yield from _in_order(value, path)
        else:
            yield path, value
