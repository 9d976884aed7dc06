"""The little CBOR (RFC 8949) that proof values need: whole numbers, bytes, text, arrays and maps of numbers.

Written in the one deterministic form of section 4.2.1. Read strictly: shortest lengths, no tags (the cryptosuites forbid
them), nothing indefinite, no key twice, nothing after the end. Maps are read in any order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

Value = int | bytes | str | list["Value"] | dict[int, "Value"]

MAX_DEPTH: Final = 4
_UNSIGNED, _BYTES, _TEXT, _ARRAY, _MAP = 0, 2, 3, 4, 5


def dumps(value: object) -> bytes:
    """Encode. Raises TypeError for a type not named above, ValueError for a number below 0 or above 2^64 - 1."""
    match value:
        case bool():
            raise TypeError("bool has no place in a proof")
        case int():
            return _head(_UNSIGNED, value)
        case bytes() | bytearray():
            return _head(_BYTES, len(value)) + value
        case str():
            text = value.encode()
            return _head(_TEXT, len(text)) + text
        case Mapping():
            entries = sorted((dumps(key), dumps(item)) for key, item in value.items())
            return _head(_MAP, len(entries)) + b"".join(key + item for key, item in entries)
        case Sequence():
            return _head(_ARRAY, len(value)) + b"".join(map(dumps, value))
        case _:
            raise TypeError(f"{type(value).__name__} has no place in a proof")


def loads(octets: bytes) -> Value:
    """Decode one value that fills the bytes. Raises ValueError for everything that is not written as above."""
    value, end = _read(octets, 0, MAX_DEPTH)
    if end != len(octets):
        raise ValueError("CBOR: bytes after the end")
    return value


def _head(major: int, number: int) -> bytes:
    if number < 24:
        if number < 0:
            raise ValueError("CBOR: a number below zero")
        return bytes([major << 5 | number])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * size:
            return bytes([major << 5 | info]) + number.to_bytes(size, "big")
    raise ValueError("CBOR: a number above 2^64 - 1")


def _read(octets: bytes, at: int, depth: int) -> tuple[Value, int]:
    major, number, at = _read_head(octets, at)
    match major:
        case 0:
            return number, at
        case 2 | 3:
            body = octets[at : at + number]
            if len(body) != number:
                raise ValueError("CBOR: cut short")
            return (body if major == _BYTES else body.decode("utf-8")), at + number
    if depth == 0:
        raise ValueError(f"CBOR: deeper than {MAX_DEPTH}")
    if number > len(octets) - at:  # each item has a byte at least
        raise ValueError("CBOR: cut short")
    if major == _ARRAY:
        items: list[Value] = []
        for _ in range(number):
            item, at = _read(octets, at, depth - 1)
            items.append(item)
        return items, at
    entries: dict[int, Value] = {}
    for _ in range(number):
        key, at = _read(octets, at, depth - 1)
        if not isinstance(key, int) or key in entries:
            raise ValueError("CBOR: a key that is no number, or stands twice")
        entries[key], at = _read(octets, at, depth - 1)
    return entries, at


def _read_head(octets: bytes, at: int) -> tuple[int, int, int]:
    if at >= len(octets):
        raise ValueError("CBOR: cut short")
    major, info = octets[at] >> 5, octets[at] & 31
    if major not in (_UNSIGNED, _BYTES, _TEXT, _ARRAY, _MAP) or info > 27:
        raise ValueError("CBOR: only whole numbers, bytes, text, arrays and maps, of known length, are read")
    at += 1
    if info < 24:
        return major, info, at
    size = 1 << (info - 24)
    number = int.from_bytes(octets[at : at + size], "big")
    if at + size > len(octets):
        raise ValueError("CBOR: cut short")
    if number < 24 or (size > 1 and number < 1 << 4 * size):
        raise ValueError("CBOR: a length or number not in its shortest form")
    return major, number, at + size
