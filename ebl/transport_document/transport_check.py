"""Examination of a transport document: schema, rules and codes, each reported apart.

::

    found = examine_transport_document(data)
    found.schema.valid                                         # True, False, or None if it cannot be decided
    [row.rule.id for row in found.rules if row.outcome is RuleOutcome.FAILED]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeGuard

from ebl.bill.mapping import scopes
from ebl.errors import InvalidInput
from ebl.messages import Message, say
from ebl.messages.catalogue import ENGLISH, render
from ebl.model.document import Format
from ebl.model.paths import pointer
from ebl.transport_document.code_checks import check_code
from ebl.transport_document.port_list import Ports
from ebl.transport_document.rule_checks import CHECKS, DRAFTS, SHOWN
from ebl.transport_document.rule_table import DcsaRule, Severity, code_rules, rules
from ebl.transport_document.safe_members import within
from ebl.transport_document.schema_check import SchemaError, schema_errors

_MAX_ROWS: Final = 100
_SIGNS: Final = frozenset({"documentParties", "transportDocumentTypeCode"})


class RuleOutcome(StrEnum):
    """What a rule came to. ``manual``: only a person, or the whole document, can tell."""

    PASSED = "passed"
    FAILED = "failed"
    MANUAL = "manual"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule found at one place (JSON pointer into the transport document; * is any element)."""

    rule: DcsaRule
    outcome: RuleOutcome
    severity: Severity
    place: str
    message: Message

    def to_dict(self, language: str = ENGLISH) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "id": self.rule.id,
            "outcome": str(self.outcome),
            "severity": str(self.severity),
            "place": self.place,
            "message": render(self.message, language),
        }


@dataclass(frozen=True, slots=True)
class SchemaResult:
    """Whether the document is valid under the schema; ``valid`` is None if that cannot be decided from what is shown."""

    valid: bool | None
    errors: tuple[SchemaError, ...] = ()

    def to_dict(self, language: str = ENGLISH) -> dict[str, Any]:
        """Returns JSON data."""
        errors = [{"place": one.place, "message": render(one.message, language)} for one in self.errors]
        return {"valid": self.valid, "errors": errors}


@dataclass(frozen=True, slots=True)
class TransportDocumentCheck:
    """What was found in a transport document: the schema, the rules TD-01 to TD-23, and the codes CD-01 to CD-10."""

    schema: SchemaResult
    rules: tuple[RuleResult, ...]
    codes: tuple[RuleResult, ...]

    @property
    def rows(self) -> tuple[RuleResult, ...]:
        """The results of all rules."""
        return self.rules + self.codes

    def has_failed(self, *, strict: bool = False) -> bool:
        """Whether the schema or a rule of severity error is not met; with ``strict``, warnings count too."""
        return self.schema.valid is False or any(
            row.outcome is RuleOutcome.FAILED and (strict or row.severity is Severity.ERROR) for row in self.rows
        )

    @property
    def is_open(self) -> bool:
        """Whether something is left to a person."""
        return self.schema.valid is None or any(row.outcome is RuleOutcome.MANUAL for row in self.rows)

    def to_dict(self, language: str = ENGLISH) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "schema": self.schema.to_dict(language),
            "rules": [row.to_dict(language) for row in self.rules],
            "codes": [row.to_dict(language) for row in self.codes],
        }


