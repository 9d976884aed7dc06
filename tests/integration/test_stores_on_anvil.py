"""Document stores on a real node: deployed, issued and revoked from Python."""

from __future__ import annotations

import pytest

from ebl.errors import InvalidInput, TransactionError
from ebl.net.web3_transport import connect
from ebl.registry import Call, Node, Store, deploy_store, issue, revoke, send
from ebl.signers import LocalKey

# the development keys that anvil funds; worthless anywhere else
CARRIER = LocalKey.from_hex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
STRANGER = LocalKey.from_hex("59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d")
A, B, C = (bytes([n]) * 32 for n in (1, 2, 3))


@pytest.fixture
def store(node: Node) -> Store:
    receipt = send(deploy_store(1337, name="Pacific Line", owner=CARRIER.address), signer=CARRIER, node=node)
    assert receipt.contract is not None
    return Store(1337, receipt.contract)


def said(node: Node, store: Store, question: str, value: bytes) -> bool:
    from ebl.primitives.abi import call

    return node.call(store.address, call(f"{question}(bytes32)", value)) == (1).to_bytes(32)


def test_a_store_issues_and_revokes_one_and_several(node: Node, store: Store) -> None:
    send(issue(store, A), signer=CARRIER, node=node)
    send(issue(store, B, C), signer=CARRIER, node=node)
    assert all(said(node, store, "isIssued", root) for root in (A, B, C))
    send(revoke(store, A), signer=CARRIER, node=node)
    send(revoke(store, B, C), signer=CARRIER, node=node)
    assert all(said(node, store, "isRevoked", root) for root in (A, B, C))


def test_issuing_twice_is_refused_in_words_before_anything_is_sent(node: Node, store: Store) -> None:
    send(issue(store, A), signer=CARRIER, node=node)
    before = node.nonce(CARRIER.address)
    with pytest.raises(TransactionError, match="already issued"):
        send(issue(store, A), signer=CARRIER, node=node)
    assert node.nonce(CARRIER.address) == before


def test_a_stranger_is_refused_in_words(node: Node, store: Store) -> None:
    with pytest.raises(TransactionError, match="missing role issuer"):
        send(issue(store, A), signer=STRANGER, node=node)


def test_an_address_without_a_contract_is_refused(node: Node) -> None:
    with pytest.raises(TransactionError, match="no contract"):
        send(issue(Store(1337, STRANGER.address), A), signer=CARRIER, node=node)


def test_a_sender_without_coins_is_told_so(node: Node) -> None:
    poor = LocalKey(b"\7" * 32)
    with pytest.raises(TransactionError, match="coins for gas"):
        send(deploy_store(1337, name="x", owner=poor.address), signer=poor, node=node)


def test_a_call_for_another_chain_is_refused(node: Node, store: Store) -> None:
    with pytest.raises(InvalidInput, match="chain 1337"):
        send(Call(1, store.address, b"", "nothing"), signer=CARRIER, node=node)


def test_a_dead_node_is_an_outage(free_port: int) -> None:
    from ebl.errors import SourceError

    with pytest.raises(SourceError, match="unreachable"):
        connect(f"http://127.0.0.1:{free_port}")
