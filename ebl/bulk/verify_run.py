"""A run of ``ebl bulk verify``: its plan, its parts on an engine, its summary."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from ebl import __version__
from ebl.bulk.engines import Engine, Processes
from ebl.bulk.input_part import PART_SIZE
from ebl.bulk.inputs import find
from ebl.bulk.ledger import Ledger, Piece
from ebl.bulk.pinned_sources import Pinned, pin
from ebl.bulk.run_loop import LOCK, Told, alone, done, finished, nothing_told, remove, require_same
from ebl.bulk.run_plan import BulkPlan
from ebl.bulk.run_summary import BulkSummary
from ebl.bulk.verify_work import VerifyWork
from ebl.checking.formats import Reader
from ebl.checking.memory import Trouble
from ebl.codec.timestamp import format_timestamp
from ebl.config import durable_files
from ebl.config.networks import pace as shipped_pace
from ebl.config.settings import NetworkSettings
from ebl.errors import InvalidInput, SourceError
from ebl.model.pace import Pace
from ebl.model.ports import system_clock
from ebl.policies.base_policy import Policy, require_policy
from ebl.verify import SECONDS

MAX_RESUMED_SECONDS: Final = 86_400
"""How long after its plan a run may go on, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOptions:
    """How a run is done. What the rows depend on is in the plan, and a run goes on only with the same.

    Nodes, resolvers, and how nodes are queried (``batch``, ``rps`` and ``multicall`` of the settings) are not in the plan,
    because no row depends on them: a run goes on with those it is given now, and its summary names them.

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

    def querying(self) -> dict[str, Any]:
        """How nodes are queried, as JSON data, for the summary: the rows do not depend on it."""
        asked = self.settings
        return {} if asked is None else {"batch": asked.batch, "rps": asked.rps, "multicall": asked.multicall}

    def work(self, source: str, policy: Policy) -> dict[str, Any]:
        """What is done, as JSON data, for a plan. Which node is queried, and how, does not belong to the result."""
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
    with alone(out):
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
        return finished(
            work, plan, ledger, engine or Processes(), told or nothing_told, begun, querying=options.querying()
        )


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


def _planned(
    source: str, out: Path, policy: Policy, options: BulkOptions, *, retry_unknown: bool
) -> tuple[BulkPlan, Pinned]:
    """The plan to go on with, or a new one; and the blocks to read at, of which some may be too old by now."""
    work, now = options.work(source, policy), options.now()
    plan = BulkPlan.load(out)
    if plan is None:
        if others := sorted(path.name for path in out.iterdir() if path.name != LOCK):
            raise InvalidInput(
                f"{out} is not the folder of a run: it holds {others[0]}.", fix="Give a new folder with -o."
            )
        inputs, parts = find(source, out, part_size=options.part_size, column=options.column)
        plan = BulkPlan(work, inputs, tuple(parts), now, _pinned(options, now))
        plan.save(out)
        return plan, plan.pinned
    require_same(plan, work, out)
    plan.inputs.require_same()
    if retry_unknown:
        if not all(Ledger(out).tally(Piece.whole(part)) for part in plan.parts):
            raise InvalidInput(
                "The run is not finished: some documents have no row yet.", fix="Run it without --retry-unknown first."
            )
        plan = plan.renewed(now, _pinned(options, now))
        plan.save(out)
        return plan, plan.pinned
    _require_recent(plan, out, now)
    return plan, {number: _still_fresh(found, now, options) for number, found in plan.pinned.items()}


def _require_recent(plan: BulkPlan, out: Path, now: datetime) -> None:
    """Raises `InvalidInput` if a run goes on that was planned too long ago: all its verdicts would be as of then.

    Its chains have a limit of their own (`_still_fresh`); names, keys, status lists and expiry have this one. A finished run may
    be looked at again at any time.
    """
    if now - plan.time <= timedelta(seconds=MAX_RESUMED_SECONDS):
        return
    ledger = Ledger(out)
    if any(done(part, plan, ledger) is None for part in plan.parts):
        hours, when = MAX_RESUMED_SECONDS // 3600, format_timestamp(plan.time)
        again = "--retry-unknown, for what is left" if plan.generation > 1 else "--renew"
        raise InvalidInput(
            f"The run in {out} was planned at {when}, more than {hours} hours ago, and is not finished.",
            fix=f"Its verdicts would be as of then. Start again with {again}.",
        )


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
