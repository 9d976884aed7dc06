"""Withholding in OpenAttestation v3: arrays keep their length, and what no hash covers is not withheld but refused."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.checking.formats import read
from ebl.codes import Doubt, Failure, Remark
from ebl.errors import InvalidInput, Refuted
from ebl.model.paths import leaves, text
from ebl.openattestation.redact import Redaction, redact
from ebl.openattestation.v3_integrity import decode_salts, digest, encode_salts, flatten
from ebl.verify import check_integrity
from ebl.wrap import Options, to_json, wrap

STORE = "0x" + "11" * 20
DATA: dict[str, Any] = {
    "@context": ["https://www.w3.org/2018/credentials/v1", {"@vocab": "https://example.com/terms#"}],
    "type": ["VerifiableCredential"],
    "issuanceDate": "2025-01-01T00:00:00Z",
    "expirationDate": "2035-01-01T00:00:00Z",
    "issuer": {"id": "https://carrier.example", "name": "Carrier"},
    "credentialSubject": {
        "number": "BL-1",
        "weight": 12.5,
        "marks": ["a", "b", "c"],
        "packages": [{"what": "tea", "count": 3}, {"what": "silk"}, {"what": "jade", "seals": ["s1", "s2"]}],
        "shipper": {"name": "Shipper", "tax": {"id": "T-1"}},
    },
    "network": {"chain": "ETH", "chainId": "1"},
    "openAttestationMetadata": {
        "template": {"name": "BILL", "type": "EMBEDDED_RENDERER", "url": "https://show.example"},
        "proof": {"type": "OpenAttestationProofMethod", "method": "DOCUMENT_STORE", "value": STORE},
        "identityProof": {"type": "DNS-TXT", "identifier": "carrier.example"},
    },
}
WRAPPED = wrap(DATA)


def shown(redaction: Redaction) -> Any:
    document = read(to_json(redaction.document))
    assert not check_integrity(document)
    return document.data["credentialSubject"]


def refusal(*paths: str, document: Any = WRAPPED) -> InvalidInput:
    with pytest.raises(InvalidInput) as refused:
        redact(document, paths)
    return refused.value


def test_a_withheld_field_is_gone_with_its_salt_and_counted() -> None:
    before = deepcopy(WRAPPED)
    redaction = redact(WRAPPED, ["credentialSubject.shipper.name", "credentialSubject.weight"])
    assert redaction.withheld == ("credentialSubject.weight", "credentialSubject.shipper.name")
    assert redaction.total == 2
    assert shown(redaction)["shipper"] == {"tax": {"id": "T-1"}}
    assert "weight" not in str(decode_salts(redaction.document["proof"]["salts"]))
    assert before == WRAPPED


def test_an_element_in_the_middle_is_emptied_and_the_reader_is_told_where() -> None:
    redaction = redact(WRAPPED, ["credentialSubject.packages[1]", "credentialSubject.packages[2].seals"])
    assert shown(redaction)["packages"] == [{"what": "tea", "count": 3}, {}, {"what": "jade"}]
    notes = [note.detail for note in read(to_json(redaction.document)).notes if note.remark is Remark.REDACTED]
    assert notes[0].startswith("3 fields were withheld")
    assert notes[1] == "nothing is left in element 1 of the 3 in credentialSubject.packages"


def test_the_last_element_is_emptied_too_so_that_the_array_keeps_its_length() -> None:
    assert shown(redact(WRAPPED, ["credentialSubject.packages[2]"]))["packages"][2] == {}


def test_a_bare_element_goes_from_the_end_only() -> None:
    assert shown(redact(WRAPPED, ["credentialSubject.marks[2]"]))["marks"] == ["a", "b"]
    refused = refusal("credentialSubject.marks[1]")
    assert [problem.pointer for problem in refused.problems] == ["/credentialSubject/marks/1"]


def test_several_passes_add_up() -> None:
    first = redact(WRAPPED, ["credentialSubject.number"])
    second = redact(first.document, ["credentialSubject.packages", "credentialSubject.number"], missing_ok=True)
    assert second.total == 1 + 6
    assert "packages" not in shown(second)


@pytest.mark.parametrize(
    "path",
    [
        "issuer",
        "issuer.id",
        "issuer.name",
        "issuanceDate",
        "expirationDate",
        "type",
        "@context",
        "version",
        "network",
        "network.chainId",
        "openAttestationMetadata",
        "openAttestationMetadata.proof.value",
        "openAttestationMetadata.identityProof.identifier",
        "openAttestationMetadata.template.url",
        "credentialSubject",
    ],
)
def test_what_the_document_claims_and_what_its_schema_asks_for_cannot_be_withheld(path: str) -> None:
    assert "Without these fields" in refusal(path).message


def test_the_proof_is_no_field_of_the_document() -> None:
    assert "do not exist" in refusal("proof.salts").message


def test_where_a_signed_document_is_revoked_cannot_be_withheld() -> None:
    data = deepcopy(DATA)
    method = {
        "method": "DID",
        "value": "did:ethr:" + STORE,
        "revocation": {"type": "REVOCATION_STORE", "location": STORE},
    }
    data["openAttestationMetadata"]["proof"] |= method
    data["openAttestationMetadata"]["identityProof"] = {"type": "DNS-DID", "identifier": "carrier.example"}
    wrapped = wrap(data)
    wrapped["proof"] |= {"key": f"did:ethr:{STORE}#controller", "signature": "0x" + "00" * 65}
    for path in ("openAttestationMetadata.proof.revocation", "openAttestationMetadata.proof.revocation.location"):
        assert "Without these fields" in refusal(path, document=wrapped).message


def with_zero(dialect: Any) -> Any:
    data = deepcopy(DATA)
    data["credentialSubject"]["free"] = 0
    return wrap(data, Options(dialect=dialect, allow_unprotected=True))


def test_a_value_that_no_hash_covers_is_not_withheld() -> None:
    document = with_zero("tradetrust")
    refused = refusal("credentialSubject.free", document=document)
    assert "no hash covers them" in refused.message
    redaction = redact(document, ["credentialSubject.number"])
    left = {Doubt.UNPROTECTED_FIELD}
    assert check_integrity(read(to_json(redaction.document)), accepting=left) == left


def test_a_zero_that_its_dialect_covers_is_withheld_like_any_other() -> None:
    assert "free" not in shown(redact(with_zero("govtech"), ["credentialSubject.free"]))


def test_a_salt_that_is_used_twice_protects_neither_value() -> None:
    document = deepcopy(WRAPPED)
    salts = decode_salts(document["proof"]["salts"])
    by_path = dict(salts) | {"credentialSubject.number": dict(salts)["credentialSubject.weight"]}
    content = {name: value for name, value in document.items() if name != "proof"}
    target = digest(flatten(content), by_path).hex()
    document["proof"] |= {"salts": encode_salts(by_path.items()), "targetHash": target, "merkleRoot": target}
    assert "guessed" in refusal("credentialSubject.weight", document=document).message
    assert redact(document, ["credentialSubject.shipper"]).total == 2


def test_an_empty_object_has_no_hash_to_put_in_its_place() -> None:
    data = deepcopy(DATA)
    data["credentialSubject"]["empty"] = {}
    assert "a hash" in str(refusal("credentialSubject.empty", document=wrap(data)))


def test_a_document_that_was_changed_is_not_redacted() -> None:
    changed = deepcopy(WRAPPED)
    changed["credentialSubject"]["number"] = "BL-2"
    with pytest.raises(Refuted) as refused:
        redact(changed, ["credentialSubject.shipper"])
    assert refused.value.failure is Failure.HASH_MISMATCH


keys = st.text(st.sampled_from('abcXYZ019é漢_"-'), min_size=1, max_size=5)
scalars = st.just(True) | st.integers(1, 2**53 - 1) | st.text(min_size=1, max_size=6)
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


@settings(max_examples=50)
@given(st.dictionaries(keys, trees, min_size=1, max_size=5), st.data())
def test_every_redaction_verifies_hides_what_was_chosen_and_keeps_the_rest(subject: dict[str, Any], data: Any) -> None:
    wrapped = wrap({**DATA, "credentialSubject": subject})
    total = 0
    for _ in range(data.draw(st.integers(1, 3))):
        content = wrapped["credentialSubject"]
        every = [path for path, _ in leaves(content)]
        places = sorted({path[:end] for path in every for end in range(1, len(path) + 1)}, key=repr)
        if not places:
            return
        chosen = data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=4))
        try:
            redaction = redact(wrapped, [text(("credentialSubject", *path)) for path in chosen])
        except InvalidInput:
            continue
        written = json.loads(to_json(redaction.document))
        assert not check_integrity(read(to_json(written)))
        going = {path: value for path, value in leaves(content) if any(path[: len(c)] == c for c in chosen)}
        hashed = {path for path, value in going.items() if not isinstance(value, dict | list)}
        left = {
            path: value for path, value in leaves(written["credentialSubject"]) if not isinstance(value, dict | list)
        }
        kept = {path: value for path, value in leaves(content) if not isinstance(value, dict | list)}
        assert left == {path: value for path, value in kept.items() if path not in hashed}
        total += len(hashed)
        assert redaction.total == total
        wrapped = written
