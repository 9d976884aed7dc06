"""The work of ``ebl bulk verify``: examine the inputs of a part, and write their rows."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ebl.bulk import result_rows
from ebl.bulk.inputs import Inputs
from ebl.bulk.ledger import Ledger, PartTally, Piece
from ebl.bulk.pinned_sources import Pinned, pinned_sources
from ebl.bulk.row_files import read_rows, write_rows
from ebl.checking.formats import Reader
from ebl.codes import Doubt
from ebl.config.folder_files import PassedOver
from ebl.config.settings import NetworkSettings
from ebl.errors import Unreadable
from ebl.messages import say
from ebl.model.findings import File, Group, Moment, Unknown
from ebl.policy import Policy
from ebl.reports.report import Report
from ebl.verify import examine_all

Found = Report | Unreadable | PassedOver


@dataclass(frozen=True, slots=True)
class _Earlier:
    """The rows of a part in the earlier generation by name, None for those to examine again; and the keys of each name."""

    rows: dict[str, bytes | None]
    keys: dict[str, list[list[str]]]


@dataclass(frozen=True, slots=True)
class VerifyWork:
    """What every worker is sent. It can be pickled if the policy can: one of your own has to be in a module.

    ``generation`` above 1: only what was INDETERMINATE is examined again, and the other rows are kept.
    """

    ledger: Ledger
    inputs: Inputs
    policy: Policy
    settings: NetworkSettings | None
    reader: Reader
    now: datetime
    pinned: Pinned
    kept: Path
    seconds: float
    generation: int = 1
    reports: bool = True
    only_documents: bool = False

    def do(self, piece: Piece) -> None:
        """Examine the inputs of a piece and write their rows: the same bytes each time."""
        tally = PartTally(self.generation)
        write_rows(self.ledger.rows(piece), self._rows(piece, tally))
        self.ledger.done(piece, tally)

    def crashed(self, piece: Piece) -> None:
        """Write the row of a document that has ended its worker twice. It is read, and not examined.

        A row of an earlier generation that was decided stays.
        """
        tally = PartTally(self.generation)
        earlier = self._earlier(piece) if self.generation > 1 else _Earlier({}, {})
        rows = []
        for name, found in self.inputs.items(piece.part, piece.start, piece.stop):
            if (line := earlier.rows.get(name)) is not None:
                rows.append(self._kept(tally, name, line, earlier))
            elif isinstance(found, bytes):
                unknown = Unknown(Group.DOCUMENT, "engine", Doubt.ENGINE_CRASHED, say(Doubt.ENGINE_CRASHED))
                report = Report(None, Moment(self.now), (unknown,), file=File.of(found), policy=self.policy)
                rows.append(self._noted(tally, name, found, report))
            else:
                rows.append(self._noted(tally, name, None, found))
        write_rows(self.ledger.rows(piece), rows)
        self.ledger.done(piece, tally)

    def join(self, pieces: list[Piece]) -> None:
        """Put the rows of the pieces of a part together."""
        whole, tally = Piece.whole(pieces[0].part), PartTally(self.generation)
        write_rows(self.ledger.rows(whole), (row for piece in pieces for row in read_rows(self.ledger.rows(piece))))
        for piece in pieces:
            found = self.ledger.tally(piece)
            assert found is not None
            tally.add(found)
            tally.issuers.update(found.issuers)
            tally.keys += found.keys
        self.ledger.done(whole, tally)

    def _rows(self, piece: Piece, tally: PartTally) -> Iterator[bytes]:
        items = self.inputs.items(piece.part, piece.start, piece.stop)
        if self.generation > 1:
            yield from self._again(piece, items, tally)
            return
        for name, raw, found in self._examined(items):
            yield self._noted(tally, name, raw, found)

    def _again(self, piece: Piece, items: Iterator[Any], tally: PartTally) -> Iterator[bytes]:
        """The rows of an earlier generation, with those that were INDETERMINATE examined again.

        An archive may have several members of one name. The name does not identify the row of one, so all are examined again.
        """
        earlier = self._earlier(piece)
        old = earlier.rows
        order: deque[tuple[str, bytes | None]] = deque()

        def again() -> Iterator[Any]:
            for name, found in items:
                order.append((name, old.get(name)))
                if old.get(name) is None:
                    yield name, found

        def kept() -> Iterator[bytes]:
            while order and order[0][1] is not None:
                name, line = order.popleft()
                assert line is not None
                yield self._kept(tally, name, line, earlier)

        for name, raw, found in self._examined(again()):
            yield from kept()
            order.popleft()
            yield self._noted(tally, name, raw, found)
        yield from kept()

    def _earlier(self, piece: Piece) -> _Earlier:
        whole = Piece.whole(piece.part)
        before = self.ledger.tally(whole)
        keys: dict[str, list[list[str]]] = {}
        for key in before.keys if before else ():
            keys.setdefault(key[2], []).append(key)
        rows: dict[str, bytes | None] = {}
        for line in read_rows(self.ledger.rows(whole)):
            row = result_rows.flat(result_rows.parsed(line))
            is_kept = row["verdict"] != "indeterminate" and row["file"] not in rows
            rows[row["file"]] = line if is_kept else None
        return _Earlier(rows, keys)

    def _kept(self, tally: PartTally, name: str, line: bytes, earlier: _Earlier) -> bytes:
        """A row of an earlier generation, counted as it was."""
        row = result_rows.flat(result_rows.parsed(line))
        left = row["verdict"] == "passed_over" and self._is_left(line)
        result_rows.note(tally, row, earlier.keys.get(name, ()), left=left)
        return line

    def _is_left(self, line: bytes) -> bool:
        about = result_rows.parsed(line).get("passed_over")
        return bool(about and about["may_hold_document"] and not self.only_documents)

    def _examined(self, items: Iterator[Any]) -> Iterator[tuple[str, bytes | None, Found]]:
        """Each input with its bytes and its report, or what there is instead of them."""
        waiting: deque[tuple[str, bytes | None, Found | None]] = deque()

        def documents() -> Iterator[bytes]:
            for name, found in items:
                if isinstance(found, bytes):
                    waiting.append((name, found, None))
                    yield found
                else:
                    waiting.append((name, None, found))

        sources = pinned_sources(self.settings, self.now, self.pinned, self.kept)
        for report in examine_all(
            documents(), self.policy, sources=sources, seconds=self.seconds, at_once=1, reader=self.reader
        ):
            while (first := waiting.popleft())[2] is not None:
                yield first[0], None, first[2]
            yield first[0], first[1], report
        for name, raw, found in waiting:
            assert found is not None
            yield name, raw, found

    def _noted(self, tally: PartTally, name: str, raw: bytes | None, found: Found) -> bytes:
        row = result_rows.row_of(name, raw, found)
        left = isinstance(found, PassedOver) and found.is_left(only_documents=self.only_documents)
        result_rows.note(tally, row, result_rows.keys(name, found), left=left)
        return result_rows.text(result_rows.report_of(name, raw, found) if self.reports else row)
