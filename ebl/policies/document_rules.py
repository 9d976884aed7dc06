"""Rules on the document: the accepted formats, and what may be withheld."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ebl.codes import Doubt, Failure
from ebl.errors import Refuted, SourceError
from ebl.messages import Message, say
from ebl.model.findings import Fact, Note
from ebl.model.wholeness import Extent
from ebl.policies.base_policy import Policy
from ebl.policies.credential_rules import PresentedTo
from ebl.policies.rule_parts import examined


@dataclass(frozen=True, slots=True)
class NothingWithheld(Policy):
    """No field was withheld from the document, and it is not derived."""

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        whole = examined(facts).whole
        if whole.extent is Extent.DERIVED:
            raise Refuted(Failure.WITHHELD, "derived")
        if whole.withheld is None:
            raise SourceError(Doubt.NOT_WHOLE, "not_known")
        if whole.withheld:
            raise Refuted(Failure.WITHHELD, "fields", fields=whole.withheld)
        return ()

    @property
    def sentence(self) -> Message:
        return say("rule", "nothing_withheld")


@dataclass(frozen=True, slots=True)
class ShownWhole(Policy):
    """Nothing that could change the verdict may have been left out: no date, no status, no issuer.

    Without this rule, such a gap is a condition of the verdict; with it, the verdict is open. Fields that cannot change the
    verdict may be withheld, unlike with `NothingWithheld`.
    """

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        if (condition := examined(facts).whole.condition) is not None:
            raise SourceError(Doubt.NOT_WHOLE, condition[1])
        return ()

    @property
    def sentence(self) -> Message:
        return say("rule", "shown_whole")


@dataclass(frozen=True, slots=True)
class OfFormat(Policy):
    """The document is of one of these formats: ``oa2``, ``oa3``, ``vc``, ``vp``."""

    formats: frozenset[str]

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        found = examined(facts).format
        if found not in self.formats:
            raise Refuted(Failure.UNEXPECTED_FORMAT, format=found, accepted=sorted(self.formats))
        return ()

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, OfFormat) and not self.formats & other.formats:
            return "no format is accepted by both"
        if isinstance(other, PresentedTo) and "vp" not in self.formats:
            return "only a presentation (vp) is made for a challenge or a domain"
        return None

    @property
    def sentence(self) -> Message:
        return say("rule", "of_format", formats=sorted(self.formats))
