"""The official JavaScript packages: run with node, required in CI, left out elsewhere with a reason."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ebl.testing.anvil import Anvil, find_anvil

HERE = Path(__file__).parent
Js = Callable[[str, Any], Any]


def left_out(reason: str) -> None:
    """Leave a test out, except in CI, where what can be installed must be."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; in CI this may not be left out")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def js() -> Js:
    """``js("verify.cjs", payload)``: run a script of ``tests/interop/js``, JSON in, JSON out."""
    if shutil.which("node") is None or not (HERE / "node_modules").exists():
        left_out("the JavaScript packages are not installed: python3 dev.py test, with npm at hand")

    def run(script: str, payload: Any) -> Any:
        done = subprocess.run(
            ["node", f"js/{script}"],
            input=json.dumps(payload),
            capture_output=True,
            text=True,
            cwd=HERE,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def released(js: Js) -> dict[str, Any]:
    """The released contracts: ``{"TitleEscrow_v5": {"abi", "creation", …}}``."""
    found: dict[str, Any] = js("released.mjs", None)
    return found


@pytest.fixture(scope="module")
def anvil() -> Iterator[Anvil]:
    """A fresh anvil node with chain id 1337."""
    if find_anvil() is None:
        left_out("anvil is not installed: python3 dev.py test, with npm at hand")
    with Anvil() as node:
        yield node
