"""What published documents say is read as it is written there.

What was seen in them is kept in bills.json, and what was written by hand before it was compared in bills_by_hand.toml.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ebl.bill import Bill, FieldState, bill, table
from ebl.bill.field_values import text_of
from ebl.checking.formats import read
from ebl.model.wholeness import Extent

HERE = Path(__file__).parent
SHARED = Path(__file__).parents[2].parent / "shared"
TRUSTVC = {
    "blNumber": "number",
    "billOfLadingName": "form_name",
    "scac": "carrier.code",
    "carrierName": "carrier",
    "vessel": "vessel",
    "voyageNo": "voyage",
    "portOfLoading": "port_of_loading.name",
    "portOfDischarge": "port_of_discharge.name",
    "placeOfReceipt": "place_of_receipt.name",
    "placeOfDelivery": "place_of_delivery.name",
    "shipperName": "shipper",
    "shipperAddressStreet": "shipper.street",
    "shipperAddressCountry": "shipper.country",
    "consigneeName": "consignee",
    "notifyPartyName": "notify_party",
    "toOrderOfText": "to_order_of",
    "onwardInlandRouting": "onward_routing.name",
    "carrierReceipt": "carrier_receipt",
    "placeOfIssueBL": "place_of_issue.name",
    "numberOfOriginalBL": "originals",
    "dateOfIssueBL": "issue_date",
    "shippedOnBoardDate": "shipped_on_board_date",
    "signedForCarrierText": "signed_by",
    "carrierSignature": "signature",
    "termsOfCarriage": "terms",
}
PACKAGES = {
    "packagesDescription": "goods.description",
    "packagesWeight": "goods.gross_weight",
    "packagesMeasurement": "goods.volume",
}
EXPECTED = json.loads((HERE / "bills.json").read_text("utf-8"))
BY_HAND = tomllib.loads((HERE / "bills_by_hand.toml").read_text("utf-8"))
ENVELOPE = {
    *("document_id", "document_type", "document_name", "template", "attachments.name", "attachments.media_type"),
    *("credential_type", "credential_date", "valid_from", "valid_until"),
}


def entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def told(found: Bill) -> dict[str, Any]:
    """The fields with a value: its text, or the texts of several; one that is ambiguous says so. Of a picture the length."""
    rows = {one.name: [cut(entry.text) for entry in one.entries] for one in found.shown}
    short = {name: texts[0] if len(texts) == 1 else texts for name, texts in rows.items()}
    return {
        name: ["?", *texts] if found[name].state is FieldState.AMBIGUOUS else texts for name, texts in short.items()
    }


def cut(text: str) -> str:
    return text if len(text) <= 200 else f"{len(text)} characters"


def credentials() -> Iterator[Any]:
    for path in sorted((HERE / "trustvc").glob("*.json")):
        for kind in ("signed", "derived", "derivedFullSubject"):
            yield pytest.param(path, kind, id=f"{path.stem}-{kind}")


@pytest.mark.parametrize(("path", "kind"), [*credentials()])
def test_a_credential_of_trustvc_says_what_its_members_say(path: Path, kind: str) -> None:
    credential = json.loads(path.read_text("utf-8"))[kind]
    document = read(json.dumps(credential).encode())
    found = bill(document)
    expected: dict[str, list[str | None]] = {}
    for subject in entries(credential["credentialSubject"]):
        for member, name in TRUSTVC.items():
            if member in subject:
                expected.setdefault(name, []).append(text_of(subject[member]))
        for line in entries(subject.get("packages", [])):
            for member, name in PACKAGES.items():
                if member in line:
                    expected.setdefault(name, []).append(text_of(line[member]))
    shown = {one.name: [entry.text for entry in one.entries] for one in found.shown if one.name not in ENVELOPE}
    assert shown == expected
    assert found["document_id"].text == credential["id"]
    of_envelope = [found[name] for name in sorted(ENVELOPE) if not found[name].entries and name != "document_type"]
    missing = FieldState.ABSENT if document.whole.extent is Extent.WHOLE else FieldState.UNKNOWN
    assert {one.state for one in of_envelope} == {missing}
    kinds = {kind for subject in entries(credential["credentialSubject"]) for kind in entries(subject["type"])}
    terms = set().union(*(table().vocabularies["trustvc"].types[kind] for kind in kinds))
    known = {name for member, name in (TRUSTVC | PACKAGES).items() if member in terms} | {"document_type"}
    for one in found:
        if not one.entries and not one.facets and one.name not in ENVELOPE:
            assert one.state is (missing if one.name in known else FieldState.UNKNOWN), one.name


@pytest.mark.skipif(not SHARED.exists(), reason="the published fixtures are not here")
@pytest.mark.parametrize("name", EXPECTED["fixtures"])
def test_a_published_document_says_what_was_seen_in_it(name: str) -> None:
    raw = (SHARED / "fixtures" / name).read_bytes()
    document = read(raw)
    assert told(bill(document)) == EXPECTED["fixtures"][name]


def transport_documents() -> list[Path]:
    """Transport documents; the notifications among DCSA's examples are none."""
    kinds = ("lc-check", "td-rules", "openapi-examples/TransportDocument", "openapi-examples/TransportDocumentAmend")
    return sorted(path for kind in kinds for path in (SHARED / "vectors" / "trade" / kind).glob("*.json"))


