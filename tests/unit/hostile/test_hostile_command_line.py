"""Whatever file a command is given, it ends with an exit code and words, and moves no cursor."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from random import Random
from urllib.parse import quote

import click
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ebl.__main__ import run
from ebl.cli import main, output
from ebl.cli.output import Exit
from ebl.credentials.issuer_keys import IssuerKey
from ebl.crypto.multikey import KeyType
from ebl.sharing.encryption import encrypt
from ebl.wrap import wrap
from tests.unit.hostile.mutation import mutated, written
from tests.unit.hostile.world import DID, STORE, documents, v2

KEY = json.loads(IssuerKey.generate(KeyType.P256).to_json())
ENCRYPTED = json.loads(encrypt("{}", b"\x01" * 32).to_json())
LINK = {"type": "DOCUMENT", "payload": {"uri": "https://storage.example/x", "key": "01" * 32, "chainId": "1"}}
KNOWN = [*documents().values(), v2(), KEY, ENCRYPTED, LINK]
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
PATHS = (
    "blNumber",
    "issuers[0].name",
    "nested.list[1]",
    "credentialSubject",
    "a[",
    '["x"]',
    "..",
    "\x1b[31m",
    "a" * 5_000,
)
FOR_PEOPLE = (
    *(
        ["verify", "--offline", "-"],
        ["inspect", "-"],
        ["dns", "record", "-"],
        ["qr", "read", "-"],
        ["key", "show", "-"],
    ),
    *(["status-list", "show", "-"], ["policy", "explain", "-"], ["decrypt", "-"]),
)
FOR_MACHINES = (
    *(["verify", "--offline", "--json", "-"], ["inspect", "--json", "-"], ["unwrap", "-"], ["wrap", "-", "-o", "-"]),
    *(["sign", "-", "-o", "-"], ["did", "web", "-"], ["redact", "-", "--"], ["inspect", "--json", "-", "--without"]),
)


@pytest.mark.slow
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**64), words=st.sampled_from(FOR_PEOPLE + FOR_MACHINES))
def test_a_command_ends_in_words(seed: int, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "_colour", lambda stream: True)  # so that nothing is filtered on its way to the test
    monkeypatch.chdir(tmp_path)
    random = Random(seed)
    changed = mutated(random.choice(KNOWN), random, KNOWN)
    raw = written(changed, random)
    beside = re.sub(rb'"key"\s*:\s*"(01){32}"', b"", raw) if words[0] == "qr" else raw
    given_away = b"01" * 32 in beside  # a change put a link's key where no key is
    if words[0] == "qr":
        raw = b"https://page.example/?q=" + quote(raw).encode()
    if words[-1] in ("--", "--without"):
        words = [*words, random.choice(PATHS)]
    private = {"EBL_PRIVATE_KEY": "02" * 32, "EBL_DOCUMENT_KEY": "01" * 32}
    done = CliRunner().invoke(main, words, input=raw, env=private)
    assert done.exception is None or isinstance(done.exception, SystemExit), (words, raw)
    said = done.stderr + (done.stdout if words in FOR_PEOPLE else "")
    assert all(char.isprintable() or char == "\n" for char in COLOURS.sub("", said)), said
    assert "02" * 32 not in said
    assert given_away or "01" * 32 not in said


@pytest.mark.parametrize(
    "words",
    [
        ["verify", "nowhere.json", "--rpc"],
        ["store", "status", STORE, "0x" + "11" * 32, "--rpc"],
        ["net", "doctor"],
    ],
)
@pytest.mark.parametrize("number", ["9" * 5_000, "²", "-1", ""])
def test_a_chain_without_a_sensible_number_is_refused_without_repeating_its_address(
    words: list[str], number: str
) -> None:
    done = CliRunner().invoke(main, [*words, f"{number}=http://127.0.0.1:1/secret"])
    assert done.exit_code in (2, 5)
    assert "secret" not in done.output


@pytest.mark.parametrize("spec", ("cmd:sign --pin 's3cret", "cmd:sign --pin s3cret\\"))
def test_a_signer_that_no_shell_would_take_is_a_usage_error_that_repeats_no_argument(spec: str) -> None:
    done = CliRunner().invoke(main, ["wallet", "address", "--signer", spec])
    assert (done.exit_code, "s3cret" in done.output) == (2, False)


def test_an_issuer_that_is_none_is_a_usage_error() -> None:
    for issuer in ("did:", "a..b", "*.x.example", "", ".", "é.example", "\x1b[31m.example", f"{DID}?a"):
        done = CliRunner().invoke(main, ["verify", "--offline", "-", "--issuer", issuer], input=b"{}")
        assert done.exit_code == 2, issuer


@pytest.mark.parametrize("encoding", ["cp1252", "gb18030", "ascii", "utf-8"])
def test_a_verdict_is_said_in_whatever_encoding_stdout_has(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "bill.json").write_text(json.dumps(KNOWN[0]), "utf-8")
    words = [sys.executable, "-m", "ebl", "verify", "--offline", str(tmp_path / "bill.json")]
    done = subprocess.run(words, capture_output=True, env={**os.environ, "PYTHONIOENCODING": encoding}, check=False)
    assert done.returncode == 3, done.stderr
    assert b"CANNOT BE DETERMINED" in done.stdout and b"Traceback" not in done.stderr


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_document_that_is_not_valid_never_exits_as_one_that_is_whoever_hears_it(
    options: list[str], tmp_path: Path
) -> None:
    changed = json.loads(json.dumps(KNOWN[0]))
    changed["data"]["blNumber"] = "another"
    (tmp_path / "bill.json").write_text(json.dumps(changed), "utf-8")
    words = [sys.executable, "-m", "ebl", "verify", "--offline", *options, str(tmp_path / "bill.json")]
    read, write = os.pipe()
    os.close(read)
    gone = subprocess.run(words, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (gone.returncode, gone.stderr) == (Exit.INDETERMINATE, b"")
    closed = subprocess.run(["bash", "-c", '"$@" >&-', "bash", *words], stderr=subprocess.PIPE, check=False)
    assert closed.returncode == Exit.INVALID
    hint = [line for line in closed.stderr.splitlines() if b"ebl explain" not in line]
    assert hint == [] and (closed.stderr == b"" or not options)


def test_stdin_that_is_closed_is_unreadable(tmp_path: Path) -> None:
    line = '"$0" -m ebl verify --offline - <&-'
    done = subprocess.run(["bash", "-c", line, sys.executable], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (5, False)


def test_a_bug_does_not_exit_as_a_verdict_does(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command()
    def broken() -> None:
        raise AssertionError("a bug")

    monkeypatch.setattr(sys, "argv", ["ebl"])
    with pytest.raises(SystemExit) as end:
        run(broken)
    assert end.value.code == Exit.INDETERMINATE
    assert "AssertionError: a bug" in capsys.readouterr().err


def test_text_in_a_json_answer_can_move_no_cursor_and_end_no_line() -> None:
    document = wrap({**v2(), "note": "a\x9b2J\x7f\x85\u2028\u2029\u202e{}"})
    done = CliRunner().invoke(main, ["inspect", "--json", "-"], input=json.dumps(document).encode())
    assert done.stdout.removesuffix("\n").isprintable()
    assert json.loads(done.stdout)["fields"]["note"] == "a\x9b2J\x7f\x85\u2028\u2029\u202e{}"


@pytest.mark.parametrize("words", [["inspect", "--json", "-"], ["unwrap", "-"]])
def test_a_number_that_json_has_not_is_null_in_a_json_answer(words: list[str]) -> None:
    document = wrap({**v2(), "weight": 12.5})
    document["data"]["weight"] = document["data"]["weight"].replace("12.5", "Infinity")
    done = CliRunner().invoke(main, words, input=json.dumps(document).encode())
    said = json.loads(done.stdout, parse_constant=pytest.fail)
    assert said.get("fields", said)["weight"] is None


def test_a_registry_that_is_no_address_is_a_usage_error() -> None:
    done = CliRunner().invoke(main, ["title", "show", "0x1", "--registry", "0xreg", "--rpc", "1337=http://127.0.0.1:1"])
    assert done.exit_code == 2 and "--registry" in done.stderr
