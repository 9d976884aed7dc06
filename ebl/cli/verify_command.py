"""``ebl verify``: a verdict for each of many files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ebl import sources
from ebl.checking.memo import Run
from ebl.cli import own_files as files
from ebl.cli.address_book_option import with_address_book
from ebl.cli.answer_options import Answered, with_answering
from ebl.cli.evidence_options import require_sense, with_evidence
from ebl.cli.folders import with_only_documents
from ebl.cli.language_option import with_language
from ebl.cli.network_options import kept, online, with_asking
from ebl.cli.print_reports import tell, with_strictness
from ebl.cli.verifying_options import Rules, with_rules
from ebl.config.settings import Layer
from ebl.messages.languages import Language

if TYPE_CHECKING:
    from ebl.config.address_book import AddressBook


@click.command()
@click.argument("words", metavar="FILE…", nargs=-1, required=True)
@with_asking
@with_rules
@with_evidence
@with_answering
@with_strictness
@with_only_documents
@with_address_book
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="One JSON object for each file (JSON Lines), as in schemas/report.schema.json.",
)
@with_language
@click.pass_context
def verify(
    ctx: click.Context,
    words: tuple[str, ...],
    offline: bool,
    asked: Layer,
    rules: Callable[[Layer], Rules],
    evidence: Path | None,
    replay: str | None,
    trust_keeper: bool,
    at_issuance: str | None,
    answered: Answered,
    strict: bool,
    only_documents: bool,
    as_json: bool,
    languages: tuple[Language, ...],
    book: AddressBook | None,
) -> None:
    """Verify bills: unaltered, issued and not revoked, and who their issuer is.

    FILE may be a file, a folder or - for stdin. In a folder, every JSON file is read, whatever its name, and other files are
    listed. An archive, a PDF or an e-mail in it may contain a bill, so the exit code is then 3 unless you give --only-documents.
    Without --issuer or --policy any issuer is accepted, and the report has this as a condition. ebl explain CODE prints what a
    code means and what to do.

    Options override the network settings of a policy file. Rules of options are added to its rules.
    """
    require_sense(offline, replay, asked, evidence, trust_keeper=trust_keeper)
    held = answered(rules(asked), words)
    # One run for all the files: one block for each chain, and every response cached; all of them only if they are recorded.
    found = None if offline else kept(replay, *held.said, trust_keeper=trust_keeper) if replay else online(*held.said)
    run = None if found is None else Run(found, forgets=not evidence)
    code = tell(
        words,
        held.policy,
        sources.offline() if run is None else run.once,
        as_json=as_json,
        then=kept(at_issuance, *held.said) if at_issuance else None,
        reader=held.reader,
        strict=strict,
        only_documents=only_documents,
        languages=languages,
        book=book,
    )
    if evidence and run is not None:
        from ebl.evidence import record

        files.save(evidence, record(run))
    ctx.exit(code)
