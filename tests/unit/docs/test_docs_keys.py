"""The commands in the how-to on keys and status lists do what the text says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from ebl.cli import main
from ebl.codes import Doubt, Failure

pytest.importorskip("py_arkworks_bls12381")
PAGE = Path(__file__).parents[3] / "docs" / "shipper" / "keys-and-status-lists.md"


def test_every_command_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    lines = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
    assert len(lines) == 7
    printed = []
    for words in lines:
        assert words[0] == "ebl"
        done = CliRunner().invoke(main, words[1:])
        assert done.exit_code == 0, (words, done.output)
        printed.append(done.output)
    assert "https://carrier.example/.well-known/did.json" in printed[2]
    assert "entry 41     not set\nentry 42     set" in printed[5]
    assert len(json.loads(Path("did.json").read_text())["verificationMethod"]) == 2
    assert Path("carrier.key").stat().st_mode & 0o777 == 0o600


def test_the_codes_that_the_page_names_exist() -> None:
    named = re.findall(r"`((?:status|install)\.[a-z_]+)`", PAGE.read_text("utf-8"))
    assert set(named) == {Failure.LIST_UNBOUND, Doubt.LIST_OUTDATED, Doubt.MISSING_EXTRA}
