from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.checking.formats import read
from ebl.codes import Condition, Doubt, Failure, Remark
from ebl.config.networks import pace
from ebl.credentials import data_integrity as di
from ebl.credentials import ecdsa_rdfc, ecdsa_sd, vc
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.linked_data import to_statements
from ebl.credentials.no_status import NoStatus
from ebl.credentials.status_list import StatusListEntry
from ebl.credentials.w3c_detection import is_w3c
from ebl.crypto.multikey import KeyType
from ebl.errors import DocumentError, Malformed, SourceError
from ebl.model.document import Document
from ebl.model.findings import Failed, Noted, Passed, Unknown, Verdict
from ebl.model.not_known_here import NotKnownHere
from ebl.model.ports import Page, Sources
from ebl.policy import UnsafeAnyIssuer
from ebl.sources import offline
from ebl.status.token_registry import TokenRegistry
from ebl.verify import examine

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = IssuerKey.generate(KeyType.P256, randomness=random.Random(1).randbytes)
WEB = IssuerKey.generate(KeyType.P256, did="did:web:carrier.example", randomness=random.Random(2).randbytes)
ID = "urn:uuid:01a2036d-3856-7bb2-bcb2-8d399d5b84bd"
REGISTRY = "0xa50126cc2d6c726de0ca203c3b659f658d356173"
V1_BILL = [
    "https://www.w3.org/2018/credentials/v1",
    "https://w3id.org/security/data-integrity/v2",
    "https://trustvc.io/context/transferable-records-context.json",
    "https://trustvc.io/context/bill-of-lading.json",
]
V2_BILL = ["https://www.w3.org/ns/credentials/v2", *V1_BILL[2:]]


def credential(**more: Any) -> dict[str, Any]:
    made = {
        "@context": V2_BILL,
        "id": ID,
        "type": ["VerifiableCredential"],
        "issuer": KEY.did,
        "validFrom": "2025-01-01T00:00:00Z",
        "credentialStatus": {
            "type": "TransferableRecords",
            "tokenNetwork": {"chain": "XDC", "chainId": "50"},
            "tokenRegistry": REGISTRY,
            "tokenId": vc.token_id(ID).hex(),
        },
        "credentialSubject": {"type": ["BillOfLading"], "blNumber": "BL-1"},
        **more,
    }
    return {name: value for name, value in made.items() if value is not ...}


def signed(key: IssuerKey = KEY, mandatory: tuple[str, ...] = ("/issuer",), **more: Any) -> dict[str, Any]:
    document = credential(**{"issuer": key.did, **more})
    return ecdsa_sd.sign(
        document, key, mandatory=mandatory, created="2025-06-01T00:00:00Z", randomness=random.Random(3).randbytes
    )


def read_dict(document: dict[str, Any]) -> Document:
    return read(json.dumps(document).encode())


def findings(document: dict[str, Any], sources: Sources | None = None) -> dict[str, Any]:
    report = examine(json.dumps(document).encode(), UnsafeAnyIssuer(), sources=sources or offline(now=NOW))
    return {f.check: f for f in report.findings if not isinstance(f, Noted)}


def remarks(document: dict[str, Any], sources: Sources | None = None) -> set[Remark]:
    report = examine(json.dumps(document).encode(), UnsafeAnyIssuer(), sources=sources or offline(now=NOW))
    return {f.remark for f in report.findings if isinstance(f, Noted)}


def test_a_transferable_credential_claims_the_title_that_its_id_numbers() -> None:
    document = read_dict(signed())
    (title,) = [claim for claim in document.status if isinstance(claim, TokenRegistry)]
    assert title.chain_id == 50
    assert title.address == "0xa50126Cc2d6c726dE0Ca203c3B659f658d356173"
    assert title.token_id == int(credential()["credentialStatus"]["tokenId"], 16)
    assert document.format == "vc"
    assert document.issuers[0].id == KEY.did


def test_everything_that_can_be_known_without_asking_is_found() -> None:
    found = findings(signed())
    assert isinstance(found["signature"], Passed)
    assert isinstance(found["validity"], Passed)
    assert isinstance(found["did_issuer"], Passed)
    assert not [finding for finding in found.values() if isinstance(finding, Failed)]
    assert {Remark.SELF_CERTIFIED, Remark.MAY_BE_WITHHELD} <= remarks(signed())


def test_a_changed_bill_is_invalid() -> None:
    changed = signed()
    changed["credentialSubject"]["blNumber"] = "BL-2"
    assert findings(changed)["signature"].failure is Failure.PROOF_SIGNATURE


