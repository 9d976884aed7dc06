"""``ebl sign``: issue wrapped documents by the signature of a DID's key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ebl.cli import files
from ebl.cli.output import printable, result_json, say
from ebl.cli.secrets import with_signer
from ebl.errors import Error
from ebl.formats import read
from ebl.sign import sign_batch
from ebl.signers import LocalKey


@click.command()
@click.argument("words", metavar="PATH…", nargs=-1, required=True)
@click.option(
    "-o", "--output", metavar="DIR|-", required=True, help="Where the signed documents go; - for stdout (one document)."
)
@click.option("--key-id", metavar="DID#KEY", help="The key's name, if it is not did:ethr:<address>#controller.")
@click.option(
    "--allow-unprotected", is_flag=True, help="Sign v3 with fields that no hash covers, wrapped so on purpose."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a document.")
@with_signer
def sign(
    words: tuple[str, ...],
    output: str,
    key_id: str | None,
    allow_unprotected: bool,
    as_json: bool,
    signer: Callable[[], LocalKey],
) -> None:
    """Sign wrapped OpenAttestation documents with the key of a DID, which issues them.

    PATH may be a file, a folder (every .json below it) or - for stdin. The documents must name the key in their issuer's
    identity proof. A batch needs one signature only: every document of it gets the same. Either every document is good, or
    nothing is written.
    """
    names = list(files.named(words))
    if output == "-" and (len(names) > 1 or as_json):
        raise click.UsageError("-o - takes one document, and no --json; give a folder.")
    targets = [] if output == "-" else files.targets(names, Path(output))
    for target in targets:
        files.require_new(target, fix="Give another folder with -o.")
    key = signer()
    raws = (read(files.load(name)).raw for name in names)
    signed: list[dict[str, Any]] = []
    try:
        for document in sign_batch(raws, key, now=datetime.now(UTC), key_id=key_id, unprotected_ok=allow_unprotected):
            signed.append(document)  # noqa: PERF402 - how many there are says which file is bad
    except Error:
        say(f"{printable(names[len(signed)])}: not signed, so nothing is written.")
        raise
    if output == "-":
        files.put(output, files.json_text(signed[0]))
        return
    for target, document in zip(targets, signed, strict=True):
        files.save(target, files.json_text(document))
    for name, target in zip(names, targets, strict=True):
        if as_json:
            result_json({"file": name, "signed": str(target), "address": key.address})
    say(f"{len(signed)} signed into {output} by {key.address}.")
