"""Verify documents by the million: one plan, parts that any worker can do, and a row for each document.

::

    from ebl.bulk import BulkOptions, verify
    from ebl.policy import IssuedBy
    from ebl.sources import NetworkSettings

    if __name__ == "__main__":          # the workers are processes, which import this file
        settings = NetworkSettings(rpc={1: "https://node.example"})
        summary = verify("bills.jsonl", "results", IssuedBy("carrier.example"), options=BulkOptions(settings=settings))
        print(summary.counts.verdicts)

A run that was interrupted goes on if it is called again. ``docs/operator/scale.md`` has what is in the folder of a run.
"""

from __future__ import annotations

from ebl.bulk.engines import Engine, Processes, Work
from ebl.bulk.input_part import InputPart
from ebl.bulk.inputs import Inputs
from ebl.bulk.ledger import PartTally, Piece
from ebl.bulk.ray_engine import RayEngine
from ebl.bulk.run_diff import RowChange, diff
from ebl.bulk.run_plan import BulkPlan
from ebl.bulk.run_summary import BulkSummary
from ebl.bulk.verify_run import BulkOptions, estimate, verify
from ebl.bulk.wrap_run import wrap

__all__ = [
    "BulkOptions",
    "BulkPlan",
    "BulkSummary",
    "Engine",
    "InputPart",
    "Inputs",
    "PartTally",
    "Piece",
    "Processes",
    "RayEngine",
    "RowChange",
    "Work",
    "diff",
    "estimate",
    "verify",
    "wrap",
]
