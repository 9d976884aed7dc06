"""``ebl wrap`` and ``ebl unwrap``: wrapping of raw documents, and their plain content."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ebl.cli import folders
from ebl.cli import own_files as files
from ebl.cli.output import OwnInput, printable, result, result_json, say
from ebl.cli.progress import Progress
from ebl.errors import InvalidInput

if TYPE_CHECKING:
    from ebl.openattestation.v3_integrity import Dialect

_NAMED = 20


@click.command()
@click.argument("words", metavar="PATH…", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    metavar="DIR|-",
    required=True,
    help="Where the wrapped documents go; - for stdout (one document).",
)
@click.option(
    "--batch/--each", default=True, help="All under one root (default), or each under its own, as titles must be."
)
@click.option(
    "--dialect",
    type=click.Choice(["tradetrust", "govtech"]),
    default="tradetrust",
    help="OpenAttestation v3: the digest. govtech covers false, 0, empty and null values too.",
)
@click.option(
    "--allow-unprotected", is_flag=True, help="OpenAttestation v3: accept values that the digest does not cover."
)
@click.option(
    "--allow-white-space",
    is_flag=True,
    help="OpenAttestation v2: accept texts that end in white space, which readers drop.",
)
@folders.with_only_documents
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each document.")
@click.pass_context
def wrap(
    ctx: click.Context,
    words: tuple[str, ...],
    output: str,
    batch: bool,
    dialect: Dialect,
    allow_unprotected: bool,
    only_documents: bool,
    allow_white_space: bool,
    as_json: bool,
) -> None:
    """Wrap raw OpenAttestation data: validate, salt, hash, and join a batch under one root.

    PATH may be a file, a folder or - for stdin. In a folder, every JSON file is read, whatever its name. Other files are listed,
    and an archive, a PDF or an e-mail counts as an error unless you give --only-documents. If one document has an error, nothing
    is written; with --each the others are. Issue the root that is printed. An interrupted run continues when it is started
    again; DIR/ebl-manifest.jsonl then lists every document with its hash, root and proof length.

    In addition to its issuers, a bill may contain any data. The smallest one:

    \b
      {
        "issuers": [{
          "name": "Blue Heron Lines",
          "documentStore": "0x142Ca30e3b78A840a82192529cA047ED759a6F7e",
          "identityProof": {"type": "DNS-TXT", "location": "carrier.example"}
        }],
        "network": {"chain": "ETH", "chainId": "1"},
        "blNumber": "BL-1"
      }
    """
    from ebl.openattestation.wrap_files import wrap_files
    from ebl.wrap import Options
    from ebl.wrap import wrap as wrap_one

    options = Options(dialect=dialect, allow_unprotected=allow_unprotected, allow_white_space=allow_white_space)
    names, code = folders.documents(words, only_documents=only_documents, partly=not batch, as_json=as_json)
    if output == "-":
        if len(names) > 1 or as_json:
            raise click.UsageError("-o - takes one document, and no --json; give a folder.")
        files.put(output, files.json_text(wrap_one(files.load_object(names[0]), options)))
        ctx.exit(code)
    if Path(output).exists() and not Path(output).is_dir():
        raise OwnInput(f"{output} is not a folder.", fix="Name a new folder for the wrapped documents.")
    jobs = [(name, target.name) for name, target in zip(names, files.targets(names, Path(output)), strict=True)]
    seen = _Seen()
    with Progress("wrap", len(jobs)) as progress:
        done = wrap_files(
            jobs,
            Path(output),
            each=not batch,
            options=options,
            load=seen.load,
            progress=lambda what, done, total: progress.at(done, total, what=what),
        )
    roots = []
    with done.manifest.open(encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            roots.append(row["root"])
            if as_json:
                result_json({**row, "wrapped": str(Path(output) / row["wrapped"])})
    roots = list(dict.fromkeys(roots))
    if not as_json:
        for root in roots:
            result(root)
    above = "the root" if len(roots) == 1 else f"the {len(roots)} roots"
    say(f"{done.count} wrapped into {output}, under {above} above. To issue them: `ebl store issue` if they name a")
    say("document store, `ebl registry mint` for each title, `ebl sign` if their issuer is a DID.")
    seen.tell()
    if done.problems:
        raise InvalidInput("Some files were left out.", problems=done.problems)
    ctx.exit(code)


class _Seen:
    """Reads files, and remembers those with the same data: each becomes a bill of its own, which is rarely intended."""

    def __init__(self) -> None:
        self._first: dict[bytes, str] = {}
        self._again: list[tuple[str, str]] = []

    def load(self, name: str) -> bytes:
        raw = files.load(name)
        first = self._first.setdefault(hashlib.sha256(raw).digest()[:16], name)
        if first != name:
            self._again.append((name, first))
        return raw

    def tell(self) -> None:
        """Prints the files that have the same data as another."""
        for name, first in self._again[:_NAMED]:
            say(f"{printable(name)} has the same data as {printable(first)}: each is a bill of its own now.")
        if len(self._again) > _NAMED:
            say(f"So do {len(self._again) - _NAMED} more.")


@click.command()
@click.argument("name", metavar="FILE")
def unwrap(name: str) -> None:
    """Print the plain content of a wrapped document, or of one that cannot be verified. Nothing is verified."""
    from ebl.checking.formats import look

    document, why = look(files.load(name))
    files.put("-", files.json_text(dict(document.data), indent=2))
    if why is not None:
        say(f"It breaks the rules of its format, so it would be NOT VALID ({why.code}): {printable(str(why))}")
