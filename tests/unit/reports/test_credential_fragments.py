"""Fragments of W3C credentials that need no other verifier beside ours to be judged: outages, hostile input, policies."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from ebl.credential import Credential, derive, listed, sign, transferable
from ebl.credentials.issuer_keys import IssuerKey
from ebl.crypto.multikey import KeyType
from ebl.model.findings import Verdict
from ebl.policy import UnsafeAnyIssuer
from ebl.reports.fragments import fragments, is_valid
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.verify import examine, examine_all
from ebl.wrap import to_json

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = IssuerKey.generate(KeyType.P256, randomness=random.Random(1).randbytes)
TITLE = transferable(chain_id=50, registry="0xa50126cc2d6c726de0ca203c3b659f658d356173")


def shown(**parts: Any) -> dict[str, Any]:
    made = Credential(**{"issuer": KEY.did, "subject": {"type": ["Invoice"], "invoiceId": "1"}, **parts})
    return derive(sign(made.to_dict(), KEY, created=NOW), ["/credentialSubject"])


def examined(document: dict[str, Any]) -> Report:
    return examine(to_json(document), UnsafeAnyIssuer(), sources=offline(now=NOW))


def statuses(found: list[dict[str, Any]]) -> dict[str, str]:
    return {one["name"]: one["status"] for one in found if one["status"] != "SKIPPED"}


def test_a_good_credential_has_one_valid_fragment_of_each_type() -> None:
    report = examined(shown())
    found = fragments(report)
    assert report.verdict is Verdict.VALID
    assert is_valid(found)
    names = {"EcdsaW3CSignatureIntegrity", "W3CEmptyCredentialStatus", "W3CIssuerIdentity"}
    assert statuses(found) == dict.fromkeys(names, "VALID")


@pytest.mark.parametrize(
    ("status", "name", "code"),
    [
        (listed(url="https://carrier.example/list", index=1), "W3CCredentialStatus", 4),
        (TITLE, "TransferableRecords", 500),
    ],
)
def test_an_outage_is_an_error_and_never_invalid(status: dict[str, Any], name: str, code: int) -> None:
    found = fragments(examined(shown(status=status)))
    assert statuses(found)[name] == "ERROR"
    assert next(one for one in found if one["name"] == name)["reason"]["code"] == code
    assert "INVALID" not in statuses(found).values()
    assert not is_valid(found)


@pytest.mark.parametrize(
    "proof",
    [
        None,
        [],
        {},
        {"type": ["DataIntegrityProof"]},
        {"type": "DataIntegrityProof", "cryptosuite": ["ecdsa-sd-2023"]},
        {"type": "DataIntegrityProof", "cryptosuite": "ecdsa-sd-2023"},
        {"type": "BbsBlsSignature2020"},
    ],
)
def test_whatever_stands_in_place_of_a_proof_is_never_valid(proof: Any) -> None:
    document = {**shown(), "proof": proof}
    found = fragments(examined(document), document)
    assert len(found) == 7
    assert "VALID" not in statuses(found).values()
    assert not is_valid(found)


def test_what_breaks_the_rules_is_said_by_the_fragment_of_its_suite() -> None:
    document = shown(status=TITLE)
    document["credentialStatus"]["tokenId"] = "00" * 32
    found = fragments(examined(document), document)
    assert statuses(found) == {"EcdsaW3CSignatureIntegrity": "INVALID"}
    assert "tokenId" in found[1]["reason"]["message"]
    assert "tokenId" in found[-1]["reason"]["message"]


@pytest.mark.parametrize("document", [shown(), {"type": "VerifiablePresentation"}, {"data": {}}])
def test_a_fault_of_the_program_is_an_error_and_not_the_documents(document: dict[str, Any]) -> None:
    def broken(raw: bytes) -> Any:
        raise RuntimeError("a bug")

    sources = offline(now=NOW)
    (report,) = examine_all([to_json(document)], UnsafeAnyIssuer(), sources=sources, reader=broken)
    assert isinstance(report, Report)
    assert report.verdict is Verdict.INDETERMINATE
    found = fragments(report, document)
    assert set(statuses(found).values()) == {"ERROR"}
    assert not is_valid(found)


def test_a_presentation_that_breaks_the_rules_is_refused_by_its_first_fragment() -> None:
    presentation = {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": "VerifiablePresentation"}
    found = fragments(examined(presentation), presentation)
    assert [(one["name"], one["status"]) for one in found] == [
        ("W3CVpSignatureIntegrity", "INVALID"),
        ("W3CVpCredentialStatus", "SKIPPED"),
        ("W3CVpIssuerIdentity", "SKIPPED"),
    ]
    assert not is_valid(found)
