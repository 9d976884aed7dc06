"""Rounds of a run: pieces whose worker ended are done again, and halved, until one document is found that ends its worker."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from ebl.bulk.engines import Engine, Work
from ebl.bulk.input_part import InputPart
from ebl.bulk.ledger import Ledger, Piece


class Joining(Work, Protocol):
    """Work whose pieces can be put together."""

    def crashed(self, piece: Piece) -> None:
        """Write the row of the one document of a piece that has ended its worker twice."""

    def join(self, pieces: list[Piece]) -> None:
        """Put the pieces of a part together, in their order."""


def run(work: Joining, parts: Iterable[InputPart], ledger: Ledger, engine: Engine) -> Iterator[InputPart]:
    """Do parts, and give each once it is done.

    A part whose worker ends is done again; if it ends again, its halves are done, and so on. A document by itself that ends its
    worker twice is reported (``engine.crashed``). Raises what the work raises.
    """
    waiting = [Piece.whole(part) for part in parts]
    ended: dict[Piece, int] = {}
    split: dict[int, list[Piece]] = {}
    while waiting:
        again: list[Piece] = []
        for piece, is_done in engine.run(work, waiting):
            if not is_done:
                ended[piece] = ended.get(piece, 0) + 1
                again += _next(piece, ended[piece], split)
                if ended[piece] < 2 or piece.stop - piece.start > 1:
                    continue
                work.crashed(piece)
            if piece.is_whole:
                yield piece.part
            elif all(ledger.tally(one) is not None for one in split[piece.part.number]):
                work.join(sorted(split.pop(piece.part.number), key=lambda one: one.start))
                yield piece.part
        waiting = again


def _next(piece: Piece, ended: int, split: dict[int, list[Piece]]) -> list[Piece]:
    """What is to be done next, after a worker has ended over a piece."""
    if piece.stop - piece.start == 1:
        return [piece] if ended < 2 else []
    if piece.is_whole and ended < 2:
        return [piece]
    halves = piece.halves()
    kept = [one for one in split.get(piece.part.number, ()) if one != piece]
    split[piece.part.number] = [*kept, *halves]
    return [*halves]
