"""The work of ``ebl bulk wrap``: wrap the raw documents of a part under one root, and write them as JSON Lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ebl.bulk import result_rows
from ebl.bulk.inputs import Inputs
from ebl.bulk.ledger import Ledger, PartTally, Piece
from ebl.bulk.row_files import read_rows, write_rows
from ebl.codec.javascript_json import stringify
from ebl.codes import Doubt
from ebl.config.folder_files import PassedOver
from ebl.errors import InvalidInput, Problem, Unreadable
from ebl.ethereum.merkle import Tree
from ebl.model.broken_input import read_json
from ebl.openattestation.issuers import TOGETHER, is_title
from ebl.openattestation.prepare import Options, Prepared, prepare, seal

WRAPPED: Final = "wrapped"
"""The folder of the wrapped documents."""


@dataclass(frozen=True, slots=True)
class WrapWork:
    """What every worker is sent. ``each``: every document has a root of its own, as titles must."""

    ledger: Ledger
    inputs: Inputs
    options: Options
    each: bool = False

    def do(self, piece: Piece) -> None:
        """Wrap the documents of a piece under one root. What cannot be wrapped has a row that states why."""
        found = [(name, self._prepared(one)) for name, one in self.inputs.items(piece.part, piece.start, piece.stop)]
        targets = [one.target for _, one in found if isinstance(one, Prepared)]
        tree = Tree(targets) if targets and not self.each else None
        file = f"{WRAPPED}/{self.ledger.rows(piece).name}"
        tally = PartTally(extra=[] if tree is None else [f"0x{tree.root.hex()}"])
        write_rows(self.ledger.out / file, self._sealed(found, tree))
        write_rows(self.ledger.rows(piece), self._rows(found, tree, file, tally))
        self.ledger.done(piece, tally)

    def crashed(self, piece: Piece) -> None:
        """Write the row of a document that has ended its worker twice."""
        tally = PartTally()
        rows = []
        for name, _ in self.inputs.items(piece.part, piece.start, piece.stop):
            rows.append(_refused(tally, name, "refused", str(Doubt.ENGINE_CRASHED), []))
        write_rows(self.ledger.rows(piece), rows)
        self.ledger.done(piece, tally)

    def join(self, pieces: list[Piece]) -> None:
        """Put the rows of the pieces of a part together: each piece is a batch of its own."""
        whole, tally = Piece.whole(pieces[0].part), PartTally()
        write_rows(self.ledger.rows(whole), (row for piece in pieces for row in read_rows(self.ledger.rows(piece))))
        for piece in pieces:
            found = self.ledger.tally(piece)
            assert found is not None
            tally.add(found)
            tally.extra += found.extra
        self.ledger.done(whole, tally)

    def _prepared(self, found: bytes | PassedOver | Unreadable) -> Prepared | PassedOver | Unreadable | InvalidInput:
        if not isinstance(found, bytes):
            return found
        try:
            data = read_json(found, any_number=True)
            prepared = prepare(data, self.options)
        except (Unreadable, InvalidInput) as bad:
            return bad
        if not self.each and is_title(data):
            return InvalidInput("A title is wrapped alone.", problems=(TOGETHER,))
        return prepared

    def _sealed(self, found: list[tuple[str, Any]], tree: Tree | None) -> Iterator[bytes]:
        for _, one in found:
            if isinstance(one, Prepared):
                root = one.target if tree is None else tree.root
                yield stringify(seal(one, _proof(tree, one), root.hex())) + b"\n"

    def _rows(self, found: list[tuple[str, Any]], tree: Tree | None, file: str, tally: PartTally) -> Iterator[bytes]:
        line = 0
        for name, one in found:
            match one:
                case Prepared():
                    line += 1
                    root = f"0x{(one.target if tree is None else tree.root).hex()}"
                    tally.documents += 1
                    tally.verdicts["wrapped"] += 1
                    if tree is None:
                        tally.extra.append(root)
                    hash_ = f"0x{one.target.hex()}"
                    made = {"file": name, "wrapped": f"{file}:{line}", "hash": hash_, "root": root}
                    yield result_rows.text({**made, "proof_length": len(_proof(tree, one))})
                case InvalidInput():
                    yield _refused(tally, name, "refused", None, list(one.problems))
                case Unreadable():
                    yield _refused(tally, name, "unreadable", str(one.code), [])
                case PassedOver():
                    tally.left += one.is_open
                    yield _refused(tally, name, "passed_over", one.reason, [])


def _proof(tree: Tree | None, one: Prepared) -> list[str]:
    return [] if tree is None else tree.hex_proof(one.target)


def _refused(tally: PartTally, name: str, verdict: str, code: str | None, problems: list[Problem]) -> bytes:
    tally.documents += 1
    tally.verdicts[verdict] += 1
    if code is not None:
        tally.codes[code] += 1
    shown = [{"pointer": one.pointer, "problem": str(one)} for one in problems]
    return result_rows.text({"file": name, "wrapped": None, "reason": verdict, "code": code, "problems": shown})
