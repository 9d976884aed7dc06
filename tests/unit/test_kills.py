"""Whatever is killed, nothing is lost and no secret is left: see `tests.kills`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not hasattr(sys, "abiflags"), reason="the kills fork, as POSIX systems can")
@pytest.mark.parametrize("kills", [4, pytest.param(100, marks=pytest.mark.exhaustive)])
def test_commands_that_are_killed_lose_nothing_and_leave_no_secret(kills: int) -> None:
    command = [sys.executable, "-m", "tests.kills", "1", str(kills)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=1800)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    killed = {name: int(count) for name, count in re.findall(r"^(.+): (\d+) of", done.stdout, re.MULTILINE)}
    assert len(killed) == 8
    assert all(count >= kills // 2 for count in killed.values()), killed
