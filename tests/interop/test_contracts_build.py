"""Compiling the contracts again gives the bytes that ship with the package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.exhaustive
@pytest.mark.usefixtures("compiler")
def test_compiling_again_gives_every_artefact_byte_for_byte() -> None:
    command = [sys.executable, str(ROOT / "contracts" / "build.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
