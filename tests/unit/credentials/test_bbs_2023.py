"""bbs-2023: what is signed can be shown in part, and nothing else can be shown."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.codec import cbor
from ebl.codec.multibase import decode_base64url, encode_base64url
from ebl.codes import Failure, Remark
from ebl.credentials import bbs_2023 as bbs
from ebl.credentials import data_integrity as di
from ebl.credentials import disclosure
from ebl.credentials.bbs_2023 import BbsBaseProof, BbsDerivedProof
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.linked_data import to_statements
from ebl.crypto.multikey import KeyType
from ebl.did.document_writer import web_document
from ebl.errors import Error, InvalidInput, Malformed, Refuted, Unsupported
from ebl.jsonld import rdfc
from ebl.sources import offline

pytest.importorskip("py_arkworks_bls12381")
SOURCES = offline(now=datetime(2026, 1, 1, tzinfo=UTC))
MANDATORY = ("/issuer", "/validFrom", "/credentialStatus")


def seeded(seed: int) -> Callable[[int], bytes]:
    return random.Random(seed).randbytes


KEY = IssuerKey.generate(KeyType.BLS12_381, randomness=seeded(1))
OTHER = IssuerKey.generate(KeyType.BLS12_381, randomness=seeded(2))


def bill(**more: Any) -> dict[str, Any]:
    return {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://w3id.org/security/data-integrity/v2",
            "https://trustvc.io/context/bill-of-lading.json",
        ],
        "id": "urn:uuid:019bd4de-17ba-7a7e-a2c2-16b6ea4b7e43",
        "type": ["VerifiableCredential"],
        "issuer": KEY.did,
        "validFrom": "2025-01-01T00:00:00Z",
        "credentialStatus": {
            "id": "https://carrier.example/status/1#7",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "7",
            "statusListCredential": "https://carrier.example/status/1",
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


def sign(document: dict[str, Any], mandatory: tuple[str, ...] = MANDATORY, seed: int = 7) -> dict[str, Any]:
    return bbs.sign(document, KEY, mandatory=mandatory, hmac_key=seeded(seed)(32))


def claim(document: dict[str, Any]) -> bbs.BbsSigned:
    body = {key: value for key, value in document.items() if key != "proof"}
    proof, value = di.parse_proof(document["proof"])
    return bbs.BbsSigned(body, to_statements(body), proof, value)


def verify(document: dict[str, Any]) -> di.Authentic:
    return claim(document).check(SOURCES)


def derive(document: dict[str, Any], *pointers: str, **named: Any) -> dict[str, Any]:
    return bbs.derive(claim(document), pointers, randomness=seeded(3), **named)


def statements(document: dict[str, Any]) -> tuple[str, ...]:
    """What a document says, whatever its blank nodes are called."""
    return rdfc.canonicalise(claim(document).statements.quads).lines


def value_of(document: dict[str, Any]) -> Any:
    return bbs.parse_value(document["proof"]["proofValue"])


def with_value(document: dict[str, Any], value: BbsBaseProof | BbsDerivedProof | str) -> dict[str, Any]:
    return {**document, "proof": {**document["proof"], "proofValue": str(value)}}


def refused(document: dict[str, Any]) -> Failure:
    with pytest.raises((Refuted, Malformed)) as error:
        verify(document)
    return error.value.failure if isinstance(error.value, Refuted) else error.value.code


SIGNED = sign(bill())
DERIVED = derive(SIGNED, "/credentialSubject/blNumber", "/credentialSubject/packages/1", presentation_header=b"bank")


# ---------------------------------------------------------------- signing and showing


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


def test_the_proof_has_no_date_and_two_of_one_document_share_no_secret_name() -> None:
    assert set(SIGNED["proof"]) == {"type", "verificationMethod", "cryptosuite", "proofPurpose", "proofValue"}
    one, two = (bbs.sign(bill(), KEY, mandatory=MANDATORY) for _ in range(2))
    assert value_of(one).hmac_key != value_of(two).hmac_key


def test_two_derived_documents_of_one_base_cannot_be_told_by_their_proofs_to_be_so() -> None:
    one, two = (value_of(bbs.derive(claim(SIGNED), ["/credentialSubject/blNumber"])) for _ in range(2))
    assert one.proof != two.proof
    assert not {one.proof[at : at + 32] for at in range(len(one.proof) - 31)} & {
        two.proof[at : at + 32] for at in range(len(two.proof) - 31)
    }
    base = value_of(SIGNED)
    assert base.signature[:48] not in one.proof
    assert base.hmac_key not in str(one).encode()


def test_everything_may_be_mandatory_or_nothing() -> None:
    for mandatory in ((), ("",), ("/issuer", "/validFrom", "/credentialStatus", "/credentialSubject")):
        signed = sign(bill(), mandatory)
        assert not verify(signed).derived
        shown = derive(signed, "/credentialSubject")
        assert verify(shown).derived
        assert ("issuer" in shown) is bool(mandatory)


def test_what_is_derived_without_any_choice_shows_what_must_be_shown() -> None:
    least = derive(SIGNED)
    assert set(least) == {"@context", "id", "type", "issuer", "validFrom", "credentialStatus", "proof"}
    assert verify(least).derived


def test_signing_and_deriving_change_nothing_that_they_were_given() -> None:
    document = bill()
    sign(document)["credentialSubject"]["packages"].clear()
    derive(SIGNED, "/credentialSubject")["credentialSubject"]["packages"].clear()
    assert document == bill()
    assert verify(SIGNED)


def test_a_key_of_a_did_web_is_looked_up_where_it_is_hosted() -> None:
    key = IssuerKey.generate(KeyType.BLS12_381, did="did:web:carrier.example", randomness=seeded(4))
    signed = bbs.sign(bill(issuer=key.did), key, mandatory=MANDATORY)
    assert bbs.verify(claim(signed), key.public)
    assert web_document(key.did, [(key.id, key.public)])["assertionMethod"] == [key.id]
    with pytest.raises(Error, match="offline"):
        verify(signed)


def test_a_base_document_says_what_its_holder_could_leave_out() -> None:
    notes = verify(sign(bill(), ("/issuer",))).notes
    (note,) = [note for note in notes if note.remark is Remark.MAY_BE_WITHHELD]
    assert "credentialStatus" in note.detail


# ---------------------------------------------------------------- proofs that are not as they should be


def test_a_base_proof_covers_every_statement() -> None:
    base = value_of(SIGNED)
    more = {**SIGNED, "credentialSubject": {**SIGNED["credentialSubject"], "scac": "SGLU"}}
    less = {**SIGNED, "credentialSubject": {"type": ["BillOfLading"], "blNumber": "BL-1"}}
    assert refused(more) is Failure.PROOF_SIGNATURE
    assert refused(less) is Failure.PROOF_SIGNATURE
    assert refused(with_value(SIGNED, replace(base, mandatory=("/issuer",)))) is Failure.BASE_INCOMPLETE
    assert refused(with_value(SIGNED, replace(base, mandatory=(*base.mandatory, "/x")))) is Failure.BASE_INCOMPLETE
    assert refused(with_value(SIGNED, replace(base, header=bytes(64)))) is Failure.BASE_INCOMPLETE
    assert refused(with_value(SIGNED, replace(base, signature=bytes(80)))) is Failure.PROOF_SIGNATURE
    assert refused({key: value for key, value in SIGNED.items() if key != "validFrom"}) is Failure.BASE_INCOMPLETE


def test_a_base_proof_names_the_key_that_it_was_made_with() -> None:
    assert refused(with_value(SIGNED, replace(value_of(SIGNED), public=OTHER.public.octets))) is Failure.WRONG_KEY


def test_another_key_is_not_the_key() -> None:
    for document, failure in ((DERIVED, Failure.PROOF_SIGNATURE), (SIGNED, Failure.WRONG_KEY)):
        with pytest.raises(Refuted) as no:
            bbs.verify(claim(document), OTHER.public)
        assert no.value.failure is failure
    with pytest.raises(Refuted) as no:
        bbs.verify(claim(DERIVED), IssuerKey.generate(KeyType.P256).public)
    assert no.value.failure is Failure.WRONG_KEY


def test_the_names_in_a_derived_proof_must_be_all_of_them_each_different() -> None:
    value = value_of(DERIVED)
    names = dict(value.label_map)
    assert len(names) == 2
    for wrong in ({0: names[0]}, {**names, 2: 9}, {**names, 0: names[1]}, {0: names[0], 2: names[1]}, {}):
        assert refused(with_value(DERIVED, replace(value, label_map=wrong))) is Failure.LABEL_MAP
    swapped = {0: names[1], 1: names[0]}
    assert refused(with_value(DERIVED, replace(value, label_map=swapped))) is Failure.PROOF_SIGNATURE


@pytest.mark.parametrize("field", ["mandatory", "selective"])
@pytest.mark.parametrize(
    "change",
    [
        lambda m: m[::-1],
        lambda m: [*m, m[-1]],
        lambda m: [*m, 99],
        lambda m: [*m[:-1], 2**40],
        lambda m: [m[0], *m[:-1]],
    ],
)
def test_indexes_must_ascend_within_what_there_is(field: str, change: Callable[[list[int]], list[int]]) -> None:
    value = value_of(DERIVED)
    wrong = replace(value, **{field: change(list(getattr(value, field)))})
    assert refused(with_value(DERIVED, wrong)) is Failure.BBS_INDEXES


def test_there_is_a_place_for_every_statement_shown() -> None:
    value = value_of(DERIVED)
    for wrong in (
        replace(value, selective=value.selective[:-1]),
        replace(value, mandatory=value.mandatory[:-1]),
        replace(value, selective=[]),
        replace(value, mandatory=[]),
    ):
        assert refused(with_value(DERIVED, wrong)) is Failure.BBS_INDEXES


def test_the_presentation_header_is_bound() -> None:
    assert value_of(DERIVED).presentation_header == b"bank"
    for other in (b"", b"bank2", b"ban"):
        wrong = replace(value_of(DERIVED), presentation_header=other)
        assert refused(with_value(DERIVED, wrong)) is Failure.PROOF_SIGNATURE


@pytest.mark.parametrize("length", [0, 271, 272, 273, 304])
def test_a_proof_of_another_length_is_refused(length: int) -> None:
    value = value_of(DERIVED)
    wrong = replace(value, proof=(value.proof + value.proof)[:length], selective=range(len(value.selective)))
    assert refused(with_value(DERIVED, wrong)) in (Failure.PROOF_SIGNATURE, Failure.BBS_INDEXES)


@pytest.mark.parametrize("feature", range(4, 10))
def test_other_features_of_the_suite_are_named_as_unsupported(feature: int) -> None:
    octets = bytearray(decode_base64url(DERIVED["proof"]["proofValue"]))
    octets[2] = feature
    with pytest.raises(Unsupported, match="holder binding or pseudonyms"):
        verify(with_value(DERIVED, encode_base64url(octets)))


PARTS = [b"\0" * 80, b"\0" * 64, b"\0" * 96, b"\0" * 32, ["/issuer"]]
SHOWN = [b"\0" * 272, {0: 0}, [0], [0], b""]


@pytest.mark.parametrize("parts", [PARTS, SHOWN])
@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("wrong", [7, b"\0", "x", [b"\0"], [[0]], {0: b"\0"}, {0: [0]}])
def test_values_of_the_wrong_kind_are_refused(parts: list[Any], place: int, wrong: Any) -> None:
    head = b"\xd9\x5d\x02" if parts is PARTS else b"\xd9\x5d\x03"
    assert bbs.parse_value(encode_base64url(head + cbor.dumps(parts)))
    changed = [*parts[:place], wrong, *parts[place + 1 :]]
    if parts is SHOWN and isinstance(wrong, bytes) and place in (0, 4):
        return  # bytes of any length stand there
    with pytest.raises(Malformed) as bad:
        bbs.parse_value(encode_base64url(head + cbor.dumps(changed)))
    assert bad.value.code is Failure.PROOF_SHAPE


@pytest.mark.parametrize("text", ["", "u", "z1111", "u2V0C", "u2V0A", "u2V0D", "u2V0B", "u!", "u2V0D" + "A" * 40])
def test_a_proof_value_that_cannot_be_read_is_refused(text: str) -> None:
    assert refused(with_value(SIGNED, text)) is Failure.PROOF_SHAPE


def test_more_statements_than_the_limit_are_refused_before_any_work() -> None:
    packages = [{"packagesWeight": str(number)} for number in range(2048)]
    many = {**SIGNED, "credentialSubject": {**SIGNED["credentialSubject"], "packages": packages}}
    assert refused(many) is Failure.TOO_LARGE
    with pytest.raises(InvalidInput, match="At most 4096"):
        sign({name: value for name, value in many.items() if name != "proof"})


def test_what_was_derived_is_not_derived_from_again() -> None:
    with pytest.raises(InvalidInput, match="derived already"):
        derive(DERIVED, "/issuer")
    with pytest.raises(InvalidInput, match="Nothing would be shown"):
        derive(sign(bill(), ()))


def test_a_damaged_base_document_is_not_derived_from() -> None:
    broken = replace(value_of(SIGNED), signature=bytes(80))
    with pytest.raises(Refuted) as no:
        derive(with_value(SIGNED, broken), "/credentialSubject")
    assert no.value.failure is Failure.PROOF_SIGNATURE


def test_a_document_that_no_signature_could_protect_is_not_signed() -> None:
    with pytest.raises(Malformed):
        sign(bill(validUntil=None))
    with pytest.raises(InvalidInput):
        sign(bill(), ("/validUntil",))
    with pytest.raises(InvalidInput, match="P-256"):
        bbs.sign(bill(), IssuerKey.generate(KeyType.P256), mandatory=())
    with pytest.raises(InvalidInput, match="32 bytes"):
        bbs.sign(bill(), KEY, mandatory=(), hmac_key=b"")


# ---------------------------------------------------------------- whatever a holder tries

PLACES = st.lists(
    st.sampled_from(
        [
            "/credentialSubject",
            "/credentialSubject/blNumber",
            "/credentialSubject/vessel",
            "/credentialSubject/packages",
            "/credentialSubject/packages/0",
            "/credentialSubject/packages/1/packagesWeight",
        ]
    ),
    max_size=3,
)


@settings(max_examples=40)
@given(PLACES, PLACES, st.data())
def test_parts_of_two_proofs_do_not_make_a_third(one: list[str], two: list[str], data: st.DataObject) -> None:
    """A holder can make every derived proof; none put together of others passes, unless it is one that was made."""
    documents = [derive(SIGNED, *one), derive(SIGNED, *two, presentation_header=b"other")]
    values = [value_of(document) for document in documents]
    names = ("proof", "label_map", "mandatory", "selective", "presentation_header")
    picks = {name: getattr(values[data.draw(st.integers(0, 1), label=name)], name) for name in names}
    shown = data.draw(st.sampled_from(documents))
    mixed = with_value(shown, BbsDerivedProof(**picks))
    try:
        verify(mixed)
    except Refuted:
        return
    assert mixed in documents


@settings(max_examples=100)
@given(st.data(), st.sampled_from([SIGNED, DERIVED]))
def test_no_bit_of_a_proof_value_can_be_changed(data: st.DataObject, document: dict[str, Any]) -> None:
    octets = bytearray(decode_base64url(document["proof"]["proofValue"]))
    unbound = octets.find(value_of(SIGNED).hmac_key)  # in a base proof only: see the next test
    bits = [bit for bit in range(len(octets) * 8) if unbound < 0 or not unbound <= bit // 8 < unbound + 32]
    bit = data.draw(st.sampled_from(bits))
    octets[bit // 8] ^= 1 << bit % 8
    with pytest.raises((Refuted, Malformed)):
        verify(with_value(document, encode_base64url(octets)))


def test_of_the_key_that_names_blank_nodes_only_the_names_are_bound() -> None:
    """The suite signs the names that the key gives (their ranks), and not the key."""
    outcomes = set()
    for seed in range(40):
        other = replace(value_of(SIGNED), hmac_key=seeded(seed)(32))
        names = [
            disclosure.label_replacement_canonicalize(
                claim(SIGNED).statements.quads, disclosure.shuffled_id_label_map(v.hmac_key)
            ).label_map
            for v in (other, value_of(SIGNED))
        ]
        try:
            verify(with_value(SIGNED, other))
        except Refuted:
            outcomes.add((names[0] == names[1], False))
        else:
            outcomes.add((names[0] == names[1], True))
    assert outcomes == {(True, True), (False, False)}


@pytest.mark.parametrize("document", [SIGNED, DERIVED], ids=["base", "derived"])
def test_no_member_of_a_proof_can_be_changed(document: dict[str, Any]) -> None:
    changes = {
        "type": "Proof",
        "cryptosuite": "ecdsa-sd-2023",
        "verificationMethod": OTHER.id,
        "proofPurpose": "authentication",
        "created": "2025-01-01T00:00:00Z",
        "expires": "2099-01-01T00:00:00Z",
        "challenge": "x",
        "domain": "x",
        "nonce": "x",
    }
    for name, value in changes.items():
        with pytest.raises((Refuted, Malformed)):
            verify({**document, "proof": {**document["proof"], name: value}})
    for name in document["proof"]:
        with pytest.raises((Refuted, Malformed)):
            verify({**document, "proof": {key: value for key, value in document["proof"].items() if key != name}})


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
subjects = st.builds(
    lambda number, vessel, weights: {
        "type": ["BillOfLading"],
        "blNumber": number,
        "vessel": vessel,
        **({"packages": [{"packagesWeight": w, "packagesMeasurement": m} for w, m in weights]} if weights else {}),
    },
    texts,
    texts,
    st.lists(st.tuples(texts, texts), max_size=4),
)


@settings(max_examples=25)
@given(subjects, st.data())
def test_of_any_bill_any_choice_can_be_shown_and_no_more(subject: dict[str, Any], data: st.DataObject) -> None:
    signed = sign(bill(credentialSubject=subject))
    verify(signed)
    places = [f"/credentialSubject/{name}" for name in subject if name != "type"]
    places += [f"/credentialSubject/packages/{number}" for number in range(len(subject.get("packages", ())))]
    chosen = data.draw(st.lists(st.sampled_from(places), unique=True, max_size=4))
    shown = derive(signed, *chosen)
    assert verify(shown).derived
    least = derive(signed)
    assert {key: shown[key] for key in least if key != "proof"} == {key: least[key] for key in least if key != "proof"}
    whole, part = claim(signed).statements, claim(shown).statements
    assert len(part.quads) == len(whole.select([*MANDATORY, *chosen]))
