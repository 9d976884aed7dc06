"""Expansion of a message to uniform bytes with SHA-256 (RFC 9380). BBS derives every scalar and generator from them."""

from __future__ import annotations

from hashlib import sha256

MAX_LENGTH = 255 * 32
"""The largest number of bytes that RFC 9380 lets one call return with SHA-256."""

_ZERO_BLOCK = sha256(b"\0" * 64)


def expand_message_xmd(message: bytes, tag: bytes, length: int) -> bytes:
    """Returns ``length`` uniform bytes of a message, under a domain separation tag: RFC 9380 section 5.3.1.

    ``tag`` has 1 to 255 bytes (the RFC would hash a longer one first; here it is a bug of the caller). ``length`` is from 1
    to `MAX_LENGTH`. Raises `ValueError` otherwise.
    """
    if not 1 <= len(tag) <= 255:
        raise ValueError(f"a domain separation tag has 1 to 255 bytes, not {len(tag)}")
    if not 1 <= length <= MAX_LENGTH:
        raise ValueError(f"the length must be from 1 to {MAX_LENGTH} bytes, not {length}")
    suffix = tag + bytes([len(tag)])
    first = _ZERO_BLOCK.copy()
    first.update(b"%b%b\0%b" % (message, length.to_bytes(2, "big"), suffix))
    seed = first.digest()
    mask = int.from_bytes(seed, "big")
    block = sha256(b"%b\1%b" % (seed, suffix)).digest()
    blocks = [block]
    for number in range(2, (length + 31) // 32 + 1):
        mixed = (mask ^ int.from_bytes(block, "big")).to_bytes(32, "big")
        block = sha256(b"%b%c%b" % (mixed, number, suffix)).digest()
        blocks.append(block)
    return b"".join(blocks)[:length]
