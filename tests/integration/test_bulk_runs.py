"""Bulk runs against a chain and a DNS: one block for all workers, answers that are kept, and what an outage leaves."""

from __future__ import annotations

import gc
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ebl.bulk import BulkOptions, Piece, Processes, Work, verify
from ebl.errors import SourceError
from ebl.policy import IssuedBy
from ebl.registry import Store, issue, revoke, send
from ebl.sources import NetworkSettings
from ebl.testing.bills import bill
from ebl.testing.chain import LocalNode
from ebl.testing.clock import Clock
from ebl.testing.dns import DnsServer
from ebl.verify import examine
from ebl.wrap import Batch, wrap_batch

POLICY = IssuedBy("carrier.example")
ROOT = Path(__file__).parents[2]


class Here:
    """Does the work in this process; ``before`` is called with the number of pieces that are done."""

    def __init__(self, before: Callable[[int], None] = lambda number: None) -> None:
        self.before = before

    def run(self, work: Work, pieces: Iterable[Piece]) -> Iterator[tuple[Piece, bool]]:
        for number, piece in enumerate(pieces):
            self.before(number)
            work.do(piece)
            yield piece, True


@pytest.fixture
def batch(ebl_store: Store, ebl_dns: DnsServer, ebl_accounts: Any, ebl_transactions: Any) -> Batch:
    made = [bill(n, store=ebl_store.address, domain="carrier.example", chain_id=ebl_store.chain_id) for n in range(20)]
    found = wrap_batch(made)
    send(issue(ebl_store, found.root), signer=ebl_accounts["carrier"], **ebl_transactions)
    text = f"openatts net=ethereum netId={ebl_store.chain_id} addr={ebl_store.address}"
    ebl_dns.zone.txt("carrier.example", text)
    return found


@pytest.fixture
def source(tmp_path: Path, batch: Batch) -> Path:
    path = tmp_path / "bills.jsonl"
    path.write_bytes(b"".join(text.rstrip() + b"\n" for text in batch.texts()))
    return path


@pytest.fixture
def options(ebl_chain: LocalNode, ebl_dns: DnsServer, ebl_clock: Clock) -> BulkOptions:
    settings = NetworkSettings(rpc={ebl_chain.chain_id: ebl_chain.url}, resolver=ebl_dns.url)
    return BulkOptions(settings=settings, part_size=5, now=lambda: ebl_clock.now)


def rows(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in sorted((out / "rows").iterdir()) for line in path.read_text().splitlines()]


def test_a_row_is_the_report_that_examine_gives(
    source: Path, tmp_path: Path, options: BulkOptions, batch: Batch, ebl_sources: Any
) -> None:
    summary = verify(source, tmp_path / "out", POLICY, options=options, engine=Here())
    assert summary.counts.verdicts == {"valid": 20}
    assert summary.issuers == {"carrier.example": 20}
    for row, text in zip(rows(tmp_path / "out"), batch.texts(), strict=True):
        alone = examine(text.rstrip(), POLICY, sources=ebl_sources).to_dict()
        assert {**row, "file": None} == {**alone, "file": None}
    plan = json.loads((tmp_path / "out" / "plan.json").read_text())
    assert plan["chains"][0]["answer"]["hash"] == rows(tmp_path / "out")[0]["as_of"]["blocks"][0]["hash"]
    assert plan["work"]["proofs"] is False


def test_all_parts_are_read_at_the_block_of_the_plan(
    source: Path,
    tmp_path: Path,
    options: BulkOptions,
    batch: Batch,
    ebl_store: Store,
    ebl_accounts: Any,
    ebl_transactions: Any,
) -> None:
    def revoked_after_the_second(number: int) -> None:
        if number == 2:
            send(revoke(ebl_store, batch.root), signer=ebl_accounts["carrier"], **ebl_transactions)

    summary = verify(source, tmp_path / "out", POLICY, options=options, engine=Here(revoked_after_the_second))
    assert summary.counts.verdicts == {"valid": 20}
    later = verify(source, tmp_path / "later", POLICY, options=options, engine=Here())
    assert later.counts.codes == {"status.revoked": 20}


def test_the_answer_of_the_dns_is_kept_with_the_plan(
    source: Path, tmp_path: Path, options: BulkOptions, ebl_dns: DnsServer
) -> None:
    def changed_after_the_first(number: int) -> None:
        if number == 1:
            ebl_dns.zone.txt("carrier.example", "nothing of ours")

    summary = verify(source, tmp_path / "out", POLICY, options=options, engine=Here(changed_after_the_first))
    assert summary.counts.verdicts == {"valid": 20}
    assert len([*(tmp_path / "out" / "kept" / "1").iterdir()]) == 1


