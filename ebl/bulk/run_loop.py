"""The loop of a bulk run: what is left to do is done on an engine, and counted as it goes."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from ebl.bulk import run_summary
from ebl.bulk.engine_rounds import Joining, run
from ebl.bulk.engines import Engine
from ebl.bulk.input_part import InputPart
from ebl.bulk.ledger import Ledger, PartTally, Piece
from ebl.bulk.run_plan import BulkPlan
from ebl.bulk.run_summary import BulkSummary
from ebl.codec.timestamp import format_timestamp
from ebl.config import file_lock
from ebl.errors import InvalidInput

LOCK: Final = ".lock"
_SUMMARY_EVERY: Final = 5.0

Told = Callable[[BulkSummary, BulkPlan], None]
"""Is called after each part with the result of the run so far."""


def nothing_told(summary: BulkSummary, plan: BulkPlan) -> None:
    return


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Keep other runs from the folder. Raises `InvalidInput` if one is writing there."""
    try:
        with file_lock.locked(out / LOCK, wait=False):
            yield
    except BlockingIOError:
        raise InvalidInput(f"Another run is writing to {out}.", fix="Wait for it, or give another folder.") from None


def remove(out: Path) -> None:
    """Remove what a run has left in its folder, and nothing else."""
    for name in ("rows", "parts", "pieces", "kept"):
        with suppress(FileNotFoundError):
            shutil.rmtree(out / name)
    for name in ("plan.json", run_summary.FILE, "listing.jsonl", "spool"):
        (out / name).unlink(missing_ok=True)


def require_same(plan: BulkPlan, work: Mapping[str, Any], out: Path) -> None:
    """Raises `InvalidInput` if the plan is of other work, naming what differs."""
    differ = sorted(name for name in {*plan.work, *work} if plan.work.get(name) != work.get(name))
    if differ:
        raise InvalidInput(
            f"{out} holds a run with another {', '.join(differ)}.",
            fix="Use the same options to go on, give another folder with -o, or --renew to start again.",
        )


def finished(
    work: Joining,
    plan: BulkPlan,
    ledger: Ledger,
    engine: Engine,
    told: Told,
    begun: float,
    *,
    querying: Mapping[str, Any] = MappingProxyType({}),
) -> BulkSummary:
    """Do the parts that are not done, and write and return the summary of all of them.

    ``begun`` is when this process began, as `time.time` has it; ``querying`` is how it queries nodes, for the timings.
    """
    parts = plan.parts
    so_far, left = BulkSummary(), []
    for part in parts:
        if (tally := done(part, plan, ledger)) is None:
            left.append(part)
        else:
            so_far.counts.add(tally)
    before, clock, written = so_far.counts.documents, time.perf_counter(), 0.0
    told(so_far, plan)

    def timings() -> dict[str, Any]:
        seconds = time.perf_counter() - clock
        made = so_far.counts.documents - before
        return {
            "started": format_timestamp(datetime.fromtimestamp(begun, UTC), to="auto"),
            "seconds": round(seconds, 3),
            "documents": made,
            "documents_per_second": round(made / seconds, 1) if seconds else None,
            **({"querying": dict(querying)} if querying else {}),
            **_usage(),
        }

    run_summary.write(ledger.out, so_far.to_dict(plan, state="running", timings=timings()), sync=False)
    for part in run(work, left, ledger, engine):
        tally = ledger.tally(Piece.whole(part))
        assert tally is not None
        so_far.counts.add(tally)
        told(so_far, plan)
        if time.perf_counter() - written > _SUMMARY_EVERY:
            written = time.perf_counter()
            run_summary.write(ledger.out, so_far.to_dict(plan, state="running", timings=timings()), sync=False)
    spent = timings()
    summary = run_summary.summarized(ledger.tallies(parts), scratch=ledger.out / ".counting")
    run_summary.write(ledger.out, summary.to_dict(plan, state="done", timings=spent))
    return summary


def done(part: InputPart, plan: BulkPlan, ledger: Ledger) -> PartTally | None:
    """Returns the counts of a part if nothing is left to do in it for the plan."""
    tally = ledger.tally(Piece.whole(part))
    if tally is None or (tally.generation != plan.generation and tally.verdicts["indeterminate"]):
        return None
    return tally


def _usage() -> dict[str, Any]:
    """Processor time and the most memory of this process and of those of its workers that have ended.

    Windows does not count for workers, so there it is the processor time of this process alone.
    """
    try:
        import resource
    except ImportError:
        return {"driver_cpu_seconds": round(time.process_time(), 3)}
    found: dict[str, Any] = {}
    scale = 1 if sys.platform == "darwin" else 1024
    for name, whose in (("driver", resource.RUSAGE_SELF), ("workers", resource.RUSAGE_CHILDREN)):
        used = resource.getrusage(whose)
        found[f"{name}_cpu_seconds"] = round(used.ru_utime + used.ru_stime, 3)
        found[f"{name}_peak_bytes"] = used.ru_maxrss * scale
    return found
