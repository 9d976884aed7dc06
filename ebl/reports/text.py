"""A report as text, in any language of the catalogue. It is rendered from JSON data, so also from a report that was kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, Final, Literal

from ebl.codec.cells import cells
from ebl.codec.printable import printable
from ebl.messages import catalogue, parse
from ebl.messages.catalogue import ENGLISH, phrase, render, word

Tone = Literal[
    "valid", "invalid", "indeterminate", "passed", "failed", "unknown", "condition", "note", "strong", "dim", "open"
]
Style = Callable[[str, Tone], str]
"""A function that marks a part of a line, for example with colours."""

MARKS: Final[Mapping[str, str]] = {"passed": "✔", "failed": "✘", "unknown": "?", "condition": "!", "note": "·"}
"""The marks of the outcomes of findings."""
_TITLE: Final = "token_registry"
"""The check whose fact names the holder of a title."""
_SOURCES: Final = ("source.", "chain.", "dns.", "did.", "web.", "install.")
"""The prefixes of the codes of sources: an error of a source is not the document's."""
_OF_DOCUMENTS: Final = {"chain.not_named", "did.key_expired"}
"""Codes with these prefixes that do state something about the document."""


def plain(text: str, tone: Tone) -> str:
    """Text without any mark."""
    return text


def verdict(name: str, language: str = ENGLISH) -> str:
    """The words of a verdict."""
    return word("verdict", name, language)


def lines(
    report: Mapping[str, Any], *, brief: bool = False, style: Style = plain, language: str = ENGLISH
) -> Iterator[str]:
    """The verdict, then the findings. ``report`` is data as `ebl.reports.Report.to_dict` returns it.

    ``brief`` shows of a VALID document who issued it and who holds the title, of any other what passed in one line, and no
    remarks; conditions are always shown. Text of the document is escaped, so that each finding is one line of a terminal.

    Raises `KeyError` if there is no catalogue of the ``language``.
    """
    name = (report.get("file") or {}).get("name")
    yield style(verdict(report["verdict"], language), report["verdict"]) + (f"  {printable(name)}" if name else "")
    valid = report["verdict"] == "valid"
    if not brief:
        yield from _issuers(report["issuers"], report["as_of"].get("issuance"), style, language)
    elif valid:
        for issuer in report["issuers"]:
            now = proved(issuer["identity_now"], style=style, language=language)
            yield f"  {phrase('report', 'issued_by', language, who=now)}"
    for row in report["findings"]:
        is_title = valid and row["outcome"] == "passed" and row["check"] == _TITLE
        if not brief or is_title or row["outcome"] in ("failed", "unknown", "condition"):
            yield _row(row, style, language)
    if not brief:
        yield from as_of(report["as_of"], language)
    elif not valid:
        passed = (row for row in report["findings"] if row["outcome"] == "passed")
        held = dict.fromkeys(row["group"] for row in passed if row["group"] != "policy")
        if held:
            groups = word("style", "list", language).join(word("group", group, language) for group in held)
            yield f"  {style(MARKS['passed'], 'passed')} {groups}"


def as_of(moment: Mapping[str, Any], language: str = ENGLISH) -> Iterator[str]:
    """The verification time, and the age of the blocks that were read."""
    yield f"  {phrase('report', 'as_of', language, time=moment['time'])}"
    for block in moment["blocks"]:
        age = timedelta(seconds=block["age_seconds"])
        old = phrase("report", "old" if age >= timedelta() else "ahead", language, age=abs(age).total_seconds())
        told = {"chain": block["chain_id"], "block": block["number"], "time": block["time"], "age": old}
        if block["finality"] == "latest":
            yield f"    {phrase('report', 'block', language, **told)}"
        else:
            yield f"    {phrase('report', 'block_of', language, finality=printable(block['finality']), **told)}"


def said(row: Mapping[str, Any], language: str = ENGLISH) -> str:
    """The words of a finding: in English as they were kept, else from its key and parameters if the catalogue has the key."""
    if language != ENGLISH and row.get("key"):
        try:
            return render(parse({"key": row["key"], "params": row["params"]}), language)
        except (KeyError, TypeError, ValueError):  # not as `to_dict` writes it
            pass
    return str(row["message"])


def explained(row: Mapping[str, Any], language: str = ENGLISH) -> str:
    """The words of a finding. Those of a source's error end with "This says nothing about the document."."""
    words, code = said(row, language) or row["check"], row["code"] or ""
    if row["outcome"] != "unknown" or not code.startswith(_SOURCES) or code in _OF_DOCUMENTS:
        return words
    return phrase("report", "outside", language, because=words.rstrip(".。"))


def who(one: Mapping[str, Any], *, style: Style = plain, language: str = ENGLISH) -> str:
    """The domain or DID of a verified identity, and how it was verified."""
    if one["domain"] is None:
        return printable(str(one["did"]))
    name = style(printable(one["domain"]), "strong")
    if one["shown"] != one["domain"]:
        name = phrase("report", "shown_as", language, domain=name, shown=printable(one["shown"]))
    if one["assurance"]:
        return phrase("report", "proved_by_dns", language, domain=name, assurance=printable(one["assurance"]))
    return phrase("report", "proved_by_did", language, domain=name)


def claimed(issuer: Mapping[str, Any], language: str = ENGLISH) -> str:
    """What the document claims of an issuer without proof; empty if it claims nothing beyond what is verified."""
    proved = {one["did"] for one in issuer["identity_now"]}
    texts = (printable(str(text)) for text in issuer["claimed"].values() if text and text not in proved)
    return word("style", "list", language).join(texts)


def proved(
    several: Sequence[Mapping[str, Any]], *, style: Style = plain, language: str = ENGLISH, otherwise: str = "nobody"
) -> str:
    """The verified identities in words; ``otherwise`` names the phrase for none."""
    shown = (who(one, style=style, language=language) for one in several)
    return word("style", "messages", language).join(shown) or style(word("report", otherwise, language), "open")


def _issuers(issuers: Sequence[Mapping[str, Any]], issuance: str | None, style: Style, language: str) -> Iterator[str]:
    """The issuers: first what is verified, then what the document claims."""
    for issuer in issuers:
        now = proved(issuer["identity_now"], style=style, language=language)
        yield f"  {phrase('report', 'issued_by', language, who=now)}"
        if issuance is not None:
            then = proved(issuer["identity_at_issuance"], style=style, language=language, otherwise="not_kept")
            yield _below("at_issuance", then, style, language, time=issuance)
        if own := claimed(issuer, language):
            yield _below("claimed", own, style, language)


def _below(label: str, text: str, style: Style, language: str, **params: str) -> str:
    """A line below ``issued by``, in the column of what follows that. A full-width colon has its space within."""
    indent = " " * (2 + cells(phrase("report", "issued_by", language, who="")))
    shown = phrase("report", label, language, **params)
    return f"{indent}{style(shown, 'dim')}{'' if shown.endswith('：') else ' '}{text}"


def _row(row: Mapping[str, Any], style: Style, language: str) -> str:
    outcome, group = row["outcome"], word("group", row["group"], language)
    code = f"{row['code']}: " if row["code"] else ""
    text = printable(explained(row, language))
    return f"  {style(MARKS[outcome], outcome)} {group}{' ' * (_column(language) - cells(group))} {code}{text}"


@cache
def _column(language: str) -> int:
    """The width of the column of groups, in cells of a terminal."""
    return max(map(cells, catalogue.templates(language)["group"].values()))
