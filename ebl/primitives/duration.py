"""Lengths of time in words."""

from __future__ import annotations

from datetime import timedelta

MAX_MINUTES = 10**8
"""The greatest age that can be accepted: some 190 years, which is as good as any."""


def in_words(time: timedelta) -> str:
    """A length of time as people say it: ``30 minutes``, ``0:00:05``, ``2 days, 3:00:00``. Parts of a second are left out."""
    minutes, rest = divmod(time, timedelta(minutes=1))
    if rest or not 1 <= minutes < 120:
        return str(timedelta(seconds=int(time.total_seconds())))
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
