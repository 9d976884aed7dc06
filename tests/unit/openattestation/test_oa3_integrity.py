"""Integrity of OpenAttestation v3: every visible leaf has its salt, and every salt its leaf."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.checking.formats import read
from ebl.codes import Doubt, Failure, Remark
from ebl.errors import Refuted, Undetermined
from ebl.model.findings import Note
from ebl.openattestation import v3_integrity as oa3
from ebl.sources import offline
from ebl.wrap import Options, to_json, wrap, wrap_batch

DATA = {
    "@context": ["https://www.w3.org/2018/credentials/v1", {"@vocab": "https://example.org/vocab#"}],
    "type": ["VerifiableCredential"],
    "issuanceDate": "2024-05-01T00:00:00Z",
    "issuer": {"id": "https://carrier.example", "name": "Carrier"},
    "openAttestationMetadata": {
        "proof": {"type": "OpenAttestationProofMethod", "method": "DOCUMENT_STORE", "value": "0x" + "11" * 20},
        "identityProof": {"type": "DNS-TXT", "identifier": "carrier.example"},
    },
    "credentialSubject": {"bl": "BL-1", "seals": ["a", "b"]},
}


def check(wrapped: dict[str, Any]) -> oa3.IntactV3:
    (claim,) = read(to_json(wrapped)).integrity
    assert isinstance(claim, oa3.UnalteredV3)
    return claim.check(offline())


def refused(wrapped: dict[str, Any]) -> Failure:
    with pytest.raises(Refuted) as no:
        check(wrapped)
    return no.value.failure


def subject(**members: Any) -> dict[str, Any]:
    return {**DATA, "credentialSubject": members}


def with_salts(wrapped: dict[str, Any], salts: Any) -> dict[str, Any]:
    text = salts if isinstance(salts, str) else json.dumps(salts, separators=(",", ":"))
    proof = {**wrapped["proof"], "salts": base64.b64encode(text.encode()).decode()}
    return {**wrapped, "proof": proof}


def test_what_was_wrapped_is_intact_in_both_dialects() -> None:
    found = check(wrap(DATA))
    assert (found.notes, found.dialect) == ((), None)


def test_any_changed_moved_added_or_removed_leaf_is_refused() -> None:
    wrapped = wrap(DATA)
    for failure, change in (
        (Failure.HASH_MISMATCH, {"bl": "BL-2", "seals": ["a", "b"]}),
        (Failure.HASH_MISMATCH, {"bl": "BL-1", "seals": ["b", "a"]}),
        (Failure.SALT_PATHS, {"no": "BL-1", "seals": ["a", "b"]}),
        (Failure.SALT_PATHS, {"bl": "BL-1", "seals": ["a"]}),
        (Failure.SALT_PATHS, {"bl": "BL-1", "seals": ["a", "b"], "more": "x"}),
        (Failure.SALT_PATHS, {"bl": "BL-1", "seals": {"0": "a", "1": "b"}}),
        (Failure.KEY, {"bl": "BL-1", "seals[0]": "a"}),
        (Failure.KEY, {"bl": "BL-1", "x": {"a.b": {}}}),
    ):
        assert refused({**wrapped, "credentialSubject": change}) is failure


@pytest.mark.parametrize("name", ["", "__proto__"])
def test_a_root_member_without_a_path_of_its_own_is_refused(name: str) -> None:
    assert refused({**wrap(DATA), name: {"x": "y"}}) in (Failure.PATH_COLLISION, Failure.RESERVED_KEY)


def test_an_array_in_a_member_with_an_empty_name_is_refused_though_the_hash_fits() -> None:
    document = wrap(subject(bl="BL-1"))
    document["credentialSubject"] = {"": ["a"], "0": "b"}
    proof = document.pop("proof")
    flat = oa3.flatten(document)
    salts = dict.fromkeys(flat.paths, "ab" * 32)
    target = oa3.digest(flat, salts).hex()
    proof |= {"salts": oa3.encode_salts(salts.items()), "targetHash": target, "merkleRoot": target}
    assert refused({**document, "proof": proof}) is Failure.PATH_COLLISION


def test_salts_must_be_canonical_and_well_formed() -> None:
    wrapped = wrap(DATA)
    encoded = wrapped["proof"]["salts"]
    rows = json.loads(base64.b64decode(encoded))
    changed = [copy.deepcopy(rows) for _ in range(6)]
    changed[0][0]["value"] = rows[0]["value"].upper().replace("0", "A")
    changed[1][0]["value"] = rows[0]["value"][:-1]
    changed[2][0]["extra"] = 1
    changed[3].append(rows[0])
    changed[4].pop()
    changed[5][0]["path"] = 5
    for salts in [*changed, {}, "not json", '[{"value":"x","value":"x","path":"y"}]']:
        assert refused(with_salts(wrapped, salts)) is Failure.SALT_PATHS
    for text in (encoded.rstrip("=") + "====", encoded[:-4], encoded + "\n", "é", encoded.replace("e", "-", 1)):
        assert refused({**wrapped, "proof": {**wrapped["proof"], "salts": text}}) is Failure.SALT_PATHS
    assert check(with_salts(wrapped, rows[::-1])).notes == ()


def test_a_leaf_that_no_hash_covers_leaves_integrity_open_and_is_named() -> None:
    wrapped = wrap(subject(paid=False, bl="BL-1"), Options(allow_unprotected=True))
    with pytest.raises(Undetermined) as open_:
        check(wrapped)
    assert open_.value.doubt is Doubt.UNPROTECTED_FIELD
    assert "'credentialSubject.paid'" in open_.value.detail
    wrapped["credentialSubject"]["bl"] = "BL-2"
    assert refused(wrapped) is Failure.HASH_MISMATCH


def test_the_dialect_that_covers_them_is_tried_and_named() -> None:
    found = check(wrap(subject(paid=False, count=0, note="", none=None), Options(dialect="govtech")))
    assert found.dialect == "govtech"
    assert "govtech" in str(found)
    altered = wrap(subject(paid=False), Options(dialect="govtech"))
    altered["credentialSubject"]["paid"] = 0
    assert refused(altered) is Failure.HASH_MISMATCH


def test_empty_containers_and_leaves_of_a_loose_type_are_noted() -> None:
    found = check(wrap(subject(a={}, b=[], n=5, s="5", t="true", u="1.0", v="5 t", w="-.", f=1.5)))
    notes = {note.remark: note.detail for note in found.notes}
    assert notes[Remark.EMPTY_CONTAINER].count("'credentialSubject.") == 2
    for name, listed in {"n": True, "s": True, "t": True, "u": False, "v": False, "w": False, "f": True}.items():
        assert (f"'credentialSubject.{name}'" in notes[Remark.TYPE_NOT_BOUND]) is listed


def test_a_salt_that_is_used_twice_is_noted() -> None:
    wrapped = wrap(DATA, Options(salts=lambda count: ["ab" * 32] * count))
    assert [note.remark for note in check(wrapped).notes] == [Remark.WEAK_SALT]


def test_a_proof_that_leads_elsewhere_is_refused() -> None:
    for wrapped in wrap_batch([DATA] * 3).documents:
        wrapped["proof"]["proofs"].append("00" * 32)
        assert refused(wrapped) is Failure.HASH_MISMATCH


def test_notes_list_a_few_places_and_count_the_others() -> None:
    (note,) = check(wrap(subject(**{f"n{at}": at + 1 for at in range(9)}))).notes
    assert isinstance(note, Note)
    assert note.detail.endswith("and 4 more")


@given(
    rows=st.lists(st.tuples(st.text(max_size=6), st.binary(min_size=32, max_size=32)), max_size=4),
    spaced=st.booleans(),
    at=st.integers(0, 400),
    sign=st.sampled_from([None, *"AZaz09+/=-_ \n\r", "é", "=="]),
)
def test_salts_are_read_from_their_one_encoding_only(
    rows: list[tuple[str, bytes]], spaced: bool, at: int, sign: str | None
) -> None:
    """However they are spaced, the rows come back; with one sign changed, only if that is Base64 as it would be written."""
    salts = [(path, salt.hex()) for path, salt in rows]
    text = json.dumps([{"value": salt, "path": path} for path, salt in salts], indent=1 if spaced else None)
    encoded = base64.b64encode(text.encode()).decode()
    assert oa3.decode_salts(encoded) == oa3.decode_salts(oa3.encode_salts(salts)) == salts
    if sign is not None:
        changed = encoded[:at] + sign + encoded[at + 1 :]
        try:
            found = oa3.decode_salts(changed)
        except Refuted as no:
            assert no.failure is Failure.SALT_PATHS
        else:
            raw = base64.b64decode(changed)
            assert base64.b64encode(raw).decode() == changed
            assert found == [(row["path"], row["value"]) for row in json.loads(raw)]
