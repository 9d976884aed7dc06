"""The commands in the how-tos on withholding and sending do what the text says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from ebl.chain.signers import LocalKey
from ebl.cli import main
from ebl.testing.bills import bill
from ebl.wrap import to_json, wrap

DOCS = Path(__file__).parents[3] / "docs" / "shipper"
KEY = LocalKey(b"\x01" * 32)


@pytest.mark.parametrize("page", ["withholding.md", "encrypting.md", "signing-by-did.md"])
def test_every_command_of_the_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = re.findall(r"```json\n(.*?)```", (DOCS / "signing-by-did.md").read_text("utf-8"), re.DOTALL)
    monkeypatch.setenv("EBL_KEYSTORE_PASSWORD", "a password")
    made = CliRunner().invoke(main, ["wallet", "new", "-o", "did.json", "--json"])
    bill_did = shown[0].replace("0x…", json.loads(made.stdout)["address"])
    Path("bill.json").write_bytes(to_json(wrap(bill(1, store="0x" + "11" * 20, domain="a.example", chain_id=1))))
    Path("bill-did.json").write_text(bill_did, "utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    lines = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
    assert lines
    for words in lines:
        assert words[0] == "ebl"
        done = CliRunner().invoke(main, words[1:])
        assert done.exit_code == (3 if words[1] == "verify" else 0), (words, done.output)


def test_three_fields_are_withheld_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test_every_command_of_the_page_runs("withholding.md", tmp_path, monkeypatch)
    done = CliRunner().invoke(main, ["verify", "--offline", "--json", "shown.json"])
    assert json.loads(done.output)["document"]["whole"]["withheld"] == 3
    bill = json.loads(CliRunner().invoke(main, ["verify", "--offline", "--json", "bill.json"]).output)
    assert bill["document"]["whole"] == {"extent": "whole", "withheld": 0, "bound": [], "may_hide": []}
