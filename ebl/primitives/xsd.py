"""Points in time as credentials write them: dateTimeStamp of XML Schema 1.1 part 2, section 3.4.28."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_STAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]+)?(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
)


def parse_stamp(text: str) -> datetime:
    """The moment, in its own offset. Raises ValueError for any other text, such as one without an offset."""
    if not isinstance(text, str) or (match := _STAMP.fullmatch(text)) is None:
        raise ValueError(f"expected a date and time such as 2024-05-01T08:30:00Z; got {str(text)[:40]!r}")
    moment, fraction, offset = match.groups()
    try:
        return datetime.fromisoformat(f"{moment}{(fraction or '.0')[:7]:0<7}{offset}")
    except ValueError as bad:
        raise ValueError(f"no such date and time: {text[:40]!r}") from bad


def format_stamp(moment: datetime) -> str:
    """A moment to the second, in UTC. Raises ValueError where it has no offset."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset from UTC")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
