from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.codec.multibase import encode_base58btc
from ebl.codes import Doubt, Failure, Remark
from ebl.credentials import data_integrity as di
from ebl.credentials import ecdsa_rdfc, ecdsa_sd
from ebl.credentials.ecdsa_sd import EcdsaBaseProof, EcdsaDerivedProof
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.linked_data import to_statements
from ebl.crypto import p256
from ebl.crypto.multikey import KeyType
from ebl.errors import Error, InvalidInput, Malformed, Refuted, Unsupported
from ebl.sources import offline

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOURCES = offline(now=NOW)
CREATED = "2025-06-01T00:00:00Z"


def seeded(seed: int) -> Callable[[int], bytes]:
    return random.Random(seed).randbytes


KEY = IssuerKey.generate(KeyType.P256, randomness=seeded(1))
OTHER = IssuerKey.generate(KeyType.P256, randomness=seeded(2))


def bill(**more: Any) -> dict[str, Any]:
    return {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://trustvc.io/context/transferable-records-context.json",
            "https://trustvc.io/context/bill-of-lading.json",
        ],
        "id": "urn:uuid:01a2036d-3856-7bb2-bcb2-8d399d5b84bd",
        "type": ["VerifiableCredential"],
        "issuer": KEY.did,
        "validFrom": "2025-01-01T00:00:00Z",
        "credentialStatus": {
            "type": "TransferableRecords",
            "tokenNetwork": {"chain": "XDC", "chainId": "50"},
            "tokenRegistry": "0xa50126cc2d6c726de0ca203c3b659f658d356173",
            "tokenId": "39e9ca368a493770a08c50de85a140e9b9f98656bfd719a4dd456e17d8b41601",
        },
        "credentialSubject": {
            "type": ["BillOfLading"],
            "blNumber": "BL-1",
            "vessel": "MV EXAMPLE",
            "packages": [
                {"packagesDescription": "coffee", "packagesWeight": "1000"},
                {"packagesDescription": "tea", "packagesWeight": "2000"},
            ],
        },
        **more,
    }


MANDATORY = ("/issuer", "/validFrom", "/credentialStatus")


def sign(document: dict[str, Any], mandatory: tuple[str, ...] = MANDATORY, seed: int = 7) -> dict[str, Any]:
    return ecdsa_sd.sign(document, KEY, mandatory=mandatory, created=CREATED, randomness=seeded(seed))


def claim(document: dict[str, Any]) -> ecdsa_sd.EcdsaSdSigned:
    body = {key: value for key, value in document.items() if key != "proof"}
    proof, value = di.parse_proof(document["proof"])
    return ecdsa_sd.EcdsaSdSigned(body, to_statements(body), proof, value)


def verify(document: dict[str, Any]) -> di.Authentic:
    return claim(document).check(SOURCES)


def derive(document: dict[str, Any], *pointers: str) -> dict[str, Any]:
    return ecdsa_sd.derive(claim(document), pointers)


def with_value(document: dict[str, Any], value: EcdsaBaseProof | EcdsaDerivedProof | str) -> dict[str, Any]:
    return {**document, "proof": {**document["proof"], "proofValue": str(value)}}


def refused(document: dict[str, Any]) -> Failure:
    with pytest.raises((Refuted, Malformed)) as error:
        verify(document)
    return error.value.failure if isinstance(error.value, Refuted) else error.value.code


SIGNED = sign(bill())
DERIVED = derive(SIGNED, "/credentialSubject/blNumber", "/credentialSubject/packages/1")


def test_what_is_signed_verifies_and_so_does_what_is_derived() -> None:
    assert not verify(SIGNED).derived
    fact = verify(DERIVED)
    assert fact.derived
    assert str(fact) == f"every statement shown was signed with the key {KEY.id}"
    assert DERIVED["credentialSubject"] == {
        "type": ["BillOfLading"],
        "blNumber": "BL-1",
        "packages": [{"packagesDescription": "tea", "packagesWeight": "2000"}],
    }


