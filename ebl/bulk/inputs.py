"""Inputs of a bulk run: where the documents are, and the parts that the run is divided into.

A part is a range that any worker can read by itself. Every input has one place in one part, also one that cannot be read.

========== =========================== ============================================================
form       what a part begins at       an input is
========== =========================== ============================================================
lines      a byte of the file          a line of a JSON Lines file that is not white space
listing    a byte of the listing       a file of a folder, an object of a bucket, a member of an archive
columns    a row of the file           a row of a Parquet file
========== =========================== ============================================================
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from ebl.bulk import archives, remote_files
from ebl.bulk.input_part import PART_SIZE, InputPart, Item, too_large
from ebl.config import durable_files, files
from ebl.config.folder_files import PassedOver, entries, judged
from ebl.errors import InvalidInput, Unreadable

Form = Literal["lines", "listing", "columns"]

_CHUNK: Final = 1 << 20
_START_AGAIN: Final = "Give another folder with -o, or --renew to start again."
_LINES: Final = (".jsonl", ".ndjson", ".jsonlines")
_COLUMNS: Final = (".parquet", ".pq")


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of a run. ``path`` is as the caller named it; ``listing`` and ``spool`` are files of the run's folder.

    ``stamp`` is the size and the time of change of a file, and ``listed`` the SHA-256 of those of all files of a folder: by
    these a run that goes on knows that its source is the same.
    """

    path: str
    form: Form
    stamp: tuple[int, ...] = ()
    column: str | None = None
    listing: str | None = None
    spool: str | None = None
    archive: str | None = None
    listed: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {**asdict(self), "stamp": list(self.stamp)}

    @classmethod
    def of(cls, made: dict[str, Any]) -> Inputs:
        """What `to_dict` made."""
        return cls(**{**made, "stamp": tuple(made["stamp"])})

    def require_same(self) -> None:
        """Raises `InvalidInput` if the source has changed since the plan was made, or is gone."""
        if self.stamp and self.stamp != _stamp(self.path):
            raise InvalidInput(f"{self.path} has changed since the plan was made.", fix=_START_AGAIN)
        if self.listed is not None and self.listing is not None:
            found = _FolderDigest()
            for _ in _folder(self.path, Path(self.listing).parent, found):
                pass
            if found.text != self.listed:
                raise InvalidInput(
                    f"The files in {self.path} have changed since the plan was made: files were added, removed or changed.",
                    fix=_START_AGAIN,
                )

    def items(self, part: InputPart, start: int = 0, stop: int | None = None) -> Iterator[Item]:
        """The inputs of a part, from its place ``start`` to ``stop``. Raises `OSError` if the source itself cannot be read."""
        wanted = range(start, part.count if stop is None else stop)
        match self.form:
            case "lines":
                with remote_files.opened(self.path) as file:
                    yield from _lines(file, self.path, part, wanted)
            case "listing":
                assert self.listing is not None
                with Path(self.listing).open("rb") as listing:
                    listing.seek(part.start)
                    rows = (json.loads(line) for line in islice(listing, wanted.start, wanted.stop))
                    yield from self._listed(rows)
            case "columns":
                from ebl.bulk import columns

                yield from columns.items(self.path, self.column, part.start, wanted)

    def _listed(self, rows: Iterator[Any]) -> Iterator[Item]:
        if self.archive is None:
            for row in rows:
                yield _of_folder(row)
            return
        with remote_files.opened(self.spool or self.path) as file:
            for row in rows:
                yield archives.item(self.archive, file, self.path, row)


def find(
    path: str, out: Path, *, part_size: int = PART_SIZE, column: str | None = None
) -> tuple[Inputs, list[InputPart]]:
    """The inputs at a path, and their parts. What has to be listed is listed into the folder ``out``.

    The path is a folder, a ``.tar``, ``.tar.gz``, ``.tgz`` or ``.zip``, a JSON Lines or Parquet file, or ``s3://`` and one of
    these. ``column`` names the column of a Parquet file that has the documents.

    Raises `InvalidInput` if it is none of these or holds nothing, `ebl.errors.MissingExtra` if what reads it is not installed,
    and `OSError` if it cannot be read.
    """
    lowered = path.lower()
    if not remote_files.is_remote(path) and not Path(path).exists():
        raise InvalidInput(f"{path}: there is no such file or folder.", fix="Check the path.")
    if remote_files.is_folder(path):
        listing, digest = out / "listing.jsonl", _FolderDigest()
        found = _list(_folder(path, out, digest), listing, part_size)
        inputs = Inputs(path, "listing", listing=str(listing), listed=digest.text)
    elif lowered.endswith(_LINES):
        with remote_files.opened(path) as file:
            found = list(_line_parts(file, part_size))
        inputs = Inputs(path, "lines", _stamp(path))
    elif lowered.endswith(_COLUMNS):
        from ebl.bulk import columns

        column, found = columns.parts(path, column, part_size)
        inputs = Inputs(path, "columns", _stamp(path), column=column)
    elif (kind := archives.kind_of(path)) is not None:
        listing, spool = out / "listing.jsonl", out / "spool" if archives.is_compressed(kind) else None
        stamp = _stamp(path)
        with remote_files.opened(path) as file:
            found = _list(archives.members(kind, file, path, spool), listing, part_size)
        inputs = Inputs(
            path, "listing", stamp, listing=str(listing), spool=None if spool is None else str(spool), archive=kind
        )
    else:
        raise InvalidInput(
            f"{path}: not a folder, an archive or a file of many documents.",
            fix="Name a folder, .tar, .tar.gz, .zip, .jsonl or .parquet; for a single document use `ebl verify`.",
        )
    if not found:
        raise InvalidInput(f"{path}: there is no document in it.", fix="Check the path.")
    return inputs, found


