"""Reading of P-256 and BLS12-381 keys from entries of DID documents, in every form in which such keys are published.

The forms are Multikey (W3C Controlled Identifiers 1.0), JsonWebKey and its older name JsonWebKey2020, and
EcdsaSecp256r1VerificationKey2019. Other types and curves are unsupported, which does not mean that the key is wrong.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any, Final

from ebl.codes import Failure
from ebl.crypto.multikey import KeyType, PublicKey
from ebl.did.did_key import multikey, unsupported_key
from ebl.errors import Refuted

MULTIBASE: Final = ("Multikey", "EcdsaSecp256r1VerificationKey2019")
JWK: Final = ("JsonWebKey", "JsonWebKey2020")
_FORMS: Final = (
    "publicKeyMultibase", "publicKeyJwk", "publicKeyBase58", "publicKeyHex", "publicKeyPem", "publicKeyBase64", "publicKeyGpg"
)  # fmt: skip
_COORDINATE = re.compile(r"[A-Za-z0-9_-]{43}")
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def public_key(method: Mapping[str, Any], key_id: str) -> PublicKey:
    """Returns the key of a verification method.

    Raises `Refuted` with ``identity.key_not_of_did`` if the method breaks its type's rules or publishes the private key, and
    `ebl.errors.Unsupported` if the type, curve or form of the key is not known. Not checked: that it is a point of the
    curve. The code that verifies with the key checks that.
    """
    kind = method.get("type")
    if not isinstance(kind, str) or kind not in JWK + MULTIBASE:
        raise unsupported_key(key_id, "type", type=str(kind))
    own = "publicKeyJwk" if kind in JWK else "publicKeyMultibase"
    if own not in method and kind == "EcdsaSecp256r1VerificationKey2019" and "publicKeyJwk" in method:
        own = "publicKeyJwk"
    if own not in method and (other := next((name for name in _FORMS if name in method), None)):
        raise unsupported_key(key_id, "form", type=kind, form=other, expected=own)
    if own == "publicKeyJwk":
        return _of_jwk(method.get(own), key_id)
    text = method.get(own)
    if not isinstance(text, str):
        raise Refuted(Failure.KEY_NOT_OF_DID, "no_member", key=key_id, member="publicKeyMultibase")
    if "secretKeyMultibase" in method or "privateKeyMultibase" in method:
        raise Refuted(Failure.KEY_NOT_OF_DID, "private_part", key=key_id)
    return multikey(text, key_id)


def _of_jwk(jwk: Any, key_id: str) -> PublicKey:
    """Returns the key of a JSON Web Key (RFC 7517) of the curve P-256 (RFC 7518, section 6.2.1)."""
    if not isinstance(jwk, dict):
        raise Refuted(Failure.KEY_NOT_OF_DID, "no_member", key=key_id, member="publicKeyJwk")
    if _PRIVATE & jwk.keys():
        raise Refuted(Failure.KEY_NOT_OF_DID, "private_part", key=key_id)
    kind, curve = jwk.get("kty"), jwk.get("crv")
    if kind != "EC" or curve != KeyType.P256:
        raise unsupported_key(key_id, "jwk", kind=f"{str(kind)[:40]} {str(curve or '')[:40]}".rstrip())
    if jwk.get("use", "sig") != "sig":
        raise Refuted(Failure.KEY_NOT_OF_DID, "other_use", key=key_id, use=str(jwk["use"]))
    x, y = jwk.get("x"), jwk.get("y")
    if not all(isinstance(number, str) and _COORDINATE.fullmatch(number) for number in (x, y)):
        raise Refuted(Failure.KEY_NOT_OF_DID, "bad_coordinates", key=key_id)
    point = [urlsafe_b64decode(f"{number}=") for number in (x, y)]
    if not _is_on_curve(*(int.from_bytes(octets, "big") for octets in point)):
        raise Refuted(Failure.KEY_NOT_OF_DID, "not_on_curve", key=key_id)
    return PublicKey(KeyType.P256, bytes([2 + (point[1][-1] & 1)]) + point[0])


# P-256 (FIPS 186-5): y² = x³ − 3x + b modulo p. A compressed point leaves y out, so a wrong y would not be noticed.
_P: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B: Final = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


def _is_on_curve(x: int, y: int) -> bool:
    return x < _P and y < _P and (y * y - (x * x * x - 3 * x + _B)) % _P == 0
