"""``ebl bulk wrap``: raw documents by the million, in batches that any number of workers wrap."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebl.cli.bulk_verify_command import engine_of, with_working
from ebl.cli.output import Exit, result, say
from ebl.cli.progress import Progress

if TYPE_CHECKING:
    from ebl.bulk import BulkPlan, BulkSummary
    from ebl.openattestation.v3_integrity import Dialect


@click.command()
@click.argument("source", metavar="SRC")
@click.option(
    "-o",
    "--output",
    "out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    required=True,
    help="The folder of the run.",
)
@click.option(
    "--batch/--each", default=True, help="A root for each part (default), or for each document, as titles must."
)
@click.option(
    "--dialect",
    type=click.Choice(["tradetrust", "govtech"]),
    default="tradetrust",
    help="OpenAttestation v3: whose digest.",
)
@click.option("--column", metavar="NAME", help="Of a Parquet file: the column with the documents.")
@with_working
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.pass_context
def wrap(
    ctx: click.Context,
    source: str,
    out: Path,
    batch: bool,
    dialect: Dialect,
    column: str | None,
    workers: int | None,
    engine: str,
    address: str | None,
    part_size: int | None,
    as_json: bool,
) -> None:
    """Wrap many raw documents, each part of 2,000 (--part-size) under one root.

    SRC is as for `ebl bulk verify`. The wrapped documents are in DIR/wrapped, a line each; DIR/rows has a row for each input, and
    DIR/roots.txt the roots, which `ebl bulk issue STORE --roots DIR/roots.txt` issues. What cannot be wrapped has a row with its
    problems, and the exit code is 5 then.
    """
    from ebl.bulk import wrap as wrap_all
    from ebl.wrap import Options

    kept = f"What is wrapped is kept in {out}. Run the same command again to go on."
    sizes: dict[str, Any] = {} if part_size is None else {"part_size": part_size}
    with Progress("wrap", None, unit="documents", kept=kept) as progress:

        def told(summary: BulkSummary, plan: BulkPlan) -> None:
            progress.at(summary.counts.documents, plan.documents)

        summary = wrap_all(
            source,
            out,
            options=Options(dialect=dialect),
            each=not batch,
            column=column,
            engine=engine_of(engine, workers, address),
            told=told,
            **sizes,
        )
    counts = summary.counts
    if as_json:
        click.echo((out / "summary.json").read_bytes(), nl=False)
    else:
        for verdict, count in sorted(counts.verdicts.items()):
            result(f"{count:>12,}  {verdict.replace('_', ' ')}")
        say(f"Documents in {out / 'wrapped'}; roots to issue: ebl bulk issue STORE --roots {out / 'roots.txt'}")
    if counts.verdicts["refused"] or counts.verdicts["unreadable"]:
        ctx.exit(Exit.UNREADABLE)
    ctx.exit(Exit.INDETERMINATE if counts.left else Exit.DONE)
