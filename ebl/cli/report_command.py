"""``ebl report``: reports of verifications as files to print and keep, of one file or of a folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ebl import __version__, sources
from ebl.checking.memo import Run
from ebl.checking.repeats import keys_of
from ebl.cli import own_files as files
from ebl.cli.address_book_option import with_address_book
from ebl.cli.answer_options import Answered, with_answering
from ebl.cli.evidence_options import require_sense, with_evidence
from ebl.cli.folders import NOTHING, FoundFile, tally, with_only_documents
from ebl.cli.language_option import with_language
from ebl.cli.network_options import kept, online, with_asking
from ebl.cli.output import Exit, printable, result, say, worst
from ebl.cli.print_reports import EXIT, OUTCOMES, examined, new_repeats, report_data, with_strictness
from ebl.cli.progress import Progress
from ebl.cli.report_folder import COVER, ReportFolder, keys_of_row, places
from ebl.cli.verifying_options import Rules, with_rules
from ebl.config.folder_files import PassedOver
from ebl.config.settings import Layer
from ebl.errors import InvalidInput, Unreadable
from ebl.messages.catalogue import phrase, word
from ebl.messages.languages import Language
from ebl.model.document import Document
from ebl.model.findings import Verdict
from ebl.model.ports import Sources
from ebl.reports.page_parts import PageOptions
from ebl.reports.report import Report

if TYPE_CHECKING:
    from ebl.checking.repeats import Repeats
    from ebl.config.address_book import AddressBook
    from ebl.typesetting.typeset import Paper

Kind = Literal["pdf", "html", "json"]
_KINDS: tuple[Kind, ...] = ("pdf", "html", "json")
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")
_SECTION = "file_text"
_COLOURS = {"valid": "green", "invalid": "red", "indeterminate": "yellow", "unreadable": "red"}


def _offset(ctx: click.Context, parameter: click.Parameter, value: str) -> timezone:
    """The time zone for an offset from UTC, such as +08:00."""
    found = _OFFSET.fullmatch(value)
    if found is None or not (int(found[2]) < 24 and int(found[3]) < 60):
        raise click.BadParameter(
            f"expected an offset from UTC such as +08:00 or -05:30; got {value!r}.", ctx, parameter
        )
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-offset if found[1] == "-" else offset)


@dataclass(frozen=True, slots=True)
class _ReportForm:
    """What a report looks like."""

    kind: Kind
    options: PageOptions
    paper: Paper
    has_history: bool

    def written(
        self, report: Mapping[str, Any], found: Sources, document: Document | None
    ) -> tuple[bytes, tuple[str, ...]]:
        """The report as a file, and the characters that it shows as ``U+XXXX``."""
        options = self.options
        if document is not None and self.kind != "json":
            from ebl.reports.root_path import root_path

            options = replace(options, path=root_path(document, options.languages))
        if self.has_history and self.kind != "json":
            from ebl.cli.report_history import with_histories

            options = with_histories(options, report, found)
        match self.kind:
            case "json":
                return files.json_text(report, indent=1), ()
            case "html":
                from ebl.reports import html

                return html.to_html(report, options).encode(), ()
            case "pdf":
                from ebl.reports import pdf

                made = pdf.to_pdf(report, options, paper=self.paper)
                return made.content, made.replaced

    def about(self) -> dict[str, Any]:
        """The form as JSON data, for the plan of a folder."""
        offset = self.options.zone.utcoffset(None)
        return {
            "format": self.kind,
            "languages": list(self.options.languages),
            "paper": self.paper,
            "history": self.has_history,
            "utc_offset_minutes": int(offset.total_seconds()) // 60,
            "address_book": self.options.book.sha256.hex() if self.options.book else None,
        }


@dataclass(frozen=True, slots=True)
class _Verifying:
    """How files are verified."""

    held: Rules
    found: Sources
    then: Sources | None
    only_documents: bool

    def examined(self, found: list[FoundFile]) -> Iterator[tuple[str, bytes | None, Report | Unreadable | PassedOver]]:
        return examined(found, self.held.policy, self.found, self.then, self.held.reader)


@click.command()
@click.argument("words", metavar="FILE…", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="OUT",
    help="OUT.pdf, OUT.html or OUT.json for one file; else a new folder.",
)
@click.option("--format", "kind", type=click.Choice(_KINDS), help="The form of the reports in a folder; default: pdf.")
@with_language
@click.option(
    "--paper", type=click.Choice(("a4", "letter")), default="a4", show_default=True, help="The size of PDF pages."
)
@click.option(
    "--utc-offset",
    "zone",
    metavar="OFFSET",
    callback=_offset,
    default="+08:00",
    show_default=True,
    help="The local time shown next to UTC.",
)
@click.option("--history", is_flag=True, help="Show the history of each title too, as a picture; queries its events.")
@with_asking
@with_rules
@with_answering
@with_evidence
@with_strictness
@with_only_documents
@with_address_book
@click.pass_context
def report(
    ctx: click.Context,
    words: tuple[str, ...],
    output: str,
    kind: Kind | None,
    languages: tuple[Language, ...],
    paper: str,
    zone: timezone,
    history: bool,
    offline: bool,
    asked: Layer,
    rules: Callable[[Layer], Rules],
    answered: Answered,
    evidence: Path | None,
    replay: str | None,
    trust_keeper: bool,
    at_issuance: str | None,
    strict: bool,
    only_documents: bool,
    book: AddressBook | None,
) -> None:
    """Verify bills as ebl verify does, and write the reports as files to print and keep.

    One FILE gives OUT.pdf, OUT.html or OUT.json. A folder, or several files, give a new folder OUT with a report for each file
    and a cover sheet: index.html, index.json, and index.pdf. The command goes on where it stopped if it is run again with the
    same options. PDF needs the extra pdf.

    \b
      ebl report bill.json -o bill.pdf
      ebl report inbox -o reports
    """
    require_sense(offline, replay, asked, evidence, trust_keeper=trust_keeper)
    one = len(words) == 1 and (words[0] == "-" or not Path(words[0]).is_dir())
    form = _ReportForm(
        _kind(output, kind, one=one),
        PageOptions(languages=languages, zone=zone, book=book),
        "a4" if paper == "a4" else "us-letter",
        history,
    )
    held = answered(rules(asked), words)
    found = None if offline else kept(replay, *held.said, trust_keeper=trust_keeper) if replay else online(*held.said)
    run = None if found is None else Run(found, forgets=not evidence)
    once = sources.offline() if run is None else run.once
    form = replace(form, options=replace(form.options, read_at=once.now))
    how = _Verifying(held, once, kept(at_issuance, *held.said) if at_issuance else None, only_documents)
    if one:
        code = _one(words[0], output, form, how, strict=strict)
    else:
        plan = {
            "program": __version__,
            "form": form.about(),
            "policy": held.policy.to_dict(),
            "sources": "offline" if offline else "replay" if replay else "online",
            "network": sorted(f"{name}={value!r}" for layer in held.said for name, value in layer.items()),
            "evidence": [_digest(name) for name in (replay, at_issuance) if name],
            "strict": strict,
            "files": list(words),
        }
        # Evidence is of one run, so that nothing of an earlier one is kept.
        code = _folder(words, Path(output), plan, form, how, strict=strict, again=evidence is not None)
    if evidence and run is not None:
        from ebl.evidence import record

        files.save(evidence, record(run))
    ctx.exit(code)


def _kind(output: str, kind: Kind | None, *, one: bool) -> Kind:
    """The form of the reports. Raises click's usage error if OUT does not fit."""
    suffix = Path(output).suffix.lower().removeprefix(".")
    if one:
        if found := kind or next((one for one in _KINDS if one == suffix), None):
            return found
        raise click.UsageError(f"{output}: name a file that ends in .pdf, .html or .json, or give --format.")
    if suffix in _KINDS:
        raise click.UsageError(
            f"{output}: several files give a folder of reports. Name a folder; --format states which kind."
        )
    return kind or "pdf"


