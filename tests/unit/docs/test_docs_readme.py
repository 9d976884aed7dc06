"""The rows of the README's table: figures are those of the page on performance, statements are true of the code."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path

import pytest

from ebl import verify
from ebl.checking.formats import FORMATS
from ebl.credentials.suites import SUITES
from ebl.model.findings import Verdict
from ebl.reports.fragments import credential_fragments
from tests.manual import page

ROOT = Path(__file__).parents[3]
MEASURED = "docs/integrator/performance.md"


def row(name: str, start: str) -> list[str]:
    """The cells of the one row of a page that starts so, without the first."""
    (line,) = [line for line in page(name).splitlines() if line.startswith(f"| {start} |")]
    return [cell.strip(" *") for cell in line.split("|")[2:-1]]


FIGURES = [
    ("verify the integrity of a bill of 60 leaves", "v2, 60 leaves | verify the integrity", (1, 2, 3)),
    ("`verify --offline` of one file, from start to exit", "verify --offline FILE", (0, 1)),
    ("verify a whole credential, ecdsa-sd-2023", "ecdsa-sd-2023 | verify, whole subject shown", (1, 2)),
    ("verify a whole credential, bbs-2023", "bbs-2023 | verify, whole subject shown", (1, 2)),
]
"""The start of a row, the start of that of the page on performance, and the columns of the latter."""


@pytest.mark.parametrize(("shown", "measured", "columns"), FIGURES)
def test_a_figure_of_the_readme_is_the_measured_one(shown: str, measured: str, columns: tuple[int, ...]) -> None:
    cells = row(MEASURED, measured)
    expected = [cells[column] for column in columns]
    found = re.findall(r"[\d.,]+ (?:µs|ms)", " ".join(row("README.md", shown)))
    assert found == expected, f"the README has other figures than {MEASURED}: {expected}"


def documents(ours: str, theirs: str) -> None:
    assert {name for name, *_ in FORMATS} == {"oa2", "oa3", "vc", "vp"}
    named = set(re.findall(r"[a-z]+(?:-[a-z]+)?-20\d\d", ours))
    assert set(SUITES) - named == {"ecdsa-rdfc-2019"}, "those of presentations are left out"
    assert named <= set(SUITES)


def runs_in(ours: str, theirs: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert ours == "Python, a shell" and list(project["scripts"]) == ["ebl"]


def result(ours: str, theirs: str) -> None:
    assert "one of three verdicts" in ours and len(Verdict) == 3
    assert Verdict.INDETERMINATE.name in ours
    states = theirs.removeprefix("fragments: ").split(", ")
    source = inspect.getsource(credential_fragments)
    assert len(states) == 4 and all(f'"{state}"' in source for state in states)


def whom_to_accept(ours: str, theirs: str) -> None:
    for door in (verify.verify, verify.examine, verify.examine_all):
        assert inspect.signature(door).parameters["policy"].default is inspect.Parameter.empty, door


def layout(ours: str, theirs: str) -> None:
    assert ours == "no"
    assert "no renderer" in page("docs/operator/running.md"), "what contacts a renderer could show the layout"


def released(ours: str, theirs: str) -> None:
    sections = re.findall(r"(?m)^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert ours.startswith("not yet;") == (sections == ["Unreleased"])
    assert "`ebl` is not on a package index yet" in page("README.md")
    assert "no outside audit" in ours and "no outside audit" in (ROOT / "SECURITY.md").read_text("utf-8")


STATEMENTS = {
    "documents": documents,
    "runs in": runs_in,
    "result": result,
    "whom to accept": whom_to_accept,
    "show a document in its issuer's own layout": layout,
    "released": released,
}


@pytest.mark.parametrize("start", STATEMENTS)
def test_a_statement_of_the_readme_is_true_of_the_code(start: str) -> None:
    STATEMENTS[start](*row("README.md", start))


def test_each_row_of_the_table_is_held_by_a_test() -> None:
    table = page("README.md").partition("## Compared with")[2].partition("\n## ")[0]
    starts = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")][1:]
    elsewhere = {"HTTP requests to a node for one bill"}  # tests/interop/test_readme_table.py counts them
    assert set(starts) == {shown for shown, *_ in FIGURES} | set(STATEMENTS) | elsewhere
