"""Bulk runs over made-up bills, against anvil and a local DNS: processor time, wall clock, requests and memory.

    python benchmarks/bulk.py --count 10000 [--rows flat|reports] [--workers 2] [--keep FOLDER]

The bills are made and wrapped streaming, 1,000 under each root, so that memory does not grow with the size of the run.
The processor time is that of our processes; that of anvil is a row of its own. Requests are counted on one part, in this process.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import bills  # noqa: E402

from ebl import bulk  # noqa: E402
from ebl.policy import IssuedBy  # noqa: E402
from ebl.registry import LocalKey, Store, connect, deploy_store, issue, send  # noqa: E402
from ebl.sources import NetworkSettings  # noqa: E402
from ebl.testing.anvil import Anvil, find_anvil  # noqa: E402
from ebl.testing.dns import DnsServer  # noqa: E402
from ebl.wrap import wrap_batch  # noqa: E402

LEAVES, BATCH = 60, 1000


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--count", type=int, default=10_000)
    given.add_argument("--workers", type=int, default=os.cpu_count())
    given.add_argument("--rows", choices=["flat", "reports"], default="flat")
    given.add_argument("--keep", type=Path, help="a folder to work in that is kept")
    options = given.parse_args()
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ebl-bulk-")))
        folder.mkdir(parents=True, exist_ok=True)
        measured(folder, options, stack)


def measured(folder: Path, options: Any, stack: ExitStack) -> None:
    anvil = stack.enter_context(Anvil(find_anvil(ROOT)))
    dns = stack.enter_context(DnsServer())
    key = LocalKey.from_hex(anvil.account("carrier").key)
    sending = {"signer": key, "node": connect(anvil.url, chain_id=anvil.chain_id)}
    address = send(deploy_store(anvil.chain_id, name="Bulk", owner=key.address), **sending).contract
    assert address is not None
    store = Store(anvil.chain_id, address)
    dns.zone.txt("carrier.example", f"openatts net=ethereum netId={anvil.chain_id} addr={address}")
    source = folder / "bills.jsonl"
    began, roots = time.process_time(), []
    with source.open("wb") as file:
        for first in range(0, options.count, BATCH):
            batch = wrap_batch(made(first, min(BATCH, options.count - first), address))
            roots.append(batch.root)
            file.writelines(text.rstrip() + b"\n" for text in batch.texts())
    row("bills made and wrapped in this process, CPU s", time.process_time() - began)
    row("size of the source, MB", source.stat().st_size / 1e6)
    for root in roots:
        send(issue(store, root), **sending)
    settings = NetworkSettings(rpc={anvil.chain_id: anvil.url}, resolver=dns.url)
    run = bulk.BulkOptions(settings=settings, reports=options.rows == "reports")
    requests(source, folder / "sample", run)
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    anvil_before, clock = cpu_of(anvil._process.pid), time.perf_counter()
    summary = bulk.verify(source, out, IssuedBy("carrier.example"), options=run, engine=bulk.Processes(options.workers))
    seconds = time.perf_counter() - clock
    timings = json.loads((out / "summary.json").read_text())["timings"]
    ours = timings["driver_cpu_seconds"] + timings["workers_cpu_seconds"]
    row("bills VALID", summary.counts.verdicts["valid"])
    row("wall clock, s", seconds)
    row("bills a second, wall clock", options.count / seconds)
    row("CPU of the workers, s", timings["workers_cpu_seconds"])
    row("CPU of the workers, us a bill", timings["workers_cpu_seconds"] / options.count * 1e6)
    row("CPU of driver (with the making of the bills) and workers, s", ours)
    row("CPU of anvil, s", cpu_of(anvil._process.pid) - anvil_before)
    row("most memory of a worker, MB", timings["workers_peak_bytes"] / 1e6)
    row("most memory of the driver, MB", timings["driver_peak_bytes"] / 1e6)
    row("size of the rows, MB", sum(path.stat().st_size for path in (out / "rows").iterdir()) / 1e6)


def made(first: int, count: int, address: str) -> Iterator[dict[str, Any]]:
    for number in range(first, first + count):
        bill = bills.oa2(number, LEAVES)
        bill["issuers"][0]["documentStore"] = address
        yield bill


class Here:
    """Does the first part in this process, and counts requests."""

    def run(self, work: bulk.Work, pieces: Iterable[bulk.Piece]) -> Iterator[tuple[bulk.Piece, bool]]:
        from ebl.net.endpoint import Endpoint

        count, post = 0, Endpoint.post

        def counted(self: Endpoint, body: bytes, *, seconds: float) -> Any:
            nonlocal count
            count += 1
            return post(self, body, seconds=seconds)

        Endpoint.post = counted  # type: ignore[method-assign]
        for piece in pieces:
            began = time.process_time()
            work.do(piece)
            row("requests a bill, in one part", count / piece.part.count)
            row(
                "CPU in one part, us a bill (with the DNS, in this process)",
                (time.process_time() - began) / piece.part.count * 1e6,
            )
            Endpoint.post = post  # type: ignore[method-assign]
            return
        yield from ()


def requests(source: Path, out: Path, options: bulk.BulkOptions) -> None:
    shutil.rmtree(out, ignore_errors=True)
    bulk.verify(source, out, IssuedBy("carrier.example"), options=options, engine=Here())


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def row(what: str, value: float) -> None:
    print(f"{what:60} {value:>16,.3f}" if isinstance(value, float) else f"{what:60} {value:>16,}", flush=True)


if __name__ == "__main__":
    main()
