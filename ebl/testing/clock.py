"""A clock for tests: it stands still until it is told to go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """``now`` is a moment in UTC; `seconds` the same as Unix time, which is what a local chain takes for its clock."""

    def __init__(self, start: datetime = START) -> None:
        self.now = start

    def advance(self, **amount: Any) -> datetime:
        """Move on, by what `datetime.timedelta` takes (``days=1``, ``hours=2``), and return the new moment."""
        self.now += timedelta(**amount)
        return self.now

    def seconds(self) -> float:
        """The moment as Unix time."""
        return self.now.timestamp()
