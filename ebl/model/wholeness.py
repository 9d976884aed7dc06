"""How much of a document its holder shows, and which hidden members could change the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ebl.codes import Condition
from ebl.messages import Message, say


class Extent(StrEnum):
    """How much of the issued document is shown."""

    WHOLE = "whole"
    WITHHELD = "withheld"
    DERIVED = "derived"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Wholeness:
    """How whole a document is. Certain only once its integrity is; before that it is a claim of the document.

    ``extent``    whole; withheld (leaves are replaced by their hashes); derived (a holder chose what to disclose); or unknown
                  (the proof does not show it: a base proof of ecdsa-sd-2023, above all)
    ``withheld``  how many leaves were redacted, None if that cannot be counted
    ``bound``     members that the issuer bound, so that no holder can leave them out (all of what is shown of each);
                  empty if that is not known, or if holders have no such choice
    ``may_hide``  members that are hidden, or of which more may be hidden, and that could change the verdict
    ``doubts``    reasons why the shown part cannot settle the verdict

    Members are named by paths as in ``issuers`` or ``verifiableCredential[0].validUntil``; ``*`` is any.
    """

    extent: Extent
    withheld: int | None = None
    bound: tuple[str, ...] = ()
    may_hide: tuple[str, ...] = ()
    doubts: tuple[Message, ...] = ()

    @property
    def condition(self) -> tuple[Condition, Message] | None:
        """The condition of a VALID verdict and the reason for it; None if no hidden part could change the verdict."""
        if not self.may_hide:
            return None
        shown = self.may_hide[:_MOST]
        names = [say("hidden", "more" if name.endswith(_SEVERAL) else "one", name=name) for name in shown]
        if rest := len(self.may_hide) - len(shown):
            names.append(say("hidden", "rest", count=rest))
        if self.extent is Extent.DERIVED:
            return Condition.DERIVED, say(Condition.DERIVED, names=names)
        if self.extent is Extent.UNKNOWN:
            return Condition.UNKNOWN_EXTENT, say(Condition.UNKNOWN_EXTENT, names=names)
        return Condition.WITHHELD, say(Condition.WITHHELD, count=self.withheld or 0, names=names)

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "extent": str(self.extent),
            "withheld": self.withheld,
            "bound": list(self.bound),
            "may_hide": list(self.may_hide),
        }


WHOLE: Final = Wholeness(Extent.WHOLE, 0)
"""That of a document that shows all of what was issued."""

UNKNOWN: Final = Wholeness(Extent.UNKNOWN, may_hide=("*",))
"""Wholeness of a document of which not even the shown part is known: anything may be hidden."""

_SEVERAL: Final = ("issuers", "credentialStatus", "credentialSubject")
"""Members that can occur several times, so that one that is shown does not exclude another."""
_MOST: Final = 40
"""How many names of possibly hidden members a message has; the report's data has all."""
_RANK: Final = {Extent.WHOLE: 0, Extent.WITHHELD: 1, Extent.DERIVED: 2, Extent.UNKNOWN: 3}


def of_leaves(withheld: int, *may_hide: str) -> Wholeness:
    """Returns the wholeness of a document whose redacted leaves are counted. ``may_hide`` counts only if there are any."""
    return Wholeness(Extent.WITHHELD, withheld, may_hide=may_hide) if withheld else WHOLE


def of_parts(parts: Iterable[Wholeness]) -> Wholeness:
    """Returns the wholeness of several documents together: the least whole extent, with everything that any may hide."""
    parts = tuple(parts)
    if len(parts) == 1:
        return parts[0]
    counts = [part.withheld for part in parts]
    return Wholeness(
        max((part.extent for part in parts), key=_RANK.__getitem__, default=Extent.UNKNOWN),
        sum(number for number in counts if number is not None) if counts and None not in counts else None,
        tuple(name for part in parts for name in part.bound),
        tuple(name for part in parts for name in part.may_hide),
        tuple(doubt for part in parts for doubt in part.doubts),
    )
