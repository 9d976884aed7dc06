"""The same bill twice in one run is said to be one bill: whatever the file's name, spelling, proof or withheld fields."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ebl.checking.formats import read
from ebl.checking.repeats import Repeats
from ebl.cli import main
from ebl.codes import Condition, Doubt, Failure
from ebl.credential import derive, sign
from ebl.credentials.present import present
from ebl.messages import own_words
from ebl.model.findings import Failed, Group, Moment, Passed, Unknown
from ebl.openattestation.redact import redact
from ebl.reports.report import Report
from ebl.status.token_registry import TokenRegistry
from ebl.testing.bills import bill
from ebl.wrap import to_json, wrap
from tests.unit.credentials.test_present import HOLDER, ISSUER, NOW, SOON, certificate

STORE = "0x" + "11" * 20


def wrapped(number: int) -> dict[str, Any]:
    return wrap(bill(number, store=STORE, domain="carrier.example", chain_id=1337))


def report(document: dict[str, Any], *more: Any) -> Report:
    made = read(json.dumps(document).encode())
    return Report(made, Moment(NOW), (Passed(Group.INTEGRITY, "hash"), *more))


def said(*reports: Report) -> list[set[Condition]]:
    repeats = Repeats()
    return [
        {
            found.remark
            for found in repeats.noted(f"{number}.json", one).conditions
            if isinstance(found.remark, Condition)
        }
        for number, one in enumerate(reports)
    ]


def named(number: int = 1, **more: Any) -> dict[str, Any]:
    return certificate(id=f"urn:uuid:00000000-0000-4000-8000-{number:012}", **more)


def test_a_document_is_known_again_by_its_hash_however_it_is_written_or_redacted() -> None:
    one = wrapped(1)
    shorter = redact(one, ["packages"]).document
    assert said(report(one), report(wrapped(2)), report(one), report(shorter)) == [
        set(),
        set(),
        {Condition.REPEATED},
        {Condition.REPEATED},
    ]


def test_a_credential_is_known_again_by_what_it_says_or_by_its_issuer_and_id() -> None:
    bare, with_id = certificate(), named()
    again = sign({name: value for name, value in bare.items() if name != "proof"}, ISSUER, created=NOW)
    assert said(report(bare), report(again)) == [set(), {Condition.REPEATED}]
    less = derive(with_id, ["/credentialSubject/name"])
    assert said(report(with_id), report(less), report(named(2))) == [set(), {Condition.REPEATED}, set()]


def test_a_credential_is_known_again_in_a_presentation() -> None:
    shown = present([named(1), named(2)], HOLDER, expires=SOON, created=NOW)
    assert said(report(shown), report(named(2))) == [set(), {Condition.REPEATED}]
    assert said(report(named(1)), report(shown)) == [set(), {Condition.REPEATED}]
    assert said(report(present([named(1), named(1)], HOLDER, expires=SOON, created=NOW))) == [set()]


def titled(document: dict[str, Any], *, chain_id: int = 1337, token: int = 7) -> Report:
    claim = TokenRegistry(chain_id, STORE, token.to_bytes(32, "big"), bytes(32), ())
    return report(document, Unknown(Group.STATUS, "token_registry", Doubt.OFFLINE, own_words("not asked"), claim))


def test_two_documents_for_one_title_are_named_across_formats() -> None:
    one, other, third = titled(wrapped(1)), titled(named(1)), titled(named(1, valid_until=SOON))
    assert said(one, other, one) == [set(), {Condition.TITLE_TWICE}, {Condition.REPEATED}]
    assert said(other, third) == [set(), {Condition.TITLE_TWICE}]
    assert said(one, titled(wrapped(2), token=8), titled(wrapped(3), chain_id=1)) == [set(), set(), set()]


def test_a_bad_copy_casts_no_doubt_on_a_good_bill() -> None:
    one = wrapped(3)
    bad = report(one, Failed(Group.INTEGRITY, "hash", Failure.HASH_MISMATCH, own_words("")))
    assert said(bad, report(one), bad) == [set(), set(), set()]


def ebl(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_it_is_in_text_and_json_and_counted(tmp_path: Path) -> None:
    one = wrapped(1)
    (tmp_path / "a.json").write_bytes(to_json(one))
    (tmp_path / "b.tt").write_text(json.dumps(one, indent=3), "utf-8")
    (tmp_path / "c").write_bytes(to_json(wrapped(2)))
    text = ebl("verify", "--offline", tmp_path)
    assert "! document  document.repeated: the same document as" in text.stdout
    assert "3 files: 3 undetermined; 1 the same as one before" in text.stderr
    a, b, c = map(json.loads, ebl("verify", "--offline", "--json", tmp_path).stdout.splitlines())
    codes = [[row["code"] for row in one["conditions"]] for one in (a, b, c)]
    assert ["document.repeated" in found for found in codes] == [False, True, False]
    twice = ebl("verify", "--offline", tmp_path / "c", tmp_path / "c")
    assert "document.repeated" in twice.stdout
    assert "document.repeated" not in ebl("verify", "--offline", tmp_path / "c").stdout


def test_credentials_are_compared_by_vc_verify_too(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_text(json.dumps(named()), "utf-8")
    assert "document.repeated" in ebl("verify", "--offline", tmp_path).stdout


@pytest.mark.parametrize("each", [False, True])
def test_wrapping_one_bill_from_two_files_is_told(each: bool, tmp_path: Path) -> None:
    raw = json.dumps(bill(1, store=STORE, domain="carrier.example", chain_id=1337))
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    for name in ("bill.json", "bill (1).json"):
        (drafts / name).write_text(raw, "utf-8")
    done = ebl("wrap", drafts, "-o", tmp_path / "out", *(["--each"] if each else []))
    assert done.exit_code == 0 and "has the same data as" in done.stderr


def test_what_is_remembered_is_small() -> None:
    made = report(wrapped(1))
    assert made.document is not None
    repeats = Repeats()
    tracemalloc.start()
    for number in range(5_000):
        repeats.noted("x", replace(made, document=replace(made.document, digest=number.to_bytes(32, "big"))))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 5_000 * 250