def test_an_outage_in_the_middle_leaves_the_rest_unknown_and_retry_asks_for_it_alone(
    source: Path, tmp_path: Path, options: BulkOptions, ebl_chain: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ebl.net.endpoint import Endpoint

    post = Endpoint.post

    def dead_after_the_first(number: int) -> None:
        if number == 1:
            monkeypatch.setattr(Endpoint, "post", refused)

    def refused(self: Endpoint, body: bytes, *, seconds: float) -> Any:
        raise ConnectionRefusedError

    out = tmp_path / "out"
    summary = verify(source, out, POLICY, options=options, engine=Here(dead_after_the_first))
    assert summary.counts.verdicts == {"valid": 5, "indeterminate": 15}
    (code,) = summary.counts.codes
    assert code.startswith("chain.")
    before = rows(out)[:5]
    monkeypatch.setattr(Endpoint, "post", post)
    again = verify(source, out, POLICY, options=options, engine=Here(), retry_unknown=True)
    assert again.counts.verdicts == {"valid": 20}
    assert rows(out)[:5] == before


class Relay:
    """Stands between a run and its node, until it is closed: from then on the node's address refuses connections."""

    def __init__(self, url: str) -> None:
        at = urlsplit(url)
        self._node = at.hostname, at.port
        self._door = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        for one in (self._door, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                here, there = self._door.accept()[0], socket.create_connection(self._node)
                self._open += here, there
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    @staticmethod
    def _pass_on(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while raw := one.recv(65536):
                other.sendall(raw)


@pytest.mark.slow
def test_a_node_that_ends_in_the_middle_is_unreachable_and_memory_stays_flat(
    tmp_path: Path, options: BulkOptions, ebl_store: Store, ebl_chain: LocalNode, ebl_dns: DnsServer
) -> None:
    domain, chain_id = "carrier.example", ebl_store.chain_id
    ebl_dns.zone.txt(domain, f"openatts net=ethereum netId={chain_id} addr={ebl_store.address}")
    made = [bill(n, store=ebl_store.address, domain=domain, chain_id=chain_id) for n in range(1000)]
    path, relay, held = tmp_path / "bills.jsonl", Relay(ebl_chain.url), []
    batches = [
        wrap_batch(made[at : at + 10]).texts() for at in range(0, 1000, 10)
    ]  # of which each has its own question
    path.write_bytes(b"".join(text.rstrip() + b"\n" for texts in batches for text in texts))

    def ended_after_the_first(number: int) -> None:
        if number == 1:
            relay.close()
        gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])

    assert options.settings is not None
    settings = NetworkSettings(rpc={chain_id: relay.url}, resolver=options.settings.resolver[0])
    options = replace(options, settings=settings, part_size=100)
    tracemalloc.start()
    try:
        summary = verify(path, tmp_path / "out", POLICY, options=options, engine=Here(ended_after_the_first))
    finally:
        tracemalloc.stop()
        relay.close()
    assert summary.counts.documents == 1000
    assert [row["verdict"] for row in rows(tmp_path / "out")] == ["invalid"] * 100 + ["indeterminate"] * 900
    assert summary.counts.codes == {"status.not_issued": 100, "chain.unreachable": 900}
    assert held[-1] - held[3] < 1_000_000


def test_without_any_chain_nothing_is_verified(source: Path, tmp_path: Path, options: BulkOptions) -> None:
    dead = NetworkSettings(rpc={1337: "http://127.0.0.1:1"})
    with pytest.raises(SourceError):
        verify(source, tmp_path / "out", POLICY, options=replace(options, settings=dead), engine=Here())
    assert not (tmp_path / "out" / "plan.json").exists()
    assert verify(source, tmp_path / "out", POLICY, options=options, engine=Here()).counts.verdicts == {"valid": 20}


def test_a_plan_that_is_gone_on_with_too_late_leaves_the_rest_unknown(
    source: Path, tmp_path: Path, options: BulkOptions, ebl_clock: Clock
) -> None:
    class StoppedError(Exception):
        pass

    def stop(number: int) -> None:
        if number == 2:
            raise StoppedError

    assert options.settings is not None
    options = replace(options, settings=replace(options.settings, max_age=timedelta(minutes=10)))
    with pytest.raises(StoppedError):
        verify(source, tmp_path / "out", POLICY, options=options, engine=Here(stop))
    ebl_clock.advance(hours=2)
    summary = verify(source, tmp_path / "out", POLICY, options=options, engine=Here())
    assert summary.counts.verdicts == {"valid": 10, "indeterminate": 10}
    assert summary.counts.codes == {"chain.stale": 10}


def test_a_run_goes_on_with_the_way_to_query_nodes_that_it_is_given_now(
    source: Path, tmp_path: Path, options: BulkOptions
) -> None:
    class StoppedError(Exception):
        pass

    def stop(number: int) -> None:
        if number == 2:
            raise StoppedError

    assert options.settings is not None
    careful = replace(options, settings=replace(options.settings, batch=3, rps=5_000, multicall=False))
    verify(source, tmp_path / "plain", POLICY, options=options, engine=Here())
    shutil.copytree(tmp_path / "plain", tmp_path / "out")
    for name in ("rows", "parts", "pieces"):
        shutil.rmtree(tmp_path / "out" / name)
    with pytest.raises(StoppedError):
        verify(source, tmp_path / "out", POLICY, options=options, engine=Here(stop))
    verify(source, tmp_path / "out", POLICY, options=careful, engine=Here())
    assert rows(tmp_path / "out") == rows(tmp_path / "plain")
    timings = json.loads((tmp_path / "out" / "summary.json").read_bytes())["timings"]
    assert timings["querying"] == {"batch": 3, "rps": 5_000, "multicall": False}


_RUN = """
import sys
from datetime import datetime, UTC
from ebl.bulk import BulkOptions, Processes, verify
from ebl.policy import IssuedBy
from ebl.sources import NetworkSettings
if __name__ == "__main__":
    source, out, chain, url, dns, workers = sys.argv[1:]
    settings = NetworkSettings(rpc={int(chain): url}, resolver=dns)
    options = BulkOptions(settings=settings, part_size=5, now=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    verify(source, out, IssuedBy("carrier.example"), options=options, engine=Processes(int(workers)))
"""


def started(source: Path, out: Path, options: BulkOptions, script: Path) -> subprocess.Popen[bytes]:
    script.write_text(_RUN)
    assert options.settings is not None
    ((chain, (url,)),) = options.settings.nodes.items()
    words = [source, out, chain, url, options.settings.resolver[0], 2]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, str(script), *map(str, words)], env=environment)