def test_what_is_derived_without_any_choice_shows_what_must_be_shown() -> None:
    least = derive(SIGNED)
    assert set(least) == {"@context", "id", "type", "issuer", "validFrom", "credentialStatus", "proof"}
    assert verify(least).derived


def test_signing_changes_neither_its_argument_nor_shares_with_it() -> None:
    document = bill()
    signed = sign(document)
    signed["credentialSubject"]["packages"][0]["packagesWeight"] = "9"
    derived = derive(SIGNED, "/credentialSubject")
    derived["credentialSubject"]["packages"].clear()
    assert document == bill()
    assert verify(SIGNED)


def test_two_signings_of_one_document_have_nothing_secret_in_common() -> None:
    one, other = (ecdsa_sd.parse_value(sign(bill(), seed=seed)["proof"]["proofValue"]) for seed in (1, 2))
    assert isinstance(one, EcdsaBaseProof)
    assert isinstance(other, EcdsaBaseProof)
    assert one.hmac_key != other.hmac_key
    assert one.proof_scoped_key != other.proof_scoped_key


def test_a_base_document_says_what_its_holder_could_leave_out() -> None:
    notes = verify(sign(bill(validUntil="2099-01-01T00:00:00Z"), ("/issuer",))).notes
    (note,) = [note for note in notes if note.remark is Remark.MAY_BE_WITHHELD]
    assert note.detail == "the holder of this document may show it without credentialStatus, validFrom, validUntil"


def test_the_order_of_packages_is_reported_as_not_signed() -> None:
    swapped = {**SIGNED, "credentialSubject": {**SIGNED["credentialSubject"]}}
    swapped["credentialSubject"]["packages"] = swapped["credentialSubject"]["packages"][::-1]
    for document in (SIGNED, swapped):
        assert Remark.ORDER_NOT_BOUND in {note.remark for note in verify(document).notes}


def base() -> EcdsaBaseProof:
    value = ecdsa_sd.parse_value(SIGNED["proof"]["proofValue"])
    assert isinstance(value, EcdsaBaseProof)
    return value


def derived() -> EcdsaDerivedProof:
    value = ecdsa_sd.parse_value(DERIVED["proof"]["proofValue"])
    assert isinstance(value, EcdsaDerivedProof)
    return value


def test_a_base_proof_must_have_a_signature_for_every_statement() -> None:
    few = replace(base(), signatures=base().signatures[:-1])
    assert refused(with_value(SIGNED, few)) is Failure.BASE_INCOMPLETE
    many = replace(base(), signatures=[*base().signatures, base().signatures[0]])
    assert refused(with_value(SIGNED, many)) is Failure.BASE_INCOMPLETE
    swapped = replace(base(), signatures=[base().signatures[1], base().signatures[0], *base().signatures[2:]])
    assert refused(with_value(SIGNED, swapped)) is Failure.PROOF_SIGNATURE


def test_a_base_document_without_what_must_be_shown_is_refused() -> None:
    less = {key: value for key, value in SIGNED.items() if key != "validFrom"}
    assert refused(less) is Failure.BASE_INCOMPLETE


def test_the_names_in_a_derived_proof_must_be_all_of_them_each_different() -> None:
    names = dict(derived().label_map)
    assert refused(with_value(DERIVED, replace(derived(), label_map={**names, 0: names[1]}))) is Failure.LABEL_MAP
    assert (
        refused(with_value(DERIVED, replace(derived(), label_map={**names, len(names): bytes(32)})))
        is Failure.LABEL_MAP
    )
    assert refused(with_value(DERIVED, replace(derived(), label_map={0: names[0]}))) is Failure.LABEL_MAP
    swapped = {**names, 0: names[1], 1: names[0]}
    assert refused(with_value(DERIVED, replace(derived(), label_map=swapped))) is Failure.PROOF_SIGNATURE


@pytest.mark.parametrize(
    "change", [lambda m: m[::-1], lambda m: [*m, m[-1]], lambda m: [*m, 99], lambda m: [*m[:-1], -1 + 2**40]]
)
def test_the_statements_that_must_be_shown_are_counted_in_good_order(change: Callable[[list[int]], list[int]]) -> None:
    value = replace(derived(), mandatory=change(list(derived().mandatory)))
    assert refused(with_value(DERIVED, value)) is Failure.PROOF_INDEXES


