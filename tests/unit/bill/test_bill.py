"""A bill's fields are found by the trade's names, with their places, and nothing is said that the document does not show."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.bill import Bill, FieldState, bill, table
from ebl.bill.field_values import text_of
from ebl.checking.formats import read
from ebl.errors import InvalidInput
from ebl.model import paths
from ebl.model.wholeness import UNKNOWN, WHOLE, Extent, Wholeness
from ebl.openattestation.redact import redact
from ebl.testing.bills import bill as made_up
from ebl.wrap import to_json, wrap

WITHHELD = Wholeness(Extent.WITHHELD, 1)
STEPS = sorted({step for row in table().fields.values() for name in row.names for step in name.steps})
ODD = ["@value", "value", "unit", "credentialSubject", "verifiableCredential", "transportDocument", "unheard of", ""]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["1.5 kg", "2026-01-02"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*STEPS, *ODD]), inner, max_size=5),
    max_leaves=40,
)
DOCUMENT = st.dictionaries(st.sampled_from([*STEPS, *ODD]), JSON, max_size=12)


def bill_of(number: int = 1) -> dict[str, Any]:
    return made_up(number, store="0x" + "11" * 20, domain="carrier.example", chain_id=1337)


def told(found: Bill) -> dict[str, list[str]]:
    return {one.name: [entry.text for entry in one.entries] for one in found if one.entries and not one.facets}


def test_a_made_up_bill_is_read_whole() -> None:
    raw = bill_of()
    found = bill(raw)
    assert found["number"].text == raw["blNumber"]
    assert found["shipper"].text == raw["shipper"]["name"]
    assert found["port_of_discharge"].text == raw["portOfDischarge"]
    assert found["shipped_on_board_date"].value == date.fromisoformat(raw["shippedOnBoardDate"])
    assert found["to_order"].value is raw["consignee"]["toOrder"]
    assert found["originals"].value == 1
    assert [one.text for one in found["clause"].entries] == raw["carrierClauses"]
    weights = [(one.value, one.unit) for one in found["goods.gross_weight"].entries]
    assert weights == [(Decimal(str(one["grossWeightKg"])), "KGM") for one in raw["packages"]]
    lines = found.lines("goods")
    assert [line["goods.hs_code"][0].text for line in lines] == [one["hsCode"] for one in raw["packages"]]
    assert [line["containers.seal"][0].text for line in found.lines("containers")] == [
        one["seal"] for one in raw["containers"]
    ]
    known = sum(len(values) for values in told(found).values())
    leaves = [path for path, _ in paths.leaves(raw) if path[0] not in ("issuers", "network", "$template")]
    assert known == len(leaves) + 1  # and the template's name


def test_wrapping_changes_nothing_of_it() -> None:
    raw = bill_of()
    assert told(bill(read(to_json(wrap(raw))))) == told(bill(raw))


@pytest.mark.parametrize(
    ("content", "name", "state", "texts"),
    [
        ({"blNumber": "A", "billOfLadingNumber": "A"}, "number", FieldState.PRESENT, ["A", "A"]),
        ({"blNumber": "A", "billOfLadingNumber": " A "}, "number", FieldState.PRESENT, ["A", " A "]),
        ({"blNumber": "A", "billOfLadingNumber": "B"}, "number", FieldState.AMBIGUOUS, ["A", "B"]),
        ({"blNumber": ["A"]}, "number", FieldState.PRESENT, ["A"]),
        ({"blNumber": ["A", "B"]}, "number", FieldState.AMBIGUOUS, ["A", "B"]),
        ({"blNumber": {"@value": "A", "@language": "en"}}, "number", FieldState.PRESENT, ["A"]),
        ({"blNumber": [["A"]]}, "number", FieldState.UNKNOWN, []),
        ({"blNumber": {"first": "A"}}, "number", FieldState.UNKNOWN, []),
        ({"blNumber": "A", "documentNumber": {"first": "B"}}, "number", FieldState.AMBIGUOUS, ["A"]),
        ({"blNumber": ""}, "number", FieldState.ABSENT, []),
        ({"blNumber": None}, "number", FieldState.ABSENT, []),
        ({"blNumber": {}}, "number", FieldState.ABSENT, []),
        ({"blNumber": 7}, "number", FieldState.PRESENT, ["7"]),
        ({"id": "urn:uuid:1"}, "number", FieldState.ABSENT, []),
        ({"id": "urn:uuid:1"}, "document_id", FieldState.PRESENT, ["urn:uuid:1"]),
        ({"credentialSubject": {"id": "did:example:1"}, "id": "urn:x"}, "document_id", FieldState.PRESENT, ["urn:x"]),
        ({"shipper": {"address": {"street": "S"}}}, "shipper", FieldState.ABSENT, []),
        ({"shipper": {"address": {"street": "S"}}}, "shipper.street", FieldState.PRESENT, ["S"]),
        ({"shipper": {"address": "S 1"}}, "shipper.address", FieldState.PRESENT, ["S 1"]),
        ({"shipper": "ACME"}, "shipper", FieldState.PRESENT, ["ACME"]),
        ({"shipper": {"legalName": "ACME"}}, "shipper", FieldState.UNKNOWN, []),
        ({"portOfLoading": {"city": "Hamburg"}}, "port_of_loading", FieldState.UNKNOWN, []),
        (
            {"portOfLoading": {"code": "DEHAM", "name": "Hamburg"}},
            "port_of_loading",
            FieldState.PRESENT,
            ["Hamburg", "DEHAM"],
        ),
        ({"notifyParty": {"name": "N"}, "notifyParties": ["M"]}, "notify_party", FieldState.PRESENT, ["N", "M"]),
        ({"packages": "ten cases of tea"}, "goods.description", FieldState.UNKNOWN, []),
        ({"packages": [["tea"]]}, "goods.marks", FieldState.UNKNOWN, []),
        ({"packages": []}, "goods.marks", FieldState.ABSENT, []),
        ({"packages": [{}]}, "goods.marks", FieldState.ABSENT, []),
        ({"packages": {"0": {"marks": "M"}}}, "goods.marks", FieldState.UNKNOWN, []),
        ({"packages": [{"brand": "B"}, {"merk": "M"}]}, "goods.marks", FieldState.UNKNOWN, []),
        ({"packages": [{"brand": "B", "merk": "M"}]}, "goods.marks", FieldState.ABSENT, []),
        ({"notifyParties": {"0": "N"}}, "notify_party", FieldState.UNKNOWN, []),
        ({"shipper": {"legalName": "ACME"}}, "shipper.city", FieldState.UNKNOWN, []),
        ({"transports": "from Hamburg to Singapore"}, "port_of_loading", FieldState.UNKNOWN, []),
        ({"shipper": "ACME"}, "shipper.city", FieldState.ABSENT, []),
        ({"packages": {"description": "tea"}}, "goods.description", FieldState.PRESENT, ["tea"]),
        ({"goods": "tea"}, "goods.description", FieldState.PRESENT, ["tea"]),
        ({"transportDocument": {"transportDocumentReference": "T"}}, "number", FieldState.PRESENT, ["T"]),
    ],
)
def test_what_is_known_of_a_field(content: dict[str, Any], name: str, state: FieldState, texts: list[str]) -> None:
    found = bill(content)[name]
    assert (found.state, [entry.text for entry in found.entries]) == (state, texts)
    assert (found.text is None) is (state is not FieldState.PRESENT)


@pytest.mark.parametrize("whole", [WITHHELD, UNKNOWN, Wholeness(Extent.DERIVED)])
def test_what_is_not_shown_is_not_absent_unless_the_document_is_whole(whole: Wholeness) -> None:
    found = bill({"blNumber": "A"}, whole=whole)
    assert {one.state for one in found} == {FieldState.PRESENT, FieldState.UNKNOWN}
    assert not found.complete and not found["number"].complete
    whole = bill({"blNumber": "A"}, whole=WHOLE)
    assert {one.state for one in whole if one.sayable} == {FieldState.PRESENT, FieldState.ABSENT}
    assert {one.state for one in whole if not one.sayable} == {FieldState.UNKNOWN}


@pytest.mark.parametrize(
    ("name", "text", "value", "unit"),
    [
        ("shippedOnBoardDate", "2026-02-28", date(2026, 2, 28), None),
        ("shippedOnBoardDate", "2026-02-30", "2026-02-30", None),
        ("shippedOnBoardDate", "03/04/2026", "03/04/2026", None),
        ("shippedOnBoardDate", "2026-02-28T10:00:00", "2026-02-28T10:00:00", None),
        ("shippedOnBoardDate", "2026-02-28T10:00:00Z", datetime.fromisoformat("2026-02-28T10:00:00+00:00"), None),
        ("originals", "3", 3, None),
        ("originals", 3, 3, None),
        ("originals", "three", "three", None),
        ("originals", "03", "03", None),
        ("totalGrossWeight", "1.000", "1.000", None),
        ("totalGrossWeight", 1.25, Decimal("1.25"), None),
        ("totalGrossWeight", "1,250", "1,250", None),
        ("totalGrossWeight", "0.125", Decimal("0.125"), None),
        ("totalGrossWeight", "19200.5 kg", Decimal("19200.5"), "kg"),
        ("totalGrossWeight", {"value": 12000, "unit": "KGM"}, Decimal(12000), "KGM"),
        ("totalGrossWeight", "about 5 t", "about 5 t", None),
        ("toOrder", True, True, None),
        ("toOrder", "yes", "yes", None),
    ],
)
def test_a_value_has_a_type_only_where_that_is_sure(name: str, text: Any, value: Any, unit: str | None) -> None:
    (entry,) = next(one.entries for one in bill({name: text}) if one.entries)
    assert (type(entry.value), entry.value, entry.unit) == (type(value), value, unit)


@pytest.mark.parametrize(
    ("content", "absent", "unknown"),
    [
        ({"blNumber": "A"}, ["vessel", "freight_terms", "shipper"], ["universal_voyage", "originals_with_charges"]),
        ({}, ["vessel", "number"], ["charges.name"]),
        (
            {"credentialSubject": {"type": "BillOfLading", "blNumber": "A"}},
            ["vessel", "shipper", "port_of_loading", "template", "valid_until"],
            [
                "to_order",
                "issue_date",
                "shipped_on_board_date",
                "goods.packages",
                "port_of_loading.code",
                "vessel_number",
            ],
        ),
        (
            {"credentialSubject": [{"type": ["BillOfLading"]}, {"type": ["BillOfLadingCarrier", "Other"]}]},
            ["issue_date", "form_name", "originals"],
            ["to_order", "drawer"],
        ),
        ({"credentialSubject": {"type": "Other", "blNumber": "A"}}, ["issue_date", "drawer"], ["to_order"]),
        (
            {"transports": {}, "transportDocumentTypeCode": "BOL"},
            ["number", "consignee", "to_order", "issue_date", "place_of_receipt"],
            ["carrier", "signed_by", "originals", "governing_law", "goods.dangerous"],
        ),
        (
            {"transportDocumentTypeCode": "BOL", "x-ebl": {"governingLaw": "SG"}},
            ["signed_by", "signed_as", "number"],
            ["carrier", "originals"],
        ),
        (
            {"credentialSubject": {"type": "T", "transportDocumentTypeCode": "BOL"}},
            ["to_order"],
            ["form_name", "carrier_receipt"],
        ),
        ({"credentialSubject": {"type": "SeaBillOfLading"}}, ["voyage", "shipper"], ["to_order", "issue_date"]),
    ],
)
def test_what_the_vocabulary_of_a_document_has_no_name_for_is_unknown_and_not_absent(
    content: dict[str, Any], absent: list[str], unknown: list[str]
) -> None:
    found = bill(content)
    assert found.complete
    assert {name: found[name].state for name in absent} == dict.fromkeys(absent, FieldState.ABSENT)
    assert {name: found[name].state for name in unknown} == dict.fromkeys(unknown, FieldState.UNKNOWN)
    assert not any(found[name].sayable or found[name].complete for name in unknown)


def test_a_place_of_which_only_something_else_is_said_is_not_absent() -> None:
    place = bill({"documentParties": {}, "placeOfIssue": {"countryCode": "SG"}})["place_of_issue"]
    assert (place.state, place.complete, [paths.text(one) for one in place.strange]) == (
        FieldState.UNKNOWN,
        False,
        ["placeOfIssue.countryCode"],
    )
    both = bill({"documentParties": {}, "placeOfIssue": {"UNLocationCode": "SGSIN", "countryCode": "SG"}})
    assert (both["place_of_issue"].text, both["place_of_issue.country"].text) == ("SGSIN", "SG")


@pytest.mark.parametrize(
    ("content", "name", "value", "unit"),
    [
        (
            {
                "utilizedTransportEquipments": [
                    {"activeReeferSettings": {"temperatureSetpoint": -4, "temperatureUnit": "CEL"}}
                ]
            },
            "containers.temperature",
            Decimal(-4),
            "CEL",
        ),
        (
            {"utilizedTransportEquipments": [{"activeReeferSettings": {"temperatureSetpoint": -4}}]},
            "containers.temperature",
            Decimal(-4),
            None,
        ),
        (
            {
                "utilizedTransportEquipments": [
                    {"activeReeferSettings": {"temperatureSetpoint": -4, "temperatureUnit": 1}}
                ]
            },
            "containers.temperature",
            Decimal(-4),
            None,
        ),
        ({"declaredValue": 5.5, "declaredValueCurrency": "DKK"}, "declared_value", Decimal("5.5"), "DKK"),
        ({"declaredValue": {"value": 5, "currency": "EUR"}}, "declared_value", Decimal(5), "EUR"),
        ({"freight": {"amount": "12.5", "currency": "USD"}}, "freight_amount", Decimal("12.5"), "USD"),
        ({"packages": [{"grossWeight": {"value": 3, "unitCode": "TNE"}}]}, "goods.gross_weight", Decimal(3), "TNE"),
        ({"containers": [{"grossWeight": "21 t"}]}, "containers.gross_weight", Decimal(21), "t"),
    ],
)
def test_a_unit_is_read_wherever_the_vocabulary_writes_it(
    content: dict[str, Any], name: str, value: Decimal, unit: str | None
) -> None:
    (entry,) = bill(content)[name].entries
    assert (entry.value, entry.unit) == (value, unit)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (None, date(2026, 3, 4)),
        ("yyyy-mm-dd", date(2026, 3, 4)),
        ("YYYY-DD-MM", "2026-03-04"),
        ("MM/DD/YYYY", "2026-03-04"),
        (102, date(2026, 3, 4)),
    ],
)
def test_a_date_that_is_said_to_be_written_in_another_way_is_left_as_text(form: Any, value: object) -> None:
    said = {"value": "2026-03-04"} | ({} if form is None else {"format": form})
    (entry,) = bill({"exchangedDocument": {"issueDateTime": said}})["issue_date"].entries
    assert (entry.text, entry.value) == ("2026-03-04", value)


def test_a_quantity_with_two_units_that_differ_is_left_as_text() -> None:
    for weight, value, unit in (
        ({"value": "5 kg", "unit": "LBR"}, "5 kg", "LBR"),
        ({"value": "5 kg", "unit": "kg"}, Decimal(5), "kg"),
        ({"value": "5", "unit": "LBR"}, Decimal(5), "LBR"),
    ):
        (entry,) = bill({"totalGrossWeight": weight})["total_gross_weight"].entries
        assert (entry.value, entry.unit) == (value, unit)


def test_amounts_of_the_same_number_in_other_currencies_differ() -> None:
    two = [{"amount": 5, "currency": "USD"}, {"amount": 5, "currency": "SGD"}]
    assert bill({"credentialSubject": two})["amount"].state is FieldState.AMBIGUOUS
    assert bill({"credentialSubject": [two[0], two[0]]})["amount"].state is FieldState.PRESENT


def test_content_in_the_root_of_openattestation_v3_is_read_and_what_is_of_the_envelope_is_not() -> None:
    envelope = {
        "openAttestationMetadata": {},
        "type": ["VerifiableCredential"],
        "name": "N",
        "issuer": {"name": "I"},
        "issuanceDate": "2026-01-01T00:00:00Z",
    }
    found = bill({**envelope, "recipient": {"name": "R"}, "credentialSubject": {"blNumber": "A"}})
    assert told(found) == {
        "number": ["A"],
        "credential_type": ["VerifiableCredential"],
        "document_name": ["N"],
        "credential_date": ["2026-01-01T00:00:00Z"],
        "recipient": ["R"],
    }
    assert (
        bill({**envelope, "blNumber": "B", "credentialSubject": {"blNumber": "A"}})["number"].state
        is FieldState.AMBIGUOUS
    )
    other = bill({"type": "VerifiableCredential", "blNumber": "B", "credentialSubject": {"blNumber": "A"}})
    assert other["number"].text == "A"  # of another credential the root is not what it is about


def test_plain_content_that_was_wrapped_or_signed_is_not_taken_for_whole() -> None:
    wrapped = wrap(bill_of())
    for content in (wrapped, {"proof": {}, "credentialSubject": {"blNumber": "A"}}):
        found = bill(content)
        assert not found.complete
        assert {one.state for one in found if not one.entries} == {FieldState.UNKNOWN}
    assert bill({"signature": "S", "data": "D"}).complete


def test_a_value_is_said_to_be_of_the_vocabulary_that_names_it() -> None:
    content = {"transportDocumentTypeCode": "BOL", "references": [{"type": "CR", "value": "R1"}]}
    (entry,) = bill(content)["references.value"].entries
    assert (entry.text, entry.path, entry.vocabulary) == ("R1", "references[0].value", "dcsa")
    assert bill({"references": ["R2"]})["references.value"].text == "R2"


def test_the_vocabulary_is_the_one_that_the_document_has_a_sign_of_or_that_is_usual() -> None:
    def vocabulary(content: Mapping[str, Any], name: str) -> str:
        return bill(content)[name].entries[0].vocabulary

    assert vocabulary({"blNumber": "A"}, "number") == "openattestation"
    assert vocabulary({"credentialSubject": {"blNumber": "A"}}, "number") == "trustvc"
    assert vocabulary({"issueDate": "2026-01-01", "documentParties": {}}, "issue_date") == "dcsa"
    assert vocabulary({"packages": [{"grossWeightKg": 1}]}, "goods.gross_weight") == "ebl"


def test_several_subjects_and_credentials_are_read_together() -> None:
    one, two = (
        {"credentialSubject": {"blNumber": number, "packages": [{"packagesDescription": number}]}} for number in "AB"
    )
    found = bill({"verifiableCredential": [one, two]})
    assert found["number"].state is FieldState.AMBIGUOUS
    assert [entry.path for entry in found["goods.description"].entries] == [
        f"verifiableCredential[{at}].credentialSubject.packages[0].packagesDescription" for at in (0, 1)
    ]
    assert len(found.lines("goods")) == 2


def test_what_a_holder_writes_around_the_credentials_of_a_presentation_is_not_read() -> None:
    held = {"id": "urn:a", "credentialSubject": {"blNumber": "A"}}
    around = {
        "blNumber": "B",
        "id": "urn:b",
        "name": "B",
        "credentialSubject": {"blNumber": "B"},
        "attachments": [{"filename": "b"}],
    }
    for credentials in (held, [held]):
        found = bill({**around, "verifiableCredential": credentials})
        assert told(found) == {"number": ["A"], "document_id": ["urn:a"]}


def test_a_name_that_is_not_in_the_table_is_a_mistake_that_names_what_is_alike() -> None:
    with pytest.raises(InvalidInput, match="port_of_discharge"):
        bill({})["port_of_dischage"]


def test_what_is_printed_of_it_is_short() -> None:
    found = bill({"blNumber": "N" * 200_000, "packages": [{"description": "x" * 100_000}] * 100})
    assert len(repr(found)) < 200
    assert all(len(repr(one)) < 200 for one in found)
    assert all(len(repr(entry)) < 200 for one in found for entry in one.entries)


@pytest.mark.slow
def test_a_bill_of_any_size_is_read_in_time_that_grows_with_it() -> None:
    def seconds(lines: int) -> float:
        goods = [{"description": "x" * 40, "grossWeight": 1, "hsCode": ["1", "2"]}] * lines
        content = {"packages": goods, "remarks": "y" * 200_000, **{f"k{number}": [[]] for number in range(lines)}}
        start = time.process_time()
        found = bill(content)
        assert len(found.lines("goods")) == lines
        return time.process_time() - start

    seconds(10)
    few, many = min(seconds(2000) for _ in range(3)), min(seconds(20_000) for _ in range(3))
    assert many < max(40 * few, 0.5)


@given(content=DOCUMENT)
@settings(deadline=None)
def test_any_content_is_read_and_every_place_leads_to_its_value(content: dict[str, Any]) -> None:
    found = bill(content)
    assert len(found) == len(table().fields)
    json.dumps(found.to_dict(), allow_nan=False)
    for one in found:
        assert one.entries or one.state in (FieldState.ABSENT, FieldState.UNKNOWN)
        assert (one.state is FieldState.UNKNOWN) <= (bool(one.strange) or not one.sayable or not found.complete)
        for entry in one.entries:
            value = paths.at(content, entry.at)
            assert entry.text == ("\n".join(value) if isinstance(value, list) else text_of(value))
            assert paths.find(content, entry.path) == entry.at
    for record in table().records:
        for line in found.lines(record):
            assert all(some for some in line.values())


@given(content=DOCUMENT)
@settings(deadline=None)
def test_how_whole_it_is_changes_what_is_not_there_and_no_value(content: dict[str, Any]) -> None:
    whole, part = bill(content), bill(content, whole=WITHHELD)
    for one, other in zip(whole, part, strict=True):
        assert one.entries == other.entries
        assert other.state is (FieldState.UNKNOWN if one.state is FieldState.ABSENT else one.state)
        assert other.sayable


@given(number=st.integers(1, 200), data=st.data())
@settings(deadline=None, max_examples=60)
def test_withholding_a_field_makes_it_unknown_and_never_absent_or_another(number: int, data: st.DataObject) -> None:
    wrapped = wrap(bill_of(number))
    before = bill(read(to_json(wrapped)))
    shown = [one for one in before.shown if one.name != "template" and not table().fields[one.name].record]
    gone = data.draw(st.sampled_from(shown))
    kept = redact(wrapped, [entry.path for entry in reversed(gone.entries)]).document
    after = bill(read(to_json(kept)))
    assert after[gone.name].state is FieldState.UNKNOWN
    for one in before:
        if one.name != gone.name and not one.facets:
            assert after[one.name].entries == one.entries
            assert after[one.name].state is not FieldState.ABSENT


def test_withholding_a_line_or_a_part_of_one_leaves_the_others_and_the_list_open() -> None:
    wrapped = wrap(bill_of())
    after = bill(read(to_json(redact(wrapped, ["packages[1]", "packages[0].grossWeightKg"]).document)))
    assert after["goods.gross_weight"].state is FieldState.UNKNOWN
    description = after["goods.description"]
    assert (description.state, len(description.entries), description.complete) == (FieldState.PRESENT, 1, False)


def test_the_wholeness_that_is_proved_counts() -> None:
    document = replace(read(to_json(wrap(bill_of()))), whole=UNKNOWN)
    assert bill(document)["vessel_number"].state is FieldState.UNKNOWN
    assert bill(document, whole=WHOLE)["vessel_number"].state is FieldState.ABSENT
