"""The cover sheet of many reports: how many there are of each verdict, and a row for every file, as data, HTML and PDF."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from ebl import __version__
from ebl.codec.timestamp import format_timestamp
from ebl.messages.catalogue import phrase, word
from ebl.reports.html import document
from ebl.reports.page_data import LONGEST, moment_words
from ebl.reports.page_parts import SIGNS, TONES, PageOptions
from ebl.typesetting.legible import legible
from ebl.typesetting.typeset import Paper, PdfFile, typeset

VERDICTS: Final = ("invalid", "unreadable", "indeterminate", "passed_over", "valid")
"""What a row can be, in the order of the counts: first what needs to be looked at."""
_TEMPLATE: Final = Path(__file__).parent / "cover_sheet.typ"
_MOST_IN_PDF: Final = 5_000
_MOST_CODES: Final = 4


def cover_row(report: Mapping[str, Any], *, name: str, place: str | None = None) -> dict[str, Any]:
    """Returns the row of one file, from a line of ``ebl verify --json``: a report, an unreadable or a passed-over file.

    ``name`` is what the row shows for the file, and ``place`` where its report is, relative to the cover sheet.
    """
    passed_over, error = report.get("passed_over"), report.get("error")
    findings = report.get("findings", ())
    wanted = {"invalid": "failed", "indeterminate": "unknown", "valid": "condition"}.get(report["verdict"] or "")
    codes = [row["code"] for row in findings if row["outcome"] == wanted]
    number = ((report.get("bill") or {}).get("fields") or {}).get("number")
    return {
        "name": name,
        "file": report["file"],
        "verdict": report["verdict"] or ("passed_over" if passed_over else "unreadable"),
        "number": number["entries"][0]["text"] if number and number["entries"] else None,
        "issuers": [issuer["identity_now"] for issuer in report.get("issuers", ())],
        "codes": list(dict.fromkeys([error["code"]] if error else codes)),
        "reason": passed_over["message"] if passed_over else None,
        "as_of": report["as_of"]["time"] if "as_of" in report else None,
        "report": place,
    }


def cover_data(rows: Sequence[Mapping[str, Any]], *, made_at: datetime, plan: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the cover sheet as JSON data. ``plan`` is what the reports have in common."""
    counts = Counter(row["verdict"] for row in rows)
    return {
        "made_by": {"program": "ebl", "version": __version__},
        "time": format_timestamp(made_at, to="auto"),
        "plan": dict(plan),
        "counts": {verdict: counts[verdict] for verdict in VERDICTS},
        "files": list(rows),
    }


def cover_html(cover: Mapping[str, Any], made_at: datetime, options: PageOptions) -> str:
    """Returns the cover sheet as one HTML file, with links to the reports."""
    shown = _Shown(cover, made_at, options)
    counts = "".join(
        f'<tr><td class="sign {TONES[name]}">{SIGNS[name]}</td><td>{_safe(words)}</td><td>{count}</td></tr>'
        for name, words, count in shown.counts()
    )
    rows = "".join(
        f'<tr><td class="sign {TONES[row["verdict"]]}">{SIGNS[row["verdict"]]}</td><td>{_safe(row["words"])}</td>'
        f"<td>{_linked(row)}</td><td><bdi>{_safe(row['number'])}</bdi></td><td>{_safe(row['issuer'])}</td>"
        f"<td>{_safe(row['why'])}</td></tr>"
        for row in shown.rows()
    )
    heads = "".join(f"<th>{_safe(name)}</th>" for name in ("", *shown.heads))
    body = (
        f'<h1>{_safe(shown.title)}</h1><p>{_safe(shown.time)}</p><table class="counts">{counts}</table>'
        f'<p class="note">{_safe(shown.note)}</p><table class="files"><tr>{heads}</tr>{rows}</table>'
        f"<footer>{_safe(shown.foot)}</footer>"
    )
    return document(shown.title, body, options.languages[0])


