"""What a file is and what it claims, as data. Nothing is verified, and no source is queried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ebl.bill import bill
from ebl.checking.formats import look
from ebl.errors import Malformed
from ebl.messages import Message
from ebl.model import paths
from ebl.model.content_ids import ContentIds, content_ids
from ebl.model.document import Document
from ebl.model.findings import Claim
from ebl.model.not_known_here import NotKnownHere
from ebl.reports.data import told


@dataclass(frozen=True, slots=True)
class Inspection:
    """A document as it was read, and its content ids. ``broken`` is the rule of its format that it breaks, if there is one."""

    document: Document
    ids: ContentIds
    broken: Malformed | None = None

    @property
    def reasons(self) -> dict[str, Message]:
        """Why it would not be VALID whatever its sources return, by code: it breaks a rule, or uses something unsupported."""
        if self.broken is not None:
            return {str(self.broken.code): self.broken.message}
        document = self.document
        claims = [*document.integrity, *document.status, *document.identity]
        claims += [claim for issuer in document.issuers for claim in (*issuer.status, *issuer.identity)]
        unknown = [claim for claim in claims if isinstance(claim, NotKnownHere)]
        return {str(claim.doubt): claim.message for claim in reversed(unknown)}  # for each code, the first one found

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        reasons = [{"code": code, "message": str(message)} for code, message in self.reasons.items()]
        return {**_document(self.document), "cannot_be_verified": reasons, "content_ids": self.ids.to_dict()}


def inspect_bytes(raw: bytes) -> Inspection:
    """Reads the bytes of a document of any format. Raises `ebl.errors.Unreadable` if they are not a document."""
    document, broken = look(raw)
    return Inspection(document, content_ids(raw, document), broken)


def leaves(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every leaf with its path, as `ebl redact` takes it; an empty object or list is a leaf."""
    yield from ((paths.text(path), value) for path, value in paths.leaves(data) if path)


def _document(document: Document) -> dict[str, Any]:
    claims = [*document.integrity, *document.status, *document.identity]
    return {
        "format": document.format,
        "digest": f"0x{document.digest.hex()}" if document.digest else None,
        "issuers": [
            {**issuer.to_dict(), "claims": [_claim(claim) for claim in (*issuer.status, *issuer.identity)]}
            for issuer in document.issuers
        ],
        "claims": [_claim(claim) for claim in claims],
        "notes": [{"code": note.remark, "message": note.detail} for note in document.notes],
        "whole": document.whole.to_dict(),
        "bill": bill(document).to_dict(),
        "fields": dict(leaves(document.data)),
    }


def _claim(claim: Claim) -> dict[str, Any]:
    return {"group": claim.group, "check": claim.name, **told(claim)}
