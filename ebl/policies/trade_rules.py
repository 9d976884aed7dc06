"""The rule on the data of a transport document (`MeetsDcsa`): DCSA's schema, and its conditional rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ebl.codes import Doubt, Failure
from ebl.errors import InvalidInput, Refuted, SourceError, Undetermined
from ebl.messages import Message, say
from ebl.model.findings import Fact, Note
from ebl.model.wholeness import Extent
from ebl.policies.base_policy import Policy
from ebl.policies.contents import Contents

if TYPE_CHECKING:  # loaded once a rule asks
    from ebl.transport_document.transport_check import TransportDocumentCheck

__all__ = ["MeetsDcsa"]

PARTS: Final = ("schema", "rules")


@dataclass(frozen=True, slots=True, init=False)
class MeetsDcsa(Policy):
    """The document carries a transport document that meets DCSA's schema, its conditional rules, or both.

    ``parts`` are ``schema`` and ``rules``; ``without`` are rules that are not required, such as ``TD-05``. A warning does not
    count, nor do codes and names of places. Refused with ``policy.dcsa``; left open (``policy.dcsa_undetermined``) if the bill
    does not use DCSA's names, or members may be withheld.

    Raises `InvalidInput` if there is no part, or one of the names does not exist.
    """

    parts: tuple[str, ...]
    without: tuple[str, ...]

    def __init__(self, *parts: str, without: Iterable[str] = ()) -> None:
        from ebl.transport_document.rule_table import rules

        known = {rule.id for rule in rules()}
        left_out = tuple(without)
        for one in parts:
            if one not in PARTS:
                raise InvalidInput(f"{one[:40]!r} is not a part of DCSA's standard.", fix="Give schema, rules or both.")
        if not parts:
            raise InvalidInput("MeetsDcsa() needs schema, rules or both.")
        for one in left_out:
            if one not in known:
                raise InvalidInput(f"{one[:40]!r} is not a rule.", fix="The rules are TD-01 to TD-23.")
        object.__setattr__(self, "parts", tuple(dict.fromkeys(parts)))
        object.__setattr__(self, "without", left_out)

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        contents = next((fact for fact in facts if isinstance(fact, Contents)), None)
        if contents is None:
            raise Undetermined(Doubt.NO_FACT, "no_content")
        try:
            found = _examined(contents)
        except InvalidInput as several:  # which says nothing about the caller's policy
            raise SourceError(Doubt.DCSA_OPEN, "several") from several
        if found is None:
            raise SourceError(Doubt.DCSA_OPEN, "other_vocabulary")
        self._require(found)
        return ()

    def _require(self, found: TransportDocumentCheck) -> None:
        """Raises `Refuted` if a part is not met, and `SourceError` if that cannot be decided."""
        from ebl.transport_document.rule_table import Severity
        from ebl.transport_document.transport_check import RuleOutcome

        if "schema" in self.parts and found.schema.valid is False:
            first = found.schema.errors[0]
            raise Refuted(Failure.DCSA, "schema", place=first.place or "/", because=first.message)
        asked = [row for row in found.rules if row.rule.id not in self.without] if "rules" in self.parts else []
        failed = [row for row in asked if row.outcome is RuleOutcome.FAILED and row.severity is Severity.ERROR]
        if failed:
            names = tuple(dict.fromkeys(row.rule.id for row in failed))
            raise Refuted(Failure.DCSA, "rule", rules=names, place=failed[0].place, because=failed[0].message)
        open_ = [row.rule.id for row in asked if row.outcome is RuleOutcome.MANUAL]
        if "schema" in self.parts and found.schema.valid is None:
            open_ = ["schema", *open_]
        if open_:
            raise SourceError(Doubt.DCSA_OPEN, "open", rules=tuple(dict.fromkeys(open_)))

    @property
    def sentence(self) -> Message:
        if self.without and "rules" in self.parts:
            return say("rule", "meets_dcsa_without", parts=self.parts, without=self.without)
        return say("rule", "meets_dcsa", parts=self.parts)


def _examined(contents: Contents) -> TransportDocumentCheck | None:
    from ebl.transport_document.transport_check import examine_transport_document, transport_document_of

    document = contents.document
    found = transport_document_of(document.data, document.format)
    if found is None:
        return None
    return examine_transport_document(found, is_whole=contents.whole.extent is Extent.WHOLE)
