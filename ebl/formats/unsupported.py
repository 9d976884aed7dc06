"""What a document claims in a way that is not known here: a claim that nothing can establish, in the place of one that could.

The rest of the document is read and checked as ever, so that what is known to be wrong with it is still found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from ebl.codes import Doubt
from ebl.errors import Undetermined, Unsupported
from ebl.report import Claim, Group
from ebl.sources import Sources


@dataclass(frozen=True, slots=True)
class NotKnownHere(Claim):
    """Something of ``group`` that ``detail`` names, and that ``doubt`` is the code of. ``name`` is the check's in a report."""

    group: Group  # type: ignore[misc]  # of the instance: anything may be unknown
    name: str  # type: ignore[misc]
    doubt: Doubt
    detail: str


def claim(group: Group, name: str, unknown: Unsupported) -> NotKnownHere:
    """The claim that stands for what was not known."""
    return NotKnownHere(group, name, unknown.doubt, unknown.detail)


def because(group: Group, name: str, unknown: Unsupported, what: str) -> NotKnownHere:
    """A claim of something else that cannot be told either, for the reason that stands with the claim of integrity."""
    return NotKnownHere(group, name, unknown.doubt, f"{what} cannot be told, for the reason given for its integrity")


def check(claim: NotKnownHere, sources: Sources) -> NoReturn:
    """Raises `Undetermined`, always."""
    raise Undetermined(claim.doubt, claim.detail)