def workers_of(pid: int) -> list[int]:
    """The workers that a run has now. Each is a child of the thread that started it, so the children of all threads count."""
    found = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread or a worker that has ended meanwhile
            below = children.read_text().split()
            found += [int(one) for one in below if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]
    return found


def killed_and_gone_on(source: Path, tmp_path: Path, options: BulkOptions, kills: int, seed: int) -> None:
    """Kill a driver or a worker at random moments, start again, and compare the rows with those of an undisturbed run."""
    out, plain, chance = tmp_path / "killed", tmp_path / "plain", random.Random(seed)
    script = tmp_path / "run.py"
    assert started(source, plain, options, script).wait(120) == 0
    shutil.copytree(plain, out)
    for name in ("rows", "parts", "pieces"):
        shutil.rmtree(out / name)
    done = 0
    while done < kills:
        run = started(source, out, options, script)
        time.sleep(chance.uniform(0.1, 1.6))
        below = workers_of(run.pid)
        victim = chance.choice([run.pid, *below])
        try:
            os.kill(victim, signal.SIGKILL)
            done += 1
        except ProcessLookupError:
            pass
        if victim != run.pid:
            assert run.wait(120) == 0
        run.wait(120)
        if all((out / "parts" / f"{number:06d}.json").exists() for number in range(4)):
            (out / "parts" / f"{chance.randrange(4):06d}.json").unlink()
            shutil.rmtree(out / "parts") if chance.random() < 0.5 else None
    assert started(source, out, options, script).wait(120) == 0
    names = [path.name for path in sorted((plain / "rows").iterdir())]
    assert [path.name for path in sorted((out / "rows").glob("[!.]*"))] == names
    for name in names:
        assert (out / "rows" / name).read_bytes() == (plain / "rows" / name).read_bytes()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the processes below one are read from /proc")
def test_a_run_that_is_killed_goes_on_with_the_same_rows(source: Path, tmp_path: Path, options: BulkOptions) -> None:
    killed_and_gone_on(source, tmp_path, options, kills=1, seed=7)


@pytest.mark.exhaustive
@pytest.mark.skipif(sys.platform != "linux", reason="the processes below one are read from /proc")
def test_a_run_that_is_killed_often_goes_on_with_the_same_rows(
    source: Path, tmp_path: Path, options: BulkOptions
) -> None:
    kills = int(os.environ.get("EBL_KILLS", "50"))
    killed_and_gone_on(source, tmp_path, options, kills=kills, seed=random.randrange(2**32))


def test_workers_of_several_processes_share_the_plan(source: Path, tmp_path: Path, options: BulkOptions) -> None:
    summary = verify(source, tmp_path / "out", POLICY, options=replace(options, now=_start), engine=Processes(2))
    assert summary.counts.verdicts == {"valid": 20}
    assert len({row["as_of"]["blocks"][0]["hash"] for row in rows(tmp_path / "out")}) == 1


def _start() -> Any:
    return Clock().now
