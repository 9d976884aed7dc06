"""The option ``--context``, which adds a JSON-LD context to those of the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ebl.cli import own_files as files

if TYPE_CHECKING:
    from ebl.jsonld.contexts import Contexts

More = tuple[tuple[str, str, str], ...]
"""The values of the option, for each time it is given: a URL, a file with the context's bytes, and their SHA-256 in hex."""

with_context = click.option(
    "--context",
    "more",
    type=(str, str, str),
    multiple=True,
    metavar="URL FILE SHA256",
    help="Accept one more JSON-LD context: its URL, a file with its bytes, and their SHA-256 in hex. Repeatable.",
)


def adding(more: More, contexts: Contexts | None = None) -> Contexts:
    """The contexts (None: those of the library) and those that the option names.

    Raises `ebl.cli.output.OwnInput` if a file cannot be read, or its bytes do not match the digest.
    """
    from ebl.credentials.linked_data import with_context
    from ebl.jsonld.contexts import known

    found = known() if contexts is None else contexts
    for url, name, sha256 in more:
        with files.own("the context"):
            found = with_context(found, url, files.load(name), sha256=sha256)
    return found
