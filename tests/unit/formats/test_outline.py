"""A few lines say which bill it is, whatever form it has, and whatever a third party wrote into it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.formats.outline import FIELDS, outline
from ebl.testing.bills import bill

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*sum(FIELDS.values(), ()), "name", "credentialSubject"]), inner)
    ),
    max_leaves=30,
)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (
            {
                "blNumber": "B1",
                "shipper": {"name": "S"},
                "consignee": {"name": "C"},
                "packages": [{"description": "tea"}],
            },
            {"number": "B1", "shipper": "S", "consignee": "C", "goods": "tea"},
        ),
        (
            {
                "credentialSubject": {
                    "blNumber": "B2",
                    "shipperName": "S",
                    "packages": [{"packagesDescription": "silk"}],
                },
                "id": "urn:x",
            },
            {"id": "urn:x", "number": "B2", "shipper": "S", "goods": "silk"},
        ),
        ({"credentialSubject": [{"blNumber": 7}, {"blNumber": 8}]}, {"number": "7"}),
        (
            {
                "verifiableCredential": [
                    {"id": "urn:1", "credentialSubject": {"transportDocumentReference": "T", "carrier": {"name": "L"}}}
                ]
            },
            {"id": "urn:1", "number": "T", "carrier": "L"},
        ),
        (  # what whoever presents says around the credential is not the bill's
            {
                "id": "urn:presentation",
                "blNumber": "FORGED",
                "consignee": "thief",
                "credentialSubject": {"shipper": "thief"},
                "verifiableCredential": {"id": "urn:1", "credentialSubject": {"documentNumber": "T"}},
            },
            {"id": "urn:1", "number": "T"},
        ),
        ({"verifiableCredential": ["eyJ"], "blNumber": "FORGED"}, {}),
        ({"notifyParties": [{"partyName": "N"}], "goods": []}, {"notify": "N"}),
        ({"id": "urn:uuid:1"}, {"id": "urn:uuid:1"}),
        ({"blNumber": "", "consignee": {}, "packages": [[[[[["deep"]]]]]]}, {}),
        ({}, {}),
    ],
)
def test_what_a_bill_is_about(data: dict[str, Any], told: dict[str, str]) -> None:
    assert dict(outline(data)) == told


def test_a_made_up_bill_has_every_line() -> None:
    told = dict(outline(bill(1, store="0x" + "11" * 20, domain="carrier.example", chain_id=1)))
    assert told.keys() == FIELDS.keys()
    assert told["number"] == "BHLU00000001"


@given(
    data=st.dictionaries(
        st.sampled_from([*sum(FIELDS.values(), ()), "credentialSubject", "verifiableCredential"]), JSON
    )
)
def test_any_content_gives_short_lines(data: dict[str, Any]) -> None:
    lines = outline(data)
    assert len(lines) <= len(FIELDS) + 1
    assert all(label in {"id", *FIELDS} and 0 < len(text) <= 121 for label, text in lines)
