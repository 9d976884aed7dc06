"""Findings add up to three verdicts, and policies judge facts."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, NoReturn

import pytest

from ebl.codes import Doubt, Failure
from ebl.config.networks import pace
from ebl.errors import InvalidInput, SourceError, Undetermined, Unreadable
from ebl.identity.dns_txt import DnsTxt
from ebl.messages import own_words
from ebl.model.document import Document, Issuer
from ebl.model.findings import Claim, Fact, Failed, Group, Identified, Moment, Note, Passed, Unknown, Verdict
from ebl.model.ports import Block, Page, Sources, TxtRecords
from ebl.model.wholeness import UNKNOWN, WHOLE
from ebl.openattestation.revocation import NotRevoked
from ebl.policy import AllOf, IssuedBy, NotReturned, Policy, UnsafeAnyIssuer
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.testing.bills import bill
from ebl.verify import NotVerified, examine, examine_all, verify
from ebl.wrap import to_json, wrap
from tests.patience import PATIENT

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
    return Sources(pace=pace, chain=lambda chain_id: Chain(), dns=Zone(zone), fetch=offline().fetch, now=NOW)  # type: ignore[arg-type,return-value]


def document(*domains: str) -> Document:
    issuers = tuple(Issuer("Carrier", identity=(DnsTxt(domain, 1337, STORE),)) for domain in domains)
    return Document("oa2", None, issuers, (), {}, {}, status=(DnsTxt(domains[0], 1337, STORE),), whole=WHOLE)


def test_a_report_has_no_truth_value() -> None:
    with pytest.raises(TypeError, match="three verdicts"):
        bool(Report(None, Moment(NOW)))


def test_nothing_found_is_invalid() -> None:
    assert Report(None, Moment(NOW)).verdict is Verdict.INVALID


def test_a_failure_beats_a_doubt_and_a_doubt_beats_a_pass() -> None:
    passed = Passed(Group.STATUS, "a")
    doubt = Unknown(Group.STATUS, "b", Doubt.CHAIN_UNREACHABLE, own_words(""))
    failed = Failed(Group.STATUS, "c", Failure.REVOKED, own_words(""))
    assert Report(None, Moment(NOW), (passed,)).verdict is Verdict.VALID
    assert Report(None, Moment(NOW), (passed, doubt)).verdict is Verdict.INDETERMINATE
    assert Report(None, Moment(NOW), (doubt, failed, passed)).verdict is Verdict.INVALID


class Doubtful(Policy):
    """A rule that finds the sources wanting."""

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        raise SourceError(Doubt.CHAIN_STALE, own_words("too old"))


class Lacking(Policy):
    """A rule that needs a fact that nothing could have supplied."""

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        raise Undetermined(Doubt.NO_FACT, own_words("no title"))


@pytest.mark.parametrize("rules", ((Doubtful(), Lacking()), (Lacking(), Doubtful())))
def test_the_order_of_rules_decides_nothing(rules: tuple[Policy, ...]) -> None:
    report = examine(document("carrier.example"), AllOf(*rules), sources=sources({"carrier.example": (RECORD,)}))
    assert report.verdict is Verdict.INVALID
    assert {(type(f), f.check) for f in report.findings if f.group is Group.POLICY} == {
        (Unknown, "Doubtful"),
        (Failed, "Lacking"),
    }


def test_the_report_says_in_words_which_rules_accepted() -> None:
    class Silent(Policy):
        def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
            return ()

    rules = AllOf(IssuedBy("carrier.example"), NotReturned(), Silent())
    report = examine(document("carrier.example"), rules, sources=sources({"carrier.example": (RECORD,)}))
    said = {row["check"]: row["message"] for row in report.to_dict()["findings"] if row["group"] == "policy"}
    assert said == {
        "IssuedBy": "every issuer is carrier.example",
        "NotReturned": "no title is surrendered or accomplished",
        "Silent": "",
    }


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
    report = examine(document("carrier.example"), IssuedBy("carrier.example"), sources=offline(now=NOW))
    assert report.verdict is Verdict.INDETERMINATE
    assert {f["code"] for f in report.to_dict()["findings"]} == {"source.offline", "policy.undetermined"}


def test_offline_no_thread_is_started_and_what_is_found_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = offline(now=NOW)
    asked = replace(
        nowhere, fetch=lambda url, *, accept: nowhere.fetch(url, accept=accept)
    )  # so it is not known to be nowhere
    bills = []
    for kind, removed in (("documentStore", None), ("documentStore", "network"), ("tokenRegistry", None)):
        raw = bill(1, store="0x" + "11" * 20, domain="a.example", chain_id=1)
        raw["issuers"][0][kind] = raw["issuers"][0].pop("documentStore")
        raw.pop(removed, None)
        bills.append(to_json(wrap(raw)))
    threaded = [examine(text, UnsafeAnyIssuer(), sources=asked) for text in bills]
    monkeypatch.setattr(threading.Thread, "start", lambda _: pytest.fail("a thread was started"))
    for text, report in zip(bills, threaded, strict=True):
        alone = examine(text, UnsafeAnyIssuer(), sources=nowhere)
        assert str(alone) == str(report)
        assert alone.to_dict() == report.to_dict()


def test_a_claim_without_a_check_is_not_passed_over() -> None:
    @dataclass(frozen=True, slots=True)
    class Odd(Claim):
        group: ClassVar[Group] = Group.STATUS
        name: ClassVar[str] = "odd"

    odd = Document("oa2", None, (Issuer("X", identity=(Odd(),)),), (), {}, {}, status=(Odd(),))
    assert examine(odd, UnsafeAnyIssuer(), sources=offline(now=NOW)).verdict is Verdict.INDETERMINATE


def test_an_issuer_without_status_or_identity_is_refused() -> None:
    bare = Document("oa2", None, (Issuer("X"),), (), {}, {}, whole=WHOLE)
    report = examine(bare, UnsafeAnyIssuer(), sources=offline(now=NOW))
    assert {f.failure for f in report.findings if isinstance(f, Failed)} == {Failure.NO_STATUS, Failure.NO_IDENTITY}
    report = examine(replace(bare, whole=UNKNOWN), UnsafeAnyIssuer(), sources=offline(now=NOW))
    assert report.verdict is Verdict.INDETERMINATE  # absence is a no in a whole document only


def test_all_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput):
        AllOf()


# overlapping, and in time ---------------------------------------------------------------------------------------------


class Gate:
    """A zone whose names answer only once all of them are asked for: asked one after another, they would wait for ever."""

    def __init__(self, *names: str) -> None:
        self.barrier = threading.Barrier(len(names), timeout=PATIENT)
        self.asked: Counter[str] = Counter()

    def txt(self, name: str) -> TxtRecords:
        self.asked[name] += 1
        self.barrier.wait()
        return TxtRecords(name, (RECORD,))


def gated(gate: object) -> Sources:
    return Sources(pace=pace, chain=lambda chain_id: Chain(), dns=gate, fetch=offline().fetch, now=NOW)  # type: ignore[arg-type,return-value]


def test_checks_of_one_document_overlap_and_their_findings_keep_the_documents_order() -> None:
    names = [f"carrier{n}.example" for n in range(5)]
    report = examine(document(*names), UnsafeAnyIssuer(), sources=gated(Gate(*names)))
    assert report.verdict is Verdict.VALID
    proved = [fact.who.domain for fact in report.facts if isinstance(fact, Identified)]
    assert proved == ["carrier0.example", *names]


def test_documents_overlap_and_their_reports_keep_their_order() -> None:
    names = [f"carrier{n}.example" for n in range(4)]
    gate = Gate(*names)
    reports = [*examine_all((document(name) for name in names), UnsafeAnyIssuer(), sources=gated(gate), at_once=4)]
    assert [type(report) for report in reports] == [Report] * 4
    assert [report.facts[0].who.domain for report in reports] == names  # type: ignore[union-attr,attr-defined]
    assert set(gate.asked.values()) == {1}


@pytest.mark.parametrize(("later", "is_new"), [(timedelta(minutes=9), False), (timedelta(minutes=11), True)])
def test_documents_that_come_much_later_are_not_judged_by_old_answers(later: timedelta, is_new: bool) -> None:
    clock, zone, heard = [NOW], Zone({"carrier.example": (RECORD,)}), threading.Event()

    class Heard:
        def txt(self, name: str) -> TxtRecords:
            found = zone.txt(name)
            heard.set()
            return found

    def incoming() -> Iterator[Document]:
        yield document("carrier.example")
        assert heard.wait(10)
        clock[0], zone["carrier.example"] = NOW + later, ()
        yield document("carrier.example")

    world = replace(gated(Heard()), now=lambda: clock[0])
    first, second = examine_all(incoming(), UnsafeAnyIssuer(), sources=world)
    assert isinstance(first, Report) and isinstance(second, Report)
    assert first.verdict is Verdict.VALID
    assert second.verdict is (Verdict.INVALID if is_new else Verdict.VALID)
    assert second.moment.now - first.moment.now == (later if is_new else timedelta())


def test_bytes_that_are_no_document_do_not_stop_the_others() -> None:
    world = sources({"carrier.example": (RECORD,)})
    first, second = examine_all([b"not json", document("carrier.example")], UnsafeAnyIssuer(), sources=world)
    assert isinstance(first, Unreadable)
    assert isinstance(second, Report)


@pytest.mark.slow
def test_what_is_not_answered_in_time_is_unknown_and_the_rest_is_reported() -> None:
    never = threading.Event()

    class Slow:
        def txt(self, name: str) -> TxtRecords:
            if name == "slow.example":
                never.wait(PATIENT)
            return TxtRecords(name, (RECORD,))

    report = examine(document("carrier.example", "slow.example"), UnsafeAnyIssuer(), sources=gated(Slow()), seconds=2)
    never.set()
    assert report.verdict is Verdict.INDETERMINATE
    assert [f.doubt for f in report.findings if isinstance(f, Unknown)] == [Doubt.OUT_OF_TIME]
    assert len(report.facts) == 2


@pytest.mark.slow
def test_a_definite_no_beats_what_was_not_answered_in_time() -> None:
    never = threading.Event()

    class Slow:
        def txt(self, name: str) -> TxtRecords:
            if name == "slow.example":
                never.wait(PATIENT)
            return TxtRecords(name, ())

    report = examine(document("carrier.example", "slow.example"), UnsafeAnyIssuer(), sources=gated(Slow()), seconds=2)
    never.set()
    assert report.verdict is Verdict.INVALID


@pytest.mark.parametrize("overlap", [True, False])
def test_a_check_of_many_questions_stops_asking_when_the_time_is_over(overlap: bool) -> None:
    asked: list[str] = []

    def slow(url: str, *, accept: object) -> Page:
        asked.append(url)
        time.sleep(0.2)
        return Page(url, "application/json", json.dumps({"revoked": False, "documentHash": url[-66:]}).encode())

    kept = NotRevoked("OCSP_RESPONDER", "https://ocsp.example", None, bytes(32), bytes(32), (bytes(32),) * 60)
    many = Document("oa2", None, (), (), {}, {}, status=(kept,))
    world = Sources(pace=pace, chain=offline().chain, dns=Zone(), fetch=slow, now=NOW)
    (report,) = examine_all([many], UnsafeAnyIssuer(), sources=world, seconds=0.1, overlap=overlap)
    assert isinstance(report, Report)
    assert [f.doubt for f in report.findings if isinstance(f, Unknown)] == [Doubt.OUT_OF_TIME]
    assert len(asked) <= 1


def broken(claim: object, sources: Sources) -> NoReturn:
    raise ZeroDivisionError("a value of the document")


def test_a_bug_in_a_check_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ebl.identity.dns_txt.DnsTxt.check", broken)
    with pytest.raises(ZeroDivisionError):
        examine(document("carrier.example"), UnsafeAnyIssuer(), sources=gated(Zone()))


def test_a_bug_that_one_document_meets_is_that_documents_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from ebl.identity.dns_txt import DnsTxt

    right = DnsTxt.check
    monkeypatch.setattr(
        DnsTxt, "check", lambda claim, sources: (broken if claim.domain == "bad.example" else right)(claim, sources)
    )
    names = ["carrier.example", "bad.example", "carrier.example"]
    zone = Zone({"carrier.example": (RECORD,)})
    found = [*examine_all(map(document, names), UnsafeAnyIssuer(), sources=gated(zone))]
    verdicts = [report.verdict for report in found if isinstance(report, Report)]
    assert verdicts == [verdicts[0], Verdict.INDETERMINATE, verdicts[0]]
    assert "program.fault: the program failed with ZeroDivisionError" in found[1].summary  # type: ignore[union-attr]
    assert "test_verify.py" in caplog.text and "a value of the document" not in caplog.text


def test_a_source_that_fails_in_a_way_of_its_own_leaves_it_open() -> None:
    class Broken:
        def txt(self, name: str) -> TxtRecords:
            raise ZeroDivisionError

    report = examine(document("carrier.example"), UnsafeAnyIssuer(), sources=gated(Broken()))
    assert Doubt.DNS_BAD_ANSWER in {f.doubt for f in report.findings if isinstance(f, Unknown)}


# what the report says of the issuers ----------------------------------------------------------------------------------


def test_whom_the_facts_prove_comes_before_what_the_document_claims() -> None:
    name = "shop.xn--bcher-kva.example"
    report = examine(document(name), UnsafeAnyIssuer(), sources=sources({name: (RECORD,)}))
    (issuer,) = report.to_dict()["issuers"]
    assert list(issuer) == ["identity_now", "identity_at_issuance", "claimed"]
    assert issuer["identity_now"] == [
        {
            "domain": name,
            "shown": "shop.bücher.example",
            "registered": "xn--bcher-kva.example",
            "did": None,
            "assurance": "single",
            "wildcard": False,
        }
    ]
    assert issuer["claimed"] == {"name": "Carrier", "id": None}


def test_an_issuer_whose_claim_did_not_hold_is_nobody() -> None:
    report = examine(document("carrier.example"), UnsafeAnyIssuer(), sources=sources({}))
    assert report.to_dict()["issuers"][0]["identity_now"] == []


def test_a_document_of_many_issuers_starts_no_more_threads_than_are_useful() -> None:
    names = [f"carrier{n}.example" for n in range(200)]
    most, others = 0, set(threading.enumerate())  # such as may still be on their way out

    class Counting:
        def txt(self, name: str) -> TxtRecords:
            nonlocal most
            most = max(most, sum(thread.name == "ebl check" for thread in {*threading.enumerate()} - others))
            return TxtRecords(name, (RECORD,))

    assert examine(document(*names), UnsafeAnyIssuer(), sources=gated(Counting())).verdict is Verdict.VALID
    assert 1 <= most <= 16


# what can be examined -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [bytes, bytearray, str, dict, Path])
def test_a_document_is_examined_in_whatever_form_the_caller_has_it(form: type, tmp_path: Path) -> None:
    wrapped = wrap(bill(1, store=STORE, domain="carrier.example", chain_id=1337))
    raw = to_json(wrapped)
    (tmp_path / "bill.json").write_bytes(raw)
    forms = {bytes: raw, bytearray: bytearray(raw), str: raw.decode(), dict: wrapped, Path: tmp_path / "bill.json"}
    expected = examine(raw, UnsafeAnyIssuer(), sources=offline(now=NOW)).to_dict()
    names = {Path: str(tmp_path / "bill.json")}
    expected["file"] = None if form in (str, dict) else {**expected["file"], "name": names.get(form)}
    assert examine(forms[form], UnsafeAnyIssuer(), sources=offline(now=NOW)).to_dict() == expected
    (one,) = examine_all([forms[form]], UnsafeAnyIssuer(), sources=offline(now=NOW))
    assert isinstance(one, Report) and one.to_dict() == expected


@pytest.mark.parametrize("wrong", [None, 7, ["{}"], {"a": object()}, {"a": {1, 2}}])
def test_what_is_no_document_in_any_form_is_the_callers_mistake(wrong: object) -> None:
    with pytest.raises(InvalidInput):
        examine(wrong, UnsafeAnyIssuer(), sources=offline())  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        list(examine_all([wrong], UnsafeAnyIssuer(), sources=offline()))  # type: ignore[list-item]


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot read"):
        examine(tmp_path / "none.json", UnsafeAnyIssuer(), sources=offline())


def test_the_repr_of_a_report_is_a_line_with_the_verdict_and_the_codes() -> None:
    raw = to_json(wrap({**bill(1, store=STORE, domain="carrier.example", chain_id=1337), "cargo": ["x" * 99] * 60}))
    shown = repr(examine(raw, UnsafeAnyIssuer(), sources=offline(now=NOW)))
    assert len(shown) < 300 and "INDETERMINATE" in shown and "source.offline" in shown and "policy.any_issuer" in shown


@pytest.mark.parametrize("given", [None, "https://node.example", {1: "https://node.example"}])
def test_what_are_no_sources_is_refused_with_the_door_to_them(given: Any) -> None:
    for ask in (examine, lambda *words, **named: list(examine_all([words[0]], *words[1:], **named))):
        with pytest.raises(InvalidInput, match=r"Expected sources.*ebl\.sources\.online"):
            ask(b"{}", UnsafeAnyIssuer(), sources=given)
