"""Compiling the contracts again gives the bytes that ship with the package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conftest import left_out

ROOT = Path(__file__).parents[2]


def test_compiling_again_gives_every_artefact_byte_for_byte() -> None:
    if not (ROOT / "tests" / "interop" / "node_modules" / "solc").exists():
        left_out("the compiler is not installed: python3 dev.py test, with npm at hand")
    command = [sys.executable, str(ROOT / "contracts" / "build.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
