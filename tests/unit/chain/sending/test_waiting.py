"""What is told of a transaction that is out is true, whatever the node and the disk do meanwhile."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ebl.chain.sending import Call, Finality, Journals, Node, WaitOptions
from ebl.chain.sending.finality import LATEST
from ebl.chain.sending.journal import Journal, JournalEntry, Outcome, fingerprint
from ebl.chain.sending.node import NodeRefused, Receipt
from ebl.chain.sending.transaction import Fees, Unsigned
from ebl.chain.sending.waiting import wait
from ebl.chain.signers import LocalKey
from ebl.errors import InvalidInput, OutcomeUnknown, SourceError, TransactionError
from ebl.ethereum.keccak import keccak256
from tests.unit.chain.sending.fake import Told, block, told

KEY = LocalKey(b"\5" * 32)
CALL = Call(1, KEY.address, b"\1", "do it")
RAW = Unsigned(1, 0, CALL.to, CALL.data, 21_000, Fees(1, 1))
SIGNED = RAW.signed(KEY.sign_transaction(RAW))
HASH = f"0x{keccak256(SIGNED).hex()}"
ENTRY = JournalEntry(0, HASH, f"0x{SIGNED.hex()}", fingerprint(CALL), "do it", "2026-11-22T12:00:00+00:00")
RECEIPT = {
    "transactionHash": HASH,
    "status": "0x1",
    "blockNumber": "0x7",
    "blockHash": "0x" + "ab" * 32,
    "from": KEY.address,
    "gasUsed": "0x5208",
}


@dataclass(slots=True)
class Time:
    """A clock that only sleeping moves."""

    now: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def wait_options(self, seconds: float = 60.0) -> WaitOptions:
        return WaitOptions(seconds=seconds, sleep=self.sleep, clock=lambda: self.now)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    made = Journals(tmp_path).journal(1, "0x" + "ab" * 32, KEY.address)
    made.add(ENTRY)
    return made


def node(time: Time, *, receipt_after: float = 0.0, **answers: Any) -> Node:
    usual: dict[str, Any] = {
        "eth_getTransactionReceipt": lambda _: RECEIPT if time.now >= receipt_after else None,
        "eth_getTransactionCount": "0x1",
        "eth_getTransactionByHash": None,
        "eth_getBlockByNumber": block(9),
        "eth_sendRawTransaction": HASH,
    }
    return told(None, **(usual | answers))


def waited(journal: Journal, through: Node, time: Time, *, until: Finality = LATEST, seconds: float = 60.0) -> Receipt:
    wait_options = time.wait_options(seconds)
    return wait(ENTRY, sender=KEY.address, node=through, journal=journal, until=until, wait_options=wait_options)


@pytest.mark.parametrize("lag", [0.1, 1.0, 5.0, 9.0])
def test_a_receipt_that_comes_after_its_nonce_was_counted_is_waited_for(journal: Journal, lag: float) -> None:
    time = Time()
    assert waited(journal, node(time, receipt_after=lag), time).succeeded
    assert [entry.outcome for entry in journal.entries()] == [Outcome.INCLUDED]


def test_what_the_node_still_knows_was_not_superseded(journal: Journal) -> None:
    time = Time()
    with pytest.raises(OutcomeUnknown):
        waited(journal, node(time, receipt_after=1e9, eth_getTransactionByHash={"hash": HASH}), time)
    assert [entry.open for entry in journal.entries()] == [True]


def test_a_nonce_that_another_used_is_told_once_it_is_sure(journal: Journal) -> None:
    time = Time()
    with pytest.raises(TransactionError, match="took its place"):
        waited(journal, node(time, receipt_after=1e9), time)
    assert 10 < time.now < 20
    assert [entry.outcome for entry in journal.entries()] == [Outcome.SUPERSEDED]


def test_a_final_block_that_cannot_be_meant_for_a_moment_hides_no_outcome(journal: Journal) -> None:
    time = Time()

    def heads(tag: str, _: bool) -> dict[str, Any]:
        return block(9) if tag == "latest" else block(10 if time.now < 3 else 8)  # of another node, one block ahead

    final = Finality("finalized")
    assert waited(journal, node(time, eth_getBlockByNumber=heads), time, until=final).finality == "finalized"
    lasting = node(time, eth_getBlockByNumber=lambda tag, _: block(9 if tag == "latest" else 10))
    with pytest.raises(OutcomeUnknown, match="not finalized") as unknown:
        waited(journal, lasting, time, until=final)
    assert unknown.value.tx_hash == HASH


@pytest.mark.parametrize(
    "trouble", [OSError(errno.ENOSPC, "No space left on device"), InvalidInput("The journal is damaged.")]
)
def test_a_journal_that_cannot_be_written_hides_no_outcome(
    journal: Journal, trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise trouble

    time = Time()
    monkeypatch.setattr(Journal, "settle", fails)
    assert waited(journal, node(time), time).succeeded
    with pytest.raises(TransactionError, match="took its place"):
        waited(journal, node(time, receipt_after=1e9), time)


def test_a_receipt_that_does_not_say_whether_it_succeeded_is_no_success(journal: Journal) -> None:
    time = Time()
    silent = {name: value for name, value in RECEIPT.items() if name != "status"}
    with pytest.raises(OutcomeUnknown):
        waited(journal, node(time, eth_getTransactionReceipt=silent), time)


@pytest.mark.parametrize("first", [None, NodeRefused(-32000, "pruned history unavailable")])
def test_a_node_without_block_0_is_not_sent_through_as_its_journal_would_be_another(first: Any) -> None:
    answers: dict[str, Any] = {"eth_chainId": "0x1", "eth_getBlockByNumber": first}
    with pytest.raises((SourceError, NodeRefused)):
        Node.over(Told(**answers))
