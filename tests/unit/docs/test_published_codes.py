"""Codes are never reused, and keep their meaning: every code that was ever published is on a list from which none is removed."""

from __future__ import annotations

from pathlib import Path

from ebl.codes import Condition, Doubt, Failure, Remark

LIST = Path(__file__).parent / "published_codes.txt"
KINDS = {"failed": Failure, "unknown": Doubt, "condition": Condition, "note": Remark}
FIX = "a new code needs its line in tests/unit/docs/published_codes.txt; see Codes in docs/VERSIONING.md"

ROWS = [line.split() for line in LIST.read_text("utf-8").splitlines() if not line.startswith("#")]
PUBLISHED = {code: set(kinds) for code, *kinds in ROWS}


def given() -> dict[str, set[str]]:
    codes = {str(code) for kind in KINDS.values() for code in kind}
    return {code: {name for name, kind in KINDS.items() if code in set(map(str, kind))} for code in codes}


def test_the_list_is_sorted_and_has_each_code_once_with_kinds_that_there_are() -> None:
    assert [row[0] for row in ROWS] == sorted(PUBLISHED)
    assert all(kinds - {"retired"} and kinds <= {*KINDS, "retired"} for kinds in PUBLISHED.values())


def test_every_code_is_on_the_list_and_none_that_was_retired_is_given() -> None:
    retired = {code for code, kinds in PUBLISHED.items() if "retired" in kinds}
    assert given().keys() == PUBLISHED.keys() - retired, FIX


def test_every_code_is_given_by_the_kinds_of_findings_that_the_list_has() -> None:
    wrong = {code: kinds for code, kinds in given().items() if kinds - PUBLISHED.get(code, set())}
    assert wrong == {}, FIX
