"""The claim that a document is valid at the verification time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ebl.codes import Failure
from ebl.errors import Refuted
from ebl.messages import Message, say
from ebl.model.findings import Claim, Fact, Group
from ebl.model.ports import Sources


@dataclass(frozen=True, slots=True)
class Valid(Claim):
    """The document is valid from ``start`` to ``end``, both included; None means no limit."""

    group: ClassVar[Group] = Group.STATUS
    name: ClassVar[str] = "validity"
    settles: ClassVar[bool] = False
    is_offline: ClassVar[bool] = True

    start: datetime | None
    end: datetime | None

    def check(self, sources: Sources) -> InForce:
        """Compares the dates with the clock. Raises `Refuted` if it is outside them.

        Not checked: that no date was redacted from the document.
        """
        if self.start is not None and sources.now < self.start:
            raise Refuted(Failure.NOT_YET_VALID, start=self.start)
        if self.end is not None and sources.now > self.end:
            raise Refuted(Failure.EXPIRED, end=self.end)
        return InForce(self)


@dataclass(frozen=True, slots=True)
class InForce(Fact):
    """The verification time is between the dates."""

    claim: Valid

    @property
    def message(self) -> Message:
        """States the result."""
        match self.claim.start, self.claim.end:
            case datetime() as start, datetime() as end:
                return say("fact", "in_force_between", start=start, end=end)
            case datetime() as start, _:
                return say("fact", "in_force_from", start=start)
            case _, datetime() as end:
                return say("fact", "in_force_until", end=end)
        return say("fact", "in_force")
