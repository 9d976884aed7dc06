"""``ebl sign``: issue wrapped documents by the signature of a DID's key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ebl.chain.signers import LocalKey
from ebl.cli import folders
from ebl.cli import own_files as files
from ebl.cli.output import printable, result_json, say
from ebl.cli.progress import Progress
from ebl.cli.secrets import with_signer
from ebl.config import durable_files as durable
from ebl.errors import Error
from ebl.model.broken_input import read_json
from ebl.openattestation.sign import sign_batch


@click.command()
@click.argument("words", metavar="PATH…", nargs=-1, required=True)
@click.option(
    "-o", "--output", metavar="DIR|-", required=True, help="Where the signed documents go; - for stdout (one document)."
)
@click.option("--key-id", metavar="DID#KEY", help="The key's id, if it is not did:ethr:<address>#controller.")
@click.option(
    "--allow-unprotected",
    is_flag=True,
    help="Sign v3 documents that were deliberately wrapped with fields that no hash covers.",
)
@click.option(
    "--batch-unseen",
    is_flag=True,
    help="Sign the root of a batch although some of its documents are not given: they are issued too.",
)
@folders.with_only_documents
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each document.")
@with_signer
def sign(
    words: tuple[str, ...],
    output: str,
    key_id: str | None,
    allow_unprotected: bool,
    batch_unseen: bool,
    only_documents: bool,
    as_json: bool,
    signer: Callable[[], LocalKey],
) -> None:
    """Sign wrapped OpenAttestation documents with the key of a DID, which issues them.

    PATH may be a file, a folder or - for stdin. In a folder, every JSON file is read, whatever its name. Other files are listed,
    and an archive, a PDF or an e-mail counts as an error unless you give --only-documents. The documents must name the key in
    their issuer's identity proof. A batch needs one signature only, which every document of it gets. The signature issues all of
    them, so all documents of the batch must be given. If one document has an error, nothing is written.
    """
    names, _ = folders.documents(words, only_documents=only_documents, as_json=as_json)
    if output == "-" and (len(names) > 1 or as_json):
        raise click.UsageError("-o - takes one document, and no --json; give a folder.")
    targets = [] if output == "-" else files.targets(names, Path(output))
    for target in targets:
        files.require_new(target, fix="Give another folder with -o.")
    key = signer()
    with Progress("check", len(names), kept="Nothing was written.") as progress:
        given = _GivenFiles(names, progress)
        options = {"unprotected_ok": allow_unprotected, "unseen_ok": batch_unseen}
        signed = sign_batch(given, key, now=datetime.now(UTC), key_id=key_id, **options)
        try:
            first = next(signed)
        except Error:
            if given.at is not None:
                say(f"{printable(given.at)}: not signed, so nothing is written.")
            raise
        if output == "-":
            files.put(output, files.json_text(first))
            return
        progress.kept = f"What was signed is in {output}; to sign all of them, give another folder with -o."
        for at, (name, target) in enumerate(zip(names, targets, strict=True)):
            files.save(target, files.json_text(first if at == 0 else next(signed)), sync=False)
            progress.at(at + 1, what="sign")
            if as_json:
                result_json({"file": name, "signed": str(target), "address": key.address})
        durable.sync_files(targets, folders={target.parent for target in targets})
    say(f"{len(names)} signed into {output} by {key.address}.")


class _GivenFiles:
    """The documents in files, which are read again each time; ``at`` is the file that is being read or checked."""

    def __init__(self, names: list[str], progress: Progress) -> None:
        self._names = names
        self._progress = progress
        self._stdin = b""
        self.at: str | None = None

    def __iter__(self) -> Iterator[Any]:
        for done, name in enumerate(self._names):
            if self._progress.what == "check":  # the second reading counts what it writes
                self._progress.at(done)
            self.at = name
            yield read_json(self._load(name))
        self.at = None

    def _load(self, name: str) -> bytes:
        if name != "-":
            return files.load(name)
        self._stdin = self._stdin or files.load(name)
        return self._stdin
