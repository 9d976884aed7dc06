"""Reading OpenAttestation v3: what is claimed, what is refused, what is noted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ebl.checking.formats import read
from ebl.codes import Failure, Remark
from ebl.errors import DocumentError, InvalidInput
from ebl.identity.did import Did
from ebl.identity.dns_did import DnsDid
from ebl.identity.dns_txt import DnsTxt
from ebl.model.findings import Failed, Group
from ebl.openattestation.did_signature import DidSigned
from ebl.openattestation.not_signed import NotSigned
from ebl.openattestation.revocation import NotRevoked
from ebl.policy import UnsafeAnyIssuer
from ebl.sources import offline
from ebl.status.document_store import DocumentStore
from ebl.status.token_registry import TokenRegistry
from ebl.status.validity import InForce, Valid
from ebl.verify import examine
from ebl.wrap import Options, to_json, unwrap, wrap, wrap_batch

STORE = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
DID = "did:ethr:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


def credential(
    method: str = "DOCUMENT_STORE",
    value: str = STORE,
    kind: str = "DNS-TXT",
    name: str = "carrier.example",
    **members: Any,
) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/2018/credentials/v1", {"@vocab": "https://example.org/vocab#"}],
        "type": ["VerifiableCredential", "OpenAttestationCredential"],
        "issuanceDate": "2024-05-01T00:00:00Z",
        "issuer": {"id": "https://carrier.example", "name": "Carrier"},
        "openAttestationMetadata": {
            "proof": {
                "type": "OpenAttestationProofMethod",
                "method": method,
                "value": value,
                "revocation": {"type": "NONE"},
            },
            "identityProof": {"type": kind, "identifier": name},
        },
        "credentialSubject": {"blNumber": "BL-1", "packages": [{"weight": 12.5}]},
        **members,
    }


def code(raw: dict[str, Any]) -> Failure:
    with pytest.raises(DocumentError) as refused:
        read(to_json(raw))
    return refused.value.code


def refusal(data: dict[str, Any], options: Options | None = None) -> set[str]:
    with pytest.raises(InvalidInput) as refused:
        wrap(data, options or Options())
    return {problem.pointer for problem in refused.value.problems}


def test_a_store_and_a_domain_are_claimed_on_the_chain_that_the_document_names() -> None:
    wrapped = wrap(credential(network={"chain": "MATIC", "chainId": "137"}))
    found = read(to_json(wrapped))
    root = bytes.fromhex(wrapped["proof"]["merkleRoot"])
    (issuer,) = found.issuers
    assert (found.format, found.digest, issuer.name, issuer.id) == ("oa3", root, "Carrier", "https://carrier.example")
    assert issuer.status == (DocumentStore(137, STORE, root, root, ()),)
    assert issuer.identity == (DnsTxt("carrier.example", 137, STORE),)
    assert found.status == (Valid(datetime(2024, 5, 1, tzinfo=UTC), None),)


def test_a_token_registry_is_claimed() -> None:
    (claim,) = read(to_json(wrap(credential("TOKEN_REGISTRY")))).issuers[0].status
    assert isinstance(claim, TokenRegistry)


def test_a_signed_credential_claims_the_signature_of_its_did_and_an_unsigned_one_that_there_is_none() -> None:
    wrapped = wrap(credential("DID", DID, "DNS-DID"))
    (unsigned,) = read(to_json(wrapped)).issuers
    assert unsigned.status == (NotSigned(Group.STATUS, "did_signature", DID),)
    assert unsigned.identity == (NotSigned(Group.IDENTITY, "did", DID),)
    wrapped["proof"] |= {"key": f"{DID}#controller", "signature": "0x12"}
    root = bytes.fromhex(wrapped["proof"]["merkleRoot"])
    (issuer,) = read(to_json(wrapped)).issuers
    assert issuer.status == (
        DidSigned(DID, f"{DID}#controller", "0x12", root),
        NotRevoked("NONE", None, None, root, root, ()),
    )
    assert issuer.identity == (DnsDid("carrier.example", DID, f"{DID}#controller"),)


def test_a_did_stands_for_itself_and_for_no_other() -> None:
    own = wrap(credential("DID", DID, "DID", DID))
    with pytest.raises(InvalidInput, match="identityProof"):
        wrap(credential("DID", DID, "DID", DID + "0"))
    metadata = own["openAttestationMetadata"]
    identity_of_another = {**metadata["identityProof"], "identifier": DID + "0"}
    other = {
        **own,
        "proof": {**own["proof"]},
        "openAttestationMetadata": {**metadata, "identityProof": identity_of_another},
    }
    for wrapped, identity in ((own, (Did(DID, f"{DID}#controller"),)), (other, ())):
        wrapped["proof"]["key"] = f"{DID}#controller"
        assert read(to_json(wrapped)).issuers[0].identity == identity


def test_an_unsigned_did_document_is_invalid_though_its_dates_are_good() -> None:
    report = examine(to_json(wrap(credential("DID", DID, "DID", DID))), UnsafeAnyIssuer(), sources=offline())
    assert {f.failure for f in report.findings if isinstance(f, Failed)} == {Failure.UNSIGNED, Failure.NO_IDENTITY}


@pytest.mark.parametrize(
    ("dates", "moment", "failure"),
    [
        ({}, "2024-05-01T00:00:00Z", None),
        ({}, "2024-04-30T23:59:59Z", Failure.NOT_YET_VALID),
        ({"validFrom": "2024-06-01T00:00:00Z"}, "2024-05-15T00:00:00Z", Failure.NOT_YET_VALID),
        ({"expirationDate": "2025-01-01T00:00:00+08:00"}, "2024-12-31T15:59:59Z", None),
        ({"expirationDate": "2025-01-01T00:00:00+08:00"}, "2024-12-31T16:00:01Z", Failure.EXPIRED),
        ({"validUntil": "2024-08-01T00:00:00Z"}, "2024-09-01T00:00:00Z", Failure.EXPIRED),
    ],
)
def test_the_dates_of_a_credential_are_held_to_the_clock(
    dates: dict[str, str], moment: str, failure: Failure | None
) -> None:
    sources = offline(now=datetime.fromisoformat(moment))
    report = examine(to_json(wrap(credential(**dates))), UnsafeAnyIssuer(), sources=sources)
    assert [f.failure for f in report.findings if isinstance(f, Failed)] == ([failure] if failure else [])
    assert any(isinstance(fact, InForce) for fact in report.facts) is (failure is None)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"version": "https://schema.openattestation.com/2.0/schema.json"}, Failure.AMBIGUOUS_VERSION),
        ({"version": 3.5}, Failure.AMBIGUOUS_VERSION),
        ({"data": {}}, Failure.AMBIGUOUS_VERSION),
        ({"signature": {}}, Failure.AMBIGUOUS_VERSION),
        ({"proof": None}, Failure.SCHEMA),
        ({"proof": {"type": None}}, Failure.SCHEMA),
        ({"issuer": None}, Failure.SCHEMA),
        ({"openAttestationMetadata": None}, Failure.SCHEMA),
        ({"expirationDate": "tomorrow"}, Failure.SCHEMA),
        ({"expirationDate": 5}, Failure.SCHEMA),
        ({"network": {"chainId": 1}}, Failure.SCHEMA),
    ],
)
def test_a_document_that_breaks_the_formats_rules_is_malformed(change: dict[str, Any], expected: Failure) -> None:
    assert code({**wrap(credential()), **change}) is expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"targetHash": "AB" * 32}, Failure.MALFORMED_HASH),
        ({"proofs": ["ab"]}, Failure.MALFORMED_HASH),
        ({"merkleRoot": None}, Failure.MALFORMED_HASH),
        ({"salts": None}, Failure.SCHEMA),
        ({"privacy": None}, Failure.SCHEMA),
        ({"privacy": {}}, Failure.MALFORMED_HASH),
        ({"proofPurpose": "other"}, Failure.SCHEMA),
    ],
)
def test_a_proof_that_breaks_the_formats_rules_is_malformed(change: dict[str, Any], expected: Failure) -> None:
    wrapped = wrap(credential())
    wrapped["proof"] |= change
    assert code(wrapped) is expected


def test_a_did_that_is_no_text_is_malformed() -> None:
    wrapped = wrap(credential("DID", DID, "DID", DID))
    wrapped["openAttestationMetadata"]["proof"]["value"] = 5
    assert code(wrapped) is Failure.SCHEMA


def test_a_context_that_is_no_list_is_pointed_to_and_left_as_it_is() -> None:
    assert "/@context" in refusal({**credential(), "@context": "https://www.w3.org/2018/credentials/v1"})


def test_a_credential_that_was_not_wrapped_is_unreadable() -> None:
    assert code(credential()) is Failure.UNSUPPORTED_FORMAT


def test_members_of_the_proof_that_no_hash_covers_and_withheld_fields_are_noted() -> None:
    wrapped = wrap(credential())
    wrapped["proof"] |= {"created": "2024", "privacy": {"obfuscated": ["ab" * 32]}}
    document = read(to_json(wrapped))
    notes = document.notes
    assert [note.detail for note in notes if note.remark is Remark.REDACTED] == [
        "1 field was withheld by a holder of the document"
    ]
    assert set(document.whole.may_hide) > {"expirationDate", "validUntil"}
    (unsigned,) = [note.detail for note in notes if note.remark is Remark.UNSIGNED_MEMBER]
    assert "'proof.created'" in unsigned
    wrapped = wrap(credential(expirationDate="2030-01-01T00:00:00Z"))
    wrapped["proof"]["privacy"]["obfuscated"] = ["ab" * 32]
    assert "expirationDate" not in read(to_json(wrapped)).whole.may_hide


def test_wrapping_adds_the_context_of_the_format_and_changes_nothing_of_the_callers() -> None:
    data = credential()
    wrapped = wrap(data)
    assert len(data["@context"]) == 2
    assert wrapped["@context"][2].endswith("OpenAttestation.v3.json")
    assert unwrap(wrapped) == {
        "version": wrapped["version"],
        **credential(),
        "@context": wrapped["@context"],
    }
    assert "proof" not in data


def test_what_was_unwrapped_can_be_wrapped_again() -> None:
    assert unwrap(wrap(unwrap(wrap(credential())))) == unwrap(wrap(credential()))


def test_a_batch_of_credentials_has_one_root() -> None:
    batch = wrap_batch([credential() for _ in range(5)])
    for wrapped in batch.documents:
        found = read(to_json(wrapped))
        report = examine(found, UnsafeAnyIssuer(), sources=offline())
        assert not [f for f in report.findings if isinstance(f, Failed)]
        assert bytes.fromhex(wrapped["proof"]["merkleRoot"]) == batch.root


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"version": "3"}, "/version"),
        ({"@context": ["https://example.org"]}, "/@context/0"),
        ({"type": ["Other"]}, "/type"),
        ({"type": "VerifiableCredential"}, "/type"),
        ({"issuer": "carrier"}, "/issuer"),
        ({"issuer": {"id": "https://carrier.example"}}, "/issuer/name"),
        ({"id": "no uri"}, "/id"),
        ({"issuanceDate": "2024-05-01"}, "/issuanceDate"),
        ({"expirationDate": "2024-02-30T00:00:00Z"}, "/expirationDate"),
        ({"credentialSubject": "x"}, "/credentialSubject"),
        ({"a[0]": 1}, "/a[0]"),
        ({"x": {"a]": 1}}, "/x/a]"),
        ({"x": {"": [1]}}, "/x/"),
        ({"proof": {}}, "/proof"),
        ({"": 1}, "/"),
        ({"__proto__": 1}, "/__proto__"),
    ],
)
def test_what_no_credential_may_say_is_refused_by_its_pointer(change: dict[str, Any], pointer: str) -> None:
    assert refusal({**credential(), **change}) == {pointer}


def test_values_that_the_digest_would_not_cover_are_refused_unless_asked_for_or_covered_by_the_other_dialect() -> None:
    data = credential(
        credentialSubject={"paid": False, "count": 0, "note": "", "none": None, "list": [1, 0.0], "no": "0"}
    )
    bare = {f"/credentialSubject/{name}" for name in ("paid", "count", "note", "none", "list/1")}
    assert refusal(data) == bare
    assert wrap(data, Options(allow_unprotected=True))
    assert wrap(data, Options(dialect="govtech"))


def test_a_member_that_means_nothing_in_its_contexts_is_refused() -> None:
    data = credential(**{"@context": ["https://www.w3.org/2018/credentials/v1"]})
    assert {"/version", "/credentialSubject/blNumber"} <= refusal(data)
    assert refusal(credential(credentialSubject={"two words": 1, "a:b": 1, "nil": {"x": 1}})) == {
        "/credentialSubject/two words"
    }
    scoped = {
        "@vocab": "https://example.org/#",
        "closed": {"@id": "ex:closed", "@context": {"@vocab": None, "a": "ex:a"}},
    }
    data = credential(**{"@context": ["https://www.w3.org/2018/credentials/v1", {"ex": "https://ex.org/#"}, scoped]})
    data["credentialSubject"] = {"closed": {"a": 1, "b": 1}, "b": 1}
    assert refusal(data) == {"/credentialSubject/closed/b"}


def test_where_a_context_is_not_at_hand_nothing_is_fetched_and_nothing_refused() -> None:
    contexts = ["https://www.w3.org/2018/credentials/v1", "https://contexts.example/bill.json"]
    assert wrap(credential(**{"@context": contexts}))
