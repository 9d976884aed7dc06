"""Detection of OpenAttestation's formats, apart from their readers, so that only the reader of the found format is loaded.

Each function tests whether *any* mark of its format is in an object. An object with marks of two formats is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

OA2: Final = "https://schema.openattestation.com/2.0/schema.json"
OA3: Final = "https://schema.openattestation.com/3.0/schema.json"
OA3_PROOF: Final = "OpenAttestationMerkleProofSignature2018"

_OA4 = "https://schemata.openattestation.com/com/openattestation/4.0/"
Object = Mapping[str, Any]


def is_oa2(raw: Object) -> bool:
    """Whether the object has a mark of OpenAttestation v2."""
    return raw.get("version") == OA2 or "data" in raw or "signature" in raw


def is_oa3(raw: Object) -> bool:
    """Whether the object has a mark of OpenAttestation v3."""
    proof = raw.get("proof")
    signed = isinstance(proof, dict) and proof.get("type") == OA3_PROOF
    return signed or raw.get("version") == OA3 or "openAttestationMetadata" in raw


def is_oa4(raw: Object) -> bool:
    """Whether the object has a mark of OpenAttestation v4, which was never released."""
    contexts = raw.get("@context")
    return isinstance(contexts, list) and any(isinstance(c, str) and c.startswith(_OA4) for c in contexts)
