"""Credentials without a status: a document of title without one cannot be relied on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ebl.codes import Condition, Doubt, Failure
from ebl.errors import Refuted, Undetermined
from ebl.messages import Message, say
from ebl.model.findings import Claim, Fact, Group, Note
from ebl.model.ports import Sources


@dataclass(frozen=True, slots=True)
class NoStatus(Claim):
    """The document names no place where its status could be queried.

    ``transferable`` is the type that makes it a document of title, which must name one. ``derived``: its holder chose what
    to show, and may have left a status out. ``partly``: only a part of a status is shown, so that it cannot be queried.
    """

    group: ClassVar[Group] = Group.STATUS
    name: ClassVar[str] = "no_status"
    is_offline: ClassVar[bool] = True

    transferable: str | None
    derived: bool
    partly: bool = False

    def check(self, sources: Sources) -> WithoutStatus:
        """Raises `Undetermined` with ``status.not_shown`` if a holder may have left out what a document of title must have.

        Raises `Refuted` with ``status.missing`` if one that is shown whole has none: it could not be revoked or transferred.
        """
        if self.partly:
            raise Undetermined(Doubt.STATUS_NOT_SHOWN, "part_of_status")
        if self.transferable is not None and self.derived:
            raise Undetermined(Doubt.STATUS_NOT_SHOWN, "title", type=self.transferable)
        if self.transferable is not None:
            raise Refuted(Failure.NO_STATUS, "title", type=self.transferable)
        note = Note.of(Condition.NO_STATUS, "not_shown" if self.derived else "not_there")
        return WithoutStatus(self, notes=(note,))


@dataclass(frozen=True, slots=True)
class WithoutStatus(Fact):
    """Its kind does not require a status."""

    claim: NoStatus

    @property
    def message(self) -> Message:
        """The fact in words."""
        return say("fact", "without_status")
