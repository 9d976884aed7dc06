"""A document as the checks see it: what it claims, whatever its format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ebl.model.findings import Claim, Note
from ebl.model.wholeness import UNKNOWN, Wholeness

Format = Literal["oa2", "oa3", "vc", "vp"]


@dataclass(frozen=True, slots=True)
class Issuer:
    """One issuer and its own claims, kept together so that nobody can join one's domain to another's contract.

    ``name`` and ``id`` are what the document says; only a fact of an identity claim proves anything.
    """

    name: str | None
    id: str | None = None
    status: tuple[Claim, ...] = ()
    identity: tuple[Claim, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON data; ``claimed`` because nothing of it is proved."""
        return {"claimed": {"name": self.name, "id": self.id}}


@dataclass(frozen=True, slots=True)
class Document:
    """What one document claims. Frozen; the checks see this object and never parse the bytes again.

    ``digest``     the hash that the document states for itself (32 bytes), or None where the format has none
    ``root``       the Merkle root that it states to be issued under (32 bytes): ``digest``, unless it is one of a batch
    ``issuers``    at least one, each with its own status and identity claims
    ``integrity``  claims that the content is unaltered
    ``status``     claims of the document as a whole (validity dates, status lists, titles)
    ``data``       the plain content, unsalted
    ``raw``        the parsed JSON
    ``notes``      what reading it noticed
    ``whole``      how much of what was issued it says that it shows; `ebl.verify.Report.whole` is what its proofs show
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
        """The id that the content gives itself, which remarks on its title are written with; empty if it has none.

        Of a presentation it is that of its only credential: the presentation's own is whoever presents', and new each time.
        """
        given = self.data.get("id")
        if self.format == "vp":
            held = self.data.get("verifiableCredential")
            only = held[0] if isinstance(held, list) and len(held) == 1 else held
            given = only.get("id") if isinstance(only, Mapping) else None
        return given if isinstance(given, str) else ""
