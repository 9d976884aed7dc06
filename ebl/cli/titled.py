"""Which title a command means: a wrapped document or credential that names it, or a registry and a token id."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ebl.cli import files
from ebl.cli.output import printable
from ebl.errors import InvalidInput
from ebl.primitives.address import checksummed

if TYPE_CHECKING:
    from ebl.cli.place import Place
    from ebl.registry import Title

_TOKEN = re.compile(r"0x[0-9a-fA-F]{1,64}")


@dataclass(frozen=True, slots=True)
class Named:
    """A title by its numbers. ``document_id`` is what remarks are written with; empty where it is not known."""

    registry: str
    token_id: int
    document_id: str = ""

    def read(self, place: Place) -> Title:
        """The title as it is now."""
        from ebl.registry import title

        return title(place.read(), self.registry, self.token_id)


def named(word: str, registry: str | None, place: Place) -> Named:
    """What WORD means: a token id (0x…, with ``--registry``), or a file that names both.

    Raises `InvalidInput` where the file is for another chain or registry than the caller says.
    """
    try:
        registry = checksummed(registry) if registry is not None else None
    except ValueError as bad:
        raise click.BadParameter(str(bad), param_hint="--registry") from bad
    if _TOKEN.fullmatch(word):
        if registry is None:
            raise click.UsageError("A token id needs --registry ADDRESS.")
        return Named(registry, int(word, 16))
    claim, document_id = _claim(word)
    if claim.chain_id not in (None, place.chain_id):
        raise InvalidInput(
            f"{printable(word)} names chain {claim.chain_id}, not {place.chain_id}.", fix="Name the document's chain."
        )
    if registry not in (None, claim.address):
        raise InvalidInput(f"{printable(word)} names the registry {claim.address}, not {registry}.")
    return Named(claim.address, claim.token_id, document_id)


def _claim(name: str) -> tuple[Any, str]:
    from ebl.formats import read
    from ebl.formats.issuers import conflict_of
    from ebl.status.token_registry import TokenRegistry
    from ebl.verify import check_integrity

    if name.startswith("0x"):
        raise InvalidInput(f"{printable(name)} is no token id.", fix="A token id is 0x and up to 64 hex digits.")
    document = read(files.load(name))
    check_integrity(document)
    claims = [*document.status, *(claim for issuer in document.issuers for claim in issuer.status)]
    titles = [claim for claim in claims if isinstance(claim, TokenRegistry)]
    if (conflict := conflict_of(document)) is not None:
        raise InvalidInput(
            f"{printable(name)} cannot have a title: it has {conflict}.", fix="Ask the issuer for another."
        )
    if not titles:
        raise InvalidInput(f"{printable(name)} names no title.", fix="Only a document with a token registry has one.")
    if titles[0].proof or titles[0].root != titles[0].target:
        raise InvalidInput(
            f"{printable(name)} was wrapped in a batch, so it cannot have a title.",
            fix="Wrap it alone, or with `ebl wrap --each`.",
        )
    document_id = document.data.get("id")
    return titles[0], document_id if isinstance(document_id, str) else ""
