"""What a page about a report shows, as plain data: `ebl.reports.html` and `ebl.reports.pdf` draw it and add nothing.

It is made from a report's JSON data (`ebl.reports.Report.to_dict`), so also of a report that was kept. Its parts are those of
`ebl.reports.page_parts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any, Final

from ebl.codec.jcs import canonical
from ebl.codec.timestamp import format_timestamp, parse_timestamp
from ebl.codes import page as page_of_code
from ebl.messages.catalogue import ENGLISH, phrase, word
from ebl.model.findings import AsData
from ebl.reports import text
from ebl.reports.moves_table import moves_table
from ebl.reports.page_parts import (
    DEFAULT,
    SIGNS,
    TONES,
    Given,
    PageOptions,
    PageRow,
    PageSection,
    PageTable,
    ReportPage,
    Words,
)

_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The date of a page about a file that could not be read, if the caller gives none."""
MOST_FINDINGS: Final = 200
LONGEST: Final = 400
"""How many characters of a text from outside are shown. The report as JSON has the rest."""
_MOST: Final = 50
_MOST_TABLES: Final = 5
_ORDER: Final = ("failed", "unknown", "condition", "passed", "note")
_BILL: Final = (
    *("number", "shipper", "consignee", "notify_party", "carrier", "vessel", "voyage", "place_of_receipt"),
    *("port_of_loading", "port_of_discharge", "place_of_delivery", "shipped_on_board_date", "issue_date", "to_order"),
)
"""The fields of a bill that a page shows, by the names of `ebl.bill`."""
_PLACE: Final = (".name", ".displayed_name", ".code")
"""The parts of a place that are fields by themselves."""
_MOST_LINES: Final = 8


def page_of(report: Mapping[str, Any], options: PageOptions = DEFAULT) -> ReportPage:
    """Returns the page about a report, or about a file that could not be read (``error`` in place of findings).

    Raises `KeyError` if there is no catalogue of a language.
    """
    return _Writer(report, options).page()


def short_rows(report: Mapping[str, Any], options: PageOptions, *, most: int) -> tuple[PageRow, ...]:
    """Returns the issuers and the findings only, those that decide first and without what to do, for a part of a page."""
    writer = _Writer(report, options)
    return (*writer.issuers(), *writer.findings(report["findings"], most=most, explains=False))


def as_data(report: Mapping[str, Any] | AsData) -> Mapping[str, Any]:
    """Returns a report as JSON data, whether it is data already."""
    return report if isinstance(report, Mapping) else report.to_dict()


def policy_digest(policy: Mapping[str, Any]) -> str:
    """Returns the SHA-256 of a policy's rules, as they are in a report: of the member ``rules`` as canonical JSON (RFC 8785)."""
    return sha256(canonical(policy["rules"])).hexdigest()


def moment_words(when: datetime, zone: timezone, language: str) -> str:
    """Returns a time in UTC, with the local time in brackets; the local date too if it is another one."""
    date, clock = f"{when:%Y-%m-%d}", f"{when:%H:%M:%S}"
    try:
        local = when.astimezone(zone)
    except OverflowError:  # the first and last hours of all times, which a node may return
        return phrase("page", "moment_utc", language, date=date, clock=clock)
    if not local.utcoffset():
        return phrase("page", "moment_utc", language, date=date, clock=clock)
    shown = f"{local:%H:%M:%S}" if local.date() == when.date() else f"{local:%Y-%m-%d}\u00a0{local:%H:%M:%S}"
    return phrase("page", "moment", language, date=date, clock=clock, zone=_offset(local), local=shown)


def _offset(when: datetime) -> str:
    sign, seconds = "+", int((when.utcoffset() or timedelta()).total_seconds())
    if seconds < 0:
        sign, seconds = "-", -seconds
    return f"UTC{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}"


