"""Every example runs, and the README shows pieces of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
README = (ROOT / "README.md").read_text("utf-8")


def python(*words: object, home: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(home)}
    command = [sys.executable, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_shipper_issues_and_a_bank_without_a_node_says_so(tmp_path: Path) -> None:
    folder = python("examples/shipper.py", home=tmp_path).strip().rpartition(" ")[2]
    said = python(
        "examples/bank.py", folder, "carrier.example", "1337=http://127.0.0.1:9", "udp://127.0.0.1:9", home=tmp_path
    )
    assert [line.split()[1] for line in said.splitlines()] == ["indeterminate:", "indeterminate:"]


def test_an_integrators_test_passes(tmp_path: Path) -> None:
    plugin = ["-p", "ebl.testing.plugin"]
    said = python("-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin, "examples/test_our_bills.py", home=tmp_path)
    assert "1 passed" in said or "[100%]" in said


def test_a_title_goes_through_the_corridor_and_everybody_can_read_how(tmp_path: Path) -> None:
    said = python("examples/corridor.py", home=tmp_path)
    actions = [line.split("  ")[1] for line in said.partition("The endorsement chain\n")[2].splitlines()]
    assert actions == [
        "issued",
        "transferred",
        "transfer rejected",
        "holder transferred",
        "nominated",
        "transferred",
        "transferred",
        "returned",
        "return rejected",
        "returned",
        "return accepted",
    ]
    for code in ("status.not_minted", "integrity.hash_mismatch", "status.returned", "status.taken_out"):
        assert f"finds it invalid: {code}" in said


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_what_the_readme_shows_is_what_the_examples_run(block: str) -> None:
    sources = [path.read_text("utf-8") for path in EXAMPLES]
    lines = [line for line in textwrap.dedent(block).splitlines() if line.strip() and not line.startswith("# …")]
    for line in lines:
        assert any(line.strip() in source for source in sources), f"no example has the line: {line}"


def test_the_readme_names_files_that_exist() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
