"""Findings add up to three verdicts, and policies judge facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import pytest

from ebl.document import Document, Issuer
from ebl.errors import InvalidInput, NotVerified
from ebl.identity.dns_txt import DnsTxt
from ebl.policy import AllOf, IssuedBy, UnsafeAnyIssuer
from ebl.report import Claim, Failed, Failure, Group, Moment, Passed, Report, Unknown, Verdict
from ebl.sources import Block, Sources, TxtRecords
from ebl.verify import examine, verify

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STORE = "0x" + "11" * 20
RECORD = f"openatts net=ethereum netId=1337 addr={STORE}"


@dataclass(frozen=True, slots=True)
class Chain:
    id: int = 1337
    block: Block = Block(1337, 7, "0x" + "00" * 32, NOW)


class Zone(dict[str, tuple[str, ...]]):
    def txt(self, name: str) -> TxtRecords:
        return TxtRecords(name, self.get(name, ()))


def sources(zone: dict[str, tuple[str, ...]]) -> Sources:
    return Sources(chain=lambda chain_id: Chain(), dns=Zone(zone), fetch=Sources.offline().fetch, now=NOW)  # type: ignore[arg-type,return-value]


def document(*domains: str) -> Document:
    issuers = tuple(Issuer("Carrier", identity=(DnsTxt(domain, 1337, STORE),)) for domain in domains)
    return Document("oa2", None, issuers, (), {}, {}, status=(DnsTxt(domains[0], 1337, STORE),))


def test_a_report_has_no_truth_value() -> None:
    with pytest.raises(TypeError, match="three verdicts"):
        bool(Report(None, Moment(NOW)))


def test_nothing_found_is_invalid() -> None:
    assert Report(None, Moment(NOW)).verdict is Verdict.INVALID


def test_a_failure_beats_a_doubt_and_a_doubt_beats_a_pass() -> None:
    passed = Passed(Group.STATUS, "a")
    doubt = Unknown(Group.STATUS, "b", "chain.unreachable")  # type: ignore[arg-type]
    failed = Failed(Group.STATUS, "c", Failure.REVOKED)
    assert Report(None, Moment(NOW), (passed,)).verdict is Verdict.VALID
    assert Report(None, Moment(NOW), (passed, doubt)).verdict is Verdict.INDETERMINATE
    assert Report(None, Moment(NOW), (doubt, failed, passed)).verdict is Verdict.INVALID


def test_the_domain_that_vouches_is_the_one_that_the_policy_asks_for() -> None:
    world = sources({"carrier.example": (RECORD,)})
    report = verify(document("carrier.example"), IssuedBy("carrier.example"), sources=world)
    assert report.verdict is Verdict.VALID
    with pytest.raises(NotVerified) as refused:
        verify(document("carrier.example"), IssuedBy("bank.example"), sources=world)
    assert "policy.unexpected_issuer" in str(refused.value)


def test_two_issuers_of_which_one_is_unexpected_are_refused() -> None:
    world = sources({"carrier.example": (RECORD,), "other.example": (RECORD,)})
    report = examine(document("carrier.example", "other.example"), IssuedBy("carrier.example"), sources=world)
    assert Failure.UNEXPECTED_ISSUER in {f.failure for f in report.findings if isinstance(f, Failed)}


def test_offline_nothing_outside_is_answered_and_the_verdict_is_indeterminate() -> None:
    report = examine(document("carrier.example"), IssuedBy("carrier.example"), sources=Sources.offline(now=NOW))
    assert report.verdict is Verdict.INDETERMINATE
    assert {f["code"] for f in report.to_dict()["findings"]} == {"source.offline", "policy.undetermined"}


def test_a_claim_without_a_check_is_not_passed_over() -> None:
    @dataclass(frozen=True, slots=True)
    class Odd(Claim):
        group: ClassVar[Group] = Group.STATUS
        name: ClassVar[str] = "odd"

    odd = Document("oa2", None, (Issuer("X", identity=(Odd(),)),), (), {}, {}, status=(Odd(),))
    assert examine(odd, UnsafeAnyIssuer(), sources=Sources.offline(now=NOW)).verdict is Verdict.INDETERMINATE


def test_an_issuer_without_status_or_identity_is_refused() -> None:
    bare = Document("oa2", None, (Issuer("X"),), (), {}, {})
    report = examine(bare, UnsafeAnyIssuer(), sources=Sources.offline(now=NOW))
    assert {f.failure for f in report.findings if isinstance(f, Failed)} == {Failure.NO_STATUS, Failure.NO_IDENTITY}


def test_all_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput):
        AllOf()
