"""The reader's own address book: names of accounts and contracts, shown next to their addresses.

It is a CSV file with a row for each address. A name in it is the reader's word, and no fact: no verdict depends on it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ebl.codec.printable import printable
from ebl.config import files
from ebl.config.business_ids import is_lei, is_uen, is_uscc
from ebl.errors import InvalidInput, Problem
from ebl.ethereum.address import ADDRESS, NotAnAddress, checksummed
from ebl.messages import explained
from ebl.messages.catalogue import ENGLISH, phrase

MAX_BYTES: Final = 8 << 20
_MAX_ROWS: Final = 50_000
_MAX_TEXT: Final = 200
_MOST_PROBLEMS: Final = 20

_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "address": ("address", "地址"),
    "name": ("name", "名称"),
    "lei": ("lei", "法人机构识别编码"),
    "uscc": ("uscc", "统一社会信用代码"),
    "uen": ("uen", "新加坡企业实体编号"),
    "source": ("source", "来源"),
}
"""The columns, each with its headings: case does not matter in the English one. Other columns are not read."""

_FORMS: Final[Mapping[str, tuple[Callable[[str], bool], str]]] = {
    "lei": (is_lei, "an LEI of 20 characters with the right check digits (ISO 17442)"),
    "uscc": (is_uscc, "a unified social credit code of 18 characters with the right check character (GB 32100-2015)"),
    "uen": (is_uen, "a UEN, such as 201912345R"),
}

_ADDRESS: Final = re.compile(rf"(?<![0-9a-fA-F]){ADDRESS}(?![0-9a-fA-F])")


@dataclass(frozen=True, slots=True, kw_only=True)
class BookEntry:
    """One row: the checksummed ``address``, the ``name``, identifiers of the company, and where the row is from."""

    address: str
    name: str
    lei: str | None = None
    uscc: str | None = None
    uen: str | None = None
    source: str | None = None

    def to_dict(self) -> dict[str, str | None]:
        """Returns JSON data."""
        return {column: getattr(self, column) for column in _COLUMNS}


@dataclass(frozen=True, slots=True)
class AddressBook:
    """Names by address. ``name`` is that of the file, and ``sha256`` (32 bytes) identifies its content."""

    entries: Mapping[str, BookEntry]
    name: str = ""
    sha256: bytes = b""

    @classmethod
    def read(cls, path: str | Path) -> AddressBook:
        """Reads a CSV file. Raises `InvalidInput` as `of` does or if it is too large, and `OSError` if it cannot be read."""
        try:
            raw = files.load(Path(path), limit=MAX_BYTES)
        except files.TooLarge as large:
            raise InvalidInput(f"The address book {path} is {large.strerror}.", fix="Split it.") from large
        return cls.of(raw, name=str(path))

    @classmethod
    def of(cls, raw: bytes, *, name: str = "") -> AddressBook:
        """Returns the address book with this content.

        The first row has the headings ``address`` and ``name``, and may have ``LEI``, ``USCC``, ``UEN`` and ``source``, in any
        order, in English or in Chinese. Raises `InvalidInput`, which names each line at fault: an address that is none or that
        occurs twice, a row without a name, an identifier that is not well-formed, a text that is too long.

        Not checked: who uses an address, and whose name or identifier it is.
        """
        found, problems = dict[str, BookEntry](), list[Problem]()
        lines: dict[str, int] = {}
        for line, row in _rows(_decoded(raw, name), name):
            entry = _entry(line, row, problems)
            if entry is not None and (first := lines.setdefault(entry.address, line)) != line:
                problems.append(
                    Problem(f"line {line}, address", "an address that is in no other line", f"that of line {first}")
                )
            elif entry is not None:
                found[entry.address] = entry
            if len(found) > _MAX_ROWS:
                raise InvalidInput(f"The address book {name} has more than {_MAX_ROWS:,} rows.", fix="Split it.")
            if len(problems) >= _MOST_PROBLEMS:
                break
        if problems:
            raise InvalidInput(
                f"The address book {name} has mistakes.".replace("  ", " "),
                problems=tuple(problems),
                fix="Correct these lines; nothing of it was used.",
            )
        return cls(found, name, hashlib.sha256(raw).digest())

    def __getitem__(self, address: str) -> BookEntry:
        return self.entries[checksummed(address)]

    def __len__(self) -> int:
        return len(self.entries)

    def get(self, address: str | None) -> BookEntry | None:
        """Returns the entry of an address in any case; None if there is none."""
        try:
            return None if address is None else self.entries.get(checksummed(address))
        except NotAnAddress:
            return None

    def with_names(self, text: str, language: str = ENGLISH) -> str:
        """Returns a text with the reader's name next to each address that the book has. The rest of it does not change."""
        return _ADDRESS.sub(lambda found: self._with_name(found[0], language), text) if self.entries else text

    def _with_name(self, address: str, language: str) -> str:
        entry = self.get(address)
        if entry is None:
            return address
        return phrase("report", "in_address_book", language, address=address, name=printable(entry.name))


def _decoded(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as bad:
        kind = "It looks like GB 18030 (GBK). " if _is_gb18030(raw) else ""
        raise InvalidInput(
            f"The address book {name} is not UTF-8 text (byte {bad.start}).",
            fix=f"{kind}Save it as CSV in UTF-8.",
        ) from bad


def _is_gb18030(raw: bytes) -> bool:
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return any("一" <= letter <= "鿿" for letter in text)


def _rows(text: str, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yields the rows that are not empty, as texts by column, each with the number of its line in the file."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        headings = next(reader, [])
        columns = {at: column for at, heading in enumerate(headings) if (column := _column(heading))}
        for wanted in ("address", "name"):
            if [*columns.values()].count(wanted) != 1:
                raise InvalidInput(
                    f"The address book {name} has no single column {wanted}: its first line has "
                    f"{', '.join(map(printable, headings))[:_MAX_TEXT] or 'nothing'}.",
                    fix="Begin it with a line of headings, such as: address,name,LEI,USCC,UEN,source",
                )
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, {columns[at]: cell.strip() for at, cell in enumerate(row) if at in columns}
    except csv.Error as bad:
        raise InvalidInput(
            f"The address book {name} is not CSV: line {reader.line_num}: {bad}.", fix="Save it as CSV in UTF-8."
        ) from bad


def _column(heading: str) -> str | None:
    text = heading.strip()
    return next((column for column, names in _COLUMNS.items() if text.lower() in names), None)


def _entry(line: int, row: Mapping[str, str], problems: list[Problem]) -> BookEntry | None:
    """Returns the entry of a row; None, with what is wrong among the problems, if it has a mistake."""
    before = len(problems)
    address = row.get("address", "")
    try:
        address = checksummed(address)
    except NotAnAddress as bad:
        problems.append(
            Problem(f"line {line}, address", "an address", printable(address)[:80], str(explained(bad.reason)))
        )
    if not row.get("name"):
        problems.append(Problem(f"line {line}, name", "a name", "nothing"))
    for column, text in row.items():
        if len(text) > _MAX_TEXT:
            problems.append(Problem(f"line {line}, {column}", f"at most {_MAX_TEXT} characters", f"{len(text):,}"))
        elif text and column in _FORMS and not _FORMS[column][0](text):
            problems.append(Problem(f"line {line}, {column.upper()}", _FORMS[column][1], printable(text)))
    if len(problems) > before:
        return None
    return BookEntry(address=address, **{column: row[column] or None for column in row if column != "address"})  # type: ignore[arg-type]
