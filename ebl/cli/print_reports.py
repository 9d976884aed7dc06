"""Examination of files, and printing of the results as text or JSON: what all commands that verify share."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from ebl.checking.formats import read
from ebl.cli import folders
from ebl.cli.address_book_option import with_names
from ebl.cli.folders import NOTHING, FoundFile, named, tally
from ebl.cli.output import Exit, explained_by, printable, result, result_json, say, worst
from ebl.cli.progress import Progress
from ebl.config.documentation import page
from ebl.config.folder_files import PassedOver
from ebl.errors import InvalidInput, Unreadable
from ebl.messages.catalogue import ENGLISH, phrase, render, word
from ebl.messages.languages import Language
from ebl.model.document import Document
from ebl.model.findings import Failed, File, Moment, Unknown, Verdict
from ebl.model.ports import Block, Sources
from ebl.policy import Policy
from ebl.reports import data
from ebl.reports.report import Report
from ebl.reports.text import Tone, as_of
from ebl.verify import examine_all

if TYPE_CHECKING:
    from ebl.checking.repeats import Repeats
    from ebl.config.address_book import AddressBook

Reader = Callable[[bytes], Document]

EXIT = {
    Verdict.VALID: Exit.DONE,
    Verdict.INVALID: Exit.INVALID,
    Verdict.INDETERMINATE: Exit.INDETERMINATE,
}
OUTCOMES = {
    Exit.DONE: "valid",
    Exit.INVALID: "not_valid",
    Exit.INDETERMINATE: "undetermined",
    Exit.UNREADABLE: "unreadable",
}
_KEPT = "The reports so far were printed; run the same command again to verify all of them, as of one time."
_COLOURS: dict[Tone, str] = {
    "valid": "green",
    "invalid": "red",
    "indeterminate": "yellow",
    "passed": "green",
    "failed": "red",
    "unknown": "yellow",
    "condition": "yellow",
    "note": "blue",
    "open": "yellow",
}


_EXPLAINED = 3
"""How many codes a run offers to explain, at most."""

with_strictness = click.option(
    "--fail-on-conditions",
    "strict",
    is_flag=True,
    help=f"Exit with 3, not with 0, if a VALID depends on conditions (see {page('verifying')}).",
)


def tell(
    words: tuple[str, ...],
    policy: Policy,
    sources: Sources,
    *,
    as_json: bool,
    then: Sources | None = None,
    reader: Reader = read,
    strict: bool = False,
    only_documents: bool = False,
    book: AddressBook | None = None,
    languages: tuple[Language, ...] = (ENGLISH,),
) -> Exit:
    """Examines files and folders, prints a report of each file, and returns the exit code for all.

    A file that is not a document does not stop the others. ``sources`` are those of one run (`ebl.verify.Run`): all files are
    examined as of one time.

    ``strict``: a VALID with conditions counts as undetermined in the exit code, for scripts that read nothing else. So does a
    file of a folder that may contain a document and was not read, except (``only_documents``) archives and the like. Names of
    the ``book`` are shown next to addresses, and texts in the ``languages``, in text only.

    Raises `InvalidInput` if there was nothing to verify.
    """
    found = named(words)
    repeats = None if len(found) == 1 else new_repeats()
    told = _Told()
    with Progress("verify", len(found), kept=_KEPT) as progress:
        for name, raw, report in examined(found, policy, sources, then, reader):
            if isinstance(report, PassedOver):
                told.passed_over(report, only_documents=only_documents)
                _show_skipped(report, languages, as_json=as_json)
                progress.step("passed over")
                continue
            if repeats is not None and isinstance(report, Report):
                report = repeats.noted(name, report)
            code = _shown(name, raw, report, as_json=as_json, brief=len(found) > 1, book=book, languages=languages)
            told.examined(code, report)
            progress.step(OUTCOMES[code].replace("_", " "))
    if not as_json:
        now = data.of_moment(Moment(sources.now, tuple(told.blocks.values())), None)
        for language in languages:
            for line in told.closing(language, now, several=len(found) > 1, repeated=repeats.count if repeats else 0):
                say(line)
    if not told.codes and not told.left:
        raise InvalidInput(NOTHING, fix="Name the files themselves.")
    if strict and told.resting and not as_json:
        for language in languages:
            say(word("run", "strict", language))
    return worst([*told.codes, *([Exit.INDETERMINATE] if told.left or (strict and told.resting) else [])])


@dataclass(slots=True)
class _Told:
    """The results of many files.

    ``left`` counts files that may contain a document and were not read, ``resting`` the VALID ones that depend on conditions.
    ``blocks`` are those that were read, by chain id. ``reasons`` are the codes for which files are not valid, ``conditions``
    those on which valid ones depend.
    """

    codes: list[Exit] = field(default_factory=list)
    skipped: list[PassedOver] = field(default_factory=list)
    blocks: dict[int, Block] = field(default_factory=dict)
    reasons: dict[str, None] = field(default_factory=dict)
    conditions: dict[str, None] = field(default_factory=dict)
    left: int = 0
    resting: int = 0

    def passed_over(self, one: PassedOver, *, only_documents: bool) -> None:
        self.skipped.append(one)
        self.left += one.is_left(only_documents=only_documents)

    def examined(self, code: Exit, report: Report | Unreadable) -> None:
        self.codes.append(code)
        if isinstance(report, Report):
            self.resting += report.verdict is Verdict.VALID and bool(report.conditions)
            self.blocks |= {block.chain_id: block for block in report.moment.blocks}
        kept = self.conditions if code is Exit.DONE else self.reasons
        if len(kept) < _EXPLAINED:
            kept.update(dict.fromkeys(_codes(report)))

    def to_explain(self) -> list[str]:
        """The first few codes to explain: why files are not valid, or else the conditions of the valid ones."""
        return list(self.reasons or self.conditions)[:_EXPLAINED]

    def closing(self, language: Language, now: dict[str, Any], *, several: bool, repeated: int) -> Iterator[str]:
        """The lines below the reports: the command that explains their codes; of several reports, the time and a tally."""
        if codes := self.to_explain():
            yield explained_by(*codes, language=language)
        if several:
            yield from as_of(now, language)
            yield word("style", "messages", language).join(self.words(repeated, language))

    def words(self, repeated: int, language: Language) -> Iterator[str]:
        """The last line of many reports, in parts."""
        counts = {name: self.codes.count(code) for code, name in OUTCOMES.items() if code in self.codes}
        shown = word("style", "list", language).join(phrase("run", name, language, n=n) for name, n in counts.items())
        yield phrase("run", "files", language, n=len(self.codes), counts=shown)
        if self.resting:
            yield phrase("run", "on_conditions", language, n=self.resting)
        if repeated:
            yield phrase("run", "repeated", language, n=repeated)
        if self.skipped:
            yield tally(self.skipped, language)


def _codes(report: Report | Unreadable) -> list[str]:
    """The codes of what failed, or else of what was unknown, or else of the conditions."""
    if isinstance(report, Unreadable):
        return [str(report.code)]
    failed = [finding.failure for finding in report.findings if isinstance(finding, Failed)]
    unknown = [finding.doubt for finding in report.findings if isinstance(finding, Unknown)]
    return list(map(str, failed or unknown or [condition.remark for condition in report.conditions]))


def new_repeats() -> Repeats:
    from ebl.checking.repeats import Repeats  # not needed for a single file

    return Repeats()


def examined(
    found: list[FoundFile], policy: Policy, sources: Sources, then: Sources | None, reader: Reader
) -> Iterator[tuple[str, bytes | None, Report | Unreadable | PassedOver]]:
    """Each file's content, if it was read, and report, in order; many files are examined several at a time."""
    loaded: deque[tuple[str, bytes | None, Unreadable | PassedOver | None]] = deque()

    def contents() -> Iterator[bytes]:
        for one in found:
            try:
                raw = one.load()
            except Unreadable as bad:
                loaded.append((one.name, None, bad))
            else:
                loaded.append((one.name, None, raw) if isinstance(raw, PassedOver) else (one.name, raw, None))
            yield loaded[-1][1] or b""

    examined = partial(examine_all, overlap=True, at_once=1) if len(found) == 1 else examine_all
    for report in examined(contents(), policy, sources=sources, at_issuance=then, reader=reader):
        name, raw, instead = loaded.popleft()
        yield name, raw, instead or report