class _Writer:
    """Writes one page."""

    def __init__(self, report: Mapping[str, Any], options: PageOptions) -> None:
        self.report, self.options = report, options
        self.file = report.get("file") or {}

    def page(self) -> ReportPage:
        verdict = self.report["verdict"] or "unreadable"
        return ReportPage(
            languages=self.options.languages,
            title=self.word("title"),
            verdict=verdict,
            verdict_words=self.verdict(verdict),
            meaning=self.meaning(verdict),
            sign=SIGNS[verdict],
            tone=TONES[verdict],
            file=_cut(self.file.get("name") or ""),
            summary=tuple(self.summary()),
            sections=tuple(one for one in self.sections(verdict) if one.rows or one.pictures),
            foot=f"ebl {self.version} · SHA-256 {self.file.get('sha256') or '–'}",
            number=tuple(phrase("page", "number", language, x="{x}", y="{y}") for language in self.options.languages),
            made_at=self.made_at,
        )

    @property
    def version(self) -> str:
        return str(self.report["made_by"]["version"])

    @property
    def made_at(self) -> datetime:
        """The time of the verification, so that the same report gives the same page."""
        moment = self.report.get("as_of")
        return parse_timestamp(moment["time"]) if moment else self.options.read_at or _BEGINNING

    # words -----------------------------------------------------------------------------------------------------------

    def word(self, name: str, section: str = "page") -> Words:
        return tuple(_capital(word(section, name, language)) for language in self.options.languages)

    def phrase(self, name: str, /, **params: Any) -> Words:
        return tuple(phrase("page", name, language, **params) for language in self.options.languages)

    def moment(self, when: str) -> Words:
        return tuple(
            moment_words(parse_timestamp(when), self.options.zone, language) for language in self.options.languages
        )

    def verdict(self, verdict: str) -> Words:
        return self.word(verdict, "page" if verdict == "unreadable" else "verdict")

    def meaning(self, verdict: str) -> Words:
        if verdict == "valid" and self.report["conditions"]:
            return self.word("valid_on_conditions")
        return self.word(f"{verdict}_means")

    def label(self, name: str) -> Words:
        return self.word(name, "label")

    # the parts of the page -------------------------------------------------------------------------------------------

    def summary(self) -> Iterator[PageRow]:
        """What is read first: the bill's number, who is verified as its issuer, who holds it, and as of when."""
        fields = (self.report.get("bill") or {}).get("fields") or {}
        if number := fields.get("number"):
            yield PageRow(self.label("number"), self.entries(number))
        issuers = (self.proved(issuer["identity_now"]) for issuer in self.report.get("issuers", ())[:_MOST])
        for proved in list(dict.fromkeys(issuers))[:3]:
            yield PageRow(self.label("issuer"), (proved,))
        for title in self.report.get("titles", ())[:3]:
            yield PageRow(self.label("state"), (self.state(title),))
            for name in ("holder", "beneficiary"):
                if title[name] and title[name] != "0x" + "0" * 40:
                    yield PageRow(self.label(name), self.address(title[name]))
        if moment := self.report.get("as_of"):
            yield PageRow(self.label("as_of"), (self.moment(moment["time"]),))
        elif at := self.options.read_at:
            yield PageRow(self.label("read_at"), (self.moment(format_timestamp(at)),))

    def sections(self, verdict: str) -> Iterator[PageSection]:
        if verdict == "unreadable":
            yield PageSection(self.word("error"), (self.error(),), kind="findings")
        else:
            rows = [row for row in self.report["findings"] if row["outcome"] != "condition"]
            findings = PageSection(self.word("findings"), tuple(self.findings(rows)), kind="findings")
            conditions = tuple(self.findings(self.report["conditions"]))
            first = PageSection(self.word("conditions"), conditions, kind="findings")
            # A VALID is read with its conditions, and anything else with the reasons for it.
            yield from (first, findings) if verdict == "valid" else (findings, first)
            yield PageSection(self.word("bill"), tuple(self.bill()), note=self.word("bill_note"))
            yield PageSection(self.word("issuers"), tuple(self.issuers()))
            yield PageSection(
                self.word("titles"),
                tuple(self.titles()),
                note=self.word("titles_note"),
                pictures=self.options.pictures,
                tables=tuple(self.moves()),
            )
            yield PageSection(self.word("limits"), tuple(self.limits(verdict)), kind="list")
            yield PageSection(self.word("sources"), tuple(self.sources()))
            yield PageSection(self.word("policy"), tuple(self.policy()))
        path = () if self.options.path is None else (self.options.path,)
        yield PageSection(self.word("file"), tuple(self.facts_of_file()), pictures=path)

    def error(self) -> PageRow:
        error = self.report["error"]
        values: tuple[Words | Given, ...] = (Given(_cut(error["message"])), *self.to_do(error["code"]))
        return PageRow((), values, sign=SIGNS["unreadable"], tone=TONES["unreadable"], code=error["code"])

    def findings(
        self, rows: Sequence[Mapping[str, Any]], *, most: int = MOST_FINDINGS, explains: bool = True
    ) -> Iterator[PageRow]:
        """The findings, those that decide first. The first one of each code that needs it ``explains`` what to do."""
        explained: set[str] = set()
        for row in sorted(rows, key=lambda row: _ORDER.index(row["outcome"]))[:most]:
            outcome, code = row["outcome"], row["code"] or ""
            said = tuple(_capital(_cut(text.explained(row, language))) for language in self.options.languages)
            values: tuple[Words, ...] = (said,)
            if explains and outcome in ("failed", "unknown", "condition") and code and code not in explained:
                explained.add(code)
                values += self.to_do(code)
            yield PageRow(self.word(row["group"], "group"), values, text.MARKS[outcome], TONES[outcome], code)
        if len(rows) > most:
            yield PageRow((), (self.phrase("more_findings", n=len(rows) - most),))

    def to_do(self, code: str) -> tuple[Words, ...]:
        """What to do, by the page of the code, in the languages that have one."""
        found = tuple(to_do(code, language) for language in self.options.languages)
        return (found,) if any(found) else ()

    def bill(self) -> Iterator[PageRow]:
        bill = self.report.get("bill")
        if bill is None:
            return
        for name in (f"{name}{part}" for name in _BILL for part in ("", *_PLACE)):
            if field := bill["fields"].get(name):
                values = self.entries(field)
                if field["state"] == "ambiguous":
                    values += (self.word("ambiguous"),)
                yield PageRow(self.label(name) if name == "number" else self.word(name, "field"), values)
        whole = self.report["document"]["whole"]
        if whole["withheld"]:
            yield PageRow(self.label("withheld"), (self.phrase("withheld", n=whole["withheld"]),))

    def entries(self, field: Mapping[str, Any]) -> tuple[Words | Given, ...]:
        shown: list[Words | Given] = []
        for entry in field["entries"]:
            unit = f" {entry['unit']}" if entry["unit"] else ""
            shown.append(Given(f"{_cut(entry['text']) or '–'}{'…' if entry['is_cut'] else ''}{unit}"))
        if field["count"] > len(shown):
            shown.append(self.phrase("more", n=field["count"] - len(shown)))
        return tuple(shown)

    def issuers(self) -> Iterator[PageRow]:
        issuers, issuance = self.report["issuers"], self.report["as_of"].get("issuance")
        for number, issuer in enumerate(issuers[:_MOST], 1):
            label = self.label("issuer") if len(issuers) == 1 else self.phrase("issuer_number", n=number)
            values: list[Words | Given] = [self.proved(issuer["identity_now"])]
            if issuance is not None:
                then = self.proved(issuer["identity_at_issuance"] or (), otherwise="not_kept")
                at = self.moment(issuance)
                values.append(
                    tuple(
                        phrase("page", "then", language, time=when, who=who)
                        for language, when, who in zip(self.options.languages, at, then, strict=True)
                    )
                )
            if text.claimed(issuer):
                claimed = ((language, _cut(text.claimed(issuer, language))) for language in self.options.languages)
                values.append(tuple(phrase("page", "claimed", language, claimed=told) for language, told in claimed))
            yield PageRow(label, tuple(values))
        if len(issuers) > _MOST:
            yield PageRow((), (self.phrase("more", n=len(issuers) - _MOST),))

    def proved(self, several: Sequence[Mapping[str, Any]], *, otherwise: str = "nobody") -> Words:
        return tuple(
            _cut(text.proved(several, language=language, otherwise=otherwise)) for language in self.options.languages
        )

    def titles(self) -> Iterator[PageRow]:
        titles = self.report["titles"]
        for title in titles[:_MOST]:
            yield PageRow(self.label("state"), (self.state(title),))
            for name in ("holder", "beneficiary", "nominee", "previous_holder", "previous_beneficiary"):
                if title[name] and title[name] != "0x" + "0" * 40:
                    yield PageRow(self.label(name), self.address(title[name]))
            if title["paused"]:
                yield PageRow(self.label("paused"), (self.word("paused"),))
            yield PageRow(self.label("registry"), self.on_chain(title["registry"], title["chain_id"]))
            if title["escrow"]:
                yield PageRow(self.label("escrow"), (Given(title["escrow"], is_code=True),))
            yield PageRow(self.label("token"), (Given(title["token_id"], is_code=True),))
        if len(titles) > _MOST:
            yield PageRow((), (self.phrase("more", n=len(titles) - _MOST),))
        yield from (PageRow((), (note,)) for note in self.options.notes)

    def moves(self) -> Iterator[PageTable]:
        for title in self.report["titles"][:_MOST_TABLES]:
            if (table := moves_table(title, self.options.languages)) is not None:
                yield table

    def state(self, title: Mapping[str, Any]) -> Words:
        if title["state"] is None:
            return self.phrase("not_established", code=title["not_established"] or "–")
        name = "held_proved" if title["state"] == "held" and title["proved"] else title["state"]
        return self.word(f"title_{name}")

    def address(self, address: str) -> tuple[Words | Given, ...]:
        shown = Given(address, is_code=True)
        entry = None if self.options.book is None else self.options.book.get(address)
        if entry is None:
            return (shown,)
        ids = {"LEI": entry.lei, "USCC": entry.uscc, "UEN": entry.uen}
        name = " · ".join((_cut(entry.name), *(f"{kind} {value}" for kind, value in ids.items() if value)))
        return self.phrase("in_book", name=name), shown

    def on_chain(self, address: str, chain: int | None) -> tuple[Words | Given, ...]:
        shown = Given(address, is_code=True)
        return (shown,) if chain is None else (shown, self.phrase("on_chain", chain=chain))

    def limits(self, verdict: str) -> Iterator[PageRow]:
        names = ["content", "entitled", "law", "later", "credit"]
        if self.report["titles"]:
            names.insert(2, "holder")
        for name in (f"not_{verdict}", *names) if verdict != "valid" else names:
            yield PageRow((), (self.word(name, "limit"),))

    def sources(self) -> Iterator[PageRow]:
        moment = self.report["as_of"]
        yield PageRow(self.label("as_of"), (self.moment(moment["time"]),))
        for block in moment["blocks"][:_MOST]:
            told = {"number": block["number"], "finality": block["finality"], "nodes": block["agreed"]}
            read = tuple(map(_capital, self.phrase("block", **told)))
            values = (read, Given(block["hash"], is_code=True), self.moment(block["time"]))
            yield PageRow(self.phrase("chain", chain=block["chain_id"]), values)

    def policy(self) -> Iterator[PageRow]:
        policy = self.report["policy"]
        if policy is None:
            return
        for rule in policy["rules"][:_MOST]:
            row = {"message": rule["sentence"] or rule["rule"], "key": rule["key"], "params": rule["params"]}
            said = tuple(_capital(_cut(text.said(row, language))) for language in self.options.languages)
            yield PageRow((), (said,), code=_cut(rule["rule"]))
        if len(policy["rules"]) > _MOST:
            yield PageRow((), (self.phrase("more", n=len(policy["rules"]) - _MOST),))
        yield PageRow(self.label("policy_digest"), (Given(policy_digest(policy), is_code=True),))
        for file in policy["files"][:_MOST]:
            values = (Given(_cut(file["name"] or "–")), Given(f"SHA-256 {file['sha256']}", is_code=True))
            yield PageRow(self.label("policy_file"), values)

    def facts_of_file(self) -> Iterator[PageRow]:
        if self.file.get("name"):
            yield PageRow(self.label("file_name"), (Given(_cut(self.file["name"])),))
        if self.file.get("size") is not None:
            yield PageRow(self.label("size"), (self.phrase("bytes", n=self.file["size"]),))
        for name in ("sha256", "content_id"):
            if value := self.file.get(name):
                yield PageRow(self.label(name), (Given(value, is_code=True),))
        document = self.report.get("document") or {}
        for name in ("format", "hash", "root"):
            if (value := document.get(name)) and not (name == "root" and value == document["hash"]):
                yield PageRow(self.label(name), (Given(value, is_code=True),))
        for credential in document.get("credentials", ())[:_MOST]:
            if credential["id"]:
                yield PageRow(self.label("credential"), (Given(_cut(credential["id"]), is_code=True),))
        if book := self.options.book:
            values = (Given(_cut(book.name) or "–"), Given(f"SHA-256 {book.sha256.hex()}", is_code=True))
            yield PageRow(self.label("book"), values)
        yield PageRow(self.label("program"), (Given(f"ebl {self.version}"),))


def to_do(code: str, language: str) -> str:
    """Returns what to do about a code, in one paragraph; empty if there is no text in the language."""
    if language != ENGLISH:
        found = word("to_do", code, language)
        return "" if found == code else found
    try:
        page = page_of_code(code)
    except (ValueError, OSError):  # a report of another version
        return ""
    return _plain(page.partition("**What to do.**")[2].strip().partition("\n\n")[0])


def _plain(markdown: str) -> str:
    """The words of a paragraph, without the marks of Markdown and the targets of its links."""
    linked = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(markdown.split()))
    return linked.replace("`", "").replace("**", "")


def _capital(words: str) -> str:
    """Words that begin with a capital letter, unless the first one is an address, a domain or another name."""
    first = words.partition(" ")[0].rstrip(",:;")
    return words[:1].upper() + words[1:] if first.isascii() and first.isalpha() else words


def _cut(words: str) -> str:
    """Words from outside, of bounded length and with few line breaks."""
    *lines, rest = (words if len(words) <= LONGEST else f"{words[:LONGEST]}…").split("\n", _MOST_LINES)
    return "\n".join((*lines, rest.replace("\n", " ")))
