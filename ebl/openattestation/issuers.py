"""The issuers that one document may have: several of one kind, but only one for a title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ebl.codes import Failure
from ebl.errors import Problem
from ebl.messages import Message, say
from ebl.model.document import Document

TITLE = "token_registry"
STORE = "document_store"
SIGNATURE = "did_signature"
"""What issues a document, as parameters of the message catalogue."""


def conflict(issued_by: Sequence[str | None]) -> Message | None:
    """Returns why these issuers cannot be those of one document; None if they can.

    ``issued_by`` has an entry for each issuer: what issues the document for it (None: the document does not name it).
    A title is held in one registry, so its issuer is the only issuer: two registries could name two holders. Issuers of
    different kinds are refused because the official verifiers accept no such document.
    """
    titles = issued_by.count(TITLE)
    if titles and len(issued_by) > 1:
        return say(Failure.ISSUERS_CONFLICT, "title", count=len(issued_by), titles=titles)
    kinds = sorted({kind for kind in issued_by if kind is not None})
    if len(kinds) > 1:
        return say(Failure.ISSUERS_CONFLICT, "kinds", kinds=kinds)
    return None


def conflict_of(document: Document) -> Message | None:
    """Does the same for a document that was read. A presentation holds several documents, each with its own issuer."""
    if len(document.issuers) < 2 or document.format == "vp":
        return None
    return conflict(
        [next((claim.issued_by for claim in issuer.status if claim.issued_by), None) for issuer in document.issuers]
    )


TOGETHER = Problem(
    "/", "a title alone under its root, because one token is one document", "one of a batch: wrap titles with --each"
)


def is_title(data: Mapping[str, Any]) -> bool:
    """Whether raw data that satisfies its schema, v2 or v3, is that of a title in a token registry."""
    if isinstance(metadata := data.get("openAttestationMetadata"), Mapping):
        return isinstance(method := metadata.get("proof"), Mapping) and method.get("method") == "TOKEN_REGISTRY"
    return any(of_data(issuer) == TITLE for issuer in data.get("issuers", ()) if isinstance(issuer, Mapping))


def of_data(issuer: Mapping[str, Any]) -> str | None:
    """Returns what issues a v2 document for one issuer of its data, as `ebl.openattestation.v2` reads it."""
    if "tokenRegistry" in issuer:
        return TITLE
    if "documentStore" in issuer or "certificateStore" in issuer:
        return STORE
    proof = issuer.get("identityProof")
    return SIGNATURE if isinstance(proof, Mapping) and proof.get("type") in ("DID", "DNS-DID") else None
