"""Integrity of OpenAttestation v2: the digest of the salted leaves, and its place in the batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ebl.errors import Refuted
from ebl.report import Claim, Fact, Failure, Group
from ebl.sources import Sources


@dataclass(frozen=True, slots=True)
class Unaltered(Claim):
    """The salted ``data`` (and the hashes of what was withheld) digest to ``target``, which ``proof`` leads to ``root``."""

    group: ClassVar[Group] = Group.INTEGRITY
    name: ClassVar[str] = "digest"

    data: dict[str, Any]
    withheld: tuple[str, ...]
    target: bytes
    proof: tuple[bytes, ...]
    root: bytes


@dataclass(frozen=True, slots=True)
class Intact(Fact):
    """The content is what was hashed."""

    claim: Unaltered

    def __str__(self) -> str:
        return f"unaltered since it was wrapped (document hash {self.claim.target.hex()[:16]}…)"


def check(claim: Unaltered, sources: Sources) -> Intact:
    """Recompute the digest and the path to the root; raises `Refuted`."""
    raise Refuted(Failure.HASH_MISMATCH, "not built yet")