@pytest.mark.parametrize(
    ("dates", "failure"),
    [
        ({"validFrom": "2026-01-01T00:00:01Z"}, Failure.NOT_YET_VALID),
        ({"validUntil": "2025-12-31T23:59:59Z"}, Failure.EXPIRED),
        ({"validUntil": "2026-01-01T01:59:59+02:00"}, Failure.EXPIRED),
    ],
)
def test_a_bill_is_held_to_its_dates(dates: dict[str, str], failure: Failure) -> None:
    assert findings(signed(**dates))["validity"].failure is failure
    assert isinstance(findings(signed(validUntil="2026-01-01T00:00:00Z"))["validity"], Passed)


def test_the_dates_of_version_1_1_are_held_to_as_well() -> None:
    document = credential(**{"@context": V1_BILL, "validFrom": ..., "issuanceDate": "2025-01-01T00:00:00Z"})
    sign = {"mandatory": (), "created": "2025-06-01T00:00:00Z"}
    late = ecdsa_sd.sign({**document, "expirationDate": "2025-12-31T00:00:00Z"}, KEY, **sign)
    assert findings(ecdsa_sd.sign(document, KEY, **sign)).keys() >= {"signature", "validity"}
    assert findings(late)["validity"].failure is Failure.EXPIRED
    early = ecdsa_sd.sign({**document, "issuanceDate": "2026-12-31T00:00:00Z"}, KEY, **sign)
    assert findings(early)["validity"].failure is Failure.NOT_YET_VALID


@pytest.mark.parametrize("types", [["BillOfLading"], ["https://example.com/terms#BillOfLading"]])
def test_a_bill_without_a_status_is_open_however_its_type_is_written(types: list[str]) -> None:
    contexts = V2_BILL if types == ["BillOfLading"] else V2_BILL[:1]
    document = signed(
        **{"@context": contexts, "credentialStatus": ..., "credentialSubject": {"type": types, "name": "x"}}
    )
    assert (
        findings(document)["no_status"].doubt is Doubt.STATUS_NOT_SHOWN
    )  # the proof does not show that there was none


def test_another_kind_of_credential_may_go_without_a_status_and_that_is_said() -> None:
    document = signed(credentialStatus=..., credentialSubject={"name": "a certificate"})
    assert isinstance(findings(document)["no_status"], Passed)
    assert Condition.NO_STATUS in remarks(document)
    body = {name: value for name, value in document.items() if name != "proof"}
    claim = ecdsa_sd.EcdsaSdSigned(body, to_statements(body), *di.parse_proof(document["proof"]))
    shown = ecdsa_sd.derive(claim, ["/credentialSubject"])
    report = examine(json.dumps(shown).encode(), UnsafeAnyIssuer(), sources=offline(now=NOW))
    assert any(isinstance(f, Noted) and "left it out" in f.detail for f in report.findings)
    assert report.verdict is Verdict.VALID


def web_sources(document: Any) -> Sources:
    def fetch(url: str, *, accept: Any) -> Page:
        assert url == "https://carrier.example/.well-known/did.json"
        return Page(url, "application/json", json.dumps(document).encode())

    nowhere = offline(now=NOW)
    return Sources(pace=pace, chain=nowhere.chain, dns=nowhere.dns, fetch=fetch, now=NOW)


DID_DOCUMENT = {
    "id": WEB.did,
    "verificationMethod": [WEB.to_method()],
    "assertionMethod": [WEB.id],
    "authentication": [WEB.id],
}


def test_a_did_web_issuer_is_looked_up_where_it_says() -> None:
    found = findings(signed(WEB), web_sources(DID_DOCUMENT))
    assert isinstance(found["signature"], Passed)
    assert found["did_issuer"].fact.who.domain == "carrier.example"


def test_a_did_web_that_cannot_be_reached_is_not_an_answer() -> None:
    found = findings(signed(WEB))
    for check in ("signature", "did_issuer"):
        assert isinstance(found[check], Unknown)
        assert found[check].doubt is Doubt.OFFLINE


@pytest.mark.parametrize(
    ("change", "failure"),
    [
        ({"id": "did:web:other.example"}, Failure.DID_MISMATCH),
        ({"assertionMethod": []}, Failure.KEY_NOT_OF_DID),
        ({"verificationMethod": []}, Failure.KEY_NOT_OF_DID),
        ({"verificationMethod": [{**WEB.to_method(), "controller": "did:web:other.example"}]}, Failure.DID_MISMATCH),
        ({"verificationMethod": [WEB.to_method(), WEB.to_method()]}, Failure.KEY_NOT_OF_DID),
        (
            {"verificationMethod": [{"id": WEB.id, "controller": WEB.did, "type": "JsonWebKey"}]},
            Failure.KEY_NOT_OF_DID,
        ),  # without any form of key
        ({"verificationMethod": [{**WEB.to_method(), "publicKeyMultibase": "z0"}]}, Failure.KEY_NOT_OF_DID),
        ({"verificationMethod": [{**WEB.to_method(), "revoked": "2025-01-01T00:00:00Z"}]}, Failure.KEY_NOT_OF_DID),
        ({"verificationMethod": [{**WEB.to_method(), "publicKeyMultibase": str(KEY.public)}]}, Failure.PROOF_SIGNATURE),
    ],
)
def test_a_key_that_the_did_s_document_does_not_give_is_refused(change: dict[str, Any], failure: Failure) -> None:
    found = findings(signed(WEB), web_sources({**DID_DOCUMENT, **change}))
    assert found["signature"].failure is failure


