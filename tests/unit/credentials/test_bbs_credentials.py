"""A bbs-2023 credential through the front door: what the bank is told, and what it is told when something is missing."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ebl.credentials import bbs_2023 as bbs
from ebl.credentials import vc
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.status_list_credential import new_list, signed, updated
from ebl.crypto import bbs_signatures as primitive
from ebl.crypto.multikey import KeyType
from ebl.did.did_syntax import web_url
from ebl.did.document_writer import web_document
from ebl.jsonld.contexts import known
from ebl.model.findings import Verdict
from ebl.model.ports import Page, Sources
from ebl.policy import UnsafeAnyIssuer
from ebl.sources import offline
from ebl.verify import examine

pytest.importorskip("py_arkworks_bls12381")
NOW = datetime(2026, 1, 10, tzinfo=UTC)
DID = "did:web:carrier.example"
URLS = {purpose: f"https://carrier.example/status/{purpose}" for purpose in ("revocation", "suspension")}
KEY = IssuerKey.generate(KeyType.BLS12_381, did=DID, randomness=random.Random(1).randbytes)


def bill(number: int) -> dict[str, Any]:
    return {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://w3id.org/security/data-integrity/v2",
            "https://trustvc.io/context/bill-of-lading.json",
        ],
        "id": "urn:uuid:019bd4de-17ba-7a7e-a2c2-16b6ea4b7e43",
        "type": ["VerifiableCredential"],
        "issuer": DID,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialStatus": [
            {
                "id": f"{url}#{number}",
                "type": "BitstringStatusListEntry",
                "statusPurpose": purpose,
                "statusListIndex": str(number),
                "statusListCredential": url,
            }
            for purpose, url in URLS.items()
        ],
        "credentialSubject": {"type": ["BillOfLading"], "blNumber": f"BL-{number}", "vessel": "MV EXAMPLE"},
    }


def shown(number: int) -> dict[str, Any]:
    base = bbs.sign(bill(number), KEY, mandatory=["/issuer", "/validFrom", "/credentialStatus"])
    claim, _ = vc.signature(base, bill(number), known(), purpose="assertionMethod")
    assert isinstance(claim, bbs.BbsSigned)
    return bbs.derive(claim, ["/credentialSubject/blNumber"])


def pages() -> Iterator[tuple[str, Any]]:
    yield web_url(DID), web_document(DID, [(KEY.id, KEY.public)])
    for number, (purpose, url) in enumerate(URLS.items(), 1):
        listed = new_list(url=url, issuer=DID, purpose=purpose, valid_from=NOW - timedelta(days=1))
        yield url, signed(updated(listed, {number: True}, valid_from=NOW - timedelta(days=1)), KEY, created=NOW)


PAGES = {url: json.dumps(page).encode() for url, page in pages()}


def fetch(url: str, *, accept: Sequence[str]) -> Page:
    return Page(url, "application/json", PAGES[url])


WORLD = replace(offline(now=NOW), fetch=fetch)


def told(document: Any, world: Sources = WORLD) -> tuple[Verdict, set[str]]:
    report = examine(json.dumps(document).encode(), UnsafeAnyIssuer(), sources=world)
    return report.verdict, {
        str(row["code"]) for row in report.to_dict()["findings"] if row["outcome"] in ("failed", "unknown")
    }


def test_a_bill_in_good_standing_is_valid_and_says_why() -> None:
    assert told(shown(7)) == (Verdict.VALID, set())
    report = examine(json.dumps(shown(7)).encode(), UnsafeAnyIssuer(), sources=WORLD)
    said = " · ".join(str(fact) for fact in report.facts)
    assert "every statement shown was signed" in said
    assert "not revoked in the status list at carrier.example" in said
    assert "not suspended in the status list at carrier.example" in said


def test_revoked_and_suspended_bills_are_invalid_each_by_its_name() -> None:
    assert told(shown(1)) == (Verdict.INVALID, {"status.revoked"})
    assert told(shown(2)) == (Verdict.INVALID, {"status.suspended"})


def test_a_changed_bill_is_invalid() -> None:
    document = shown(7)
    document["credentialSubject"]["blNumber"] = "BL-8"
    assert told(document) == (Verdict.INVALID, {"proof.signature"})


def test_a_proof_that_cannot_be_read_is_invalid_and_no_fault() -> None:
    document = shown(7)
    document["proof"]["proofValue"] = "u2V0D"
    assert told(document) == (Verdict.INVALID, {"proof.shape"})


def test_offline_it_cannot_be_determined() -> None:
    verdict, codes = told(shown(7), offline(now=NOW))
    assert (verdict, "source.offline" in codes) == (Verdict.INDETERMINATE, True)


def test_without_the_extra_it_cannot_be_determined_and_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    document = shown(7)
    monkeypatch.setitem(sys.modules, "py_arkworks_bls12381", None)
    primitive._curve.cache_clear()
    try:
        report = examine(json.dumps(document).encode(), UnsafeAnyIssuer(), sources=WORLD)
        assert report.verdict is Verdict.INDETERMINATE
        messages = [row["message"] for row in report.to_dict()["findings"] if row["code"] == "install.missing_extra"]
        assert messages
        assert all('pip install ".[bbs]"' in message for message in messages)
    finally:
        primitive._curve.cache_clear()
