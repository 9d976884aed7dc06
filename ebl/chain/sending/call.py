"""What a move is before it is sent: a `Call`, composed without asking anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ebl.errors import InvalidInput
from ebl.model.given_address import require_address


@dataclass(frozen=True, slots=True)
class Call:
    """A move composed but not sent: testable byte for byte, and usable by a multisig.

    ``to`` is a checksummed address, or None to create the contract whose creation code is ``data``. ``summary`` says in
    words what the move does. It never carries money: every contract here refuses it.
    """

    chain_id: int
    to: str | None
    data: bytes
    summary: str

    def __post_init__(self) -> None:
        if self.to is not None and self.to != require_address(self.to, "to"):
            raise InvalidInput(f"the address {self.to} of a call must carry its EIP-55 checksum.")

    def to_dict(self) -> dict[str, Any]:
        """As JSON data, for a multisig or an auditor."""
        return {
            "chain_id": self.chain_id,
            "to": self.to,
            "value": "0x0",
            "data": f"0x{self.data.hex()}",
            "summary": self.summary,
        }


def word(value: bytes, what: str) -> bytes:
    """A hash that the caller gave. Raises `InvalidInput` unless it is 32 bytes and not all zero."""
    if len(value) != 32 or not any(value):
        raise InvalidInput(f"{what}: expected 32 bytes which are not all zero; got {len(value)} bytes.")
    return value
