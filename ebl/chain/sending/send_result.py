"""The result of one of many calls, and the progress of a run of many."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ebl.chain.sending.call import Call
from ebl.chain.sending.node import Receipt
from ebl.errors import Error, TransactionError


class SendState(StrEnum):
    """The states of a call of many.

    ``included`` in a block with the required finality; ``failed`` for certain: it reverted, or another transaction replaced
    it; ``not_sent``: nothing of it is signed or pending; ``unknown``: it was sent, and its outcome is not known yet.
    """

    INCLUDED = "included"
    FAILED = "failed"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SendResult:
    """The result of one call: its ``receipt`` if it is included, otherwise the ``error`` with what failed or is unknown."""

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
        """Returns JSON data."""
        receipt = self.receipt.to_dict() if self.receipt else {"tx_hash": self.tx_hash}
        message = str(self.error) if self.error else None
        return {"state": str(self.state), "summary": self.call.summary, **receipt, "message": message}


@dataclass(frozen=True, slots=True)
class SendProgress:
    """The progress of a run of many: how many of ``total`` calls are settled, pending or not final, and not signed yet.

    ``fee_limit`` is the current limit for a unit of gas, in wei: it rises if nothing is included.
    """

    total: int
    included: int
    failed: int
    waiting: int
    left: int
    fee_limit: int
