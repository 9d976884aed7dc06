"""Drawings of documents as PDF files, from the same page data as HTML. The extra ``pdf`` is needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from ebl.codec.cells import cells
from ebl.forms.form_data import DEFAULT, Box, DrawnForm, FormOptions, Grid, form_page
from ebl.messages.catalogue import phrase, word
from ebl.model.document import Document
from ebl.reports.page_parts import Given, PageRow
from ebl.typesetting.typeset import Paper, PdfFile, typeset

_TEMPLATE: Final = Path(__file__).parent / "form.typ"
_LABELS: Final = ("other_fields", "other", "attachments", "name", "size", "type", "sha256", "link")


def to_pdf(document: Document, options: FormOptions = DEFAULT, *, paper: Paper = "a4") -> PdfFile:
    """Returns the drawing of a document as a PDF file, made as PDF/A-3a and PDF/UA-1; no validator has confirmed that.

    The same document, options and fonts give the same bytes. Otherwise as `to_html`. Raises `ebl.errors.MissingExtra` without
    the extra ``pdf``, and `ebl.errors.InvalidInput` if the drawing is larger than a page may be.
    """
    page = form_page(document, options)
    svg = ""
    if page.link:
        from ebl.sharing.links import qr_svg

        svg = qr_svg(page.link).decode()
    data = {
        "languages": list(page.languages),
        "title": list(page.title),
        "mark": list(page.mark),
        "meaning": list(page.meaning),
        "sign": page.sign,
        "tone": page.tone,
        "file": page.file,
        "link": page.link,
        "qr": svg,
        "foot": f"{'  '.join(dict.fromkeys(page.every_page))}\n{page.foot}",
        "number": list(page.number),
        "labels": {name: [word("form", name, language) for language in page.languages] for name in _LABELS},
        "forms": [_form(one, page.languages) for one in page.forms],
    }
    return typeset(_TEMPLATE, data, made_at=page.made_at, paper=paper)


def _form(form: DrawnForm, languages: Sequence[str]) -> dict[str, Any]:
    return {
        "title": list(form.title),
        "withheld": list(form.withheld),
        "boxes": _boxes(form.boxes),
        "grids": [
            {**asdict(grid), "widths": _widths(grid), "more": _more(grid.more, languages)} for grid in form.grids
        ],
        "lower": _boxes(form.lower),
        "fields": [_row(row) for row in form.fields],
        "other": [list(pair) for pair in form.other],
        "more": _more(form.other_left_out, languages),
        "attached": [list(row) for row in form.attached],
    }


def _widths(grid: Grid) -> list[int]:
    """The shares of the columns in the width: by their longest line, within limits, and by the longest word of the heading."""
    columns = zip(*grid.rows, strict=True)
    longest = [max(cells(line) for cell in column for line in cell.split("\n")) for column in columns]
    heads = [max(cells(one) for label in words for one in label.split()) for words in grid.columns]
    return [max(8, min(30, length), head) for length, head in zip(longest, heads, strict=True)]


def _more(count: int, languages: Sequence[str]) -> list[str]:
    return [phrase("form", "more", language, n=count) for language in languages] if count else []


def _boxes(rows: Iterable[Sequence[Box]]) -> list[list[dict[str, Any]]]:
    return [[{"label": list(box.label), "rows": [_row(row) for row in box.rows]} for box in row] for row in rows]


def _row(row: PageRow) -> dict[str, Any]:
    values = [one.text if isinstance(one, Given) else " ".join(one) for one in row.values]
    return {"label": list(row.label), "values": values}