def _one(name: str, output: str, form: _ReportForm, how: _Verifying, *, strict: bool) -> Exit:
    if output != "-":
        files.require_new(Path(output))
    ((_, raw, report),) = how.examined([FoundFile(name)])
    content, replaced = form.written(report_data(name, raw, report), how.found, _document(report))
    if output == "-":
        click.echo(content, nl=False)
    else:
        files.save(Path(output), content)
    code = _code(report, strict=strict)
    (say if output == "-" else result)(f"{_verdict(report, form.options.languages)}  {printable(name)}")
    _say_replaced({name: replaced} if replaced else {}, form.options.languages)
    return code


def _folder(
    words: tuple[str, ...],
    output: Path,
    plan: dict[str, Any],
    form: _ReportForm,
    how: _Verifying,
    *,
    strict: bool,
    again: bool,
) -> Exit:
    _require_apart(words, output)
    where = places(words, f".{form.kind}")
    folder = ReportFolder.begin(output, plan)
    made = _Made(folder, form, how.found, {name: place for name, (_, place) in where.items()}, strict)
    with folder.held(), Progress("report", len(where)) as progress:
        left = []
        for name, (one, _) in where.items():
            if again or (row := folder.row_of(name, one)) is None:
                left.append(one)
            else:
                progress.step(made.keep(name, row))
        for name, raw, report in how.examined(left):
            progress.step(made.add(name, raw, report))
        unread = any(one.is_left(only_documents=how.only_documents) for one in made.skipped)
        if not made.codes and not unread:
            raise InvalidInput(NOTHING, fix="Name the files themselves.")
        folder.end(dict(_covers(made.in_order(), how.found.now, plan, form)))
    made.tell(output)
    return worst([*made.codes, *([Exit.INDETERMINATE] if unread else [])])


