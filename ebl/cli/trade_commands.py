"""``ebl trade``: the data of a bill under the standards of the trade."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ebl.cli import own_files as files
from ebl.cli.group import EblGroup
from ebl.cli.language_option import with_language
from ebl.cli.output import Exit, complain, printable, result, result_json, say, worst
from ebl.errors import DocumentError, InvalidInput
from ebl.messages.catalogue import phrase, render
from ebl.messages.languages import Language

if TYPE_CHECKING:
    from ebl.trade import TransportDocumentCheck

trade = EblGroup(
    name="trade",
    commands_at={
        "check": ("ebl.cli.trade_commands:check", "Check the data of a bill: DCSA's schema, rules and codes."),
        "title": ("ebl.cli.trade_title_command:title", "Compare a bill with its title: parties, dates, surrender."),
    },
    help="The data of a bill under the standards of the trade. It is not verified here: use ebl verify.",
)


@click.command()
@click.argument("words", metavar="FILE…", nargs=-1, required=True)
@click.option(
    "--locodes",
    multiple=True,
    type=click.Path(path_type=Path),
    help="UNECE's list of places (CodeListPart1.csv …); may be given several times.",
)
@click.option("--strict", is_flag=True, help="Let warnings count as failed, too.")
@click.option("--all", "show_all", is_flag=True, help="Show the rules that are met or do not apply, too.")
@with_language
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each file.")
@click.pass_context
def check(
    ctx: click.Context,
    words: tuple[str, ...],
    locodes: tuple[Path, ...],
    strict: bool,
    show_all: bool,
    as_json: bool,
    languages: tuple[Language, ...],
) -> None:
    """Check a transport document against DCSA 3.0.4: its schema, the rules TD-01 to TD-23, and the codes in it.

    FILE is a transport document as plain JSON, or any bill. Whether a bill is unaltered and issued is not checked here. Schema
    and rules are separate, and ebl verify asks for neither unless your policy does.

    \b
      ebl trade check bill.json
      ebl trade check bill.json --json

    A warning is shown and does not fail, except with --strict: a date that a draft lacks, a wrong check digit.
    Exit codes: 0 nothing failed, 1 something failed, 3 something is left to a person, 5 unusable input.
    """
    from ebl.trade import Ports, check_file

    ports = None
    if locodes:
        with files.own("the list of places"):
            ports = Ports.read(locodes)
    codes: list[Exit] = []
    for name in words:
        try:
            found = check_file(files.load(name), ports=ports)
        except (DocumentError, InvalidInput) as bad:
            if len(words) == 1:
                raise
            _tell_unread(name, bad, as_json=as_json)
            codes.append(Exit.UNREADABLE)
            continue
        failed = found.has_failed(strict=strict)
        codes.append(Exit.INVALID if failed else Exit.INDETERMINATE if found.is_open else Exit.DONE)
        if as_json:
            result_json({"file": name, **found.to_dict()})
            continue
        for language in languages:
            if len(words) > 1:
                result(click.style(printable(name), bold=True))
            for line in _told(found, language, show_all=show_all):
                result(printable(line))
    if not as_json:
        for language in languages:
            say(phrase("td_text", "data_only", language))
    ctx.exit(worst(codes))


def _tell_unread(name: str, bad: DocumentError | InvalidInput, *, as_json: bool) -> None:
    """One of several files that is not a document: the others are checked all the same."""
    if as_json:
        code = bad.code if isinstance(bad, DocumentError) else None
        result_json({"file": name, "error": {"code": code, "message": str(bad)}})
    else:
        say(f"{printable(name)}:")
        complain(bad)


def _told(found: TransportDocumentCheck, language: Language, *, show_all: bool) -> list[str]:
    """The lines of the result in one language: what failed first, then what is left to a person."""
    from ebl.trade import RuleOutcome

    valid = {True: "valid", False: "not_valid", None: "not_decided"}[found.schema.valid]
    lines = [phrase("td_text", f"schema_{valid}", language)]
    lines += [f"  {one.place or '/'}  {render(one.message, language)}" for one in found.schema.errors]
    shown = (
        RuleOutcome.FAILED,
        RuleOutcome.MANUAL,
        *((RuleOutcome.PASSED, RuleOutcome.NOT_APPLICABLE) if show_all else ()),
    )
    for title, rows in (("rules", found.rules), ("codes", found.codes)):
        counts = {outcome: sum(row.outcome is outcome for row in rows) for outcome in RuleOutcome}
        lines.append(
            phrase(
                "td_text",
                title,
                language,
                failed=counts[RuleOutcome.FAILED],
                manual=counts[RuleOutcome.MANUAL],
                passed=counts[RuleOutcome.PASSED],
                idle=counts[RuleOutcome.NOT_APPLICABLE],
            )
        )
        for outcome in shown:
            for row in rows:
                if row.outcome is outcome:
                    word = phrase("td_text", str(outcome), language)
                    if outcome in (RuleOutcome.FAILED, RuleOutcome.MANUAL):
                        word = phrase(
                            "td_text",
                            "graded",
                            language,
                            word=word,
                            grade=phrase("td_text", str(row.severity), language),
                        )
                    lines.append(f"  {row.rule.id} {word}  {row.place}")
                    lines.append(f"        {render(row.message, language)}")
    return lines
