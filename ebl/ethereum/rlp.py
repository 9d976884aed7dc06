"""Recursive length prefix (Yellow Paper, appendix B): the encoding that is hashed for transactions, headers and tries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Item: TypeAlias = "bytes | int | Sequence[Item]"

_MAX_DEPTH = 16


def encode(item: Item) -> bytes:
    """Encodes bytes as they are, a natural number as its shortest big-endian bytes, and a sequence as a list."""
    if isinstance(item, int):
        return encode(item.to_bytes((item.bit_length() + 7) // 8, "big"))
    if isinstance(item, bytes):
        return item if len(item) == 1 and item[0] < 0x80 else _length(len(item), 0x80) + item
    body = b"".join(encode(part) for part in item)
    return _length(len(body), 0xC0) + body


def decode(raw: bytes) -> Item:
    """Decodes the output of `encode`, with numbers left as bytes. Raises `ValueError` unless ``raw`` is exactly one item."""
    item, end = _take(raw, 0, len(raw), 0)
    if end != len(raw):
        raise ValueError(f"{len(raw) - end} bytes follow the item")
    return item


def _take(raw: bytes, at: int, end: int, depth: int) -> tuple[Item, int]:
    """Returns the item that begins at ``at``, and the offset after it. The item must end before ``end``.

    A length must be written in its shortest form. Only the items' own bytes are copied, so the work is linear in the number
    of bytes.
    """
    if at >= end or depth > _MAX_DEPTH:
        raise ValueError("the bytes end early" if at >= end else "nested too deeply")
    first = raw[at]
    if first < 0x80:
        return raw[at : at + 1], at + 1
    offset = 0x80 if first < 0xC0 else 0xC0
    size, start = first - offset, at + 1
    if size > 55:
        start += size - 55
        digits = raw[at + 1 : min(start, end)]
        size = int.from_bytes(digits)
        if size < 56 or digits[0] == 0:
            raise ValueError("a length is not written in its shortest form")
    stop = start + size
    if stop > end or (first == 0x81 and raw[start] < 0x80):
        raise ValueError("the bytes end early, or a byte is not written in its shortest form")
    if offset == 0x80:
        return raw[start:stop], stop
    items: list[Item] = []
    while start < stop:
        item, start = _take(raw, start, stop, depth + 1)
        items.append(item)
    return items, stop


def _length(size: int, offset: int) -> bytes:
    if size < 56:
        return bytes([offset + size])
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([offset + 55 + len(digits)]) + digits
