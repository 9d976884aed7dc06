"""The table of field names is sound, and has every name of the vocabularies that it claims to cover."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ebl.bill import table
from ebl.bill.table import TYPES
from ebl.jsonld.contexts import known

ROOT = Path(__file__).parents[3]
NO_FIELDS = {
    # pictures, links, and what is no fact of the trade
    *("logo", "links", "backgroundImage", "spl", "signForTermsAndCondition", "terms"),
    # the wallets and mail addresses of those who sign
    *("drawerWalletAddress", "draweeWalletAddress", "payeeWalletAddress", "signerEmail", "signerTimeStamp"),
    *("drawerJurisdiction", "draweeJurisdiction"),
    # numbers within the goods of a certificate of origin, links, and free text on the consignment
    *("includedConsignmentItemsId", "sequenceNumber", "attachedBinaryFileUri", "tradeProductId"),
    *("supplyChainConsignmentInformation", "mainCarriageTransportMovementInformation"),
}

CORE = """
    transportDocumentReference transportDocumentStatus transportDocumentTypeCode isElectronic isToOrder
    isShippedOnBoardType shippedOnBoardDate receivedForShipmentDate issueDate placeOfIssue.UNLocationCode
    freightPaymentTermCode numberOfOriginalsWithCharges numberOfOriginalsWithoutCharges termsAndConditions carrierCode
    carrierCodeListProvider carrierClauses documentParties.issuingParty.partyName documentParties.issuingParty.address.city
    documentParties.shipper.partyName documentParties.shipper.displayedAddress
    documentParties.shipper.identifyingCodes.partyCode documentParties.consignee.partyName documentParties.endorsee.partyName
    documentParties.notifyParties.partyName documentParties.notifyParties.displayedAddress
    transports.portOfLoading.UNLocationCode transports.portOfDischarge.UNLocationCode
    transports.placeOfReceipt.UNLocationCode transports.placeOfDelivery.UNLocationCode transports.preCarriageBy
    transports.onCarriageBy transports.vesselVoyages.vesselName transports.vesselVoyages.carrierExportVoyageNumber
    consignmentItems.descriptionOfGoods consignmentItems.HSCodes consignmentItems.shippingMarks
    consignmentItems.cargoItems.outerPackaging.numberOfPackages consignmentItems.cargoItems.outerPackaging.packageCode
    consignmentItems.cargoItems.outerPackaging.description consignmentItems.cargoItems.cargoGrossWeight
    consignmentItems.cargoItems.cargoGrossVolume consignmentItems.cargoItems.equipmentReference
    utilizedTransportEquipments.equipment.equipmentReference utilizedTransportEquipments.seals.number
    consignmentItems.carrierBookingReference references.value displayedShippedOnBoardReceivedForShipment declaredValue
    declaredValueCurrency
"""


def names(vocabulary: str) -> set[str]:
    ways = [name for row in table().fields.values() for name in row.names]
    ways += [name for _, lines in table().records.values() for name in lines]
    return {step for name in ways if name.vocabulary == vocabulary for step in name.steps}


def test_every_row_is_sound() -> None:
    fields, records = table().fields, table().records
    assert len(fields) > 400
    for name, row in fields.items():
        assert name == row.name
        assert re.fullmatch(r"[a-z][a-z_]*(\.[a-z][a-z_]*)?", name)
        assert row.label and row.type in TYPES
        assert bool(row.names) != bool(row.facets), name
        assert all(facet in fields for facet in row.facets)
        assert row.record is None or (row.record in records and name.startswith(f"{row.record}."))
        assert len(set(row.names)) == len(row.names)
        assert all(0 < len(one.steps) <= 8 for one in row.names)


def test_no_name_is_that_of_two_fields() -> None:
    seen: dict[tuple[bool, tuple[str, ...]], str] = {}
    for row in table().fields.values():
        for name in row.names:
            assert seen.setdefault((name.in_root, name.steps), row.name) == row.name, name


@pytest.mark.parametrize(
    "context", ["bill-of-lading", "bill-of-lading-carrier", "warehouse-receipt", "promissory-note", "coo", "invoice"]
)
def test_every_term_of_a_published_context_is_in_the_table_or_is_known_not_to_be_a_field(context: str) -> None:
    text = (ROOT / "ebl" / "jsonld" / "contexts" / f"{context}.txt").read_text("utf-8")
    body = text.partition("terms\n")[2]
    terms = {line.split()[0] for line in body.splitlines() if line.startswith("  ") and line.strip() != "}"}
    assert len(terms) > 15
    assert terms - names("trustvc") - NO_FIELDS == set()


@pytest.mark.parametrize(
    "context", ["bill-of-lading", "bill-of-lading-carrier", "warehouse-receipt", "promissory-note", "coo", "invoice"]
)
def test_a_type_has_the_terms_that_its_context_defines_and_that_are_names(context: str) -> None:
    (body,) = [one.body for one in known().by_url.values() if one.url.endswith(f"/{context}.json")]
    ((kind, term),) = ((key, term) for key, term in body.items() if not key.startswith("@"))
    expected = {name for name in terms(term["@context"]) if name in names("trustvc")}
    assert set(table().vocabularies["trustvc"].types[kind]) == expected | {"type"}


def terms(context: Mapping[str, Any]) -> set[str]:
    """The terms that a context defines, within others too."""
    own = {key: term for key, term in context.items() if not key.startswith("@")}
    inner = [terms(term["@context"]) for term in own.values() if isinstance(term, dict) and "@context" in term]
    return set(own).union(*inner)


def test_every_term_of_our_own_context_is_a_name_of_ours() -> None:
    term = known().by_url["urn:ebl:contexts:sea-bill-of-lading:1"].body["SeaBillOfLading"]
    assert terms(term["@context"]) - names("sea") == {"value", "unit", "sequence"}
    assert table().vocabularies["sea"].types["SeaBillOfLading"] == names("sea") | {"type"}


def test_what_letters_of_credit_need_of_a_dcsa_document_is_in_the_table() -> None:
    """The "core 40" of DCSA's transport document, by their paths."""
    paths = {".".join(name.steps) for row in table().fields.values() for name in row.names if name.vocabulary == "dcsa"}
    assert set(CORE.split()) - paths == set()


def test_no_other_module_maps_a_vocabulary() -> None:
    telling = re.compile(
        r"[\"'](?:blNumber|transportDocumentReference|portOfDischarge|consigneeName|shipperName|voyageNo)[\"']"
    )
    found = {
        path.relative_to(ROOT / "ebl").as_posix()
        for path in (ROOT / "ebl").rglob("*.py")
        if telling.search(path.read_text("utf-8"))
    }
    assert found <= {
        "testing/bills.py",
        "cli/vc_commands.py",
        "cli/wrap_command.py",
        "credential.py",
    }  # bills that are made up, and examples
