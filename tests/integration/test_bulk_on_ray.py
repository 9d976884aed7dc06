"""A bulk run on a Ray cluster of two nodes on this machine: a worker is killed, a node is removed, and the rows are the same."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ebl.bulk import BulkOptions, Processes, RayEngine, verify
from ebl.policy import IssuedBy
from ebl.testing.bills import bill
from ebl.wrap import wrap_batch

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.filterwarnings("ignore"),  # of Ray's own
]
POLICY = IssuedBy("carrier.example")


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))  # for its token
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    one = {"num_cpus": 1}
    # This process is a driver on the head, which stays: a driver ends with its own node.
    made = Cluster(initialize_head=True, connect=True, head_node_args={**one, "include_dashboard": False})
    made.second = made.add_node(**one)
    made.wait_for_nodes()
    yield made
    ray.shutdown()
    made.shutdown()


def rows(out: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((out / "rows").glob("[!.]*"))]


def test_a_killed_worker_and_a_removed_node_cost_no_row(cluster: Any, tmp_path: Path) -> None:
    made = [bill(n, store="0x" + "11" * 20, domain="carrier.example", chain_id=1337) for n in range(2000)]
    source = tmp_path / "bills.jsonl"
    source.write_bytes(b"".join(text.rstrip() + b"\n" for text in wrap_batch(made).texts()))
    options = BulkOptions(part_size=100, now=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    verify(source, tmp_path / "plain", POLICY, options=options, engine=Processes(2))
    killed: list[int] = []
    removed: list[Any] = []
    done = 0

    def disturb(summary: Any, plan: Any) -> None:
        nonlocal done
        done += 1
        if done >= 3 and not killed and (worker := _a_worker()) is not None:
            os.kill(worker, signal.SIGKILL)
            killed.append(worker)
        if done >= 8 and killed and not removed:
            removed.append(cluster.second)
            cluster.remove_node(cluster.second)

    summary = verify(source, tmp_path / "out", POLICY, options=options, engine=RayEngine(), told=disturb)
    assert killed and removed
    assert summary.counts.documents == 2000
    assert summary.counts.codes["engine.crashed"] == 0
    assert rows(tmp_path / "out") == rows(tmp_path / "plain")


def _a_worker() -> int | None:
    """A process of Ray that does a piece, and that this one has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().startswith(b"ray::_done") and _is_below(int(path.parent.name)):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found[0] if found else None


def _is_below(pid: int) -> bool:
    while pid > 1:
        if pid == os.getpid():
            return True
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return False
