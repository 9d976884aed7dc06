"""The trade in a bill: its data under DCSA's standard, and against its title.

::

    from ebl.trade import check_file

    found = check_file(raw)                  # a transport document as plain JSON, or any bill
    found.to_dict()

Facts about data, not legal advice, and no part of a verification unless a policy requires it.
"""

from __future__ import annotations

from ebl.trade.across_layers import LayerRow, compare_layers
from ebl.trade.dcsa import check_document, check_file
from ebl.transport_document.port_list import Ports
from ebl.transport_document.rule_table import DcsaRule, Severity, code_rules, rules
from ebl.transport_document.schema_check import SchemaError
from ebl.transport_document.transport_check import (
    RuleOutcome,
    RuleResult,
    SchemaResult,
    TransportDocumentCheck,
    examine_transport_document,
)

__all__ = [
    "DcsaRule",
    "LayerRow",
    "Ports",
    "RuleOutcome",
    "RuleResult",
    "SchemaError",
    "SchemaResult",
    "Severity",
    "TransportDocumentCheck",
    "check_document",
    "check_file",
    "code_rules",
    "compare_layers",
    "examine_transport_document",
    "rules",
]