def report_data(name: str, raw: bytes | None, report: Report | Unreadable | PassedOver) -> dict[str, Any]:
    """The line of ``ebl verify --json`` about a file."""
    match report:
        case PassedOver():
            return data.of_passed_over(name, report.about())
        case Unreadable():
            file = data.of_file(File.of(raw, name)) if raw is not None else data.of_unread_file(name)
            return data.of_unreadable(file, report)
    return named_report(name, report, raw).to_dict()


def _show_skipped(one: PassedOver, languages: tuple[Language, ...], *, as_json: bool) -> None:
    if as_json:
        result_json(report_data(one.name, None, one))
    else:
        for language in languages:
            result(folders.line(one, language))


def _shown(
    name: str,
    raw: bytes | None,
    report: Report | Unreadable,
    *,
    as_json: bool,
    brief: bool,
    book: AddressBook | None,
    languages: tuple[Language, ...],
) -> Exit:
    if isinstance(report, Unreadable):
        if as_json:
            result_json(report_data(name, raw, report))
        else:
            for language in languages:
                shown = click.style(word("page", "unreadable", language), fg="red")
                result(f"{shown}  {printable(name)}\n  {report.code}: {printable(render(report.message, language))}")
        return Exit.UNREADABLE
    if as_json:
        result_json(report_data(name, raw, report))
    else:
        for language in languages:
            result(with_names("\n".join(lines(name, report, brief=brief, language=language)), book, language))
    return EXIT[report.verdict]


def lines(name: str, report: Report, *, brief: bool, language: Language = ENGLISH) -> Iterator[str]:
    """A report as coloured text: the lines of `ebl.reports.report.Report.lines` under the name that the user gave the file."""
    return named_report(name, report).lines(brief=brief, style=_coloured, language=language)


def named_report(name: str, report: Report, raw: bytes | None = None) -> Report:
    """The report of a file under the name that the user gave; ``raw`` is its content, if the report does not have it."""
    file = report.file or File.of(raw or b"")
    return replace(report, file=replace(file, name=name))


def _coloured(text: str, tone: Tone) -> str:
    match tone:
        case "strong":
            return click.style(text, bold=True)
        case "dim":
            return click.style(text, dim=True)
        case "valid" | "invalid" | "indeterminate":
            return click.style(text, fg=_COLOURS[tone], bold=True)
    return click.style(text, fg=_COLOURS[tone])
