"""Reports as HTML: a part of a page for notebooks, and a page of its own to print and file.

All text is escaped, and there is no script and nothing from elsewhere. Both are rendered from JSON data.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from ebl.codec.printable import printable
from ebl.messages.catalogue import ENGLISH
from ebl.model.findings import AsData
from ebl.reports import text
from ebl.reports.page_data import as_data, page_of, short_rows
from ebl.reports.page_parts import (
    DEFAULT,
    Given,
    PageOptions,
    PageRow,
    PageSection,
    PageTable,
    Picture,
    ReportPage,
    Words,
)
from ebl.typesetting.legible import legible

_COLOURS: Final = {"valid": "#137333", "invalid": "#b3261e", "indeterminate": "#8a5a00"}
_MOST = 100
_LONGEST = 400


def part(report: Mapping[str, Any], *, language: str = ENGLISH) -> str:
    """The verdict, the issuers, the findings (failures first) and the time. ``report`` is as for `text_lines`."""
    verdict = report["verdict"]
    name = (report.get("file") or {}).get("name")
    heading = f'<b style="color:{_COLOURS[verdict]}">{escape(text.verdict(verdict, language))}</b>'
    named = f"{heading} {_shown(name)}" if name else heading
    rows = "".join(map(_row, short_rows(report, PageOptions(languages=(language,)), most=_MOST)))
    return f"<div><p>{named}</p><table>{rows}</table><p>{_moment(report, language)}</p></div>"


def _row(row: PageRow) -> str:
    """A row of three cells, in one language: the sign, the label, and the values."""
    (*_, label) = row.label or ("",)
    values = (value.text if isinstance(value, Given) else value[0] for value in row.values)
    *first, code = (_shown(cell) for cell in (row.sign, label, f"{row.code}: " if row.code else ""))
    cells = (*first, code + "<br>".join(map(_shown, values)))
    return "<tr>" + "".join(f'<td style="text-align:left">{cell}</td>' for cell in cells) + "</tr>"


def _moment(report: Mapping[str, Any], language: str) -> str:
    return "<br>".join(_shown(line.strip()) for line in text.as_of(report["as_of"], language))


def _shown(words: str) -> str:
    """Text from outside, escaped, in one line and cut to a readable length."""
    cut = words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"
    return escape(printable(cut))


# a page of its own ----------------------------------------------------------------------------------------------------

_STYLE: Final = """
:root{--ink:#1f2328;--faint:#59636e;--line:#d1d9e0;--plain:#f3f5f7}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1.5rem;color:var(--ink);background:#fff;line-height:1.6;line-break:strict;
font:15px/1.6 "Noto Sans","Segoe UI","Helvetica Neue",Arial,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}
h1{font-size:1.1rem;font-weight:600;color:var(--faint);margin:0 0 .6rem}
h2{font-size:1.05rem;margin:1.6rem 0 .4rem;padding-bottom:.2rem;border-bottom:1px solid var(--line);break-after:avoid}
.band{border-left:.5rem solid;padding:.8rem 1rem;border-radius:.2rem}
.band b{font-size:1.5rem;line-height:1.3;display:block}.band .two b{font-size:1.3rem}
.good{color:#116329;background:#e6f4ea}.bad{color:#b3261e;background:#fce8e6}.open{color:#7a4f00;background:#fff4d6}
.plain{color:var(--faint);background:var(--plain)}
.band p{margin:.2rem 0 0;color:var(--ink)}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}
th{font-weight:400;color:var(--faint);width:13rem}
td.sign{width:2rem;padding:.3rem .4rem;text-align:center;font-weight:700}td.group{width:9.5rem;padding-left:.6rem}
tr{break-inside:avoid}
p.note{color:var(--faint);margin:.2rem 0 .4rem}
code,.code{font:0.92em "Noto Sans Mono",Consolas,Menlo,monospace;overflow-wrap:anywhere}
td div{overflow-wrap:anywhere}bdi{white-space:pre-line}
.two{display:grid;grid-template-columns:1fr 1fr;gap:0 1.2rem}
.two>*{min-width:0}
table.grid th{width:auto}table.grid td,table.grid th{padding-right:.9rem}
table.counts{width:auto}table.counts td{padding:.3rem .8rem}
table.files{table-layout:fixed}table.files th{padding-left:.6rem}table.files td{padding-left:.6rem;overflow-wrap:anywhere}
table.files th{width:11rem}table.files th:nth-child(1){width:2rem}table.files th:nth-child(2){width:9.5rem}
table.files th:nth-child(3){width:auto}table.files th:nth-child(4){width:9rem}table.files th:nth-child(6){width:13rem}
a{color:inherit;text-underline-offset:.25em}
ul{margin:.2rem 0;padding-left:1.2rem}
img{max-width:100%}
footer{margin-top:1.6rem;padding-top:.4rem;border-top:1px solid var(--line);color:var(--faint);font-size:.85rem}
@page{margin:16mm 18mm;@bottom-right{content:counter(page) " / " counter(pages);font-size:8pt;color:#59636e}}
@media print{body{max-width:none;padding:0;font-size:9.5pt}.band,td.sign{-webkit-print-color-adjust:exact;
print-color-adjust:exact}a{color:inherit;text-decoration:none}}
"""


def to_html(report: Mapping[str, Any] | AsData, options: PageOptions = DEFAULT) -> str:
    """Returns a page about a report, as one HTML file without scripts and without anything from elsewhere, to print and file.

    ``report`` is a report, or its data as `ebl.reports.Report.to_dict` returns it. Texts are cut after 400 characters, and the
    first 200 findings are shown, with the number of the others. Raises `KeyError` if there is no catalogue of a language.
    """
    return rendered(page_of(as_data(report), options))


def rendered(shown: ReportPage) -> str:
    """Returns the page as HTML."""
    render = _Rendered(shown.languages)
    head = (
        f'<header><h1>{render.inline(shown.title)}</h1><div class="band {shown.tone}">'
        f"<b>{render.words(_signed(shown))}</b><p>{render.words(shown.meaning)}</p></div></header>"
    )
    file = f'<p class="note"><code>{_safe(shown.file)}</code></p>' if shown.file else ""
    body = "".join(render.section(one) for one in shown.sections)
    foot = f"<footer>{_safe(shown.foot)}</footer>"
    title = f"{shown.title[0]}: {shown.verdict_words[0]}{f' – {shown.file}' if shown.file else ''}"
    return document(title, f"{head}{file}{render.table(shown.summary)}{body}{foot}", shown.languages[0])


def document(title: str, body: str, language: str) -> str:
    """Returns a whole HTML file. ``body`` is HTML, ``title`` is text."""
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
        f"<title>{_safe(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )


def _signed(shown: ReportPage) -> Words:
    return tuple(f"{shown.sign} {words}" for words in shown.verdict_words)


class _Rendered:
    """Renders the parts of a page. Words that differ by language are side by side."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = languages

    def words(self, words: Words) -> str:
        if len(set(words)) == 1:
            return _safe(words[0])
        marked = (
            f'<span lang="{escape(language)}">{_safe(one)}</span>'
            for language, one in zip(self.languages, words, strict=True)
        )
        return f'<span class="two">{"".join(marked)}</span>' if words else ""

    def inline(self, words: Words) -> str:
        """Words of a heading or label: those of several languages below each other or in a line, as there is room."""
        marked = (
            f'<span lang="{escape(language)}">{_safe(one)}</span>'
            for language, one in zip(self.languages, dict.fromkeys(words), strict=False)
        )
        return " <wbr>".join(marked)

    def section(self, section: PageSection) -> str:
        note = f'<p class="note">{self.words(section.note)}</p>' if section.note else ""
        if section.kind == "list":
            rows = f"<ul>{''.join(f'<li>{self.values(row)}</li>' for row in section.rows)}</ul>"
        elif section.kind == "findings":
            rows = f"<table>{''.join(map(self.finding, section.rows))}</table>"
        else:
            rows = self.table(section.rows)
        tables = "".join(map(self.grid, section.tables))
        pictures = "".join(map(self.picture, section.pictures))
        return f"<section><h2>{self.inline(section.title)}</h2>{note}{rows}{tables}{pictures}</section>"

    def grid(self, table: PageTable) -> str:
        head = "".join(f'<th scope="col">{self.inline(one)}</th>' for one in table.columns)
        rows = "".join(
            f'<tr><th scope="row">{self.inline(first)}</th>{"".join(f"<td>{self.inline(cell)}</td>" for cell in cells)}</tr>'
            for first, *cells in table.rows
        )
        note = f'<p class="note">{self.words(table.note)}</p>' if table.note else ""
        title = f"<p><b>{self.inline(table.title)}</b></p>"
        return f'{title}{note}<table class="grid"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'

    def table(self, rows: Sequence[PageRow]) -> str:
        return f"<table>{''.join(map(self.row, rows))}</table>" if rows else ""

    def row(self, row: PageRow) -> str:
        label = self.inline(row.label) if row.label else f"<code>{_safe(row.code)}</code>" if row.code else ""
        return f'<tr><th scope="row">{label}</th><td>{self.values(row)}</td></tr>'

    def finding(self, row: PageRow) -> str:
        code = f"<div><code>{_safe(row.code)}</code></div>" if row.code else ""
        sign = f'<td class="sign {row.tone}">{_safe(row.sign)}</td>' if row.sign else "<td></td>"
        return f'<tr>{sign}<td class="group">{self.inline(row.label)}</td><td>{code}{self.values(row)}</td></tr>'

    def values(self, row: PageRow) -> str:
        return "".join(f"<div>{self.value(one)}</div>" for one in row.values)

    def value(self, value: Words | Given) -> str:
        if not isinstance(value, Given):
            return self.words(value)
        return f"<code>{_safe(value.text)}</code>" if value.is_code else f"<bdi>{_safe(value.text)}</bdi>"

    def picture(self, picture: Picture) -> str:
        content = b64encode(picture.svg.encode()).decode()
        title = f"<p><b>{self.inline(picture.title)}</b></p>" if picture.title else ""
        return f'{title}<p><img src="data:image/svg+xml;base64,{content}" alt="{_safe(" ".join(picture.instead))}"></p>'


def _safe(words: str) -> str:
    """Text from anywhere, escaped, in which nothing is invisible or reorders the line."""
    return escape(legible(words))
