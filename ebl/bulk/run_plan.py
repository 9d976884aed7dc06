"""The plan of a bulk run: what is verified, as of which block and time, and by which policy. Every worker goes by it.

The clock is read once for a whole run, and not for each verification: reports of a run are as of the time of its plan.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ebl import __version__
from ebl.bulk.input_part import InputPart
from ebl.bulk.inputs import Inputs
from ebl.bulk.pinned_sources import Pinned
from ebl.codec.timestamp import format_timestamp, parse_timestamp
from ebl.config import durable_files, files
from ebl.errors import InvalidInput
from ebl.evidence import entry_of, read_entry

SCHEMA: Final = "urn:ebl:schema:bulk-plan:1"
_FILE: Final = "plan.json"
_MAX_PLAN: Final = 256 << 20


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """A plan. ``work`` is what is done, with every option that the rows depend on; ``digest`` is its SHA-256 in hex.

    ``generation`` counts how often the plan was made again for the rows that were INDETERMINATE. ``pinned`` has a block for
    each chain, or why there is none.
    """

    work: Mapping[str, Any]
    inputs: Inputs
    parts: tuple[InputPart, ...]
    time: datetime
    pinned: Pinned
    generation: int = 1
    earlier: tuple[Mapping[str, Any], ...] = ()

    @property
    def digest(self) -> str:
        """The SHA-256 of what is done, in hex: a run goes on only with the same."""
        return hashlib.sha256(json.dumps(self.work, sort_keys=True).encode()).hexdigest()

    @property
    def documents(self) -> int:
        """How many places for documents there are."""
        return sum(part.count for part in self.parts)

    def about(self) -> dict[str, Any]:
        """What a summary tells of the plan."""
        return {
            "schema": SCHEMA,
            "made_by": {"program": "ebl", "version": __version__},
            "time": format_timestamp(self.time, to="auto"),
            "generation": self.generation,
            "work": dict(self.work),
            "digest": self.digest,
            "source": self.inputs.path,
            "chains": [_pinned(number, found) for number, found in sorted(self.pinned.items())],
            "earlier": [*self.earlier],
        }

    def renewed(self, time: datetime, pinned: Pinned) -> BulkPlan:
        """The plan of now for the rows that were INDETERMINATE; the times and blocks of the others stay on record."""
        then = {name: self.about()[name] for name in ("time", "generation", "chains")}
        return replace(self, time=time, pinned=pinned, generation=self.generation + 1, earlier=(*self.earlier, then))

    def save(self, out: Path) -> None:
        """Write the plan into the folder of the run."""
        parts = [[part.start, part.count] for part in self.parts]
        made = {**self.about(), "inputs": self.inputs.to_dict(), "parts": parts}
        made["first"] = [part.first for part in self.parts]
        durable_files.replace(out / _FILE, json.dumps(made, indent=1).encode() + b"\n")

    @classmethod
    def load(cls, out: Path) -> BulkPlan | None:
        """The plan of a run, None if there is none. Raises `InvalidInput` if it is not one of this version."""
        try:
            made = json.loads(files.load(out / _FILE, limit=_MAX_PLAN))
        except FileNotFoundError:
            return None
        except ValueError:
            made = {}
        try:
            if made["schema"] != SCHEMA:
                raise KeyError("schema")
            parts = zip(made["parts"], made["first"], strict=True)
            return cls(
                made["work"],
                Inputs.of(made["inputs"]),
                tuple(InputPart(at, start, first, count) for at, ((start, count), first) in enumerate(parts)),
                parse_timestamp(made["time"]),
                dict(_block(one) for one in made["chains"]),
                made["generation"],
                tuple(made["earlier"]),
            )
        except (KeyError, TypeError, ValueError) as bad:
            raise InvalidInput(
                f"{out / _FILE} is not a plan that this version wrote.", fix="Give another folder, or --renew."
            ) from bad


def _pinned(chain_id: int, found: Any) -> dict[str, Any]:
    assert found is not None
    return entry_of(("chain", chain_id), found)


def _block(entry: Any) -> tuple[int, Any]:
    (_, chain_id), found = read_entry(entry)
    if not isinstance(chain_id, int):
        raise TypeError("the id of a chain")
    return chain_id, found
