"""Old state is not how it is now: no chain is read at a block that is too old, by default, at any door."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from ebl.checking.memo import Run
from ebl.cli import main
from ebl.codes import Doubt
from ebl.config.networks import Networks, load, parse
from ebl.errors import SourceError
from ebl.evidence import read, record, replay
from ebl.model.findings import Unknown, Verdict
from ebl.model.pace import Pace
from ebl.model.ports import Block, Sources
from ebl.policy import FreshWithin, IssuedBy
from ebl.sources import offline, online
from ebl.testing.bills import bill
from ebl.testing.chain import LocalChain
from ebl.testing.dns import DnsServer
from ebl.testing.rpc_server import RpcServer, respond
from ebl.verify import examine
from ebl.wrap import to_json, wrap
from tests.unit.hostile.world import DOMAIN, chain_of, documents
from tests.unit.hostile.world import sources as world

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DOCUMENTS = documents()
BOUNDS = {1: 10 * MINUTE, 137: 10 * MINUTE, 1337: DAY, 31337: DAY, 101010: HOUR, 4242: HOUR}


def at(age: timedelta, *, chain_id: int = 1, finality: str = "latest") -> Callable[[int | None], Any]:
    """Opens a chain whose block is of this age at NOW."""
    block = Block(chain_id, 7, "0x" + "ab" * 32, NOW - age, finality)
    return lambda _: SimpleNamespace(id=chain_id, block=block)


def sources(age: timedelta, **more: Any) -> Sources:
    opened = at(age, **{name: more.pop(name) for name in ("chain_id", "finality") if name in more})
    return replace(offline(now=NOW), chain=opened, **more)  # type: ignore[call-arg]


def is_open(sources: Sources) -> bool:
    try:
        sources.chain(None)
    except SourceError as trouble:
        assert trouble.doubt is Doubt.CHAIN_STALE
        return False
    return True


# the bound --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("chain_id", "bound"), BOUNDS.items())
def test_each_chain_has_a_greatest_age_and_a_block_may_be_as_far_ahead_of_the_clock(
    chain_id: int, bound: timedelta
) -> None:
    second = timedelta(seconds=1)
    for sign in (1, -1):
        assert is_open(sources(sign * bound, chain_id=chain_id))
        assert not is_open(sources(sign * (bound + second), chain_id=chain_id))


@given(
    st.sampled_from(sorted(BOUNDS)),
    st.timedeltas(timedelta(days=-4000), timedelta(days=4000)),
    st.sampled_from(("latest", "safe", "finalized")),
    st.none() | st.timedeltas(MINUTE, timedelta(days=4000)),
)
def test_whatever_the_clock_and_the_block_say_nothing_older_than_the_bound_is_read(
    chain_id: int, age: timedelta, finality: str, max_age: timedelta | None
) -> None:
    pace = load().pace(chain_id)
    oldest = max_age or (pace.max_age if finality == "latest" else pace.max_age + pace.finality_lag)
    ahead = max_age or pace.max_age
    found = sources(age, chain_id=chain_id, finality=finality, max_age=max_age)
    assert is_open(found) is (-ahead <= age <= oldest)
    try:
        Run(found).once.chain(None)
    except SourceError:
        assert not is_open(found)
    else:
        assert is_open(found)


@given(st.integers(1, 86_399))
def test_a_chain_may_miss_fifty_blocks_or_ten_minutes_of_them(seconds: int) -> None:
    block = timedelta(seconds=seconds)
    assert Pace.of(block).max_age == max(10 * MINUTE, 50 * block)
    (network,) = parse(f"[x]\nchain_id = 9\nblock_seconds = {seconds}")
    assert network.pace == Pace.of(block)
    (network,) = parse(f"[x]\nchain_id = 9\nblock_seconds = {seconds}\nmax_age_minutes = 7\nfinality_lag_minutes = 8")
    assert network.pace == Pace(block=block, max_age=7 * MINUTE, finality_lag=8 * MINUTE)


def test_a_table_of_ones_own_says_it_for_its_chains_and_an_age_that_is_named_for_all() -> None:
    own = Networks.of(parse("[bank]\nchain_id = 4242\nmax_age_minutes = 5"))
    assert is_open(sources(30 * MINUTE, chain_id=4242))
    assert not is_open(sources(30 * MINUTE, chain_id=4242, pace=own.pace))
    assert is_open(sources(30 * MINUTE, chain_id=4242, pace=own.pace, max_age=HOUR))


def test_the_message_says_which_block_of_when_and_what_was_expected() -> None:
    with pytest.raises(SourceError) as found:
        sources(3 * HOUR).chain(1)
    assert found.value.detail == (
        "block 7 of chain 1 (2026-06-01 09:00:00 UTC) is 3:00:00 old; expected 10 minutes at most"
    )
    with pytest.raises(SourceError, match="2 days, 0:00:00 ahead of the clock"):
        sources(-2 * DAY).chain(1)


# the doors --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in sorted(DOCUMENTS) if "store" in name or "title" in name])
def test_no_document_is_valid_nor_refused_by_a_chain_that_stands_still(name: str) -> None:
    within, raw = world(chain_of(DOCUMENTS)), json.dumps(DOCUMENTS[name]).encode()
    assert examine(raw, IssuedBy(DOMAIN), sources=within).verdict is Verdict.VALID
    for document in (raw, json.dumps(DOCUMENTS[name]).encode()):
        late = replace(within, clock=lambda: within.now + timedelta(days=400))
        report = examine(document, IssuedBy(DOMAIN), sources=late)
        stale = [found.doubt for found in report.findings if isinstance(found, Unknown)]
        assert Doubt.CHAIN_STALE in stale and report.verdict is not Verdict.VALID
    never_issued = replace(world(chain_of({})), clock=lambda: within.now + timedelta(days=2))
    report = examine(raw, IssuedBy(DOMAIN), sources=never_issued)
    assert not [found for found in report.findings if getattr(found, "failure", None) in ("status.not_issued",)]


def test_sources_that_are_kept_notice_when_the_chain_stops() -> None:
    now = [world(chain_of(DOCUMENTS)).now]
    within = replace(world(chain_of(DOCUMENTS)), clock=lambda: now[0])
    raw = json.dumps(DOCUMENTS["v2 in a store"]).encode()
    verdicts = []
    for _ in range(3):
        verdicts.append(examine(raw, IssuedBy(DOMAIN), sources=within).verdict)
        now[0] += timedelta(hours=20)  # the block is of noon
    assert verdicts == [Verdict.VALID, Verdict.VALID, Verdict.INDETERMINATE]


def test_evidence_is_as_old_as_it_was_when_it_was_kept_and_not_older() -> None:
    within = world(chain_of(DOCUMENTS))
    raw = json.dumps(DOCUMENTS["v2 in a store"]).encode()
    for age, verdict in ((HOUR, Verdict.VALID), (2 * DAY, Verdict.INDETERMINATE)):
        run = Run(replace(within, clock=lambda age=age: within.now + age, max_age=timedelta(days=1000)))
        assert examine(raw, IssuedBy(DOMAIN), sources=run.once).verdict is Verdict.VALID
        again = replay(read(record(run)), trust_keeper=True)
        assert examine(raw, IssuedBy(DOMAIN), sources=again).verdict is verdict
        loose = replace(again, max_age=timedelta(days=3))
        assert examine(raw, IssuedBy(DOMAIN), sources=loose).verdict is Verdict.VALID


def test_a_node_that_is_behind_is_stepped_over_and_named_where_none_will_do() -> None:
    def node(time: datetime) -> Callable[[bytes], bytes]:
        def answer(method: str, params: list[Any]) -> Any:
            head = {"number": "0x64", "hash": "0x" + "ab" * 32, "timestamp": hex(int(time.timestamp()))}
            return "0x1" if method == "eth_chainId" else head

        return lambda body: respond(body, answer)

    with RpcServer(node(NOW - HOUR)) as behind, RpcServer(node(NOW - MINUTE)) as fresh:
        asked = online(rpc={1: [behind.url, fresh.url]}, resolver="udp://127.0.0.1:1", now=NOW)
        assert asked.chain(1).block.time == NOW - MINUTE
        alone = online(rpc={1: behind.url}, resolver="udp://127.0.0.1:1", now=NOW)
        with pytest.raises(SourceError) as found:
            alone.chain(1)
        assert found.value.doubt is Doubt.CHAIN_STALE
        assert behind.url.removeprefix("http://") in found.value.detail
        both = online(rpc={1: [behind.url, fresh.url]}, resolver="udp://127.0.0.1:1", now=NOW, nodes_agree=2)
        with pytest.raises(SourceError) as found:
            both.chain(1)
        assert found.value.doubt is Doubt.CHAIN_DISAGREEMENT  # they are at one height, and say other times of it


@pytest.mark.parametrize(("chain_id", "lag"), [(1, 30 * MINUTE), (137, 20 * MINUTE), (1337, DAY), (4242, HOUR)])
def test_a_final_block_may_be_behind_the_newest_by_what_finality_takes_on_its_chain(
    chain_id: int, lag: timedelta
) -> None:
    def asked(behind: timedelta) -> Sources:
        def answer(method: str, params: list[Any]) -> Any:
            if method == "eth_chainId":
                return hex(chain_id)
            number, time = (100, NOW) if params[0] == "latest" else (90, NOW - behind)
            return {"number": hex(number), "hash": "0x" + "ab" * 32, "timestamp": hex(int(time.timestamp()))}

        server = RpcServer(lambda body: respond(body, answer))
        return online(rpc={chain_id: server.url}, resolver="udp://127.0.0.1:1", now=NOW, finality="finalized")

    assert asked(lag).chain(chain_id).block.finality == "finalized"
    with pytest.raises(SourceError) as found:
        asked(lag + timedelta(seconds=1)).chain(chain_id)
    assert found.value.doubt is Doubt.CHAIN_NO_FINALITY


# the command line --------------------------------------------------------------------------------------------------------


class Town:
    """A chain of a clock of its own, a DNS, and a bill whose store is not on the chain: enough to see whether it is read."""

    def __init__(self, chain: LocalChain, dns: DnsServer, folder: Path) -> None:
        self.chain, self.dns, self.folder = chain, dns, folder
        self.bill = folder / "bill.json"
        self.bill.write_bytes(to_json(wrap(bill(1, store="0x" + "11" * 20, domain=DOMAIN, chain_id=1337))))
        self.asked = ["--rpc", f"1337={chain.url}", "--resolver", dns.url]

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, words)

    def codes(self, *words: str) -> set[str]:
        """The codes of a verification."""
        done = self.run("verify", str(self.bill), "--json", *words)
        return {finding["code"] for finding in json.loads(done.stdout)["findings"]}


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[datetime]:
    monkeypatch.setenv("EBL_NETWORKS", str(tmp_path / "own.toml"))
    return [datetime.now(UTC)]


@pytest.fixture
def town(now: list[datetime], tmp_path: Path) -> Iterator[Town]:
    """The chain's clock is two days slow."""
    with LocalChain(clock=lambda: (now[0] - 2 * DAY).timestamp()) as chain, DnsServer() as dns:
        yield Town(chain, dns, tmp_path)


