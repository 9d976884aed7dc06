"""Content ids of a document, by which content-addressed storage such as IPFS finds it again.

There are two ids. ``file`` is of the exact bytes received: another space or line break gives another id. ``document`` is of
the parsed document in its canonical form (RFC 8785), with salts, hashes and signatures: copies that differ only in format or
order have the same one. Store `canonical_bytes` to make the storage find the document by this id.
"""

from __future__ import annotations

from dataclasses import dataclass

from ebl.codec import cid, jcs
from ebl.model.document import Document


@dataclass(frozen=True, slots=True)
class ContentIds:
    """CIDv1 of one raw block with sha2-256, in Base32. ``document`` is None if text in it has no canonical form."""

    file: str
    document: str | None

    def to_dict(self) -> dict[str, str | None]:
        """Returns JSON data."""
        return {"file": self.file, "document": self.document}


def content_ids(raw: bytes, document: Document) -> ContentIds:
    """Returns the ids of a file's bytes and of the document read from them."""
    return ContentIds(cid.of_bytes(raw), document_id(document))


def document_id(document: Document) -> str | None:
    """Returns the id of the document in its canonical form; None if text in it has no canonical form."""
    try:
        return cid.of_bytes(canonical_bytes(document))
    except ValueError:
        return None


def canonical_bytes(document: Document) -> bytes:
    """Returns the document in its canonical form, which reads as the same document.

    Raises `ValueError` if it has a lone surrogate: RFC 8785 has no form for one.
    """
    return jcs.canonical(document.raw)
