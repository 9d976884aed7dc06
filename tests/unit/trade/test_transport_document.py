"""DCSA's schema, rules and codes: each rule met, broken and not applicable; hostile shapes; what may be withheld."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.errors import InvalidInput, Unreadable
from ebl.trade import Ports, RuleOutcome, check_document, check_file, examine_transport_document, rules
from ebl.transport_document.rule_checks import SHOWN
from ebl.transport_document.transport_check import transport_document_of
from ebl.verify import read
from ebl.wrap import to_json, wrap
from tests.unit.trade.made_up import DOCUMENT, changed, document

ORDER = (("isToOrder", True), ("documentParties.consignee", None))
ITEM = "consignmentItems.0.cargoItems.0"
BOX = "utilizedTransportEquipments.0"
DUTY = {"type": "ACID", "countryCode": "EG", "values": ["1"]}


def uen(value: str) -> list[dict[str, str]]:
    return [{"type": "UEN", "countryCode": "SG", "value": value}]


BROKEN: dict[str, list[tuple[str, Any]]] = {
    "TD-01": [*ORDER, ("transportDocumentTypeCode", "SWB")],
    "TD-02": [("isToOrder", True)],
    "TD-03": [("documentParties.consignee", None)],
    "TD-04": [
        (
            "documentParties.endorsee",
            {"partyName": "Bank", "identifyingCodes": [{"codeListProvider": "ZZZ", "partyCode": "1"}]},
        )
    ],
    "TD-05": [*ORDER, ("documentParties.notifyParties", None)],
    "TD-06": [("shippedOnBoardDate", None)],
    "TD-07": [("receivedForShipmentDate", "2026-10-01")],
    "TD-08": [("issueDate", None)],
    "TD-09": [("numberOfOriginalsWithCharges", 1), ("numberOfOriginalsWithoutCharges", 1)],
    "TD-10": [("numberOfCopiesWithoutCharges", 1)],
    "TD-11": [("transportDocumentTypeCode", "SWB"), ("numberOfOriginalsWithCharges", 0)],
    "TD-12": [("documentParties.shipper.addressLines", None)],
    "TD-13": [("declaredValue", 5)],
    "TD-14": [("transports.preCarriageBy", "RAIL")],
    "TD-15": [("transports.onCarriageBy", "RAIL")],
    "TD-16": [(f"{ITEM}.equipmentReference", "KKFU6671914")],
    "TD-17": [("utilizedTransportEquipments", [DOCUMENT["utilizedTransportEquipments"][0]] * 2)],
    "TD-18": [
        (f"{ITEM}.outerPackaging.packageCode", None),
        (f"{ITEM}.outerPackaging.dangerousGoods", [{"UNNumber": "1234", "properShippingName": "X", "imoClass": "3"}]),
    ],
    "TD-19": [(f"{BOX}.activeReeferSettings", {"temperatureSetpoint": -18})],
    "TD-20": [(f"{BOX}.isNonOperatingReefer", True), (f"{BOX}.activeReeferSettings", {})],
    "TD-21": [("customsReferences", [DUTY, DUTY])],
    "TD-22": [("cargoMovementTypeAtOrigin", "BB")],
    "TD-23": [("transports.preCarriageBy", "DRONE"), ("transports.placeOfReceipt", {"UNLocationCode": "SGSIN"})],
}


def failed(data: dict[str, Any]) -> list[str]:
    found = examine_transport_document(data)
    return sorted({row.rule.id for row in found.rows if row.outcome is RuleOutcome.FAILED})


def test_a_document_that_meets_everything_has_nothing_failed_and_nothing_open() -> None:
    found = examine_transport_document(document())
    assert (found.schema.valid, found.schema.errors, failed(document())) == (True, (), [])
    assert not found.has_failed(strict=True) and not found.is_open


def test_every_rule_has_a_case_that_breaks_it() -> None:
    assert [rule.id for rule in rules()] == [*BROKEN]


@pytest.mark.parametrize("rule", BROKEN)
def test_a_rule_is_broken_alone_and_the_schema_is_met(rule: str) -> None:
    data = changed(*BROKEN[rule])
    found = examine_transport_document(data)
    assert found.schema.errors == ()
    assert failed(data) == [rule]
    assert found.has_failed()


def test_a_draft_that_lacks_its_date_has_a_warning() -> None:
    data = changed(("transportDocumentStatus", "DRAFT"), ("shippedOnBoardDate", None), ("issueDate", None))
    found = examine_transport_document(data)
    assert failed(data) == ["TD-06"]
    assert not found.has_failed() and found.has_failed(strict=True)


def test_an_endorsee_that_is_marked_as_notify_party_is_one() -> None:
    bank = {
        "partyName": "Bank",
        "identifyingCodes": [{"codeListProvider": "ZZZ", "partyCode": "1"}],
        "isNotifyParty": True,
    }
    assert failed(changed(*ORDER, ("documentParties.endorsee", bank), ("documentParties.notifyParties", None))) == []


@pytest.mark.parametrize(
    ("change", "place", "expected"),
    [
        (("termsAndConditions", None), "", "expected the member 'termsAndConditions'; found nothing"),
        (("freightPaymentTermCode", "FOB"), "/freightPaymentTermCode", "expected one of PRE, COL; found 'FOB'"),
        (("transportDocumentReference", "x" * 21), "/transportDocumentReference", "at most 20 characters; found 21"),
        (("issueDate", "2026-02-30"), "/issueDate", "expected a date; found '2026-02-30'"),
        (("isToOrder", "no"), "/isToOrder", "expected the type boolean"),
        (("partyContactDetails", []), "/partyContactDetails", "at least 1 element; found 0"),
        ((f"{ITEM}.cargoGrossWeight.value", 0), f"/{ITEM.replace('.', '/')}/cargoGrossWeight/value", "more than 0"),
        (("invoicePayableAt", {}), "/invoicePayableAt", "exactly one of the allowed forms"),
    ],
)
def test_a_place_that_breaks_the_schema_is_named_with_what_was_expected(
    change: tuple[str, Any], place: str, expected: str
) -> None:
    error = examine_transport_document(changed(change)).schema.errors[0]
    assert error.place == place
    assert expected in str(error.message)


def test_lengths_are_in_characters_and_not_in_bytes() -> None:
    assert examine_transport_document(changed(("consignmentItems.0.shippingMarks", ["𠮷" * 35]))).schema.valid
    assert not examine_transport_document(changed(("consignmentItems.0.shippingMarks", ["𠮷" * 36]))).schema.valid


@pytest.mark.parametrize(
    ("changes", "rule", "outcome"),
    [
        ([(f"{BOX}.equipment.equipmentReference", "NARU3472485")], "CD-01", "failed"),
        ([("documentParties.consignee.identifyingCodes.0.partyCode", "529900T8BM49AURSDO56")], "CD-02", "failed"),
        ([("documentParties.consignee.taxLegalReferences.0.value", "91350100M000100Y44")], "CD-03", "failed"),
        ([("documentParties.shipper.taxLegalReferences", uen("201912345A"))], "CD-04", "failed"),
        ([("documentParties.shipper.taxLegalReferences", uen("201912345R"))], "CD-04", "passed"),
        ([("transports.portOfLoading.UNLocationCode", "SGS01")], "CD-05", "failed"),
        ([("transports.portOfLoading.UNLocationCode", "SGZZZ")], "CD-05", "manual"),
        ([("transports.portOfLoading.UNLocationCode", "DEHAM")], "CD-05", "passed"),
        ([("consignmentItems.0.HSCodes", ["64.05.10"])], "CD-06", "failed"),
        ([("carrierCode", "B")], "CD-07", "failed"),
        ([(f"{ITEM}.outerPackaging.packageCode", "4g")], "CD-08", "failed"),
        ([("transports.vesselVoyages.0.vesselIMONumber", "9321483")], "CD-09", "passed"),
        ([("transports.vesselVoyages.0.vesselIMONumber", "9321484")], "CD-09", "failed"),
        (
            [("transports.portOfDischarge", {"locationName": "Port of Shenzhen", "UNLocationCode": "CNSZX"})],
            "CD-10",
            "passed",
        ),
        ([("transports.portOfDischarge", {"locationName": "深圳港"})], "CD-10", "passed"),
        ([("transports.portOfDischarge", {"locationName": "Shanghai", "UNLocationCode": "CNSZX"})], "CD-10", "manual"),
        ([("transports.portOfDischarge", {"locationName": "Hamburg"})], "CD-10", "manual"),
        ([("places", [{"locationName": "Hamburg"}])], "CD-10", "manual"),
    ],
)
def test_a_code_is_compared_with_its_form_and_a_name_with_the_table(
    changes: list[tuple[str, Any]], rule: str, outcome: str
) -> None:
    found = examine_transport_document(changed(*changes))
    assert {str(row.outcome) for row in found.codes if row.rule.id == rule} == {outcome}


def test_a_list_of_unece_decides_on_every_code_and_name(tmp_path: Path) -> None:
    rows = ',"SG","SIN","Singapore","Singapore","04","1-345---","AI","1501",,,\r\n,"CN","SZX","Shénzhèn","Shenzhen",,"1"\r\n'
    file = tmp_path / "UNLOCODE CodeListPart1.csv"
    file.write_bytes(rows.encode("windows-1252"))
    ports = Ports.read([file])
    assert (ports.knows("CNSZX"), ports.called("Shénzhèn")) == (True, {"CNSZX"})
    found = examine_transport_document(changed(("transports.portOfLoading.UNLocationCode", "DEHAM")), ports=ports)
    assert [row.place for row in found.codes if row.outcome is RuleOutcome.FAILED] == [
        "/transports/portOfLoading/UNLocationCode"
    ]
    file.write_text("a,b,c\n", "utf-8")
    with pytest.raises(InvalidInput, match="has no UN/LOCODE"):
        Ports.read([file])


def test_what_may_be_withheld_is_not_missing() -> None:
    found = examine_transport_document(changed(("issueDate", None), ("termsAndConditions", None)), is_whole=False)
    assert found.schema.valid is None
    assert "TD-08" in [row.rule.id for row in found.rules if row.outcome is RuleOutcome.MANUAL]
    assert not found.has_failed() and found.is_open


def test_what_is_met_by_an_absence_is_open_if_members_may_be_withheld() -> None:
    """A hidden member may be the consignee of a bill to order, or the second date: only what is shown decides."""
    found = examine_transport_document(document(), is_whole=False)
    passed = {row.rule.id for row in found.rules if row.outcome is RuleOutcome.PASSED}
    assert passed and passed <= SHOWN
    assert {row.rule.id for row in found.rules if row.outcome is RuleOutcome.MANUAL} == {
        rule.id for rule in rules() if rule.id not in passed
    }
    whole = {row.rule.id: row.outcome for row in examine_transport_document(document()).rules}
    assert {whole[one] for one in passed} == {RuleOutcome.PASSED}


@given(data=st.data())
def test_no_member_that_is_added_breaks_a_rule_that_passed_without_it(data: st.DataObject) -> None:
    """What is decided of a part of a document holds of the whole of it."""
    whole = document()
    members = data.draw(st.sets(st.sampled_from(sorted(whole))))
    part = {name: value for name, value in whole.items() if name not in members}
    decided = {row.rule.id for row in examine_transport_document(part, is_whole=False).rules}
    outcomes = {row.rule.id: row.outcome for row in examine_transport_document(part, is_whole=False).rules}
    full = {row.rule.id: row.outcome for row in examine_transport_document(whole).rules}
    for one in decided:
        assert outcomes[one] in (RuleOutcome.MANUAL, full[one])


def test_what_cannot_be_compared_with_the_schema_is_not_invalid() -> None:
    for odd in ({"carrierCode": "\ud800"}, {"\udfff": 1}):
        found = examine_transport_document({**document(), **odd})
        assert found.schema.valid is None and found.is_open and not found.has_failed()


def test_a_bill_that_carries_the_document_is_examined_as_the_document() -> None:
    raw = {
        "issuers": [
            {
                "name": "A",
                "documentStore": "0x" + "11" * 20,
                "identityProof": {"type": "DNS-TXT", "location": "a.example"},
            }
        ]
    }
    wrapped = to_json(wrap({**raw, **changed(("issueDate", None))}))
    found = check_file(wrapped)
    assert [row.rule.id for row in found.rules if row.outcome is RuleOutcome.FAILED] == ["TD-08"]
    assert check_document(read(wrapped)) == found
    other = check_file(to_json(wrap({**raw, "blNumber": "1"})))
    assert other.schema.valid is None and other.is_open and not other.has_failed()
    assert {row.outcome for row in other.rules} == {RuleOutcome.MANUAL}


def test_a_credential_carries_the_document_as_its_subject() -> None:
    for data in ({"credentialSubject": document()}, {"credentialSubject": {"transportDocument": document()}}):
        assert transport_document_of(data, "vc") == document()
    assert transport_document_of({"credentialSubject": {"blNumber": "1"}}, "vc") is None
    with pytest.raises(InvalidInput, match="found 2"):
        transport_document_of({"credentialSubject": [document(), document()]}, "vc")


def test_an_envelope_has_the_document_as_a_member() -> None:
    found = check_file(json.dumps({"transportDocument": document(), "endorsementChain": []}).encode())
    assert found.schema.valid and not found.is_open


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b'{"a": 1}',
        b"\xff",
        b'{"isToOrder": true, "isToOrder": false}',
        b'{"transportDocumentReference": "1"}',
    ],
)
def test_other_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        check_file(raw)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*DOCUMENT, "x", "UNLocationCode", "locationName"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*DOCUMENT, *DOCUMENT["documentParties"], "customsReferences"]), VALUES))
def test_no_shape_of_the_members_is_an_error(members: dict[str, Any]) -> None:
    for data in (members, document() | members, document() | {"documentParties": members, "transports": members}):
        found = examine_transport_document(data)
        json.dumps(found.to_dict("zh-Hans"))
        assert {row.rule.id for row in found.rules} == {rule.id for rule in rules()}


def test_a_document_of_many_faults_has_a_limited_number_of_rows() -> None:
    boxes = [DOCUMENT["utilizedTransportEquipments"][0]] * 5000
    found = examine_transport_document(
        changed(("utilizedTransportEquipments", boxes), ("consignmentItems", [7] * 5000))
    )
    assert len(found.rules) < 23 + 100
    assert len(found.schema.errors) == 200
