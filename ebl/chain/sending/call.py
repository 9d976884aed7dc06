"""A move before it is sent: a `Call`, encoded without any request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ebl.errors import InvalidInput
from ebl.model.given_address import require_address


@dataclass(frozen=True, slots=True)
class Call:
    """A move that is encoded and not sent: it can be tested byte for byte, and used by a multisig.

    ``to`` is a checksummed address, or None to create the contract whose creation code is ``data``. ``summary`` describes the
    move in words. A call never transfers money: every contract here refuses it.
    """

    chain_id: int
    to: str | None
    data: bytes
    summary: str

    def __post_init__(self) -> None:
        if self.to is not None and self.to != require_address(self.to, "to"):
            raise InvalidInput(f"The address {self.to} of a call must have its EIP-55 checksum.")

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data, for a multisig or an auditor."""
        return {
            "chain_id": self.chain_id,
            "to": self.to,
            "value": "0x0",
            "data": f"0x{self.data.hex()}",
            "summary": self.summary,
        }


def word(value: bytes, what: str) -> bytes:
    """Returns a hash that the caller gave. Raises `InvalidInput` unless it is 32 bytes and not all zero."""
    if len(value) != 32 or not any(value):
        raise InvalidInput(f"{what}: expected 32 bytes that are not all zero; found {len(value)} bytes.")
    return value
