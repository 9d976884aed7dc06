"""Each decision has a number, a status, a date and the alternatives, and its row in the list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "docs" / "adr"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
STATUS = re.compile(r"^Status: (accepted|proposed|superseded by (\d+))[^\n]* Date: (\d{4}-\d\d-\d\d)\.$", re.MULTILINE)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_decision_has_its_number_a_status_a_date_and_alternatives(path: Path) -> None:
    text = path.read_text("utf-8")
    title = re.match(r"# (\d+)\. (.+)", text)
    assert title and int(title[1]) == int(path.name[:4])
    status = STATUS.search(text)
    assert status
    assert re.search(r"(?m)^## Alternatives considered\n\n(?:- |\|)", text)
    row = f"| {title[1]} | [{title[2]}]({path.name}) | {status[1]} | {status[3]} |"
    assert row in (FOLDER / "README.md").read_text("utf-8")


def test_numbers_follow_each_other_and_what_is_superseded_names_one_that_is_there() -> None:
    numbers = [int(path.name[:4]) for path in RECORDS]
    assert numbers == list(range(1, len(numbers) + 1))
    for path in RECORDS:
        for _, by, _ in STATUS.findall(path.read_text("utf-8")):
            assert not by or int(by) in numbers


def test_the_template_has_what_a_decision_has() -> None:
    text = (FOLDER / "template.md").read_text("utf-8")
    assert "Status: proposed. Date: " in text and "## Alternatives considered" in text
