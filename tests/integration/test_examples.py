"""Every example runs, and the README shows pieces of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENT

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
README = (ROOT / "README.md").read_text("utf-8")


def python(*words: object, home: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(home), "TMPDIR": str(home)}
    command = [sys.executable, *map(str, words)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=5 * PATIENT, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_shipper_issues_and_a_bank_without_a_node_says_so(tmp_path: Path) -> None:
    folder = python("examples/shipper.py", home=tmp_path).strip().rpartition(" ")[2]
    said = python(
        "examples/bank.py", folder, "carrier.example", "1337=http://127.0.0.1:9", "tls://127.0.0.1:9", home=tmp_path
    )
    assert [line.split()[1] for line in said.splitlines()] == ["indeterminate:", "indeterminate:"]


def test_a_bank_has_a_rule_of_its_own_on_what_a_bill_says(tmp_path: Path) -> None:
    said = python("examples/content_rule.py", home=tmp_path).splitlines()
    assert said[0].startswith("bill 1: all of (the shipped on board date is present; no goods are of chapter 09")
    assert said[1] == "bill 5: policy.content_differs: packages[0].hsCode is 090111, which is not financed"


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
def test_what_the_readme_shows_is_a_whole_piece_of_an_example(block: str) -> None:
    assert any(block in path.read_text("utf-8") for path in EXAMPLES)
    exec(block, {})  # it brings whatever it imports


def test_the_commands_that_set_up_and_run_are_commands() -> None:
    words = re.findall(r"\$ python3 dev\.py (\w+)", README)
    assert words == ["demo", "test"]
    shown = subprocess.run(["python3", "dev.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert all(word in shown.stdout + shown.stderr for word in words)
