"""A local chain has no blocks but those of its user: overnight it is no older than is accepted, after a weekend it is."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from ebl.chain.signers import LocalKey
from ebl.checking.formats import read
from ebl.cli import main
from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.model.findings import Verdict
from ebl.model.ports import Sources
from ebl.net.connect import connect
from ebl.policy import IssuedBy
from ebl.registry import Journals, Store, deploy_store, deployed, issue, send
from ebl.sources import online
from ebl.testing.anvil import Anvil, find_anvil
from ebl.testing.bills import bill
from ebl.testing.dns import DnsServer
from ebl.testing.rpc_server import RpcServer, respond
from ebl.verify import examine
from ebl.wrap import to_json, wrap
from tests.needs import ANVIL, need

DOMAIN = "carrier.example"


@pytest.fixture
def anvil() -> Iterator[Anvil]:
    """One of its own, whose clock is set."""
    binary = find_anvil(Path(__file__).parents[2])
    need(binary, ANVIL)
    with Anvil(binary) as started:
        yield started


@pytest.fixture
def issued(anvil: Anvil, tmp_path: Path) -> Iterator[tuple[bytes, DnsServer]]:
    """A bill that was issued a moment ago, and the DNS of its carrier."""
    carrier = LocalKey.from_hex(anvil.account("carrier").key)
    sending = {"node": connect(anvil.url, chain_id=1337), "journals": Journals(tmp_path / "journals")}
    call = deploy_store(1337, name="Blue Heron Lines", owner=carrier.address)
    store = Store(1337, deployed(send(call, signer=carrier, **sending)))  # type: ignore[arg-type]
    document = wrap(bill(1, store=store.address, domain=DOMAIN, chain_id=1337))
    send(issue(store, bytes.fromhex(document["signature"]["merkleRoot"])), signer=carrier, **sending)  # type: ignore[arg-type]
    with DnsServer() as dns:
        dns.zone.txt(DOMAIN, f"openatts net=ethereum netId=1337 addr={store.address}")
        yield to_json(document), dns


def head(anvil: Anvil) -> datetime:
    return datetime.fromtimestamp(int(anvil.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16), UTC)


def test_an_anvil_that_idled_overnight_is_read_and_one_that_idled_over_a_weekend_only_once_it_has_a_block(
    anvil: Anvil, issued: tuple[bytes, DnsServer]
) -> None:
    raw, dns = issued
    now = [datetime.now(UTC)]
    kept = online(rpc={1337: anvil.url}, resolver=dns.url, now=lambda: now[0])

    def verdict(sources: Sources = kept) -> Verdict:
        return examine(raw, IssuedBy(DOMAIN), sources=sources).verdict

    assert verdict() is Verdict.VALID
    now[0] += timedelta(hours=14)
    assert verdict() is Verdict.VALID
    now[0] += timedelta(days=2)
    assert verdict() is Verdict.INDETERMINATE
    with pytest.raises(SourceError) as stale:
        kept.chain(1337)
    assert stale.value.doubt is Doubt.CHAIN_STALE
    assert verdict(online(rpc={1337: anvil.url}, resolver=dns.url, now=now[0], max_age=timedelta(days=3))) is (
        Verdict.VALID
    )
    anvil.rpc("evm_setNextBlockTimestamp", int(now[0].timestamp()))
    anvil.mine()
    assert verdict() is Verdict.VALID


def test_a_chain_whose_clock_was_put_forward_is_stale_too_and_the_commands_say_so(
    anvil: Anvil, issued: tuple[bytes, DnsServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBL_NETWORKS", str(tmp_path / "none.toml"))
    raw, dns = issued
    (tmp_path / "bill.json").write_bytes(raw)
    words = ["verify", str(tmp_path / "bill.json"), "--rpc", f"1337={anvil.url}", "--resolver", dns.url]
    assert CliRunner().invoke(main, words).exit_code == 0
    anvil.rpc("evm_increaseTime", 3 * 86_400)
    anvil.mine()
    assert head(anvil) > datetime.now(UTC) + timedelta(days=2)
    ahead = CliRunner().invoke(main, words)
    assert ahead.exit_code == 3 and "chain.stale" in ahead.stdout and "ahead of the clock" in ahead.stdout
    assert CliRunner().invoke(main, [*words, "--max-age", "5000"]).exit_code == 0


def test_one_sources_serves_many_threads_while_time_goes_on(anvil: Anvil, issued: tuple[bytes, DnsServer]) -> None:
    raw, dns = issued
    began = datetime.now(UTC)
    ticks = iter(range(10**6))
    sources = online(rpc={1337: anvil.url}, resolver=dns.url, now=lambda: began + timedelta(minutes=40 * next(ticks)))
    with ThreadPoolExecutor(6) as pool:
        reports = [*pool.map(lambda _: examine(raw, IssuedBy(DOMAIN), sources=sources), range(60))]
    assert len({report.moment.now for report in reports}) == 60
    block = head(anvil)
    for report in reports:
        fresh = report.moment.now - block <= timedelta(days=1)
        assert report.verdict is (Verdict.VALID if fresh else Verdict.INDETERMINATE)
    assert {report.verdict for report in reports} == {Verdict.VALID, Verdict.INDETERMINATE}


def test_a_node_that_dissents_is_named_by_the_commands_that_read(
    anvil: Anvil, issued: tuple[bytes, DnsServer], tmp_path: Path
) -> None:
    raw, dns = issued
    (tmp_path / "bill.json").write_bytes(raw)

    def wrong(method: str, params: list[object]) -> object:
        return "0x" + "00" * 32 if method == "eth_call" else anvil.rpc(method, *params)

    with (
        RpcServer(lambda body: respond(body, wrong)) as liar,
        RpcServer(lambda body: respond(body, lambda method, params: anvil.rpc(method, *params))) as honest,
    ):
        nodes = [part for url in (liar.url, anvil.url, honest.url) for part in ("--rpc", f"1337={url}")]
        verified = CliRunner().invoke(
            main, ["verify", str(tmp_path / "bill.json"), "--resolver", dns.url, *nodes, "--nodes-agree", "2"]
        )
        store, root = (
            str(read(raw).data["issuers"][0]["documentStore"]),
            "0x" + read(raw).raw["signature"]["merkleRoot"],
        )
        looked = CliRunner().invoke(main, ["store", "status", store, root, *nodes, "--nodes-agree", "2"])
    host = liar.url.removeprefix("http://")
    assert verified.exit_code == 0 and f"not all nodes of chain 1337 agreed: {host} returned" in verified.stdout
    assert looked.exit_code == 0 and "chain.dissent" in looked.stderr and host in looked.stderr
