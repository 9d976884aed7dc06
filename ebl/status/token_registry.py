"""A title: a token of a registry contract, which the document's hash numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ebl.report import Claim, Group


@dataclass(frozen=True, slots=True)
class TokenRegistry(Claim):
    """The registry at ``address`` has minted the token that stands for this document, and for no other.

    ``chain_id`` None means the only chain that is configured. ``root``, ``target`` and each of ``proof`` are 32 bytes;
    the token's number is the root.
    """

    group: ClassVar[Group] = Group.STATUS
    name: ClassVar[str] = "token_registry"

    chain_id: int | None
    address: str
    root: bytes
    target: bytes
    proof: tuple[bytes, ...]

    @property
    def token_id(self) -> int:
        """The number of the token."""
        return int.from_bytes(self.root, "big")
