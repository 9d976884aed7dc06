"""A report as a part of an HTML page, rendered from its JSON data. All text is escaped, and there is no script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from ebl.codec.printable import printable
from ebl.messages.catalogue import ENGLISH, phrase, word
from ebl.reports import text

_COLOURS: Final = {"valid": "#137333", "invalid": "#b3261e", "indeterminate": "#8a5a00"}
_FIRST: Final = ("failed", "unknown", "condition")
_MOST = 100
_LONGEST = 400


def part(report: Mapping[str, Any], *, language: str = ENGLISH) -> str:
    """The verdict, the issuers, the findings (failures first) and the time. ``report`` is as for `text_lines`."""
    verdict = report["verdict"]
    name = (report.get("file") or {}).get("name")
    heading = f'<b style="color:{_COLOURS[verdict]}">{escape(text.verdict(verdict, language))}</b>'
    named = f"{heading} {_shown(name)}" if name else heading
    return (
        f"<div><p>{named}</p><table>{''.join(_rows(report, language))}</table><p>{_moment(report, language)}</p></div>"
    )


def _rows(report: Mapping[str, Any], language: str) -> Iterator[str]:
    for issuer in report["issuers"][:_MOST]:
        who = text.proved(issuer["identity_now"], language=language)
        if claimed := text.claimed(issuer, language):
            who = phrase("report", "claimed_too", language, who=who, claimed=claimed)
        yield _row("", word("report", "issuer", language), who)
    rows = sorted(report["findings"], key=lambda row: row["outcome"] not in _FIRST)
    for row in rows[:_MOST]:
        code = f"{row['code']}: " if row["code"] else ""
        yield _row(
            text.MARKS[row["outcome"]],
            word("group", row["group"], language),
            f"{code}{text.explained(row, language)}",
        )
    if len(rows) > _MOST:
        yield _row("", "", phrase("report", "more", language, n=len(rows) - _MOST))


def _row(*cells: str) -> str:
    shown = (f'<td style="text-align:left">{_shown(cell)}</td>' for cell in cells)
    return f"<tr>{''.join(shown)}</tr>"


def _moment(report: Mapping[str, Any], language: str) -> str:
    return "<br>".join(_shown(line.strip()) for line in text.as_of(report["as_of"], language))


def _shown(words: str) -> str:
    """Text from outside, escaped, in one line and cut to a readable length."""
    cut = words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"
    return escape(printable(cut))
