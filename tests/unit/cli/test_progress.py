"""Progress: a bar on a terminal, a line a minute in a log, and what is kept when a command is interrupted."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from ebl.cli import main, output, progress
from ebl.cli.progress import Progress
from ebl.testing.bills import bill
from ebl.wrap import to_json, wrap
from tests.patience import IMPATIENT, PATIENT

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
STORE = "0x" + "11" * 20


class Terminal:
    """A pseudo-terminal: what is written to ``stream`` is what it shows."""

    def __init__(self) -> None:
        self.here, there = pty.openpty()
        self.stream = os.fdopen(there, "w", encoding="utf-8")
        os.set_blocking(self.here, False)
        self.shown = ""

    def waits_for(self, words: str) -> str:
        end = time.monotonic() + PATIENT
        while words not in self.shown and time.monotonic() < end:
            time.sleep(0.01)
            self.read()
        assert words in self.shown
        return self.shown

    def read(self) -> str:
        with suppress(BlockingIOError):
            self.shown += os.read(self.here, 65536).decode()
        return self.shown

    def last_lines(self) -> list[str]:
        """What a person sees: of each line what was written over it last."""
        return [_overwritten(line) for line in self.read().replace("\r\n", "\n").split("\n")]

    def close(self) -> None:
        with suppress(OSError):  # what could not be written any more
            self.stream.close()
        os.close(self.here)


def _overwritten(line: str) -> str:
    cells: list[str] = []
    for part in line.split("\r"):
        cells[: len(part)] = part
    return "".join(cells).rstrip()


@contextmanager
def a_terminal() -> Iterator[Terminal]:
    """A pseudo-terminal in place of stderr, on which a bar is drawn at once. Inside the test: pytest sets stderr before it."""
    made = Terminal()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", made.stream)
        patch.setattr(progress, "_FIRST", 0.0)
        patch.setattr(progress, "_EVERY", 0.01)
        yield made
    made.close()


def test_a_terminal_shows_count_rate_time_left_and_verdicts() -> None:
    with a_terminal() as terminal:
        with Progress("verify", 200) as counted:
            counted.step("valid", count=99)
            counted.step("not valid")
            bar = terminal.waits_for("1 not valid").rpartition("\r")[2]
        assert "verify:  50%" in bar and "100/200" in bar and "99 valid, 1 not valid" in bar
        assert "files/s" in bar and "<" in bar
        assert terminal.last_lines() == [""], "nothing is left of it"


def test_lines_that_are_printed_meanwhile_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_terminal() as terminal:
        monkeypatch.setattr(sys, "stdout", terminal.stream)
        with Progress("verify", 3) as counted:
            terminal.waits_for("0/3")
            output.result("VALID  one.json")
            counted.step("valid")
            output.say("a remark")
            terminal.waits_for("1/3")
        assert terminal.last_lines() == ["VALID  one.json", "a remark", ""]


def test_what_cannot_be_counted_shows_its_time() -> None:
    with a_terminal() as terminal:
        with Progress("read its events", None):
            bar = terminal.waits_for("read its events: 00:0").rpartition("\r")[2]
        assert "/s" not in bar and terminal.last_lines() == [""]


def test_a_quick_command_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_terminal() as terminal:
        monkeypatch.setattr(progress, "_FIRST", PATIENT)
        with Progress("verify", 3) as counted:
            counted.step("valid", count=3)
        assert terminal.read() == ""


def test_a_log_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    monkeypatch.setattr(progress, "_LOG_EVERY", 0.01)
    with Progress("verify", 25_000) as counted:
        counted.step("valid", count=12_000)
        _until(lambda: "12,000" in log.getvalue())
    line = log.getvalue().splitlines()[-1]
    assert line.startswith("verify: 12,000 of 25,000 files, ") and line.endswith("left; 12,000 valid")
    assert "\r" not in log.getvalue()


def test_a_log_of_a_short_command_has_no_line_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    with Progress("verify", 2) as counted:
        counted.step("valid")
        time.sleep(IMPATIENT)
    assert log.getvalue() == ""


def test_the_rate_of_a_second_part_is_its_own() -> None:
    counted = Progress("wrapped", 10)
    counted._begun -= 1000
    counted.at(10)
    counted.at(0, 10, what="written")
    counted._begun -= 1
    counted.at(5)
    assert counted.line() == "written: 5 of 10 files, 5 a second, 00:01 left"


def test_an_inner_one_takes_the_place_of_the_outer() -> None:
    with a_terminal() as terminal:
        with Progress("outer", 2):
            with Progress("inner", 3):
                shown = terminal.waits_for("0/3")
                time.sleep(0.05)
                assert "outer" not in (terminal.read().removeprefix(shown))
            terminal.shown = ""
            terminal.waits_for("outer")
        assert output.last_line is None and terminal.last_lines() == [""]


def test_an_interrupt_states_what_is_kept() -> None:
    with pytest.raises(output.Stopped) as stopped, Progress("wrap", 5, kept="Run it again.") as counted:
        counted.step(count=3)
        raise KeyboardInterrupt
    assert str(stopped.value) == "Stopped after 3 of 5 files. Run it again."


def test_a_terminal_that_is_gone_stops_no_work() -> None:
    with a_terminal() as terminal, Progress("verify", 2) as counted:
        terminal.waits_for("0/2")
        os.close(terminal.here)
        counted.step("valid")
        time.sleep(0.05)
        terminal.here = os.open(os.devnull, os.O_RDONLY)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_prints_without_the_bar() -> None:
    with Progress("verify", 2):
        child = os.fork()
        if child == 0:
            os._exit(0 if output.last_line is None else 1)
        assert os.waitpid(child, 0)[1] == 0


def test_verify_shows_a_bar_on_stderr_though_stdout_is_a_file(tmp_path: Path) -> None:
    text = to_json(wrap({**bill(1, store=STORE, domain="carrier.example", chain_id=1337), "cargo": ["a box"] * 500}))
    for number in range(300):
        (tmp_path / f"{number}.json").write_bytes(text)
    here, there = pty.openpty()
    code = (
        "import ebl.cli.progress as p; p._FIRST = p._EVERY = 0.02; from ebl.cli import main;"
        f" main(['verify', '--offline', {str(tmp_path)!r}])"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=there) as run:
        os.close(there)
        assert run.stdout is not None
        reports = run.stdout.read()
        shown = b""
        while True:
            try:
                part = os.read(here, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
    os.close(here)
    assert reports.count(b"CANNOT BE DETERMINED") == 300 and b"\r" not in reports
    assert "/300 [" in shown.decode() and " undetermined]" in shown.decode()


def test_an_interrupted_verify_states_that_the_reports_are_not_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> Iterator[object]:
        raise KeyboardInterrupt
        yield

    (tmp_path / "a.json").write_text(json.dumps({}))
    monkeypatch.setattr("ebl.cli.print_reports.examine_all", interrupted)
    done = CliRunner().invoke(main, ["verify", "--offline", str(tmp_path)])
    assert done.exit_code == 130
    assert "Stopped after 0 of 1 files" in done.stderr and "again" in done.stderr


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENT
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    assert true()