@dataclass(slots=True)
class _Made:
    """The reports of a folder as they are made. ``where`` has the place of each file below the folder that was given."""

    folder: ReportFolder
    form: _ReportForm
    found: Sources
    where: Mapping[str, str]
    strict: bool
    rows: list[Mapping[str, Any]] = field(default_factory=list)
    codes: list[Exit] = field(default_factory=list)
    skipped: list[PassedOver] = field(default_factory=list)
    replaced: dict[str, tuple[str, ...]] = field(default_factory=dict)
    repeats: Repeats = field(default_factory=new_repeats)
    kept: int = 0

    def keep(self, name: str, row: Mapping[str, Any]) -> str:
        """Takes a report of an earlier start as it is."""
        self.repeats.remember(name, keys_of_row(row))
        self.rows.append(row["row"])
        self.codes.append(Exit(row["code"]))
        self.kept += 1
        return "kept"

    def add(self, name: str, raw: bytes | None, report: Report | Unreadable | PassedOver) -> str:
        """Writes the report of a file, and returns its verdict in a word."""
        from ebl.reports.cover_sheet import cover_row

        place = self.where[name]
        if isinstance(report, PassedOver):
            self.skipped.append(report)
            self.rows.append(cover_row(report_data(name, raw, report), name=place))
            return "passed over"
        if isinstance(report, Report):
            report = self.repeats.noted(name, report)
        data = report_data(name, raw, report)
        content, replaced = self.form.written(data, self.found, _document(report))
        row = cover_row(data, name=place, place=f"{place}.{self.form.kind}")
        self.codes.append(_code(report, strict=self.strict))
        keys = keys_of(report) if isinstance(report, Report) else ()
        self.folder.finish(name, row, content, self.codes[-1], keys)
        self.rows.append(row)
        if replaced:
            self.replaced[name] = replaced
        result(f"{_verdict(report, self.form.options.languages)}  {printable(name)}")
        return OUTCOMES[self.codes[-1]].replace("_", " ")

    def in_order(self) -> list[Mapping[str, Any]]:
        """The rows in the order of the files."""
        order = {name: number for number, name in enumerate(self.where)}
        return sorted(self.rows, key=lambda row: order[row["file"]["name"]])

    def tell(self, output: Path) -> None:
        languages = self.form.options.languages
        _say_replaced(self.replaced, languages)
        cover = printable(str(output / f"{COVER}.html"))
        for language in languages:
            if self.kept:
                say(phrase(_SECTION, "kept", language, n=self.kept))
            if self.skipped:
                say(tally(self.skipped, language))
            counts = word("style", "list", language).join(
                phrase("run", name, language, n=count)
                for code, name in OUTCOMES.items()
                if (count := self.codes.count(code))
            )
            say(phrase(_SECTION, "made", language, n=len(self.codes), counts=counts, cover=cover))


def _covers(
    rows: Sequence[Mapping[str, Any]], made_at: datetime, plan: Mapping[str, Any], form: _ReportForm
) -> Iterator[tuple[str, bytes]]:
    from ebl.reports import cover_sheet

    shared = {name: plan[name] for name in ("form", "policy", "sources")}
    cover = cover_sheet.cover_data(rows, made_at=made_at, plan=shared)
    yield f"{COVER}.json", files.json_text(cover, indent=1)
    yield f"{COVER}.html", cover_sheet.cover_html(cover, made_at, form.options).encode()
    if form.kind == "pdf":
        yield f"{COVER}.pdf", cover_sheet.cover_pdf(cover, made_at, form.options, paper=form.paper).content


def _require_apart(words: tuple[str, ...], output: Path) -> None:
    """Raise click's usage error if the reports would be among the files that are read."""
    inside = output.resolve()
    for source in words:
        folder = Path(source)
        if source != "-" and folder.is_dir() and inside.is_relative_to(folder.resolve()):
            raise click.UsageError(f"{output} is in {source}: a later run would read the reports. Name another folder.")


def _digest(name: str) -> str:
    from hashlib import sha256

    return sha256(files.load(name)).hexdigest()


def _code(report: Report | Unreadable | PassedOver, *, strict: bool) -> Exit:
    if not isinstance(report, Report):
        return Exit.UNREADABLE
    if strict and report.verdict is Verdict.VALID and report.conditions:
        return Exit.INDETERMINATE
    return EXIT[report.verdict]


def _document(report: Report | Unreadable | PassedOver) -> Document | None:
    return report.document if isinstance(report, Report) else None


def _verdict(report: Report | Unreadable | PassedOver, languages: Sequence[str]) -> str:
    name = str(report.verdict) if isinstance(report, Report) else "unreadable"
    section = "verdict" if isinstance(report, Report) else _SECTION
    said = "  ".join(word(section, name, language) for language in languages)
    return click.style(said, fg=_COLOURS[name], bold=True)


def _say_replaced(replaced: Mapping[str, tuple[str, ...]], languages: Sequence[str]) -> None:
    """Tells which characters are shown as their numbers."""
    for language in languages:
        for name, codes in list(replaced.items())[:5]:
            shown = f"{' '.join(codes[:8])}{' …' if len(codes) > 8 else ''}"
            say(phrase(_SECTION, "no_font", language, name=printable(name), codes=shown))
        if len(replaced) > 5:
            say(phrase(_SECTION, "no_font_more", language, n=len(replaced) - 5))
