"""Document stores on real nodes: deployed, issued and revoked from Python."""

from __future__ import annotations

import pytest

from ebl.chain.signers import LocalKey
from ebl.errors import InvalidInput, SourceError, TransactionError
from ebl.ethereum import abi
from ebl.net.connect import connect
from ebl.registry import Call, Journals, Node, Store, deploy_store, issue, revoke, send

A, B, C = (bytes([n]) * 32 for n in (1, 2, 3))


@pytest.fixture
def store(node: Node, journals: Journals, carrier: LocalKey) -> Store:
    call = deploy_store(1337, name="Pacific Line", owner=carrier.address)
    receipt = send(call, signer=carrier, node=node, journals=journals)
    assert receipt.contract is not None
    return Store(1337, receipt.contract)


def said(node: Node, store: Store, question: str, value: bytes) -> bool:
    return node.call(store.address, abi.call(f"{question}(bytes32)", value)) == (1).to_bytes(32)


def test_a_store_issues_and_revokes_one_and_several(
    node: Node, journals: Journals, carrier: LocalKey, store: Store
) -> None:
    for call in (issue(store, A), issue(store, B, C)):
        send(call, signer=carrier, node=node, journals=journals)
    assert all(said(node, store, "isIssued", root) for root in (A, B, C))
    for call in (revoke(store, A), revoke(store, B, C)):
        send(call, signer=carrier, node=node, journals=journals)
    assert all(said(node, store, "isRevoked", root) for root in (A, B, C))


def test_issuing_twice_is_refused_in_words_before_anything_is_sent(
    node: Node, journals: Journals, carrier: LocalKey, store: Store
) -> None:
    send(issue(store, A), signer=carrier, node=node, journals=journals)
    before = node.nonce(carrier.address)
    with pytest.raises(TransactionError, match="already issued"):
        send(issue(store, A), signer=carrier, node=node, journals=journals)
    assert node.nonce(carrier.address) == before


def test_a_stranger_is_refused_in_words(node: Node, journals: Journals, stranger: LocalKey, store: Store) -> None:
    with pytest.raises(TransactionError, match="missing role issuer"):
        send(issue(store, A), signer=stranger, node=node, journals=journals)


def test_an_address_without_a_contract_is_refused(
    node: Node, journals: Journals, carrier: LocalKey, stranger: LocalKey
) -> None:
    with pytest.raises(TransactionError, match="no contract"):
        send(issue(Store(1337, stranger.address), A), signer=carrier, node=node, journals=journals)


def test_a_sender_without_money_is_told_so(node: Node, journals: Journals) -> None:
    poor = LocalKey(b"\7" * 32)
    with pytest.raises(TransactionError, match=r"has 0 ETH.*enough ETH for gas"):
        send(deploy_store(1337, name="x", owner=poor.address), signer=poor, node=node, journals=journals)


def test_a_call_for_another_chain_is_refused(node: Node, journals: Journals, carrier: LocalKey, store: Store) -> None:
    with pytest.raises(InvalidInput, match="chain 1337"):
        send(Call(1, store.address, b"", "nothing"), signer=carrier, node=node, journals=journals)


def test_a_node_that_serves_another_chain_or_none_is_an_outage(node: Node, chain: object) -> None:
    with pytest.raises(SourceError, match=r"chain\.wrong_id"):
        connect(chain.url, chain_id=1)  # type: ignore[attr-defined]
    with pytest.raises(SourceError, match=r"chain\.unreachable"):
        connect("http://127.0.0.1:9")
