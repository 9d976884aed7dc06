"""The pytest plugin costs nothing unused."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from ebl.testing.clock import Clock

ROOT = Path(__file__).parents[3]


def test_the_plugin_is_registered_and_imports_nothing_of_the_package_until_it_is_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"ebl.testing.plugin": "ebl.testing.plugin"}
    code = (
        "import sys, pytest, ebl.testing.plugin;"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('ebl', 'eth', 'web3', 'dns')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['ebl', 'ebl.testing', 'ebl.testing.plugin']"


def test_a_clock_stands_still_until_it_is_told_to_go_on() -> None:
    clock = Clock()
    assert clock.now == clock.now == datetime(2026, 1, 1, tzinfo=UTC)
    clock.advance(days=1, seconds=5)
    assert clock.now == datetime(2026, 1, 2, 0, 0, 5, tzinfo=UTC)
    assert clock.seconds() == clock.now.timestamp()
