"""``ebl wrap`` and ``ebl unwrap``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ebl.cli import files
from ebl.cli.output import result, result_json, say
from ebl.errors import InvalidInput, Problem, Unreadable
from ebl.primitives import strict_json


@click.command()
@click.argument("words", metavar="PATH…", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    metavar="DIR|-",
    required=True,
    help="Where the wrapped documents go; - for stdout (one document).",
)
@click.option("--batch/--each", default=True, help="All under one root (default), or each under a root of its own.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a document.")
def wrap(words: tuple[str, ...], output: str, batch: bool, as_json: bool) -> None:
    """Wrap raw OpenAttestation data: validate, salt, hash, and join a batch under one root.

    PATH may be a file, a folder (every .json below it) or - for stdin. Either every document is good, or nothing is
    written. Issue the root that is printed.
    """
    from ebl.wrap import wrap as wrap_one
    from ebl.wrap import wrap_batch

    names = list(files.named(words))
    if output == "-" and len(names) > 1:
        raise click.UsageError("-o - takes one document; give a folder for many.")
    targets = [] if output == "-" else files.targets(names, Path(output))
    raws = _load_all(names)
    try:
        documents = wrap_batch(raws).documents if batch else tuple(wrap_one(raw) for raw in raws)
    except InvalidInput as bad:
        raise _by_file(bad, names) from bad
    if output == "-":
        result(files.json_text(documents[0]).decode())
        return
    for target, document in zip(targets, documents, strict=True):
        files.save(target, files.json_text(document))
    for name, target, document in zip(names, targets, documents, strict=True):
        signature = document["signature"]
        if as_json:
            row = {"file": name, "wrapped": str(target), "hash": f"0x{signature['targetHash']}"}
            result_json({**row, "root": f"0x{signature['merkleRoot']}", "proof_length": len(signature["proof"])})
    roots = list(dict.fromkeys(f"0x{document['signature']['merkleRoot']}" for document in documents))
    if not as_json:
        for root in roots:
            result(root)
    say(
        f"{len(documents)} wrapped into {output}; issue {'the root' if len(roots) == 1 else f'the {len(roots)} roots'} above."
    )


@click.command()
@click.argument("name", metavar="FILE")
def unwrap(name: str) -> None:
    """Print the plain content of a wrapped document. Nothing is verified."""
    from ebl.formats import read

    result(files.json_text(dict(read(files.load(name)).data), indent=2).decode())


def _load_all(names: list[str]) -> list[dict[str, Any]]:
    raws: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for name in names:
        try:
            raws.append(strict_json.parse(files.load(name), any_number=True))
        except Unreadable as bad:
            problems.append(Problem(name, "a JSON document", f"{bad.code}: {bad}"))
    if problems:
        raise InvalidInput("Nothing was wrapped: some files cannot be read.", problems=tuple(problems))
    return raws


def _by_file(bad: InvalidInput, names: list[str]) -> InvalidInput:
    """The same problems, with the file's name in place of its number in the batch."""
    problems = []
    for problem in bad.problems:
        _, number, *rest = problem.pointer.split("/", 2)
        pointer = f"{names[int(number)]}: /{rest[0] if rest else ''}" if number.isdigit() else problem.pointer
        problems.append(Problem(pointer, problem.expected, problem.came))
    return InvalidInput(f"Nothing was wrapped. {bad.message}", problems=tuple(problems), fix=bad.fix)
