"""Documents in a Parquet file, and rows as one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ebl.bulk import BulkOptions, columns, verify
from ebl.bulk.inputs import find
from ebl.bulk.result_rows import COLUMNS, flat
from ebl.bulk.row_files import read_rows
from ebl.errors import InvalidInput, MissingExtra, Unreadable
from ebl.policy import IssuedBy
from tests.unit.bulk.conftest import Here

arrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


def table(path: Path, *, groups: int = 3, **columns: list[object]) -> Path:
    parquet.write_table(arrow.table(columns), path, row_group_size=groups)
    return path


@pytest.mark.parametrize("size", [1, 2, 4, 100])
@pytest.mark.parametrize("kind", [bytes, str])
def test_each_value_of_the_column_is_read_once(tmp_path: Path, size: int, kind: type) -> None:
    values = [f'{{"n": {n}}}' for n in range(8)]
    given = [one.encode() if kind is bytes else one for one in values]
    path = table(tmp_path / "a.parquet", n=list(range(8)), document=given)
    inputs, parts = find(str(path), tmp_path, part_size=size)
    found = [item for part in parts for item in inputs.items(part)]
    assert found == [(f"{path}:{n}", one.encode()) for n, one in enumerate(values, 1)]
    for part in parts:
        for at in range(part.count):
            assert [*inputs.items(part, at, at + 1)] == [found[part.first - 1 + at]]


def test_a_row_without_a_document_has_its_row(tmp_path: Path) -> None:
    path = table(tmp_path / "a.parquet", document=[b"{}", None])
    inputs, (part,) = find(str(path), tmp_path)
    _, (name, missing) = inputs.items(part)
    assert name == f"{path}:2"
    assert isinstance(missing, Unreadable)


def test_the_column_is_named_if_there_are_several(tmp_path: Path) -> None:
    path = table(tmp_path / "a.parquet", a=[b"{}"], b=["[]"])
    with pytest.raises(InvalidInput, match="a, b"):
        find(str(path), tmp_path)
    with pytest.raises(InvalidInput, match="'c'"):
        find(str(path), tmp_path, column="c")
    inputs, (part,) = find(str(path), tmp_path, column="b")
    assert [*inputs.items(part)] == [(f"{path}:1", b"[]")]


def test_what_is_not_a_parquet_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"nonsense")
    with pytest.raises(InvalidInput):
        find(str(tmp_path / "a.parquet"), tmp_path)


def test_a_parquet_file_that_is_damaged_inside_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path / "a.parquet", document=[b'{"n": %d}' % n for n in range(100)], groups=100)
    column = parquet.ParquetFile(path).metadata.row_group(0).column(0)
    raw, at = bytearray(path.read_bytes()), column.dictionary_page_offset or column.data_page_offset
    raw[at : at + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(raw)
    inputs, (part,) = find(str(path), tmp_path)
    with pytest.raises(InvalidInput, match="not a Parquet file"):
        list(inputs.items(part))


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = table(tmp_path / "a.parquet", a=[b"{}"])
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtra) as missing:
        find(str(path), tmp_path)
    assert missing.value.extra == "bulk"


def test_rows_as_parquet_have_the_columns_and_the_report(lines: Path, tmp_path: Path) -> None:
    policy, options = IssuedBy("carrier.example"), BulkOptions(part_size=5)
    verify(lines, tmp_path / "a", policy, options=replace(options, form="parquet"), engine=Here())
    out = tmp_path / "a" / "rows"
    assert [path.name for path in sorted(out.iterdir())] == ["000000.parquet", "000001.parquet", "000002.parquet"]
    made = parquet.read_table(out / "000000.parquet")
    assert made.column_names == [*COLUMNS, "report"]
    for row in made.to_pylist():
        report = json.loads(row.pop("report"))
        assert row == flat(report)
    assert len([*read_rows(out / "000002.parquet")]) == 2
    again = verify(
        lines, tmp_path / "a", policy, options=replace(options, form="parquet"), engine=Here(), retry_unknown=True
    )
    assert again.counts.documents == 12


@pytest.mark.parametrize("kind", ["string", "binary"])
def test_one_large_value_for_many_rows_is_kept_once(tmp_path: Path, kind: str) -> None:
    size, rows = 4 << 20, 600
    values = arrow.array([b"{" + b" " * size + b"}"]).cast(getattr(arrow, kind)())
    few = arrow.table({"document": arrow.DictionaryArray.from_arrays(arrow.array([0] * rows), values)})
    path = tmp_path / "few_bytes.parquet"
    parquet.write_table(few, path, compression="zstd")
    del few, values
    assert path.stat().st_size < 4_000
    before, kept, most = arrow.total_allocated_bytes(), [], 0
    for _, raw in columns.items(str(path), "document", 0, range(rows)):
        assert isinstance(raw, bytes) and len(raw) == size + 2
        kept.append(raw)
        most = max(most, arrow.total_allocated_bytes() - before)
    assert most < 8 * size
    assert len({id(raw) for raw in kept}) <= -(-rows // 64)
