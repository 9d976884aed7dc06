"""Files of rows: JSON Lines, or Parquet (by the extra ``bulk``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ebl.config import durable_files


def write_rows(path: Path, rows: Iterable[bytes]) -> None:
    """Write rows, each a line of JSON, whole or not at all."""
    if path.suffix == ".parquet":
        from ebl.bulk import columns

        columns.write(path, rows)
        return
    with durable_files.replacing(path) as file:
        file.writelines(rows)


def read_rows(path: Path) -> Iterator[bytes]:
    """The rows of a file, each as the line of JSON that was written."""
    if path.suffix == ".parquet":
        from ebl.bulk import columns

        yield from columns.read(path)
        return
    with path.open("rb") as file:
        yield from file
