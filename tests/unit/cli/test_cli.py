"""The commands as a shipper or a bank runs them: output, exit codes, and files that are no documents."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import click
import jsonschema
import pytest
from click.testing import CliRunner, Result

from ebl import __version__
from ebl.cli import main
from ebl.testing.bills import bill

SCHEMA = json.loads((Path(__file__).parents[3] / "schemas" / "report.schema.json").read_text("utf-8"))
STORE = "0x" + "11" * 20


def ebl(*words: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, words, input=stdin)


def raw(number: int = 1) -> dict[str, object]:
    return bill(number, store=STORE, domain="carrier.example", chain_id=1337)


@pytest.fixture
def wrapped(tmp_path: Path) -> Path:
    for number in range(3):
        (tmp_path / f"raw-{number}.json").write_text(json.dumps(raw(number)), "utf-8")
    done = ebl("wrap", str(tmp_path), "-o", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    return tmp_path / "out"


def test_a_batch_prints_its_root_on_stdout_and_talks_on_stderr(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(raw()), "utf-8")
    done = ebl("wrap", str(tmp_path / "a.json"), "-o", str(tmp_path / "out"))
    assert len(bytes.fromhex(done.stdout.strip().removeprefix("0x"))) == 32
    assert "1 wrapped" in done.stderr


@pytest.mark.parametrize("words", [("wrap", "a.json", "-o", "-", "--json"), ("key", "new", "-o", "-", "--json")])
def test_stdout_takes_the_document_or_the_lines_about_it_and_not_both(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(raw()), "utf-8")
    done = ebl(*(str(tmp_path / word) if word == "a.json" else word for word in words))
    assert (done.exit_code, done.stdout) == (2, "") and "--json" in done.stderr


def test_one_bad_file_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(json.dumps(raw()), "utf-8")
    (tmp_path / "bad.json").write_text(json.dumps({**raw(), "issuers": [{"name": "X"}]}), "utf-8")
    done = ebl("wrap", str(tmp_path / "good.json"), str(tmp_path / "bad.json"), "-o", str(tmp_path / "out"))
    assert done.exit_code == 5
    assert "bad.json: /issuers/0" in done.stderr
    assert not (tmp_path / "out").exists()


def test_two_files_that_would_become_one_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "bill.json").write_text(json.dumps(raw()), "utf-8")
    done = ebl("wrap", str(tmp_path / "a"), str(tmp_path / "b"), "-o", str(tmp_path / "out"))
    assert done.exit_code == 5
    assert "would both become" in done.stderr


def test_a_document_is_not_overwritten_by_its_wrapped_form(tmp_path: Path) -> None:
    source = tmp_path / "bill.json"
    source.write_text(json.dumps(raw()), "utf-8")
    assert ebl("wrap", str(source), "-o", str(tmp_path)).exit_code == 5
    assert json.loads(source.read_text("utf-8")) == raw()


def test_unwrap_gives_back_what_was_wrapped(wrapped: Path) -> None:
    assert json.loads(ebl("unwrap", str(wrapped / "raw-2.json")).stdout) == raw(2)


def test_offline_the_verdict_is_undetermined_and_integrity_is_still_answered(wrapped: Path) -> None:
    done = ebl("verify", "--offline", "--json", str(wrapped))
    manifest, *lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 3
    assert manifest["passed_over"]["reason"] == "manifest"
    assert len(lines) == 3
    for line in lines:
        jsonschema.validate(line, SCHEMA)
        assert line["verdict"] == "indeterminate"
        assert {f["outcome"] for f in line["findings"] if f["group"] == "integrity"} == {"passed"}
        assert "policy.any_issuer" in {f["code"] for f in line["findings"]}


def test_a_changed_bill_is_invalid_even_offline(wrapped: Path) -> None:
    path = wrapped / "raw-0.json"
    path.write_text(path.read_text("utf-8").replace("BHLU", "BHLX", 1), "utf-8")
    done = ebl("verify", "--offline", str(path))
    assert done.exit_code == 1
    assert done.stdout.startswith("NOT VALID")
    assert "integrity.hash_mismatch" in done.stdout


UNREADABLE = {
    "empty": b"",
    "blank": b" \n",
    "truncated": b'{"version": "https://schema.openattestation.com/2.0/schema.json", "data": {',
    "binary": bytes(range(256)) * 64,
    "pdf": b"%PDF-1.7\n...",
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "twice": b'{"data": 1, "data": 2}',
    "gb18030": json.dumps(raw(), ensure_ascii=False).encode("gb18030"),
    "utf-16": json.dumps(raw()).encode("utf-16"),
    "number": b"42",
    "list": b"[]",
    "not a document": b'{"hello": "world"}',
    "nan": b'{"data": NaN}',
    "not wrapped": json.dumps(raw()).encode(),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_file_that_is_no_document_is_one_line_and_exit_5(what: str, tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(UNREADABLE[what])
    done = ebl("verify", "--offline", "--json", str(path))
    assert done.exit_code == 5
    (line,) = map(json.loads, done.stdout.splitlines())
    jsonschema.validate(line, SCHEMA)
    assert line["verdict"] is None
    assert line["error"]["code"].startswith("document.")
    assert "\n" not in line["error"]["message"]


def test_a_file_of_200_megabytes_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 200 * 1024 * 1024)
    done = ebl("verify", "--offline", str(path))
    assert done.exit_code == 5
    assert "document.too_large" in done.stdout


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    done = ebl("verify", "--offline", str(tmp_path / "nowhere.json"))
    assert done.exit_code == 5
    assert "document.no_file" in done.stdout


def test_stdin_is_a_file_too(wrapped: Path) -> None:
    done = ebl("verify", "--offline", "-", stdin=(wrapped / "raw-1.json").read_bytes())
    assert done.exit_code == 3


def test_the_worst_of_many_files_is_the_exit_code(wrapped: Path) -> None:
    (wrapped / "not.json").write_bytes(b"{}")
    assert ebl("verify", "--offline", str(wrapped)).exit_code == 5
    (wrapped / "bad.json").write_bytes((wrapped / "raw-0.json").read_bytes().replace(b"BHLU", b"BHLX", 1))
    assert ebl("verify", "--offline", str(wrapped)).exit_code == 1


def test_control_characters_of_a_document_are_shown_and_not_sent(tmp_path: Path) -> None:
    document = {
        **raw(),
        "issuers": [
            {
                "name": "\x1b[2J\u202eevil",
                "documentStore": STORE,
                "identityProof": {"type": "DNS-TXT", "location": "a.example"},
            }
        ],
    }
    (tmp_path / "a.json").write_text(json.dumps(document), "utf-8")
    ebl("wrap", str(tmp_path / "a.json"), "-o", str(tmp_path / "out"))
    shown = ebl("inspect", str(tmp_path / "out" / "a.json")).stdout
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown
    assert "\\x1b[2J" in shown


@pytest.mark.parametrize("rpc", ["1337", "x=http://a", "1337=ftp://a", "=http://a"])
def test_a_wrong_rpc_option_is_a_usage_error(rpc: str) -> None:
    done = ebl("verify", "--rpc", rpc, "x.json")
    assert done.exit_code == 2
    assert "ID=URL" in done.stderr


@pytest.mark.parametrize("asking", [("--rpc", "1=http://127.0.0.1:1"), ("--finality", "safe"), ("--prove",)])
def test_offline_does_not_go_with_what_needs_a_node(asking: tuple[str, ...]) -> None:
    done = ebl("verify", "--offline", *asking, "x.json")
    assert done.exit_code == 2
    assert "--offline queries no source" in done.stderr


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("verfy", "'verify'"),
        ("issue", "'store issue' or 'bulk issue'"),
        ("deploy", "'store deploy' or 'registry deploy'"),
    ],
)
def test_a_command_that_does_not_exist_is_answered_with_those_that_may_be_meant(typed: str, meant: str) -> None:
    done = ebl(typed)
    assert done.exit_code == 2
    assert f"No such command '{typed}'. Did you mean {meant}?" in done.stderr


def test_a_word_that_is_like_no_command_gets_no_guess() -> None:
    assert "Did you mean" not in ebl("xyzzy").stderr


def test_a_document_that_is_wrapped_already_is_refused_as_such(wrapped: Path, tmp_path: Path) -> None:
    done = ebl("wrap", str(wrapped / "raw-0.json"), "-o", str(tmp_path / "again"))
    assert done.exit_code == 5
    assert "raw-0.json: /signature: expected raw data; got a document that is wrapped already" in done.stderr


def test_the_smallest_bill_that_the_help_shows_can_be_wrapped(tmp_path: Path) -> None:
    shown = ebl("wrap", "--help").stdout
    smallest = json.loads(shown[shown.index("{") : shown.rindex("}") + 1])
    (tmp_path / "bill.json").write_text(json.dumps(smallest), "utf-8")
    done = ebl("wrap", str(tmp_path / "bill.json"), "-o", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output


def test_the_smallest_policy_that_the_help_shows_is_one(tmp_path: Path) -> None:
    shown = ebl("policy", "explain", "--help").stdout
    (tmp_path / "bank.toml").write_text(shown[shown.index("[issuers]") : shown.index("}]") + 2], "utf-8")
    assert "carrier.example" in ebl("policy", "explain", str(tmp_path / "bank.toml")).stdout


def test_every_option_of_every_command_says_what_it_is_for() -> None:
    def silent(command: click.Command, name: str) -> Iterator[str]:
        if isinstance(command, click.Group):
            context = click.Context(command)
            for word in command.list_commands(context):
                yield from silent(cast(click.Command, command.get_command(context, word)), f"{name} {word}")
        options = (one for one in command.params if isinstance(one, click.Option))
        yield from (f"{name} {one.opts[0]}" for one in options if not one.help)

    assert list(silent(main, "ebl")) == []


def test_the_package_can_be_run_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "ebl", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"ebl, version {__version__}\n"
