"""Many senders, one key: no nonce is lost, nothing is sent twice, and what waits can be hurried or called off."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ebl.chain.sending import Receipt, cancel, speed_up, status
from ebl.chain.sending.journal import Journal, Outcome
from ebl.chain.sending.node import NodeTransport
from ebl.chain.signers import LocalKey
from ebl.errors import InvalidInput, TransactionError
from ebl.registry import Finality, Journals, Node, Store, WaitOptions, deploy_store, issue, send
from ebl.testing.chain import LocalNode
from tests.patience import PATIENT

ROOT = Path(__file__).parents[2]
SHORT = WaitOptions(seconds=0.2)  # for what will not come
A, B = b"\1" * 32, b"\2" * 32


@pytest.fixture
def store(node: Node, journals: Journals, carrier: LocalKey) -> Store:
    call = deploy_store(1337, name="Pacific Line", owner=carrier.address)
    receipt = send(call, signer=carrier, node=node, journals=journals)
    assert receipt.contract is not None
    return Store(1337, receipt.contract)


def once_included(node: Node, sender: str) -> WaitOptions:
    """The wait_options to see the next transaction of a sender in a block, and to look twice more."""
    before, looked = node.nonce(sender, at="latest"), 0

    def sleep(seconds: float) -> None:
        nonlocal looked
        looked += node.nonce(sender, at="latest") > before
        time.sleep(seconds)

    return WaitOptions(seconds=3, sleep=sleep, clock=lambda: looked)


def journal(node: Node, journals: Journals, carrier: LocalKey) -> Journal:
    return journals.journal(node.chain_id, node.genesis, carrier.address)


SENDER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from ebl.net.connect import connect
from ebl.registry import Journals, Store, issue, send
from ebl.chain.signers import LocalKey
url, store, folder, first, count = sys.argv[1:]
key = LocalKey.from_hex(sys.stdin.read())
def one(n):
    call = issue(Store(1337, store), n.to_bytes(32))
    return send(call, signer=key, node=connect(url), journals=Journals(Path(folder))).tx_hash
with ThreadPoolExecutor(8) as threads:
    print("\\n".join(threads.map(one, range(int(first), int(first) + int(count)))))
"""


@pytest.mark.parametrize("chain", ["anvil"], indirect=True)
def test_two_processes_of_eight_threads_send_200_transactions_from_one_key(
    chain: LocalNode, node: Node, journals: Journals, carrier: LocalKey, store: Store
) -> None:
    before = node.nonce(carrier.address)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SENDER, chain.url, store.address, journals.folder, str(first), "100"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        for first in (1, 101)
    ]
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda process: process.communicate(carrier.secret.hex())[0], processes))
    assert [process.returncode for process in processes] == [0, 0]
    hashes = [tx_hash for answer in answers for tx_hash in answer.split()]
    receipts = [node.receipt(tx_hash) for tx_hash in hashes]
    assert len(set(hashes)) == len(receipts) == 200
    assert all(receipt is not None and receipt.succeeded for receipt in receipts)
    assert node.nonce(carrier.address) == before + 200
    entries = [
        e for e in journal(node, journals, carrier).entries() if e.nonce >= before and e.outcome is Outcome.INCLUDED
    ]
    assert Counter(entry.nonce for entry in entries) == Counter(range(before, before + 200))


def test_what_a_killed_run_sent_is_waited_for_and_not_sent_again(
    chain: LocalNode, node: Node, journals: Journals, carrier: LocalKey, store: Store
) -> None:
    chain.rpc("evm_setAutomine", False)
    with pytest.raises(TransactionError, match="outcome is not known") as unknown:
        send(issue(store, A), signer=carrier, node=node, journals=journals, wait_options=SHORT)
    assert unknown.value.tx_hash is not None
    chain.rpc("evm_setAutomine", True)
    chain.mine()
    nonce = node.nonce(carrier.address)
    receipt = send(issue(store, A), signer=carrier, node=node, journals=journals)
    assert receipt.resumed
    assert receipt.tx_hash == unknown.value.tx_hash
    assert node.nonce(carrier.address) == nonce


