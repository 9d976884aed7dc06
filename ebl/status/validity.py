"""The dates between which a document says that it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ebl.codes import Failure
from ebl.errors import Refuted
from ebl.primitives.timestamp import format_timestamp
from ebl.report import Claim, Fact, Group
from ebl.sources import Sources


@dataclass(frozen=True, slots=True)
class Valid(Claim):
    """The document holds from ``start`` to ``end``, both included; None is no bound."""

    group: ClassVar[Group] = Group.STATUS
    name: ClassVar[str] = "validity"
    settles: ClassVar[bool] = False

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class InForce(Fact):
    """The moment of the verification lies between the dates."""

    claim: Valid

    def __str__(self) -> str:
        bounds = (("from", self.claim.start), ("to", self.claim.end))
        return "in force " + " ".join(f"{word} {format_timestamp(date)}" for word, date in bounds if date is not None)


def check(claim: Valid, sources: Sources) -> InForce:
    """Compare the dates with the clock. Raises `Refuted`. Not checked: that no date was withheld from the document."""
    if claim.start is not None and sources.now < claim.start:
        raise Refuted(Failure.NOT_YET_VALID, f"it holds from {format_timestamp(claim.start)} only")
    if claim.end is not None and sources.now > claim.end:
        raise Refuted(Failure.EXPIRED, f"it held until {format_timestamp(claim.end)}")
    return InForce(claim)
