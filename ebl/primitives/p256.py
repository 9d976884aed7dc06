"""ECDSA over P-256 with SHA-256 (FIPS 186-5), signatures as the 64 bytes r and s, over `cryptography`.

Signing picks its nonce from the message and the key (RFC 6979), so that weak randomness cannot give the key away.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

LENGTH: Final = 64
_CHECK: Final = ec.ECDSA(SHA256())
_SIGN: Final = ec.ECDSA(SHA256(), deterministic_signing=True)


def signer(secret: bytes | bytearray) -> Callable[[bytes], bytes]:
    """A function that signs with a secret key (32 bytes, big-endian)."""
    key = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())

    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(message, _SIGN))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return sign


def verifier(point: bytes) -> Callable[[bytes, bytes], bool]:
    """A function that says whether a signature of a message is by a public key (33 bytes, compressed).

    Raises ValueError where the bytes are no point of the curve.
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
