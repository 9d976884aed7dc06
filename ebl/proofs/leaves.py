"""The digest of OpenAttestation v2: every leaf's path and salted value hashed, the hashes sorted and hashed again.

A pure function of the data, behind which a faster one could go. It follows the format to the byte and judges nothing;
`ebl.proofs.oa2.check` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ebl.primitives.javascript import json_member, ordered
from ebl.primitives.keccak import keccak256

Leaf = tuple[str, Any]
RESERVED = ("__proto__", "constructor", "prototype")


def digest(data: Mapping[str, Any], withheld: Iterable[str] = ()) -> bytes:
    """The 32-byte digest of salted data and of the hex hashes of withheld leaves.

    Of leaves with one path the last counts, and reserved names at the root do not: verifying refuses both.
    """
    if "" not in data and not any(name in data for name in RESERVED):
        return digest_of(flatten(data), withheld)
    leaves = dict(_in_order(data))
    for name in RESERVED:
        leaves.pop(name, None)
    return digest_of(leaves.items(), withheld)


def digest_of(leaves: Iterable[Leaf], withheld: Iterable[str] = ()) -> bytes:
    """The digest of leaves that are already flat."""
    hashes = [keccak256(json_member(path, value)).hex() for path, value in leaves]
    return list_hash([*hashes, *withheld])


def list_hash(hashes: list[str]) -> bytes:
    """Keccak-256 of the JSON array of these hex hashes, sorted."""
    inner = '","'.join(sorted(hashes))
    return keccak256(f'["{inner}"]'.encode() if hashes else b"[]")


def flatten(data: Mapping[str, Any]) -> list[Leaf]:
    """Every leaf with its path (``issuers.0.name``), in no particular order; an empty container is a leaf.

    No key of the root may be empty: the paths below it would have no prefix (`digest` sees to that).
    """
    leaves: list[Leaf] = []
    stack: list[tuple[str, Any]] = [("", data)]
    while stack:
        prefix, node = stack.pop()
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if value and isinstance(value, dict | list):
                stack.append((f"{prefix}{key}.", value))
            else:
                leaves.append((f"{prefix}{key}", value))
    return leaves


def containers(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every object and array with its path, the root's being empty."""
    stack: list[tuple[str, Any]] = [("", data)]
    while stack:
        path, node = stack.pop()
        yield path, node
        prefix = f"{path}." if path else ""
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(value, dict | list):
                stack.append((f"{prefix}{key}", value))


def _in_order(node: Any, prefix: str = "") -> Iterator[Leaf]:
    """Leaves in JavaScript's order; an empty prefix is not joined."""
    for key, value in ordered(node) if isinstance(node, dict) else enumerate(node):
        path = f"{prefix}.{key}" if prefix else str(key)
        if value and isinstance(value, dict | list):
            yield from _in_order(value, path)
        else:
            yield path, value
