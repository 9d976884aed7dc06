"""What an outage costs does not grow with the documents that meet it: see `tests.outage`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read as Linux tells it")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("documents", "kilobytes"), [(600, 8.0), pytest.param(10_000, 1.5, marks=pytest.mark.exhaustive)]
)
def test_an_outage_over_many_documents_keeps_memory_and_time_flat(documents: int, kilobytes: float) -> None:
    command = [sys.executable, "-m", "tests.outage", str(documents)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=1800)
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout)
    assert len(said["rows"]) == 6
    for outage, row in said["rows"].items():
        assert row["grown_kb_each"] < kilobytes, (outage, row)
        assert row["last_us"] < 3 * row["first_us"], (outage, row)
    assert said["known_us"] < 200
