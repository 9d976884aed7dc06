"""Keys as issuers publish them: every form of a P-256 key is read, and a wrong one is told from one of a kind not known here."""

from __future__ import annotations

import copy
import json
import random
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from ebl.codec.timestamp import format_timestamp
from ebl.codes import Condition, Doubt, Failure
from ebl.credential import Credential, sign
from ebl.credentials.issuer_keys import IssuerKey
from ebl.crypto.multikey import KeyType
from ebl.did.did_syntax import web_url
from ebl.did.document_writer import web_document
from ebl.model.findings import Failed, Unknown, Verdict
from ebl.model.ports import Page
from ebl.policy import UnsafeAnyIssuer
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.verify import examine

Json = dict[str, Any]

SIGNED_AT = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
DID = "did:web:carrier.example"
KEY = IssuerKey.generate(KeyType.P256, did=DID, randomness=random.Random(1).randbytes)
OTHER = IssuerKey.generate(KeyType.P256, did=DID, fragment="other", randomness=random.Random(2).randbytes)
CREDENTIAL = sign(
    Credential(issuer=DID, subject={"name": "a certificate"}, valid_from=SIGNED_AT).to_dict(), KEY, created=SIGNED_AT
)
HOSTED = web_document(DID, [(KEY.id, KEY.public)])
METHOD: Json = HOSTED["verificationMethod"][0]
FRAGMENT = KEY.id.removeprefix(DID)


def b64(number: int) -> str:
    return urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


_POINT = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), KEY.public.octets).public_numbers()
JWK = {"kty": "EC", "crv": "P-256", "x": b64(_POINT.x), "y": b64(_POINT.y)}


def as_type(kind: str, **members: Any) -> Json:
    kept = {name: value for name, value in METHOD.items() if name != "publicKeyMultibase"}
    return {**kept, "type": kind, **members}


def hosting(method: Json, **members: Any) -> Json:
    return {**HOSTED, "verificationMethod": [method], **members}


def examined(document: Json, credential: Json = CREDENTIAL, now: datetime = NOW) -> Report:
    def fetch(url: str, *, accept: object) -> Page:
        assert url == web_url(DID)
        return Page(url, "application/did+json", json.dumps(document).encode())

    sources = replace(offline(now=now), fetch=fetch)
    return examine(json.dumps(credential).encode(), UnsafeAnyIssuer(), sources=sources)


def relative(document: Json) -> Json:
    return json.loads(json.dumps(document).replace(f'"{DID}#', '"#'))  # type: ignore[no-any-return]