def _stamp(path: str) -> tuple[int, ...]:
    return remote_files.stamp(path)


def _line_parts(file: BinaryIO, size: int) -> Iterator[InputPart]:
    """Parts of ``size`` lines each. A file is read once, in chunks."""
    number = lines = at = start = 0
    ends_whole = True
    while chunk := file.read(_CHUNK):
        ends_whole = chunk.endswith(b"\n")
        count, inside = chunk.count(b"\n"), 0
        while lines + count >= size:
            for _ in range(size - lines):
                inside = chunk.index(b"\n", inside) + 1
            count -= size - lines
            yield InputPart(number, start, number * size + 1, size)
            number, lines, start = number + 1, 0, at + inside
        lines += count
        at += len(chunk)
    if lines or not ends_whole:
        yield InputPart(number, start, number * size + 1, lines + (not ends_whole))


def _lines(file: BinaryIO, path: str, part: InputPart, wanted: range) -> Iterator[Item]:
    file.seek(part.start)
    for at in range(wanted.stop):
        line = file.readline(files.MAX_DOCUMENT + 1)
        large = len(line) > files.MAX_DOCUMENT and not line.endswith(b"\n")
        rest = line
        while large and rest and not rest.endswith(b"\n"):
            rest = file.readline(_CHUNK)
        name = f"{path}:{part.first + at}"
        if at not in wanted:
            continue
        if large:
            yield name, too_large()
        elif not line.isspace() and line:
            yield name, line.rstrip(b"\r\n")


class _FolderDigest:
    """The digest of a folder's files: their names, sizes and times of change."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, *about: object) -> None:
        self._hash.update(json.dumps(about).encode() + b"\n")

    @property
    def text(self) -> str:
        return self._hash.hexdigest()


def _folder(path: str, out: Path, digest: _FolderDigest) -> Iterator[list[Any]]:
    """Rows of the listing of a folder, by the bytes of their names. They are sorted on the disk, however many there are.

    What is in the run's own folder ``out`` is left out.
    """
    found: Iterable[tuple[str, PassedOver | None, str]] = (
        ((name, None, stamp) for name, stamp in remote_files.objects(path))
        if remote_files.is_remote(path)
        else ((name, skipped, _changed(name)) for name, skipped in entries(path) if not _is_in(name, out))
    )
    with closing(sqlite3.connect("")) as sorting:  # a temporary file, which goes with the connection
        sorting.execute("CREATE TABLE found (name BLOB, about TEXT, stamp TEXT)")
        rows = ((os.fsencode(name), skipped and json.dumps(_skipped(skipped)), stamp) for name, skipped, stamp in found)
        sorting.executemany("INSERT INTO found VALUES (?, ?, ?)", rows)
        for name, about, stamp in sorting.execute("SELECT name, about, stamp FROM found ORDER BY name"):
            digest.add(name.hex(), about, stamp)
            yield [os.fsdecode(name), *([] if about is None else [json.loads(about)])]


def _changed(name: str) -> str:
    """The size of a file and when it was changed; nothing of what cannot be asked for it, which is passed over."""
    try:
        return " ".join(map(str, remote_files.stamp(name)))
    except OSError:
        return ""


def _is_in(name: str, folder: Path) -> bool:
    return Path(name).absolute().is_relative_to(folder.absolute())


def _of_folder(row: Any) -> Item:
    name, *skipped = row
    if skipped:
        return name, passed_over(name, skipped[0])
    try:
        with files.as_document(name), remote_files.opened(name) as file:
            raw = files.whole(file)
        return name, judged(name, io.BytesIO(raw)) or raw
    except Unreadable as bad:
        return name, bad


def _skipped(one: PassedOver) -> list[Any]:
    return [one.reason, str(one.what), one.is_open, str(one.fix)]


def passed_over(name: str, about: list[Any]) -> PassedOver:
    """Why an input is passed over, as a listing has it."""
    reason, what, is_open, fix = about
    return PassedOver(name, reason, what, is_open, fix)


def _list(rows: Iterator[list[Any]], listing: Path, size: int) -> list[InputPart]:
    """Write the rows, one a line, and divide them into parts."""
    parts: list[InputPart] = []
    at = start = count = 0
    with durable_files.replacing(listing) as file:
        for row in rows:
            if count == size:
                parts.append(InputPart(len(parts), start, len(parts) * size + 1, count))
                start, count = at, 0
            at += file.write(json.dumps(row).encode() + b"\n")
            count += 1
    if count:
        parts.append(InputPart(len(parts), start, len(parts) * size + 1, count))
    return parts
