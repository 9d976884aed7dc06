"""Which issuers one document may have: several of one kind, but a title has only one."""

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
"""What issues a document, as words of the catalogue."""


def conflict(issued_by: Sequence[str | None]) -> Message | None:
    """Why these issuers cannot be those of one document; None if they can.

    ``issued_by`` has an entry for each issuer: what issues the document for it (None: the document does not say).
    A title is in the hands of one registry, so its issuer is the only issuer: of two registries, each could name another
    holder. Issuers of different kinds are refused because the official verifiers accept no such document.
    """
    titles = issued_by.count(TITLE)
    if titles and len(issued_by) > 1:
        return say(Failure.ISSUERS_CONFLICT, "title", count=len(issued_by), titles=titles)
    kinds = sorted({kind for kind in issued_by if kind is not None})
    if len(kinds) > 1:
        return say(Failure.ISSUERS_CONFLICT, "kinds", kinds=kinds)
    return None


def conflict_of(document: Document) -> Message | None:
    """The same of a document that was read. What a presentation holds are several documents, each with an issuer of its own."""
    if len(document.issuers) < 2 or document.format == "vp":
        return None
    return conflict(
        [next((claim.issued_by for claim in issuer.status if claim.issued_by), None) for issuer in document.issuers]
    )


TOGETHER = Problem(
    "/", "a title alone under its root, as its token stands for one document", "one of a batch: wrap titles with --each"
)


def is_title(data: Mapping[str, Any]) -> bool:
    """Whether raw data that fit their schema, v2 or v3, are those of a title in a token registry."""
    if isinstance(metadata := data.get("openAttestationMetadata"), Mapping):
        return isinstance(method := metadata.get("proof"), Mapping) and method.get("method") == "TOKEN_REGISTRY"
    return any(of_data(issuer) == TITLE for issuer in data.get("issuers", ()) if isinstance(issuer, Mapping))


def of_data(issuer: Mapping[str, Any]) -> str | None:
    """What issues a v2 document for one issuer of its data, as `ebl.openattestation.v2` reads it."""
    if "tokenRegistry" in issuer:
        return TITLE
    if "documentStore" in issuer or "certificateStore" in issuer:
        return STORE
    proof = issuer.get("identityProof")
    return SIGNATURE if isinstance(proof, Mapping) and proof.get("type") in ("DID", "DNS-DID") else None
