"""A report for people, as a part of a page: rendered from its JSON data, with all text escaped, and without any script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from ebl.primitives.printable import printable
from ebl.reports import text

_COLOURS: Final = {"valid": "#137333", "invalid": "#b3261e", "indeterminate": "#8a5a00"}
_FIRST: Final = ("failed", "unknown", "condition")
_MOST = 100
_LONGEST = 400


def part(report: Mapping[str, Any]) -> str:
    """The verdict, the issuers, the findings (what speaks against it first) and the time. ``report`` is as for `text.lines`."""
    verdict = report["verdict"]
    name = (report.get("file") or {}).get("name")
    heading = f'<b style="color:{_COLOURS[verdict]}">{text.WORDS[verdict]}</b>'
    named = f"{heading} {_shown(name)}" if name else heading
    return f"<div><p>{named}</p><table>{''.join(_rows(report))}</table><p>{_moment(report)}</p></div>"


def _rows(report: Mapping[str, Any]) -> Iterator[str]:
    for issuer in report["issuers"][:_MOST]:
        proved = "; ".join(map(text.who, issuer["identity_now"])) or text.NOBODY
        claimed = text.claimed(issuer)
        yield _row("", "issued by", f"{proved} (claimed, not proved: {claimed})" if claimed else proved)
    rows = sorted(report["findings"], key=lambda row: row["outcome"] not in _FIRST)
    for row in rows[:_MOST]:
        code = f"{row['code']}: " if row["code"] else ""
        yield _row(text.MARKS[row["outcome"]], row["group"], f"{code}{row['message'] or row['check']}")
    if len(rows) > _MOST:
        yield _row("", "", f"and {len(rows) - _MOST} more")


def _row(*cells: str) -> str:
    shown = (f'<td style="text-align:left">{_shown(cell)}</td>' for cell in cells)
    return f"<tr>{''.join(shown)}</tr>"


def _moment(report: Mapping[str, Any]) -> str:
    return "<br>".join(_shown(line.strip()) for line in text.as_of(report["as_of"]))


def _shown(said: str) -> str:
    """Text of strangers, in one line and not longer than people read."""
    cut = said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"
    return escape(printable(cut))
