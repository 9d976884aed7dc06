"""The title that a command names: by a wrapped document or credential, or by a registry and a token id."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from ebl.cli import own_files as files
from ebl.cli.output import OwnInput, printable, say
from ebl.codes import Doubt
from ebl.errors import InvalidInput, Undetermined
from ebl.ethereum.address import NotAnAddress, checksummed
from ebl.messages import explained

if TYPE_CHECKING:
    from ebl.cli.place import Place, Whereabouts
    from ebl.model.document import Document
    from ebl.registry import Title
    from ebl.status.token_registry import TokenRegistry

TOKEN = re.compile(r"0x[0-9a-fA-F]{1,64}")
# A command that only reads a title prints with `warn` what was not checked; a command that sends uses `ebl.cli.acting`.
_TO_LOOK = frozenset({Doubt.OFFLINE, Doubt.UNPROTECTED_FIELD, Doubt.AMBIGUOUS_NUMBER, Doubt.UNSUPPORTED_CLAIM})


@dataclass(frozen=True, slots=True)
class Named:
    """A title by its registry and token id. ``document`` is the content of the file ``word``, if a file named it; unchecked.

    ``chain_id`` is the chain that the document names.
    """

    word: str
    registry: str
    token_id: int
    chain_id: int | None = None
    document: Document | None = None

    @property
    def document_id(self) -> str:
        """The id with which remarks are encoded; empty if it is unknown."""
        return self.document.id if self.document else ""

    def place(self, where: Whereabouts) -> Place:
        """The chain that the document names and the nodes to query, or those of the options.

        Raises `InvalidInput` if the options name another chain than the document does.
        """
        place = where.place(self.chain_id)
        if self.chain_id not in (None, place.chain_id):
            raise InvalidInput(
                f"{printable(self.word)} names chain {self.chain_id}, not {place.chain_id}.",
                fix="Name the document's chain, or no chain.",
            )
        return place

    def read(self, place: Place) -> Title:
        """The title as it is now."""
        from ebl.registry import Registry, title

        chain = place.read()
        return title(chain, Registry(chain.id, self.registry), self.token_id)


def named(word: str, registry: str | None) -> Named:
    """The title that WORD means: a token id (0x…, with ``--registry``), or a file that names both. The file is not checked.

    Raises `InvalidInput` if the file names no title or several, or another registry than the caller. Raises `Undetermined` if
    that cannot be determined, for example for an unsupported type of status.
    """
    try:
        registry = checksummed(registry) if registry is not None else None
    except NotAnAddress as bad:
        raise click.BadParameter(str(explained(bad.reason)), param_hint="--registry") from bad
    if TOKEN.fullmatch(word):
        if registry is None:
            raise click.UsageError("A token id needs --registry ADDRESS.")
        return Named(word, registry, int(word, 16))
    from ebl.checking.formats import read

    if word.startswith("0x"):
        raise OwnInput(f"{printable(word)} is not a token id.", fix="A token id is 0x and up to 64 hex digits.")
    document = read(files.load(word))
    claim = _claim(word, document)
    if registry not in (None, claim.address):
        raise InvalidInput(f"{printable(word)} names the registry {claim.address}, not {registry}.")
    return Named(word, claim.address, claim.token_id, claim.chain_id, document)


def looked_at(word: str, registry: str | None) -> Named:
    """The same for a command that sends nothing: the file is checked for changes as far as possible without a query.

    Raises as `named` does, and `ebl.errors.Refuted` if the file was changed. Prints what could not be determined.
    """
    from ebl.verify import check_integrity

    which = named(word, registry)
    if which.document is not None and (doubts := check_integrity(which.document, accepting=_TO_LOOK)):
        say(
            f"Not checked: who made {printable(word)}, and whether it was changed ({', '.join(sorted(doubts))}). Use ebl verify."
        )
    return which


def _claim(word: str, document: Document) -> TokenRegistry:
    from ebl.model.not_known_here import NotKnownHere
    from ebl.openattestation.issuers import conflict_of
    from ebl.status.token_registry import TokenRegistry

    claims = [*document.status, *(claim for issuer in document.issuers for claim in issuer.status)]
    titles = [claim for claim in claims if isinstance(claim, TokenRegistry)]
    if (conflict := conflict_of(document)) is not None:
        raise InvalidInput(
            f"{printable(word)} cannot have a title: it has {conflict}.", fix="Ask the issuer for another."
        )
    if not titles and any(isinstance(claim, NotKnownHere) for claim in claims):
        unknown = next(claim for claim in (*document.integrity, *claims) if isinstance(claim, NotKnownHere))
        raise Undetermined(unknown.doubt, "title_not_told", file=word, because=unknown.message)
    if not titles:
        raise InvalidInput(f"{printable(word)} names no title.", fix="Only a document with a token registry has one.")
    if len(document.issuers) > 1:  # a presentation: ebl must not guess which of its documents is meant
        raise InvalidInput(
            f"{printable(word)} has {len(document.issuers)} documents; expected one, whose title is meant.",
            fix="Name the file of the bill alone, or the token id: 0x… with --registry.",
        )
    if titles[0].proof or titles[0].root != titles[0].target:
        raise InvalidInput(
            f"{printable(word)} was wrapped in a batch, so it cannot have a title.",
            fix="Wrap it alone, or with `ebl wrap --each`.",
        )
    return titles[0]
