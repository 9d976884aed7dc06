"""Reports as PDF files, drawn from the same page data as HTML. The extra ``pdf`` is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ebl.codec.finite_json import json_dumps
from ebl.model.findings import AsData
from ebl.reports.page_data import as_data, page_of
from ebl.reports.page_parts import DEFAULT, Given, PageOptions, PageRow, PageSection, ReportPage, Words
from ebl.typesetting.typeset import Attached, Paper, PdfFile, typeset

_TEMPLATE: Final = Path(__file__).parent / "report.typ"
_MOST_DATA: Final = 1_000_000
"""How many characters a report that is put into the file may have."""


def to_pdf(report: Mapping[str, Any] | AsData, options: PageOptions = DEFAULT, *, paper: Paper = "a4") -> PdfFile:
    """Returns a page about a report as a PDF file, with the report as ``report.json`` inside unless that has over 1 MB.

    It is made as PDF/A-3a and PDF/UA-1; no validator has confirmed that. The same report, options and fonts give the same bytes.
    Otherwise as `to_html`. Raises `MissingExtra` if the extra ``pdf`` is not installed.
    """
    data = as_data(report)
    kept = _as_text(data)
    attached = [Attached("report.json", kept, description="The report as data")] if len(kept) <= _MOST_DATA else []
    return typeset(
        _TEMPLATE,
        drawn(shown := page_of(data, options)),
        made_at=shown.made_at,
        paper=paper,
        attached=attached,
        pictures=[picture.svg for section in shown.sections for picture in section.pictures],
    )


def _as_text(data: Mapping[str, Any]) -> str:
    text = json_dumps(data, ensure_ascii=False, indent=1) + "\n"
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can write
        return json_dumps(data, ensure_ascii=True, indent=1) + "\n"
    return text


def drawn(page: ReportPage) -> dict[str, Any]:
    """Returns a page as data for the template."""
    return {
        "languages": list(page.languages),
        "title": list(page.title),
        "verdict": list(page.verdict_words),
        "meaning": list(page.meaning),
        "sign": page.sign,
        "tone": page.tone,
        "file": page.file,
        "summary": [_row(row) for row in page.summary],
        "sections": [*_sections(page.sections)],
        "foot": page.foot,
        "number": list(page.number),
    }


def _sections(sections: Sequence[PageSection]) -> Iterator[dict[str, Any]]:
    """The sections. Their pictures are by number in the whole file."""
    number = 0
    for section in sections:
        pictures = [
            {"number": number + at, "title": list(one.title), "instead": " ".join(one.instead)}
            for at, one in enumerate(section.pictures)
        ]
        number += len(pictures)
        yield {
            "title": list(section.title),
            "note": list(section.note),
            "kind": section.kind,
            "rows": [_row(row) for row in section.rows],
            "pictures": pictures,
            "tables": [
                {
                    "title": list(one.title),
                    "note": list(one.note),
                    "columns": [list(words) for words in one.columns],
                    "rows": [[list(words) for words in row] for row in one.rows],
                }
                for one in section.tables
            ],
        }


def _row(row: PageRow) -> dict[str, Any]:
    return {
        "label": list(row.label),
        "values": [_value(one) for one in row.values],
        "sign": row.sign,
        "tone": row.tone,
        "code": row.code,
    }


def _value(value: Words | Given) -> dict[str, Any]:
    if isinstance(value, Given):
        return {"given": value.text, "code": value.is_code}
    return {"words": list(value)}
