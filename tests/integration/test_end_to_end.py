"""The whole of it: a carrier issues bills, a bank verifies them, and every way in which that can end."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ebl.cli import main
from ebl.model.findings import Verdict
from ebl.model.ports import Sources
from ebl.net.endpoint import Endpoint
from ebl.policy import IssuedBy
from ebl.registry import Store, issue, revoke, send
from ebl.reports.report import Report
from ebl.sources import online
from ebl.testing.bills import bill
from ebl.testing.chain import LocalNode
from ebl.testing.clock import Clock
from ebl.testing.dns import DnsServer, Fault
from ebl.testing.rpc_server import RpcServer
from ebl.verify import examine
from ebl.wrap import to_json, wrap_batch
from tests.patience import IMPATIENT, PATIENT

DOMAIN = "carrier.example"
POLICY = IssuedBy(DOMAIN)


@dataclass
class World:
    chain: LocalNode
    dns: DnsServer
    clock: Clock
    store: Store
    signer: Any
    transactions: dict[str, Any]
    documents: list[dict[str, Any]]
    root: bytes

    def sources(self, *, url: str | None = None, chain_id: int = 1337) -> Sources:
        return online(rpc={chain_id: url or self.chain.url}, resolver=self.dns.url, now=self.clock.now)

    def report(self, document: dict[str, Any] | None = None, sources: Sources | None = None) -> Report:
        raw = to_json(document or self.documents[0])
        return examine(raw, POLICY, sources=sources or self.sources())


def codes(report: Report) -> set[str]:
    return {row["code"] for row in report.to_dict()["findings"] if row["outcome"] in ("failed", "unknown")}


@pytest.fixture
def world(
    ebl_chain: LocalNode,
    ebl_dns: DnsServer,
    ebl_clock: Clock,
    ebl_store: Store,
    ebl_accounts: dict[str, Any],
    ebl_transactions: dict[str, Any],
) -> World:
    raws = [bill(number, store=ebl_store.address, domain=DOMAIN, chain_id=1337) for number in range(1, 4)]
    batch = wrap_batch(raws)
    signer = ebl_accounts["carrier"]
    send(issue(ebl_store, batch.root), signer=signer, **ebl_transactions)
    ebl_dns.zone.txt(DOMAIN, "v=spf1 -all", f"openatts net=ethereum netId=1337 addr={ebl_store.address}")
    documents = list(batch.documents)
    return World(ebl_chain, ebl_dns, ebl_clock, ebl_store, signer, ebl_transactions, documents, batch.root)


def test_every_bill_of_an_issued_batch_is_valid(world: World) -> None:
    for document in world.documents:
        report = world.report(document)
        assert report.verdict is Verdict.VALID, report.summary
        assert [block.chain_id for block in report.moment.blocks] == [1337]


def test_a_changed_bill_is_invalid(world: World) -> None:
    document = world.documents[0]
    name = next(key for key, value in document["data"].items() if isinstance(value, str))
    document["data"][name] = document["data"][name][:-1] + "~"
    report = world.report(document)
    assert report.verdict is Verdict.INVALID
    assert "integrity.hash_mismatch" in codes(report)


@pytest.mark.parametrize("what", ["leaf", "root"])
def test_a_revoked_bill_is_invalid_even_if_dns_is_down(world: World, what: str) -> None:
    leaf = bytes.fromhex(world.documents[0]["signature"]["targetHash"])
    hash_ = leaf if what == "leaf" else world.root
    send(revoke(world.store, hash_), signer=world.signer, **world.transactions)
    world.dns.fail("*", Fault.SERVFAIL)
    report = world.report()
    assert report.verdict is Verdict.INVALID
    assert codes(report) >= {"status.revoked", "dns.servfail"}
    world.dns.heal()
    assert world.report(world.documents[1]).verdict is (Verdict.VALID if what == "leaf" else Verdict.INVALID)


def test_a_bill_that_was_not_issued_is_invalid(world: World) -> None:
    other = wrap_batch([bill(9, store=world.store.address, domain=DOMAIN, chain_id=1337)])
    report = world.report(other.documents[0])
    assert (report.verdict, codes(report)) == (Verdict.INVALID, {"status.not_issued"})


def test_a_domain_that_does_not_name_the_store_is_invalid(world: World) -> None:
    world.dns.zone.remove(DOMAIN)
    report = world.report()
    assert report.verdict is Verdict.INVALID
    assert "identity.no_dns_record" in codes(report)


def test_a_domain_that_names_the_address_on_another_chain_is_invalid(world: World) -> None:
    world.dns.zone.remove(DOMAIN)
    world.dns.zone.txt(DOMAIN, f"openatts net=ethereum netId=1 addr={world.store.address}")
    report = world.report()
    assert (report.verdict, codes(report)) == (Verdict.INVALID, {"status.wrong_chain", "policy.no_fact"})


@pytest.mark.parametrize(
    "fault, code",
    [(Fault.SERVFAIL, "dns.servfail"), (Fault.REFUSED, "dns.refused"), (Fault.TRUNCATED_ALWAYS, "dns.unreachable")],
)
def test_dns_that_cannot_tell_leaves_it_undetermined(world: World, fault: Fault, code: str) -> None:
    world.dns.fail(DOMAIN, fault)
    report = world.report()
    assert report.verdict is Verdict.INDETERMINATE
    assert code in codes(report)


def test_dns_that_is_silent_leaves_it_undetermined(world: World) -> None:
    from ebl.net.resolvers import resolver

    world.dns.fail(DOMAIN, Fault.TIMEOUT)
    report = world.report(sources=replace(world.sources(), dns=resolver(world.dns.url, seconds=IMPATIENT)))
    assert report.verdict is Verdict.INDETERMINATE
    assert "dns.timeout" in codes(report)


def test_a_node_that_is_down_leaves_it_undetermined(world: World) -> None:
    with socket.socket() as taken:  # so that nobody else listens there either
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        report = world.report(sources=world.sources(url=url))
    assert report.verdict is Verdict.INDETERMINATE
    assert "chain.unreachable" in codes(report)


def test_a_node_of_another_chain_leaves_it_undetermined(world: World) -> None:
    with RpcServer(
        lambda body: b'[{"jsonrpc":"2.0","id":1,"result":"0x1"},{"jsonrpc":"2.0","id":2,"result":null}]'
    ) as other:
        report = world.report(sources=world.sources(url=other.url))
    assert report.verdict is Verdict.INDETERMINATE
    assert "chain.wrong_id" in codes(report)


def test_a_chain_without_a_node_leaves_it_undetermined(world: World) -> None:
    report = world.report(sources=world.sources(chain_id=1))
    assert report.verdict is Verdict.INDETERMINATE
    assert "chain.not_configured" in codes(report)


def test_a_document_of_another_chain_is_not_looked_for_on_this_one(world: World) -> None:
    elsewhere = wrap_batch([bill(1, store=world.store.address, domain=DOMAIN, chain_id=1)])
    send(issue(world.store, elsewhere.root), signer=world.signer, **world.transactions)
    report = world.report(elsewhere.documents[0])
    assert report.verdict is not Verdict.VALID


@pytest.fixture
def counted(world: World) -> Iterator[RpcServer]:
    upstream = Endpoint(world.chain.url)
    with RpcServer(lambda body: upstream.post(body, seconds=PATIENT).body) as proxy:
        yield proxy
    upstream.close()


def test_one_verification_takes_at_most_four_http_requests(world: World, counted: RpcServer) -> None:
    assert world.report(sources=world.sources(url=counted.url)).verdict is Verdict.VALID
    assert 0 < counted.requests <= 4


@pytest.mark.parametrize("how", ["options", "policy"])
def test_a_bank_has_two_nodes_agree_on_a_final_block_and_the_report_says_so(
    world: World, counted: RpcServer, tmp_path: Path, how: str
) -> None:
    (tmp_path / "bill.json").write_bytes(to_json(world.documents[0]))
    (tmp_path / "bank.toml").write_text("[issuers]\nany = true\n[blocks]\nagree = 2\nfinality = 'finalized'\n")
    asked = ["--nodes-agree", "2", "--finality", "finalized"]
    words = ["verify", str(tmp_path / "bill.json"), "--json", "--resolver", world.dns.url]
    words += asked if how == "options" else ["--policy", str(tmp_path / "bank.toml")]
    words += ["--rpc", f"1337={world.chain.url}"]
    alone = CliRunner().invoke(main, words)
    assert alone.exit_code == 2 and "A quorum of 2 nodes of chain 1337 is required, and 1 is named" in alone.stderr
    done = CliRunner().invoke(main, [*words, "--rpc", f"1337={counted.url}"])
    (block,) = json.loads(done.stdout)["as_of"]["blocks"]
    assert (done.exit_code, block["agreed"], block["finality"]) == (0, 2, "finalized")
