"""Random salts, drawn many at a time."""

from __future__ import annotations

import os
from collections.abc import Callable

Salts = Callable[[int], list[str]]


def uuids(count: int) -> list[str]:
    """So many random version 4 UUIDs (RFC 9562) in lower case, from the system's generator."""
    noise = bytearray(os.urandom(16 * count))
    noise[6::16] = bytes(0x40 | byte & 0x0F for byte in noise[6::16])
    noise[8::16] = bytes(0x80 | byte & 0x3F for byte in noise[8::16])
    text = noise.hex()
    return [
        f"{text[n : n + 8]}-{text[n + 8 : n + 12]}-{text[n + 12 : n + 16]}-{text[n + 16 : n + 20]}-{text[n + 20 : n + 32]}"
        for n in range(0, 32 * count, 32)
    ]


def words(count: int) -> list[str]:
    """So many random 32-byte values in lower-case hex, from the system's generator."""
    text = os.urandom(32 * count).hex()
    return [text[at : at + 64] for at in range(0, 64 * count, 64)]
