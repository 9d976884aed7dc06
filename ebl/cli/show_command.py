"""``ebl show``: draw a document from its data, to look at and print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
from click.core import ParameterSource

from ebl import sources
from ebl.cli import own_files as files
from ebl.cli.language_option import with_language
from ebl.cli.network_options import online, with_asking
from ebl.cli.output import Exit, printable, result, say
from ebl.cli.print_reports import EXIT
from ebl.cli.verifying_options import Rules, with_rules
from ebl.config.settings import Layer
from ebl.messages.catalogue import phrase, word
from ebl.messages.languages import Language
from ebl.model.findings import File, Verdict
from ebl.reports import text
from ebl.reports.report import Report
from ebl.verify import examine, read

_SECTION = "file_text"
_OF_THE_PAGE = ("name", "output", "languages", "paper")


@click.command()
@click.argument("name", metavar="FILE")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="The file to write: .html or .pdf."
)
@with_language
@click.option(
    "--paper", type=click.Choice(("a4", "letter")), default="a4", show_default=True, help="The size of PDF pages."
)
@with_asking
@with_rules
@click.pass_context
def show(
    ctx: click.Context,
    name: str,
    output: Path,
    languages: tuple[Language, ...],
    paper: str,
    offline: bool,
    asked: Layer,
    rules: Callable[[Layer], Rules],
) -> None:
    """Draw a document from its data: a bill of lading as a form, anything else as a list of its values.

    Every page states that it is drawn by ebl. Without options of `ebl verify` the document is not verified, and the page states
    that. With any of them it is verified first, and the page has the verdict, which is the exit code too; `ebl report` has the
    findings. The template that the document names is not loaded. PDF needs the extra pdf.

    \b
      ebl show bill.json -o bill.html
    """
    kind = output.suffix.lower()
    if kind not in (".html", ".pdf"):
        raise click.UsageError(f"{output}: name a file that ends in .html or .pdf.")
    files.require_new(output)
    from ebl.forms import FormOptions, to_html, to_pdf

    raw = files.load(name)
    options = FormOptions(languages=languages, made_at=sources.offline().now, file=replace(File.of(raw), name=name))
    report = None
    if any(
        ctx.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
        for parameter in ctx.command.params
        if parameter.name not in _OF_THE_PAGE
    ):
        held = rules(asked)
        found = sources.offline() if offline else online(*held.said)
        report = examine(raw, held.policy, sources=found, reader=held.reader)
        options = replace(
            options,
            verdict=str(report.verdict),
            is_conditional=bool(report.conditions),
            whole=report.whole,
            made_at=report.moment.now,
        )
    document = read(raw) if report is None or report.document is None else report.document
    if kind == ".html":
        files.save(output, to_html(document, options).encode())
    else:
        made = to_pdf(document, options, paper="a4" if paper == "a4" else "us-letter")
        files.save(output, made.content)
        if made.replaced:
            for language in languages:
                say(phrase(_SECTION, "numbers", language, codes=", ".join(made.replaced)))
    for language in languages:
        drawn = phrase(_SECTION, "drawn", language, place=printable(str(output)))
        result(f"{_told(report, language)}  {printable(name)}  {drawn}")
    ctx.exit(Exit.DONE if report is None else EXIT[report.verdict])


def _told(report: Report | None, language: str) -> str:
    """The verdict in words, with a mark if it has conditions."""
    if report is None:
        return click.style(word("form", "not_verified", language), bold=True)
    on = report.verdict is Verdict.VALID and report.conditions
    said = click.style(text.verdict(report.verdict, language), bold=True)
    return f"{said} ({word(_SECTION, 'on_conditions', language)})" if on else said
