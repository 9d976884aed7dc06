"""Names and codes of ports (UN/LOCODE): a small table of ports in China, Hong Kong and Singapore, or UNECE's own list.

The table is ``ports.csv``. Its codes and English names for China are those of UNECE's list as the package ``locode`` 0.1.1.1
has it (files of January 2015), read on 1 December 2026; SGSIN and HKHKG are as in DCSA's examples; the Chinese names are
ours. It is not complete, so a code or a name that is not in it is left to a person. Nothing is downloaded.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from ebl.codec.printable import printable
from ebl.config.files import TooLarge, load
from ebl.errors import InvalidInput

MAX_BYTES: Final = 64 << 20
_MAX_ROWS: Final = 500_000
CODE: Final = re.compile(r"[A-Z]{2}[A-Z2-9]{3}")
"""The form of a UN/LOCODE without its space."""


@dataclass(frozen=True, slots=True, repr=False)
class Ports:
    """A list of places. ``whole`` is true if it is UNECE's own: a code that is not in it then does not exist."""

    names: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, frozenset[str]]
    whole: bool
    source: str

    @classmethod
    def of(cls, rows: Iterable[tuple[str, Iterable[str]]], *, whole: bool, source: str) -> Ports:
        """Makes a list of codes, each with its names."""
        names = {code: tuple(name for name in some if name) for code, some in rows}
        codes: dict[str, set[str]] = {}
        for code, some in names.items():
            for name in some:
                codes.setdefault(_key(name), set()).add(code)
        return cls(names, {name: frozenset(some) for name, some in codes.items()}, whole, source)

    @classmethod
    @cache
    def table(cls) -> Ports:
        """Returns the table that is part of the library."""
        text = files("ebl.transport_document").joinpath("ports.csv").read_text("utf-8")
        rows = [(row["code"], (row["name"], row["chinese"])) for row in csv.DictReader(io.StringIO(text))]
        return cls.of(rows, whole=False, source="ports.csv, 2026-12-01")

    @classmethod
    def read(cls, paths: Iterable[Path]) -> Ports:
        """Reads UNECE's list from its CSV files (``UNLOCODE CodeListPart1.csv`` and so on, without a line of headings).

        The second and third column are the parts of the code, the fourth and fifth the name, with and without diacritics. Files
        in UTF-8 or Windows-1252, as UNECE publishes them. Raises `InvalidInput` if a file cannot be read or has no code.
        """
        rows: dict[str, tuple[str, ...]] = {}
        given = [*paths]
        for path in given:
            before = len(rows)
            for row in _rows(path):
                code = "".join(row[1:3]).strip()
                if len(row) > 4 and CODE.fullmatch(code):
                    rows[code] = tuple(dict.fromkeys((row[3].strip(), row[4].strip())))
                if len(rows) > _MAX_ROWS:
                    raise InvalidInput(f"{path.name} has more than {_MAX_ROWS:,} places.", fix="Check the file.")
            if len(rows) == before:
                raise InvalidInput(
                    f"{path.name} has no UN/LOCODE in its second and third column.",
                    fix="Give the files UNLOCODE CodeListPart1.csv to Part3.csv of UNECE.",
                )
        return cls.of(rows.items(), whole=True, source=", ".join(path.name for path in given))

    def knows(self, code: str) -> bool:
        """Whether the list has the code."""
        return code in self.names

    def called(self, name: str) -> frozenset[str]:
        """Returns the codes of the places with this name, in any case, with ``Port of`` or ``港`` or without."""
        return self.codes.get(_key(name), frozenset())

    def __repr__(self) -> str:
        return f"<Ports {len(self.names):,} from {self.source}>"


def _key(name: str) -> str:
    """Returns a name for comparison: its letters and digits, without the words for a port and the country after a comma."""
    folded = unicodedata.normalize("NFKC", name).casefold().split(",")[0]
    text = re.sub(r"^port of\b|\bport$|港$", "", folded.strip())
    return "".join(letter for letter in text if letter.isalnum())


def _rows(path: Path) -> Iterable[list[str]]:
    try:
        raw = load(path, limit=MAX_BYTES)
    except TooLarge as large:
        raise InvalidInput(f"The list {path.name} is {large.strerror}.", fix="Check the file.") from large
    except OSError as trouble:
        raise InvalidInput(f"The list {path.name} cannot be read: {trouble.strerror}.") from trouble
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("windows-1252", "replace")
    try:
        yield from csv.reader(io.StringIO(text, newline=""))
    except csv.Error as bad:
        raise InvalidInput(f"The list {path.name} is not CSV: {printable(str(bad))}.") from bad
