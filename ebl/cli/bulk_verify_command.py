"""``ebl bulk verify``: verify millions of documents, in parts for any number of workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebl.cli.folders import with_only_documents
from ebl.cli.language_option import with_language
from ebl.cli.network_options import with_asking
from ebl.cli.output import Exit, printable, result, result_json, say, worst
from ebl.cli.print_reports import with_strictness
from ebl.cli.progress import Progress
from ebl.cli.verifying_options import Rules, with_rules
from ebl.codec.timestamp import format_timestamp
from ebl.config.settings import Layer, NetworkSettings, merged
from ebl.errors import InvalidInput
from ebl.messages.catalogue import Filling, phrase
from ebl.messages.languages import Language

if TYPE_CHECKING:
    from ebl.bulk import BulkOptions, BulkPlan, BulkSummary, Engine

_WORDS = {
    "valid": "valid",
    "invalid": "not valid",
    "indeterminate": "undetermined",
    "unreadable": "unreadable",
    "passed_over": "passed over",
}
_SECTION = "bulk_text"
_EXITS = {
    "valid": Exit.DONE,
    "invalid": Exit.INVALID,
    "indeterminate": Exit.INDETERMINATE,
    "unreadable": Exit.UNREADABLE,
}


def with_working(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that set where the work is done. See `engine_of`."""
    options = (
        click.option(
            "--workers", type=click.IntRange(1, 1024), help="The number of processes.  [one for each processor]"
        ),
        click.option(
            "--engine",
            "engine",
            type=click.Choice(["processes", "ray"]),
            default="processes",
            help="Processes on this system, or a Ray cluster.",
        ),
        click.option("--address", metavar="ADDRESS", help="The Ray cluster, such as auto.  [one on this system]"),
        click.option("--part-size", type=click.IntRange(1, 1_000_000), help="Documents in each part.  [2000]"),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("source", metavar="SRC")
@click.option("-o", "--output", "out", metavar="DIR", type=click.Path(path_type=Path), help="The folder of the run.")
@with_asking
@with_rules
@with_working
@click.option(
    "--rows",
    type=click.Choice(["reports", "flat"]),
    default="reports",
    help="Write whole reports (default), or their flat columns, which takes a tenth of the time.",
)
@click.option(
    "--format", "form", type=click.Choice(["jsonl", "parquet"]), default="jsonl", help="Files of rows.  [jsonl]"
)
@click.option("--column", metavar="NAME", help="The column with the documents, in a Parquet file.")
@click.option("--dry-run", is_flag=True, help="Estimate the run by its first 200 documents.")
@click.option("--renew", is_flag=True, help="Start again: remove the results of an earlier run in DIR.")
@click.option("--retry-unknown", is_flag=True, help="Verify again the documents that were INDETERMINATE, as of now.")
@with_strictness
@with_only_documents
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@with_language
@click.pass_context
def verify(
    ctx: click.Context,
    source: str,
    out: Path | None,
    offline: bool,
    asked: Layer,
    rules: Callable[[Layer], Rules],
    workers: int | None,
    engine: str,
    address: str | None,
    part_size: int | None,
    rows: str,
    form: str,
    column: str | None,
    dry_run: bool,
    renew: bool,
    retry_unknown: bool,
    strict: bool,
    only_documents: bool,
    as_json: bool,
    languages: tuple[Language, ...],
) -> None:
    """Verify many documents, and write a row for each.

    SRC is a folder, a .tar, .tar.gz or .zip, a JSON Lines or Parquet file, or one of these in a bucket (s3://). Every document
    is verified as `ebl verify` does it, but all as of one plan: the time and the block of each chain when the run began, which
    DIR/plan.json has. Rows are in DIR/rows, counts in DIR/summary.json. Storage proofs are used only with --prove.

    The same command continues an interrupted run; nodes, --workers, --batch, --rps and --no-multicall may be others then. If
    its block is too old by then, the rest is INDETERMINATE (chain.stale); --renew starts again.
    """
    if offline and asked:
        raise click.UsageError("--offline sends no query, so options of queries do not go with it.")
    if out is None and not dry_run:
        raise click.UsageError("Missing option '-o' / '--output'.")
    if renew and retry_unknown:
        raise click.UsageError("--renew starts again and --retry-unknown goes on, so they do not go together.")
    held = rules(asked)
    options = _options(held, offline, part_size, column, rows, form, only_documents)
    if dry_run:
        _tell_estimate(source, held, options, as_json=as_json)
        return
    assert out is not None
    from ebl.bulk import verify as verify_all

    kept = f"What is done is kept in {out}. Run the same command again to go on."
    with Progress("verify", None, unit="documents", kept=kept) as progress:
        summary = verify_all(
            source,
            out,
            held.policy,
            options=options,
            engine=engine_of(engine, workers, address),
            renew=renew,
            retry_unknown=retry_unknown,
            told=_RunProgress(progress, languages),
        )
    if as_json:
        click.echo((out / "summary.json").read_bytes(), nl=False)
    else:
        for language in languages:
            _tell(summary, out, language, strict=strict)
    ctx.exit(_exit(summary, strict=strict))


def engine_of(name: str, workers: int | None, address: str | None) -> Engine:
    """The engine that the options of `with_working` name. Raises click's usage error for an address without Ray."""
    from ebl.bulk import Processes, RayEngine

    if name == "ray":
        return RayEngine(address, workers)
    if address is not None:
        raise click.UsageError("--address is that of a Ray cluster, so it goes with --engine ray.")
    return Processes(workers)


def _options(
    held: Rules, offline: bool, part_size: int | None, column: str | None, rows: str, form: str, only_documents: bool
) -> BulkOptions:
    from ebl.bulk import BulkOptions
    from ebl.cli.net_commands import table

    known: dict[str, Any] = {} if part_size is None else {"part_size": part_size}
    return BulkOptions(
        settings=None if offline else _settings(held.said),
        reader=held.reader,
        column=column,
        reports=rows == "reports",
        form=form,
        only_documents=only_documents,
        pace=table().pace,
        **known,
    )


def _settings(layers: tuple[Layer, ...]) -> NetworkSettings:
    """The network settings of the options, the policy file and the user's own list. Raises click's usage error."""
    from ebl import sources
    from ebl.cli.net_commands import own_nodes

    own: Layer = {} if any("rpc" in one for one in layers) else {"rpc": own_nodes()}
    try:
        settings = merged(*layers, own)
        sources.online(settings)  # which refuses too few nodes or resolvers at different hosts
    except InvalidInput as bad:
        raise click.UsageError(str(bad)) from bad
    return settings


class _RunProgress:
    """Shows the progress of a run."""

    def __init__(self, progress: Progress, languages: tuple[Language, ...]) -> None:
        self._progress, self._languages = progress, languages
        self._said = False

    def __call__(self, summary: BulkSummary, plan: BulkPlan) -> None:
        counts = summary.counts
        if not self._said:
            self._said = True
            for language in self._languages:
                for line in _begun(summary, plan, language):
                    say(line)
        self._progress.at(counts.documents, plan.documents)
        self._progress.outcomes.clear()
        for verdict, count in sorted(counts.verdicts.items()):
            self._progress.outcomes[_WORDS[verdict]] = count


def _begun(summary: BulkSummary, plan: BulkPlan, language: Language) -> Iterator[str]:
    """What is known of a run when it begins: that it goes on, or is finished, and which chains it cannot read."""
    done = summary.counts.documents
    if done >= plan.documents:
        yield phrase(_SECTION, "finished", language, time=format_timestamp(plan.time))
    elif done:
        yield phrase(_SECTION, "going_on", language, n=done)
    for about in plan.about()["chains"]:
        if "trouble" in about:
            yield phrase(_SECTION, "no_block", language, chain=about["about"][0], code=about["trouble"]["code"])


def _tell(summary: BulkSummary, out: Path, language: Language, *, strict: bool) -> None:
    counts = summary.counts

    def counted(count: int, name: str, **params: Filling) -> str:
        return f"{count:>12,}  {phrase(_SECTION, name, language, **params)}"

    for verdict in _WORDS:
        if count := counts.verdicts[verdict]:
            result(counted(count, verdict))
    rows, summed = printable(str(out / "rows")), printable(str(out / "summary.json"))
    result(counted(counts.documents, "all", rows=rows, counts=summed))
    for code, count in counts.codes.most_common(10):
        say(f"{count:>12,}  {code}")
    for kind, count in sorted(summary.duplicates["counts"].items()):
        say(counted(count, f"twice_{kind}"))
    if counts.left:
        say(counted(counts.left, "left"))
    if counts.verdicts["indeterminate"]:
        say(phrase(_SECTION, "retry", language))
    if strict and counts.resting:
        say(phrase(_SECTION, "strict", language))


def _exit(summary: BulkSummary, *, strict: bool) -> Exit:
    counts = summary.counts
    codes = [_EXITS[verdict] for verdict, count in counts.verdicts.items() if count and verdict in _EXITS]
    if counts.left or (strict and counts.resting) or not codes:
        codes.append(Exit.INDETERMINATE)
    return worst(codes)


def _tell_estimate(source: str, held: Rules, options: BulkOptions, *, as_json: bool) -> None:
    from ebl.bulk import estimate

    found = estimate(source, held.policy, options=options)
    if as_json:
        result_json(found)
        return
    result(f"{found['documents']:>12,}  documents, in {found['parts']:,} parts")
    for kind, count in found["questions"].items():
        result(f"{count:>12,}  questions about: {kind}")
    size = options.settings.batch if options.settings is not None else 1
    result(f"{found['requests']:>12,}  requests that carry them, of {size} questions each")
    result(f"{found['cpu_seconds']:>12,.0f}  seconds of processor time, of all workers together")
    say(
        f"By the first {found['sample']:,} documents, which were verified. Storage is not proved unless --prove is given."
    )
