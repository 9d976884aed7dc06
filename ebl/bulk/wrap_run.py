"""A run of ``ebl bulk wrap``: each part becomes a batch under a root of its own."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

from ebl import __version__
from ebl.bulk.engines import Engine, Processes
from ebl.bulk.input_part import PART_SIZE
from ebl.bulk.inputs import find
from ebl.bulk.ledger import Ledger
from ebl.bulk.run_loop import LOCK, Told, alone, finished, nothing_told, require_same
from ebl.bulk.run_plan import BulkPlan
from ebl.bulk.run_summary import BulkSummary
from ebl.bulk.wrap_work import WRAPPED, WrapWork
from ebl.config import durable_files
from ebl.errors import InvalidInput
from ebl.model.ports import system_clock
from ebl.openattestation.prepare import DEFAULT, Options

ROOTS: Final = "roots.txt"
"""The roots to issue, one a line, as ``ebl bulk issue`` takes them."""


def wrap(
    source: str | Path,
    out: str | Path,
    *,
    options: Options = DEFAULT,
    each: bool = False,
    part_size: int = PART_SIZE,
    column: str | None = None,
    engine: Engine | None = None,
    told: Told | None = None,
) -> BulkSummary:
    """Wrap every raw document of a source into the folder ``out``; see ``docs/operator/scale.md``.

    Each ``part_size`` of documents are a batch under one root; with ``each`` every document has its own, as titles must.
    ``wrapped`` has the documents, a line each, ``rows`` a row for each input, and ``roots.txt`` the roots to issue. A run that
    was interrupted goes on: what is wrapped is never wrapped again. What cannot be wrapped has a row with its problems.

    Raises `InvalidInput` if the folder holds a run of other inputs or options, if another run is writing to it, or if
    ``options`` name a source of salts, which workers cannot share; and `OSError` of a file.
    """
    if options.salts is not None:
        raise InvalidInput("Workers cannot share a source of salts.", fix="Leave salts out: each worker draws its own.")
    out, source = Path(out), str(source)
    durable_files.make_folder(out)
    with alone(out):
        begun = time.time()
        work: dict[str, Any] = {
            "command": "wrap",
            "program": __version__,
            "source": source,
            "version": options.version,
            "schema": options.schema_id,
            "dialect": options.dialect,
            "allow_unprotected": options.allow_unprotected,
            "allow_white_space": options.allow_white_space,
            "each": each,
            "part_size": part_size,
            "column": column,
        }
        plan = BulkPlan.load(out)
        if plan is None:
            if others := sorted(path.name for path in out.iterdir() if path.name != LOCK):
                raise InvalidInput(f"{out} is not empty: it holds {others[0]}.", fix="Give a new folder with -o.")
            inputs, parts = find(source, out, part_size=part_size, column=column)
            plan = BulkPlan(work, inputs, tuple(parts), system_clock(), {})
            plan.save(out)
        else:
            require_same(plan, work, out)
            plan.inputs.require_same()
        ledger = Ledger(out)
        ledger.prepare()
        durable_files.make_folder(out / WRAPPED)
        wrapping = WrapWork(ledger, plan.inputs, options, each)
        summary = finished(wrapping, plan, ledger, engine or Processes(), told or nothing_told, begun)
        with durable_files.replacing(out / ROOTS) as file:
            file.writelines(f"{root}\n".encode() for tally in ledger.tallies(plan.parts) for root in tally.extra)
        return summary
