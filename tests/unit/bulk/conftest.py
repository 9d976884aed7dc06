"""An engine in this process, and documents for bulk runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from ebl.bulk import Piece, Work
from ebl.testing.bills import bill
from ebl.wrap import to_json, wrap_batch


class Here:
    """Does the work in this process. A piece in which ``ends`` says so ends its worker."""

    def __init__(self, ends: Callable[[Piece], bool] = lambda piece: False) -> None:
        self.ends = ends
        self.pieces: list[tuple[int, int, int]] = []

    def run(self, work: Work, pieces: Iterable[Piece]) -> Iterator[tuple[Piece, bool]]:
        for piece in pieces:
            self.pieces.append((piece.part.number, piece.start, piece.stop))
            if self.ends(piece):
                yield piece, False
                continue
            work.do(piece)
            yield piece, True


def documents(count: int, *, store: str = "0x" + "11" * 20, first: int = 0) -> list[bytes]:
    made = [bill(first + n, store=store, domain="carrier.example", chain_id=1337) for n in range(count)]
    return [to_json(one).rstrip() for one in wrap_batch(made).documents]


@pytest.fixture(scope="session")
def wrapped() -> list[bytes]:
    return documents(12)


@pytest.fixture
def lines(tmp_path: Path, wrapped: list[bytes]) -> Path:
    path = tmp_path / "bills.jsonl"
    path.write_bytes(b"\n".join(wrapped) + b"\n")
    return path
