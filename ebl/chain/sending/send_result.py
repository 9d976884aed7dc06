"""What became of one of many calls, and how far a run of many is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ebl.chain.sending.call import Call
from ebl.chain.sending.node import Receipt
from ebl.errors import Error, TransactionError


class SendState(StrEnum):
    """What is known of a call of many.

    ``included`` in a block that is as final as asked; ``failed`` for certain: it reverted, or another transaction took its
    place; ``not_sent``: nothing of it is signed or waits; ``unknown``: it was sent, and its outcome is not known yet.
    """

    INCLUDED = "included"
    FAILED = "failed"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SendResult:
    """What became of one call: its ``receipt`` if it is included, else the ``error`` that says why not, or what is unknown."""

    call: Call
    state: SendState
    receipt: Receipt | None = None
    error: Error | None = None

    @property
    def tx_hash(self) -> str | None:
        """The hash of its transaction, if it was signed."""
        if self.receipt is not None:
            return self.receipt.tx_hash
        return self.error.tx_hash if isinstance(self.error, TransactionError) else None

    def to_dict(self) -> dict[str, Any]:
        """As JSON data."""
        receipt = self.receipt.to_dict() if self.receipt else {"tx_hash": self.tx_hash}
        message = str(self.error) if self.error else None
        return {"state": str(self.state), "summary": self.call.summary, **receipt, "message": message}


@dataclass(frozen=True, slots=True)
class SendProgress:
    """How far a run of many is: of ``total`` calls so many are settled, wait to be included or final, and are not signed yet.

    ``fee_limit`` is what a unit of gas may cost now, in wei: it rises if nothing is included.
    """

    total: int
    included: int
    failed: int
    waiting: int
    left: int
    fee_limit: int