def test_a_key_may_stand_within_the_list_of_its_purpose() -> None:
    embedded = {"id": WEB.did, "assertionMethod": [WEB.to_method()]}
    assert isinstance(findings(signed(WEB), web_sources(embedded))["signature"], Passed)


def test_a_page_that_is_no_json_is_not_an_answer() -> None:
    sources = Sources(
        chain=offline().chain,
        dns=offline().dns,
        fetch=lambda url, *, accept: Page(url, "application/json", b"<html>"),
        now=NOW,
        pace=offline().pace,
    )
    assert findings(signed(WEB), sources)["signature"].doubt is Doubt.DID_DOCUMENT


def test_an_issuer_whose_key_did_not_sign_is_refused() -> None:
    document = signed(WEB, issuer=KEY.did)
    found = findings(document, web_sources(DID_DOCUMENT))
    assert isinstance(found["signature"], Passed)
    assert found["did_issuer"].failure is Failure.ISSUER_MISMATCH
    assert findings(signed(issuer="https://carrier.example/"))["did_issuer"].failure is Failure.ISSUER_MISMATCH


@pytest.mark.parametrize("key_id", [f"{KEY.did}#keys-1", "did:key:zAbc#zAbc", "did:ethr:0x12#controller"])
def test_names_of_keys_that_are_none_are_refused(key_id: str) -> None:
    document = signed()
    document["proof"]["verificationMethod"] = key_id
    finding = findings(document)["signature"]
    refused = isinstance(finding, Failed) and finding.failure is Failure.KEY_NOT_OF_DID
    assert refused or (isinstance(finding, Unknown) and finding.doubt is Doubt.UNSUPPORTED_KEY)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": ["Credential"]}, Failure.SCHEMA),
        ({"type": []}, Failure.SCHEMA),
        ({"type": 5}, Failure.SCHEMA),
        ({"id": "no iri"}, Failure.SCHEMA),
        ({"id": None}, Failure.SCHEMA),
        ({"issuer": None}, Failure.SCHEMA),
        ({"issuer": [KEY.did]}, Failure.SCHEMA),
        ({"issuer": {"name": "x"}}, Failure.SCHEMA),
        ({"validFrom": "2025-01-01"}, Failure.SCHEMA),
        ({"validFrom": "x2025-01-01T00:00:00Zx"}, Failure.SCHEMA),
        ({"validFrom": ["2025-01-01T00:00:00Z"]}, Failure.SCHEMA),
        ({"validUntil": "2024-12-31T00:00:00Z"}, Failure.SCHEMA),
        ({"credentialSubject": ...}, Failure.SCHEMA),
        ({"credentialSubject": []}, Failure.SCHEMA),
        ({"credentialSubject": {}}, Failure.SCHEMA),
        ({"credentialSubject": "did:key:x"}, Failure.SCHEMA),
        ({"credentialStatus": {"id": "urn:x"}}, Failure.SCHEMA),
        ({"credentialStatus": "urn:x"}, Failure.SCHEMA),
        ({"evidence": {"id": "urn:x"}}, Failure.SCHEMA),
        ({"credentialSchema": {"type": "JsonSchema", "id": "relative"}}, Failure.SCHEMA),
        ({"@context": V1_BILL}, Failure.SCHEMA),
        ({"@context": V2_BILL[::-1]}, Failure.SCHEMA),
        ({"colour": "red"}, Failure.CONTEXT),
        ({"credentialSubject": {"name": None}}, Failure.UNSIGNED_JSON),
        ({"proof": ...}, Failure.PROOF_SHAPE),
        ({"proof": []}, Failure.PROOF_SHAPE),
    ],
)
def test_a_credential_that_breaks_the_data_model_is_refused_with_a_code(change: dict[str, Any], code: Failure) -> None:
    document = {name: value for name, value in {**signed(), **change}.items() if value is not ...}
    with pytest.raises(Malformed) as refused:
        read_dict(document)
    assert refused.value.code is code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tokenId": "00" * 32}, Failure.TITLE_NUMBER),
        ({"tokenId": "0x" + vc.token_id(ID).hex()}, Failure.TITLE_NUMBER),
        ({"tokenRegistry": "0x12"}, Failure.BAD_ADDRESS),
        ({"tokenRegistry": REGISTRY[:-1] + "F"}, Failure.BAD_ADDRESS),
        ({"tokenNetwork": {"chain": "XDC", "chainId": "0x32"}}, Failure.SCHEMA),
        ({"tokenNetwork": {"chain": "XDC", "chainId": True}}, Failure.SCHEMA),
    ],
)
def test_a_title_that_is_wrongly_named_is_refused_with_a_code(change: dict[str, Any], code: Failure) -> None:
    status = {name: value for name, value in {**credential()["credentialStatus"], **change}.items() if value is not ...}
    with pytest.raises(Malformed) as refused:
        read_dict(signed(credentialStatus=status))
    assert refused.value.code is code


