"""Keys and DID documents from the command line: the secret stays in its file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ebl.cli import main
from ebl.cli import own_files as files
from ebl.credentials.issuer_keys import IssuerKey
from ebl.errors import InvalidInput

pytest.importorskip("py_arkworks_bls12381")


def ebl(*words: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], input=stdin)


@pytest.mark.parametrize("suite", ["ecdsa-sd-2023", "bbs-2023"])
def test_a_new_key_is_for_its_owners_eyes_only(tmp_path: Path, suite: str) -> None:
    path = tmp_path / "deep" / "key.json"
    done = ebl("key", "new", "--suite", suite, "--did", "did:web:carrier.example", "-o", path)
    assert done.exit_code == 0, done.output
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["key.json"]
    secret = json.loads(path.read_text())["secretKeyMultibase"]
    assert secret not in done.output
    assert done.stdout.splitlines()[0] == "did:web:carrier.example#keys-1"
    shown = ebl("key", "show", path)
    assert shown.stdout == done.stdout
    assert secret not in shown.output


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    assert ebl("key", "new", "-o", path).exit_code == 0
    before = path.read_bytes()
    again = ebl("key", "new", "-o", path)
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    assert path.read_bytes() == before


def test_a_file_that_appeared_while_a_command_was_at_work_is_not_overwritten_either(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    files.save(path, b"first", private=True)
    with pytest.raises(InvalidInput, match="exists already"):
        files.save(path, b"second", private=True)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InvalidInput, match="exists already"):
        files.save(tmp_path / "link", b"third")
    assert path.read_bytes() == b"first"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["key.json", "link"]


def test_the_secret_is_printed_only_when_asked_for() -> None:
    done = ebl("key", "new", "-o", "-")
    key = IssuerKey.from_json(done.stdout_bytes)
    assert key.did.startswith("did:key:zDna")
    shown = ebl("key", "show", "--json", "-", stdin=done.stdout_bytes)
    assert json.loads(shown.stdout) == key.to_method()


def test_a_did_json_is_written_from_key_files(tmp_path: Path) -> None:
    for number, suite in enumerate(("ecdsa-sd-2023", "bbs-2023"), 1):
        ebl(
            "key",
            "new",
            "--suite",
            suite,
            "--did",
            "did:web:carrier.example",
            "--name",
            f"keys-{number}",
            "-o",
            tmp_path / f"{number}.json",
        )
    done = ebl("did", "web", tmp_path / "1.json", tmp_path / "2.json", "-o", tmp_path / "did.json")
    assert done.exit_code == 0, done.output
    assert "https://carrier.example/.well-known/did.json" in done.stderr
    document = json.loads((tmp_path / "did.json").read_text())
    assert document["assertionMethod"] == ["did:web:carrier.example#keys-1", "did:web:carrier.example#keys-2"]
    assert "secret" not in (tmp_path / "did.json").read_text()


def test_keys_of_two_owners_make_no_did_json(tmp_path: Path) -> None:
    ebl("key", "new", "--did", "did:web:a.example", "-o", tmp_path / "a.json")
    ebl("key", "new", "--did", "did:web:b.example", "-o", tmp_path / "b.json")
    done = ebl("did", "web", tmp_path / "a.json", tmp_path / "b.json")
    assert done.exit_code == 2
    assert "is of did:web:b.example, not of did:web:a.example" in done.stderr
    assert done.stdout == ""


def test_a_did_key_document_is_printed(tmp_path: Path) -> None:
    ebl("key", "new", "-o", tmp_path / "key.json")
    done = ebl("did", "key", tmp_path / "key.json")
    assert json.loads(done.stdout)["id"].startswith("did:key:zDna")


@pytest.mark.parametrize("words", [("key", "show"), ("did", "web"), ("did", "key")])
def test_a_file_that_is_no_key_is_unreadable(tmp_path: Path, words: tuple[str, str]) -> None:
    (tmp_path / "x.json").write_text("{}")
    unread = ebl(*words, tmp_path / "x.json")
    assert unread.exit_code == 2
    assert ".." not in unread.stderr
    assert ebl(*words, tmp_path / "none.json").exit_code == 2


def test_a_did_key_is_hosted_nowhere(tmp_path: Path) -> None:
    ebl("key", "new", "-o", tmp_path / "key.json")
    done = ebl("did", "web", tmp_path / "key.json")
    assert done.exit_code == 2
    assert "is not a did:web" in done.stderr
