"""``ebl bulk issue``: the roots in lists, folders and documents, as few transactions as the store allows."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click

from ebl.cli import folders
from ebl.cli import own_files as files
from ebl.cli.acting import Terms, with_terms_of_issuers
from ebl.cli.output import OwnInput, printable
from ebl.cli.send_options import Sending, with_sending
from ebl.cli.store_commands import AT_ONCE, HASH, issue_roots, with_batch_unseen

_MANIFEST_LINE = b'{"file":'


@click.command()
@click.argument("address", metavar="STORE")
@click.argument("words", metavar="LIST|FILE|ROOT…", nargs=-1, required=True)
@click.option(
    "--at-once",
    type=click.IntRange(1, AT_ONCE),
    default=AT_ONCE,
    show_default=True,
    help="How many roots go into one transaction, where the store takes several.",
)
@with_batch_unseen
@folders.with_only_documents
@with_terms_of_issuers
@with_sending
def issue(
    sending: Sending,
    terms: Terms,
    address: str,
    words: tuple[str, ...],
    at_once: int,
    batch_unseen: bool,
    only_documents: bool,
) -> None:
    """Issue very many roots. Running it again does no harm: what is issued is left out, and what was sent is waited for.

    A LIST has a root (0x and 64 hex digits) on each line, or is the ebl-manifest.jsonl that `ebl wrap` wrote. What its roots
    cover is not looked at: they are issued as they are written. A FILE (or folder) is a wrapped document, as for
    `ebl store issue`.
    """
    plain: list[str] = []
    for word in words:
        listed = None if HASH.fullmatch(word) else roots_of_list(word)
        plain += [word] if listed is None else listed
    issue_roots(
        sending,
        terms,
        address,
        tuple(plain),
        batch_unseen=batch_unseen,
        only_documents=only_documents,
        at_once=at_once,
    )


def roots_of_list(name: str) -> list[str] | None:
    """The roots in a list, each once and in order; None if the file is not a list, by how it begins.

    Raises `ebl.cli.output.OwnInput` if one of its lines has no root, which names the line.
    """
    with files.own(printable(name)), files.reading_a_file(name) as file:
        head = b"" if file is None else file.read(len(_MANIFEST_LINE))
        if file is None or not (head.startswith(b"0x") or head == _MANIFEST_LINE):
            return None
        file.seek(0)
        return list(dict.fromkeys(_roots(name, file)))


def _roots(name: str, lines: Iterator[bytes]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text:
            continue
        root = _root_of_row(text) if text.startswith(b"{") else text.decode("ascii", "replace")
        if root is None or not HASH.fullmatch(root):
            raise OwnInput(
                f"{printable(name)}, line {number}: expected a root (0x and 64 hex digits), or a line of a manifest of ebl wrap;"
                f" got {printable(text.decode('ascii', 'replace'))[:80]}.",
                fix="Correct the line. Nothing was sent.",
            )
        yield root.lower()


def _root_of_row(text: bytes) -> str | None:
    try:
        root = json.loads(text).get("root")
    except (ValueError, AttributeError):
        return None
    return root if isinstance(root, str) else None
