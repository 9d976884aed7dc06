"""A run of ``ebl bulk verify``: its plan, its parts on an engine, its summary."""

from __future__ import annotations

import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ebl import __version__
from ebl.bulk import run_summary
from ebl.bulk.engine_rounds import run
from ebl.bulk.engines import Engine, Processes
from ebl.bulk.input_part import PART_SIZE
from ebl.bulk.inputs import find
from ebl.bulk.ledger import Ledger, Piece
from ebl.bulk.pinned_sources import Pinned, pin
from ebl.bulk.run_plan import BulkPlan
from ebl.bulk.run_summary import BulkSummary
from ebl.bulk.verify_work import VerifyWork
from ebl.checking.formats import Reader
from ebl.checking.memory import Trouble
from ebl.codec.timestamp import format_timestamp
from ebl.config import durable_files, file_lock
from ebl.config.networks import pace as shipped_pace
from ebl.config.settings import NetworkSettings
from ebl.errors import InvalidInput, SourceError
from ebl.model.pace import Pace
from ebl.model.ports import system_clock
from ebl.policies.base_policy import Policy, require_policy
from ebl.verify import SECONDS

_LOCK: Final = ".lock"
_SUMMARY_EVERY: Final = 5.0

Told = Callable[[BulkSummary, BulkPlan], None]
"""Is called after each part with the result of the run so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOptions:
    """How a run is done. What the rows depend on is in the plan, and a run goes on only with the same.

    ``settings`` None sends no query (offline). ``reports`` writes whole reports, else only the flat columns. ``form`` is
    ``jsonl`` or ``parquet``. ``pace`` has how old the block of a chain may be, and ``now`` what time it is.
    """

    settings: NetworkSettings | None = None
    reader: Reader = field(default_factory=Reader)
    seconds: float = SECONDS
    part_size: int = PART_SIZE
    column: str | None = None
    reports: bool = True
    form: str = "jsonl"
    only_documents: bool = False
    pace: Callable[[int], Pace] = shipped_pace
    now: Callable[[], datetime] = system_clock

    def __post_init__(self) -> None:
        if not 1 <= self.part_size <= 1_000_000:
            raise InvalidInput(f"Expected a part of 1 to 1,000,000 documents; got {self.part_size}.")
        if self.form not in ("jsonl", "parquet"):
            raise InvalidInput(f"Expected rows as jsonl or parquet; got {self.form!r:.40}.")

    def work(self, source: str, policy: Policy) -> dict[str, Any]:
        """What is done, as JSON data, for a plan. It names no node: which one is queried does not belong to the result."""
        asked = self.settings
        contexts = self.reader.contexts
        return {
            "command": "verify",
            "program": __version__,
            "source": source,
            "policy": policy.to_dict(),
            "offline": asked is None,
            "proofs": asked is not None and asked.prove,
            "network": None
            if asked is None
            else {
                "dnssec": asked.dnssec,
                "finality": asked.finality,
                "nodes_agree": asked.nodes_agree,
                "resolvers_agree": asked.resolvers_agree,
                "max_age_seconds": None if asked.max_age is None else asked.max_age.total_seconds(),
                "chains": sorted(asked.nodes),
            },
            "list_issuers": [*self.reader.list_issuers],
            "contexts": {} if contexts is None else {url: one.sha256 for url, one in contexts.by_url.items()},
            "seconds": self.seconds,
            "part_size": self.part_size,
            "column": self.column,
            "rows": self.form,
            "reports": self.reports,
            "only_documents": self.only_documents,
        }


def verify(
    source: str | Path,
    out: str | Path,
    policy: Policy,
    *,
    options: BulkOptions | None = None,
    engine: Engine | None = None,
    renew: bool = False,
    retry_unknown: bool = False,
    told: Told | None = None,
) -> BulkSummary:
    """Verify every document of a source, and write a row for each into the folder ``out``; see ``docs/operator/scale.md``.

    A run that was interrupted goes on: what is done is not done again. ``renew`` starts again, with a new plan; what was there
    is removed. ``retry_unknown`` makes the plan again for the rows that were INDETERMINATE, and examines only these.

    Raises `InvalidInput` if the folder holds a run of other inputs, options or another policy, if another run is writing to
    it, or if there is nothing to verify; `SourceError` if no chain could be pinned; and `OSError` of a file.
    """
    require_policy(policy)
    options, out, source = options or BulkOptions(), Path(out), str(source)
    durable_files.make_folder(out)
    with _alone(out):
        begun = time.time()
        if renew:
            remove(out)
        plan, pinned = _planned(source, out, policy, options, retry_unknown=retry_unknown)
        ledger = Ledger(out, f".{options.form}")
        ledger.prepare()
        work = VerifyWork(
            ledger,
            plan.inputs,
            policy,
            options.settings,
            options.reader,
            plan.time,
            pinned,
            out / "kept" / str(plan.generation),
            options.seconds,
            plan.generation,
            options.reports,
            options.only_documents,
        )
        return _finished(work, plan, ledger, engine or Processes(), told or _nothing, begun)


def estimate(
    source: str | Path, policy: Policy, *, options: BulkOptions | None = None, sample: int = 200
) -> dict[str, Any]:
    """What a run would take, by its first documents, which are examined: nothing of it is kept.

    Gives ``documents`` and ``parts``; by the ``sample``, for the whole run, the ``questions`` by kind, the ``requests`` that
    carry them, and the ``cpu_seconds`` of all workers together. Documents of one batch share questions, so that a sample of a
    few may show too many. Raises as `verify` does.
    """
    import tempfile

    from ebl.bulk.sampled import sampled

    options = options or BulkOptions()
    with tempfile.TemporaryDirectory(prefix="ebl-bulk-") as scratch:
        inputs, parts = find(str(source), Path(scratch), part_size=options.part_size, column=options.column)
        return sampled(inputs, parts, require_policy(policy), options.settings, options.reader, sample)


def _nothing(summary: BulkSummary, plan: BulkPlan) -> None:
    return


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Keep other runs from the folder. Raises `InvalidInput` if one is writing there."""
    try:
        with file_lock.locked(out / _LOCK, wait=False):
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