def cover_pdf(cover: Mapping[str, Any], made_at: datetime, options: PageOptions, *, paper: Paper = "a4") -> PdfFile:
    """Returns the cover sheet as a PDF file; of more than 5,000 files, it lists the first ones and states how many more.

    Raises `MissingExtra` if the extra ``pdf`` is not installed.
    """
    shown = _Shown(cover, made_at, options)
    left = max(0, len(cover["files"]) - _MOST_IN_PDF)
    data = {
        "languages": list(options.languages),
        "title": shown.title,
        "time": shown.time,
        "note": shown.note,
        "heads": list(shown.heads),
        "counts": [[SIGNS[name], TONES[name], words, str(count)] for name, words, count in shown.counts()],
        "rows": [
            [
                SIGNS[row["verdict"]],
                TONES[row["verdict"]],
                *(row[name] for name in ("words", "name", "number", "issuer", "why")),
            ]
            for row in shown.rows(_MOST_IN_PDF)
        ],
        "more": shown.both("more", n=left) if left else "",
        "foot": shown.foot,
        "number": shown.both("number", x="{x}", y="{y}"),
    }
    return typeset(_TEMPLATE, data, made_at=made_at, paper=paper)


class _Shown:
    """The words of a cover sheet, in all of its languages."""

    def __init__(self, cover: Mapping[str, Any], made_at: datetime, options: PageOptions) -> None:
        self.cover, self.options = cover, options
        self.title = self.words("page", "index_title")
        self.note = self.words("page", "index_note")
        self.heads = tuple(self.words("label", name) for name in ("verdict", "file_name", "number", "issuer", "reason"))
        self.time = self.joined(moment_words(made_at, options.zone, language) for language in options.languages)
        self.foot = f"ebl {cover['made_by']['version']}"

    def joined(self, words: Iterator[str]) -> str:
        return " / ".join(dict.fromkeys(words))

    def words(self, section: str, name: str) -> str:
        return self.joined(word(section, name, language) for language in self.options.languages)

    def both(self, name: str, **params: Any) -> str:
        return self.joined(phrase("page", name, language, **params) for language in self.options.languages)

    def verdict(self, verdict: str) -> str:
        return self.words("page" if verdict in ("unreadable", "passed_over") else "verdict", verdict)

    def counts(self) -> Iterator[tuple[str, str, int]]:
        for verdict, count in self.cover["counts"].items():
            if count:
                yield verdict, self.verdict(verdict), count

    def rows(self, most: int | None = None) -> Iterator[dict[str, str]]:
        """The rows, first those that need to be looked at."""
        ordered = sorted(self.cover["files"], key=lambda row: VERDICTS.index(row["verdict"]))
        for row in ordered[:most]:
            issuers = (self.issuer(identities) for identities in row["issuers"][:3])
            codes = row["codes"][:_MOST_CODES] + (["…"] if len(row["codes"]) > _MOST_CODES else [])
            yield {
                "verdict": row["verdict"],
                "words": self.verdict(row["verdict"]),
                "name": row["name"][-LONGEST:],
                "href": quote(row["report"].encode("utf-8", "surrogateescape")) if row["report"] else "",
                "number": (row["number"] or "")[:80],
                "issuer": "; ".join(dict.fromkeys(issuers)),
                "why": row["reason"] or " ".join(codes),
            }

    def issuer(self, identities: Sequence[Mapping[str, Any]]) -> str:
        if identities:
            return "; ".join(str(one["shown"] or one["did"]) for one in identities)[:LONGEST]
        return self.words("report", "nobody")


def _linked(row: Mapping[str, str]) -> str:
    name = f"<bdi>{_safe(row['name'])}</bdi>"
    return f'<a href="{escape(row["href"])}">{name}</a>' if row["href"] else name


def _safe(words: str) -> str:
    return escape(legible(words))