KILLED = """
import os, sys
from pathlib import Path
from ebl.net.connect import RpcTransport, connect
from ebl.registry import Journals, Store, issue, send
from ebl.chain.signers import LocalKey
from ebl.chain.sending import Node
url, store, folder, moment = sys.argv[1:]
class Dies(RpcTransport):
    def request(self, method, params):
        if method == "eth_sendRawTransaction" and moment == "before":
            os._exit(9)
        answer = RpcTransport.request(self, method, params)
        if method == "eth_sendRawTransaction":
            os._exit(9)
        return answer
node = connect(url)
node = Node.over(Dies(node.transport.rpc))
key = LocalKey.from_hex(sys.stdin.read())
send(issue(Store(1337, store), b"\\1" * 32), signer=key, node=node, journals=Journals(Path(folder)))
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_process_killed_just_before_or_after_broadcasting_resumes_without_a_second_issue(
    chain: LocalNode, node: Node, journals: Journals, carrier: LocalKey, store: Store, moment: str
) -> None:
    nonce = node.nonce(carrier.address)
    words = [sys.executable, "-c", KILLED, chain.url, store.address, journals.folder, moment]
    killed = subprocess.run(words, input=carrier.secret.hex(), text=True, cwd=ROOT, check=False)
    assert killed.returncode == 9
    receipt = send(issue(store, A), signer=carrier, node=node, journals=journals)
    assert receipt.resumed
    assert node.nonce(carrier.address) == nonce + 1


def test_the_same_move_sent_twice_at_once_is_one_transaction(
    node: Node, journals: Journals, carrier: LocalKey, store: Store
) -> None:
    nonce = node.nonce(carrier.address)

    def once(_: int) -> Receipt:
        return send(issue(store, A), signer=carrier, node=node, journals=journals)

    gate = threading.Barrier(2)

    def at_once(number: int) -> Receipt | TransactionError:
        gate.wait()
        try:
            return once(number)
        except TransactionError as late:  # the other one was in a block before this one looked
            return late

    with ThreadPoolExecutor(2) as threads:
        outcomes = list(threads.map(at_once, range(2)))
    assert node.nonce(carrier.address) == nonce + 1
    assert len({outcome.tx_hash for outcome in outcomes if isinstance(outcome, Receipt)}) == 1


@dataclass
class Overtaken:
    """A node that takes so long over a simulation that something else happens meanwhile."""

    real: NodeTransport
    meanwhile: Callable[[], None]

    def request(self, method: str, params: Sequence[Any]) -> Any:
        answer = self.real.request(method, params)
        if method == "eth_estimateGas":
            self.meanwhile()
        return answer


def test_a_move_that_another_made_during_its_simulation_is_not_made_again(
    node: Node, journals: Journals, carrier: LocalKey, store: Store
) -> None:
    made: list[Receipt] = []

    def meanwhile() -> None:
        made.append(send(issue(store, A), signer=carrier, node=node, journals=journals))

    slow = replace(node, transport=Overtaken(node.transport, meanwhile))
    late = send(issue(store, A), signer=carrier, node=slow, journals=journals)
    assert [late.tx_hash] == [receipt.tx_hash for receipt in made]
    assert late.resumed and late.succeeded


def test_a_waiting_transaction_is_hurried_and_the_move_happens_once(
    chain: LocalNode, node: Node, journals: Journals, carrier: LocalKey, store: Store
) -> None:
    chain.rpc("evm_setAutomine", False)
    with pytest.raises(TransactionError) as stuck:
        send(issue(store, A), signer=carrier, node=node, journals=journals, wait_options=SHORT)
    first = str(stuck.value.tx_hash)
    assert status(first, node=node, journals=journals).state == "waiting"
    for _ in range(2):  # twice, each dearer than the one before
        with pytest.raises(TransactionError, match="not known"):
            speed_up(first, signer=carrier, node=node, journals=journals, wait_options=SHORT)
    chain.rpc("evm_setAutomine", True)
    chain.mine()
    receipt = send(issue(store, A), signer=carrier, node=node, journals=journals)
    assert receipt.resumed
    assert receipt.tx_hash != first
    assert status(first, node=node, journals=journals).state == "superseded"
    assert status(receipt.tx_hash, node=node, journals=journals).state == "included"
    with pytest.raises(TransactionError, match="no longer pending"):
        speed_up(first, signer=carrier, node=node, journals=journals)


def test_a_waiting_transaction_is_called_off_and_its_sender_is_told(
    chain: LocalNode, node: Node, journals: Journals, carrier: LocalKey, store: Store
) -> None:
    chain.rpc("evm_setAutomine", False)
    with pytest.raises(TransactionError) as stuck:
        send(issue(store, A), signer=carrier, node=node, journals=journals, wait_options=SHORT)
    with ThreadPoolExecutor(1) as threads:
        begun = threading.Event()

        def sleep(seconds: float) -> None:
            begun.set()
            time.sleep(seconds)

        wait_options = WaitOptions(sleep=sleep)
        waiting = threads.submit(
            send, issue(store, A), signer=carrier, node=node, journals=journals, wait_options=wait_options
        )
        assert begun.wait(PATIENT)
        with pytest.raises(TransactionError):
            cancel(str(stuck.value.tx_hash), signer=carrier, node=node, journals=journals, wait_options=SHORT)
        chain.mine()
        with pytest.raises(TransactionError, match="Cancelled"):
            waiting.result()
    chain.rpc("evm_setAutomine", True)
    assert not send(issue(store, A), signer=carrier, node=node, journals=journals).resumed


def test_what_is_in_a_block_cannot_be_called_off(
    node: Node, journals: Journals, carrier: LocalKey, store: Store
) -> None:
    receipt = send(issue(store, A), signer=carrier, node=node, journals=journals)
    with pytest.raises(TransactionError, match="included already"):
        cancel(receipt.tx_hash, signer=carrier, node=node, journals=journals)
    with pytest.raises(InvalidInput, match="No journal"):
        cancel("0x" + "12" * 32, signer=carrier, node=node, journals=journals)


@pytest.mark.parametrize("chain", ["embedded"], indirect=True)  # anvil estimates gas on top of what waits, and notices
def test_a_transaction_refused_in_its_block_is_told_with_the_reason(
    chain: LocalNode, node: Node, journals: Journals, carrier: LocalKey, store: Store
) -> None:
    chain.rpc("evm_setAutomine", False)
    with pytest.raises(TransactionError):
        send(issue(store, A), signer=carrier, node=node, journals=journals, wait_options=SHORT)
    with ThreadPoolExecutor(1) as threads:  # passes its simulation, because the first is in no block yet
        late = threads.submit(send, issue(store, A, B), signer=carrier, node=node, journals=journals)
        until_entries(journal(node, journals, carrier), 3)
        while not late.done():  # what is in the journal may still be on its way to the node
            chain.mine()
            time.sleep(0.05)
        with pytest.raises(TransactionError, match=r"Included in block \d+, but the contract refused it"):
            late.result()


def until_entries(written: Journal, count: int) -> None:
    last = time.monotonic() + PATIENT
    while len(written.entries()) < count:
        assert time.monotonic() < last, "nothing was sent"
        time.sleep(0.01)


@pytest.mark.parametrize("gas", ["eip1559", "legacy"])
def test_both_kinds_of_transaction_are_taken(
    chain: LocalNode, node: Node, journals: Journals, carrier: LocalKey, store: Store, gas: str
) -> None:
    priced = replace(node, gas=replace(node.gas, kind=gas))
    assert send(issue(store, A), signer=carrier, node=priced, journals=journals).succeeded


def test_confirmations_are_waited_for_and_named(
    chain: LocalNode, node: Node, journals: Journals, carrier: LocalKey, store: Store
) -> None:
    three = Finality(depth=3)
    with pytest.raises(TransactionError, match=r"Included in block \d+, but not confirmations=3"):
        wait_options = once_included(node, carrier.address)
        send(issue(store, A), signer=carrier, node=node, journals=journals, until=three, wait_options=wait_options)
    chain.mine(3)
    receipt = send(issue(store, A), signer=carrier, node=node, journals=journals, until=three)
    assert receipt.resumed
    assert receipt.finality == "confirmations=3"


def test_a_transaction_that_a_reorganisation_threw_out_is_sent_again(
    chain: LocalNode, node: Node, journals: Journals, carrier: LocalKey, store: Store
) -> None:
    chain.mine(3)
    three = Finality(depth=3)
    with pytest.raises(TransactionError, match="not confirmations=3"):
        wait_options = once_included(node, carrier.address)
        send(issue(store, A), signer=carrier, node=node, journals=journals, until=three, wait_options=wait_options)
    chain.rpc("anvil_reorg", 1, [])
    with ThreadPoolExecutor(1) as threads:
        resumed = threads.submit(send, issue(store, A), signer=carrier, node=node, journals=journals, until=three)
        while not resumed.done():
            chain.mine()
            time.sleep(0.05)
    assert resumed.result().finality == "confirmations=3"
    assert node.receipt(resumed.result().tx_hash) is not None
