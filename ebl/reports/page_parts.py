"""The parts of a page, as plain data: `ebl.reports.page_data` makes them of a report, and `ebl.forms` of a document.

Words of ours are one text for each language of the page; what comes from the document, a source or the caller is the same in
each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final, Literal

from ebl.config.address_book import AddressBook
from ebl.messages.catalogue import ENGLISH

Words = tuple[str, ...]
"""A text of ours, once for each language of the page."""
Tone = Literal["good", "bad", "open", "plain"]

UTC_8: Final = timezone(timedelta(hours=8))
"""The time zone of Singapore and all of China, which is shown next to UTC unless the caller gives another."""
TONES: Final[Mapping[str, Tone]] = {
    "valid": "good",
    "invalid": "bad",
    "indeterminate": "open",
    "unreadable": "open",
    "passed_over": "open",
    "passed": "good",
    "failed": "bad",
    "unknown": "open",
    "condition": "open",
    "note": "plain",
}
SIGNS: Final = {"valid": "✔", "invalid": "✘", "indeterminate": "?", "unreadable": "?", "passed_over": "?"}


@dataclass(frozen=True, slots=True)
class Given:
    """A text that is not ours. ``is_code``: an address, a hash or the like, which is drawn in a font for code."""

    text: str
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class PageRow:
    """A line of a section: its label, its values below each other; of a finding, the ``sign``, ``tone`` and ``code`` too."""

    label: Words
    values: tuple[Words | Given, ...]
    sign: str = ""
    tone: Tone = "plain"
    code: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of ours as SVG, with a text that has the same content, and a title in each language of the page."""

    svg: str
    instead: Words
    title: Words = ()


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table of words of ours: the headings of the columns, and the cells of each row; the first cell is the row's heading."""

    title: Words
    columns: tuple[Words, ...]
    rows: tuple[tuple[Words, ...], ...]
    note: Words = ()


@dataclass(frozen=True, slots=True)
class PageSection:
    """A part of the page: rows (``kind`` "findings": each with a sign and a code) or sentences ("list"), a note, and more."""

    title: Words
    rows: tuple[PageRow, ...] = ()
    note: Words = ()
    kind: Literal["rows", "findings", "list"] = "rows"
    pictures: tuple[Picture, ...] = ()
    tables: tuple[PageTable, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A page about one file. ``number`` is the text for a page's number, with ``{x}`` and ``{y}``."""

    languages: tuple[str, ...]
    title: Words
    verdict: str
    verdict_words: Words
    meaning: Words
    sign: str
    tone: Tone
    file: str
    summary: tuple[PageRow, ...]
    sections: tuple[PageSection, ...]
    foot: str
    number: Words
    made_at: datetime


@dataclass(frozen=True, slots=True)
class PageOptions:
    """How a page is made.

    ``languages``  tags of catalogues; several are shown side by side
    ``zone``       the time zone that is shown next to UTC
    ``book``       the reader's own names, which are shown next to the addresses of titles as the reader's
    ``pictures``   pictures to show with the title
    ``path``       a picture of the path from the document's hash to its root, shown with the file
    ``notes``      sentences to show with the title, each in all languages
    ``read_at``    the time of a page about a file that could not be read, whose report has none
    """

    languages: tuple[str, ...] = (ENGLISH,)
    zone: timezone = UTC_8
    book: AddressBook | None = None
    pictures: tuple[Picture, ...] = ()
    path: Picture | None = None
    notes: tuple[Words, ...] = ()
    read_at: datetime | None = None


DEFAULT: Final = PageOptions()
