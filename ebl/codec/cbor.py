"""The part of CBOR (RFC 8949) that proof values use: whole numbers, bytes, text, arrays and maps of numbers.

Output has the deterministic form of section 4.2.1. Input is read strictly: shortest lengths, no tags (the cryptosuites forbid
them), no indefinite lengths, no repeated keys, nothing after the end. Maps are read in any order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

Value = int | bytes | str | list["Value"] | dict[int, "Value"]

MAX_DEPTH: Final = 4
MAX_ITEMS: Final = 250_000
"""How many entries arrays and maps may have together: enough for all statements of the largest document."""

_UNSIGNED, _BYTES, _TEXT, _ARRAY, _MAP = 0, 2, 3, 4, 5


def dumps(value: object) -> bytes:
    """Encodes a value. Raises `TypeError` for a type not named above, `ValueError` for a number below 0 or above 2^64 - 1."""
    match value:
        case bool():
            raise TypeError("a proof must not contain a bool")
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
            raise TypeError(f"a proof must not contain {type(value).__name__}")


def loads(octets: bytes) -> Value:
    """Decodes one value that fills the bytes. Raises `ValueError` if the bytes do not have the form described above."""
    reader = _CborReader(octets)
    value = reader.value(MAX_DEPTH)
    if reader.at != len(octets):
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


@dataclass(slots=True)
class _CborReader:
    """Reads one item after another from ``at``; ``room`` is the number of further items allowed."""

    octets: bytes
    at: int = 0
    room: int = MAX_ITEMS

    def value(self, depth: int) -> Value:
        major, number = self.head()
        match major:
            case 0:
                return number
            case 2 | 3:
                body = self.octets[self.at : self.at + number]
                if len(body) != number:
                    raise ValueError("CBOR: cut short")
                self.at += number
                return body if major == _BYTES else body.decode("utf-8")
        if depth == 0:
            raise ValueError(f"CBOR: deeper than {MAX_DEPTH}")
        self.room -= number
        if self.room < 0:
            raise ValueError(f"CBOR: more than {MAX_ITEMS} items")
        if major == _ARRAY:
            return [self.value(depth - 1) for _ in range(number)]
        entries: dict[int, Value] = {}
        for _ in range(number):
            key = self.value(depth - 1)
            if not isinstance(key, int) or key in entries:
                raise ValueError("CBOR: a key is not a number, or occurs twice")
            entries[key] = self.value(depth - 1)
        return entries

    def head(self) -> tuple[int, int]:
        octets, at = self.octets, self.at
        if at >= len(octets):
            raise ValueError("CBOR: cut short")
        major, info = octets[at] >> 5, octets[at] & 31
        if major not in (_UNSIGNED, _BYTES, _TEXT, _ARRAY, _MAP) or info > 27:
            raise ValueError("CBOR: expected whole numbers, bytes, text, arrays and maps, of known length")
        self.at = at = at + 1
        if info < 24:
            return major, info
        size = 1 << (info - 24)
        number = int.from_bytes(octets[at : at + size], "big")
        if at + size > len(octets):
            raise ValueError("CBOR: cut short")
        if number < 24 or (size > 1 and number < 1 << 4 * size):
            raise ValueError("CBOR: a length or number not in its shortest form")
        self.at = at + size
        return major, number
