"""Drawings of documents as one HTML file, without scripts and without anything from elsewhere."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from ebl.forms.form_data import DEFAULT, Box, DrawnForm, FormOptions, FormPage, Grid, form_page
from ebl.messages.catalogue import word
from ebl.model.document import Document
from ebl.reports.html import document as html_file
from ebl.reports.page_parts import Given, PageRow, Words
from ebl.typesetting.legible import legible

_STYLE: Final = """<style>
.boxes{clear:both;display:grid;grid-template-columns:1fr 1fr;border:1px solid #57606a;border-width:1px 0 0 1px}
.box{border:1px solid #57606a;border-width:0 1px 1px 0;padding:.3rem .5rem;min-height:3rem;min-width:0;overflow-wrap:anywhere}
.box h3,.part{font-size:.75rem;font-weight:400;color:#59636e;margin:0}
.box div,td{white-space:pre-line}
.lines{border:1px solid #57606a;margin:.6rem 0}.lines th,.lines td{border:1px solid #d1d9e0;
padding:.25rem .4rem;width:auto;overflow-wrap:anywhere}
.lines thead th{color:#59636e;font-size:.8rem}thead{display:table-header-group}
.other th{font-family:"Noto Sans Mono",Consolas,monospace;font-size:.8rem;width:22rem;overflow-wrap:anywhere}
.qr{float:right;width:6rem;margin:0 0 .5rem 1rem}
</style>"""


def to_html(document: Document, options: FormOptions = DEFAULT) -> str:
    """Returns the drawing of a document as an HTML file.

    Texts are cut after 2,000 characters, lists after 1,000 lines and the other content after 2,000 values; what is left out is
    counted. Raises `KeyError` if there is no catalogue of a language. Not checked: the document, which `ebl.verify` verifies.
    """
    page = form_page(document, options)
    draw = _Drawn(page)
    band = (
        f'<header><h1>{draw.words(page.title)}</h1><div class="band {page.tone}"><b>{draw.signed()}</b>'
        f"<p>{draw.words(page.meaning)}</p></div></header>"
    )
    file = f'<p class="note"><code>{_safe(page.file)}</code></p>' if page.file else ""
    forms = "".join(map(draw.form, page.forms))
    title = f"{page.title[0]}: {page.mark[0]}{f' – {page.file}' if page.file else ''}"
    body = f"{_STYLE}{_marked(page)}{band}{file}{draw.code()}{forms}<footer>{_safe(page.foot)}</footer>"
    return html_file(title, body, page.languages[0])


def _marked(page: FormPage) -> str:
    """The style that writes at the foot of each printed page what it is. All of these words are from the catalogue."""
    words = _safe("  ".join(dict.fromkeys(page.every_page))).replace("\\", "").replace('"', "")
    return f'<style>@page{{@bottom-left{{content:"{words}";font-size:8pt;color:#59636e}}}}</style>'


class _Drawn:
    """Draws the parts of a page."""

    def __init__(self, page: FormPage) -> None:
        self.page = page

    def words(self, words: Words) -> str:
        pairs = zip(self.page.languages, dict.fromkeys(words), strict=False)
        return " ".join(f'<span lang="{escape(language)}">{_safe(one)}</span>' for language, one in pairs)

    def label(self, name: str) -> str:
        return self.words(tuple(word("form", name, language) for language in self.page.languages))

    def signed(self) -> str:
        return f"{_safe(self.page.sign)} {self.words(self.page.mark)}"

    def code(self) -> str:
        """The QR code of the document's link, with the link as text."""
        if not self.page.link:
            return ""
        from ebl.sharing.links import qr_svg

        svg = b64encode(qr_svg(self.page.link)).decode()
        image = f'<img class="qr" src="data:image/svg+xml;base64,{svg}" alt="{_safe(self.page.link)}">'
        return f'{image}<p class="note">{self.label("link")}: <code>{_safe(self.page.link)}</code></p>'

    def form(self, form: DrawnForm) -> str:
        title = f"<h2>{self.words(form.title)}</h2>" if form.title else ""
        withheld = f'<p class="note">{self.words(form.withheld)}</p>' if form.withheld else ""
        grids = "".join(map(self.grid, form.grids))
        fields = self.section("other_fields", "".join(map(self.row, form.fields)))
        pairs = "".join(f'<tr><th scope="row">{_safe(at)}</th><td>{_safe(value)}</td></tr>' for at, value in form.other)
        if form.other_left_out:
            pairs += f"<tr><td></td><td>{self.more(form.other_left_out)}</td></tr>"
        other = self.section("other", pairs, kind="other")
        drawn = f"{title}{withheld}{self.boxes(form.boxes)}{grids}{self.boxes(form.lower)}"
        return f"{drawn}{fields}{other}{self.attached(form)}"

    def boxes(self, rows: Iterable[Sequence[Box]]) -> str:
        drawn = "".join(
            f'<section class="box"><h3>{self.words(box.label)}</h3>{"".join(map(self.value, box.rows))}</section>'
            for row in rows
            for box in row
        )
        return f'<div class="boxes">{drawn}</div>' if drawn else ""

    def value(self, row: PageRow) -> str:
        label = f'<span class="part">{self.words(row.label)}: </span>' if row.label else ""
        return "".join(f"<div>{label}<bdi>{_given(one)}</bdi></div>" for one in row.values)

    def row(self, row: PageRow) -> str:
        values = "".join(f"<div><bdi>{_given(one)}</bdi></div>" for one in row.values)
        return f'<tr><th scope="row">{self.words(row.label)}</th><td>{values}</td></tr>'

    def grid(self, grid: Grid) -> str:
        head = "".join(f'<th scope="col">{self.words(column)}</th>' for column in grid.columns)
        rows = "".join(f"<tr>{''.join(f'<td>{_safe(cell)}</td>' for cell in row)}</tr>" for row in grid.rows)
        more = f'<p class="note">{self.more(grid.more)}</p>' if grid.more else ""
        table = f'<table class="lines"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        return f"<section><h2>{self.words(grid.title)}</h2>{table}{more}</section>"

    def attached(self, form: DrawnForm) -> str:
        if not form.attached:
            return ""
        head = "".join(f'<th scope="col">{self.label(name)}</th>' for name in ("name", "size", "type", "sha256"))
        rows = "".join(f"<tr>{''.join(f'<td>{_safe(cell)}</td>' for cell in row)}</tr>" for row in form.attached)
        table = f'<table class="lines"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        return f"<section><h2>{self.label('attachments')}</h2>{table}</section>"

    def section(self, name: str, rows: str, *, kind: str = "") -> str:
        return f'<section><h2>{self.label(name)}</h2><table class="{kind}">{rows}</table></section>' if rows else ""

    def more(self, count: int) -> str:
        from ebl.messages.catalogue import phrase

        return self.words(tuple(phrase("form", "more", language, n=count) for language in self.page.languages))


def _given(value: Words | Given) -> str:
    return _safe(value.text) if isinstance(value, Given) else _safe(" ".join(value))


def _safe(words: str) -> str:
    return escape(legible(words))
