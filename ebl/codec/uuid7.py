"""UUIDs of version 7 (RFC 9562 section 5.7): the time in milliseconds, then random bits."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime


def uuid7(now: datetime, randomness: Callable[[int], bytes]) -> uuid.UUID:
    """Returns the UUID of a time (with a time zone) and 10 random bytes."""
    milliseconds = int(now.timestamp() * 1000).to_bytes(6, "big")
    octets = bytearray(milliseconds + randomness(10))
    octets[6] = octets[6] & 0x0F | 0x70
    octets[8] = octets[8] & 0x3F | 0x80
    return uuid.UUID(bytes=bytes(octets))
