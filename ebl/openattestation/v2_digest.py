"""The digest of OpenAttestation v2: every leaf's path and salted value is hashed, and the sorted hashes are hashed again.

It is a pure function of the data and follows the format to the byte. `ebl.openattestation.v2_integrity` applies the rules
that the digest itself does not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ebl.codec.javascript_json import json_member, one_member, ordered
from ebl.codes import Failure
from ebl.errors import Malformed
from ebl.ethereum.keccak import keccak256
from ebl.native import core as native

CONTAINERS = (dict, list)  # exactly these: parsed or copied data has no subclasses
RESERVED = ("__proto__", "constructor", "prototype")
MAX_PATHS = 2**26
"""Limit for the characters of all paths together. A long name is part of every path below it, so a small file can exceed it."""


class FlatData(NamedTuple):
    """Data laid out flat, in no particular order.

    ``paths``    one for each leaf that is a string (``issuers.0.name``): in salted data, for every leaf with a value
    ``values``   the string at each path
    ``others``   the leaves that are not strings, with their paths; an empty container is such a leaf
    ``objects``  every object that is not empty
    """

    paths: list[str]
    values: list[str]
    others: list[tuple[str, Any]]
    objects: list[dict[str, Any]]


class SaltedLeaves:
    """Salted data with its digest, examined in one pass.

    ``digest`` is the digest with the ``withheld`` hashes (hex), if the data is plain: every name and path is unambiguous, and
    every leaf has its own salt and a known type, so that no strict rule refuses it. Otherwise, or if ``withheld`` is not a
    list of hashes, ``digest`` is None and ``flat`` is needed.

    Raises `Malformed` if all paths together exceed `MAX_PATHS`.
    """

    __slots__ = ("_data", "_flat", "digest")

    def __init__(self, data: Mapping[str, Any], withheld: object) -> None:
        found = native.CORE.oa2_examine(data, withheld)
        self.digest = found[0] if found is not None and not found[1] else None
        self._data = data
        self._flat = flatten(data) if self.digest is None else None

    @property
    def flat(self) -> FlatData:
        """The leaves. Plain data is laid out at the first access."""
        if self._flat is None:
            self._flat = flatten(self._data)
        return self._flat

    def __eq__(self, other: object) -> bool:
        return self._data == other._data if isinstance(other, SaltedLeaves) else NotImplemented

    __hash__ = None  # type: ignore[assignment]


def flatten(data: Mapping[str, Any]) -> FlatData:
    """Lays data out flat. No key of the root may be empty, because the paths below it have no prefix (`digest` ensures this).

    Raises `Malformed` if all paths together exceed `MAX_PATHS`.
    """
    paths: list[str] = []
    values: list[str] = []
    others: list[tuple[str, Any]] = []
    objects: list[dict[str, Any]] = []
    stack: list[tuple[str, Any]] = [("", data)]  # no recursion: an attacker can nest arbitrarily deep
    room = MAX_PATHS
    while stack:
        prefix, node = stack.pop()
        room -= len(prefix) * len(node)
        if room < 0:
            raise too_long()
        if type(node) is dict:  # the loop is written twice: one for both would slow objects down
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
    """Returns the error for a document whose paths exceed `MAX_PATHS` characters."""
    return Malformed(Failure.TOO_LARGE, "paths", limit=MAX_PATHS)


def leaves_and_objects(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yields every leaf and every object that is not empty, with its path, in order. Used to locate problems."""
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
    """Returns the 32-byte digest of salted data and of the hex hashes of withheld leaves.

    If leaves share a path, the last one counts. Reserved names at the root are left out. Verification refuses both.
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
    """Returns the 32-byte hash of each leaf: first of the strings at ``paths``, then of the others."""
    write = one_member()
    try:
        found = [keccak256(write({path: value})) for path, value in zip(paths, values, strict=True)]
    except (TypeError, UnicodeEncodeError):  # a lone surrogate
        found = [keccak256(json_member(path, value)) for path, value in zip(paths, values, strict=True)]
    return found + [keccak256(json_member(path, value)) for path, value in others]


def digest_of(paths: list[str], values: list[str], withheld: Iterable[str] = ()) -> bytes:
    """Returns the digest of leaves that are strings, and of the hex hashes of withheld leaves."""
    also = tuple(withheld)
    found = native.CORE.list_hash(paths, values, also)
    return list_hash(hashes(paths, values), also) if found is None else found


def list_hash(found: list[bytes], withheld: Iterable[str] = ()) -> bytes:
    """Returns Keccak-256 of the JSON array of these hashes and the withheld ones, in hex and sorted."""
    if also := [bytes.fromhex(text) for text in withheld]:
        found = [*found, *also]
    text = b"".join(sorted(found)).hex(",", 32).replace(",", '","')
    return keccak256(f'["{text}"]'.encode() if found else b"[]")


def _in_order(node: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yields the leaves in JavaScript's order; an empty prefix is not joined."""
    for key, value in ordered(node) if isinstance(node, dict) else enumerate(node):
        path = f"{prefix}.{key}" if prefix else str(key)
        if value and isinstance(value, dict | list):
            yield from _in_order(value, path)
        else:
            yield path, value
