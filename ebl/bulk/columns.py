"""Parquet: documents in a column, and rows as columns. By the extra ``bulk`` (pyarrow)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Final

from ebl.bulk import remote_files, result_rows
from ebl.bulk.input_part import InputPart, Item, too_large
from ebl.codes import Failure
from ebl.config import durable_files, files
from ebl.errors import InvalidInput, MissingExtra, Unreadable

_AT_ONCE: Final = 64
_ROWS: Final = 500
REPORT: Final = "report"
"""The column of the whole row as JSON."""


def parts(path: str, column: str | None, size: int) -> tuple[str, list[InputPart]]:
    """The column that has the documents, and the parts of the file.

    Raises `InvalidInput` if there is no such column of bytes or text, or several and none is named.
    """
    with remote_files.opened(path) as file:
        parquet = _opened(file, path)
        able = [field.name for field in parquet.schema_arrow if _holds_bytes(field.type)]
        if column is None and len(able) != 1:
            raise InvalidInput(
                f"{path}: expected one column of bytes or text; found {len(able)}: {', '.join(able) or 'none'}.",
                fix="Name the column with --column.",
            )
        column = able[0] if column is None else column
        if column not in able:
            raise InvalidInput(
                f"{path}: {column!r:.80} is not a column of bytes or text.", fix=f"Columns that are: {', '.join(able)}."
            )
        count = parquet.metadata.num_rows
    starts = range(0, count, size)
    return column, [InputPart(at, start, start + 1, min(size, count - start)) for at, start in enumerate(starts)]


def items(path: str, column: str | None, first: int, wanted: range) -> Iterator[Item]:
    """The documents of some rows, counted from ``first``. Only the row groups that have them are read.

    Raises `InvalidInput` if the file is damaged.
    """
    with remote_files.opened(path) as file, _readable(path):
        # A dictionary stays one: a few bytes can stand for one large value in very many rows.
        parquet = _opened(file, path, read_dictionary=[column])
        start, stop, at = first + wanted.start, first + wanted.stop, 0
        for group in range(parquet.metadata.num_row_groups):
            rows = parquet.metadata.row_group(group).num_rows
            if at + rows > start and at < stop:
                place = at
                for batch in parquet.iter_batches(_AT_ONCE, row_groups=[group], columns=[column]):
                    if place + len(batch) > start and place < stop:
                        yield from _values(path, batch.column(0), place, range(start, stop))
                    place += len(batch)
            at += rows


def _values(path: str, values: Any, place: int, wanted: range) -> Iterator[Item]:
    last: bytes | None = None
    for row, value in enumerate(values, place):
        if row in wanted:
            found = value.as_py()
            raw = found.encode("utf-8", "surrogatepass") if isinstance(found, str) else found
            raw = last = last if raw == last else raw  # the same value in many rows is kept once
            name = f"{path}:{row + 1}"
            if raw is None:
                yield name, Unreadable(Failure.NOT_JSON, "no_brackets")
            else:
                yield name, too_large() if len(raw) > files.MAX_DOCUMENT else raw


def write(path: Path, rows: Iterable[bytes]) -> None:
    """Write rows, each a line of JSON, as columns and with the whole line."""
    arrow, parquet = _arrow()
    several = {"codes", "conditions"}
    kinds = {"chain_id": arrow.int64(), "block": arrow.int64()}
    schema = arrow.schema(
        [
            *(
                (name, arrow.list_(arrow.string()) if name in several else kinds.get(name, arrow.string()))
                for name in result_rows.COLUMNS
            ),
            (REPORT, arrow.string()),
        ]
    )
    waiting = iter(rows)
    with durable_files.replacing(path) as file, parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while lines := [*islice(waiting, _ROWS)]:
            made = [{**_flat(line), REPORT: line.decode().rstrip("\n")} for line in lines]
            writer.write_table(arrow.Table.from_pylist(made, schema=schema))


def _flat(line: bytes) -> dict[str, Any]:
    row = result_rows.flat(result_rows.parsed(line))
    return {**row, "file": row["file"].encode("utf-8", "backslashreplace").decode()}


def read(path: Path) -> Iterator[bytes]:
    """The lines of JSON that `write` was given."""
    with path.open("rb") as file:
        for batch in _opened(file, str(path)).iter_batches(_AT_ONCE, columns=[REPORT]):
            for value in batch.column(0):
                yield value.as_py().encode() + b"\n"


def _opened(file: Any, path: str, **options: Any) -> Any:
    _, parquet = _arrow()
    with _readable(path):
        return parquet.ParquetFile(file, **options)


@contextmanager
def _readable(path: str) -> Iterator[None]:
    """A context for reading a Parquet file. Raises `InvalidInput` if it is damaged."""
    arrow, _ = _arrow()
    try:
        yield
    except (arrow.ArrowException, OSError, ValueError) as bad:
        if isinstance(bad, OSError) and bad.errno is not None:  # of the system; those of pyarrow have no number
            raise
        raise InvalidInput(f"{path} is not a Parquet file that can be read.", fix="Check the file.") from bad


def _holds_bytes(kind: Any) -> bool:
    arrow, _ = _arrow()
    types = arrow.types
    return any(
        is_one(kind) for is_one in (types.is_binary, types.is_large_binary, types.is_string, types.is_large_string)
    )


def _arrow() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise MissingExtra("bulk") from None
