"""A document that ends its worker twice is found by halving, reported, and costs no other document its row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ebl.bulk import BulkOptions, Piece, verify
from ebl.policy import IssuedBy
from tests.unit.bulk.conftest import Here

OPTIONS = BulkOptions(part_size=6)


def rows(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for path in sorted((out / "rows").iterdir()) for line in path.read_text().splitlines()]


def over(*places: int) -> Here:
    """Ends its worker over documents by their place in the whole source."""
    return Here(lambda piece: any(piece.start <= one - piece.part.first < piece.stop for one in places))


@pytest.mark.parametrize("places", [(1,), (3,), (12,), (2, 3), (1, 12), tuple(range(1, 13))])
def test_each_such_document_has_its_row_and_all_others_theirs(
    lines: Path, tmp_path: Path, places: tuple[int, ...]
) -> None:
    plain, out = tmp_path / "plain", tmp_path / "out"
    verify(lines, plain, IssuedBy("carrier.example"), options=OPTIONS, engine=Here())
    summary = verify(lines, out, IssuedBy("carrier.example"), options=OPTIONS, engine=over(*places))
    assert summary.counts.documents == 12
    assert summary.counts.codes["engine.crashed"] == len(places)
    for number, (was, now) in enumerate(zip(rows(plain), rows(out), strict=True), 1):
        if number in places:
            assert [one["code"] for one in now["findings"]] == ["engine.crashed"]
            assert now["verdict"] == "indeterminate"
            assert now["file"] == was["file"]
        else:
            assert {**now, "as_of": None} == {**was, "as_of": None}


def test_a_worker_that_ends_once_costs_nothing(lines: Path, tmp_path: Path) -> None:
    ended: set[Piece] = set()

    def once(piece: Piece) -> bool:
        new = piece not in ended
        ended.add(piece)
        return new

    engine = Here(once)
    summary = verify(lines, tmp_path / "out", IssuedBy("carrier.example"), options=OPTIONS, engine=engine)
    assert summary.counts.codes["engine.crashed"] == 0
    assert engine.pieces == [(0, 0, 6), (1, 0, 6)] * 2


def test_a_row_that_was_decided_stays_if_its_document_ends_the_worker_later(lines: Path, tmp_path: Path) -> None:
    raws = lines.read_bytes().splitlines()
    lines.write_bytes(b"\n".join((raws[0].replace(b"carrier.example", b"another.example", 1), *raws[1:])) + b"\n")
    out = tmp_path / "out"
    verify(lines, out, IssuedBy("carrier.example"), options=OPTIONS, engine=Here())
    before = rows(out)
    assert [row["verdict"] for row in before[:2]] == ["invalid", "indeterminate"]
    verify(lines, out, IssuedBy("carrier.example"), options=OPTIONS, engine=over(1, 2), retry_unknown=True)
    after = rows(out)
    assert after[0] == before[0]
    assert [one["code"] for one in after[1]["findings"]] == ["engine.crashed"]
    assert len(after) == len(before)
