"""Where each format stores a DID's signature. `ebl.openattestation.sign` uses it for every format."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from ebl.codec.timestamp import format_timestamp
from ebl.errors import InvalidInput
from ebl.model.document import Format


class SignatureFormat(Protocol):
    """What signing needs to know of a format."""

    def root(self, raw: Mapping[str, Any]) -> bytes:
        """Returns the Merkle root to sign (32 bytes) of a document that was read."""

    def attach(self, raw: Mapping[str, Any], key_id: str, signature: str, now: datetime) -> dict[str, Any]:
        """Returns a copy of the document with the signature. Raises `InvalidInput` if it has one and can hold no other."""


def of(document_format: Format) -> SignatureFormat:
    """Returns the signature format of a wrapped document, v2 or v3."""
    return _FORMATS[document_format]


class _SignatureV2:
    def root(self, raw: Mapping[str, Any]) -> bytes:
        return bytes.fromhex(raw["signature"]["merkleRoot"])

    def attach(self, raw: Mapping[str, Any], key_id: str, signature: str, now: datetime) -> dict[str, Any]:
        created = format_timestamp(now, to="milliseconds")
        proof = {
            "type": "OpenAttestationSignature2018",
            "created": created,
            "proofPurpose": "assertionMethod",
            "verificationMethod": key_id,
            "signature": signature,
        }
        return {**raw, "proof": [*raw.get("proof", []), proof]}


class _SignatureV3:
    def root(self, raw: Mapping[str, Any]) -> bytes:
        return bytes.fromhex(raw["proof"]["merkleRoot"])

    def attach(self, raw: Mapping[str, Any], key_id: str, signature: str, now: datetime) -> dict[str, Any]:
        if "signature" in raw["proof"] or "key" in raw["proof"]:
            raise InvalidInput(
                "The document is signed already, and its format holds one signature.",
                fix="Sign the file as it was wrapped, before the first signature.",
            )
        return {**raw, "proof": {**raw["proof"], "key": key_id, "signature": signature}}


_FORMATS: dict[Format, SignatureFormat] = {"oa2": _SignatureV2(), "oa3": _SignatureV3()}
