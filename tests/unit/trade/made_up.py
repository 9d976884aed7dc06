"""A transport document of our own, with DCSA's names, that meets the schema and every rule."""

from __future__ import annotations

import json
from typing import Any

DOCUMENT: dict[str, Any] = {
    "transportDocumentReference": "BHL2026100001",
    "transportDocumentStatus": "ISSUED",
    "transportDocumentTypeCode": "BOL",
    "isShippedOnBoardType": True,
    "shippedOnBoardDate": "2026-10-04",
    "issueDate": "2026-10-05",
    "isElectronic": True,
    "isToOrder": False,
    "invoicePayableAt": {"UNLocationCode": "SGSIN"},
    "partyContactDetails": [{"name": "Desk", "email": "desk@carrier.example"}],
    "documentParties": {
        "shipper": {"partyName": "Shipper Pte", "addressLines": ["1 Quay Road", "Singapore"]},
        "consignee": {
            "partyName": "深圳进口有限公司",
            "identifyingCodes": [
                {"codeListProvider": "GLEIF", "codeListName": "LEI", "partyCode": "529900T8BM49AURSDO55"}
            ],
            "taxLegalReferences": [{"type": "USCC", "countryCode": "CN", "value": "91350100M000100Y43"}],
        },
        "issuingParty": {
            "partyName": "Blue Heron Lines",
            "address": {"street": "2 Quay Road", "city": "Singapore", "countryCode": "SG"},
        },
        "notifyParties": [{"partyName": "Agent", "addressLines": ["3 Harbour Street"]}],
    },
    "consignmentItems": [
        {
            "carrierBookingReference": "BOOK1",
            "descriptionOfGoods": ["SHOES"],
            "HSCodes": ["640510"],
            "cargoItems": [
                {
                    "equipmentReference": "NARU3472484",
                    "cargoGrossWeight": {"value": 12000, "unit": "KGM"},
                    "outerPackaging": {"numberOfPackages": 400, "description": "boxes", "packageCode": "4G"},
                }
            ],
        }
    ],
    "utilizedTransportEquipments": [
        {
            "equipment": {"equipmentReference": "NARU3472484", "ISOEquipmentCode": "22G1"},
            "isShipperOwned": False,
            "seals": [{"number": "1"}],
        }
    ],
    "termsAndConditions": "The carrier's terms.",
    "receiptTypeAtOrigin": "CY",
    "deliveryTypeAtDestination": "CY",
    "cargoMovementTypeAtOrigin": "FCL",
    "cargoMovementTypeAtDestination": "FCL",
    "carrierCode": "BHL",
    "carrierCodeListProvider": "SMDG",
    "transports": {
        "plannedDepartureDate": "2026-10-04",
        "plannedArrivalDate": "2026-10-11",
        "portOfLoading": {"UNLocationCode": "SGSIN"},
        "portOfDischarge": {"UNLocationCode": "CNSZX"},
        "vesselVoyages": [{"vesselName": "BLUE HERON", "carrierExportVoyageNumber": "42E"}],
    },
}


def document() -> dict[str, Any]:
    """A copy that the caller may change."""
    return json.loads(json.dumps(DOCUMENT))


def changed(*changes: tuple[str, Any]) -> dict[str, Any]:
    """The document with members changed: each by its place, with dots; None takes a member away."""
    made = document()
    for place, value in changes:
        *steps, last = place.split(".")
        node: Any = made
        for step in steps:
            node = node[int(step)] if isinstance(node, list) else node.setdefault(step, {})
        if value is None:
            del node[last]
        else:
            node[last] = value
    return made
