"""The ledger of a bulk run: which parts are done, and the result of each.

The rows of a part are written under another name, flushed, and renamed; then its tally is. A part that has a tally is done, so
that a run that was interrupted goes on with the others, on any engine.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from ebl.bulk.input_part import InputPart
from ebl.config import durable_files

_TALLIES: Final = "parts"
_ROWS: Final = "rows"
_PIECES: Final = "pieces"


@dataclass(frozen=True, slots=True)
class Piece:
    """The inputs of a part from ``start`` to ``stop``: all of them, or fewer to find the one that ends its worker."""

    part: InputPart
    start: int
    stop: int

    @classmethod
    def whole(cls, part: InputPart) -> Piece:
        """All the inputs of a part."""
        return cls(part, 0, part.count)

    @property
    def is_whole(self) -> bool:
        """Whether it is all of its part."""
        return self.stop - self.start == self.part.count

    def halves(self) -> tuple[Piece, Piece]:
        """The two halves."""
        middle = (self.start + self.stop) // 2
        return Piece(self.part, self.start, middle), Piece(self.part, middle, self.stop)


@dataclass(slots=True)
class PartTally:
    """The result of a part: counts by verdict, code, condition and issuer.

    ``keys`` is what documents are known again by: kind, digest and name.
    ``left`` counts inputs that may hold a document and were not looked into, ``resting`` the VALID ones with conditions.
    ``extra`` is for the job: the root of a batch, for example.
    """

    generation: int = 1
    documents: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    conditions: Counter[str] = field(default_factory=Counter)
    issuers: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    left: int = 0
    resting: int = 0
    keys: list[list[str]] = field(default_factory=list)
    extra: list[Any] = field(default_factory=list)

    def add(self, other: PartTally) -> None:
        """Count another part with this one, but for its ``issuers`` and its ``keys``, of which there may be too many."""
        self.documents += other.documents
        self.left += other.left
        self.resting += other.resting
        for mine, theirs in (
            (self.verdicts, other.verdicts),
            (self.codes, other.codes),
            (self.conditions, other.conditions),
            (self.reasons, other.reasons),
        ):
            mine.update(theirs)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger in the folder of a run. ``suffix`` is that of the files of rows."""

    out: Path
    suffix: str = ".jsonl"

    def prepare(self) -> None:
        """Make the folders, and remove the pieces that an interrupted run left."""
        for name in (_TALLIES, _ROWS, _PIECES):
            durable_files.make_folder(self.out / name)
        for path in (self.out / _PIECES).iterdir():
            path.unlink()

    def rows(self, piece: Piece) -> Path:
        """Where the rows of a piece are."""
        if piece.is_whole:
            return self.out / _ROWS / f"{piece.part.name}{self.suffix}"
        return self.out / _PIECES / f"{piece.part.name}.{piece.start}-{piece.stop}.jsonl"

    def done(self, piece: Piece, tally: PartTally) -> None:
        """Note that the rows of a piece are in their place."""
        durable_files.replace(
            self._tally(piece),
            json.dumps({one.name: getattr(tally, one.name) for one in fields(tally)}, sort_keys=True).encode(),
        )

    def tally(self, piece: Piece) -> PartTally | None:
        """The result of a piece, None if it is not done."""
        with suppress(FileNotFoundError):
            made: dict[str, Any] = json.loads(self._tally(piece).read_bytes())
            for name in ("verdicts", "codes", "conditions", "issuers", "reasons"):
                made[name] = Counter(made[name])
            return PartTally(**made)
        return None

    def tallies(self, parts: Iterable[InputPart]) -> Iterator[PartTally]:
        """The results of the parts that are done, one after another."""
        return (found for part in parts if (found := self.tally(Piece.whole(part))) is not None)

    def _tally(self, piece: Piece) -> Path:
        if piece.is_whole:
            return self.out / _TALLIES / f"{piece.part.name}.json"
        return self.out / _PIECES / f"{piece.part.name}.{piece.start}-{piece.stop}.json"
