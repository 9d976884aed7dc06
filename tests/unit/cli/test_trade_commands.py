"""``ebl trade check``: its JSON, its texts in both languages, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ebl.cli import main
from ebl.testing.bills import bill
from ebl.wrap import to_json, wrap
from tests.unit.trade.made_up import changed, document


def check(folder: Path, data: Any, *words: str) -> Result:
    file = folder / "draft.json"
    file.write_text(json.dumps(data), "utf-8")
    return CliRunner().invoke(main, ["trade", "check", str(file), *words])


def test_the_json_has_schema_rules_and_codes_apart(tmp_path: Path) -> None:
    done = check(tmp_path, changed(("issueDate", None), ("freightPaymentTermCode", "FOB")), "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["file"] == str(tmp_path / "draft.json")
    assert told["schema"] == {
        "valid": False,
        "errors": [{"place": "/freightPaymentTermCode", "message": "expected one of PRE, COL; found 'FOB'"}],
    }
    assert [row["id"] for row in told["rules"]] == [f"TD-{number:02}" for number in range(1, 24)]
    assert told["rules"][7] == {
        "id": "TD-08",
        "outcome": "failed",
        "severity": "error",
        "place": "/issueDate",
        "message": "expected: an issued document has an issue date; found: nothing",
    }


@pytest.mark.parametrize(
    ("change", "words", "code"),
    [
        ([], [], 0),
        ([("issueDate", None)], [], 1),
        ([("termsAndConditions", None)], [], 1),
        ([("utilizedTransportEquipments.0.seals", []), ("carrierCode", "BHL")], [], 1),
        ([("transports.portOfLoading", {"locationName": "Hamburg"})], [], 3),
        ([("documentParties.consignee.taxLegalReferences.0.value", "1")], [], 0),
        ([("documentParties.consignee.taxLegalReferences.0.value", "1")], ["--strict"], 1),
    ],
)
def test_the_exit_code_is_that_of_the_worst(
    tmp_path: Path, change: list[tuple[str, Any]], words: list[str], code: int
) -> None:
    assert check(tmp_path, changed(*change), *words).exit_code == code


def test_it_is_told_in_english_and_in_chinese(tmp_path: Path) -> None:
    done = check(tmp_path, changed(("issueDate", None)), "--lang", "both")
    assert "Schema of DCSA 3.0.4: met." in done.stdout
    assert "TD-08 FAILED (error)  /issueDate" in done.stdout
    assert "TD-08 不符合（错误）  /issueDate" in done.stdout
    assert "应为：已签发的单证应有签发日期；实为：没有内容" in done.stdout
    assert "passed  " not in done.stdout
    assert "TD-12 passed" in check(tmp_path, document(), "--all", "--lang", "en").stdout


def test_a_bill_with_other_names_is_not_decided(tmp_path: Path) -> None:
    file = tmp_path / "bill.json"
    file.write_bytes(to_json(wrap(bill(1, store="0x" + "11" * 20, domain="a.example", chain_id=1))))
    done = CliRunner().invoke(main, ["trade", "check", str(file), "--json"])
    assert (done.exit_code, json.loads(done.stdout)["schema"]["valid"]) == (3, None)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"a": ', '"x"'])
def test_another_file_is_unreadable(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text, "utf-8")
    done = CliRunner().invoke(main, ["trade", "check", str(tmp_path / "x.json")])
    assert done.exit_code == 5
    assert "error" in done.stderr and done.stdout == ""


def test_several_files_are_told_one_by_one_and_the_worst_counts(tmp_path: Path) -> None:
    names = [str(tmp_path / name) for name in ("good.json", "bad.json", "none.json", "text.json")]
    Path(names[0]).write_text(json.dumps(document()), "utf-8")
    Path(names[1]).write_text(json.dumps(changed(("issueDate", None))), "utf-8")
    Path(names[3]).write_text("hello", "utf-8")
    done = CliRunner().invoke(main, ["trade", "check", *names, "--json"])
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 1
    assert [row["file"] for row in rows] == names
    assert [row.get("error", {}).get("code") for row in rows] == [None, None, "document.no_file", "document.not_json"]
    assert CliRunner().invoke(main, ["trade", "check", names[0], names[3]]).exit_code == 5


def test_a_list_of_places_that_is_none_is_a_mistake_of_usage(tmp_path: Path) -> None:
    done = check(tmp_path, document(), "--locodes", str(tmp_path / "none.csv"))
    assert done.exit_code == 2
