"""Calldata by signature: the few types of the contract ABI that these contracts use, without a library of half a second."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from ebl.primitives.keccak import keccak256

_DYNAMIC = ("bytes", "string")


def call(signature: str, *arguments: Any) -> bytes:
    """The calldata of a function, such as ``call("issue(bytes32)", root)``; selector and arguments."""
    return selector(signature) + encode(_types(signature), arguments)


@cache
def selector(signature: str) -> bytes:
    """The first four bytes of the hash of a signature."""
    return keccak256(signature.encode())[:4]


@cache
def topic(signature: str) -> bytes:
    """The first topic of an event: the hash of its signature."""
    return keccak256(signature.encode())


def encode(types: Sequence[str], values: Sequence[Any]) -> bytes:
    """The values in the ABI's encoding: dynamic ones follow the heads, which say where.

    Takes ``address`` (0x text), ``uintN``, ``bool``, ``bytesN``, ``bytes``, ``string`` and arrays of them. Raises
    `ValueError` for a value that does not fit.
    """
    if len(types) != len(values):
        raise ValueError(f"expected {len(types)} arguments; got {len(values)}")
    heads: list[bytes] = []
    tails: list[bytes] = []
    offset = 32 * len(types)
    for kind, value in zip(types, values, strict=True):
        encoded = _one(kind, value)
        if _is_dynamic(kind):
            heads.append((offset + sum(map(len, tails))).to_bytes(32))
            tails.append(encoded)
        else:
            heads.append(encoded)
    return b"".join(heads + tails)


def _one(kind: str, value: Any) -> bytes:
    if kind.endswith("[]"):
        return len(value).to_bytes(32) + encode([kind[:-2]] * len(value), value)
    if kind in _DYNAMIC:
        raw = value.encode() if isinstance(value, str) else value
        return len(raw).to_bytes(32) + raw + bytes(-len(raw) % 32)
    if kind == "address":
        return bytes(12) + _sized(bytes.fromhex(value[2:]), 20)
    if kind == "bool":
        return int(value).to_bytes(32)
    if kind.startswith("uint"):
        if not 0 <= value < 1 << int(kind[4:]):
            raise ValueError(f"{value} is no {kind}")
        return int(value).to_bytes(32)
    return _sized(value, int(kind.removeprefix("bytes"))).ljust(32, b"\0")


def _sized(value: bytes, size: int) -> bytes:
    if len(value) != size:
        raise ValueError(f"expected {size} bytes; got {len(value)}")
    return value


def _is_dynamic(kind: str) -> bool:
    return kind in _DYNAMIC or kind.endswith("[]")


@cache
def _types(signature: str) -> tuple[str, ...]:
    inside = signature.partition("(")[2].removesuffix(")")
    return tuple(inside.split(",")) if inside else ()
