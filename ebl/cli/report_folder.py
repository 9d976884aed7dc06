"""A folder of reports: one for each file, and a cover sheet at the end. An interrupted run goes on where it stopped.

While a run lasts, ``.ebl-report`` in the folder has its plan and a row for each finished file. A row counts only if the file has
the same content, and its report the same bytes, as when the row was written.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ebl.cli import own_files as files
from ebl.cli.folders import FoundFile, named
from ebl.cli.output import OwnInput
from ebl.codec.jcs import canonical
from ebl.config import durable_files as durable
from ebl.config.file_lock import locked
from ebl.errors import InvalidInput, Unreadable

_WORK: Final = ".ebl-report"
_LONGEST_NAME: Final = 200
"""How many bytes of a file's name are kept; most file systems take 255."""
COVER: Final = "index"


def places(words: tuple[str, ...], suffix: str) -> dict[str, tuple[FoundFile, str]]:
    """Each file that the words mean, by name, with its name below the folder that was given. A report has this and ``suffix``.

    Raises `InvalidInput` if two files would have the same place, or if there is nothing in a folder.
    """
    found: dict[str, tuple[FoundFile, str]] = {}
    taken: dict[str, str] = {f"{COVER}{suffix}": "the cover sheet"}
    for word in words:
        for one in named((word,)):
            place = _place(word, one, several=len(words) > 1)
            if one.name in found:
                continue
            if place + suffix in taken:
                raise InvalidInput(
                    f"The reports of {taken[place + suffix]} and {one.name} would both become {place}{suffix}.",
                    fix="Give their folder, or give them in two runs.",
                )
            found[one.name] = (one, place)
            taken[place + suffix] = one.name
    return found


def _place(word: str, one: FoundFile, *, several: bool) -> str:
    if one.name == "-":
        return "stdin"
    if one.is_named and one.name == word:
        return _short(Path(word).name)
    below = Path(one.name).relative_to(word).parts
    above = (Path(word).resolve().name,) if several else ()
    return "/".join(map(_short, (*above, *below)))


def _short(name: str) -> str:
    """A name that leaves room for a suffix. Of a longer one, the beginning and a digest are kept."""
    raw = name.encode("utf-8", "surrogateescape")
    if len(raw) <= _LONGEST_NAME:
        return name
    return f"{raw[: _LONGEST_NAME - 20].decode('utf-8', 'ignore')}-{hashlib.sha256(raw).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class ReportFolder:
    """The folder of a run that has begun. ``finished`` has the rows of an earlier start by the names of the files."""

    folder: Path
    finished: Mapping[str, Mapping[str, Any]]

    @classmethod
    def begin(cls, folder: Path, plan: Mapping[str, Any]) -> ReportFolder:
        """Begins a run in a new or empty folder, or goes on with one that was interrupted, if it has the same plan.

        Raises `OwnInput` if the folder has anything else in it, or a run with another plan.
        """
        digest = hashlib.sha256(canonical(plan)).hexdigest()
        work = folder / _WORK
        try:
            here = [one.name for one in folder.iterdir()]
        except FileNotFoundError:
            here = []
        except OSError as trouble:
            raise OwnInput(f"cannot write to {folder}: {trouble.strerror}.") from trouble
        if here and _WORK not in here:
            raise OwnInput(
                f"{folder} is not empty, and reports are not mixed with other files.", fix="Name a new folder."
            )
        try:
            durable.make_folder(work)
            kept = work / "plan"
            if not kept.exists():
                durable.write_new(kept, digest.encode())
            if kept.read_bytes() != digest.encode():
                raise OwnInput(
                    f"{folder} has reports that were begun with other options, another policy or version.",
                    fix="Give the same options, or name a new folder.",
                )
            return cls(folder, dict(_rows(work)))
        except OSError as trouble:
            raise OwnInput(f"cannot write to {folder}: {trouble.strerror}.") from trouble

    @contextmanager
    def held(self) -> Iterator[None]:
        """A context in which no other command writes into the folder. Raises `OwnInput` if one does."""
        with ExitStack() as held:
            try:
                held.enter_context(locked(self.folder / _WORK / "lock", wait=False))
            except OSError:
                raise OwnInput(f"Another command writes into {self.folder}.", fix="Wait for it to end.") from None
            yield

    def row_of(self, name: str, one: FoundFile) -> Mapping[str, Any] | None:
        """The finished row of a file. None if there is none, or if the file or its report is not what it was."""
        row = self.finished.get(name)
        if row is None or name == "-":
            return None
        try:
            raw = one.load()
            report = (self.folder / row["row"]["report"]).read_bytes() if row["row"]["report"] else b""
        except (OSError, Unreadable):
            return None
        if not isinstance(raw, bytes):
            return None
        same = _sha256(raw) == row["row"]["file"]["sha256"] and _sha256(report) == row["written"]
        return row if same else None

    def finish(
        self, name: str, row: Mapping[str, Any], content: bytes, code: int, keys: Iterable[tuple[str, bytes]]
    ) -> None:
        """Writes a report, and then its row. ``code`` is the exit code for the file."""
        place = self.folder / row["report"]
        files.overwrite(place, content)
        kept = {
            "name": name,
            "row": row,
            "code": int(code),
            "written": _sha256(content),
            "keys": [[kind, key.hex()] for kind, key in keys],
        }
        key = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        files.overwrite(self.folder / _WORK / f"{key}.json", json.dumps(kept).encode())

    def end(self, covers: Mapping[str, bytes]) -> None:
        """Writes the cover sheets, and removes what an interrupted run would need."""
        for name, content in covers.items():
            files.overwrite(self.folder / name, content)
        shutil.rmtree(self.folder / _WORK, ignore_errors=True)


def keys_of_row(row: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """What identifies the document of a finished row (`ebl.checking.repeats.keys_of`)."""
    return ((kind, bytes.fromhex(key)) for kind, key in row["keys"])


def _rows(work: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in sorted(work.glob("*.json")):
        row = json.loads(path.read_bytes())
        yield row["name"], row


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
