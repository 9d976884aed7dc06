"""``ebl verify``: many files, one verdict each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from ebl import policy as policies
from ebl import sources
from ebl.checking.formats import Reader
from ebl.checking.memo import Run
from ebl.cli import own_files as files
from ebl.cli.accepting import accepted, from_file, narrowed, with_accepting
from ebl.cli.context_options import More, adding, with_context
from ebl.cli.folders import with_only_documents
from ebl.cli.network_options import kept, online, with_asking
from ebl.cli.print_reports import tell, with_strictness
from ebl.config.settings import Layer
from ebl.errors import InvalidInput


@click.command()
@click.argument("words", metavar="FILE…", nargs=-1, required=True)
@with_asking
@with_accepting
@click.option("--holder", metavar="ADDRESS", help="Accept only a title in circulation that this address holds.")
@click.option(
    "--owner", metavar="ADDRESS", help="Accept only a title in circulation whose beneficiary is this address."
)
@click.option("--challenge", metavar="TEXT", help="Accept only a presentation for this challenge, which you sent.")
@click.option("--domain", metavar="TEXT", help="Accept only a presentation for this domain, which is yours.")
@click.option("--list-issuer", multiple=True, metavar="DID", help="Accept this issuer's status lists too. Repeatable.")
@with_context
@click.option(
    "--evidence", type=click.Path(path_type=Path), help="Keep every question and its answer in this file, a new one."
)
@click.option("--replay", type=click.Path(), help="Ask nobody: take the answers from this file of evidence.")
@click.option(
    "--at-issuance", type=click.Path(), help="Evidence from when it was issued: says who stood behind it then."
)
@with_strictness
@with_only_documents
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a file (JSON Lines), as in schemas/report.schema.json."
)
@click.pass_context
def verify(
    ctx: click.Context,
    words: tuple[str, ...],
    offline: bool,
    asked: Layer,
    policy_file: Path | None,
    issuer: tuple[str, ...],
    holder: str | None,
    owner: str | None,
    challenge: str | None,
    domain: str | None,
    list_issuer: tuple[str, ...],
    more: More,
    evidence: Path | None,
    replay: str | None,
    at_issuance: str | None,
    strict: bool,
    only_documents: bool,
    as_json: bool,
) -> None:
    """Verify bills: unaltered, issued and not revoked, and who stands behind them.

    FILE may be a file, a folder or - for stdin. Every file of a folder is accounted for: JSON is read whatever its name, and
    anything else is listed. An archive, a PDF or an e-mail in it may hold a bill, so that the exit code is 3 unless you say
    --only-documents. Without --issuer or --policy any issuer is accepted, and the answer says so. ebl explain CODE
    prints what a code means and what to do.

    What is given here goes before the network settings of a policy file, and is accepted besides its rules.
    """
    _require_sense(offline, replay, asked, evidence)
    if policy_file and issuer:
        raise click.UsageError("--policy says whom to accept, so --issuer does not go with it.")
    of_file = from_file(policy_file, asked) if policy_file else None
    policy = accepted(issuer) if of_file is None else of_file.policy
    policy = narrowed(policy, "--holder", lambda who: policies.HeldBy(who), holder)
    policy = narrowed(policy, "--owner", lambda who: policies.OwnedBy(who), owner)
    policy = narrowed(policy, "--challenge", lambda text: policies.PresentedTo(text), challenge)
    policy = narrowed(policy, "--domain", lambda text: policies.PresentedTo(domain=text), domain)
    reader = _reader(Reader() if of_file is None else Reader.of(of_file.accepted), more, list_issuer)
    said = (asked,) if of_file is None else (asked, of_file.said)
    # One run for all the files: one block a chain, and no question asked twice.
    run = None if offline else Run(kept(replay, *said) if replay else online(*said))
    code = tell(
        words,
        policy,
        sources.offline() if run is None else run.once,
        as_json=as_json,
        then=kept(at_issuance, *said) if at_issuance else None,
        reader=reader,
        strict=strict,
        only_documents=only_documents,
    )
    if evidence and run is not None:
        from ebl.evidence import record

        files.save(evidence, record(run))
    ctx.exit(code)


def _require_sense(offline: bool, replay: str | None, asked: Layer, evidence: Path | None) -> None:
    """Raise click's usage error for options that do not go together."""
    if offline and replay:
        raise click.UsageError("--offline has no answers and --replay has kept ones, so they do not go together.")
    # Kept answers have an age too, as of their time, and proofs may be among them.
    if (offline and asked) or (replay and asked.keys() - {"max_age", "prove"}) or ((offline or replay) and evidence):
        word = "--offline" if offline else "--replay"
        raise click.UsageError(f"{word} asks nobody, so options that say whom or what to ask do not go with it.")
    if evidence and str(evidence) == "-":
        raise click.UsageError("--evidence needs a file: stdout has the verdicts.")
    if evidence and evidence.exists():
        raise click.UsageError(f"{evidence} exists already, and evidence that is overwritten is lost.")


def _reader(reader: Reader, more: More, list_issuers: tuple[str, ...]) -> Reader:
    """A reader that knows the contexts and accepts the list issuers of the options besides."""
    if more:
        reader = replace(reader, contexts=adding(more, reader.contexts))
    try:
        return replace(reader, list_issuers=tuple(dict.fromkeys((*reader.list_issuers, *list_issuers))))
    except InvalidInput as bad:
        raise click.BadParameter(str(bad), param_hint="--list-issuer") from bad
