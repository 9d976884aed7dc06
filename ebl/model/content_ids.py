"""Content ids of a document, by which it can be found again in content-addressed storage such as IPFS.

Two ids, because a document has two lives. ``file`` names the very bytes that came: another space or line break, another id.
``document`` names the parsed document in its canonical form (RFC 8785), salts, hashes, signatures and all: copies that were
only formatted or ordered differently have the same one. Store `canonical_bytes` to have the storage answer to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ebl.codec import cid, jcs
from ebl.model.document import Document


@dataclass(frozen=True, slots=True)
class ContentIds:
    """CIDv1 of one raw block with sha2-256, in Base32. ``document`` is None where text in it has no canonical form."""

    file: str
    document: str | None

    def to_dict(self) -> dict[str, str | None]:
        """As JSON data."""
        return {"file": self.file, "document": self.document}


def content_ids(raw: bytes, document: Document) -> ContentIds:
    """The ids of a file's bytes and of the document that was read from them."""
    return ContentIds(cid.of_bytes(raw), document_id(document))


def document_id(document: Document) -> str | None:
    """The id of the document in its canonical form, None if text in it has no canonical form."""
    try:
        return cid.of_bytes(canonical_bytes(document))
    except ValueError:
        return None


def canonical_bytes(document: Document) -> bytes:
    """The document in its canonical form, which reads as the same document.

    Raises `ValueError` where it holds a lone surrogate: RFC 8785 has no form for one.
    """
    return jcs.canonical(document.raw)