def test_a_derived_proof_must_have_as_many_signatures_as_statements() -> None:
    assert refused(with_value(DERIVED, replace(derived(), mandatory=derived().mandatory[:-1]))) is Failure.PROOF_INDEXES
    assert refused(with_value(DERIVED, replace(derived(), signatures=[]))) is Failure.PROOF_INDEXES


def test_a_statement_that_must_be_shown_cannot_pass_for_a_chosen_one() -> None:
    sign_one = p256.signer(OTHER.secret)
    value = replace(derived(), mandatory=derived().mandatory[:-1], signatures=[*derived().signatures, sign_one(b"")])
    assert refused(with_value(DERIVED, value)) is Failure.PROOF_SIGNATURE


@pytest.mark.parametrize(
    "point", [b"\x80\x24" + b"\x02" + b"\xff" * 32, b"\x80\x24" + bytes(33), b"\xeb\x01" + bytes(33)]
)
def test_a_one_time_key_that_is_no_point_of_the_curve_is_refused(point: bytes) -> None:
    assert refused(with_value(DERIVED, replace(derived(), proof_scoped_key=point))) is Failure.PROOF_SIGNATURE


@pytest.mark.parametrize("signature", [bytes(64), b"\xff" * 64, bytes(32) + b"\x01" * 32])
def test_signatures_out_of_range_are_refused(signature: bytes) -> None:
    assert refused(with_value(DERIVED, replace(derived(), signature=signature))) is Failure.PROOF_SIGNATURE


@pytest.mark.parametrize(
    "text", ["", "u", "z" + "1" * 9, "u2V0C", "u2V0A", "u2V0AhQ", "u2V0Ag0BAQEBA", "u!", "u2V0D" + "A" * 40]
)
def test_a_proof_value_that_cannot_be_read_is_refused(text: str) -> None:
    assert refused(with_value(SIGNED, text)) is Failure.PROOF_SHAPE


@pytest.mark.parametrize(
    "change",
    [
        {"type": "Ed25519Signature2020"},
        {"verificationMethod": "key-1"},
        {"verificationMethod": 5},
        {"created": "yesterday"},
        {"created": "2025-06-01T00:00:00"},
        {"expires": "2025-13-01T00:00:00Z"},
        {"cryptosuite": 5},
        {"colour": "red"},
        {"proofPurpose": None},
    ],
)
def test_a_proof_object_of_another_form_is_refused(change: dict[str, Any]) -> None:
    assert refused({**SIGNED, "proof": {**SIGNED["proof"], **change}}) is Failure.PROOF_SHAPE


@pytest.mark.parametrize("proof", [None, [], [5], "proof", {}])
def test_the_proof_is_one_object(proof: Any) -> None:
    assert refused({**SIGNED, "proof": proof}) is Failure.PROOF_SHAPE


def test_the_one_proof_may_stand_in_a_list() -> None:
    assert verify({**SIGNED, "proof": [SIGNED["proof"]]})


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        ({"verificationMethod": "did:key:abc"}, Doubt.UNSUPPORTED_DID_URL),
        ({"verificationMethod": "https://carrier.example/keys/1"}, Doubt.UNSUPPORTED_DID_URL),
        ({"verificationMethod": "did:web:carrier.example?service=x#key-1"}, Doubt.UNSUPPORTED_DID_URL),
        ({"verificationMethod": {"id": "did:key:abc#abc"}}, Doubt.UNSUPPORTED_DID_URL),
        ({"previousProof": "urn:x"}, Doubt.UNSUPPORTED_SUITE),
        ({"@context": "https://www.w3.org/ns/credentials/v2"}, Doubt.UNSUPPORTED_SUITE),
    ],
)
def test_what_data_integrity_has_and_is_not_known_here_is_a_doubt(change: dict[str, Any], doubt: Doubt) -> None:
    for proof in ({**SIGNED["proof"], **change}, [SIGNED["proof"], SIGNED["proof"]]):
        with pytest.raises(Unsupported) as unknown:
            verify({**SIGNED, "proof": proof})
        assert unknown.value.doubt is (doubt if isinstance(proof, dict) else Doubt.UNSUPPORTED_SUITE)


