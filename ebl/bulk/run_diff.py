"""What has changed between two bulk runs, input by input."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ebl.bulk import result_rows
from ebl.bulk.ledger import Ledger, Piece
from ebl.bulk.row_files import read_rows
from ebl.bulk.run_plan import BulkPlan
from ebl.errors import InvalidInput

COMPARED: Final = ("verdict", "codes", "conditions", "issuer", "holder", "bill_number", "sha256", "document_hash")
"""The columns that are compared. The block is another one in each run."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """One input whose row differs. ``old`` or ``new`` is None if the input is not in that run.

    ``file`` is its name within the source, so that a copy of the source elsewhere is the same. ``columns`` names what differs.
    """

    file: str
    old: dict[str, Any] | None
    new: dict[str, Any] | None
    columns: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """``added``, ``removed`` or ``changed``."""
        return "added" if self.old is None else "removed" if self.new is None else "changed"

    def to_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "file": self.file,
            "change": self.kind,
            "columns": [*self.columns],
            "old": self.old,
            "new": self.new,
        }


def diff(old: str | Path, new: str | Path) -> Iterator[RowChange]:
    """The inputs whose verdict, codes, conditions, issuer, holder, bill number or content differ, in the order of the new run.

    What is not in the new run comes last. Rows are compared on the disk, so that memory does not grow with their number.
    Raises `InvalidInput` if a folder does not hold a run. Not checked: whether both runs are finished (an input without a row
    yet counts as not in its run), and whether they had the same policy, which may be why verdicts differ.
    """
    old, new = Path(old), Path(new)
    plans = _plan(old), _plan(new)
    with (
        tempfile.TemporaryDirectory(prefix="ebl-diff-") as scratch,
        closing(sqlite3.connect(Path(scratch) / "rows", isolation_level=None)) as rows,
    ):
        rows.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")
        # Several members of an archive may have one name: the first is compared with the first, the second with the second.
        rows.execute("CREATE TABLE old (file BLOB, nth INTEGER, row TEXT, PRIMARY KEY (file, nth)) WITHOUT ROWID")
        rows.executemany(
            "INSERT INTO old SELECT :file, coalesce(max(nth), 0) + 1, :row FROM old WHERE file = :file",
            ({"file": os.fsencode(name), "row": json.dumps(row)} for name, row in _rows(old, plans[0])),
        )
        for name, row in _rows(new, plans[1]):
            file = os.fsencode(name)
            found = rows.execute("SELECT nth, row FROM old WHERE file = ? ORDER BY nth LIMIT 1", (file,)).fetchone()
            if found is None:
                yield RowChange(name, None, row)
                continue
            rows.execute("DELETE FROM old WHERE file = ? AND nth = ?", (file, found[0]))
            before = json.loads(found[1])
            if columns := tuple(column for column in COMPARED if before.get(column) != row.get(column)):
                yield RowChange(name, before, row, columns)
        for name, text in rows.execute("SELECT file, row FROM old ORDER BY file, nth"):
            yield RowChange(os.fsdecode(name), json.loads(text), None)


def _plan(out: Path) -> BulkPlan:
    plan = BulkPlan.load(out)
    if plan is None or plan.work.get("command") != "verify":
        raise InvalidInput(f"{out} does not hold a run of ebl bulk verify.", fix="Name the folder given with -o.")
    return plan


def _rows(out: Path, plan: BulkPlan) -> Iterator[tuple[str, dict[str, Any]]]:
    """The flat rows of a run, each by its name within the source."""
    ledger = Ledger(out, f".{plan.work['rows']}")
    for part in plan.parts:
        if ledger.tally(whole := Piece.whole(part)) is None:
            continue  # not done yet
        for line in read_rows(ledger.rows(whole)):
            row = result_rows.flat(result_rows.parsed(line))
            yield row["file"].removeprefix(plan.inputs.path).lstrip("/"), row
