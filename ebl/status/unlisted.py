"""What it means that a credential names no status: for a bill of lading that it cannot be relied on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ebl.codes import Failure, Remark
from ebl.errors import Refuted
from ebl.report import Claim, Fact, Group, Note
from ebl.sources import Sources


@dataclass(frozen=True, slots=True)
class NoStatus(Claim):
    """The document names no place where its status could be asked.

    ``transferable`` is the type that makes it a document of title, which must name one. ``derived``: its holder chose what
    to show, and may have left a status out.
    """

    group: ClassVar[Group] = Group.STATUS
    name: ClassVar[str] = "no_status"

    transferable: str | None
    derived: bool


@dataclass(frozen=True, slots=True)
class WithoutStatus(Fact):
    """It is of a kind that may go without one."""

    claim: NoStatus

    def __str__(self) -> str:
        return "names no status"


def check(claim: NoStatus, sources: Sources) -> WithoutStatus:
    """Raises `Refuted` with ``status.missing`` for a document of title."""
    if claim.transferable is not None:
        raise Refuted(
            Failure.NO_STATUS, f"a {claim.transferable} must show its credentialStatus, and this one shows none"
        )
    detail = "it shows no status: its issuer cannot revoke it"
    if claim.derived:
        detail = "it shows no status: it has none, or its holder left it out"
    return WithoutStatus(claim, notes=(Note(Remark.NO_STATUS, detail),))
