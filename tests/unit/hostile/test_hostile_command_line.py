"""Whatever file a command is given, it ends with an exit code and words, and moves no cursor."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ebl.cli import main, output
from ebl.encryption import encrypt
from ebl.keys import IssuerKey
from ebl.primitives.multikey import Kind

from .mutation import mutated, written
from .world import DID, STORE, documents, v2

KEY = json.loads(IssuerKey.generate(Kind.P256).to_json())
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


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**64), words=st.sampled_from(FOR_PEOPLE + FOR_MACHINES))
def test_a_command_ends_in_words(seed: int, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "_colour", lambda stream: True)  # so that nothing is filtered on its way to the test
    monkeypatch.chdir(tmp_path)
    random = Random(seed)
    changed = mutated(random.choice(KNOWN), random, KNOWN)
    raw = written(changed, random)
    if words[0] == "qr":
        raw = b"https://page.example/?q=" + quote(raw).encode()
    if words[-1] in ("--", "--without"):
        words = [*words, random.choice(PATHS)]
    private = {"EBL_PRIVATE_KEY": "01" * 32, "EBL_DOCUMENT_KEY": "01" * 32}
    done = CliRunner().invoke(main, words, input=raw, env=private)
    assert done.exception is None or isinstance(done.exception, SystemExit), (words, raw)
    said = done.stderr + (done.stdout if words in FOR_PEOPLE else "")
    assert all(char.isprintable() or char == "\n" for char in COLOURS.sub("", said)), said
    assert "01" * 32 not in said


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


def test_an_issuer_that_is_none_is_a_usage_error() -> None:
    for issuer in ("did:", "a..b", "*.x.example", "", ".", "é.example", "\x1b[31m.example", f"{DID}?a"):
        done = CliRunner().invoke(main, ["verify", "--offline", "-", "--issuer", issuer], input=b"{}")
        assert done.exit_code == 2, issuer
