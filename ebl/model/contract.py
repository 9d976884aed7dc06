"""A contract named by a caller."""

from __future__ import annotations

from dataclasses import dataclass

from ebl.messages import Message, say
from ebl.model.given_address import require_address


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract on one chain; ``address`` in any case."""

    chain_id: int
    address: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", require_address(self.address, "address"))

    @property
    def message(self) -> Message:
        """Address and chain, as a part of another message."""
        return say("rule", "contract", address=self.address, chain=self.chain_id)

    def __str__(self) -> str:
        return str(self.message)
