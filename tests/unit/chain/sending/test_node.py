"""Whatever a node answers, sending ends in words of ours, and an answer that makes no sense moves no money."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ebl.chain.sending import Call, Finality, Journals, Plan, WaitOptions, plan, send, status
from ebl.chain.sending.node import NodeRefused
from ebl.chain.signers import LocalKey
from ebl.config.networks import GWEI
from ebl.errors import Error, OutcomeUnknown, SourceError, TransactionError
from ebl.ethereum.address import create_address
from ebl.ethereum.keccak import keccak256
from tests.unit.chain.sending.fake import block, told

KEY = LocalKey(b"\5" * 32)
CALL = Call(1, KEY.address, b"\1", "do it")
HASH = "0x" + "ab" * 32
RECEIPT = {"transactionHash": HASH, "status": "0x1", "blockNumber": "0x4", "blockHash": HASH, "from": KEY.address}
ANSWERS: dict[str, Any] = {
    "eth_call": "0x",
    "eth_estimateGas": "0x5208",
    "eth_gasPrice": hex(GWEI),
    "eth_getBalance": hex(10**18),
    "eth_getBlockByNumber": block(5),
    "eth_getCode": "0x01",
    "eth_getTransactionByHash": None,
    "eth_getTransactionCount": "0x1",
    "eth_getTransactionReceipt": RECEIPT | {"gasUsed": "0x5208"},
    "eth_maxPriorityFeePerGas": hex(GWEI),
    "eth_sendRawTransaction": HASH,
}
NONSENSE: tuple[Any, ...] = (
    *(None, True, 1.5, "", "x", [], [1], {}, {"a": {}}, {"blockNumber": []}, "0x", "0xzz", "0x_1", " 0x1 ", -1, "-0x1"),
    *("0x" + "f" * 65, "0x" + "f" * 5000, 2**256, "\ud800", "0x" + "ff" * 32),
)


def planned(**answers: Any) -> Plan:
    return plan(CALL, sender=KEY.address, node=told(**ANSWERS | answers))


@pytest.mark.parametrize(
    ("method", "where"),
    (
        *((method, "") for method in sorted(ANSWERS)),
        *(("eth_getBlockByNumber", name) for name in ("number", "baseFeePerGas", "timestamp")),
        *(("eth_getTransactionReceipt", name) for name in ("blockNumber", "gasUsed", "logs", "transactionHash")),
    ),
)
def test_an_answer_that_makes_no_sense_ends_in_an_error_of_ours(method: str, where: str, tmp_path: Path) -> None:
    for number, nonsense in enumerate(NONSENSE):
        answer = ANSWERS[method] | {where: nonsense} if where else nonsense
        through = told(**ANSWERS | {method: answer})
        journals, wait_options = Journals(tmp_path / str(number)), WaitOptions(seconds=0, sleep=lambda _: None)
        with pytest.raises(Error):  # the honest receipt is another transaction's, so that none of them succeeds
            send(CALL, signer=KEY, node=through, journals=journals, until=Finality(), wait_options=wait_options)


@pytest.mark.parametrize("gas", (-21_000, "-0x5208", "0x" + "f" * 400, 2**256))
def test_a_number_that_no_chain_has_is_no_answer(gas: Any) -> None:
    assert planned().gas == 25_200
    with pytest.raises(SourceError, match="a number"):
        planned(eth_estimateGas=gas)


def test_a_receipt_is_that_of_the_transaction_that_was_asked_about() -> None:
    assert told(**ANSWERS).receipt(HASH.upper().replace("X", "x")) is not None
    with pytest.raises(SourceError, match="the receipt of another transaction"):
        told(**ANSWERS).receipt("0x" + "cd" * 32)


@pytest.mark.parametrize("method", ("eth_getTransactionReceipt", "eth_getTransactionCount", "eth_getBlockByNumber"))
def test_a_node_that_refuses_to_say_what_became_of_a_transaction_is_waited_for(method: str, tmp_path: Path) -> None:
    """Some do while they start again: nobody must take that for a transaction that failed."""
    sent: list[str] = []
    patient = WaitOptions(seconds=60, sleep=lambda _: None)
    refusals = [NodeRefused(-32000, "transaction indexing is in progress")] * 2

    def take(raw: str) -> str:
        sent.append("0x" + keccak256(bytes.fromhex(raw[2:])).hex())
        return sent[-1]

    def receipt(tx_hash: str) -> Any:
        waits = method == "eth_getTransactionCount" and refusals  # it is asked only of what has no receipt yet
        return None if waits else RECEIPT | {"transactionHash": tx_hash, "gasUsed": "0x5208"}

    answers: dict[str, Any] = ANSWERS | {"eth_sendRawTransaction": take, "eth_getTransactionReceipt": receipt}

    def refusing(*params: Any) -> Any:
        if sent and refusals:
            raise refusals.pop()
        return answers[method](*params) if callable(answers[method]) else answers[method]

    through = told(**answers | {method: refusing})
    assert (
        send(CALL, signer=KEY, node=through, journals=Journals(tmp_path / "a"), wait_options=patient).tx_hash == sent[0]
    )
    assert not refusals


def test_what_a_node_refuses_to_say_until_the_end_is_not_known(tmp_path: Path) -> None:
    refused = NodeRefused(-32000, "transaction indexing is in progress")
    with pytest.raises(OutcomeUnknown) as unknown:
        send(
            CALL,
            signer=KEY,
            node=told(**ANSWERS | {"eth_getTransactionReceipt": refused}),
            journals=Journals(tmp_path),
            wait_options=WaitOptions(seconds=0),
        )
    assert unknown.value.tx_hash is not None
    with pytest.raises(SourceError, match="indexing is in progress"):
        status(HASH, node=told(eth_getTransactionReceipt=refused), journals=Journals(tmp_path))


@pytest.mark.parametrize("named", (None, "0x" + "5a" * 20))
def test_where_a_contract_was_created_is_not_for_a_node_to_say(named: str | None, tmp_path: Path) -> None:
    """The carrier would publish the address in the DNS, and so vouch for a contract of the node's."""
    sent: list[str] = []
    create = Call(1, None, b"\1", "create a store")
    place = create_address(KEY.address, 1)

    def take(raw: str) -> str:
        sent.append("0x" + keccak256(bytes.fromhex(raw[2:])).hex())
        return sent[-1]

    def receipt(tx_hash: str) -> dict[str, Any]:
        return RECEIPT | {"transactionHash": tx_hash, "gasUsed": "0x5208", "contractAddress": contract}

    node = told(**ANSWERS | {"eth_sendRawTransaction": take, "eth_getTransactionReceipt": receipt})
    contract: str | None = place
    assert send(create, signer=KEY, node=node, journals=Journals(tmp_path / "honest")).contract == place
    contract = named
    with pytest.raises(TransactionError, match=f"it can only be at {place}") as no:
        send(create, signer=KEY, node=node, journals=Journals(tmp_path / "lying"))
    assert no.value.tx_hash == sent[-1]


@pytest.mark.parametrize("tip", (100_001 * GWEI, 2**256 - 1))
def test_a_price_of_gas_that_no_chain_has_is_not_paid_whatever_the_sender_owns(tip: int) -> None:
    with pytest.raises(TransactionError, match="implausible for any chain"):
        planned(eth_maxPriorityFeePerGas=hex(tip), eth_getBalance=hex(2**256 - 1))