def test_verify_reads_no_chain_that_has_stood_still_unless_it_is_told_to(town: Town) -> None:
    assert {"chain.stale"} <= town.codes(*town.asked) and "status.no_contract" not in town.codes(*town.asked)
    assert "status.no_contract" in town.codes(*town.asked, "--max-age", "3000")
    assert "chain.stale" in town.codes(*town.asked, "--max-age", "2800")


def test_a_policy_says_which_age_is_accepted_and_stays_a_rule(town: Town) -> None:
    for minutes, stale in ((3000, False), (60, True)):
        (town.folder / "bank.toml").write_text(f"[issuers]\nany = true\n[blocks]\nmax_age_minutes = {minutes}\n")
        policy = ["--policy", str(town.folder / "bank.toml")]
        assert ("chain.stale" in town.codes(*town.asked, *policy)) is stale
        assert ("chain.stale" in town.codes(*town.asked, *policy, "--max-age", "5000")) is stale


def test_evidence_is_held_to_the_age_that_it_had_and_replays_as_it_was_asked_for(town: Town) -> None:
    kept = town.folder / "evidence.json"
    town.run("verify", str(town.bill), *town.asked, "--max-age", "3000", "--evidence", str(kept))
    assert "chain.stale" in town.codes("--replay", str(kept))
    assert "status.no_contract" in town.codes("--replay", str(kept), "--max-age", "3000")
    assert town.run("verify", str(town.bill), "--offline", "--max-age", "3000").exit_code == 2


