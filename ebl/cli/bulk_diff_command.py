"""``ebl bulk diff``: what has changed between two runs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ebl.cli.output import printable, result, result_json, say

if TYPE_CHECKING:
    from ebl.bulk import RowChange


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each document (JSON Lines).")
def diff(old: Path, new: Path, as_json: bool) -> None:
    """Print the documents whose verdict, codes, conditions, issuer, holder, number or content differ between two runs.

    OLD and NEW are the folders of two runs of `ebl bulk verify`. Documents are matched by their names within the source.
    One that has no row yet, because its run is not finished, counts as not in that run.
    """
    from ebl.bulk import diff as changes

    counts: Counter[str] = Counter()
    for one in changes(old, new):
        counts[one.kind] += 1
        result_json(one.to_dict()) if as_json else result(_line(one))
    say(", ".join(f"{count:,} {kind}" for kind, count in sorted(counts.items())) or "Nothing differs.")


def _line(one: RowChange) -> str:
    name = printable(one.file)
    if one.old is None or one.new is None:
        return f"{one.kind}  {name}"
    parts = [f"{column} {_shown(one.old[column])} -> {_shown(one.new[column])}" for column in one.columns]
    return f"{one.kind}  {name}: {printable('; '.join(parts))}"


def _shown(value: object) -> str:
    return (", ".join(value) or "none") if isinstance(value, list) else "none" if value is None else str(value)
