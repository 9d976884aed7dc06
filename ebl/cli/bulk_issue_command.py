"""``ebl bulk issue``: the roots of lists, folders and documents, in as few transactions as the store allows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import click

from ebl.cli import folders
from ebl.cli import own_files as files
from ebl.cli.acting import Terms, with_terms_of_issuers
from ebl.cli.output import OwnInput, printable
from ebl.cli.send_options import Sending, with_sending
from ebl.cli.store_commands import AT_ONCE, HASH, issue_roots, with_batch_unseen


@click.command()
@click.argument("address", metavar="STORE")
@click.argument("words", metavar="[FILE|ROOT…]", nargs=-1)
@click.option(
    "--roots",
    "lists",
    metavar="LIST",
    multiple=True,
    help="A list of your own: a root on each line, or the ebl-manifest.jsonl of ebl wrap. Repeatable.",
)
@click.option(
    "--at-once",
    type=click.IntRange(1, AT_ONCE),
    default=AT_ONCE,
    show_default=True,
    help="The number of roots in one transaction, if the store accepts several.",
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
    lists: tuple[str, ...],
    at_once: int,
    batch_unseen: bool,
    only_documents: bool,
) -> None:
    """Issue very many roots. You can safely run it again: issued roots are left out, and transactions in flight are awaited.

    The documents of the roots in a LIST are not checked: the roots are issued as written, so it must be a file of your own. A
    FILE (or folder) is a wrapped document, as for `ebl store issue`.
    """
    if not (words or lists):
        raise click.UsageError("Name what to issue: --roots LIST, a FILE, a folder or a ROOT.")
    listed = [root for name in lists for root in roots_of_list(name)]
    issue_roots(
        sending,
        terms,
        address,
        (*words, *dict.fromkeys(listed)),
        batch_unseen=batch_unseen,
        only_documents=only_documents,
        at_once=at_once,
    )


def roots_of_list(name: str) -> list[str]:
    """The roots in a list, in order. Raises `ebl.cli.output.OwnInput` if a line has no root, which names the line."""
    with files.own(printable(name)), files.reading(name) as file:
        return list(_roots(name, file))


def _roots(name: str, lines: Iterable[bytes]) -> Iterator[str]:
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