def test_an_own_list_says_it_once_for_all_commands(town: Town) -> None:
    added = town.run("net", "add", "idle", "--chain-id", "1337", "--max-age", "3000", "--rpc", town.chain.url)
    assert added.exit_code == 0, added.output
    assert "status.no_contract" in town.codes("--resolver", town.dns.url)
    (row,) = (json.loads(line) for line in town.run("net", "list", "--json").stdout.splitlines() if '"idle"' in line)
    assert (row["max_age_minutes"], row["block_seconds"], row["finality_lag_minutes"]) == (3000, None, 60)


@pytest.mark.parametrize(
    "words",
    [
        ["title", "show", "0x01", "--registry", "0x" + "11" * 20],
        ["title", "history", "0x01", "--registry", "0x" + "11" * 20],
        ["title", "can", "0x01", "0x" + "22" * 20, "--registry", "0x" + "11" * 20],
        ["registry", "status", "0x" + "11" * 20],
        ["store", "status", "0x" + "11" * 20, "0x" + "22" * 32],
    ],
    ids=" ".join,
)
def test_every_command_that_reads_a_chain_holds_it_to_its_age(town: Town, words: list[str]) -> None:
    done = town.run(*words, "--rpc", f"1337={town.chain.url}")
    assert done.exit_code == 3 and "chain.stale" in done.stderr
    assert "chain.stale" not in town.run(*words, "--rpc", f"1337={town.chain.url}", "--max-age", "3000").stderr


