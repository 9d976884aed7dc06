"""A report for people, as text: rendered from its JSON data, also from data that was kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Literal

from ebl.primitives.duration import in_words
from ebl.primitives.printable import printable
from ebl.primitives.timestamp import parse_timestamp

Tone = Literal[
    "valid", "invalid", "indeterminate", "passed", "failed", "unknown", "condition", "note", "strong", "dim", "open"
]
Style = Callable[[str, Tone], str]
"""How a part of a line is marked, in colours for instance."""

WORDS: Final[Mapping[str, str]] = {
    "valid": "VALID",
    "invalid": "NOT VALID",
    "indeterminate": "CANNOT BE DETERMINED",
}
"""The verdicts, as they are told."""

NOBODY: Final = "no verified issuer"
NOT_KEPT: Final = "not proved by the evidence (only records signed with DNSSEC prove it later)"
MARKS: Final[Mapping[str, str]] = {"passed": "✔", "failed": "✘", "unknown": "?", "condition": "!", "note": "·"}
"""The outcomes of findings, as they are marked."""


def plain(text: str, tone: Tone) -> str:
    """Text without any mark."""
    return text


def lines(report: Mapping[str, Any], *, brief: bool = False, style: Style = plain) -> Iterator[str]:
    """The verdict, then the findings. ``report`` is data as `ebl.report.Report.to_dict` gives it.

    ``brief`` gives those that passed in one line, and no remarks; conditions are given always. Whatever the document says is
    escaped, so that each is one line of a terminal.
    """
    verdict = report["verdict"]
    name = (report.get("file") or {}).get("name")
    yield style(WORDS[verdict], verdict) + (f"  {printable(name)}" if name else "")
    if not brief:
        yield from _issuers(report["issuers"], report["as_of"].get("issuance"), style)
    for row in report["findings"]:
        if not brief or row["outcome"] in ("failed", "unknown", "condition"):
            yield _row(row, style)
    if not brief:
        yield from as_of(report["as_of"])
    elif verdict != "valid":
        passed = (row for row in report["findings"] if row["outcome"] == "passed")
        held = dict.fromkeys(row["group"] for row in passed if row["group"] != "policy")
        if held:
            yield f"  {style(MARKS['passed'], 'passed')} {', '.join(held)}"


def as_of(moment: Mapping[str, Any]) -> Iterator[str]:
    """When it was found out, and how old the blocks were that it was read from."""
    yield f"  as of {_utc(moment['time'])}"
    for block in moment["blocks"]:
        kind = "" if block["finality"] == "latest" else f", {printable(block['finality'])}"
        age = timedelta(seconds=block["age_seconds"])
        old = f"{in_words(age)} old" if age >= timedelta() else f"{in_words(-age)} ahead of the clock"
        yield f"    chain {block['chain_id']} at block {block['number']}{kind}, {_utc(block['time'])}, {old}"


def who(one: Mapping[str, Any], *, style: Style = plain) -> str:
    """Whom an identity proves, and by what."""
    if one["domain"] is None:
        return printable(str(one["did"]))
    shown = "" if one["shown"] == one["domain"] else f" ({printable(one['shown'])})"
    how = f"DNS, {printable(one['assurance'])}" if one["assurance"] else "its DID"
    return f"{style(printable(one['domain']), 'strong')}{shown} (proved by {how})"


def claimed(issuer: Mapping[str, Any]) -> str:
    """What the document says of an issuer and nothing proves; empty if it says nothing more than what is proved."""
    proved = {one["did"] for one in issuer["identity_now"]}
    return ", ".join(printable(str(text)) for text in issuer["claimed"].values() if text and text not in proved)


def _issuers(issuers: Sequence[Mapping[str, Any]], issuance: str | None, style: Style) -> Iterator[str]:
    """Who it is from: what is proved first, and then what the document says of itself."""
    for issuer in issuers:
        yield f"  issued by {_all(issuer['identity_now'], style)}"
        if issuance is not None:
            yield f"            {style(f'as of {issuance}:', 'dim')} {_all(issuer['identity_at_issuance'], style, NOT_KEPT)}"
        if said := claimed(issuer):
            yield f"            {style('claimed, not proved:', 'dim')} {said}"


def _all(proved: Sequence[Mapping[str, Any]], style: Style, otherwise: str = NOBODY) -> str:
    return "; ".join(who(one, style=style) for one in proved) or style(otherwise, "open")


def _row(row: Mapping[str, Any], style: Style) -> str:
    outcome = row["outcome"]
    code = f"{row['code']}: " if row["code"] else ""
    return f"  {style(MARKS[outcome], outcome)} {row['group']:<9} {code}{printable(row['message'] or row['check'])}"


def _utc(time: str) -> str:
    return f"{parse_timestamp(time):%Y-%m-%d %H:%M:%S} UTC"
