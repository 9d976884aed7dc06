"""A document as checks use it: its claims, independent of its format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ebl.model.findings import Claim, Note
from ebl.model.wholeness import UNKNOWN, Wholeness

Format = Literal["oa2", "oa3", "vc", "vp"]
"""OpenAttestation 2 or 3, a W3C credential, or a W3C presentation."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """One issuer and its own claims, kept together so that one issuer's domain is never joined to another's contract.

    ``name`` and ``id`` are statements of the document; only a fact of an identity claim proves an issuer.
    """

    name: str | None
    id: str | None = None
    status: tuple[Claim, ...] = ()
    identity: tuple[Claim, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data; ``claimed`` because none of it is proved."""
        return {"claimed": {"name": self.name, "id": self.id}}


@dataclass(frozen=True, slots=True)
class Document:
    """The claims of one document. Frozen; checks use this object and never parse the bytes again.

    ``digest``     the hash that the document states for itself (32 bytes), or None if the format has none
    ``root``       the Merkle root that it states to be issued under (32 bytes): ``digest``, unless it is one of a batch
    ``issuers``    at least one, each with its own status and identity claims
    ``integrity``  claims that the content is unaltered
    ``status``     claims of the document as a whole (validity dates, status lists, titles)
    ``data``       the plain content, unsalted
    ``raw``        the parsed JSON
    ``notes``      observations made on reading
    ``whole``      how much of the issued document it claims to show; `ebl.verify.Report.whole` is what its proofs show
    """

    format: Format
    digest: bytes | None
    issuers: tuple[Issuer, ...]
    integrity: tuple[Claim, ...]
    data: Mapping[str, Any]
    raw: Mapping[str, Any]
    status: tuple[Claim, ...] = ()
    identity: tuple[Claim, ...] = ()
    notes: tuple[Note, ...] = ()
    whole: Wholeness = UNKNOWN
    root: bytes | None = None

    @property
    def id(self) -> str:
        """The id in the content, which is the key for remarks on its title; "" if it has none.

        Of a presentation it is that of its only credential: the presentation's own is chosen by its holder, and new each time.
        """
        given = self.data.get("id")
        if self.format == "vp":
            held = self.data.get("verifiableCredential")
            only = held[0] if isinstance(held, list) and len(held) == 1 else held
            given = only.get("id") if isinstance(only, Mapping) else None
        return given if isinstance(given, str) else ""
