"""Whatever the builder makes verifies; what would not verify is not made."""

from __future__ import annotations

import json
import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.codes import Remark
from ebl.credential import Credential, Renderer, derive, listed, new_id, require_good, sign, transferable
from ebl.credentials import vc
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.status_list_credential import ListKind
from ebl.crypto.multikey import KeyType
from ebl.errors import InvalidInput, Refuted
from ebl.model.findings import Failed, Noted, Passed
from ebl.policy import UnsafeAnyIssuer
from ebl.sources import offline
from ebl.status.token_registry import TokenRegistry
from ebl.verify import examine

NOW = datetime(2026, 1, 1, tzinfo=UTC)
P256 = IssuerKey.generate(KeyType.P256, randomness=random.Random(1).randbytes)
BLS = IssuerKey.generate(KeyType.BLS12_381, randomness=random.Random(2).randbytes)
KEYS = {"ecdsa-sd-2023": P256, "bbs-2023": BLS}
TITLE = transferable(chain_id=50, registry="0xa50126cc2d6c726de0ca203c3b659f658d356173", chain="XDC")
SUBJECT = {"type": ["BillOfLading"], "blNumber": "BL-1", "packages": [{"packagesWeight": "1"}, {"packagesWeight": "2"}]}


@pytest.fixture(params=sorted(KEYS))
def key(request: pytest.FixtureRequest) -> IssuerKey:
    return KEYS[request.param]


def bill(key: IssuerKey = P256, **more: Any) -> Credential:
    return Credential(**{"issuer": key.did, "subject": SUBJECT, "status": TITLE, "valid_from": NOW, **more})


def outcome(document: dict[str, Any], now: datetime = NOW) -> tuple[set[str], set[str], set[Remark]]:
    """The names of the checks that passed and failed, and the remarks."""
    raw = json.dumps(document, ensure_ascii=False).encode()
    findings = examine(raw, UnsafeAnyIssuer(), sources=offline(now=now)).findings
    return (
        {finding.check for finding in findings if isinstance(finding, Passed)},
        {f"{finding.check}: {finding.detail}" for finding in findings if isinstance(finding, Failed)},
        {finding.remark for finding in findings if isinstance(finding, Noted)},
    )


@pytest.mark.parametrize("version", ["2.0", "1.1"])
def test_a_whole_bill_is_made_signed_and_shown_in_part(key: IssuerKey, version: str) -> None:
    made = bill(
        key,
        version=version,
        issuer_name="Carrier" if version == "2.0" else None,
        valid_until=NOW + timedelta(days=90),
        renderer=Renderer("https://renderer.example", "BILL_OF_LADING"),
        qr_code="https://example.com/?q=1",
        attachments=[{"data": "AAAA", "filename": "terms.pdf", "mimeType": "application/pdf"}],
    )
    signed = sign(made.to_dict(), key, mandatory=["/credentialSubject/blNumber"], created=NOW)
    assert signed["credentialStatus"]["tokenId"] == vc.token_id(made.id).hex()
    passed, failed, remarks = outcome(signed)
    assert {"signature", "did_issuer", "validity"} <= passed
    assert failed == set()
    assert Remark.MAY_BE_WITHHELD not in remarks
    least = derive(signed, [])
    always = {
        "@context",
        "id",
        "type",
        "issuer",
        "credentialStatus",
        "credentialSubject",
        "renderMethod",
        "qrCode",
        "proof",
    }
    assert set(least) - {"validFrom", "validUntil", "issuanceDate", "expirationDate"} == always
    assert least["credentialSubject"] == {"type": ["BillOfLading"], "blNumber": "BL-1"}
    for shown in (least, derive(signed, ["/credentialSubject/packages/1"]), derive(signed, [""])):
        passed, failed, _ = outcome(shown)
        assert {"signature", "did_issuer", "validity"} <= passed
        assert failed == set()
    whole = derive(signed, [""])
    assert {**whole, "proof": 0} == {**signed, "proof": 0}


def test_goods_in_order_and_names_that_resolve_are_signed_with_the_context_of_our_own(key: IssuerKey) -> None:
    goods = [
        {"description": "coffee", "packageQuantity": 12, "grossWeight": {"value": "1000", "unit": "KGM"}},
        {"description": "tea", "packageQuantity": 3, "shippingMarks": "N/M"},
    ]
    subject = {
        "type": "SeaBillOfLading",
        "identifier": "BL-1",
        "carrier": {"name": "Carrier"},
        "consignee": {"name": "TO ORDER"},
        "notifyParties": [{"name": "Bank", "identifier": "LEI"}, {"name": "Agent"}],
        "portOfLoading": {"name": "Rotterdam", "identifier": "NLRTM"},
        "mainCarriage": {"identifier": "101W", "vessel": {"name": "MV EXAMPLE", "identifier": "9074729"}},
        "shippedOnBoard": "2026-01-01T00:00:00Z",
        "goods": goods,
    }
    signed = sign(bill(key, subject=subject).to_dict(), key, created=NOW)
    passed, failed, remarks = outcome(signed)
    assert "signature" in passed
    assert failed == set()
    assert Remark.ORDER_NOT_BOUND not in remarks
    swapped = {**signed, "credentialSubject": {**subject, "goods": goods[::-1]}}
    assert any(reason.startswith("signature") for reason in outcome(swapped)[1])
    shown = derive(signed, ["/credentialSubject/goods"])
    assert shown["credentialSubject"] == {"type": "SeaBillOfLading", "goods": goods}
    assert outcome(shown)[1] == set()
    with pytest.raises(InvalidInput, match="disclosed whole or not at all"):
        derive(signed, ["/credentialSubject/goods/1"])


