"""A signature issues the documents that name its key, and nothing else gets one."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from ebl.chain.signers import LocalKey
from ebl.checking.formats import read
from ebl.codes import Doubt, Failure
from ebl.errors import InvalidInput, Refuted, Undetermined
from ebl.openattestation import v2 as oa2
from ebl.openattestation.did_signature import DidSigned, confirm
from ebl.openattestation.sign import sign, sign_batch
from ebl.wrap import Options, wrap, wrap_batch

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
KEY = LocalKey(b"\x01" * 32)
OTHER = LocalKey(b"\x02" * 32)


def data(key: LocalKey = KEY, *, number: int = 1, key_id: str | None = None) -> dict[str, Any]:
    did = key_id.partition("#")[0] if key_id else f"did:ethr:{key.address}"
    proof = {"type": "DNS-DID", "key": key_id or f"{did}#controller", "location": "carrier.example"}
    issuer = {"id": did, "name": "Carrier", "identityProof": proof, "revocation": {"type": "NONE"}}
    return {"issuers": [issuer], "number": number}


def claims(document: dict[str, Any]) -> list[DidSigned]:
    read_back = read(json.dumps(document).encode())
    return [claim for issuer in read_back.issuers for claim in issuer.status if isinstance(claim, DidSigned)]


def test_a_signed_document_is_a_claim_that_holds() -> None:
    wrapped = wrap(data())
    before = deepcopy(wrapped)
    signed = sign(wrapped, KEY, now=NOW)
    (claim,) = claims(signed)
    assert confirm(claim, KEY.address).address == KEY.address
    assert wrapped == before
    assert [*signed] == [*wrapped, "proof"]
    assert signed["proof"][0]["created"] == "2026-01-02T03:04:05.678Z"


def test_the_time_of_signing_is_written_in_utc() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=8)))
    assert sign(wrap(data()), KEY, now=elsewhere)["proof"][0]["created"] == "2026-01-02T03:04:05.678Z"


def test_an_unsigned_document_claims_a_signature_that_is_not_there() -> None:
    (claim,) = claims(wrap(data()))
    with pytest.raises(Refuted) as refused:
        confirm(claim, KEY.address)
    assert refused.value.failure is Failure.UNSIGNED


def test_each_issuer_of_two_signs_in_turn() -> None:
    two = {**data(), "issuers": [*data()["issuers"], *data(OTHER)["issuers"]]}
    signed = sign(sign(wrap(two), KEY, now=NOW), OTHER, now=NOW)
    assert len(signed["proof"]) == 2
    for claim, key in zip(claims(signed), (KEY, OTHER), strict=True):
        assert confirm(claim, key.address)


def test_a_batch_is_signed_with_one_signature_for_its_root() -> None:
    asked: list[bytes] = []

    class Counting:
        address = KEY.address

        def sign_message(self, message: bytes) -> bytes:
            asked.append(message)
            return KEY.sign_message(message)

    batch = wrap_batch([data(number=number) for number in range(5)])
    signed = list(sign_batch(batch.documents, Counting(), now=NOW))
    assert asked == [batch.root]
    for document in signed:
        (claim,) = claims(document)
        assert confirm(claim, KEY.address)


def test_a_key_that_the_document_does_not_name_is_refused() -> None:
    with pytest.raises(InvalidInput, match="does not name"):
        sign(wrap(data(OTHER)), KEY, now=NOW)
    assert sign(wrap(data(OTHER)), KEY, now=NOW, unnamed_ok=True)["proof"]


@pytest.mark.parametrize(
    "key_id",
    [
        f"did:ethr:{OTHER.address}#controller",
        f"did:ethr:{KEY.address}",
        KEY.address,
        "",
        f"did:ethr:{KEY.address}#a b",
        f"did:ethr:{KEY.address}/path#controller",
        f"did:ethr:{KEY.address}?x=1#controller",
    ],
)
def test_what_is_not_the_signers_key_is_refused(key_id: str) -> None:
    with pytest.raises(InvalidInput):
        sign(wrap(data()), KEY, now=NOW, key_id=key_id, unnamed_ok=True)


def test_a_key_of_another_network_or_method_is_named_in_full() -> None:
    key = f"did:ethr:0xaa36a7:{KEY.address}#controller"
    assert sign(wrap(data(key_id=key)), KEY, now=NOW, key_id=key)["proof"][0]["verificationMethod"] == key
    web = "did:web:carrier.example#key-1"
    assert sign(wrap(data(key_id=web)), KEY, now=NOW, key_id=web)["proof"][0]["verificationMethod"] == web


def test_a_key_that_is_not_the_issuers_own_is_refused() -> None:
    document = data()
    document["issuers"][0]["id"] = "did:web:carrier.example"
    with pytest.raises(InvalidInput, match="the key belongs to"):
        wrap(document)
    made, target = oa2.prepare(document)
    oa2.seal(made, target, [], target.hex())
    with pytest.raises(InvalidInput, match="does not name"):
        sign(made, KEY, now=NOW)


def test_a_document_that_was_changed_is_not_signed() -> None:
    wrapped = wrap(data())
    wrapped["data"]["number"] += "0"
    with pytest.raises(Refuted) as refused:
        sign(wrapped, KEY, now=NOW)
    assert refused.value.failure is Failure.HASH_MISMATCH


def test_a_signer_which_signs_as_somebody_else_is_caught() -> None:
    class Liar:
        address = KEY.address

        def sign_message(self, message: bytes) -> bytes:
            return OTHER.sign_message(message)

    with pytest.raises(InvalidInput, match=OTHER.address):
        sign(wrap(data()), Liar(), now=NOW)


def credential() -> dict[str, Any]:
    did = f"did:ethr:{KEY.address}"
    method = {"type": "OpenAttestationProofMethod", "method": "DID", "value": did, "revocation": {"type": "NONE"}}
    return {
        "@context": ["https://www.w3.org/2018/credentials/v1", {"@vocab": "https://example.com/terms#"}],
        "type": ["VerifiableCredential"],
        "issuanceDate": "2025-01-01T00:00:00Z",
        "issuer": "https://carrier.example",
        "credentialSubject": {"number": "BL-1"},
        "openAttestationMetadata": {
            "template": {"name": "BILL", "type": "EMBEDDED_RENDERER", "url": "https://show.example"},
            "proof": method,
            "identityProof": {"type": "DNS-DID", "identifier": "carrier.example"},
        },
    }


def test_a_v3_document_holds_its_signature_in_its_proof_and_is_signed_once() -> None:
    signed = sign(wrap(credential()), KEY, now=NOW)
    assert [*signed["proof"]][-2:] == ["key", "signature"]
    (claim,) = claims(signed)
    assert confirm(claim, KEY.address)
    with pytest.raises(InvalidInput, match="is signed already"):
        sign(signed, KEY, now=NOW)


def test_a_v3_document_of_another_did_is_not_signed() -> None:
    with pytest.raises(InvalidInput, match="does not name"):
        sign(wrap(credential()), OTHER, now=NOW)


def test_what_no_hash_covers_is_signed_only_by_who_says_so() -> None:
    did, key_id = f"did:ethr:{KEY.address}", f"did:ethr:{KEY.address}#controller"
    method = {"type": "OpenAttestationProofMethod", "method": "DID", "value": did, "revocation": {"type": "NONE"}}
    raw = {
        "@context": ["https://www.w3.org/2018/credentials/v1", {"@vocab": "https://example.com/terms#"}],
        "type": ["VerifiableCredential"],
        "issuanceDate": "2025-01-01T00:00:00Z",
        "issuer": {"id": did, "name": "Carrier"},
        "credentialSubject": {"number": "BL-1", "freeDays": 0},
        "openAttestationMetadata": {"proof": method, "identityProof": {"type": "DID", "identifier": key_id}},
    }
    wrapped = wrap(raw, Options(dialect="tradetrust", allow_unprotected=True))
    with pytest.raises(Undetermined) as refused:
        sign(wrapped, KEY, now=NOW)
    assert refused.value.doubt is Doubt.UNPROTECTED_FIELD
    assert sign(wrapped, KEY, now=NOW, unprotected_ok=True)["proof"]["signature"]
