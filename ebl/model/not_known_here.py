"""Claims in a form that ebl does not know. Such a claim can never be established, and replaces one that could be.

The rest of the document is read and checked as usual, so that its known errors are still found.
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
    """An unknown claim of ``group``. ``message`` names it, and ``doubt`` is its code. ``name`` is the check's in a report."""

    is_offline: ClassVar[bool] = True

    group: Group  # type: ignore[misc]  # of the instance: anything may be unknown
    name: str  # type: ignore[misc]
    doubt: Doubt
    message: Message

    def check(self, sources: Sources) -> NoReturn:
        """Raises `Undetermined`, always."""
        raise Undetermined(self.doubt, self.message)


def claim(group: Group, name: str, unknown: Unsupported) -> NotKnownHere:
    """Returns the claim that replaces an unknown one."""
    return NotKnownHere(group, name, unknown.doubt, unknown.message)


def because(group: Group, name: str, unknown: Unsupported, what: str) -> NotKnownHere:
    """Returns another claim that cannot be checked either, for the reason that the claim of integrity has.

    ``what`` is the variant of the message that names it.
    """
    return NotKnownHere(group, name, unknown.doubt, say(unknown.doubt, what))


def document(
    format_: Format, raw: Mapping[str, Any], data: Mapping[str, Any], unknown: Unsupported, *, integrity: str
) -> Document:
    """Returns a document of which only the JSON is known, so that no claim of it can be established.

    ``integrity`` is the name of the integrity check of its format.
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
    """Returns the error for an unknown version of OpenAttestation; None if the document names the known version, or none.

    ``name`` is the format's, a word of the catalogue.
    """
    said = raw.get("version")
    if not isinstance(said, str) or said == known:
        return None
    return Unsupported(Doubt.UNSUPPORTED_VERSION, "openattestation", format=name, known=known, version=said)


def hashes(type_: object, known: str) -> Unsupported | None:
    """Returns the error for an unknown type of OpenAttestation proof; None if the type is the known one, or not a text."""
    if not isinstance(type_, str) or not type_ or type_ == known:
        return None
    return Unsupported(Doubt.UNSUPPORTED_SUITE, "openattestation", type=type_, known=known)
