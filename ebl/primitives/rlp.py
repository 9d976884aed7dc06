"""Recursive length prefix (Ethereum yellow paper, appendix B): how transactions, headers and tries are written to be hashed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Item: TypeAlias = "bytes | int | Sequence[Item]"

_DEEPEST = 16


def encode(item: Item) -> bytes:
    """Bytes as they are, a natural number as its shortest big-endian bytes, a sequence as a list."""
    if isinstance(item, int):
        return encode(item.to_bytes((item.bit_length() + 7) // 8, "big"))
    if isinstance(item, bytes):
        return item if len(item) == 1 and item[0] < 0x80 else _length(len(item), 0x80) + item
    body = b"".join(encode(part) for part in item)
    return _length(len(body), 0xC0) + body


def decode(raw: bytes) -> Item:
    """What `encode` was given, with numbers left as bytes. Raises `ValueError` unless ``raw`` is exactly one item."""
    item, rest = _take(raw, 0)
    if rest:
        raise ValueError(f"{len(rest)} bytes follow the item")
    return item


def _take(raw: bytes, depth: int) -> tuple[Item, bytes]:
    """The first item and what follows it. Only the shortest way to write a length is accepted."""
    if not raw or depth > _DEEPEST:
        raise ValueError("the bytes end early" if not raw else "nested too deeply")
    first = raw[0]
    if first < 0x80:
        return raw[:1], raw[1:]
    offset = 0x80 if first < 0xC0 else 0xC0
    size, start = first - offset, 1
    if size > 55:
        start = 1 + size - 55
        size = int.from_bytes(raw[1:start])
        if size < 56 or raw[1] == 0:
            raise ValueError("a length is not written in its shortest form")
    body, rest = raw[start : start + size], raw[start + size :]
    if len(body) != size or (first == 0x81 and body[0] < 0x80):
        raise ValueError("the bytes end early, or a byte is not written in its shortest form")
    if offset == 0x80:
        return body, rest
    items: list[Item] = []
    while body:
        item, body = _take(body, depth + 1)
        items.append(item)
    return items, rest


def _length(size: int, offset: int) -> bytes:
    if size < 56:
        return bytes([offset + size])
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([offset + 55 + len(digits)]) + digits
