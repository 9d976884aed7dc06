"""Reading OpenAttestation v2: what is claimed, what is refused, what is noted."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from ebl.checking.formats import read
from ebl.codes import Failure, Remark
from ebl.errors import DocumentError, InvalidInput, Malformed, Unreadable
from ebl.identity.did import Did
from ebl.identity.dns_did import DnsDid
from ebl.identity.dns_txt import DnsTxt
from ebl.identity.store_alone import StoreAlone
from ebl.model.findings import Group, Verdict
from ebl.openattestation.did_signature import DidSigned
from ebl.openattestation.revocation import NotRevoked
from ebl.policy import UnsafeAnyIssuer
from ebl.sharing.encryption import encrypt
from ebl.sources import offline
from ebl.status.document_store import DocumentStore
from ebl.status.token_registry import TokenRegistry
from ebl.verify import check_integrity, examine
from ebl.wrap import wrap

STORE = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
DID = "did:ethr:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
DNS = {"type": "DNS-TXT", "location": "carrier.example"}


def data(*issuers: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"issuers": list(issuers or [{"name": "A", "documentStore": STORE, "identityProof": DNS}]), **members}


def document(*issuers: dict[str, Any], **members: Any) -> dict[str, Any]:
    return wrap(data(*issuers, **members))


def code(raw: dict[str, Any]) -> Failure:
    with pytest.raises(DocumentError) as refused:
        read(json.dumps(raw).encode())
    return refused.value.code


def test_a_store_and_a_domain_are_claimed_on_the_chain_that_the_document_names() -> None:
    wrapped = document(network={"chain": "MATIC", "chainId": "137"})
    found = read(json.dumps(wrapped).encode())
    root = bytes.fromhex(wrapped["signature"]["merkleRoot"])
    (issuer,) = found.issuers
    assert (found.format, found.digest, issuer.name) == ("oa2", root, "A")
    assert issuer.status == (DocumentStore(137, STORE, root, root, ()),)
    assert issuer.identity == (DnsTxt("carrier.example", 137, STORE),)
    assert found.data == data(network={"chain": "MATIC", "chainId": "137"})


def test_a_token_registry_is_claimed_and_its_token_is_the_root() -> None:
    wrapped = document({"name": "A", "tokenRegistry": STORE.lower(), "identityProof": DNS})
    (claim,) = read(json.dumps(wrapped).encode()).issuers[0].status
    assert isinstance(claim, TokenRegistry)
    assert (claim.address, claim.token_id) == (STORE, int(wrapped["signature"]["merkleRoot"], 16))


def test_a_did_claims_its_signature_its_revocation_and_itself() -> None:
    proof = {"type": "DNS-DID", "key": f"{DID}#controller", "location": "carrier.example"}
    wrapped = document({"id": DID, "name": "A", "revocation": {"type": "NONE"}, "identityProof": proof})
    root = bytes.fromhex(wrapped["signature"]["merkleRoot"])
    (issuer,) = read(json.dumps(wrapped).encode()).issuers
    assert issuer.status == (
        DidSigned(DID, f"{DID}#controller", None, root),
        NotRevoked("NONE", None, None, root, root, ()),
    )
    assert issuer.identity == (DnsDid("carrier.example", DID, f"{DID}#controller"),)
    wrapped["proof"] = [
        {
            "type": "OpenAttestationSignature2018",
            "proofPurpose": "assertionMethod",
            "verificationMethod": f"{DID}#controller",
            "signature": "0x12",
        }
    ]
    signed = read(json.dumps(wrapped).encode()).issuers[0].status[0]
    assert isinstance(signed, DidSigned)
    assert signed.signature == "0x12"
    wrapped["proof"][0]["proofPurpose"] = "other"
    assert code(wrapped) is Failure.MALFORMED_HASH


def test_a_plain_did_stands_for_itself() -> None:
    proof = {"type": "DID", "key": f"{DID}#controller"}
    wrapped = document({"id": DID, "name": "A", "revocation": {"type": "NONE"}, "identityProof": proof})
    assert read(json.dumps(wrapped).encode()).issuers[0].identity == (Did(DID, f"{DID}#controller"),)


@pytest.mark.parametrize(
    ("issuer", "settled"),
    [
        ({"documentStore": STORE, "identityProof": {"type": "DNS-TXT"}}, 1),
        ({"identityProof": {"type": "DID", "key": f"{DID}#controller"}}, 0),
        ({"id": DID, "identityProof": {"type": "DID"}}, 0),
        ({"id": DID, "identityProof": {"type": "DNS-DID", "key": f"{DID}#controller"}}, 2),
    ],
)
def test_an_issuer_that_leaves_out_who_it_is_claims_no_identity(issuer: dict[str, Any], settled: int) -> None:
    raw = {**document(), "data": {"issuers": [{name: _salted(value) for name, value in issuer.items()}]}}
    (found,) = read(json.dumps(raw).encode()).issuers
    assert (len(found.status), found.identity) == (settled, ())


def _salted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _salted(one) for name, one in value.items()}
    return f"6a1c9e2e-9b5c-4f0e-8c86-1a5a9f1f0b51:string:{value}"


def test_what_is_wrapped_with_empty_objects_and_arrays_digests_to_its_own_hash() -> None:
    found = read(json.dumps(document(goods={"marks": [], "seals": {}}, notes=[[], {}])).encode())
    assert check_integrity(found) == frozenset()


def test_what_is_not_salted_is_shown_as_it_stands() -> None:
    salt, odd = "6a1c9e2e-9b5c-4f0e-8c86-1a5a9f1f0b51", "not-a-salt".ljust(36, "-")
    content = {"a": f"{salt}:string:A", "b": f"{odd}:string:B", "c": 5, "d": [None, f"{salt}:number:7"]}
    raw = {**document(), "data": {"issuers": [{"name": f"{salt}:string:A"}], **content}}
    shown = dict(read(json.dumps(raw).encode()).data)
    assert shown == {"issuers": [{"name": "A"}], "a": "A", "b": f"{odd}:string:B", "c": 5, "d": [None, 7]}


@pytest.mark.parametrize(
    ("digits", "number"), [("7", 7), ("007", 7), ("\u0667", None), ("1_0", None), ("0x10", 16), ("1e3", 1000)]
)
def test_a_salted_number_is_read_as_javascript_reads_it(digits: str, number: int | None) -> None:
    salt = "6a1c9e2e-9b5c-4f0e-8c86-1a5a9f1f0b51"
    raw = {**document(), "data": {"issuers": [{"name": "A"}], "n": f"{salt}:number:{digits}"}}
    shown = read(json.dumps(raw).encode()).data["n"]
    assert shown == number if number is not None else math.isnan(shown)


def test_a_crowd_of_issuers_is_refused_before_anybody_is_asked_about_them() -> None:
    issuer = {"name": "A", "documentStore": STORE, "identityProof": DNS}
    assert len(read(json.dumps(document(*[issuer] * 20)).encode()).issuers) == 20
    crowd = document(issuer)
    crowd["data"]["issuers"] *= 21
    assert code(crowd) is Failure.TOO_LARGE
    with pytest.raises(InvalidInput, match="at most 20 issuers"):
        document(*[issuer] * 21)


def test_a_proof_longer_than_that_of_any_batch_is_refused() -> None:
    wrapped = document()
    wrapped["signature"]["proof"] = ["11" * 32] * 64
    assert len(read(json.dumps(wrapped).encode()).issuers[0].status[0].proof) == 64  # type: ignore[attr-defined]
    wrapped["signature"]["proof"] = ["11" * 32] * 65
    assert code(wrapped) is Failure.TOO_LARGE


def test_names_that_are_long_in_many_paths_are_refused_before_the_paths_are_written() -> None:
    wrapped = document()
    wrapped["data"]["list"] = {"n" * 100_000: [1] * 1_000}
    assert code(wrapped) is Failure.TOO_LARGE
    with pytest.raises(InvalidInput, match="characters in the paths"):
        document(list={"n" * 100_000: [1] * 1_000})


def test_each_issuer_keeps_its_own_claims() -> None:
    other = {"name": "B", "certificateStore": STORE}
    one = {"name": "A", "documentStore": "0x" + "12" * 20, "identityProof": DNS}
    first, second = read(json.dumps(document(one, other)).encode()).issuers
    assert [claim.address for claim in first.status] == ["0x" + "12" * 20]
    assert [type(claim) for claim in first.identity] == [DnsTxt]
    assert [claim.address for claim in second.status] == [STORE]
    assert second.identity == (StoreAlone(STORE),)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"version": "https://schema.openattestation.com/3.0/schema.json"}, Failure.AMBIGUOUS_VERSION),
        ({"version": None}, Failure.AMBIGUOUS_VERSION),
        ({"data": None}, Failure.SCHEMA),
        ({"data": []}, Failure.SCHEMA),
        ({"data": {"issuers": {}}}, Failure.SCHEMA),
        ({"data": {"issuers": []}}, Failure.SCHEMA),
        ({"data": {"issuers": [None]}}, Failure.SCHEMA),
        ({"data": {"issuers": [{}]}}, Failure.SCHEMA),
        ({"data": {"issuers": [{"documentStore": STORE, "tokenRegistry": STORE}]}}, Failure.SCHEMA),
        ({"data": {"issuers": [{"documentStore": STORE[:-1] + "D"}]}}, Failure.BAD_ADDRESS),
        ({"data": {"issuers": [{"documentStore": "store.eth"}]}}, Failure.BAD_ADDRESS),
        ({"data": {"issuers": [{"name": "A"}], "network": {"chainId": "0x1"}}}, Failure.SCHEMA),
        ({"data": {"issuers": [{"name": "A"}], "network": {"chainId": None}}}, Failure.SCHEMA),
        ({"data": {"issuers": [{"name": "6a1c9e2e-9b5c-4f0e-8c86-1a5a9f1f0b51:date:x"}]}}, Failure.SCHEMA),
        ({"signature": None}, Failure.SCHEMA),
        ({"signature": {"type": None}}, Failure.MALFORMED_HASH),
        ({"privacy": None}, Failure.SCHEMA),
        ({"privacy": {"obfuscatedData": None}}, Failure.MALFORMED_HASH),
        ({"privacy": {"obfuscatedData": ["0x" + "a" * 64]}}, Failure.MALFORMED_HASH),
        ({"proof": {}}, Failure.SCHEMA),
        ({"proof": [None]}, Failure.SCHEMA),
    ],
)
def test_a_document_that_breaks_the_formats_rules_is_malformed(change: dict[str, Any], expected: Failure) -> None:
    assert code({**document(), **change}) is expected


def test_malformed_is_invalid_and_unreadable_is_no_verdict() -> None:
    broken = json.dumps({**document(), "data": None}).encode()
    report = examine(broken, UnsafeAnyIssuer(), sources=offline())
    assert report.verdict is Verdict.INVALID
    with pytest.raises(Unreadable):
        examine(b"{}", UnsafeAnyIssuer(), sources=offline())


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"[]", "object"),
        (b"{}", "not a document"),
        (json.dumps(data()).encode(), "not wrapped yet"),
        (encrypt("{}", bytes(32)).to_json(), "Decrypt it first"),
        (b'{"@context":["https://schemata.openattestation.com/com/openattestation/4.0/alpha-context.json"]}', "v4"),
    ],
)
def test_json_that_is_no_document_of_ours_is_unreadable(raw: bytes, word: str) -> None:
    with pytest.raises(Unreadable, match=word) as refused:
        read(raw)
    assert refused.value.code is Failure.UNSUPPORTED_FORMAT


def test_the_oldest_documents_name_an_old_schema_in_place_of_a_version() -> None:
    wrapped = document()
    del wrapped["version"]
    assert code(wrapped) is Failure.AMBIGUOUS_VERSION
    assert code({**wrapped, "schema": "https://example.org/schema.json"}) is Failure.AMBIGUOUS_VERSION
    assert read(json.dumps({**wrapped, "schema": "tradetrust/v1.0"}).encode()).format == "oa2"


def test_members_that_no_hash_covers_and_withheld_fields_are_noted() -> None:
    wrapped = {**document(), "attachment": "x", "privacy": {"obfuscatedData": ["ab" * 32]}}
    notes = {note.remark: note.detail for note in read(json.dumps(wrapped).encode()).notes}
    assert "'attachment'" in notes[Remark.UNSIGNED_MEMBER]
    assert notes[Remark.REDACTED].startswith("1 field")


def test_a_claim_that_nobody_checks_yet_leaves_the_verdict_open() -> None:
    wrapped = json.dumps(document({"name": "A", "tokenRegistry": STORE, "identityProof": DNS})).encode()
    report = examine(wrapped, UnsafeAnyIssuer(), sources=offline())
    assert report.verdict is Verdict.INDETERMINATE
    assert any(finding.group is Group.STATUS for finding in report.findings)


def test_a_malformed_error_says_where_what_was_expected_and_what_came() -> None:
    with pytest.raises(Malformed, match=r"/signature/targetHash: expected 64 lower-case hex digits; got 'AB'\."):
        read(
            json.dumps(
                {**document(), "signature": {"type": "SHA3MerkleProof", "proof": [], "targetHash": "AB"}}
            ).encode()
        )
