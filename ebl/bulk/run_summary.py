"""The summary of a run: counts by verdict, code and issuer, what is there more than once, the plan, and timings.

Rows of a run are the same however often it was interrupted; what differs from run to run is here only.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ebl.bulk.ledger import PartTally
from ebl.bulk.run_plan import BulkPlan
from ebl.config import durable_files

SCHEMA: Final = "urn:ebl:schema:bulk-summary:1"
FILE: Final = "summary.json"
_MOST: Final = 1000
_NAMES: Final = 10


@dataclass(slots=True)
class BulkSummary:
    """The result of a run. ``counts`` are of the parts that are done.

    ``issuers`` are counted by domain or DID, "" for documents of which none is proved; the ``issuer_count`` most frequent ones
    are listed, 1,000 at most. ``duplicates`` counts documents, credentials and titles that are there more than once, and lists
    1,000 of them.
    """

    counts: PartTally = field(default_factory=PartTally)
    issuers: dict[str, int] = field(default_factory=dict)
    issuer_count: int = 0
    duplicates: dict[str, Any] = field(default_factory=dict)

    def to_dict(self, plan: BulkPlan, *, state: str, timings: Mapping[str, Any]) -> dict[str, Any]:
        """As JSON data."""
        counts = self.counts
        return {
            "schema": SCHEMA,
            "state": state,
            "documents": counts.documents,
            "expected": plan.documents,
            "verdicts": dict(sorted(counts.verdicts.items())),
            "codes": dict(counts.codes.most_common()),
            "conditions": dict(counts.conditions.most_common()),
            "passed_over": dict(counts.reasons.most_common()),
            "not_looked_at": counts.left,
            "valid_with_conditions": counts.resting,
            "issuers": self.issuers,
            "issuer_count": self.issuer_count,
            "duplicates": self.duplicates,
            "plan": plan.about(),
            "timings": dict(timings),
        }


def summarized(tallies: Iterable[PartTally], *, scratch: Path) -> BulkSummary:
    """The summary of all parts. What may grow with their number is counted on the disk, in the file ``scratch``."""
    summary = BulkSummary()
    scratch.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(scratch)) as counting:
            counting.executescript(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                "CREATE TABLE seen (kind TEXT, digest BLOB, name TEXT); CREATE TABLE issuer (name TEXT, count INTEGER);"
            )
            for tally in tallies:
                summary.counts.add(tally)
                counting.executemany(
                    "INSERT INTO seen VALUES (?, ?, ?)",
                    ((kind, bytes.fromhex(digest), _storable(name)) for kind, digest, name in tally.keys),
                )
                counting.executemany(
                    "INSERT INTO issuer VALUES (?, ?)", ((_storable(one), n) for one, n in tally.issuers.items())
                )
            counting.commit()
            issuers = "SELECT name, sum(count) AS n FROM issuer GROUP BY name"
            summary.issuers = dict(counting.execute(f"{issuers} ORDER BY n DESC, name LIMIT {_MOST}"))
            summary.issuer_count = counting.execute("SELECT count(DISTINCT name) FROM issuer").fetchone()[0]
            summary.duplicates = _duplicates(counting)
    finally:
        scratch.unlink(missing_ok=True)
    return summary


def _duplicates(counting: sqlite3.Connection) -> dict[str, Any]:
    counting.execute(
        "CREATE TABLE again AS SELECT kind, digest, count(*) AS n, min(rowid) AS first FROM seen"
        " GROUP BY kind, digest HAVING n > 1"
    )
    found = dict(counting.execute("SELECT kind, count(*) FROM again GROUP BY kind"))
    listed = counting.execute(f"SELECT kind, digest, n FROM again ORDER BY first LIMIT {_MOST}").fetchall()  # noqa: S608
    if listed:
        counting.execute("CREATE INDEX by_digest ON seen (digest)")
    entries = []
    for kind, digest, count in listed:
        names = counting.execute(
            f"SELECT name FROM seen WHERE digest = ? AND kind = ? ORDER BY rowid LIMIT {_NAMES}",  # noqa: S608
            (digest, kind),
        )
        entries.append({"kind": kind, "count": count, "files": [name for (name,) in names]})
    return {"counts": found, "listed": entries}


def _storable(name: str) -> str:
    """A name of a file may hold what no encoding of a text has."""
    return name.encode("utf-8", "backslashreplace").decode()


def write(out: Path, made: Mapping[str, Any], *, sync: bool = True) -> None:
    """Write the summary into the folder of the run."""
    durable_files.replace(out / FILE, json.dumps(made, indent=1).encode() + b"\n", sync=sync)