FORMS: dict[str, Json] = {
    "Multikey": METHOD,
    "JsonWebKey": as_type("JsonWebKey", publicKeyJwk=JWK),
    "JsonWebKey2020": as_type("JsonWebKey2020", publicKeyJwk=JWK),
    "JWK with what keys have besides": as_type(
        "JsonWebKey", publicKeyJwk={**JWK, "kid": "1", "alg": "ES256", "use": "sig", "key_ops": ["verify"]}
    ),
    "EcdsaSecp256r1VerificationKey2019": as_type(
        "EcdsaSecp256r1VerificationKey2019", publicKeyMultibase=METHOD["publicKeyMultibase"]
    ),
    "the same as JWK": as_type("EcdsaSecp256r1VerificationKey2019", publicKeyJwk=JWK),
}
PLACES: dict[str, Callable[[Json], Json]] = {
    "listed": lambda method: hosting(method),
    "relative": lambda method: relative(hosting(method)),
    "relative id only": lambda method: {
        **hosting({**method, "id": FRAGMENT}),
        "assertionMethod": [KEY.id],
    },
    "relative reference only": lambda method: {**hosting(method), "assertionMethod": [FRAGMENT]},
    "embedded": lambda method: {"id": DID, "assertionMethod": [method]},
    "embedded, relative": lambda method: {"id": DID, "assertionMethod": [{**method, "id": FRAGMENT}]},
    "one, not in a list": lambda method: {"id": DID, "verificationMethod": method, "assertionMethod": KEY.id},
    "beside others": lambda method: hosting(
        method,
        verificationMethod=[{"id": f"{DID}#x", "type": "Ed25519VerificationKey2020", "controller": DID}, method],
    ),
    "with services and numbers": lambda method: {
        **hosting(method),
        "service": [
            {"id": "#linked", "type": "LinkedDomains", "serviceEndpoint": "https://carrier.example", "priority": 1.50}
        ],
    },
    "controlled by the document itself": lambda method: {
        **hosting({**method, "controller": "", "id": FRAGMENT}),
        "@context": ["https://www.w3.org/ns/did/v1", {"@base": DID}],
    },
    "with an expiry to come": lambda method: hosting({**method, "expires": format_timestamp(NOW + timedelta(days=1))}),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_key_at_every_place_verifies_and_proves_the_domain(form: str, place: str) -> None:
    found = examined(PLACES[place](copy.deepcopy(FORMS[form])))
    assert found.verdict is Verdict.VALID, found.summary
    assert found.document is not None
    assert [who.domain for who in found.who(found.document.issuers[0])] == ["carrier.example"]


@pytest.mark.parametrize("form", ["publicKeyBase58", "publicKeyHex", "publicKeyPem", "publicKeyJwk", "publicKeyGpg"])
@pytest.mark.parametrize("kind", ["Multikey", "EcdsaSecp256r1VerificationKey2019", "JsonWebKey2020"])
def test_a_key_in_a_form_that_its_type_does_not_have_here_is_a_doubt(form: str, kind: str) -> None:
    if form == "publicKeyJwk" and kind != "Multikey":
        return  # that is read
    found = examined(hosting(as_type(kind, **{form: "x"})))
    assert found.verdict is Verdict.INDETERMINATE
    doubts = [f for f in found.findings if isinstance(f, Unknown)]
    assert {f.doubt for f in doubts} == {Doubt.UNSUPPORTED_KEY} and all(form in f.detail for f in doubts)


def test_a_document_that_does_not_say_who_controls_a_key_is_no_answer() -> None:
    found = examined(hosting({name: value for name, value in METHOD.items() if name != "controller"}))
    assert found.verdict is Verdict.INDETERMINATE
    assert {f.doubt for f in found.findings if isinstance(f, Unknown)} == {Doubt.DID_DOCUMENT}
    for other in (5, ["x"], "#key", "did:web:carrier.example#x"):
        assert examined(hosting({**METHOD, "controller": other})).verdict is Verdict.INVALID


def altered(form: Json) -> Json:
    """Another's key in the same form."""
    if "publicKeyJwk" in form:
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), OTHER.public.octets).public_numbers()
        return {**form, "publicKeyJwk": {**form["publicKeyJwk"], "x": b64(point.x), "y": b64(point.y)}}
    return {**form, "publicKeyMultibase": str(OTHER.public)}


@pytest.mark.parametrize("form", FORMS)
def test_another_key_in_the_same_form_did_not_sign(form: str) -> None:
    found = examined(hosting(altered(FORMS[form])))
    assert {f.failure for f in found.findings if isinstance(f, Failed)} == {Failure.PROOF_SIGNATURE}


