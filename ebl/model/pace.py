"""How fast a chain goes on, by which what is old state of it is told from what is new."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

_MISSED_TIME, _MISSED_BLOCKS = timedelta(minutes=10), 50
# Nodes that are in order hear of a block within seconds; behind a load balancer some are a minute late.
_BETWEEN_NODES, _FAST, _FEW = timedelta(minutes=2), timedelta(seconds=2), 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a chain goes on, and so how far what a node says of it may be behind.

    ``block`` is the usual time between two blocks (None: not known), ``max_age`` the greatest age of the newest block, and
    ``finality_lag`` how far the final one may be behind that.
    """

    block: timedelta | None = None
    max_age: timedelta = timedelta(hours=1)
    finality_lag: timedelta = timedelta(hours=1)

    @classmethod
    def of(cls, block: timedelta) -> Self:
        """Of a chain that has a block every so often: it may miss fifty of them, or ten minutes of them."""
        return cls(block=block, max_age=max(_MISSED_TIME, _MISSED_BLOCKS * block))

    def oldest(self, finality: str) -> timedelta:
        """The greatest age of the block that a chain is read at: its newest, or one that is ``safe`` or ``finalized``."""
        return self.max_age if finality == "latest" else self.max_age + self.finality_lag

    def apart(self, finality: str) -> int:
        """How many blocks the nodes of a chain may be apart, and still be taken to see the same chain."""
        behind = _BETWEEN_NODES if finality == "latest" else _BETWEEN_NODES + self.finality_lag
        return max(_FEW, math.ceil(behind / (self.block or _FAST)))
