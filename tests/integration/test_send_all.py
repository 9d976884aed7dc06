"""`send_all` on a real node: killed with SIGKILL and started again, every title is minted exactly once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ebl.registry import (
    Journals,
    LocalKey,
    Node,
    Purpose,
    Registry,
    SendState,
    WaitOptions,
    connect,
    deploy_factory,
    deploy_registry,
    deploy_store,
    mint,
    send,
    send_all,
)
from ebl.registry import title as read_title
from ebl.sources import online
from ebl.testing.anvil import Anvil, find_anvil
from ebl.testing.chain import LocalNode
from tests.needs import ANVIL, need
from tests.patience import PATIENT

ROOT = Path(__file__).parents[2]
RUN = """
import sys
from pathlib import Path
from ebl.registry import LocalKey, Journals, Registry, connect, mint, send_all
url, registry, folder, first, count, window = sys.argv[1:]
key = LocalKey.from_hex(sys.stdin.readline().strip())
where = Registry(1337, registry)
numbers = range(int(first), int(first) + int(count))
calls = [mint(where, number, beneficiary=key.address, holder=key.address) for number in numbers]
results = send_all(calls, signer=key, node=connect(url), journals=Journals(Path(folder)), window=int(window))
for result in results:
    print(result.state, result.tx_hash, result.receipt.block_number if result.receipt else result.error)
"""


@pytest.fixture
def chain() -> Iterator[LocalNode]:
    binary = find_anvil(ROOT)
    need(binary, ANVIL)
    with Anvil(binary) as started:
        yield started


@pytest.fixture
def carrier(chain: LocalNode) -> LocalKey:
    return LocalKey.from_hex(chain.account("carrier").key)


@pytest.fixture
def node(chain: LocalNode) -> Node:
    return connect(chain.url)


def registry(node: Node, journals: Journals, key: LocalKey) -> str:
    more: dict[str, Any] = {"signer": key, "node": node, "journals": journals}
    factory = send(deploy_factory(1337), **more).contract
    assert factory is not None
    made = send(deploy_registry(1337, name="Blue Heron", symbol="BHL", factory=factory), **more).contract
    assert made is not None
    return made


def begun(chain: LocalNode, key: LocalKey, *words: object) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, chain.url, *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(key.secret.hex() + "\n")
    process.stdin.flush()
    return process


def killed_at(process: subprocess.Popen[str], node: Node, key: LocalKey, count: int) -> None:
    """Kill the process once so many of the key's transactions are in blocks or wait."""
    end = time.monotonic() + PATIENT
    while node.nonce(key.address) < count and time.monotonic() < end:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("count", "seconds", "window", "blocks"),
    [
        pytest.param(16, 1, 8, 10, marks=pytest.mark.slow),
        pytest.param(200, 3, 64, 10, marks=pytest.mark.exhaustive),
    ],
)
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_titles_minted_by_a_run_that_is_killed_twice_are_each_minted_once(
    chain: LocalNode, node: Node, carrier: LocalKey, tmp_path: Path, count: int, seconds: int, window: int, blocks: int
) -> None:
    journals = Journals(tmp_path / "journals")
    where = registry(node, journals, carrier)
    first = node.nonce(carrier.address)
    chain.rpc("evm_setAutomine", False)
    chain.rpc("evm_setIntervalMining", seconds)
    head = node.head()
    assert head is not None
    words = (where, journals.folder, 1, count, window)
    for part in (count // 5, count // 2):
        killed_at(begun(chain, carrier, *words), node, carrier, first + part)
    process = begun(chain, carrier, *words)
    told, trouble = process.communicate()
    assert process.returncode == 0, trouble
    rows = [line.split() for line in told.splitlines()]
    assert Counter(row[0] for row in rows) == {"included": count}, told
    assert len({row[1] for row in rows}) == count
    assert node.nonce(carrier.address, at="latest") == first + count, "each exactly once, and nothing else"
    last = max(int(row[2]) for row in rows)
    assert last - head.number < blocks, f"it took {last - head.number} blocks"
    read = online(rpc={1337: chain.url}).chain(1337)
    assert {read_title(read, Registry(1337, where), number).holder for number in range(1, count + 1)} == {
        carrier.address
    }


@pytest.mark.slow
def test_two_processes_that_send_many_with_one_key_at_once_send_each_once(
    chain: LocalNode, node: Node, carrier: LocalKey, tmp_path: Path
) -> None:
    journals = Journals(tmp_path / "journals")
    where = registry(node, journals, carrier)
    first = node.nonce(carrier.address)
    processes = [begun(chain, carrier, where, journals.folder, start, 20, 8) for start in (1, 11)]
    told = [process.communicate()[0] for process in processes]
    rows = [line.split()[:2] for text in told for line in text.splitlines()]
    assert [row[0] for row in rows] == ["included"] * 40
    assert len({row[1] for row in rows}) == 30 == node.nonce(carrier.address, at="latest") - first


def test_a_price_that_no_block_takes_is_raised_to_one_that_it_does(
    chain: LocalNode, node: Node, carrier: LocalKey, tmp_path: Path
) -> None:
    journals = Journals(tmp_path / "journals")
    made = Registry(1337, registry(node, journals, carrier))
    head = node.head()
    assert head is not None and head.base_fee is not None
    chain.rpc("evm_setAutomine", False)
    calls = [mint(made, number, beneficiary=carrier.address, holder=carrier.address) for number in range(1, 6)]

    def sleep(seconds: float) -> None:
        chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(3 * 10**9))
        chain.mine()
        time.sleep(0.01)

    wait_options = WaitOptions(seconds=PATIENT, sleep=sleep, outbid_after=0.05)
    results = send_all(calls, signer=carrier, node=node, journals=journals, wait_options=wait_options)
    assert {result.state for result in results} == {SendState.INCLUDED}, results
    entries = journals.journal(1337, node.genesis, carrier.address).entries()
    assert Counter(entry.purpose for entry in entries if entry.block)[Purpose.SPEED_UP] == 5


