"""Detection of W3C credentials and presentations, apart from their readers, which need not be loaded for it.

Each function tests whether *any* mark of its format is in an object. An object with marks of two formats is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_W3C = ("https://www.w3.org/2018/credentials/v1", "https://www.w3.org/ns/credentials/v2")
_PRESENTATION = "VerifiablePresentation"

Object = Mapping[str, Any]


def is_w3c(raw: Object) -> bool:
    """Whether the object has a mark of a W3C credential or presentation that is not OpenAttestation's."""
    proofs = raw.get("proof")
    for proof in proofs if isinstance(proofs, list) else [proofs]:
        if isinstance(proof, dict) and (proof.get("type") == "DataIntegrityProof" or "cryptosuite" in proof):
            return True
    contexts, types = raw.get("@context"), raw.get("type")
    first = contexts[0] if isinstance(contexts, list) and contexts else contexts
    named = isinstance(types, str | list) and ("VerifiableCredential" in types or _PRESENTATION in types)
    return (first in _W3C or named) and not _is_open_attestation(raw)


def is_w3c_credential(raw: Object) -> bool:
    """Whether the object has a mark of a W3C credential by itself."""
    return not _is_presentation(raw) and is_w3c(raw)


def is_w3c_presentation(raw: Object) -> bool:
    """Whether the object has a mark of a presentation of W3C credentials."""
    return _is_presentation(raw) and is_w3c(raw)


def _is_presentation(raw: Object) -> bool:
    types = raw.get("type")
    return types == _PRESENTATION or (isinstance(types, list) and _PRESENTATION in types)


def _is_open_attestation(raw: Object) -> bool:
    proof = raw.get("proof")
    signed = isinstance(proof, dict) and str(proof.get("type")).startswith("OpenAttestation")
    return signed or "openAttestationMetadata" in raw or "openattestation" in str(raw.get("version"))
