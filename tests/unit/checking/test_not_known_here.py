"""What is not known here is a doubt whose code and words name it, and never a no or a yes; and it can be looked at."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ebl.cli import main
from ebl.codec.multibase import encode_base58btc
from ebl.codes import Doubt, Failure
from ebl.credential import Credential, derive, sign, transferable
from ebl.credentials import ecdsa_rdfc
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.present import present
from ebl.crypto.multikey import KeyType
from ebl.did.did_syntax import web_url
from ebl.did.document_writer import web_document
from ebl.model.findings import Failed, Unknown, Verdict
from ebl.model.ports import Page, Sources
from ebl.openattestation import v2 as oa2
from ebl.openattestation import v3 as oa3
from ebl.openattestation.salts import words
from ebl.openattestation.v3_integrity import flatten
from ebl.policy import UnsafeAnyIssuer
from ebl.reports.fragments import fragments, is_valid
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.verify import examine

Json = dict[str, Any]

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WEB = "did:web:carrier.example"
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9]{2,20}", fullmatch=True)


def key(seed: int, did: str | None = None, kind: KeyType = KeyType.P256) -> IssuerKey:
    return IssuerKey.generate(kind, did=did, randomness=random.Random(seed).randbytes)


ISSUER, CARRIER, HOLDER, OTHER = key(1), key(2, WEB), key(3), key(4)
ENTRY = {
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "7",
    "statusListCredential": "https://carrier.example/1",
}


def credential(issuer: IssuerKey = ISSUER, **more: Any) -> Json:
    subject = {"id": HOLDER.did, "name": "a certificate"}
    made = Credential(**{"issuer": issuer.did, "subject": subject, "valid_from": NOW, **more})
    return sign(made.to_dict(), issuer, created=NOW)


SIGNED, LISTED = credential(), credential(status=ENTRY)
HOSTED = credential(CARRIER)
PRESENTED = present(
    [derive(SIGNED, [""])], HOLDER, expires=datetime(2027, 1, 1, tzinfo=UTC), challenge="c", created=NOW
)


def sources(pages: dict[str, Any] | None = None) -> Sources:
    def fetch(url: str, *, accept: object) -> Page:
        return Page(url, "application/json", json.dumps((pages or {})[url]).encode())

    return replace(offline(now=NOW), fetch=fetch) if pages else offline(now=NOW)


def examined(document: Json, pages: dict[str, Any] | None = None) -> Report:
    return examine(json.dumps(document).encode(), UnsafeAnyIssuer(), sources=sources(pages))


def with_proof(document: Json, **members: Any) -> Json:
    proof = {name: value for name, value in {**document["proof"], **members}.items() if value is not ...}
    return {**document, "proof": proof}


def hosted(change: Callable[[Json], None]) -> dict[str, Any]:
    document = web_document(WEB, [(CARRIER.id, CARRIER.public)])
    change(document["verificationMethod"][0])
    return {web_url(WEB): document}


def method(**members: Any) -> Callable[[Json], None]:
    """Change members of a verification method, or (``...``) take them out."""

    def change(found: Json) -> None:
        found.update(members)
        for name in [name for name, value in members.items() if value is ...]:
            del found[name]

    return change


PLACES: dict[str, tuple[Callable[[str], Json | tuple[Json, dict[str, Any]]], Doubt]] = {
    "suite": (lambda name: with_proof(SIGNED, cryptosuite=name), Doubt.UNSUPPORTED_SUITE),
    "kind of proof": (lambda name: with_proof(SIGNED, type=name), Doubt.UNSUPPORTED_SUITE),
    "second proof": (
        lambda name: {**SIGNED, "proof": [SIGNED["proof"], {"type": name, "proofValue": name}]},
        Doubt.UNSUPPORTED_SUITE,
    ),
    "proof of a notary": (
        lambda name: {
            **SIGNED,
            "proof": [
                SIGNED["proof"],
                {**SIGNED["proof"], "verificationMethod": f"did:web:{name.lower()}.example#key"},
            ],
        },
        Doubt.UNSUPPORTED_SUITE,
    ),
    "proof of a notary before an unknown one": (
        lambda name: {
            **SIGNED,
            "proof": [
                {**SIGNED["proof"], "verificationMethod": f"did:web:{name.lower()}.example#key"},
                {**SIGNED["proof"], "cryptosuite": name},
            ],
        },
        Doubt.UNSUPPORTED_SUITE,
    ),
    "chain of proofs": (lambda name: with_proof(SIGNED, previousProof=f"urn:{name}"), Doubt.UNSUPPORTED_SUITE),
    "context": (
        lambda name: {**SIGNED, "@context": [*SIGNED["@context"], f"https://{name.lower()}.example/v1"]},
        Doubt.UNSUPPORTED_CONTEXT,
    ),
    "version of the model": (
        lambda name: {**SIGNED, "@context": [f"https://www.w3.org/ns/{name}"]},
        Doubt.UNSUPPORTED_CONTEXT,
    ),
    "context of its own": (
        lambda name: {**SIGNED, "@context": [*SIGNED["@context"], {name: f"https://x.example/{name}"}]},
        Doubt.UNSUPPORTED_CONTEXT,
    ),
    "type of status": (
        lambda name: {**SIGNED, "credentialStatus": {"id": "urn:x", "type": f"https://x.example/{name}"}},
        Doubt.UNSUPPORTED_STATUS,
    ),
    "purpose of a status": (
        lambda name: {**LISTED, "credentialStatus": {**ENTRY, "statusPurpose": name}},
        Doubt.UNSUPPORTED_PURPOSE,
    ),
    "scheme of a status list": (
        lambda name: {**LISTED, "credentialStatus": {**ENTRY, "statusListCredential": f"{name}:x/1"}},
        Doubt.WEB_REFUSED,
    ),
    "obligation": (
        lambda name: {
            **SIGNED,
            "@context": [*SIGNED["@context"], "https://trustvc.io/context/obligation-records-context.json"],
            "credentialStatus": {"type": "TransferableRecords", "obligationRegistry": name},
        },
        Doubt.OBLIGATION,
    ),
    "key that is a URL": (
        lambda name: with_proof(
            {**SIGNED, "issuer": f"https://{name}.example"}, verificationMethod=f"https://{name}.example#k"
        ),
        Doubt.UNSUPPORTED_DID_URL,
    ),
    "key with a query": (
        lambda name: with_proof(SIGNED, verificationMethod=f"{ISSUER.did}?{name}=1#{ISSUER.id.partition('#')[2]}"),
        Doubt.UNSUPPORTED_DID_URL,
    ),
    "DID method": (
        lambda name: with_proof(
            {**SIGNED, "issuer": f"did:{name.lower()}:x"}, verificationMethod=f"did:{name.lower()}:x#k"
        ),
        Doubt.UNSUPPORTED_METHOD,
    ),
    "type of key": (lambda name: (HOSTED, hosted(method(type=name))), Doubt.UNSUPPORTED_KEY),
    "form of a key": (
        lambda name: (HOSTED, hosted(method(publicKeyMultibase=..., publicKeyBase58=name))),
        Doubt.UNSUPPORTED_KEY,
    ),
    "form of a JWK": (
        lambda name: (HOSTED, hosted(method(type="JsonWebKey2020"))),
        Doubt.UNSUPPORTED_KEY,
    ),
    "host in upper case": (
        lambda name: with_proof(
            {**SIGNED, "issuer": f"did:web:Q{name}.example"}, verificationMethod=f"did:web:Q{name}.example#k"
        ),
        Doubt.WEB_REFUSED,
    ),
    "path with escapes": (
        lambda name: with_proof(
            {**SIGNED, "issuer": f"did:web:x.example:{name}%20a"}, verificationMethod=f"did:web:x.example:{name}%20a#k"
        ),
        Doubt.WEB_REFUSED,
    ),
    "curve of a JWK": (
        lambda name: (HOSTED, hosted(method(type="JsonWebKey", publicKeyJwk={"kty": "OKP", "crv": name, "x": "AA"}))),
        Doubt.UNSUPPORTED_KEY,
    ),
}
_KNOWN = {"ecdsa", "bbs", "key", "web", "ethr", "https", "credentials", "revocation", "suspension", "http"}


def named(found: Report, name: str, doubt: Doubt) -> bool:
    return any(isinstance(f, Unknown) and f.doubt is doubt and name.lower() in f.detail.lower() for f in found.findings)


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=25)
@given(NAMES)
def test_a_made_up_name_is_a_doubt_that_names_it(place: str, name: str) -> None:
    assume(name.lower() not in _KNOWN)
    change, doubt = PLACES[place]
    made = change(name)
    document, pages = made if isinstance(made, tuple) else (made, None)
    found = examined(document, pages)
    altered = [f for f in found.findings if isinstance(f, Failed)]
    # A known suite says of a changed credential that it was changed. Nothing else may be a no.
    assert all(f.failure is Failure.PROOF_SIGNATURE or f.failure in _OF_THE_CHANGE for f in altered), found.summary
    assert found.verdict is not Verdict.VALID
    assert any(isinstance(f, Unknown) and f.doubt is doubt for f in found.findings), found.summary
    if "proof of a notary" not in place and place not in (
        "second proof",
        "chain of proofs",
        "context of its own",
        "form of a key",
        "form of a JWK",
    ):  # those are told by what they are
        assert named(found, name, doubt), [str(f) for f in found.findings if isinstance(f, Unknown)]
    assert not is_valid(fragments(found, document))


_OF_THE_CHANGE = {Failure.CONTEXT, Failure.UNSIGNED_JSON, Failure.LABEL_MAP, Failure.BASE_INCOMPLETE}


@pytest.mark.parametrize("place", PLACES)
def test_it_can_be_looked_at(place: str) -> None:
    made = PLACES[place][0]("Madeup")
    document = made[0] if isinstance(made, tuple) else made
    raw = json.dumps(document).encode()
    for command in ("inspect", "unwrap"):
        done = CliRunner().invoke(main, [command, "-"], input=raw)
        assert done.exit_code == 0, done.output
        assert "a certificate" in done.output
    shown = json.loads(CliRunner().invoke(main, ["inspect", "-", "--json"], input=raw).stdout)
    assert shown["fields"]["credentialSubject.name"] == "a certificate"
    found = CliRunner().invoke(main, ["verify", "-", "--offline"], input=raw)
    assert (
        found.exit_code in (1, 3) and found.exit_code == {"invalid": 1, "indeterminate": 3}[examined(document).verdict]
    )


@pytest.mark.parametrize("place", PLACES)
def test_within_a_presentation_it_is_a_doubt_too(place: str) -> None:
    made = PLACES[place][0]("Madeup")
    document, pages = made if isinstance(made, tuple) else (made, None)
    found = examined({**copy.deepcopy(PRESENTED), "verifiableCredential": [document]}, pages)
    assert found.verdict is not Verdict.VALID
    assert any(isinstance(f, Unknown) and f.doubt is PLACES[place][1] for f in found.findings), found.summary


def test_what_is_known_to_be_wrong_beside_it_is_still_a_no() -> None:
    unknown = with_proof(
        {**SIGNED, "validUntil": "2025-06-01T00:00:00Z", "validFrom": "2025-01-01T00:00:00Z"}, cryptosuite="x"
    )
    assert {f.failure for f in examined(unknown).findings if isinstance(f, Failed)} == {Failure.EXPIRED}
    another = with_proof(SIGNED, cryptosuite="x", verificationMethod=OTHER.id)
    assert {f.failure for f in examined(another).findings if isinstance(f, Failed)} == {Failure.ISSUER_MISMATCH}
    unsigned = {name: value for name, value in SIGNED.items() if name != "proof"}
    assert {f.failure for f in examined(unsigned).findings if isinstance(f, Failed)} == {Failure.PROOF_SHAPE}


def test_a_title_is_not_signed_for_a_status_that_could_not_be_checked() -> None:
    from ebl.errors import InvalidInput

    status = transferable(chain_id=1, registry="0x" + "12" * 20)
    obligation = {**status, "obligationRegistry": status["tokenRegistry"]}
    for other in (obligation, {**ENTRY, "type": "https://x.example/Status"}):
        with pytest.raises(InvalidInput, match="would not verify"):
            credential(status=other)


@pytest.mark.parametrize("change", [{"holder": 5}, {"type": ["VerifiablePresentation", "VerifiableCredential"]}])
def test_a_document_that_breaks_the_rules_can_be_looked_at_with_the_reason(change: Json) -> None:
    raw = json.dumps({**PRESENTED, **change}).encode()
    done = CliRunner().invoke(main, ["inspect", "-"], input=raw)
    assert done.exit_code == 0 and "cannot be verified: document.schema" in done.output
    shown = json.loads(CliRunner().invoke(main, ["inspect", "-", "--json"], input=raw).stdout)
    assert [why["code"] for why in shown["cannot_be_verified"]] == ["document.schema"]
    assert CliRunner().invoke(main, ["inspect", "-", "--without", "id"], input=raw).exit_code == 5


@pytest.mark.parametrize(
    "octets",
    [
        b"\xed\x01" + bytes(32),
        b"\x81\x24" + bytes(49),
        b"\xe7\x01" + bytes(33),
        b"\x85\x24" + b"\x30" * 270,  # RSA
        b"\x90\x24" + b"\x01" * 1312,  # ML-DSA-44
    ],
)
def test_a_did_key_of_another_kind_is_a_doubt(octets: bytes) -> None:
    did = f"did:key:{encode_base58btc(octets)}"
    document = with_proof({**SIGNED, "issuer": did}, verificationMethod=f"{did}#{did[8:]}")
    found = examined(document)
    assert found.verdict is Verdict.INDETERMINATE
    assert {f.doubt for f in found.findings if isinstance(f, Unknown)} == {Doubt.UNSUPPORTED_KEY}


# OpenAttestation ---------------------------------------------------------------------------------------------------------

_STORE = "0x" + "12" * 20
_ETHR = "did:ethr:0x" + "12" * 20
_DNS = {"type": "DNS-TXT", "location": "carrier.example"}
_BY_DID = {"id": _ETHR, "name": "A", "identityProof": {"type": "DID", "key": f"{_ETHR}#controller"}}


def v2(**issuer: Any) -> Json:
    """A wrapped v2 document of data that wrapping itself would refuse."""
    made, target = oa2.prepare({"issuers": [{"name": "A", **issuer}], "blNumber": "a certificate"})
    oa2.seal(made, target, [], target.hex())
    return made


def v3(proof: Json, identity: Json) -> Json:
    """The same of v3."""
    metadata = {"proof": {"type": "OpenAttestationProofMethod", **proof}, "identityProof": identity}
    credential = oa3.completed(
        {
            "type": ["VerifiableCredential"],
            "issuer": {"id": "https://carrier.example", "name": "A"},
            "issuanceDate": "2025-01-01T00:00:00Z",
            "credentialSubject": {"blNumber": "a certificate"},
            "openAttestationMetadata": metadata,
        }
    )
    made, target = oa3.prepare(credential, flatten(credential), words, dialect="govtech")
    oa3.seal(made, target, [], target.hex())
    return made


def of_version(document: Json, name: str) -> Json:
    return {**document, "version": f"https://schema.openattestation.com/{name}/schema.json"}


OPENATTESTATION: dict[str, tuple[Callable[[str], Json], Doubt]] = {
    "v2 identity proof of a store": (
        lambda name: v2(documentStore=_STORE, identityProof={"type": name, "location": "carrier.example"}),
        Doubt.UNSUPPORTED_IDENTITY,
    ),
    "v2 identity proof without a contract": (
        lambda name: v2(**{**_BY_DID, "identityProof": {"type": name, "key": "x"}}),
        Doubt.UNSUPPORTED_STATUS,
    ),
    "v2 version": (
        lambda name: of_version(v2(documentStore=_STORE, identityProof=_DNS), name),
        Doubt.UNSUPPORTED_VERSION,
    ),
    "v3 version": (
        lambda name: of_version(
            v3({"method": "DOCUMENT_STORE", "value": _STORE}, {"type": "DNS-TXT", "identifier": "x.example"}), name
        ),
        Doubt.UNSUPPORTED_VERSION,
    ),
    "v2 signature": (
        lambda name: (lambda made: {**made, "signature": {**made["signature"], "type": name}})(
            v2(documentStore=_STORE, identityProof=_DNS)
        ),
        Doubt.UNSUPPORTED_SUITE,
    ),
    "v3 proof": (
        lambda name: with_proof(
            v3({"method": "DOCUMENT_STORE", "value": _STORE}, {"type": "DNS-TXT", "identifier": "x.example"}), type=name
        ),
        Doubt.UNSUPPORTED_SUITE,
    ),
    "v2 DID method": (
        lambda name: v2(
            **{
                **_BY_DID,
                "id": f"did:{name.lower()}:x",
                "identityProof": {"type": "DID", "key": f"did:{name.lower()}:x#k"},
            }
        ),
        Doubt.UNSUPPORTED_METHOD,
    ),
    "v3 method": (
        lambda name: v3({"method": name, "value": "x"}, {"type": "DNS-TXT", "identifier": "carrier.example"}),
        Doubt.UNSUPPORTED_STATUS,
    ),
    "v3 identity proof": (
        lambda name: v3({"method": "DOCUMENT_STORE", "value": _STORE}, {"type": name, "identifier": "x"}),
        Doubt.UNSUPPORTED_IDENTITY,
    ),
}


@pytest.mark.parametrize("place", OPENATTESTATION)
@settings(max_examples=25)
@given(NAMES)
def test_a_made_up_way_of_issuing_is_a_doubt_that_names_it(place: str, name: str) -> None:
    assume(name.lower() not in _KNOWN)
    change, doubt = OPENATTESTATION[place]
    found = examined(change(name))
    assert named(found, name, doubt), found.summary
    failed = {f.failure for f in found.findings if isinstance(f, Failed)}
    assert failed <= ({Failure.UNSIGNED, Failure.NO_STATUS} if place == "v2 DID method" else set())
    assert found.verdict is (Verdict.INVALID if failed else Verdict.INDETERMINATE)


@pytest.mark.parametrize("place", OPENATTESTATION)
def test_such_a_document_can_be_looked_at(place: str) -> None:
    raw = json.dumps(OPENATTESTATION[place][0]("Madeup")).encode()
    for command in ("inspect", "unwrap"):
        done = CliRunner().invoke(main, [command, "-"], input=raw)
        assert done.exit_code == 0 and "a certificate" in done.output


@pytest.mark.parametrize("place", ["v2 version", "v3 version", "v2 signature", "v3 proof"])
@pytest.mark.parametrize("words", [("redact", "blNumber"), ("title", "show")])
def test_nothing_is_done_with_what_cannot_be_told(place: str, words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "bill.json").write_text(json.dumps(OPENATTESTATION[place][0]("Madeup")))
    command, *more = words
    file = str(tmp_path / "bill.json")
    done = CliRunner().invoke(main, [command, file, *more] if command == "redact" else [command, *more, file])
    assert done.exit_code == 3 and "Madeup" in done.output


@pytest.mark.parametrize("kind", ["EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation"])
@pytest.mark.parametrize("listed", [False, True])
def test_what_is_enveloped_is_a_doubt_wherever_it_stands(kind: str, listed: bool) -> None:
    enveloped = {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "id": "data:application/vc+jwt,eyJ.a.b",
        "type": [kind] if listed else kind,
    }
    body = {name: value for name, value in PRESENTED.items() if name != "proof"}
    options = {name: PRESENTED["proof"][name] for name in ("created", "expires", "proofPurpose", "challenge")}
    presented = ecdsa_rdfc.sign({**body, "verifiableCredential": [enveloped]}, HOLDER, options=options)
    for document in (enveloped, presented):
        found = examined(document)
        assert found.verdict is Verdict.INDETERMINATE
        assert any(isinstance(f, Unknown) and f.doubt is Doubt.UNSUPPORTED_SUITE for f in found.findings)
        assert "enveloped" in found.summary


def test_no_kind_of_identity_proof_at_all_is_still_a_no() -> None:
    for issuer in ({"tokenRegistry": _STORE}, {"documentStore": _STORE, "identityProof": {"location": "x"}}, {}):
        failed = {f.failure for f in examined(v2(**issuer)).findings if isinstance(f, Failed)}
        assert Failure.NO_IDENTITY in failed
    failed = {
        f.failure
        for f in examined(v3({"method": "DOCUMENT_STORE", "value": _STORE}, {"identifier": "x"})).findings
        if isinstance(f, Failed)
    }
    assert failed == {Failure.NO_IDENTITY}
