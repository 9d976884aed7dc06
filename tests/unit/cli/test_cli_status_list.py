"""Status lists from the command line: made, changed, shown, and believed by the check."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ebl.cli import main
from ebl.cli import own_files as files
from ebl.cli.key_commands import read
from ebl.codes import Failure
from ebl.credentials import status_list_credential as list_credential
from ebl.credentials.status_list import NotListed, StatusListEntry
from ebl.credentials.status_list_credential import ListKind
from ebl.errors import Refuted
from ebl.model.ports import Page
from ebl.sources import offline
from tests.patience import PATIENT

pytest.importorskip("py_arkworks_bls12381")
URL = "https://carrier.example/status/1"


def ebl(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(params=["ecdsa-sd-2023", "bbs-2023"])
def key(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    assert ebl("key", "new", "--suite", request.param, "-o", tmp_path / "key.json").exit_code == 0
    return tmp_path / "key.json"


def is_revoked(path: Path, key: Path, index: int, kind: ListKind = ListKind.BITSTRING) -> bool:
    sources = replace(
        offline(now=datetime.now(UTC)), fetch=lambda url, *, accept: Page(url, accept[0], path.read_bytes())
    )
    claim = StatusListEntry(kind, URL, str(index), "revocation", read(str(key)).did)
    try:
        return not isinstance(claim.check(sources), NotListed)
    except Refuted as no:
        assert no.failure is Failure.REVOKED
        return True


@pytest.mark.parametrize("kind", ["bitstring", "2021"])
def test_a_list_is_made_changed_and_believed(tmp_path: Path, key: Path, kind: str) -> None:
    path = tmp_path / "list.json"
    done = ebl("status-list", "create", URL, "--key-file", key, "--kind", kind, "--days", "30", "-o", path)
    assert done.exit_code == 0, done.output
    listed = ListKind.BITSTRING if kind == "bitstring" else ListKind.STATUS_2021
    assert not is_revoked(path, key, 7, listed)
    done = ebl("status-list", "update", path, "--key-file", key, "--set", "7", "--set", "8", "--days", "30")
    assert done.exit_code == 0, done.output
    assert [is_revoked(path, key, index, listed) for index in (6, 7, 8)] == [False, True, True]
    ebl("status-list", "update", path, "--key-file", key, "--clear", "8")
    assert [is_revoked(path, key, index, listed) for index in (6, 7, 8)] == [False, True, False]


def test_a_list_is_shown(tmp_path: Path, key: Path) -> None:
    path = tmp_path / "list.json"
    ebl("status-list", "create", URL, "--key-file", key, "--purpose", "suspension", "--multibase", "-o", path)
    ebl("status-list", "update", path, "--key-file", key, "--set", "7")
    assert json.loads(path.read_text())["credentialSubject"]["encodedList"].startswith("uH4sI")
    shown = json.loads(ebl("status-list", "show", "--json", path, "6", "7").stdout)
    assert (shown["url"], shown["purpose"], shown["entries"], shown["set"]) == (URL, "suspension", 131072, 1)
    assert shown["asked"] == {"6": False, "7": True}
    assert shown["valid_until"] is None
    text = ebl("status-list", "show", path, "7").stdout
    assert "entry 7      set" in text
    assert "issuer       did:key:" in text


def test_an_existing_list_is_not_made_anew(tmp_path: Path, key: Path) -> None:
    path = tmp_path / "list.json"
    ebl("status-list", "create", URL, "--key-file", key, "-o", path)
    before = path.read_bytes()
    again = ebl("status-list", "create", URL, "--key-file", key, "-o", path)
    assert (again.exit_code, path.read_bytes()) == (2, before)


def test_mistakes_change_nothing(tmp_path: Path, key: Path) -> None:
    path, other = tmp_path / "list.json", tmp_path / "other.json"
    ebl("status-list", "create", URL, "--key-file", key, "-o", path)
    ebl("key", "new", "-o", other)
    before = path.read_bytes()
    for code, words in (
        (5, ("update", path, "--key-file", other, "--set", "1")),
        (5, ("update", path, "--key-file", key, "--set", "131072")),
        (2, ("update", path, "--key-file", key, "--set", "1", "--clear", "1")),
        (2, ("update", path, "--key-file", key, "--set", "-1")),
        (5, ("show", path, "131072")),
        (5, ("show", key)),
        (5, ("show", tmp_path / "none.json")),
        (5, ("create", "http://carrier.example/1", "--key-file", key, "-o", "-")),
        (5, ("create", URL, "--key-file", key, "--entries", "8", "-o", "-")),
        (5, ("update", tmp_path / "none.json", "--key-file", key)),
    ):
        done = ebl("status-list", *words)
        assert done.exit_code == code, done.output
        assert done.stdout == ""
    assert path.read_bytes() == before


def test_a_key_file_that_others_may_read_is_remarked_on(tmp_path: Path, key: Path) -> None:
    key.chmod(0o644)
    done = ebl("status-list", "create", URL, "--key-file", key, "-o", "-")
    assert "chmod 600" in done.stderr
    assert json.loads(done.stdout)["id"] == URL


@pytest.mark.slow
def test_while_one_command_changes_a_list_another_waits_and_no_revocation_is_lost(tmp_path: Path, key: Path) -> None:
    path = tmp_path / "list.json"
    ebl("status-list", "create", URL, "--key-file", key, "-o", path)
    words = [sys.executable, "-m", "ebl", "status-list", "update", path, "--key-file", key, "--set"]
    with files.changing(path):
        waiting = [subprocess.Popen([*words, entry], stderr=subprocess.DEVNULL) for entry in "678"]
        with pytest.raises(subprocess.TimeoutExpired):
            waiting[0].wait(1.5)
        now, before = datetime.now(UTC), json.loads(path.read_bytes())
        changed = list_credential.updated(before, {5: True}, valid_from=now)
        files.overwrite(path, json.dumps(list_credential.signed(changed, read(str(key)), created=now)).encode())
    for update in waiting:
        assert update.wait(PATIENT) == 0
    assert [is_revoked(path, key, entry) for entry in range(5, 10)] == [True, True, True, True, False]