WRONG: dict[str, Json] = {
    "no JWK": as_type("JsonWebKey"),
    "no multibase": as_type("Multikey"),
    "a JWK that is a text": as_type("JsonWebKey", publicKeyJwk="x"),
    "not on the curve": as_type("JsonWebKey", publicKeyJwk={**JWK, "y": b64(_POINT.y + 1)}),
    "beyond the field": as_type("JsonWebKey", publicKeyJwk={**JWK, "x": b64(2**256 - 1)}),
    "padded": as_type("JsonWebKey", publicKeyJwk={**JWK, "x": JWK["x"] + "="}),
    "too short": as_type("JsonWebKey", publicKeyJwk={**JWK, "x": JWK["x"][:-2]}),
    "without y": as_type("JsonWebKey", publicKeyJwk={"kty": "EC", "crv": "P-256", "x": JWK["x"]}),
    "with its private part": as_type("JsonWebKey", publicKeyJwk={**JWK, "d": b64(7)}),
    "a multikey with its private part": {**METHOD, "secretKeyMultibase": "z1"},
    "for encryption": as_type("JsonWebKey", publicKeyJwk={**JWK, "use": "enc"}),
    "of another": {**METHOD, "controller": "did:web:other.example"},
    "revoked": {**METHOD, "revoked": "2026-05-01T00:00:00Z"},
    "revoked before it signed": {**METHOD, "revoked": "2025-05-01T00:00:00Z"},
    "expired before it signed": {**METHOD, "expires": "2025-05-01T00:00:00Z"},
    "expires at no date": {**METHOD, "expires": "soon"},
    "revoked at no date": {**METHOD, "revoked": True},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_with_a_key_is_a_no(wrong: str) -> None:
    found = examined(hosting(WRONG[wrong]))
    assert found.verdict is Verdict.INVALID
    codes = {f.failure for f in found.findings if isinstance(f, Failed)}
    assert codes <= {Failure.KEY_NOT_OF_DID, Failure.DID_MISMATCH}


UNKNOWN: dict[str, Json] = {
    "Ed25519VerificationKey2020": as_type("Ed25519VerificationKey2020", publicKeyMultibase="z6Mk"),
    "Bls12381G2Key2020": as_type("Bls12381G2Key2020", publicKeyBase58="x"),
    "EcdsaSecp256k1VerificationKey2019": as_type("EcdsaSecp256k1VerificationKey2019", publicKeyHex="02"),
    "a JWK of P-384": as_type("JsonWebKey", publicKeyJwk={**JWK, "crv": "P-384"}),
    "a JWK of Ed25519": as_type("JsonWebKey", publicKeyJwk={"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
    "a JWK of RSA": as_type("JsonWebKey2020", publicKeyJwk={"kty": "RSA", "n": "AQ", "e": "AQAB"}),
    "no type": {name: value for name, value in METHOD.items() if name != "type"},
    "another multibase": {**METHOD, "publicKeyMultibase": "uAAAA"},
}


@pytest.mark.parametrize("unknown", UNKNOWN)
def test_a_kind_of_key_that_is_not_in_use_here_is_a_doubt(unknown: str) -> None:
    found = examined(hosting(UNKNOWN[unknown]))
    assert found.verdict is Verdict.INDETERMINATE
    assert {f.doubt for f in found.findings if isinstance(f, Unknown)} == {Doubt.UNSUPPORTED_KEY}


def test_a_key_that_expired_since_it_signed_is_a_condition() -> None:
    found = examined(hosting({**METHOD, "expires": "2026-03-01T00:00:00Z"}))
    assert found.verdict is Verdict.VALID
    assert Condition.KEY_EXPIRED in {note.remark for note in found.conditions}
    assert "only the signer states that the signature was made before" in " ".join(
        note.detail for note in found.conditions
    )


def test_at_the_very_moment_of_its_expiry_a_key_signs_no_more() -> None:
    found = examined(hosting({**METHOD, "expires": format_timestamp(SIGNED_AT)}))
    assert {f.failure for f in found.findings if isinstance(f, Failed)} == {Failure.KEY_NOT_OF_DID}


def test_without_a_date_of_the_proof_an_expired_key_leaves_it_open() -> None:
    from ebl.credentials import ecdsa_rdfc

    unsigned = {name: value for name, value in CREDENTIAL.items() if name != "proof"}
    whole = ecdsa_rdfc.sign(unsigned, KEY, options={"proofPurpose": "assertionMethod"})
    assert examined(HOSTED, whole).verdict is Verdict.VALID
    found = examined(hosting({**METHOD, "expires": "2026-03-01T00:00:00Z"}), whole)
    assert found.verdict is Verdict.INDETERMINATE
    assert Doubt.KEY_EXPIRED in {f.doubt for f in found.findings if isinstance(f, Unknown)}
    assert examined(hosting({**METHOD, "expires": "2026-07-01T00:00:00Z"}), whole).verdict is Verdict.VALID
    revoked = examined(hosting({**METHOD, "revoked": "2026-03-01T00:00:00Z"}), whole)
    assert revoked.verdict is Verdict.INVALID


def test_a_reference_relative_to_another_document_is_not_this_dids() -> None:
    for wrong in ("other.example#keys-1", "//carrier.example#keys-1", "keys-1", "?a#keys-1"):
        found = examined(hosting({**METHOD, "id": wrong}))
        assert {f.failure for f in found.findings if isinstance(f, Failed)} == {Failure.KEY_NOT_OF_DID}
    twice = {**HOSTED, "verificationMethod": [METHOD, {**METHOD, "id": FRAGMENT}]}
    assert {f.failure for f in examined(twice).findings if isinstance(f, Failed)} == {Failure.KEY_NOT_OF_DID}