def test_a_report_says_of_when_it_is_and_how_old_the_block_was(town: Town, now: list[datetime]) -> None:
    block = town.chain.rpc("eth_getBlockByNumber", "latest", False)
    time = datetime.fromtimestamp(int(block["timestamp"], 16), UTC)
    shown = town.run("verify", str(town.bill), *town.asked, "--max-age", "3000").stdout
    (line,) = (line for line in shown.splitlines() if "chain 1337 at block" in line)
    assert line.startswith(
        f"    chain 1337 at block {int(block['number'], 16)}, {time:%Y-%m-%d %H:%M:%S} UTC, 2 days, 0:00:"
    )
    assert f"  as of {now[0]:%Y-%m-%d %H:}" in shown
    other = town.folder / "other.json"
    other.write_bytes(town.bill.read_bytes())
    several = town.run("verify", str(town.bill), str(other), *town.asked, "--max-age", "3000")
    line = line.partition(", 2 days")[0]  # a second may have passed
    assert line in several.stderr and line not in several.stdout


def test_a_rule_of_a_policy_is_held_to_the_block_that_was_read() -> None:
    within = replace(world(chain_of(DOCUMENTS)), max_age=timedelta(days=1000))
    late = replace(within, clock=lambda: within.chain(None).block.time + HOUR)
    raw = json.dumps(DOCUMENTS["v2 in a store"]).encode()
    assert examine(raw, FreshWithin(2 * HOUR), sources=late).verdict is Verdict.VALID
    assert examine(raw, FreshWithin(30 * MINUTE), sources=late).verdict is Verdict.INDETERMINATE
