"""A presentation is the holder's, of their own credentials, for now and for whom it was made."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.checking.formats import read
from ebl.codes import Condition, Doubt, Failure, Remark
from ebl.credential import Credential, derive, sign
from ebl.credentials import ecdsa_rdfc, vp
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.present import present
from ebl.crypto.multikey import KeyType
from ebl.errors import DocumentError, InvalidInput, Malformed, Refuted
from ebl.jsonld.contexts import known
from ebl.model.findings import Failed, Noted, Passed, Unknown, Verdict
from ebl.model.not_known_here import NotKnownHere
from ebl.policy import AllOf, AnyOf, IssuedBy, Policy, PresentedTo, UnsafeAnyIssuer
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.verify import examine

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOON = NOW + timedelta(minutes=10)


def key(seed: int, kind: KeyType = KeyType.P256) -> IssuerKey:
    return IssuerKey.generate(kind, randomness=random.Random(seed).randbytes)


ISSUER, BBS_ISSUER, HOLDER, OTHER = key(1), key(2, KeyType.BLS12_381), key(3), key(4)


def certificate(issuer: IssuerKey = ISSUER, subject_id: str | None = HOLDER.did, **more: Any) -> dict[str, Any]:
    subject = {"name": "a certificate", "description": "of origin", **({"id": subject_id} if subject_id else {})}
    made = Credential(**{"issuer": issuer.did, "subject": subject, "valid_from": NOW, **more})
    return sign(made.to_dict(), issuer, created=NOW)


def shown(*credentials: dict[str, Any], **options: Any) -> dict[str, Any]:
    return present(
        credentials,
        HOLDER,
        **{"expires": SOON, "created": NOW, "challenge": "c-1", "domain": "bank.example", **options},
    )


def report(document: dict[str, Any], policy: Policy | None = None, now: datetime = NOW) -> Report:
    raw = json.dumps(document, ensure_ascii=False).encode()
    return examine(raw, policy or UnsafeAnyIssuer(), sources=offline(now=now))


def failures(document: dict[str, Any], **options: Any) -> set[Failure]:
    return {finding.failure for finding in report(document, **options).findings if isinstance(finding, Failed)}


def remarks(document: dict[str, Any]) -> set[Remark | Condition]:
    return {finding.remark for finding in report(document).findings if isinstance(finding, Noted)}


PRESENTATION = shown(certificate(), derive(certificate(BBS_ISSUER), ["/credentialSubject/name"]))


def test_a_context_of_one_s_own_reaches_into_a_presentation() -> None:
    raw = b'{"@context": {"colour": "https://colours.example/colour"}}'
    ours = known().adding("https://colours.example/1", raw, sha256=hashlib.sha256(raw).hexdigest())
    subject = {"id": HOLDER.did, "colour": "red"}
    made = Credential(issuer=ISSUER.did, subject=subject, contexts=["https://colours.example/1"], known_contexts=ours)
    presented = shown(sign(made.to_dict(), ISSUER, created=NOW, contexts=ours), contexts=ours)
    document = vp.read(presented, contexts=ours)
    assert examine(document, UnsafeAnyIssuer(), sources=offline(now=NOW)).verdict is Verdict.VALID
    doubts = [claim.doubt for claim in vp.read(presented).integrity if isinstance(claim, NotKnownHere)]
    assert doubts == [Doubt.UNSUPPORTED_CONTEXT] * 2  # of the presentation and of what is in it


def test_credentials_of_both_suites_are_presented_and_verify() -> None:
    found = report(PRESENTATION, AllOf(UnsafeAnyIssuer(), PresentedTo("c-1", "bank.example")))
    assert found.verdict is Verdict.VALID
    assert found.document is not None
    assert [issuer.id for issuer in found.document.issuers] == [ISSUER.did, BBS_ISSUER.did]
    assert any(
        str(finding.fact) == f"presented by {HOLDER.did}" for finding in found.findings if isinstance(finding, Passed)
    )


def test_a_base_credential_is_presented_whole_and_keeps_its_secrets() -> None:
    document = shown(certificate())
    (credential,) = document["verifiableCredential"]
    assert credential["proof"]["proofValue"].startswith("u2V0B")
    assert credential["credentialSubject"]["description"] == "of origin"


def test_what_a_credential_says_of_its_holder_stands_in_that_credential() -> None:
    assert shown(certificate())["holder"] == HOLDER.did
    assert Remark.PLACE_NOT_BOUND not in remarks(shown(certificate()))


def test_a_presentation_is_held_to_its_lifetime() -> None:
    assert failures(PRESENTATION, now=SOON - timedelta(seconds=1)) == set()
    assert failures(PRESENTATION, now=SOON) == {Failure.PROOF_EXPIRED}


def test_a_credential_within_is_held_to_its_own_dates() -> None:
    late = certificate(valid_until=NOW + timedelta(minutes=1))
    assert failures(shown(late), now=NOW + timedelta(minutes=2)) == {Failure.EXPIRED}


def test_the_verifier_s_challenge_and_domain_are_compared() -> None:
    for policy, what in (
        (PresentedTo("c-2"), "challenge 'c-2'"),
        (PresentedTo("c-1", "x.example"), "domain 'x.example'"),
    ):
        assert failures(PRESENTATION, policy=policy) == {Failure.WRONG_CHALLENGE}
        assert f"expected the {what}; it was presented for '" in str(report(PRESENTATION, policy).to_dict())
    assert failures(certificate(), policy=PresentedTo("c-1")) == {Failure.NO_FACT}
    assert report(PRESENTATION, PresentedTo("c-1")).verdict is Verdict.VALID


def test_a_challenge_that_no_rule_compares_is_reported() -> None:
    assert Condition.CHALLENGE_NOT_COMPARED in remarks(PRESENTATION)
    compared = PresentedTo("c-1")
    either = AnyOf(PresentedTo("c-2"), compared)
    for policy in (compared, either, AllOf(UnsafeAnyIssuer(), AllOf(compared, UnsafeAnyIssuer()))):
        found = {finding.remark for finding in report(PRESENTATION, policy).findings if isinstance(finding, Noted)}
        assert Condition.CHALLENGE_NOT_COMPARED not in found
    loose = report(PRESENTATION, AnyOf(compared, UnsafeAnyIssuer()))
    assert Condition.CHALLENGE_NOT_COMPARED in {found.remark for found in loose.findings if isinstance(found, Noted)}
    for document in (certificate(), shown(certificate(), challenge=None)):
        assert Condition.CHALLENGE_NOT_COMPARED not in remarks(document)


@pytest.mark.parametrize("challenge", [None, "c-1"])
@pytest.mark.parametrize("domain", [None, "evil.example"])
@pytest.mark.parametrize(
    ("policy", "compares"),
    [
        (UnsafeAnyIssuer(), ()),
        (PresentedTo("c-1"), ("challenge",)),
        (PresentedTo("c-1", "evil.example"), ("challenge", "domain")),
        (AnyOf(PresentedTo("c-1", "evil.example"), PresentedTo("c-1")), ("challenge",)),
        (AnyOf(PresentedTo("c-1", "evil.example"), UnsafeAnyIssuer()), ()),
        (AllOf(PresentedTo("c-1"), PresentedTo("c-1", "evil.example")), ("challenge", "domain")),
    ],
)
def test_what_it_was_made_for_is_a_condition_unless_it_was_compared(
    policy: Policy, compares: tuple[str, ...], challenge: str | None, domain: str | None
) -> None:
    found = report(shown(certificate(), challenge=challenge, domain=domain), policy)
    said = {str(one.remark): one.detail for one in found.conditions if "not_compared" in str(one.remark)}
    expected = {"challenge": challenge, "domain": domain}
    assert set(said) == {
        f"identity.{what}_not_compared" for what, value in expected.items() if value and what not in compares
    }
    assert all(str(expected[code.split(".")[1].split("_")[0]]) in detail for code, detail in said.items())


def test_it_is_said_though_the_holder_could_not_be_asked() -> None:
    presented = json.loads(json.dumps(PRESENTATION).replace(HOLDER.did, "did:web:holder.example"))
    codes = {str(found.remark) for found in report(presented).conditions}
    assert codes >= {"identity.challenge_not_compared", "identity.domain_not_compared"}


def test_without_a_challenge_or_a_subject_s_id_that_is_said() -> None:
    assert not remarks(PRESENTATION) & {Condition.NO_CHALLENGE, Condition.HOLDER_NOT_BOUND}
    document = shown(certificate(subject_id=None), challenge=None)
    assert document["proof"]["proofPurpose"] == "assertionMethod"
    assert remarks(document) >= {Condition.NO_CHALLENGE, Condition.HOLDER_NOT_BOUND}


def test_nobody_presents_another_s_credential() -> None:
    with pytest.raises(InvalidInput, match="is about"):
        present([certificate()], OTHER, expires=SOON, created=NOW)
    stolen = {name: value for name, value in PRESENTATION.items() if name != "proof"}
    options = {
        name: PRESENTATION["proof"][name] for name in ("created", "expires", "proofPurpose", "challenge", "domain")
    }
    assert failures(ecdsa_rdfc.sign(stolen, OTHER, options=options)) == {Failure.HOLDER_MISMATCH}
    assert failures(ecdsa_rdfc.sign({**stolen, "holder": OTHER.did}, OTHER, options=options)) == {
        Failure.HOLDER_MISMATCH
    }


def test_the_issuers_of_all_credentials_must_be_whom_the_policy_asks_for() -> None:
    assert failures(PRESENTATION, policy=IssuedBy("carrier.example")) == {Failure.UNEXPECTED_ISSUER}


@pytest.mark.parametrize("member", ["challenge", "domain", "expires", "created"])
def test_what_it_was_signed_for_cannot_be_changed(member: str) -> None:
    later = (SOON + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    changed = {
        **PRESENTATION,
        "proof": {**PRESENTATION["proof"], member: later if member in ("expires", "created") else "x"},
    }
    assert failures(changed) == {Failure.PROOF_SIGNATURE}


def doubts(document: dict[str, Any], **options: Any) -> set[Doubt]:
    found = report(document, **options)
    assert found.verdict is Verdict.INDETERMINATE, found.summary
    return {finding.doubt for finding in found.findings if isinstance(finding, Unknown)}


def test_presentations_of_the_older_model_and_enveloped_credentials_are_not_known_here() -> None:
    older = {**PRESENTATION, "@context": ["https://www.w3.org/2018/credentials/v1"]}
    assert doubts(older) == {Doubt.UNSUPPORTED_CONTEXT}
    enveloped = {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "id": "data:application/vc+jwt,eyJhbGciOiJFUzI1NiJ9.e30.AA",
        "type": "EnvelopedVerifiableCredential",
    }
    for entry in (enveloped, "eyJhbGciOiJFUzI1NiJ9.e30.AA"):
        assert Doubt.UNSUPPORTED_SUITE in doubts({**older, "verifiableCredential": [entry]})


def broken(change: dict[str, Any], proof: dict[str, Any] | None = None) -> Failure:
    document = {name: value for name, value in {**PRESENTATION, **change}.items() if value is not ...}
    if proof is not None:
        document["proof"] = {name: value for name, value in {**document["proof"], **proof}.items() if value is not ...}
    with pytest.raises(Malformed) as refused:
        read(json.dumps(document).encode())
    return refused.value.code


@pytest.mark.parametrize(
    "change",
    [
        {"verifiableCredential": []},
        {"verifiableCredential": ...},
        {"verifiableCredential": ["urn:x"]},
        {"verifiableCredential": [PRESENTATION["verifiableCredential"][0]] * 51},
        {"holder": 5},
        {"type": ["VerifiablePresentation", "VerifiableCredential"]},
    ],
)
def test_a_presentation_of_another_shape_is_refused(change: dict[str, Any]) -> None:
    assert broken(change) is Failure.SCHEMA


def test_a_presentation_is_signed_whole_with_an_end_and_for_its_purpose() -> None:
    assert broken({"proof": ...}) is Failure.PROOF_SHAPE
    assert broken({}, {"expires": ...}) is Failure.PROOF_SHAPE
    assert broken({}, {"proofPurpose": "assertionMethod"}) is Failure.PROOF_SHAPE
    assert broken({}, {"challenge": ...}) is Failure.PROOF_SHAPE
    value = PRESENTATION["verifiableCredential"][0]["proof"]["proofValue"]
    proof = {**PRESENTATION["proof"], "cryptosuite": "ecdsa-sd-2023", "proofValue": value}
    assert doubts({**PRESENTATION, "proof": proof}) == {Doubt.UNSUPPORTED_SUITE}


def test_a_credential_that_is_not_good_is_named_by_its_place() -> None:
    document = copy.deepcopy(PRESENTATION)
    del document["verifiableCredential"][1]["proof"]
    with pytest.raises(Malformed, match="/verifiableCredential/1: ") as refused:
        read(json.dumps(document).encode())
    assert refused.value.code is Failure.PROOF_SHAPE


def test_what_would_not_verify_is_not_presented() -> None:
    with pytest.raises(InvalidInput, match="P-256"):
        present([certificate(subject_id=None)], BBS_ISSUER, expires=SOON, created=NOW)
    with pytest.raises(InvalidInput, match="would expire at once"):
        shown(certificate(), expires=NOW)
    with pytest.raises(InvalidInput, match="would not verify"):
        shown()
    with pytest.raises(InvalidInput, match="cannot be presented"):
        shown({**certificate(), "proof": {}})


@settings(max_examples=60)
@given(st.data())
def test_no_edit_of_a_presentation_goes_unnoticed(data: st.DataObject) -> None:
    document = copy.deepcopy(PRESENTATION)
    places = [document, *document["verifiableCredential"]]
    places += [one["credentialSubject"] for one in document["verifiableCredential"]]
    place = data.draw(st.sampled_from(places))
    name = data.draw(st.sampled_from(sorted({*place, "name", "description", "id"} - {"@context", "proof"})))
    value = data.draw(st.sampled_from([..., "x", HOLDER.did, OTHER.did, "2030-01-01T00:00:00Z", [], None]))
    if value is ...:
        place.pop(name, None)
    else:
        place[name] = value
    if document == PRESENTATION:
        return
    with contextlib.suppress(DocumentError):
        assert report(document).verdict is not Verdict.VALID


def test_a_credential_that_was_changed_is_not_presented() -> None:
    for credential in (certificate(), derive(certificate(BBS_ISSUER), ["/credentialSubject"])):
        changed = copy.deepcopy(credential)
        changed["credentialSubject"]["name"] = "another certificate"
        with pytest.raises(Refuted):
            shown(changed)
