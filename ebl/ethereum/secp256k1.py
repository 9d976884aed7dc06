"""Ethereum's signatures: secp256k1 with recovery, and the EIP-191 digest that wallets sign.

A signature is 65 bytes, r || s || v, with v 27 or 28 (0 and 1 are accepted too). Signing is deterministic (RFC 6979).
"""

from __future__ import annotations

from ebl.ethereum.address import checksummed
from ebl.ethereum.keccak import keccak256

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def personal_digest(message: bytes) -> bytes:
    """Returns the digest that a wallet signs for a message of bytes (EIP-191, version 0x45, "personal_sign")."""
    return keccak256(b"\x19Ethereum Signed Message:\n%d" % len(message) + message)


def is_secret(secret: bytes) -> bool:
    """Returns whether 32 bytes are a private key: above zero and below the order of the curve."""
    return len(secret) == 32 and 0 < int.from_bytes(secret) < _ORDER


def address_of(secret: bytes) -> str:
    """Returns the checksummed address of a private key (32 bytes, see `is_secret`)."""
    from eth_keys.datatypes import PrivateKey

    return PrivateKey(secret).public_key.to_checksum_address()


def address_of_public_key(der: bytes) -> str:
    """Returns the checksummed address of a public key (SubjectPublicKeyInfo in DER).

    Raises `ValueError` if the key is of another curve.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

    try:
        key = load_der_public_key(der)
    except UnsupportedAlgorithm as bad:
        raise ValueError("expected a key of secp256k1") from bad
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256K1):
        raise ValueError("expected a key of secp256k1")
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return checksummed(f"0x{keccak256(point[1:])[12:].hex()}")


def from_der(der: bytes, digest: bytes, address: str) -> bytes:
    """Converts a DER signature of a digest to 65 bytes, with s in the lower half of the order (EIP-2) and v for ``address``.

    Raises `ValueError` if it is not a signature, or not one by the key of that address.
    """
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    r, s = decode_dss_signature(der)
    if not (0 < r < _ORDER and 0 < s < _ORDER):
        raise ValueError("expected r and s between 0 and the order of the curve")
    half = r.to_bytes(32) + min(s, _ORDER - s).to_bytes(32)
    for v in (27, 28):
        signature = half + bytes([v])
        try:
            if recover(digest, signature) == address:
                return signature
        except ValueError:
            continue
    raise ValueError(f"the signature is not by the key of {address}")


def is_high(signature: bytes) -> bool:
    """Returns whether s of a signature is in the upper half of the order, which EIP-2 does not allow in transactions."""
    return int.from_bytes(signature[32:64]) > _ORDER // 2


def normalize_signature(signature: bytes) -> bytes:
    """Returns a signature with s in the lower half of the order and v 27 or 28. `recover` must have accepted ``signature``."""
    s, v = int.from_bytes(signature[32:64]), signature[64] % 27
    if s > _ORDER // 2:
        s, v = _ORDER - s, 1 - v
    return signature[:32] + s.to_bytes(32) + bytes([27 + v])


def sign(digest: bytes, secret: bytes) -> bytes:
    """Signs a 32-byte digest. The signature has 65 bytes and s in the lower half of the order."""
    from eth_keys.datatypes import PrivateKey

    signature = PrivateKey(secret).sign_msg_hash(digest).to_bytes()
    return signature[:64] + bytes([signature[64] + 27])


def recover(digest: bytes, signature: bytes) -> str:
    """Returns the checksummed address whose key signed a 32-byte digest.

    Raises `ValueError` if no key can have made the signature. Not checked: that s is in the lower half; the same key can
    make either.
    """
    from eth_keys.datatypes import Signature
    from eth_keys.exceptions import BadSignature
    from eth_utils.exceptions import ValidationError

    if len(signature) != 65:
        raise ValueError(f"expected a signature of 65 bytes; got {len(signature)}")
    v = signature[64] - 27 if signature[64] >= 27 else signature[64]
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64])
    if v not in (0, 1) or not 0 < r < _ORDER or not 0 < s < _ORDER:
        raise ValueError("expected r and s between 0 and the order of the curve, and v of 27 or 28")
    try:
        return Signature(vrs=(v, r, s)).recover_public_key_from_msg_hash(digest).to_checksum_address()
    except (BadSignature, ValidationError) as no:
        raise ValueError("no key can have made this signature") from no
