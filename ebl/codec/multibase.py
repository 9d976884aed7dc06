"""Text that states its base, read strictly: ``z`` for base58btc (keys), ``u`` for base64url without padding (proofs)."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = {letter: digit for digit, letter in enumerate(_ALPHABET)}
MAX_BASE58 = 256
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


def encode_base58btc(octets: bytes | bytearray) -> str:
    """Returns ``z`` and the base58btc text of some bytes."""
    zeros = len(octets) - len(octets.lstrip(b"\0"))
    number = int.from_bytes(octets, "big")
    letters = []
    while number:
        number, digit = divmod(number, 58)
        letters.append(_ALPHABET[digit])
    return "z" + "1" * zeros + "".join(reversed(letters))


def decode_base58btc(text: str, *, most: int = MAX_BASE58) -> bytes:
    """Returns the bytes of ``z`` and at most ``most`` characters of base58btc. Raises `ValueError` if it is anything else."""
    if not text.startswith("z") or len(text) > most + 1:
        raise ValueError(f"expected 'z' and at most {most} characters of base58btc")
    body = text[1:]
    number = 0
    for letter in body:
        digit = _DIGITS.get(letter)
        if digit is None:
            raise ValueError("a character is not of base58btc")
        number = number * 58 + digit
    zeros = len(body) - len(body.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode_base64url(octets: bytes | bytearray) -> str:
    """Returns ``u`` and the base64url text of some bytes, without padding."""
    return "u" + urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def decode_base64url(text: str) -> bytes:
    """Returns the bytes of ``u`` and base64url without padding.

    Raises `ValueError` if it is anything else, also if unused bits of the last character are not zero: each sequence of
    bytes has one text.
    """
    body = text[1:]
    if not text.startswith("u") or not _BASE64URL.fullmatch(body) or len(body) % 4 == 1:
        raise ValueError("expected 'u' and base64url without padding")
    octets = urlsafe_b64decode(body + "=" * (-len(body) % 4))
    if encode_base64url(octets) != text:
        raise ValueError("base64url whose unused last bits are not zero")
    return octets
