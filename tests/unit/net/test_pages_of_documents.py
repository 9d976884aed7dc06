"""A did:web and an OCSP responder on a real TLS server, found through a real DNS, from a document to its verdict."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ebl.chain.signers import LocalKey
from ebl.config.networks import pace
from ebl.ethereum.merkle import path
from ebl.model.findings import Verdict
from ebl.model.ports import Sources
from ebl.net import resolvers as lookup
from ebl.net.guarded_fetch import SafeFetch
from ebl.openattestation.sign import sign
from ebl.policy import IssuedBy
from ebl.sources import offline
from ebl.testing.dns import DnsServer, Fault
from ebl.verify import examine
from ebl.wrap import to_json, wrap_batch
from tests.patience import PATIENT
from tests.unit.net.test_guarded_fetch import Server, head, serving

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SIGNER = LocalKey(b"\x01" * 32)
DID = "did:web:pages.example"
KEY = f"{DID}#key-1"


def issuer(revocation: dict[str, str]) -> dict[str, Any]:
    proof = {"type": "DID", "key": KEY}
    return {"id": DID, "name": "Carrier", "identityProof": proof, "revocation": revocation}


RESPONDER = {"type": "OCSP_RESPONDER", "location": "https://pages.example/ocsp"}
BATCH = wrap_batch({"issuers": [issuer(RESPONDER)], "number": number} for number in range(2))
SIGNED = sign(BATCH.documents[0], SIGNER, now=NOW, key_id=KEY, unseen_ok=True)
NODES = [
    "0x" + node.hex()
    for node in path(
        bytes.fromhex(SIGNED["signature"]["targetHash"]), [bytes.fromhex(one) for one in SIGNED["signature"]["proof"]]
    )
]


class Site:
    """The pages of pages.example: JSON by path, or an answer as it is sent."""

    def __init__(self) -> None:
        method = {
            "id": KEY,
            "type": "EcdsaSecp256k1RecoveryMethod2020",
            "controller": DID,
            "blockchainAccountId": f"eip155:1:{SIGNER.address}",
        }
        document = {"id": DID, "verificationMethod": [method], "assertionMethod": [KEY]}
        self.pages: dict[str, Any] = {"/.well-known/did.json": document}
        self.pages |= {f"/ocsp/{node}": {"revoked": False, "documentHash": node} for node in NODES}
        self.asked: list[str] = []

    def play(self, server: Server, client: ssl.SSLSocket) -> None:
        place = server.asked.split(b" ")[1].decode()
        server.asked = b""
        self.asked.append(place)
        page = self.pages.get(place, head("HTTP/1.1 404 Not Found", "Content-Length: 0"))
        client.sendall(page if isinstance(page, bytes) else _json(page))


def _json(page: Any) -> bytes:
    body = json.dumps(page).encode()
    return head("HTTP/1.1 200 OK", "Content-Type: application/json", f"Content-Length: {len(body)}") + body


@contextmanager
def world(certificate: Path, site: Site) -> Iterator[tuple[Sources, DnsServer]]:
    with DnsServer() as dns, serving(certificate, lambda client: site.play(server, client)) as server:
        dns.zone.add("pages.example", "A", "127.0.0.1")
        resolver = lookup.resolver(dns.url, seconds=PATIENT)
        fetch = SafeFetch(
            addresses=resolver.addresses,
            trust=ssl.create_default_context(cafile=str(certificate)),
            unsafe_allowed=lambda address: address == "127.0.0.1",
            unsafe_port=server.port,
            seconds=PATIENT,
        )
        yield Sources(pace=pace, chain=offline().chain, dns=resolver, fetch=fetch, now=NOW), dns


def verdict(sources: Sources) -> tuple[Verdict, set[str | None]]:
    report = examine(to_json(SIGNED), IssuedBy("pages.example"), sources=sources)
    return report.verdict, {row["code"] for row in report.to_dict()["findings"] if row["outcome"] != "note"}


def test_a_document_of_a_did_web_is_valid_and_each_page_is_fetched_once(certificate: Path) -> None:
    site = Site()
    with world(certificate, site) as (sources, dns):
        assert verdict(sources) == (Verdict.VALID, {None})
    assert sorted(site.asked) == sorted(site.pages)
    assert {name for name, _, _ in dns.queries} <= {".", "pages.example"}


def test_what_its_responder_revoked_is_invalid(certificate: Path) -> None:
    for node in NODES:
        site = Site()
        site.pages[f"/ocsp/{node}"] = {"revoked": True, "documentHash": node, "reasonCode": 1}
        with world(certificate, site) as (sources, _):
            assert verdict(sources) == (Verdict.INVALID, {None, "status.revoked"})


@pytest.mark.parametrize(
    ("place", "page", "code"),
    (
        ("/.well-known/did.json", head("HTTP/1.1 302 Found", "Location: /did.json"), "web.bad_answer"),
        ("/.well-known/did.json", head("HTTP/1.1 200 OK", "Content-Type: text/html", "") + b"{}", "web.bad_answer"),
        ("/.well-known/did.json", {"error": "down for maintenance"}, "did.bad_answer"),
        ("/.well-known/did.json", [{"id": "did:web:pages.example"}], "did.bad_answer"),
        ("/.well-known/did.json", {"id": None}, "did.bad_answer"),
        (f"/ocsp/{NODES[0]}", head("HTTP/1.1 404 Not Found", "Content-Length: 0"), "web.bad_answer"),
        (f"/ocsp/{NODES[0]}", {"revoked": "false", "documentHash": NODES[0]}, "web.bad_answer"),
    ),
)
def test_a_page_that_is_no_answer_leaves_it_open(certificate: Path, place: str, page: Any, code: str) -> None:
    site = Site()
    site.pages[place] = page
    with world(certificate, site) as (sources, _):
        found, codes = verdict(sources)
    assert found is Verdict.INDETERMINATE
    assert code in codes


def test_a_page_of_another_did_is_refused_and_one_about_another_hash_is_no_answer(certificate: Path) -> None:
    for place, page, expected, code in (
        ("/.well-known/did.json", {"id": "did:web:other.example"}, Verdict.INVALID, "identity.did_mismatch"),
        (
            f"/ocsp/{NODES[0]}",
            {"revoked": False, "documentHash": NODES[1]},
            Verdict.INDETERMINATE,
            "revocation.unbound_answer",
        ),
    ):
        site = Site()
        site.pages[place] = page
        with world(certificate, site) as (sources, _):
            found, codes = verdict(sources)
        assert found is expected
        assert code in codes


def test_a_site_whose_name_dns_does_not_answer_for_leaves_it_open(certificate: Path) -> None:
    with world(certificate, Site()) as (sources, dns):
        dns.fail("pages.example", Fault.SERVFAIL)
        found, codes = verdict(sources)
        assert (found, "dns.servfail" in codes) == (Verdict.INDETERMINATE, True)
        dns.heal()
        dns.zone.add("pages.example", "AAAA", "fd00::1")
        assert "web.refused" in verdict(sources)[1]
