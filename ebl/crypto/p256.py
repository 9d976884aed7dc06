"""ECDSA over P-256 with SHA-256 (FIPS 186-5), with signatures as the 64 bytes r and s, by `cryptography`.

Signing derives its nonce from the message and the key (RFC 6979), so weak randomness cannot disclose the key.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LENGTH: Final = 64
"""Length of a signature in bytes."""
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_CHECK: Final = ec.ECDSA(SHA256())
_SIGN: Final = ec.ECDSA(SHA256(), deterministic_signing=True)


def keygen(random: bytes) -> bytearray:
    """Returns the secret key (32 bytes, big-endian) made from random bytes: FIPS 186-5 A.2.1.

    Give 48 bytes: the number is reduced, and with that many the bias is negligible.
    """
    return bytearray((int.from_bytes(random, "big") % (_ORDER - 1) + 1).to_bytes(32, "big"))


def public_key(secret: bytes | bytearray) -> bytes:
    """Returns the public key (33 bytes, a compressed point) of a secret key. Raises `ValueError` if the key is malformed."""
    number = int.from_bytes(secret, "big")
    if len(secret) != 32 or not 0 < number < _ORDER:
        raise ValueError("A P-256 secret key is a number of 32 bytes, above zero and below the order.")
    point = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    return point.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def signer(secret: bytes | bytearray) -> Callable[[bytes], bytes]:
    """Returns a function that signs with a secret key (32 bytes, big-endian)."""
    key = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())

    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(message, _SIGN))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return sign


def verifier(point: bytes) -> Callable[[bytes, bytes], bool]:
    """Returns a function that checks whether a signature of a message is by a public key (33 bytes, compressed).

    Raises `ValueError` if the bytes are not a point of the curve.
    """
    key = _public(point)

    def verify(signature: bytes, message: bytes) -> bool:
        if len(signature) != LENGTH:
            return False
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        try:
            key.verify(encode_dss_signature(r, s), message, _CHECK)
        except InvalidSignature:
            return False
        return True

    return verify


@lru_cache(maxsize=64)
def _public(point: bytes) -> ec.EllipticCurvePublicKey:
    if len(point) != 33 or point[0] not in (2, 3):
        raise ValueError("a P-256 public key is a compressed point of 33 bytes")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
