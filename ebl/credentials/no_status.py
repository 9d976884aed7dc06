"""What it means that a credential shows no status: of a document of title, that it cannot be relied on."""

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
    """The document names no place where its status could be asked.

    ``transferable`` is the type that makes it a document of title, which must name one. ``derived``: its holder chose what
    to show, and may have left a status out; ``partly``: a part of one, so that it cannot be asked for.
    """

    group: ClassVar[Group] = Group.STATUS
    name: ClassVar[str] = "no_status"
    asks_nobody: ClassVar[bool] = True

    transferable: str | None
    derived: bool
    partly: bool = False

    def check(self, sources: Sources) -> WithoutStatus:
        """Raises `Undetermined` with ``status.not_shown`` if a holder may have left out what a document of title must have.

        One that is shown whole has none, which nobody could revoke or transfer: `Refuted` with ``status.missing``.
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
    """It is of a kind that may go without one."""

    claim: NoStatus

    @property
    def message(self) -> Message:
        """What held."""
        return say("fact", "without_status")
