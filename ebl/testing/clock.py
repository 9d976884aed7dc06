"""A clock for tests, which changes only when a test advances it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """A fixed clock: ``now`` is a time in UTC, and `seconds` the same as Unix time, which local chains take as their clock."""

    def __init__(self, start: datetime = START) -> None:
        self.now = start

    def advance(self, **amount: Any) -> datetime:
        """Advances the clock by the arguments of `datetime.timedelta` (``days=1``, ``hours=2``), and returns the new time."""
        self.now += timedelta(**amount)
        return self.now

    def seconds(self) -> float:
        """The time as Unix seconds."""
        return self.now.timestamp()