@pytest.mark.parametrize("path", transport_documents(), ids=lambda path: path.stem)
def test_a_transport_document_says_what_its_members_say(path: Path) -> None:
    document = json.loads(path.read_text("utf-8"))
    document = document.get("document", document.get("amendedTransportDocument", document))
    found = bill(document)
    carriage, parties = document.get("transports", {}), document.get("documentParties", {})
    for name, value in {
        "number": document.get("transportDocumentReference"),
        "document_type": document.get("transportDocumentTypeCode"),
        "carrier.code": document.get("carrierCode"),
        "issuing_party": parties.get("issuingParty", {}).get("partyName"),
        "shipper": parties.get("shipper", {}).get("partyName"),
        "consignee": parties.get("consignee", {}).get("partyName"),
        "to_order_of": parties.get("endorsee", {}).get("partyName"),
        "port_of_loading.code": carriage.get("portOfLoading", {}).get("UNLocationCode"),
        "port_of_discharge.code": carriage.get("portOfDischarge", {}).get("UNLocationCode"),
        "issue_date": document.get("issueDate"),
        "shipped_on_board_date": document.get("shippedOnBoardDate"),
        "received_date": document.get("receivedForShipmentDate"),
        "freight_terms": document.get("freightPaymentTermCode"),
    }.items():
        assert (found[name].text, found[name].state) == (
            value,
            FieldState.ABSENT if value is None else FieldState.PRESENT,
        ), name
    items = [cargo for item in document.get("consignmentItems", ()) for cargo in item.get("cargoItems", ())]
    weights = [(str(one["cargoGrossWeight"]["value"]), one["cargoGrossWeight"]["unit"]) for one in items]
    assert [(entry.text, entry.unit) for entry in found["goods.gross_weight"].entries] == weights
    assert len(found.lines("goods")) == len(document.get("consignmentItems", ()))
    assert len(found.lines("containers")) == len(document.get("utilizedTransportEquipments", ()))
    assert {entry.vocabulary for one in found for entry in one.entries} <= {"dcsa", "ebl"}


@pytest.mark.skipif(not SHARED.exists(), reason="the vectors are not here")
@pytest.mark.parametrize("name", EXPECTED["transport_documents"])
def test_a_whole_transport_document_says_what_was_seen_in_it(name: str) -> None:
    document = json.loads((SHARED / "vectors" / "trade" / name).read_text("utf-8"))
    seen = told(bill(document.get("document", document)))
    seen.pop("terms")  # a page of text
    assert seen == EXPECTED["transport_documents"][name]


@pytest.mark.skipif(not SHARED.exists(), reason="the published documents are not here")
@pytest.mark.parametrize("name", BY_HAND)
def test_a_document_says_what_was_written_by_hand(name: str) -> None:
    """A text that is ``*`` is any text, such as a picture's."""
    case = BY_HAND[name]
    path = SHARED / name if name.startswith("fixtures/") else SHARED / "vectors" / name
    document = json.loads(path.read_text("utf-8"))
    document = document[case["at"]] if "at" in case else document
    found = bill(document if name.startswith("trade/") else read(json.dumps(document).encode()))
    seen = {
        one.name: [f"{entry.text} {entry.unit}" if entry.unit else entry.text for entry in one.entries]
        for one in found.shown
        if one.name != "terms" or "terms" in case["says"]
    }
    expected = {name: entries(texts) for name, texts in case["says"].items()}
    assert seen == {name: seen.get(name) if texts == ["*"] else texts for name, texts in expected.items()}
    states = {name: str(found[name].state) for name in (*case.get("absent", ()), *case.get("unknown", ()))}
    assert states == dict.fromkeys(case.get("absent", ()), "absent") | dict.fromkeys(case.get("unknown", ()), "unknown")


@pytest.mark.parametrize("name", EXPECTED["written_out"])
def test_a_document_that_is_written_out_here_says_what_a_reader_expects(name: str) -> None:
    """Vocabularies of which there is no published sample."""
    case = EXPECTED["written_out"][name]
    assert told(bill(case["document"])) == case["fields"]
