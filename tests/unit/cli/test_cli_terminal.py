"""What a terminal, a full disk, an interrupt and a narrow window get: nothing raw, nothing misleading, no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import click
import pytest
from click.testing import CliRunner

from ebl.cli import main
from ebl.sharing.encryption import encrypt
from ebl.testing.bills import bill
from ebl.wrap import to_json, wrap

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
EBL = [sys.executable, "-m", "ebl"]
HOSTILE = "\x9b31m RED \u202eRTL\u2028line \x7f\x1b]0;title\x07"
STORE = "0x" + "11" * 20


def on_a_terminal(*words: object) -> str:
    """What a command shows whose stdout is a terminal."""
    here, there = pty.openpty()
    with subprocess.Popen([*EBL, *map(str, words)], stdin=there, stdout=there, stderr=there, close_fds=True):
        os.close(there)
        shown = b""
        while True:
            try:
                part = os.read(here, 65536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not part:
                break
            shown += part
    os.close(here)
    return shown.decode()


@pytest.fixture
def wrapped(tmp_path: Path) -> Path:
    path = tmp_path / "bill.json"
    data = bill(1, store=STORE, domain="carrier.example", chain_id=1337)
    path.write_bytes(to_json(wrap({**data, "marks": HOSTILE, "cargo": "铜 𠮷"})))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("words", [("unwrap",), ("inspect",), ("verify", "--offline"), ("redact", "-o", "-", "cargo")])
def test_nothing_of_a_document_moves_the_cursor(wrapped: Path, words: tuple[str, ...]) -> None:
    command, *more = words
    shown = on_a_terminal(command, wrapped, *more)
    raw = {c for c in shown if not c.isprintable() and c not in "\r\n\t"}
    colours = shown.replace("\x1b[0m", "")
    for code in ("1", "2", "31", "32", "33", "34"):
        colours = colours.replace(f"\x1b[{code}m", "")
    assert raw <= {"\x1b"} and "\x1b" not in colours


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [(HOSTILE,), (f"--{HOSTILE}",), ("verify", f"--{HOSTILE}"), ("vc", "derive", "x", HOSTILE), ("vc", HOSTILE)],
)
def test_nothing_of_a_mistaken_command_moves_the_cursor(words: tuple[str, ...]) -> None:
    shown = on_a_terminal(*words)
    assert not {c for c in shown if not c.isprintable() and c not in "\r\n\t"}


@pytest.mark.slow
def test_what_is_decrypted_is_escaped_on_a_terminal_and_kept_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "sealed.json").write_bytes(encrypt(f"{HOSTILE}\nVALID\t铜", b"\1" * 32).to_json())
    (tmp_path / "key").write_text("01" * 32)
    (tmp_path / "key").chmod(0o600)
    shown = on_a_terminal("decrypt", tmp_path / "sealed.json", "--key-file", tmp_path / "key")
    assert "\x1b" not in shown and "\\u001b" in shown and "VALID\t铜" in shown
    piped = subprocess.run(
        [*EBL, "decrypt", tmp_path / "sealed.json", "--key-file", tmp_path / "key"], capture_output=True, check=True
    )
    assert piped.stdout.decode() == f"{HOSTILE}\nVALID\t铜"


def test_json_that_is_escaped_on_a_terminal_is_still_the_same_json(wrapped: Path) -> None:
    shown = on_a_terminal("unwrap", wrapped)
    assert json.loads(shown)["marks"] == HOSTILE
    assert "铜 𠮷" in shown


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    "words", [("--help",), ("verify", "--help"), ("verify", "FILE", "--offline"), ("unwrap", "FILE")]
)
def test_a_full_disk_is_one_line_and_says_nothing_of_the_document(words: tuple[str, ...], wrapped: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [*EBL, *(str(wrapped) if word == "FILE" else word for word in words)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 3
    assert "No space left" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ("verify", "BILL", "--offline", "--policy", "NOT_THERE"),
        ("verify", "BILL", "--offline", "--policy", "WRONG"),
        ("verify", "BILL", "--replay", "NOT_THERE"),
        ("verify", "BILL", "--replay", "WRONG"),
        ("verify", "BILL", "--offline", "--at-issuance", "WRONG"),
        ("verify", "BILL", "--resolver", "udp://127.0.0.1:9", "--evidence", "BELOW"),
        ("policy", "explain", "WRONG"),
        ("sign", "BILL", "-o", "DIR", "--key-file", "NOT_THERE"),
        ("sign", "BILL", "-o", "DIR", "--key-file", "WRONG"),
        ("decrypt", "BILL", "--key-file", "NOT_THERE"),
        ("key", "show", "NOT_THERE"),
        ("vc", "sign", "BILL", "--key-file", "WRONG"),
        ("unwrap", "BILL", "-o"),
        ("redact", "BILL", "blNumber", "-o", "BELOW"),
        ("encrypt", "BILL", "-o", "BELOW"),
        ("wrap", "BILL", "-o", "WRONG"),
    ],
    ids=" ".join,
)
def test_what_is_wrong_with_the_callers_own_files_is_not_laid_on_the_document(
    words: tuple[str, ...], wrapped: Path, tmp_path: Path
) -> None:
    (tmp_path / "wrong").write_text("[issuers]\ntrusted = ['carrier.example']\n")
    places = {
        "BILL": wrapped,
        "NOT_THERE": tmp_path / "none",
        "WRONG": tmp_path / "wrong",
        "BELOW": tmp_path / "wrong" / "below.json",
        "DIR": tmp_path / "out",
    }
    done = CliRunner().invoke(main, [str(places.get(word, word)) for word in words])
    allowed = {2, 5} if words[0] == "decrypt" else {2}  # what is to be decrypted is looked at first
    assert done.exit_code in allowed, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_an_interrupt_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr("ebl.openattestation.wrap_files.wrap_files", interrupted)
    (tmp_path / "a.json").write_text(json.dumps(bill(1, store=STORE, domain="carrier.example", chain_id=1337)))
    done = CliRunner().invoke(main, ["wrap", str(tmp_path / "a.json"), "-o", str(tmp_path / "out")])
    assert done.exit_code == 130
    assert "again to go on" in done.stderr and "Traceback" not in done.stderr


def commands(group: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield words
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            yield from commands(command, (*words, name))


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_the_help_of_every_command_keeps_to_the_window(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    from ebl.cli import group

    narrow = group._narrow()
    for words in commands(main):
        done = CliRunner().invoke(main, [*words, "--help"], terminal_width=narrow or columns - 2)
        assert done.exit_code == 0, words
        samples = '{"~'  # an example of JSON, TOML or a shell keeps its lines
        wide = [line for line in done.output.splitlines() if len(line) > columns and not set(samples) & set(line)]
        assert not wide, (words, wide)
