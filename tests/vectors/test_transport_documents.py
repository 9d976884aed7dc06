"""The vectors of DCSA's transport document come out as stated. DCSA's own files are beside this repository, and not copied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ebl.config.schemas import load
from ebl.trade import RuleOutcome, TransportDocumentCheck, examine_transport_document, rules

SHARED = Path(__file__).parents[2].parent / "shared" / "vectors" / "trade"
beside = pytest.mark.skipif(not SHARED.exists(), reason="DCSA's examples are not beside this repository")
OURS: dict[str, Any] = json.loads((Path(__file__).parent / "trade" / "td-rules.json").read_text("utf-8"))
_ALL = ["TD-05", "TD-12"]
_LATER = ["TD-05", "TD-08", "TD-12"]
EXAMPLES = {
    "EblEnvelope/post-regularSTDExample": _ALL,
    "IssuanceRequest/put-regularSTDExample": _ALL,
    "TransportDocument/get-dgExample": _LATER,
    "TransportDocument/get-reeferExample": _ALL,
    "TransportDocument/get-regularSTDExample": _ALL,
    "TransportDocument/put-dgExample-amend": _LATER,
    "TransportDocument/put-reeferExample-amend": _LATER,
    "TransportDocumentAmend/get-dgExample-amend": _LATER,
    "TransportDocumentAmend/get-reeferExample-amend": _LATER,
    "TransportDocumentNotification/post-draftFullStateTransferExample": _ALL,
    "TransportDocumentNotification/post-issuedFullStateTransferExample": _LATER,
}
"""What each of DCSA's examples breaks, read by hand: to order without a notify party, a shipper with neither address nor code,
and, once past the draft, no date of issue."""


def failed(found: TransportDocumentCheck) -> list[str]:
    return sorted({row.rule.id for row in found.rules if row.outcome is RuleOutcome.FAILED})


@pytest.mark.parametrize("name", OURS["cases"])
def test_a_case_comes_out_as_stated(name: str) -> None:
    case = OURS["cases"][name]
    found = examine_transport_document(case["document"])
    assert found.schema.valid is case["expect"]["schemaValid"]
    places = sorted({error.place.lstrip("/") or "(root)" for error in found.schema.errors})
    assert places == sorted(case["schemaErrorPaths"])
    assert failed(found) == case["expect"]["ruleViolations"]
    assert [row for row in found.rows if row.outcome is RuleOutcome.MANUAL] == []
    violated = bool(case["expect"]["ruleViolations"])
    assert found.has_failed() is (violated or not case["expect"]["schemaValid"])


def documents(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        own = [value] if "transportDocumentTypeCode" in value and "consignmentItems" in value else []
        return own + [one for inner in value.values() for one in documents(inner)]
    return [one for inner in value for one in documents(inner)] if isinstance(value, list) else []


def examples() -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted((SHARED / "openapi-examples").glob("*/*.json")):
        for one in documents(json.loads(path.read_text("utf-8"))):
            if "documentParties" in one and "transports" in one and "transportDocumentStatus" in one:
                found[f"{path.parent.name}/{path.stem}"] = one
    return found


@beside
def test_the_eleven_examples_of_dcsa_meet_the_schema_and_break_the_rules() -> None:
    found = {name: examine_transport_document(one) for name, one in examples().items()}
    assert {name: one.schema.errors for name, one in found.items() if not one.schema.valid} == {}
    assert {name: failed(one) for name, one in found.items()} == EXAMPLES


def test_the_table_of_rules_is_that_of_the_vectors() -> None:
    assert [rule.id for rule in rules()] == OURS["rules"]


@beside
def test_the_schema_is_that_of_the_vectors_without_the_conditional_rules() -> None:
    theirs = json.loads((SHARED / "ebl-transport-document.schema.json").read_text("utf-8"))["$defs"]
    ours = load("dcsa-transport-document-3.0.4.schema.json")["$defs"]
    assert ours.keys() == theirs.keys()
    left = {name: {key for key in theirs[name] if theirs[name][key] != ours[name].get(key)} for name in theirs}
    assert {name: keys for name, keys in left.items() if keys} == {
        "TransportDocument": {"allOf", "dependentRequired", "properties"},
        "Shipper": {"anyOf"},
        "Consignee": {"anyOf"},
        "Endorsee": {"anyOf"},
        "NotifyParty": {"anyOf"},
        "Transports": {"dependentRequired", "properties"},
        "OuterPackaging": {"if", "then"},
        "UtilizedTransportEquipment": {"if", "then"},
        "ActiveReeferSettings": {"dependentRequired"},
    }