@pytest.mark.parametrize(
    "change", [{"tokenId": ...}, {"tokenRegistry": ...}, {"tokenNetwork": {"chain": "XDC"}}, {"tokenNetwork": ...}]
)
def test_a_title_of_which_a_part_could_be_taken_out_is_no_broken_one(change: dict[str, Any]) -> None:
    status = {name: value for name, value in {**credential()["credentialStatus"], **change}.items() if value is not ...}
    (claim,) = (found for found in read_dict(signed(credentialStatus=status)).status if isinstance(found, NoStatus))
    assert claim.partly


def test_a_title_is_the_only_status_and_may_stand_in_a_list() -> None:
    status = credential()["credentialStatus"]
    assert any(isinstance(claim, TokenRegistry) for claim in read_dict(signed(credentialStatus=[status])).status)
    listed = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": "https://carrier.example/1",
    }
    with pytest.raises(Malformed, match="only status"):
        read_dict(signed(credentialStatus=[status, listed]))
    document = read_dict(signed(credentialStatus=[listed, {**listed, "statusPurpose": "suspension"}]))
    assert [claim.purpose for claim in document.status if isinstance(claim, StatusListEntry)] == [
        "revocation",
        "suspension",
    ]
    other = read_dict(signed(credentialStatus={"type": "https://example.com/OtherStatus", "id": "urn:x"}))
    assert [claim.doubt for claim in other.status if isinstance(claim, NotKnownHere)] == [Doubt.UNSUPPORTED_STATUS]
    pages = [{**listed, "statusListCredential": f"https://victim.example/{n}"} for n in range(vc.MAX_STATUSES + 1)]
    assert read_dict(signed(credentialStatus=pages[1:]))
    with pytest.raises(Malformed, match="at most 8 statuses") as crowd:
        read_dict(signed(credentialStatus=pages))
    assert crowd.value.code is Failure.TOO_LARGE


def test_a_proof_for_another_purpose_or_of_another_suite_is_refused() -> None:
    options = {"created": "2025-06-01T00:00:00Z", "proofPurpose": "authentication"}
    with pytest.raises(Malformed, match="purpose") as refused:
        read_dict(ecdsa_rdfc.sign(credential(), KEY, options=options))
    assert refused.value.code is Failure.PROOF_SHAPE
    whole = ecdsa_rdfc.sign(credential(), KEY, options={**options, "proofPurpose": "assertionMethod"})
    assert isinstance(findings(whole)["signature"], Passed)
    whole["proof"]["cryptosuite"] = "ecdsa-jcs-2019"
    assert findings(whole)["signature"].doubt is Doubt.UNSUPPORTED_SUITE


def test_a_document_that_could_be_of_two_formats_is_refused() -> None:
    with pytest.raises(DocumentError) as refused:
        read_dict({**signed(), "openAttestationMetadata": {}})
    assert refused.value.code is Failure.AMBIGUOUS_VERSION
    assert not is_w3c({"@context": [V1_BILL[0]], "type": ["VerifiableCredential"], "openAttestationMetadata": {}})
    assert is_w3c({"type": "VerifiablePresentation"})
    assert not is_w3c({"data": {}})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from([ID, KEY.did, "x", "2025-01-01T00:00:00Z"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "type", "name"]), inner, max_size=2)
    ),
    max_leaves=5,
)


@given(st.sampled_from([*signed(), "holder", "evidence"]), JSON)
def test_whatever_stands_in_a_member_only_our_errors_are_raised(name: str, value: Any) -> None:
    document = {**signed(), name: value}
    try:
        report = examine(json.dumps(document).encode(), UnsafeAnyIssuer(), sources=offline(now=NOW))
    except (DocumentError, SourceError):
        return
    assert report.verdict in set(Verdict)
