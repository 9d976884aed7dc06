"""The trials: faults that people met, each a program that ends with 0 once its fault is mended.

They lie beside the project, under ``shared/trials``. One that a change has to adapt lies here, under the same name, and asks
the same question; it is run instead. `OPEN` are those whose fault is not mended yet.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "trials"
OPEN = set((HERE / "open.txt").read_text("utf-8").split())

NAMES = sorted({path.stem for place in (SHARED, HERE) for path in place.glob("*_*.py") if path.stem != "test_trials"})


@pytest.mark.exhaustive
@pytest.mark.skipif(not SHARED.is_dir(), reason="the trials are not beside this clone")
@pytest.mark.parametrize("name", NAMES)
def test_a_fault_that_was_mended_stays_mended(name: str) -> None:
    if name in OPEN:
        pytest.skip("its fault is not mended yet")
    here = HERE / f"{name}.py"
    script = here if here.exists() else SHARED / f"{name}.py"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(SHARED), str(HERE.parents[1])])}
    done = subprocess.run([sys.executable, "-P", script], capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_what_is_open_is_a_trial() -> None:
    assert not SHARED.is_dir() or set(NAMES) >= OPEN
