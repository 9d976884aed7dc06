"""What a document claims in a way that is not known here: a claim that nothing can establish, in the place of one that could.

The rest of the document is read and checked as ever, so that what is known to be wrong with it is still found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn

from ebl.codes import Doubt
from ebl.errors import Undetermined, Unsupported
from ebl.messages import Message, say
from ebl.model.document import Document, Format, Issuer
from ebl.model.findings import Claim, Group
from ebl.model.ports import Sources


@dataclass(frozen=True, slots=True)
class NotKnownHere(Claim):
    """Something of ``group`` that ``message`` names, and that ``doubt`` is the code of. ``name`` is the check's in a report."""

    asks_nobody: ClassVar[bool] = True

    group: Group  # type: ignore[misc]  # of the instance: anything may be unknown
    name: str  # type: ignore[misc]
    doubt: Doubt
    message: Message

    def check(self, sources: Sources) -> NoReturn:
        """Raises `Undetermined`, always."""
        raise Undetermined(self.doubt, self.message)


def claim(group: Group, name: str, unknown: Unsupported) -> NotKnownHere:
    """The claim that stands for what was not known."""
    return NotKnownHere(group, name, unknown.doubt, unknown.message)


def because(group: Group, name: str, unknown: Unsupported, what: str) -> NotKnownHere:
    """A claim of something else that cannot be told either, for the reason that the claim of integrity has.

    ``what`` is the variant of the message that says what it is.
    """
    return NotKnownHere(group, name, unknown.doubt, say(unknown.doubt, what))


def document(
    format_: Format, raw: Mapping[str, Any], data: Mapping[str, Any], unknown: Unsupported, *, integrity: str
) -> Document:
    """A document of which nothing is known but what its JSON says, so that no claim of it can be established.

    ``integrity`` is the name of the check that its format has for that.
    """
    name = data.get("issuer")
    said = name.get("name") if isinstance(name, dict) else name
    issuer = Issuer(
        said if isinstance(said, str) else None,
        status=(because(Group.STATUS, "status", unknown, "issuance_not_told"),),
        identity=(because(Group.IDENTITY, "identity", unknown, "issuer_not_told"),),
    )
    return Document(format_, None, (issuer,), (claim(Group.INTEGRITY, integrity, unknown),), data, raw)


def version(raw: Mapping[str, Any], known: str, name: str) -> Unsupported | None:
    """What stands for a version of OpenAttestation that is not known here; None if the document names the known one, or none.

    ``name`` is the format's, a word of the catalogue.
    """
    said = raw.get("version")
    if not isinstance(said, str) or said == known:
        return None
    return Unsupported(Doubt.UNSUPPORTED_VERSION, "openattestation", format=name, known=known, version=said)


def hashes(type_: object, known: str) -> Unsupported | None:
    """What stands for a proof of OpenAttestation of a type that is not known here; None for the known type, and for no text."""
    if not isinstance(type_, str) or not type_ or type_ == known:
        return None
    return Unsupported(Doubt.UNSUPPORTED_SUITE, "openattestation", type=type_, known=known)
