"""A reader is told how many leaves are withheld, and where elements are visibly missing."""

from __future__ import annotations

from typing import Any

import pytest

from ebl.codes import Remark
from ebl.openattestation import redaction_notes as gaps


def told(withheld: int, content: Any, *, empty_is_gap: bool = False) -> list[str]:
    notes = gaps.notes(withheld, content, empty_is_gap=empty_is_gap)
    assert all(note.remark is Remark.REDACTED for note in notes)
    return [note.detail for note in notes]


def test_nothing_is_told_where_nothing_is_withheld() -> None:
    assert told(0, {"a": {"1": "x"}, "b": [{}]}, empty_is_gap=True) == []


@pytest.mark.parametrize(("withheld", "start"), [(1, "1 field was withheld"), (12, "12 fields were withheld")])
def test_their_number_comes_first(withheld: int, start: str) -> None:
    assert told(withheld, {"a": "x"})[0].startswith(start)


def test_an_array_that_was_written_as_an_object_shows_its_gaps() -> None:
    content = {"a": {"b": [{"0": 1, "2": 1, "5": 1}]}}
    assert told(1, content)[1:] == ["missing: elements 1, 3, 4 of a.b[0], which is numbered like an array"]
    assert told(1, {"a": {"0": 1, "1": 1}})[1:] == []
    assert told(1, {"a": {"1": 1, "x": 1}})[1:] == []


def test_an_emptied_element_is_a_gap_where_the_digest_covers_no_empty_ones() -> None:
    content = {"packages": [{"a": 1}, {}, []], "empty": {}}
    assert told(1, content, empty_is_gap=True)[1:] == ["nothing is left in elements 1, 2 of the 3 in packages"]
    assert told(1, content)[1:] == []


def test_many_gaps_are_counted_rather_than_listed() -> None:
    content = {f"a{n}": {"1": 1} for n in range(9)}
    assert len(told(1, content)) == 7
    assert told(1, content)[-1] == "elements are missing in 4 more places"
    assert "1, 2, 3, 4, 5 and 4294967288 more" in told(1, {"a": {"4294967294": 1, "0": 1}})[1]


@pytest.mark.slow
def test_gaps_are_counted_without_going_over_what_is_missing() -> None:
    content = {f"a{n}": {"4294967294": 1} for n in range(50_000)}  # one pass over each would take hours
    assert told(1, content)[-1] == "elements are missing in 49995 more places"
