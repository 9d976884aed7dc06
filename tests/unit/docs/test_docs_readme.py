"""The figures in the README's table are those of the page on performance."""

from __future__ import annotations

import re

import pytest

from tests.manual import page

MEASURED = "docs/integrator/performance.md"


def row(name: str, start: str) -> list[str]:
    """The cells of the one row of a page that starts so, without the first."""
    (line,) = [line for line in page(name).splitlines() if line.startswith(f"| {start} |")]
    return [cell.strip(" *") for cell in line.split("|")[2:-1]]


@pytest.mark.parametrize(
    ("shown", "measured", "columns"),
    [
        ("verify the integrity of a bill of 60 leaves", "v2, 60 leaves | verify the integrity", (1, 2, 3)),
        ("`verify --offline` of one file, from start to exit", "verify --offline FILE", (0, 1)),
        ("verify a whole credential, ecdsa-sd-2023", "ecdsa-sd-2023 | verify, whole subject shown", (1, 2)),
        ("verify a whole credential, bbs-2023", "bbs-2023 | verify, whole subject shown", (1, 2)),
    ],
)
def test_a_figure_of_the_readme_is_the_measured_one(shown: str, measured: str, columns: tuple[int, ...]) -> None:
    cells = row(MEASURED, measured)
    expected = [cells[column] for column in columns]
    found = re.findall(r"[\d.,]+ (?:µs|ms)", " ".join(row("README.md", shown)))
    assert found == expected, f"the README has other figures than {MEASURED}: {expected}"
