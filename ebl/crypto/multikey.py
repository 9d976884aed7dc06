"""Keys as text (W3C Controlled Identifiers, Multikey): ``z`` and, in base58btc, the code of the key type and the key.

ebl uses two types: P-256 (ecdsa-sd-2023) and BLS12-381 with public keys in G2 (bbs-2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from ebl.codec.multibase import decode_base58btc, encode_base58btc

MULTIKEY_CONTEXT: Final = "https://w3id.org/security/multikey/v1"


class UnknownKind(ValueError):
    """A well-formed key of a ``kind`` that ebl does not use."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"a key of the kind {kind}")
        self.kind = kind


class UnknownEncoding(UnknownKind):
    """A key in a multibase encoding other than ``z``; ``letter`` is its first character."""

    def __init__(self, letter: str) -> None:
        super().__init__(f"of the multibase encoding {letter!r}, other than z")
        self.letter = letter


class KeyType(StrEnum):
    """The types of keys that ebl uses."""

    P256 = "P-256"
    BLS12_381 = "BLS12-381"


@dataclass(frozen=True, slots=True)
class _Form:
    public_code: bytes
    public_length: int
    secret_code: bytes
    secret_length: int = 32


# Codes are from the multicodec table, as varints: p256-pub 0x1200, p256-priv 0x1306, bls12_381-g2-pub 0xeb, -priv 0x130a.
_FORMS: Final = {
    KeyType.P256: _Form(b"\x80\x24", 33, b"\x86\x26"),
    KeyType.BLS12_381: _Form(b"\xeb\x01", 96, b"\x8a\x26"),
}


# Other types of public keys in the multicodec table, so that a message can name them.
_OTHERS: Final = {
    0xE7: "secp256k1", 0xEA: "BLS12-381 G1", 0xEC: "X25519", 0xED: "Ed25519", 0xEE: "BLS12-381 G1+G2",
    0x1201: "P-384", 0x1202: "P-521", 0x1203: "Ed448", 0x1204: "X448", 0x1205: "RSA", 0x1206: "SM2",
    0x120B: "ML-DSA-44", 0x120C: "ML-DSA-65", 0x120D: "ML-DSA-87", 0xEB51: "JWK",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key. ``octets`` is a compressed point: 33 bytes for P-256, 96 for BLS12-381.

    Not checked: that it is a point of the curve. The code that computes with it checks that.
    """

    kind: KeyType
    octets: bytes

    @property
    def multikey(self) -> bytes:
        """Returns code and key, as proofs contain them."""
        return _FORMS[self.kind].public_code + self.octets

    def __str__(self) -> str:
        return _text(self.multikey)


_SPELLINGS: Final = frozenset("fFuUmMbBcCvVtTkKhZ79")
"""The first characters of multibase texts other than base58btc."""


_MAX_LETTERS: Final = 4096
"""The largest number of characters of a public key. ML-DSA-87, the longest type that has a name here, has 3,543."""


@lru_cache(maxsize=64)
def _text(multikey: bytes) -> str:
    return encode_base58btc(multikey)


def parse_public(text: str) -> PublicKey:
    """Reads a ``publicKeyMultibase``.

    Raises `ValueError` if it is malformed, and `UnknownKind` if ebl does not use its type or encoding.
    """
    if text[:1] in _SPELLINGS:
        raise UnknownEncoding(text[0])
    return public_from_multikey(decode_base58btc(text, most=_MAX_LETTERS))


def public_from_multikey(octets: bytes) -> PublicKey:
    """Reads code and key. Raises `ValueError` if the length is wrong, and `UnknownKind` if the type is another one."""
    for kind, form in _FORMS.items():
        if octets.startswith(form.public_code):
            if len(octets) != len(form.public_code) + form.public_length:
                raise ValueError(f"a {kind} public key has {form.public_length} bytes, not {len(octets) - 2}")
            return PublicKey(kind, octets[len(form.public_code) :])
    code, length = 0, 0
    while length < min(len(octets), 9):
        code |= (octets[length] & 0x7F) << 7 * length
        length += 1
        if octets[length - 1] < 0x80:
            raise UnknownKind(_OTHERS.get(code, f"0x{code:x} (multicodec)"))
    raise ValueError("expected a code for the key type before the key")


def did_key(public: PublicKey) -> str:
    """Returns the did:key of a public key. A proof with it shows possession of the key, not who has it."""
    return f"did:key:{public}"


def format_secret(kind: KeyType, secret: bytes | bytearray) -> str:
    """Returns the ``secretKeyMultibase`` of a secret key (32 bytes, big-endian)."""
    return encode_base58btc(_FORMS[kind].secret_code + secret)


def parse_secret(text: str) -> tuple[KeyType, bytearray]:
    """Reads a ``secretKeyMultibase``: its type and 32 bytes, big-endian.

    Raises `ValueError` if it is malformed; the error never repeats the text.
    """
    octets = decode_base58btc(text)
    for kind, form in _FORMS.items():
        if octets.startswith(form.secret_code):
            secret = bytearray(octets[len(form.secret_code) :])
            if len(secret) != form.secret_length:
                raise ValueError(f"a {kind} secret key has {form.secret_length} bytes")
            return kind, secret
    raise ValueError(f"a secret key of a type other than {' and '.join(_FORMS)}")
