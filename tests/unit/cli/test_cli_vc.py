"""A credential's life on the command line."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ebl.cli import main

pytest.importorskip("py_arkworks_bls12381")
TITLE = ("--title", "50", "0xa50126cc2d6c726de0ca203c3b659f658d356173")


def ebl(*words: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], input=stdin)


def new_key(folder: Path, name: str, suite: str = "ecdsa-sd-2023") -> tuple[Path, str]:
    path = folder / name
    done = ebl("key", "new", "--suite", suite, "-o", path)
    return path, done.stdout.splitlines()[0].partition("#")[0]


@pytest.mark.parametrize("suite", ["ecdsa-sd-2023", "bbs-2023"])
def test_a_bill_is_composed_signed_and_shown_in_part(tmp_path: Path, suite: str) -> None:
    key, did = new_key(tmp_path, "key.json", suite)
    (tmp_path / "terms.pdf").write_bytes(b"%PDF-1.4")
    subject = b'{"type": ["BillOfLading"], "blNumber": "BL-1", "vessel": "MV EXAMPLE"}'
    more = ("--renderer", "https://renderer.example", "BILL_OF_LADING", "--attach", tmp_path / "terms.pdf")
    made = ebl("vc", "new", "-", "--issuer", did, *TITLE, *more, "-o", tmp_path / "bill.json", stdin=subject)
    assert made.exit_code == 0, made.output
    signed = ebl("vc", "sign", tmp_path / "bill.json", "--key-file", key, "-o", tmp_path / "signed.json")
    assert signed.exit_code == 0, signed.output
    shown = ebl("vc", "derive", tmp_path / "signed.json", "--show", "/credentialSubject/blNumber")
    assert json.loads(shown.stdout)["credentialSubject"] == {"type": ["BillOfLading"], "blNumber": "BL-1"}
    found = ebl("verify", "--offline", "--json", "-", stdin=shown.stdout_bytes)
    rows = {row["check"]: row["outcome"] for row in json.loads(found.stdout)["findings"] if row["outcome"] != "note"}
    assert found.exit_code == 3
    assert rows["signature"] == rows["did_issuer"] == rows["validity"] == "passed"


def test_a_certificate_is_presented_for_a_challenge(tmp_path: Path) -> None:
    key, did = new_key(tmp_path, "key.json")
    subject = json.dumps({"name": "certificate", "id": did}).encode()
    made = ebl("vc", "new", "-", "--issuer", did, stdin=subject)
    signed = ebl("vc", "sign", "-", "--key-file", key, "-o", tmp_path / "signed.json", stdin=made.stdout_bytes)
    assert signed.exit_code == 0, signed.output
    shown = tmp_path / "shown.json"
    words = (
        "vc",
        "present",
        tmp_path / "signed.json",
        "--key-file",
        key,
        "--challenge",
        "c-1",
        "--domain",
        "bank.example",
    )
    assert ebl(*words, "-o", shown).exit_code == 0
    verify = ("verify", shown, "--offline")
    assert ebl("verify", shown, "--offline").exit_code == 0
    assert ebl(*verify, "--challenge", "c-1", "--domain", "bank.example").exit_code == 0
    refused = ebl(*verify, "--challenge", "c-2")
    assert refused.exit_code == 1
    assert "policy.wrong_challenge" in refused.stdout


def test_a_context_of_one_s_own_is_known_by_its_digest(tmp_path: Path) -> None:
    key, did = new_key(tmp_path, "key.json")
    raw = b'{"@context": {"colour": "https://example.com/colour"}}'
    (tmp_path / "c.json").write_bytes(raw)
    context = ("--context", "https://example.com/c", tmp_path / "c.json", hashlib.sha256(raw).hexdigest())
    made = ebl("vc", "new", "-", "--issuer", did, *context, stdin=b'{"colour": "red"}')
    signed = ebl("vc", "sign", "-", "--key-file", key, *context, "-o", tmp_path / "s.json", stdin=made.stdout_bytes)
    assert signed.exit_code == 0, signed.output
    assert ebl("verify", tmp_path / "s.json", "--offline", *context).exit_code == 0
    unknown = ebl("verify", tmp_path / "s.json", "--offline")
    assert unknown.exit_code == 3
    assert "document.unsupported_context" in unknown.stdout
    assert "`ebl verify --context`" in unknown.stdout


def test_what_cannot_be_is_said_before_anything_is_written(tmp_path: Path) -> None:
    _, did = new_key(tmp_path, "key.json")
    bill = b'{"type": ["BillOfLading"], "blNumber": "BL-1"}'
    assert ebl("vc", "new", "-", "--issuer", did, "-o", tmp_path / "x.json", stdin=bill).exit_code == 5
    assert not (tmp_path / "x.json").exists()
    assert ebl("vc", "derive", "-", stdin=b"{}").exit_code == 2
    assert ebl("verify", "-", "--offline", stdin=b"{}").exit_code == 5
    both = ("--status-list", "https://carrier.example/1", "7")
    assert ebl("vc", "new", "-", "--issuer", did, *TITLE, *both, stdin=bill).exit_code == 2


def test_a_file_that_is_no_document_stops_no_other_from_being_verified(tmp_path: Path) -> None:
    key, did = new_key(tmp_path, "key.json")
    made = ebl("vc", "new", "-", "--issuer", did, stdin=b'{"name": "certificate"}')
    signed = ebl("vc", "sign", "-", "--key-file", key, stdin=made.stdout_bytes)
    for name, content in (("a", b"no json"), ("b", b'{"a": 1}'), ("c", signed.stdout_bytes)):
        (tmp_path / f"{name}.json").write_bytes(content)
    words = ("verify", "--offline", *(tmp_path / f"{name}.json" for name in "abc"))
    rows = [json.loads(line) for line in ebl(*words, "--json").stdout.splitlines()]
    assert [row["verdict"] for row in rows] == [None, None, "valid"]
    assert [row["error"]["code"] for row in rows[:2]] == ["document.not_json", "document.unsupported_format"]
    told = ebl(*words)
    assert told.exit_code == 5
    assert "3 files: 1 valid, 2 unreadable" in told.stderr
