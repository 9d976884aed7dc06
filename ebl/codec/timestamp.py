"""Times as text: XML Schema ``dateTimeStamp`` with a time zone, and only texts that are nothing else.

Documents contain this form, and ebl writes no other.
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
    """A text is not a time with a time zone."""

    subject = "timestamp"


def parse_timestamp(text: str) -> datetime:
    """Returns the time in UTC; fractions beyond microseconds are cut off.

    Raises `NotATimestamp` unless the text is ``YYYY-MM-DDThh:mm:ss``, optionally with a fraction, and then ``Z`` or an
    offset of at most 14 hours. Also raised for days that do not exist, 24:00:00 and leap seconds.
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
    """Returns a time with a zone as text in UTC: ``2026-01-31T09:00:00Z``. Units below ``to`` are cut off; ``auto`` keeps all.

    Raises `ValueError` if there is no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("expected a time with a time zone; got one without")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=to) + "Z"