def test_status_lists_are_claimed_as_they_are_named() -> None:
    entries = [
        listed(url="https://carrier.example/1", index=7),
        listed(url="https://carrier.example/2", index=8, purpose="suspension", kind=ListKind.STATUS_2021),
    ]
    made = bill(status=entries, version="1.1")
    document = vc.read(sign(made.to_dict(), P256, created=NOW))
    assert [claim.name for claim in document.status] == ["validity", "status_list", "status_list"]
    for wrong in ({"index": -1}, {"url": "http://carrier.example/1"}, {"purpose": "fun"}):
        with pytest.raises(InvalidInput):
            listed(**{"url": "https://carrier.example/1", "index": 7, **wrong})


def test_an_id_is_made_of_the_time_and_random_bits() -> None:
    made = new_id(now=NOW, randomness=random.Random(3).randbytes)
    number = uuid.UUID(made.removeprefix("urn:uuid:"))
    assert number.version == 7
    assert number.variant == uuid.RFC_4122
    assert number.int >> 80 == int(NOW.timestamp() * 1000)
    assert new_id() != new_id()


def test_a_credential_written_by_hand_gets_its_id_and_the_number_of_its_title() -> None:
    document = {name: value for name, value in bill().to_dict().items() if name != "id"}
    del document["credentialStatus"]["tokenId"]
    signed = sign(document, P256, created=NOW)
    assert signed["id"].startswith("urn:uuid:")
    assert any(isinstance(claim, TokenRegistry) for claim in vc.read(signed).status)
    assert "id" not in document
    assert "tokenId" not in document["credentialStatus"]


@pytest.mark.parametrize(
    "change",
    [
        {"status": None},
        {"status": {**TITLE, "tokenId": "00" * 32}},
        {"status": {"type": "Other"}},
        {"status": [TITLE, TITLE]},
        {"subject": {"type": ["BillOfLading"], "colour": "red"}},
        {"subject": {"type": ["BillOfLading"], "blNumber": None}},
        {"subject": {"type": ["BillOfLading"], "blNumber": 2**60}},
        {"subject": {"type": ["BillOfLading"], "blNumber": 1e-9}},
        {"subject": {}},
        {"subject": []},
        {"subject": [SUBJECT, SUBJECT], "attachments": [{"data": "AA"}]},
        {"issuer": "carrier"},
        {"issuer": "https://carrier.example"},
        {"id": "BL-1"},
        {"id": "_:b0"},
        {"types": ["Colour"]},
        {"contexts": ["https://example.com/unknown"]},
        {"version": "3.0"},
        {"version": "1.1", "valid_from": None},
        {"valid_until": NOW - timedelta(seconds=1)},
        {"valid_from": datetime(2026, 1, 1)},
    ],
)
def test_a_credential_that_would_not_verify_is_not_made(change: dict[str, Any]) -> None:
    with pytest.raises((InvalidInput, ValueError)):
        bill(**change)


def test_a_registry_that_is_no_address_is_refused() -> None:
    with pytest.raises(InvalidInput, match="address"):
        transferable(chain_id=1, registry="0x12")


def test_only_the_issuer_signs_and_only_once() -> None:
    with pytest.raises(InvalidInput, match="the key is of"):
        sign(bill().to_dict(), IssuerKey.generate(KeyType.P256))
    with pytest.raises(InvalidInput, match="proof already"):
        sign(sign(bill().to_dict(), P256), P256)
    with pytest.raises(InvalidInput):
        sign(bill().to_dict(), P256, mandatory=["/credentialSubject/vessel"])
    with pytest.raises(InvalidInput):
        require_good({**bill().to_dict(), "@context": [{}]})


def test_a_holder_shows_something_of_the_subject_and_of_the_original(key: IssuerKey) -> None:
    signed = sign(bill(key).to_dict(), key)
    with pytest.raises(InvalidInput, match="something of its subject"):
        derive(signed, [])
    with pytest.raises(InvalidInput, match="Nothing can be derived"):
        derive(derive(signed, ["/credentialSubject"]), ["/credentialSubject"])
    with pytest.raises(InvalidInput, match="Nothing can be derived"):
        derive({**signed, "proof": None}, ["/credentialSubject"])
    with pytest.raises(InvalidInput):
        derive(signed, ["/credentialSubject/vessel"])
    damaged = {**signed, "credentialSubject": {**SUBJECT, "blNumber": "BL-2"}}
    with pytest.raises((InvalidInput, Refuted)):
        derive(damaged, ["/credentialSubject/blNumber"])


TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)
SUBJECTS = st.fixed_dictionaries(
    {"type": st.just(["BillOfLading"]), "blNumber": TEXT},
    optional={
        "packages": st.lists(st.fixed_dictionaries({"packagesDescription": TEXT}), min_size=1, max_size=4),
        "scac": st.one_of(TEXT, st.booleans(), st.integers(-999, 999)),
        "links": st.fixed_dictionaries({"name": TEXT}),
        "id": st.just("urn:x:holder"),
    },
)


@settings(max_examples=40)
@given(
    SUBJECTS,
    st.sets(st.sampled_from(["blNumber", "packages", "packages/0", "scac", "links", "links/name"]), max_size=3),
)
def test_whatever_is_made_and_shown_verifies(subject: dict[str, Any], names: set[str]) -> None:
    signed = sign(bill(subject=subject).to_dict(), P256, created=NOW)
    assert outcome(signed)[1] == set()
    pointers = [f"/credentialSubject/{name}" for name in sorted(names) if name.partition("/")[0] in subject]
    shown = derive(signed, [*pointers, "/credentialSubject/blNumber"])
    passed, failed, _ = outcome(shown)
    assert "signature" in passed
    assert failed == set()
