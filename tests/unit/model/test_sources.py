"""Sources are of the moment at which they are asked, however long ago they were made and whoever shares them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.checking.memo import Run
from ebl.errors import InvalidInput, SourceError
from ebl.evidence import read, record, replay
from ebl.model.ports import Block, Sources
from ebl.policy import IssuedByTrusted, Trusted, UnsafeAnyIssuer
from ebl.sources import offline, online
from ebl.testing.bills import bill
from ebl.verify import examine, examine_all
from ebl.wrap import to_json, wrap

START = datetime(2026, 1, 1, tzinfo=UTC)
BILL = to_json(wrap(bill(1, store="0x" + "11" * 20, domain="carrier.example", chain_id=1337)))


class Ticking:
    """A clock that goes on whenever somebody looks at it, by a day unless a test says otherwise."""

    def __init__(self, step: timedelta = timedelta(days=1)) -> None:
        self.read, self.step = 0, step
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            self.read += 1
            return START + self.read * self.step


@pytest.mark.parametrize("make", [offline, lambda **now: online(rpc={}, **now)], ids=["offline", "online"])
def test_sources_that_were_made_long_ago_are_asked_at_the_time_of_each_verification(make: Any) -> None:
    clock = Ticking()
    sources = make(now=clock)
    assert clock.read == 0
    for day in range(1, 4):
        report = examine(BILL, UnsafeAnyIssuer(), sources=sources)
        assert report.moment.now == START + timedelta(days=day)
    assert clock.read == 3  # once each


def test_without_a_clock_of_ones_own_it_is_this_machines() -> None:
    sources = offline()
    before = datetime.now(UTC)
    assert before <= examine(BILL, UnsafeAnyIssuer(), sources=sources).moment.now <= datetime.now(UTC)
    assert sources.now < sources.now + timedelta(microseconds=1) <= sources.now + timedelta(seconds=1)


def test_all_documents_of_one_run_are_as_of_one_time_and_the_next_run_is_of_another() -> None:
    sources = offline(now=Ticking(timedelta(seconds=1)))  # well within the time for which a run lasts
    times = []
    for _ in range(2):
        reports = [*examine_all([BILL] * 20, UnsafeAnyIssuer(), sources=sources)]
        times += {report.moment.now for report in reports}  # type: ignore[union-attr]
    first, second = times
    assert START < first < second


def test_what_a_trust_lasts_until_counts_on_the_day_of_the_verification() -> None:
    now = [START]
    sources = offline(now=lambda: now[0])
    trust = IssuedByTrusted(Trusted(domain="carrier.example", until=START.date()))
    today = examine(BILL, trust, sources=sources).moment.now.date()
    now[0] += timedelta(days=1)
    assert (today, examine(BILL, trust, sources=sources).moment.now.date()) == (START.date(), now[0].date())


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_instead_of_a_clock_stands_still(moment: datetime) -> None:
    assert offline(now=moment).now == replace(offline(), now=moment).now == moment
    assert offline(now=lambda: moment).as_of(START).now == START
    run = Run(offline(now=moment))
    assert run.once.now == replay(read(record(run))).now == moment


def test_evidence_is_of_the_time_of_its_run_and_not_of_when_it_was_written() -> None:
    run = Run(offline(now=Ticking()))
    examine(BILL, UnsafeAnyIssuer(), sources=run.once)
    assert read(record(run)).time == read(record(run)).time == START + timedelta(days=1)


def test_a_time_without_its_zone_is_refused_and_so_is_a_clock_that_gives_one() -> None:
    with pytest.raises(InvalidInput, match="with its zone"):
        offline(now=datetime(2026, 1, 1))
    with pytest.raises(InvalidInput, match="with its zone"):
        examine(BILL, UnsafeAnyIssuer(), sources=offline(now=lambda: datetime(2026, 1, 1)))


def test_a_part_can_be_put_in_the_place_of_another_by_either_name() -> None:
    sources = offline(now=START)
    later = START + timedelta(days=1)
    assert replace(sources, now=later).now == replace(sources, clock=lambda: later).now == later
    assert replace(sources, prove=True).now == START
    here: Any = SimpleNamespace(block=Block(5, 1, "0x", START))
    chains = replace(sources, chain=lambda chain_id: here)
    assert chains.chain(5) is replace(sources, opens=chains.opens).chain(5) is here
    with pytest.raises(TypeError, match="chain"):
        Sources(dns=sources.dns, fetch=sources.fetch, pace=sources.pace)


def test_threads_may_share_sources_and_each_verification_has_one_time() -> None:
    clock = Ticking()
    sources = offline(now=clock)
    with ThreadPoolExecutor(8) as pool:
        reports = [*pool.map(lambda _: examine(BILL, UnsafeAnyIssuer(), sources=sources), range(64))]
    assert len({report.moment.now for report in reports}) == clock.read == 64


def test_what_is_not_asked_offline_is_named_and_of_a_url_its_host_only() -> None:
    sources = offline(now=START)
    for act, said in (
        (lambda: sources.chain(None), "the chain"),
        (lambda: sources.chain(1), "chain 1"),
        (lambda: sources.dns.txt("carrier.example"), "TXT records of carrier.example"),
        (lambda: sources.fetch("https://carrier.example/list?key=secret", accept=()), "a page of carrier.example"),
        (lambda: sources.fetch("https://[carrier.example/", accept=()), "a page of "),
    ):
        with pytest.raises(SourceError) as found:
            act()
        assert found.value.detail == f"not queried (offline): {said}"
