"""``ebl completion``: the words that a shell is given, and real shells that use them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from ebl.cli import COMMANDS, main
from tests import needs

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
SHELLS = {"bash": ["--norc", "--noprofile", "-i"], "zsh": ["-f", "-i"]}
SECONDS = 60
ERASE = "\x15"
"""What empties the line that is being typed: Ctrl-U."""
TYPED = {
    "ebl ver": "ebl verify ",
    "ebl explain status.revo": "ebl explain status.revoked ",
    "ebl verify bill": "bill-of-lading.json",
}
"""What is typed before the tabulator, and what the line has after it."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own, in which ``ebl`` is the one that is tested."""
    programs, folder = tmp_path / "bin", tmp_path / "work"
    programs.mkdir()
    folder.mkdir()
    (programs / "ebl").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ebl "$@"\n')
    (programs / "ebl").chmod(0o755)
    (folder / "bill-of-lading.json").write_text("{}")
    return {
        "HOME": str(tmp_path),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "TERM": "dumb",
        "LC_ALL": "C.UTF-8",
    }


def words(text: str) -> list[str]:
    """What a shell is given after these words, of which the last is begun."""
    typed = text.split(" ")
    environment = {"_EBL_COMPLETE": "bash_complete", "COMP_WORDS": text, "COMP_CWORD": str(len(typed) - 1)}
    done = CliRunner().invoke(main, [], prog_name="ebl", env=environment)
    return done.stdout.split()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ebl ver", ["plain,verify"]),
        ("ebl st", ["plain,store", "plain,status-list"]),
        ("ebl title end", ["plain,endorse"]),
        ("ebl verify --off", ["plain,--offline"]),
        ("ebl explain status.rev", ["plain,status.revoked"]),
        ("ebl completion z", ["plain,zsh"]),
        ("ebl verify bi", ["file,bi"]),
        ("ebl verify --policy bank", ["file,bank"]),
        ("ebl wrap x -o out", ["dir,out"]),
        ("ebl nonsense x", []),
    ],
)
def test_words_are_completed(typed: str, expected: list[str]) -> None:
    assert words(typed) == expected


def test_all_commands_are_offered_and_none_is_imported() -> None:
    assert [word.removeprefix("plain,") for word in words("ebl ")][: len(COMMANDS)] == list(COMMANDS)
    code = "import sys; from ebl.cli import main; main([], prog_name='ebl')"
    variables = {**os.environ, "_EBL_COMPLETE": "bash_complete", "COMP_WORDS": "ebl ve", "COMP_CWORD": "1"}
    command = [sys.executable, "-X", "importtime", "-c", code]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["plain,verify"]
    assert "ebl.cli.group" in done.stderr and "_command" not in done.stderr


def test_completing_a_command_changes_nothing_for_one_that_runs_later() -> None:
    words("ebl inspect bi")
    assert CliRunner().invoke(main, ["inspect", "nowhere.json"]).exit_code == 5


def test_a_shell_that_is_not_known_is_a_mistake_of_usage() -> None:
    done = CliRunner().invoke(main, ["completion", "tcsh"])
    assert done.exit_code == 2 and "'bash', 'zsh', 'fish'" in done.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_a_real_shell_completes(shell: str, environment: dict[str, str]) -> None:
    needs.need(shutil.which(shell), f"{shell} is not installed (Debian: {shell})")
    begin = "PS1='$ '; cd work; "
    if shell == "zsh":
        begin = "PROMPT='$ '; cd work; autoload -Uz compinit; compinit -u -D; "
    script = f'{begin}eval "$(ebl completion {shell})"; echo rea""dy\n'
    with terminal([shell, *SHELLS[shell]], environment) as there:
        os.write(there, script.encode())
        assert "ready" in until(there, "ready")
        for typed, expected in TYPED.items():
            os.write(there, f"{ERASE}{typed}\t".encode())
            assert expected in until(there, expected)


def test_the_help_states_that_powershell_has_no_completion() -> None:
    assert "PowerShell" in CliRunner().invoke(main, ["completion", "--help"]).stdout
    refused = CliRunner().invoke(main, ["completion", "powershell"])
    assert refused.exit_code == 2


def test_fish_completes(environment: dict[str, str], tmp_path: Path) -> None:
    needs.need(shutil.which("fish"), "fish is not installed (Debian: fish)")

    def completed(typed: str) -> Iterator[str]:
        script = f"ebl completion fish | source; complete -C '{typed}'"
        done = subprocess.run(
            ["fish", "--no-config", "-c", script],
            env=environment,
            cwd=tmp_path / "work",
            capture_output=True,
            text=True,
        )
        return (line.split("\t")[0] for line in done.stdout.splitlines())

    assert list(completed("ebl ver")) == ["verify"]
    assert list(completed("ebl explain status.revo")) == ["status.revoked"]
    assert list(completed("ebl verify bill")) == ["bill-of-lading.json"]


@contextmanager
def terminal(command: list[str], environment: dict[str, str]) -> Iterator[int]:
    """A program on a terminal, of which this is the other end."""
    here, there = pty.openpty()
    with subprocess.Popen(
        command,
        stdin=there,
        stdout=there,
        stderr=there,
        env=environment,
        cwd=environment["HOME"],
        start_new_session=True,
    ) as program:
        os.close(there)
        os.set_blocking(here, False)
        try:
            yield here
        finally:
            program.kill()
            os.close(here)


def until(there: int, expected: str) -> str:
    """What the terminal shows until this is there, or the time is over."""
    shown, end = "", time.monotonic() + SECONDS
    while expected not in shown and time.monotonic() < end:
        try:
            shown += os.read(there, 65536).decode("utf-8", "replace")
        except BlockingIOError:
            time.sleep(0.02)
        except OSError:
            break
    return shown
