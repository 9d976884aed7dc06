"""Standard base64 with padding (RFC 4648, section 4), read strictly: the same bytes have one text only."""

from __future__ import annotations

try:
    from pybase64 import b64decode, b64encode
except ImportError:  # without the extra `fast`: about twenty times slower
    from base64 import b64decode, b64encode  # type: ignore[assignment]


def encode(octets: bytes) -> str:
    """Returns the text of some bytes."""
    return b64encode(octets).decode()


def decode(text: str) -> bytes:
    """Returns the bytes of a text. Raises `ValueError` if it is not the text that `encode` gives for them."""
    octets = b64decode(text, validate=True)
    if encode(octets) != text:
        raise ValueError("base64 with too much padding, or with unused last bits that are not zero")
    return octets
