"""The pace of a chain: how often it has a block, and so which of its state is too old."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

_MISSED_TIME, _MISSED_BLOCKS = timedelta(minutes=10), 50
# Working nodes receive a block within seconds; behind a load balancer some are a minute late.
_BETWEEN_NODES, _FAST, _FEW = timedelta(minutes=2), timedelta(seconds=2), 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The pace of a chain, and so how far the state that a node returns may be behind.

    ``block`` is the usual time between two blocks (None: not known), ``max_age`` the greatest age of the newest block, and
    ``finality_lag`` how far the final one may be behind that.
    """

    block: timedelta | None = None
    max_age: timedelta = timedelta(hours=1)
    finality_lag: timedelta = timedelta(hours=1)

    @classmethod
    def of(cls, block: timedelta) -> Self:
        """Returns the pace of a chain with this block time: it may miss fifty blocks, or ten minutes of them."""
        return cls(block=block, max_age=max(_MISSED_TIME, _MISSED_BLOCKS * block))

    def oldest(self, finality: str) -> timedelta:
        """Returns the greatest age of the block at which a chain is read: its newest, or the ``safe`` or ``finalized`` one."""
        return self.max_age if finality == "latest" else self.max_age + self.finality_lag

    def apart(self, finality: str) -> int:
        """Returns how many blocks the nodes of a chain may differ by, and still count as being on the same chain."""
        behind = _BETWEEN_NODES if finality == "latest" else _BETWEEN_NODES + self.finality_lag
        return max(_FEW, math.ceil(behind / (self.block or _FAST)))
