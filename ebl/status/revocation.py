"""Not revoked, for documents that a DID signed: no contract issued them, so the document says where to ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ebl.report import Claim, Group


@dataclass(frozen=True, slots=True)
class NotRevoked(Claim):
    """Neither the document nor anything between it and its root was revoked at the place that it names.

    ``kind`` is NONE (the issuer revokes nothing), REVOCATION_STORE or OCSP_RESPONDER, or else whatever the document says,
    None being nothing at all. ``root``, ``target`` and each of ``proof`` are 32 bytes.
    """

    group: ClassVar[Group] = Group.STATUS
    name: ClassVar[str] = "revocation"
    settles: ClassVar[bool] = False

    kind: str | None
    location: str | None
    chain_id: int | None
    root: bytes
    target: bytes
    proof: tuple[bytes, ...]
