"""Whole documents that a DID signed: both formats, both ways to be known, and each way to be revoked."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ebl.checking.formats import read
from ebl.ethereum.merkle import path
from ebl.model.findings import Failed, Identified, Verdict
from ebl.model.ports import Page, Sources
from ebl.openattestation.revocation import NotRevoked
from ebl.openattestation.sign import sign_batch
from ebl.policy import UnsafeAnyIssuer
from ebl.reports.report import Report
from ebl.verify import examine
from ebl.wrap import wrap_batch
from tests.unit.hostile.world import DID, DOMAIN, KEY, KEY_ID, STORE, OneChain, sources, v2, v3

RESPONDER = "https://ocsp.example"
REVOCATIONS = {
    "NONE": {"type": "NONE"},
    "REVOCATION_STORE": {"type": "REVOCATION_STORE", "location": STORE},
    "OCSP_RESPONDER": {"type": "OCSP_RESPONDER", "location": RESPONDER},
}
EACH = pytest.mark.parametrize(
    ("version", "identity", "kind"),
    [(version, identity, kind) for version in (v2, v3) for identity in ("DID", "DNS-DID") for kind in REVOCATIONS],
)


def signed(version: Callable[..., Any], identity: str, kind: str) -> bytes:
    """One of a batch of two, so that there are hashes between it and the root that was signed."""
    revocation = REVOCATIONS[kind]
    if version is v2:
        proof = {"type": identity, "key": KEY_ID} | ({"location": DOMAIN} if identity == "DNS-DID" else {})
        data = v2({"name": "Carrier", "id": DID, "identityProof": proof, "revocation": revocation})
    else:
        method = {"method": "DID", "value": DID, "revocation": revocation}
        data = v3(method, {"type": identity, "identifier": DOMAIN if identity == "DNS-DID" else DID})
    batch = wrap_batch([data, data]).documents
    document, _ = sign_batch(batch, KEY, key_id=KEY_ID, now=datetime(2026, 6, 1, tzinfo=UTC))
    return json.dumps(document).encode()


def hashes(document: bytes) -> tuple[bytes, ...]:
    (claim,) = [claim for issuer in read(document).issuers for claim in issuer.status if isinstance(claim, NotRevoked)]
    return path(claim.target, claim.proof)


def examined(document: bytes, *, revoked: Sequence[bytes] = ()) -> Report:
    chain = OneChain()
    chain.revoked.update(revoked)

    def respond(url: str, *, accept: Sequence[str]) -> Page:
        place, _, asked = url.rpartition("/")
        assert place == RESPONDER
        answer = {"revoked": bytes.fromhex(asked[2:]) in chain.revoked, "documentHash": asked}
        return Page(url, "application/json", json.dumps(answer).encode())

    within: Sources = replace(sources(chain), fetch=respond)
    return examine(document, UnsafeAnyIssuer(), sources=within)


@EACH
def test_a_document_that_its_did_signed_is_valid(version: Callable[..., Any], identity: str, kind: str) -> None:
    report = examined(signed(version, identity, kind))
    assert report.verdict is Verdict.VALID, report.summary
    (who,) = [fact.who for fact in report.facts if isinstance(fact, Identified)]
    assert (who.did, who.domain) == (DID, DOMAIN if identity == "DNS-DID" else None)


@EACH
def test_it_is_revoked_by_its_own_hash_and_by_its_batchs(version: Callable[..., Any], identity: str, kind: str) -> None:
    document = signed(version, identity, kind)
    target, root = hashes(document)
    for revoked in (target, root):
        report = examined(document, revoked=[revoked])
        failures = {str(finding.failure) for finding in report.findings if isinstance(finding, Failed)}
        assert failures == (set() if kind == "NONE" else {"status.revoked"})


@EACH
def test_a_change_of_the_way_to_revoke_is_a_change_of_the_document(
    version: Callable[..., Any], identity: str, kind: str
) -> None:
    other = next(word for word in REVOCATIONS if word != kind)
    changed = signed(version, identity, kind).replace(kind.encode(), other.encode())
    assert examined(changed).verdict is Verdict.INVALID