def is_transport_document(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Returns whether a value has a member that DCSA's transport document has, and its requests and notifications do not have."""
    return isinstance(value, Mapping) and not _SIGNS.isdisjoint(value)


def transport_document_of(data: Mapping[str, Any], kind: Format) -> Mapping[str, Any] | None:
    """Returns the transport document in the content of a document; None if it uses other names than DCSA's.

    Raises `InvalidInput` if there are several.
    """
    subjects, _ = scopes(data, kind)
    found = [node for _, node in subjects if is_transport_document(node)]
    if len(found) > 1:
        raise InvalidInput(f"Expected one transport document; found {len(found)}.", fix="Give them one by one.")
    return found[0] if found else None


def examine_transport_document(
    data: Mapping[str, Any], *, is_whole: bool = True, ports: Ports | None = None
) -> TransportDocumentCheck:
    """Examines a transport document as plain data, with DCSA's names.

    If not ``is_whole``, members may be withheld: what depends on their absence is then manual, whether a fault or none.
    ``ports`` is the list of ports to compare with; the library's own table if None. Not checked: that the document is
    unaltered.
    """
    errors = schema_errors(dict(data))
    if errors is None:
        schema = SchemaResult(None, (SchemaError("", say("td_schema", "not_comparable")),))
    else:
        only_absent = bool(errors) and all(error.absent for error in errors)
        schema = SchemaResult(None if only_absent and not is_whole else not errors, errors)
    found = [row for rule in rules() for row in _rule(rule, data, is_whole=is_whole)]
    coded = [row for rule in code_rules() for row in _code(rule, data, ports or Ports.table())]
    return TransportDocumentCheck(schema, tuple(found), tuple(coded))


def other_vocabulary() -> TransportDocumentCheck:
    """Returns the result for a bill that does not use DCSA's names: nothing of it can be decided."""
    errors = (SchemaError("", say("td_schema", "other_vocabulary")),)
    manual = [
        _row(rule, RuleOutcome.MANUAL, say("td_outcome", "other_vocabulary", rule=rule.sentence)) for rule in rules()
    ]
    none = [_row(rule, RuleOutcome.NOT_APPLICABLE, _idle(rule)) for rule in code_rules()]
    return TransportDocumentCheck(SchemaResult(None, errors), tuple(manual), tuple(none))


def _rule(rule: DcsaRule, data: Mapping[str, Any], *, is_whole: bool) -> Iterable[RuleResult]:
    faults = CHECKS[rule.id](data)
    if not is_whole and not faults and (faults is None or rule.id not in SHOWN):
        yield _row(rule, RuleOutcome.MANUAL, say("td_outcome", "withheld", rule=rule.sentence))
        return
    if faults is None:
        yield _row(rule, RuleOutcome.NOT_APPLICABLE, _idle(rule))
        return
    if not faults:
        yield _row(rule, RuleOutcome.PASSED, say("td_outcome", "passed", rule=rule.sentence))
    severity = rule.severity
    if rule.id == "TD-06" and within(data, "transportDocumentStatus") in DRAFTS:
        severity = Severity.WARNING
    for fault in faults[:_MAX_ROWS]:
        if fault.absent and not is_whole:
            outcome, told = RuleOutcome.MANUAL, say("td_outcome", "withheld", rule=rule.sentence)
        else:
            outcome, told = RuleOutcome.FAILED, say("td_outcome", "failed", rule=rule.sentence, found=fault.found)
        yield replace(_row(rule, outcome, told), severity=severity, place=pointer(fault.at))


def _code(rule: DcsaRule, data: Mapping[str, Any], ports: Ports) -> Iterable[RuleResult]:
    faults = check_code(rule.id, data, ports)
    if faults is None:
        yield _row(rule, RuleOutcome.NOT_APPLICABLE, _idle(rule))
        return
    if not faults:
        yield _row(rule, RuleOutcome.PASSED, say("td_outcome", "passed", rule=rule.sentence))
    for fault in faults[:_MAX_ROWS]:
        if fault.open:
            outcome, told = RuleOutcome.MANUAL, say("td_outcome", "manual", rule=rule.sentence, found=fault.found)
        else:
            outcome, told = RuleOutcome.FAILED, say("td_outcome", "failed", rule=rule.sentence, found=fault.found)
        yield replace(_row(rule, outcome, told), place=pointer(fault.at))


def _idle(rule: DcsaRule) -> Message:
    return say("td_outcome", "not_applicable", rule=rule.sentence)


def _row(rule: DcsaRule, outcome: RuleOutcome, message: Message) -> RuleResult:
    return RuleResult(rule, outcome, rule.severity, rule.place, message)
