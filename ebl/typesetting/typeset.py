"""A PDF file from a template of ours and data.

A template is a ``.typ`` file in the package; ``page.typ`` has what all of them share. It gets the data as JSON text in
``sys.inputs``: nothing in it is markup or code, and no template opens a file or a package that data names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal

from ebl.errors import InvalidInput, MissingExtra
from ebl.typesetting import fonts
from ebl.typesetting.legible import characters, is_hidden, named, shown
from ebl.typesetting.object_streams import packed

if TYPE_CHECKING:
    import typst

Paper = Literal["a4", "us-letter"]
"""The size of the pages."""
STANDARDS: Final = ("a-3a", "ua-1")
"""The profiles that typst makes: PDF/A-3a, for keeping, and PDF/UA-1, for readers that speak. No validator has confirmed it."""
MAX_DATA: Final = 8_000_000
"""The most characters of the data of one file, as JSON."""
_LINE_FEED: Final = 0x0A
_PACKAGE: Final = Path(__file__).parents[1]
_ONE_AT_A_TIME: Final = Lock()
"""A compiler is used by one thread at a time."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A text file inside the PDF. ``relationship`` is that of PDF/A-3 to the page: it is its source, or data about it."""

    name: str
    content: str
    media_type: str = "application/json"
    description: str = ""
    relationship: Literal["source", "data", "supplement"] = "source"


@dataclass(frozen=True, slots=True)
class PdfFile:
    """A PDF file, and the characters that it shows as ``U+XXXX`` because no font has them or they cannot be seen."""

    content: bytes
    replaced: tuple[str, ...]


def typeset(
    template: Path,
    data: Mapping[str, Any],
    *,
    made_at: datetime,
    paper: Paper = "a4",
    attached: Sequence[Attached] = (),
    pictures: Sequence[str] = (),
) -> PdfFile:
    """Returns the file of a template. The same arguments and fonts give the same bytes.

    ``made_at`` is the date in the file. ``pictures`` are SVG texts of ours, which the template draws by number. Texts of the
    data are cut after `LONGEST` characters (`ebl.typesetting.legible`). Raises `MissingExtra` if the extra ``pdf`` is not
    installed, and `InvalidInput` if the data is larger than `MAX_DATA`.
    """
    codes = characters(data) | {ord(one) for one in set().union(*pictures)}
    hidden = {code for code in codes if code != _LINE_FEED and is_hidden(code)}
    visible = codes - hidden - {_LINE_FEED}
    chosen = fonts.fitting(visible)
    replaced = {code: named(code) for code in sorted(hidden | chosen.lacking(visible))}
    made_at = made_at.astimezone(UTC).replace(microsecond=0)
    inputs = {
        "data": json.dumps(shown(data, replaced), ensure_ascii=False, separators=(",", ":")),
        "page": json.dumps(
            {
                "date": [made_at.year, made_at.month, made_at.day, made_at.hour, made_at.minute, made_at.second],
                "paper": paper,
                "fonts": [family for family in chosen.families if family != fonts.MONO],
                "mono": [fonts.MONO, *chosen.families] if fonts.MONO in chosen.families else [*chosen.families],
                "pictures": [one.translate(replaced) for one in pictures],
                "attached": [
                    [one.name, one.content, one.media_type, one.description or one.name, one.relationship]
                    for one in attached
                ],
            },
            ensure_ascii=False,
        ),
    }
    if sum(map(len, inputs.values())) > MAX_DATA:
        raise InvalidInput(
            f"Expected a page with at most {MAX_DATA:,} characters of data; got {sum(map(len, inputs.values())):,}.",
            fix="Attach fewer files, or write JSON.",
        )
    with _ONE_AT_A_TIME:
        compiler = _compiler(template, chosen.folders)
        made = compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=[*STANDARDS], timestamp=made_at)
    assert isinstance(made, bytes)
    return PdfFile(packed(made), tuple(replaced.values()))


@lru_cache(maxsize=8)
def _compiler(template: Path, folders: tuple[str, ...]) -> typst.Compiler:
    """A compiler for a template, which is kept: it takes as long to make as several files."""
    try:
        import typst
    except ImportError:
        raise MissingExtra("pdf") from None
    return typst.Compiler(template, root=_PACKAGE, font_paths=fonts.loaded(folders), ignore_system_fonts=True)
