"""Whoever has a `Web3` object works through it: over HTTP on both local chains, and over eth-tester."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from web3 import EthereumTesterProvider, HTTPProvider, Web3
from web3.middleware import PythonicMiddleware

from ebl.chain.sending import status
from ebl.chain.signers import LocalKey
from ebl.errors import SourceError, TransactionError
from ebl.model.findings import Verdict
from ebl.net.connect import connect
from ebl.policy import IssuedBy
from ebl.registry import (
    Journals,
    Registry,
    State,
    Store,
    appointments,
    capabilities,
    deploy_factory,
    deploy_registry,
    deploy_store,
    deployed,
    deployment,
    history,
    issue,
    mint,
    plan,
    plan_speed_up,
    prove,
    registry_at,
    registry_status,
    resume,
    revoke,
    send,
    store_at,
    store_status,
    title,
    transfer_holder,
    unissued,
    unrevoked,
)
from ebl.sources import online
from ebl.testing.bills import bill
from ebl.testing.chain import LocalNode
from ebl.testing.dns import DnsServer
from ebl.verify import examine, examine_all
from ebl.wrap import to_json, wrap, wrap_batch

HASH = b"\1" * 32


@dataclass(frozen=True)
class World:
    w3: Web3
    chain_id: int
    carrier: LocalKey
    stranger: LocalKey
    journals: Journals

    def send(self, move: Any, *, signer: LocalKey | None = None) -> Any:
        return send(move, signer=signer or self.carrier, node=self.w3, journals=self.journals)


def over_eth_tester() -> Web3:
    return Web3(EthereumTesterProvider())


@pytest.fixture(params=["embedded", "anvil", "eth-tester", "eth-tester, pythonic"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    journals = Journals(tmp_path / "journals")
    if not request.param.startswith("eth-tester"):
        chain: LocalNode = request.getfixturevalue(request.param)
        snapshot = chain.snapshot()
        keys = [LocalKey.from_hex(chain.account(name).key) for name in ("carrier", "stranger")]
        yield World(Web3(HTTPProvider(chain.url)), chain.chain_id, *keys, journals)
        chain.revert(snapshot)
        return
    w3, keys = over_eth_tester(), [LocalKey(bytes([number]) * 32) for number in (1, 2)]
    if request.param.endswith("pythonic"):  # numbers, bytes and dictionaries of Python's in every answer
        w3.middleware_onion.add(PythonicMiddleware)
    for key in keys:
        w3.eth.send_transaction({"from": w3.eth.accounts[0], "to": key.address, "value": 10**18})
    yield World(w3, w3.eth.chain_id, *keys, journals)


def test_stores_are_deployed_read_and_written_and_refusals_told_in_our_words(world: World) -> None:
    receipt = world.send(deploy_store(world.chain_id, name="Pacific Line", owner=world.carrier.address))
    assert deployment(receipt, chain=world.w3).confirmed
    store = store_at(world.w3, deployed(receipt))
    world.send(issue(store, HASH))
    assert store_status(world.w3, store, HASH).issued
    assert unissued(world.w3, store, [HASH, b"\2" * 32]) == (b"\2" * 32,)
    assert unrevoked(world.w3, store, [HASH]) == (HASH,)
    assert appointments(world.w3, store, [world.carrier.address]).held[0][1]
    with pytest.raises(TransactionError, match="already issued"):
        world.send(issue(store, HASH))
    with pytest.raises(TransactionError, match="missing role issuer"):
        world.send(issue(store, b"\2" * 32), signer=world.stranger)
    with pytest.raises(TransactionError, match="there is no contract at"):
        world.send(issue(Store(world.chain_id, world.stranger.address), HASH))


def test_titles_are_made_moved_and_read_and_refusals_told_in_our_words(world: World) -> None:
    factory = deployed(world.send(deploy_factory(world.chain_id)))
    made = world.send(deploy_registry(world.chain_id, name="Pacific Line", symbol="PL", factory=factory))
    registry = registry_at(world.w3, deployed(made))
    carrier, stranger = world.carrier.address, world.stranger.address
    world.send(mint(registry, 7, beneficiary=carrier, holder=carrier))
    first = title(world.w3, registry, 7)
    assert (first.state, first.holder) == (State.HELD, carrier)
    assert capabilities(first, carrier, chain=world.w3).standing
    world.send(transfer_holder(first, stranger))
    with pytest.raises(TransactionError, match="Only the holder can do this"):
        world.send(transfer_holder(title(world.w3, registry, 7), stranger))
    told = history(world.w3, registry, 7)
    assert told.complete
    assert [done.after.holder for done in told.endorsements] == [carrier, stranger]
    assert registry_status(world.w3, registry).symbol == "PL"
    with pytest.raises(TransactionError, match="minted already"):
        world.send(mint(registry, 7, beneficiary=carrier, holder=carrier))


def test_a_plan_is_signed_as_it_is_and_what_was_sent_is_found_again(world: World) -> None:
    move = deploy_store(world.chain_id, name="Pacific Line", owner=world.carrier.address)
    planned = plan(move, sender=world.carrier.address, node=world.w3)
    receipt = world.send(planned)
    assert receipt.gas_used <= planned.gas
    assert status(receipt.tx_hash, node=world.w3, journals=world.journals).receipt is not None
    assert resume(move, sender=world.carrier.address, node=world.w3, journals=world.journals) is None
    with pytest.raises(TransactionError, match="included already"):
        plan_speed_up(receipt.tx_hash, sender=world.carrier.address, node=world.w3, journals=world.journals)


def test_documents_are_verified_through_it_also_by_many_threads(world: World, ebl_dns: DnsServer) -> None:
    store = Store(
        world.chain_id,
        deployed(world.send(deploy_store(world.chain_id, name="Line", owner=world.carrier.address))),
    )
    ebl_dns.zone.txt("carrier.example", f"openatts net=ethereum netId={world.chain_id} addr={store.address}")
    bills = [
        bill(number, store=store.address, domain="carrier.example", chain_id=world.chain_id) for number in range(12)
    ]
    batch, alone = wrap_batch(bills), wrap(bills[0])
    world.send(issue(store, batch.root))
    sources = online(rpc={world.chain_id: world.w3}, resolver=ebl_dns.url)
    ours = IssuedBy("carrier.example")
    documents = [to_json(document) for document in batch.documents]
    with ThreadPoolExecutor(8) as pool:
        reports = list(pool.map(lambda raw: examine(raw, ours, sources=sources), documents))
    assert {report.verdict for report in reports} == {Verdict.VALID}
    assert examine(to_json(alone), ours, sources=sources).verdict is Verdict.INVALID
    world.send(revoke(store, batch.root))
    assert {report.verdict for report in examine_all(documents, ours, sources=sources)} == {Verdict.INVALID}


@pytest.mark.parametrize("node", ["embedded", "anvil"])
def test_a_node_behind_it_that_gives_proofs_is_held_to_them(
    node: str, request: pytest.FixtureRequest, ebl_dns: DnsServer, tmp_path: Path
) -> None:
    chain: LocalNode = request.getfixturevalue(node)
    carrier, w3 = LocalKey.from_hex(chain.account("carrier").key), Web3(HTTPProvider(chain.url))
    sending = {"signer": carrier, "node": connect(w3, chain_id=1337), "journals": Journals(tmp_path)}
    factory = deployed(send(deploy_factory(1337), **sending))
    registry = deployed(send(deploy_registry(1337, name="Line", symbol="L", factory=factory), **sending))
    send(mint(registry_at(w3, registry), 7, beneficiary=carrier.address, holder=carrier.address), **sending)
    opened = online(rpc={1337: w3}).chain(1337)
    assert prove(opened, title(opened, Registry(opened.id, registry), 7))


def test_eth_tester_gives_no_proofs_which_is_a_doubt_and_not_a_no(tmp_path: Path) -> None:
    w3, key = over_eth_tester(), LocalKey(b"\1" * 32)
    w3.eth.send_transaction({"from": w3.eth.accounts[0], "to": key.address, "value": 10**18})
    journals, chain_id = Journals(tmp_path), w3.eth.chain_id
    made = deployed(
        send(deploy_store(chain_id, name="Line", owner=key.address), signer=key, node=w3, journals=journals)
    )
    with pytest.raises(SourceError, match="gives no proofs"):
        online(rpc={chain_id: w3}).chain(chain_id).proof(made, [bytes(32)])


def test_a_key_without_money_on_eth_tester_is_refused_in_an_error_of_ours(tmp_path: Path) -> None:
    w3, key = over_eth_tester(), LocalKey(b"\1" * 32)
    with pytest.raises(TransactionError, match="cannot afford"):
        call = deploy_store(w3.eth.chain_id, name="Line", owner=key.address)
        send(call, signer=key, node=w3, journals=Journals(tmp_path))


def test_a_dead_node_behind_web3_is_an_outage() -> None:
    w3 = Web3(HTTPProvider("http://127.0.0.1:9", exception_retry_configuration=None))
    with pytest.raises(SourceError, match=r"chain\.unreachable: cannot reach 127\.0\.0\.1:9: 'Connection refused'"):
        connect(w3)
    with pytest.raises(SourceError, match=r"chain\.unreachable"):
        title(w3, Registry(1337, "0x" + "11" * 20), 7)


def test_another_chain_than_was_named_is_not_sent_to_or_read() -> None:
    w3 = over_eth_tester()
    with pytest.raises(SourceError, match=r"chain\.wrong_id"):
        connect(w3, chain_id=1)
    with pytest.raises(SourceError, match=r"chain\.wrong_id: EthereumTesterProvider"):
        online(rpc={1: w3}).chain(1)
