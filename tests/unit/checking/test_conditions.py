"""A VALID that rests on what was not established says so: in Python, in JSON, in brief output, and to scripts that ask."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from ebl.cli import print_reports as reports
from ebl.codes import Condition, Remark
from ebl.messages import own_words
from ebl.model.document import Document, Issuer
from ebl.model.findings import Group, Moment, Noted, Passed, Verdict
from ebl.policy import UnsafeAnyIssuer
from ebl.reports.report import Report

NOW = Moment(datetime(2026, 1, 1, tzinfo=UTC))
DOCUMENT = Document("oa2", bytes(32), (Issuer("Line"),), (), {}, {})
CONDITION = Noted(Group.POLICY, "issuer", Condition.ANY_ISSUER, own_words("it rests on this"))
REMARK = Noted(Group.STATUS, "status", Remark.PAUSED, own_words("good to know"))


def report(*more: Noted) -> Report:
    return Report(DOCUMENT, NOW, (Passed(Group.INTEGRITY, "hash"), *more))


def test_a_condition_changes_no_verdict_and_stands_apart_from_the_remarks() -> None:
    found = report(REMARK, CONDITION)
    assert found.verdict is Verdict.VALID
    assert found.conditions == (CONDITION,)
    assert [row["code"] for row in found.to_dict()["conditions"]] == ["policy.any_issuer"]
    outcomes = {row["code"]: row["outcome"] for row in found.to_dict()["findings"]}
    assert outcomes["policy.any_issuer"] == "condition" and outcomes["status.paused"] == "note"


@pytest.mark.parametrize("brief", [True, False])
def test_every_condition_is_printed_with_the_verdict(brief: bool) -> None:
    text = "\n".join(reports.lines("bill.json", report(REMARK, CONDITION), brief=brief))
    assert "policy.any_issuer: it rests on this" in text
    assert ("good to know" in text) is not brief


def test_accepting_anybody_is_a_condition() -> None:
    (note,) = UnsafeAnyIssuer().check([])
    assert note.remark is Condition.ANY_ISSUER


def test_scripts_may_ask_that_a_valid_with_conditions_is_no_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    from ebl.cli import main

    given: list[Report] = []
    monkeypatch.setattr(reports, "examine_all", lambda documents, *_, **__: (given[0] for _ in documents))
    for found, plain, strict in ((report(REMARK), 0, 0), (report(CONDITION), 0, 3)):
        given[:] = [found]
        words = ["verify", "-", "--offline"]
        assert CliRunner().invoke(main, words, input=b"{}").exit_code == plain
        assert CliRunner().invoke(main, [*words, "--fail-on-conditions"], input=b"{}").exit_code == strict


def test_a_valid_on_conditions_is_counted_as_valid_and_its_exit_code_is_explained(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from ebl.cli import main

    monkeypatch.setattr(reports, "examine_all", lambda documents, *_, **__: (report(CONDITION) for _ in documents))
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text("{}", "utf-8")
    words = ["verify", str(tmp_path), "--offline"]
    plain, strict = (CliRunner().invoke(main, [*words, *more]) for more in ((), ("--fail-on-conditions",)))
    for shown in (plain, strict):
        assert "2 files: 2 valid; 2 of the valid on conditions" in shown.stderr
    assert (plain.exit_code, strict.exit_code) == (0, 3)
    explained = "counts as undetermined in the exit code"
    assert explained in strict.stderr and explained not in plain.stderr
    single = CliRunner().invoke(main, ["verify", str(tmp_path / "a.json"), "--offline", "--fail-on-conditions"])
    assert explained in single.stderr


def test_the_page_for_verifiers_names_every_condition() -> None:
    page = (Path(__file__).parents[3] / "docs" / "bank" / "verifying.md").read_text("utf-8")
    table = page.split("| a condition | means that |")[1].split("\n\n")[0]
    assert [code for code in Condition if f"`{code}`" not in table] == []