def _planned(
    source: str, out: Path, policy: Policy, options: BulkOptions, *, retry_unknown: bool
) -> tuple[BulkPlan, Pinned]:
    """The plan to go on with, or a new one; and the blocks to read at, of which some may be too old by now."""
    work, now = options.work(source, policy), options.now()
    plan = BulkPlan.load(out)
    if plan is None:
        if others := sorted(path.name for path in out.iterdir() if path.name != _LOCK):
            raise InvalidInput(
                f"{out} is not the folder of a run: it holds {others[0]}.", fix="Give a new folder with -o."
            )
        inputs, parts = find(source, out, part_size=options.part_size, column=options.column)
        plan = BulkPlan(work, inputs, tuple(parts), now, _pinned(options, now))
        plan.save(out)
        return plan, plan.pinned
    _require_same(plan, work, out)
    plan.inputs.require_same()
    if retry_unknown:
        if not all(Ledger(out).tally(Piece.whole(part)) for part in plan.parts):
            raise InvalidInput(
                "The run is not finished: some documents have no row yet.", fix="Run it without --retry-unknown first."
            )
        plan = plan.renewed(now, _pinned(options, now))
        plan.save(out)
        return plan, plan.pinned
    return plan, {number: _still_fresh(found, now, options) for number, found in plan.pinned.items()}


def _pinned(options: BulkOptions, now: datetime) -> Pinned:
    """The blocks of now. Raises `SourceError` if there are chains, and none has a block."""
    if options.settings is None:
        return {}
    pinned = pin(options.settings, now, pace=options.pace)
    troubles = [found for found in pinned.values() if isinstance(found, Trouble)]
    if troubles and len(troubles) == len(pinned):
        raise troubles[0].error()
    return pinned


def _still_fresh(found: Any, now: datetime, options: BulkOptions) -> Any:
    """A block of a plan that is gone on with; or, if it is too old by now, that it is: old state is not how it is now."""
    if isinstance(found, Trouble):
        return found
    pace, asked = options.pace(found.chain_id), options.settings
    try:
        if asked is not None and asked.max_age is not None:
            found.require_fresh(now, asked.max_age)
        else:
            found.require_fresh(now, pace.oldest(found.finality), ahead=pace.max_age)
    except SourceError as stale:
        return Trouble(stale.doubt, stale.message)
    return found


def _require_same(plan: BulkPlan, work: Mapping[str, Any], out: Path) -> None:
    """Raises `InvalidInput` if the plan is of other work, naming what differs."""
    differ = sorted(name for name in {*plan.work, *work} if plan.work.get(name) != work.get(name))
    if differ:
        raise InvalidInput(
            f"{out} holds a run with another {', '.join(differ)}.",
            fix="Use the same options to go on, give another folder with -o, or --renew to start again.",
        )


def _finished(
    work: VerifyWork, plan: BulkPlan, ledger: Ledger, engine: Engine, told: Told, begun: float
) -> BulkSummary:
    parts = plan.parts
    so_far, left = BulkSummary(), []
    for part in parts:
        tally = ledger.tally(Piece.whole(part))
        if tally is None or not _is_done(tally.generation, tally.verdicts["indeterminate"], plan.generation):
            left.append(part)
        else:
            so_far.counts.add(tally)
    before, clock, written = so_far.counts.documents, time.perf_counter(), 0.0
    told(so_far, plan)

    def timings() -> dict[str, Any]:
        seconds = time.perf_counter() - clock
        done = so_far.counts.documents - before
        return {
            "started": format_timestamp(datetime.fromtimestamp(begun, UTC), to="auto"),
            "seconds": round(seconds, 3),
            "documents": done,
            "documents_per_second": round(done / seconds, 1) if seconds else None,
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


def _is_done(generation: int, unknown: int, wanted: int) -> bool:
    return generation == wanted or not unknown


def _usage() -> dict[str, Any]:
    """Processor time and the most memory of this process and of those of its workers that have ended."""
    found: dict[str, Any] = {}
    scale = 1 if sys.platform == "darwin" else 1024
    for name, whose in (("driver", resource.RUSAGE_SELF), ("workers", resource.RUSAGE_CHILDREN)):
        used = resource.getrusage(whose)
        found[f"{name}_cpu_seconds"] = round(used.ru_utime + used.ru_stime, 3)
        found[f"{name}_peak_bytes"] = used.ru_maxrss * scale
    return found
