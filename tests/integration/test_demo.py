"""`ebl demo` tells its story to the end, and what it suggests to type can be typed."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from ebl.cli import main
from tests.patience import PATIENT

ROOT = Path(__file__).parents[2]


def test_the_demo_comes_out_as_it_says_and_its_chain_is_there_to_be_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    log = tmp_path / "talk.txt"
    with log.open("wb") as talk:
        words = [sys.executable, "-m", "ebl", "demo", "--keep"]
        demo = subprocess.Popen(words, stdout=talk, stderr=talk, preexec_fn=heed_ctrl_c)
    try:
        commands = suggested(log, demo)
        assert [words[0] for words in commands] == ["verify", "verify", "wrap", "store", "verify"]
        for words in commands:
            done = CliRunner().invoke(main, [*words, "--yes"] if words[0] == "store" else words)
            revoked = "ebl-demo/bills" in words  # one of them is
            assert done.exit_code == int(revoked), (words, done.output)
        demo.send_signal(signal.SIGINT)
        code = demo.wait(PATIENT)
    finally:
        demo.kill()
        demo.wait()
    told = log.read_text("utf-8")
    assert code == 0, told
    assert re.findall(r"^ (\d)  ", told, re.MULTILINE) == list("123456789")
    assert re.findall(r"exit code (\d)", told) == ["0", "1", "1", "3"]
    (shown,) = re.findall(r"```text\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    for line in shown.splitlines():
        assert re.search(f"^{as_of_another_run(line)}", told, re.MULTILINE), line


def heed_ctrl_c() -> None:
    """As a terminal has it: a shell that runs the tests in its background ignores the signal, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def as_of_another_run(line: str) -> str:
    """A pattern for a line of the README: hashes, seconds and ports are others every time."""
    parts = re.split(r"((?:0x)?[0-9a-fA-F]{16}…|\d+\.\d s|127\.0\.0\.1:\d+)", line)
    return "".join(r"[\w. :…]+" if number % 2 else re.escape(part) for number, part in enumerate(parts))


def suggested(log: Path, demo: subprocess.Popen[bytes]) -> list[list[str]]:
    """The words of every command that the demo, once it waits, suggests."""
    last = time.monotonic() + 5 * PATIENT
    while "/mine\n" not in log.read_text("utf-8", "replace").rpartition("--issuer")[2]:  # it may be in mid-character
        assert demo.poll() is None and time.monotonic() < last, log.read_text("utf-8", "replace")
        time.sleep(0.1)
    lines = log.read_text("utf-8").partition("Ctrl-C")[2].splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("  ebl ")]


def test_a_folder_of_somebody_elses_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    done = CliRunner().invoke(main, ["demo", str(tmp_path)])
    assert done.exit_code == 5
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
