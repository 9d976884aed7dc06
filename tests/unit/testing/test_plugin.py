"""The pytest plugin costs nothing unused."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ebl.chain.signers import LocalKey
from ebl.codes import Condition, Doubt, Failure, Remark
from ebl.messages import own_words
from ebl.model.document import Document, Issuer
from ebl.model.findings import Failed, Finding, Group, Moment, Noted, Passed, Unknown
from ebl.reports.report import Report
from ebl.testing.clock import Clock
from ebl.testing.verdicts import assert_verdict

ROOT = Path(__file__).parents[3]


def test_the_plugin_is_registered_and_imports_no_more_of_the_package_than_the_door_of_its_room() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"ebl.testing.plugin": "ebl.testing.plugin"}
    code = (
        "import sys, pytest, ebl.testing.plugin;"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('ebl', 'eth', 'web3', 'dns')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['ebl', 'ebl.model', 'ebl.model.later', 'ebl.testing', 'ebl.testing.plugin']"


def test_a_clock_stands_still_until_it_is_told_to_go_on() -> None:
    clock = Clock()
    assert clock.now == clock.now == datetime(2026, 1, 1, tzinfo=UTC)
    clock.advance(days=1, seconds=5)
    assert clock.now == datetime(2026, 1, 2, 0, 0, 5, tzinfo=UTC)
    assert clock.seconds() == clock.now.timestamp()


NOW = Moment(datetime(2026, 1, 1, tzinfo=UTC))
GOOD = Passed(Group.INTEGRITY, "hash")
REVOKED = Failed(Group.STATUS, "document_store", Failure.REVOKED, own_words("the store revoked it"))
SILENT = Unknown(Group.IDENTITY, "dns_txt", Doubt.DNS_TIMEOUT, own_words("no answer"))
ANYBODY = Noted(Group.POLICY, "issuer", Condition.ANY_ISSUER, own_words("it rests on this"))
PAUSED = Noted(Group.STATUS, "title", Remark.PAUSED, own_words("good to know"))


def report(*findings: Finding) -> Report:
    return Report(Document("oa2", bytes(32), (Issuer("Line"),), (), {}, {}), NOW, (GOOD, *findings))


def test_an_assertion_about_a_verdict_says_why_and_on_which_conditions() -> None:
    assert_verdict(report(ANYBODY), "valid")
    assert_verdict(report(ANYBODY), "valid", conditions=["policy.any_issuer"])
    assert_verdict(report(REVOKED, SILENT), "invalid", "status.revoked", "dns.timeout", conditions=())
    for wrong, words in (
        (
            (report(REVOKED, ANYBODY, PAUSED), "valid"),
            ["expected VALID", "status.revoked: the store revoked it", "policy.any_issuer: it rests on this"],
        ),
        (
            (report(SILENT), "indeterminate", "dns.servfail"),
            ["expected the reason dns.servfail", "dns.timeout: no answer"],
        ),
    ):
        with pytest.raises(AssertionError) as failed:
            assert_verdict(*wrong)
        assert all(word in str(failed.value) for word in words)
        assert "good to know" not in str(failed.value)
    with pytest.raises(AssertionError, match=r"expected the conditions none; got policy.any_issuer"):
        assert_verdict(report(ANYBODY), "valid", conditions=[])
    with pytest.raises(ValueError, match="vaild"):
        assert_verdict(report(), "vaild")
    with pytest.raises(ValueError, match=r"status.rewoked.*did you mean status.revoked"):
        assert_verdict(report(REVOKED), "invalid", "status.rewoked")
    with pytest.raises(ValueError, match=r"policy.any_issuers.*did you mean policy.any_issuer"):
        assert_verdict(report(ANYBODY), "valid", conditions=["policy.any_issuers"])


def test_an_account_that_is_not_there_names_those_that_are(ebl_accounts: dict[str, LocalKey]) -> None:
    assert ebl_accounts["carrier"].address
    with pytest.raises(KeyError, match=r"'carier' has no account; the roles are carrier, shipper"):
        ebl_accounts["carier"]


@pytest.mark.parametrize(
    "body",
    [
        'found = report(REVOKED, ANYBODY)\n    assert found.verdict == "valid"',
        "found = report(REVOKED, ANYBODY)\n    assert not found.conditions",
        "found = [report(), report(REVOKED, ANYBODY)]\n    assert all(one.verdict is Verdict.VALID for one in found)",
        "found = report(REVOKED, ANYBODY)\n    compare(found.verdict)",
        "raise NotVerified(report(REVOKED, ANYBODY))",
    ],
)
def test_whatever_fails_has_the_reasons_and_conditions_under_it(body: str, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""
from ebl.verify import NotVerified
from ebl.model.findings import Verdict
from tests.unit.testing.test_plugin import ANYBODY, REVOKED, report

def compare(verdict):
    assert verdict is Verdict.VALID

def test_it():
    {body}

def test_another():
    found = report()
    assert found.verdict is Verdict.VALID
"""
    )
    done = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(
        ["*ebl: *", "*status.revoked: the store revoked it", "*policy.any_issuer: it rests on this"]
    )
