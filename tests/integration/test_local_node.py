"""The embedded chain and anvil are one thing to whoever uses them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from eth_account import Account as Signer
from tiny_contract import asking, creation, runtime

from ebl.errors import InvalidInput
from ebl.ethereum.address import checksummed
from ebl.testing.anvil import Anvil, find_anvil
from ebl.testing.chain import Account, LocalChain, LocalNode
from ebl.testing.rpc_server import RpcError
from tests.needs import ANVIL, need
from tests.patience import PATIENT

GWEI = 10**9


@pytest.fixture(scope="module", params=["embedded", "anvil"])
def started(request: pytest.FixtureRequest) -> Iterator[LocalNode]:
    need(request.param == "embedded" or find_anvil(), ANVIL)
    with LocalChain() if request.param == "embedded" else Anvil() as node:
        yield node


@pytest.fixture
def node(started: LocalNode) -> Iterator[LocalNode]:
    snapshot = started.snapshot()
    yield started
    started.rpc("evm_setAutomine", True)
    started.revert(snapshot)


def send(node: LocalNode, account: Account, **fields: Any) -> str:
    nonce = int(node.rpc("eth_getTransactionCount", account.address, "pending"), 16)
    transaction = {
        "chainId": 1337,
        "nonce": nonce,
        "gas": 500_000,
        "value": 0,
        "maxFeePerGas": 3 * GWEI,
        "maxPriorityFeePerGas": GWEI,
    } | fields
    if "gasPrice" in fields:
        del transaction["maxFeePerGas"], transaction["maxPriorityFeePerGas"]
    return str(
        node.rpc(
            "eth_sendRawTransaction", Signer.sign_transaction(transaction, account.key).raw_transaction.to_0x_hex()
        )
    )


def deployed(node: LocalNode) -> str:
    receipt = node.receipt(send(node, node.account("carrier"), data=creation()))
    assert receipt["status"] == "0x1"
    return checksummed(receipt["contractAddress"])


def call(node: LocalNode, address: str, data: bytes, block: Any = "latest") -> Any:
    return node.rpc("eth_call", {"to": address, "data": "0x" + data.hex()}, block)


def test_transactions_signed_for_chain_1337_are_accepted_and_change_the_state(node: LocalNode) -> None:
    assert node.rpc("eth_chainId") == "0x539"
    contract = deployed(node)
    assert node.rpc("eth_getCode", contract, "latest") == "0x" + runtime().hex()
    before = node.rpc("eth_blockNumber")
    receipt = node.receipt(send(node, node.account("bank"), to=contract, data=asking(2, 77)))
    assert receipt["status"] == "0x1"
    assert int(call(node, contract, asking(1)), 16) == 77
    assert int(call(node, contract, asking(1), before), 16) == 0
    block = node.rpc("eth_getBlockByNumber", "latest", False)
    assert int(call(node, contract, asking(1), {"blockHash": block["hash"]}), 16) == 77
    (log,) = node.rpc("eth_getLogs", {"address": [contract], "fromBlock": "0x0", "toBlock": "latest"})
    assert log["transactionHash"] == receipt["transactionHash"]
    assert [int(topic, 16) for topic in log["topics"]] == [77]


def test_legacy_transactions_are_accepted(node: LocalNode) -> None:
    tx_hash = send(node, node.account("bank"), to=node.account("carrier").address, gasPrice=3 * GWEI, gas=21000)
    assert node.receipt(tx_hash)["status"] == "0x1"


def test_the_gas_estimate_is_enough_and_exact_for_simple_calls(node: LocalNode) -> None:
    sender = node.account("carrier").address
    gas = int(node.rpc("eth_estimateGas", {"from": sender, "data": "0x" + creation().hex()}), 16)
    receipt = node.receipt(send(node, node.account("carrier"), data=creation(), gas=gas))
    assert receipt["status"] == "0x1"
    assert int(receipt["gasUsed"], 16) == gas


@pytest.mark.parametrize("case, data", [(4, (0xDEAD).to_bytes(32, "big")), (5, b"")])
def test_a_revert_is_error_3_with_the_data_of_the_contract(node: LocalNode, case: int, data: bytes) -> None:
    contract = deployed(node)
    with pytest.raises(RpcError) as reverted:
        call(node, contract, asking(case, 0xDEAD))
    assert reverted.value.code == 3
    assert reverted.value.data == "0x" + data.hex()


def test_a_failed_transaction_has_a_receipt_that_says_so(node: LocalNode) -> None:
    contract = deployed(node)
    tx_hash = send(node, node.account("bank"), to=contract, data=asking(5))
    assert node.receipt(tx_hash)["status"] == "0x0"


def test_a_snapshot_can_be_reverted_to_once(node: LocalNode) -> None:
    snapshot = node.snapshot()
    contract = deployed(node)
    node.revert(snapshot)
    assert node.rpc("eth_getCode", contract, "latest") == "0x"
    with pytest.raises(InvalidInput):
        node.revert(snapshot)


def test_transactions_wait_while_automine_is_off_and_can_be_replaced_by_a_higher_bid(node: LocalNode) -> None:
    node.rpc("evm_setAutomine", False)
    bank, to = node.account("bank"), node.account("carrier").address
    first = send(node, bank, to=to, gas=21000)
    nonce = int(node.rpc("eth_getTransactionCount", bank.address, "latest"), 16)
    assert node.rpc("eth_getTransactionReceipt", first) is None
    assert node.rpc("eth_getTransactionByHash", first)["blockNumber"] is None
    higher = send(node, bank, to=to, gas=21000, nonce=nonce, maxFeePerGas=4 * GWEI, maxPriorityFeePerGas=2 * GWEI)
    node.mine()
    with pytest.raises(InvalidInput, match="no block took"):
        node.receipt(first, seconds=0)
    assert node.receipt(higher)["status"] == "0x1"


def test_a_transaction_ahead_of_its_nonce_waits_for_the_one_before(node: LocalNode) -> None:
    bank, to = node.account("bank"), node.account("carrier").address
    nonce = int(node.rpc("eth_getTransactionCount", bank.address, "latest"), 16)
    second = send(node, bank, to=to, gas=21000, nonce=nonce + 1)
    assert node.rpc("eth_getTransactionReceipt", second) is None
    first = send(node, bank, to=to, gas=21000, nonce=nonce)
    node.mine()
    assert {node.receipt(tx)["status"] for tx in (first, second)} == {"0x1"}


@pytest.mark.parametrize(
    "fields",
    [{"nonce": 0}, {"chainId": 1}, {"gas": 20_000}, {"value": 10**30}],
    ids=["nonce used", "other chain", "too little gas", "too little money"],
)
def test_a_transaction_that_cannot_run_is_refused(node: LocalNode, fields: dict[str, Any]) -> None:
    bank = node.account("bank")
    node.receipt(send(node, bank, to=bank.address, gas=21000))
    with pytest.raises(RpcError):
        send(node, bank, **({"to": bank.address, "gas": 21000} | fields))


def test_a_reorganisation_takes_transactions_away(node: LocalNode) -> None:
    contract = deployed(node)
    height = node.rpc("eth_blockNumber")
    before = node.rpc("eth_getBlockByNumber", height, False)["hash"]
    node.rpc("anvil_reorg", 1, [])
    assert node.rpc("eth_getBlockByNumber", height, False)["hash"] != before
    assert node.rpc("eth_getCode", contract, "latest") == "0x"


def test_an_account_can_be_funded_and_the_clock_set(node: LocalNode) -> None:
    address = checksummed("0x" + "ab" * 20)
    node.fund(address, 5)
    assert int(node.rpc("eth_getBalance", address, "latest"), 16) == 5 * 10**18
    then = int(node.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16) + 100_000
    node.rpc("evm_setNextBlockTimestamp", then)
    node.mine()
    assert int(node.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16) == then


def test_every_node_has_the_same_accounts(node: LocalNode) -> None:
    assert [account.name for account in node.accounts][:3] == ["carrier", "shipper", "bank"]
    assert Signer.from_key(node.account("carrier").key).address == node.account("carrier").address
    with pytest.raises(InvalidInput, match="consignee"):
        node.account("nobody")


def post(url: str, body: Any) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=PATIENT) as response:
        return json.loads(response.read())


def test_batches_are_answered_over_http_with_errors_in_their_places(node: LocalNode) -> None:
    batch = [
        {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []},
        {"jsonrpc": "2.0", "id": 2, "method": "no_suchMethod", "params": []},
        {"jsonrpc": "2.0", "id": 3, "method": "eth_blockNumber"},
    ]
    answers = {answer["id"]: answer for answer in post(node.url, batch)}
    assert answers[1]["result"] == "0x539"
    assert answers[2]["error"]["code"] == -32601
    assert int(answers[3]["result"], 16) >= 0


def test_a_stopped_node_does_not_answer() -> None:
    with LocalChain() as node:
        assert post(node.url, {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"})["result"] == "0x539"
    with pytest.raises(urllib.error.URLError):
        post(node.url, {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"})
