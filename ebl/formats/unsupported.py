"""What a document claims in a way that is not known here: a claim that nothing can establish, in the place of one that could.

The rest of the document is read and checked as ever, so that what is known to be wrong with it is still found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ebl.codes import Doubt
from ebl.document import Document, Format, Issuer
from ebl.errors import Undetermined, Unsupported
from ebl.messages import Message, say
from ebl.report import Claim, Group
from ebl.sources import Sources


@dataclass(frozen=True, slots=True)
class NotKnownHere(Claim):
    """Something of ``group`` that ``message`` names, and that ``doubt`` is the code of. ``name`` is the check's in a report."""

    group: Group  # type: ignore[misc]  # of the instance: anything may be unknown
    name: str  # type: ignore[misc]
    doubt: Doubt
    message: Message


def claim(group: Group, name: str, unknown: Unsupported) -> NotKnownHere:
    """The claim that stands for what was not known."""
    return NotKnownHere(group, name, unknown.doubt, unknown.message)


def because(group: Group, name: str, unknown: Unsupported, what: str) -> NotKnownHere:
    """A claim of something else that cannot be told either, for the reason that stands with the claim of integrity."""
    return NotKnownHere(
        group, name, unknown.doubt, say(unknown.doubt, f"{what} cannot be told, for the reason given for its integrity")
    )


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
        status=(because(Group.STATUS, "status", unknown, "whether it was issued and still holds"),),
        identity=(because(Group.IDENTITY, "identity", unknown, "who issued it"),),
    )
    return Document(format_, None, (issuer,), (claim(Group.INTEGRITY, integrity, unknown),), data, raw)


def version(raw: Mapping[str, Any], known: str, name: str) -> Unsupported | None:
    """What stands for a version of OpenAttestation that is not known here; None if the document names the known one, or none."""
    said = raw.get("version")
    if not isinstance(said, str) or said == known:
        return None
    return Unsupported(
        Doubt.UNSUPPORTED_VERSION,
        f"it has the members of an OpenAttestation {name} document, whose version is {known}, and names the version"
        f" {said[:200]!r}, which is not known here.",
        "Ask the issuer for a document of a version that is, or use software that knows this one.",
    )


def hashes(type_: object, known: str) -> Unsupported | None:
    """What stands for a proof of OpenAttestation of a type that is not known here; None for the known type, and for no text."""
    if not isinstance(type_, str) or not type_ or type_ == known:
        return None
    return Unsupported(
        Doubt.UNSUPPORTED_SUITE,
        f"its proof is of the type {type_[:100]!r}, and {known} is supported here, so whether the document was altered cannot be"
        " told.",
        "Ask the issuer for a document with a proof of that type, or use software that knows this one.",
    )


def check(claim: NotKnownHere, sources: Sources) -> NoReturn:
    """Raises `Undetermined`, always."""
    raise Undetermined(claim.doubt, claim.message)
