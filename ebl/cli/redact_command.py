"""``ebl redact``: withhold fields of a document that still verifies."""

from __future__ import annotations

import click

from ebl.checking.formats import read
from ebl.cli import own_files as files
from ebl.cli.output import printable, result_json, say
from ebl.openattestation.redact import Redaction
from ebl.openattestation.redact import redact as redacted


@click.command()
@click.argument("name", metavar="FILE")
@click.argument("paths", metavar="PATH…", nargs=-1, required=True)
@click.option("-o", "--output", metavar="FILE|-", default="-", help="The file to write; default: stdout.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with what was withheld (needs -o FILE).")
def redact(name: str, paths: tuple[str, ...], output: str, as_json: bool) -> None:
    """Withhold fields, so that the rest of the document still verifies.

    PATH is a path that `ebl inspect` lists, such as shipper.name or packages[0].weight, or an object or array above it. Some
    fields cannot be withheld: elements before others of their array, and fields that state who issued the document, where,
    and until when. The result is verified before it is written. FILE itself is not changed.
    """
    if as_json and output == "-":
        raise click.UsageError("--json needs -o FILE: the document itself would go to stdout.")
    redaction = redacted(read(files.load(name)).raw, paths)
    files.put(output, files.json_text(redaction.document))
    if as_json:
        result_json({"file": name, "redacted": output, **told(redaction)})
        return
    say(f"Withheld {len(redaction.withheld)}: {printable(', '.join(redaction.withheld))}")
    if redaction.emptied:
        say(f"Removed too, because nothing was left in them: {printable(', '.join(redaction.emptied))}")
    count = "1 field is" if redaction.total == 1 else f"{redaction.total} fields are"
    say(f"Readers see that {count} withheld in total. The document still verifies.")


def told(redaction: Redaction) -> dict[str, object]:
    """What was withheld, as JSON data."""
    return {
        "withheld": list(redaction.withheld),
        "emptied": list(redaction.emptied),
        "withheld_in_all": redaction.total,
    }
