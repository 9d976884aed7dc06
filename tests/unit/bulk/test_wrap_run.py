"""Raw documents are wrapped in batches, each under its root, and what was wrapped is never wrapped again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ebl.bulk import Piece, Processes, wrap
from ebl.errors import InvalidInput
from ebl.testing.bills import bill
from ebl.verify import check_integrity, read
from ebl.wrap import Options
from tests.unit.bulk.conftest import Here


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    path = tmp_path / "raw.jsonl"
    made = [json.dumps(bill(n, store="0x" + "11" * 20, domain="a.example", chain_id=1)) for n in range(7)]
    path.write_text("\n".join([*made[:4], "nonsense", json.dumps({"no": "issuers"}), *made[4:]]))
    return path


def rows(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in sorted((out / "rows").iterdir()) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("each", [False, True])
def test_each_document_is_wrapped_under_the_root_in_its_row(raw: Path, tmp_path: Path, each: bool) -> None:
    out = tmp_path / "out"
    summary = wrap(raw, out, each=each, part_size=3, engine=Here())
    assert summary.counts.verdicts == {"wrapped": 7, "unreadable": 1, "refused": 1}
    found = rows(out)
    assert [row["file"] for row in found] == [f"{raw}:{n}" for n in range(1, 10)]
    for row in found:
        if row["wrapped"] is None:
            assert row["code"] or row["problems"]
            continue
        file, _, line = row["wrapped"].rpartition(":")
        document = read((out / file).read_bytes().splitlines()[int(line) - 1])
        check_integrity(document)
        assert document.root is not None
        assert f"0x{document.root.hex()}" == row["root"]
    roots = (out / "roots.txt").read_text().split()
    assert roots == [*dict.fromkeys(row["root"] for row in found if row["wrapped"])]
    assert len(roots) == (7 if each else 3)


def test_what_is_wrapped_is_not_wrapped_again(raw: Path, tmp_path: Path) -> None:
    class StoppedError(Exception):
        pass

    def stop(piece: Piece) -> bool:
        if piece.part.number == 1:
            raise StoppedError
        return False

    out = tmp_path / "out"
    with pytest.raises(StoppedError):
        wrap(raw, out, part_size=3, engine=Here(stop))
    first = (out / "wrapped" / "000000.jsonl").read_bytes()
    wrap(raw, out, part_size=3, engine=Here())
    assert (out / "wrapped" / "000000.jsonl").read_bytes() == first
    with pytest.raises(InvalidInput, match="dialect"):
        wrap(raw, out, part_size=3, engine=Here(), options=Options(dialect="govtech"))


def test_a_title_is_refused_in_a_batch_and_wrapped_alone(tmp_path: Path) -> None:
    title = bill(1, store="0x" + "11" * 20, domain="a.example", chain_id=1)
    title["issuers"][0]["tokenRegistry"] = title["issuers"][0].pop("documentStore")
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(title))
    assert wrap(path, tmp_path / "batch", engine=Here()).counts.verdicts == {"refused": 1}
    assert wrap(path, tmp_path / "each", each=True, engine=Here()).counts.verdicts == {"wrapped": 1}


def test_a_document_that_ends_its_worker_leaves_the_others_wrapped(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    engine = Here(lambda piece: piece.part.number == 0 and piece.start <= 1 < piece.stop)
    summary = wrap(raw, out, part_size=3, engine=engine)
    assert summary.counts.codes["engine.crashed"] == 1
    assert summary.counts.verdicts["wrapped"] == 6
    assert sum(len(path.read_bytes().splitlines()) for path in (out / "wrapped").iterdir()) == 6


@pytest.mark.slow
def test_processes_wrap(raw: Path, tmp_path: Path) -> None:
    assert wrap(raw, tmp_path / "out", part_size=3, engine=Processes(2)).counts.verdicts["wrapped"] == 7
