"""The option ``--context``, by which a caller knows one more JSON-LD context than the library does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ebl.cli import own_files as files

if TYPE_CHECKING:
    from ebl.jsonld.contexts import Contexts

More = tuple[tuple[str, str, str], ...]
"""What the option gives: a URL, a file with the context's bytes, and their SHA-256 in hex; each time it is said."""

with_context = click.option(
    "--context",
    "more",
    type=(str, str, str),
    multiple=True,
    metavar="URL FILE SHA256",
    help="Know one more JSON-LD context: its URL, a file with its bytes, and their SHA-256 in hex. Repeatable.",
)


def adding(more: More, contexts: Contexts | None = None) -> Contexts:
    """The contexts (None: those of the library) and those that the option names.

    Raises `ebl.cli.output.OwnInput` for a file that cannot be read, or whose bytes are others than the digest says.
    """
    from ebl.credentials.linked_data import with_context
    from ebl.jsonld.contexts import known

    found = known() if contexts is None else contexts
    for url, name, sha256 in more:
        with files.own("the context"):
            found = with_context(found, url, files.load(name), sha256=sha256)
    return found