def test_a_proof_whose_time_has_passed_is_refused() -> None:
    options = {"created": CREATED, "proofPurpose": "assertionMethod", "expires": "2025-12-31T23:59:59Z"}
    document = ecdsa_rdfc.sign(bill(), KEY, options=options)
    body = {key: value for key, value in document.items() if key != "proof"}
    proof, value = di.parse_proof(document["proof"])
    whole = ecdsa_rdfc.EcdsaRdfcSigned(body, to_statements(body), proof, value)
    assert ecdsa_rdfc.verify(whole, KEY.public)
    assert whole.check(offline(now=datetime(2025, 12, 31, tzinfo=UTC)))
    with pytest.raises(Refuted) as late:
        whole.check(SOURCES)
    assert late.value.failure is Failure.PROOF_EXPIRED
    with pytest.raises(Refuted) as bad:
        ecdsa_rdfc.verify(replace(whole, value=encode_base58btc(bytes(64))), KEY.public)
    assert bad.value.failure is Failure.PROOF_SIGNATURE


def test_another_key_is_not_the_key() -> None:
    with pytest.raises(Refuted) as refuted:
        ecdsa_sd.verify(claim(DERIVED), OTHER.public)
    assert refuted.value.failure is Failure.PROOF_SIGNATURE


def test_what_was_derived_is_not_derived_from_again() -> None:
    with pytest.raises(InvalidInput, match="derived already"):
        derive(DERIVED, "/issuer")
    with pytest.raises(InvalidInput, match="Nothing would be shown"):
        derive(sign(bill(), ()))


def test_a_damaged_base_document_is_not_derived_from() -> None:
    signatures = [bytes(64), *base().signatures[1:]]
    with pytest.raises(Refuted) as refuted:
        derive(with_value(SIGNED, replace(base(), signatures=signatures)), "/credentialSubject")
    assert refuted.value.failure is Failure.PROOF_SIGNATURE


def test_a_document_that_no_signature_could_protect_is_not_signed() -> None:
    with pytest.raises(Malformed):
        sign(bill(validUntil=None))
    with pytest.raises(InvalidInput):
        sign(bill(), ("/validUntil",))
    with pytest.raises(InvalidInput, match="other software"):
        sign(bill(credentialSubject={"type": "BillOfLading", "blNumber": ["1"]}), ("/credentialSubject/blNumber/0",))


POINTERS = st.lists(
    st.sampled_from(
        [
            "/credentialSubject",
            "/credentialSubject/blNumber",
            "/credentialSubject/vessel",
            "/credentialSubject/packages",
            "/credentialSubject/packages/0",
            "/credentialSubject/packages/1/packagesWeight",
            "/validFrom",
        ]
    ),
    max_size=3,
)


@settings(max_examples=60)
@given(POINTERS, POINTERS, st.randoms(use_true_random=False))
def test_signatures_of_one_choice_do_not_fit_another(one: list[str], other: list[str], rng: random.Random) -> None:
    """A holder has every signature; whatever they put together, each statement shown must have been signed."""
    first, second = derive(SIGNED, *one), derive(SIGNED, *other)
    assert verify(first).derived
    shown, spare = (ecdsa_sd.parse_value(document["proof"]["proofValue"]) for document in (first, second))
    assert isinstance(shown, EcdsaDerivedProof)
    assert isinstance(spare, EcdsaDerivedProof)
    mixed = [*shown.signatures, *spare.signatures]
    rng.shuffle(mixed)
    attempt = replace(shown, signatures=mixed[: len(shown.signatures)], mandatory=rng.choice([shown, spare]).mandatory)
    try:
        verify(with_value(first, attempt))
    except Error:
        return
    assert to_statements({k: v for k, v in first.items() if k != "proof"}).quads
    assert set(attempt.signatures) == set(shown.signatures)
    assert list(attempt.mandatory) == list(shown.mandatory)
