"""A date is read whole, or not at all."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.codec.timestamp import NotATimestamp, format_timestamp, parse_timestamp
from tests.broken import is_broken

EBL = Path(__file__).parents[3] / "ebl"
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=zones))
def test_a_moment_comes_back_to_the_second(moment: datetime) -> None:
    assert parse_timestamp(format_timestamp(moment)) == moment.replace(microsecond=0)
    assert parse_timestamp(moment.isoformat()) == moment


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=zones))
def test_a_moment_comes_back_whole_if_it_is_asked_for(moment: datetime) -> None:
    assert parse_timestamp(format_timestamp(moment, to="auto")) == moment
    assert format_timestamp(moment, to="milliseconds")[19:] == f".{moment.microsecond // 1000:03}Z"


def test_nothing_else_writes_moments() -> None:
    """A date alone has no zone, and its own `isoformat`."""
    writes = re.compile(r'datetime\.fromisoformat|"\+00:00"|strftime')
    found = {path.name for path in EBL.rglob("*.py") if writes.search(path.read_text("utf-8"))}
    assert found == {"field_values.py"}  # of a bill: a moment there may have no zone


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-03-01T12:19:52Z", datetime(2024, 3, 1, 12, 19, 52, tzinfo=UTC)),
        ("2024-03-01T12:19:52.5Z", datetime(2024, 3, 1, 12, 19, 52, 500000, tzinfo=UTC)),
        ("2024-03-01T12:19:52.123456789Z", datetime(2024, 3, 1, 12, 19, 52, 123456, tzinfo=UTC)),
        ("2024-02-29T23:00:00-05:30", datetime(2024, 3, 1, 4, 30, tzinfo=UTC)),
    ],
)
def test_fractions_and_zones_are_understood(text: str, moment: datetime) -> None:
    assert parse_timestamp(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "", "2024-03-01", "2024-03-01T12:19:52", "2024-03-01 12:19:52Z", "2024-03-01t12:19:52z", "x2024-03-01T12:19:52Z",
        "2024-03-01T12:19:52Zx", "2024-03-01T12:19:52Z\n", "2024-03-01T12:19:52Z/2099-01-01T00:00:00Z",
        "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2024-03-01T24:00:00Z",
        "2024-03-01T23:59:60Z", "2024-03-01T12:60:00Z", "2024-03-01T12:19:52+15:00", "2024-03-01T12:19:52+05:60",
        "2024-03-01T12:19:52+0500", "12024-03-01T12:19:52Z", "-2024-03-01T12:19:52Z", "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00", "2024-03-01T12:19:52.Z", "２０２４-03-01T12:19:52Z", "2024-W09-5T12:19:52Z",
    ],
)  # fmt: skip
def test_nothing_else_is_a_date(text: str) -> None:
    with is_broken(NotATimestamp, match=r"expected a date|no such date|at most 14|time zone is missing"):
        parse_timestamp(text)


def test_a_moment_without_a_zone_is_not_written() -> None:
    with pytest.raises(ValueError, match="time zone"):
        format_timestamp(datetime(2024, 1, 1))
