"""Moments as text: XML Schema ``dateTimeStamp``, whole and with a time zone, and nothing that merely contains one.

Documents have them, and ebl writes no other.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

from ebl.codec.broken import Broken

_STAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,12}))?(?:(Z)|([+-])([0-9]{2}):([0-9]{2}))"
)


class NotATimestamp(Broken):
    """A text is not a moment with a time zone."""

    subject = "timestamp"


def parse_timestamp(text: str) -> datetime:
    """The moment, in UTC; fractions beyond microseconds are cut off.

    Raises `NotATimestamp` where the text is not ``YYYY-MM-DDThh:mm:ss``, optionally with a fraction, and then ``Z`` or an
    offset of at most 14 hours; also for days that do not exist, 24:00:00 and leap seconds.
    """
    match = _STAMP.fullmatch(text)
    if match is None:
        if _STAMP.fullmatch(f"{text}Z"):
            raise NotATimestamp("no_zone")
        raise NotATimestamp("form")
    *numbers, fraction, zulu, sign, hours, minutes = match.groups()
    offset = timedelta()
    if not zulu:
        offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
        if abs(offset) > timedelta(hours=14) or int(minutes) > 59:
            raise NotATimestamp("zone")
    year, month, day, hour, minute, second = map(int, numbers)
    microsecond = int((fraction or "0")[:6].ljust(6, "0"))
    try:
        return datetime(year, month, day, hour, minute, second, microsecond, timezone(offset)).astimezone(UTC)
    except (ValueError, OverflowError) as bad:
        raise NotATimestamp("moment") from bad


def format_timestamp(moment: datetime, *, to: Literal["seconds", "milliseconds", "auto"] = "seconds") -> str:
    """A moment with a time zone, in UTC: ``2026-01-31T09:00:00Z``. What is finer than ``to`` is cut off; ``auto`` keeps it all.

    Raises ValueError without a zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=to) + "Z"