@pytest.mark.slow
def test_an_interrupted_command_shows_a_bar_states_what_is_kept_and_goes_on(
    chain: LocalNode, node: Node, carrier: LocalKey, tmp_path: Path
) -> None:
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    journals = Journals(tmp_path / "ebl" / "journals")
    call = deploy_store(1337, name="Blue Heron", owner=carrier.address)
    store = send(call, signer=carrier, node=node, journals=journals).contract
    first = node.nonce(carrier.address)
    chain.rpc("evm_setAutomine", False)
    (tmp_path / "roots.txt").write_text("".join(f"0x{number:064x}\n" for number in range(1, 7)), "ascii")
    more = ["--at-once", "2", "--rpc", f"1337={chain.url}", "--yes"]
    words = [sys.executable, "-m", "ebl", "bulk", "issue", str(store), "--roots", str(tmp_path / "roots.txt"), *more]
    environment = {**os.environ, "EBL_PRIVATE_KEY": carrier.secret.hex(), "XDG_STATE_HOME": str(tmp_path)}
    here, there = pty.openpty()
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=there, env=environment, cwd=ROOT) as run:
        os.close(there)
        shown, end = "", time.monotonic() + PATIENT
        while "3 waiting" not in shown and time.monotonic() < end:
            shown += os.read(here, 65536).decode()
        run.send_signal(signal.SIGINT)
        while run.poll() is None:
            try:
                shown += os.read(here, 65536).decode()
            except OSError:
                break
    with suppress(OSError):
        shown += os.read(here, 65536).decode()
    os.close(here)
    assert run.returncode == 130 and "0/3 [" in shown
    assert "Stopped after 0 of 3 transactions" in shown and "run the same command again" in shown
    chain.rpc("evm_setAutomine", True)
    chain.mine()
    again = subprocess.run(words, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    assert again.returncode == 0, again.stderr
    assert node.nonce(carrier.address, at="latest") == first + 3
