"""Documents that are examined together have the reports that each has by itself, with fewer requests."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ebl.chain.contracts import document_store_abi as store_abi
from ebl.checking import memory as memories
from ebl.checking.memo import Run
from ebl.codec.javascript_json import stringify
from ebl.codes import Doubt
from ebl.errors import InvalidInput, SourceError, Unreadable
from ebl.ethereum import abi
from ebl.messages import own_words
from ebl.model.findings import Unknown, Verdict
from ebl.model.ports import Answer, CodeAt, Page, Read, ReadsMany, Reverted, Sources, TxtRecords
from ebl.openattestation.revocation import NotRevoked
from ebl.policy import IssuedBy, Policy, UnsafeAnyIssuer
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.testing.bills import bill
from ebl.verify import Document, examine, examine_all
from ebl.wrap import to_json, wrap_batch
from tests.patience import PATIENT
from tests.unit.hostile import world
from tests.unit.hostile.mutation import mutated

DOCUMENTS = world.documents()
FIXTURES = Path(__file__).parents[3].parent / "shared" / "fixtures"


def files() -> list[bytes]:
    """Documents of every kind, the same again, and such as were changed."""
    random, plain = Random(7), list(DOCUMENTS.values())
    changed = [stringify(mutated(random.choice(plain), random, plain)) for _ in range(60)]
    published = [path.read_bytes() for path in sorted(FIXTURES.glob("*.json"))] if FIXTURES.exists() else []
    return [*map(to_json, plain), *changed, b"not json", *published, *map(to_json, plain)]


FILES = files()


def alone(raw: Any, policy: Policy, sources: Sources, **more: Any) -> Any:
    try:
        return examine(raw, policy, sources=sources, **more)
    except Unreadable as bad:
        return str(bad)


def together(raws: Any, policy: Policy, sources: Sources, **more: Any) -> list[Any]:
    reports = examine_all(raws, policy, sources=sources, **more)
    return [report if isinstance(report, Report) else str(report) for report in reports]


class Counting(ReadsMany):
    """The honest chain, which answers many reads at once; ``odd`` may answer otherwise, or raise."""

    def __init__(self, odd: Callable[[Read | CodeAt], Answer | None] = lambda read: None) -> None:
        self.honest, self.odd = world.chain_of(DOCUMENTS), odd
        self.id, self.block = self.honest.id, self.honest.block
        self.requests, self.asked = 0, 0

    @property
    def batch(self) -> int:
        return 40

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        self.requests += 1
        self.asked += len(reads)
        return tuple(self.odd(read) or self.honest.read(read)[0] for read in reads)

    def read_each(self, *reads: Read | CodeAt) -> Sequence[Answer | None]:
        assert len(reads) <= self.batch
        return self.read(*reads)

    def code(self, address: str) -> bytes:
        self.requests += 1
        return self.honest.code(address)

    def logs(self, *addresses: Any, **more: Any) -> Any:
        return self.honest.logs(*addresses, **more)


def dead(read: object) -> Answer | None:
    raise SourceError(Doubt.CHAIN_REFUSED, own_words("the node refuses"))


def moody(read: Read | CodeAt) -> Answer | None:
    """Fails for one in five questions, always the same."""
    if isinstance(read, Read) and sum(read.data) % 5 == 0:
        raise SourceError(Doubt.CHAIN_TIMEOUT, own_words("too much for the node"))
    return None


def reverts(read: Read | CodeAt) -> Answer | None:
    return Reverted(b"") if isinstance(read, Read) and sum(read.data) % 4 == 0 else None


class DeadZone:
    def txt(self, name: str) -> TxtRecords:
        raise SourceError(Doubt.DNS_TIMEOUT, own_words("no resolver answered"))


class FailingZone:
    def txt(self, name: str) -> TxtRecords:
        raise ZeroDivisionError


def plainly(found: Any) -> Sources:
    return world.sources(found)


WORLDS: dict[str, Callable[[], Sources]] = {
    "a chain that answers one read a time": lambda: plainly(world.chain_of(DOCUMENTS)),
    "a chain that answers many": lambda: plainly(Counting()),
    "a node that refuses": lambda: plainly(Counting(dead)),
    "a node for which some questions are too much": lambda: plainly(Counting(moody)),
    "contracts that revert": lambda: plainly(Counting(reverts)),
    "dead DNS": lambda: replace(plainly(Counting()), dns=DeadZone()),
    "DNS that fails": lambda: replace(plainly(Counting()), dns=FailingZone()),
    "nothing": lambda: offline(now=world.NOW),
    "proofs that are not there": lambda: replace(plainly(Counting()), prove=True),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
def test_reports_are_those_of_each_document_alone(name: str) -> None:
    policy = IssuedBy(world.DOMAIN)
    expected = [alone(raw, policy, WORLDS[name]()) for raw in FILES]
    for size in (1, 7, 500):
        assert together(FILES, policy, WORLDS[name](), window=size) == expected
    if name == "a chain that answers many":
        assert {one.verdict for one in expected if isinstance(one, Report)} == set(Verdict)


@pytest.mark.slow
def test_reports_of_documents_that_come_one_by_one_are_the_same() -> None:
    policy = UnsafeAnyIssuer()
    expected = together(FILES, policy, WORLDS["a chain that answers many"]())
    assert together(iter(FILES), policy, WORLDS["a chain that answers many"](), window=9) == expected


@pytest.mark.slow
def test_a_run_of_the_caller_knows_every_question_that_was_asked() -> None:
    policy = UnsafeAnyIssuer()
    runs = [Run(WORLDS["a chain that answers many"]()) for _ in range(2)]
    together(FILES, policy, runs[0].once)
    for raw in FILES:
        alone(raw, policy, runs[1].once)
    assert dict(runs[0].answers).keys() == dict(runs[1].answers).keys()
    assert runs[0].blocks == runs[1].blocks


# fewer requests -------------------------------------------------------------------------------------------------------


def batch(count: int) -> list[bytes]:
    """So many bills of one root."""
    made = wrap_batch([bill(n, store=world.STORE, domain=world.DOMAIN, chain_id=world.CHAIN) for n in range(count)])
    return [to_json(one) for one in made.documents]


def issued(raws: Sequence[bytes], **more: Any) -> Counting:
    chain = Counting(**more)
    chain.honest.issued |= {world.root(json.loads(raw)) for raw in raws}
    return chain


def test_the_questions_of_a_window_are_asked_together_and_once() -> None:
    raws = batch(200)
    chain = issued(raws)
    found = [*examine_all(raws, IssuedBy(world.DOMAIN), sources=world.sources(chain))]
    assert [report.verdict for report in found if isinstance(report, Report)] == [Verdict.VALID] * 200
    assert chain.asked <= 2 * 200 + 10
    assert chain.requests <= chain.asked // 40 + 1


def test_a_question_that_is_too_much_for_the_node_is_the_trouble_of_its_document_alone() -> None:
    raws = batch(200)
    bad = json.loads(raws[77])["signature"]["targetHash"]

    def odd(read: Read | CodeAt) -> Answer | None:
        if isinstance(read, Read) and read.data[-32:].hex() == bad:
            raise SourceError(Doubt.CHAIN_TIMEOUT, own_words("the node did not respond"))
        return None

    chain = issued(raws, odd=odd)
    found = [*examine_all(raws, IssuedBy(world.DOMAIN), sources=world.sources(chain))]
    doubtful = [at for at, report in enumerate(found) if report.verdict is not Verdict.VALID]  # type: ignore[union-attr]
    assert doubtful == [77]
    assert chain.requests < 120  # the documents of one batch asked for themselves


def test_a_node_that_is_silent_is_asked_a_few_times_only() -> None:
    def silent(read: object) -> Answer | None:
        raise SourceError(Doubt.CHAIN_TIMEOUT, own_words("the node did not respond"))

    raws = batch(300)
    chain = issued(raws, odd=silent)
    chain.code = silent  # type: ignore[method-assign,assignment]
    found = [*examine_all(raws, IssuedBy(world.DOMAIN), sources=world.sources(chain))]
    assert {report.verdict for report in found if isinstance(report, Report)} == {Verdict.INDETERMINATE}
    assert chain.requests <= 16


# what waits -----------------------------------------------------------------------------------------------------------


def test_a_source_of_documents_that_waits_holds_no_report_back() -> None:
    raws, had = batch(5), threading.Semaphore(0)

    def coming() -> Iterator[bytes]:
        yield from raws[:3]
        for _ in range(3):
            assert had.acquire(timeout=PATIENT), "the reports of what came before were held back"
        yield from raws[3:]

    found = examine_all(coming(), IssuedBy(world.DOMAIN), sources=world.sources(issued(raws)))
    count = 0
    for report in found:
        assert isinstance(report, Report) and report.verdict is Verdict.VALID
        count += 1
        had.release()
    assert count == 5


def test_an_error_of_the_source_of_documents_comes_after_the_reports_before_it() -> None:
    raws = batch(2)

    def coming() -> Iterator[bytes]:
        yield from raws
        raise OSError("the folder is gone")

    found = examine_all(coming(), IssuedBy(world.DOMAIN), sources=world.sources(issued(raws)))
    assert [next(found).verdict, next(found).verdict] == [Verdict.VALID] * 2  # type: ignore[union-attr]
    with pytest.raises(OSError, match="the folder is gone"):
        next(found)


def test_a_mistake_of_the_caller_is_raised_in_its_place() -> None:
    raws: list[Any] = [*batch(2), 7]
    found = examine_all(raws, IssuedBy(world.DOMAIN), sources=world.sources(issued(raws[:2])))
    assert [next(found).verdict, next(found).verdict] == [Verdict.VALID] * 2  # type: ignore[union-attr]
    with pytest.raises(InvalidInput):
        next(found)


def test_who_stops_early_leaves_no_thread_behind() -> None:
    raws = batch(300)
    found = examine_all(iter(raws), IssuedBy(world.DOMAIN), sources=world.sources(issued(raws)), window=5)
    next(found)
    found.close()  # type: ignore[attr-defined]
    until = time.monotonic() + PATIENT
    while any(thread.name == "ebl incoming" for thread in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_with_a_window_of_one_the_callers_thread_takes_the_documents() -> None:
    raws, threads = batch(3), set()

    def coming() -> Iterator[bytes]:
        for raw in raws:
            threads.add(threading.current_thread())
            yield raw

    assert len([*examine_all(coming(), UnsafeAnyIssuer(), sources=world.sources(issued(raws)), window=1)]) == 3
    assert threads == {threading.current_thread()}


def test_each_document_is_charged_for_its_own_pages_only() -> None:
    def slow(url: str, *, accept: object) -> Page:
        time.sleep(0.15)
        return Page(url, "application/json", json.dumps({"revoked": False, "documentHash": url[-66:]}).encode())

    kept = NotRevoked("OCSP_RESPONDER", "https://ocsp.example", None, bytes(32), bytes(32), (bytes(32),) * 10)
    many = Document("oa2", None, (), (), {}, {}, status=(kept,))
    raws = batch(3)
    sources = replace(world.sources(issued(raws)), fetch=slow)
    found = [*examine_all([many, *raws], IssuedBy(world.DOMAIN), sources=sources, seconds=0.4)]
    doubts = [[one.doubt for one in report.findings if isinstance(one, Unknown)] for report in found]  # type: ignore[union-attr]
    assert doubts[0][0] is Doubt.OUT_OF_TIME and doubts[1:] == [[], [], []]


# memory ---------------------------------------------------------------------------------------------------------------


def test_what_is_remembered_stays_bounded_however_many_documents_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memories, "MOST", 300)
    most = 0
    forget = memories.Memory.forget

    def watched(memory: memories.Memory) -> None:
        nonlocal most
        forget(memory)
        most = max(most, len(memory.known))

    monkeypatch.setattr(memories.Memory, "forget", watched)
    raws = batch(1000)
    chain = issued(raws)
    found = examine_all(raws, IssuedBy(world.DOMAIN), sources=world.sources(chain), window=50)
    assert all(report.verdict is Verdict.VALID for report in found if isinstance(report, Report))
    assert 0 < most <= 300
    assert chain.asked < 6 * 1000  # twelve each, if nothing were remembered


def test_an_answer_is_asked_for_once_however_much_the_run_of_a_caller_keeps() -> None:
    raws = batch(100)
    run = Run(world.sources(issued(raws)))
    [*examine_all(raws, IssuedBy(world.DOMAIN), sources=run.once, window=10)]
    read = [about[1] for kind, *about in dict(run.answers) if kind == "read"]
    targets = {store_abi.is_revoked(bytes.fromhex(json.loads(raw)["signature"]["targetHash"])) for raw in raws}
    assert targets <= {one.data for one in read}  # type: ignore[attr-defined]
    assert abi.encode_word("bool", True) in dict(run.answers).values()
