"""The fact that gives policies the content of a document.

The fields of a bill (`ebl.bill`) are read when a policy first asks for them. `ebl.policy.HasField` is a rule on them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ebl.model.findings import Fact
from ebl.model.wholeness import Wholeness

if TYPE_CHECKING:  # most verifications have no rule on content
    from ebl.bill import Bill
    from ebl.model.document import Document

__all__ = ["Contents"]


@dataclass(frozen=True, slots=True)
class Contents(Fact):
    """The document that was examined, and how whole it is. Its ``bill`` is read when a policy first asks for it.

    It is not a finding of the report: the content is established if the report's integrity findings passed.
    """

    document: Document
    whole: Wholeness
    _read: list[Bill] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def bill(self) -> Bill:
        """The document's fields by the trade's names (`ebl.bill.bill`)."""
        if not self._read:
            from ebl.bill import bill

            self._read.append(bill(self.document, whole=self.whole))
        return self._read[0]

    def __str__(self) -> str:
        return "the content of the document"
