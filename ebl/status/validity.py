"""The dates between which a document says that it holds."""

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
    """The document holds from ``start`` to ``end``, both included; None is no bound."""

    group: ClassVar[Group] = Group.STATUS
    name: ClassVar[str] = "validity"
    settles: ClassVar[bool] = False
    asks_nobody: ClassVar[bool] = True

    start: datetime | None
    end: datetime | None

    def check(self, sources: Sources) -> InForce:
        """Compare the dates with the clock. Raises `Refuted`. Not checked: that no date was withheld from the document."""
        if self.start is not None and sources.now < self.start:
            raise Refuted(Failure.NOT_YET_VALID, start=self.start)
        if self.end is not None and sources.now > self.end:
            raise Refuted(Failure.EXPIRED, end=self.end)
        return InForce(self)


@dataclass(frozen=True, slots=True)
class InForce(Fact):
    """The moment of the verification lies between the dates."""

    claim: Valid

    @property
    def message(self) -> Message:
        """What held."""
        match self.claim.start, self.claim.end:
            case datetime() as start, datetime() as end:
                return say("fact", "in_force_between", start=start, end=end)
            case datetime() as start, _:
                return say("fact", "in_force_from", start=start)
            case _, datetime() as end:
                return say("fact", "in_force_until", end=end)
        return say("fact", "in_force")
