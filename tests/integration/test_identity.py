"""Who stands behind a bill, over a real chain, a signed DNS and real sockets: what is asked, of whom, and what faults do."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import dns.name
import pytest

from ebl.codes import Doubt
from ebl.config.networks import pace
from ebl.errors import SourceError
from ebl.model.findings import Failed, Identified, Unknown, Verdict
from ebl.model.ports import Sources
from ebl.net import resolvers as lookup
from ebl.net.nodes import Nodes
from ebl.policy import IssuedBy, parse
from ebl.registry import Store, issue, send
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.testing.bills import bill
from ebl.testing.chain import LocalChain, LocalNode
from ebl.testing.clock import Clock
from ebl.testing.dns import DnsServer, Edit, Fault, spoof
from ebl.testing.zones import LocalZone, SignedZone
from ebl.verify import examine
from ebl.wrap import to_json, wrap
from tests.patience import IMPATIENT, PATIENT

DOMAIN = "carrier.example"
FORGED = "openatts net=ethereum netId=1337 addr=0x" + "ee" * 20


class Sockets:
    """Whom this process talks to, as Python itself reports it."""

    def __init__(self) -> None:
        self.watching, self.refusing = False, False
        self.peers: list[Any] = []
        self._lock = threading.Lock()
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.watching or event not in ("socket.connect", "socket.sendto"):
            return
        address = args[1]
        with self._lock:
            self.peers.append(address)
        if self.refusing:
            raise OSError("the network is unplugged")


SOCKETS = Sockets()


@contextmanager
def watched(*, unplugged: bool = False) -> Iterator[list[Any]]:
    SOCKETS.peers.clear()
    SOCKETS.watching, SOCKETS.refusing = True, unplugged
    try:
        yield SOCKETS.peers
    finally:
        SOCKETS.watching = SOCKETS.refusing = False


@pytest.fixture
def issued(ebl_store: Store, ebl_accounts: dict[str, Any], ebl_transactions: dict[str, Any]) -> bytes:
    document = wrap(bill(1, store=ebl_store.address, domain=DOMAIN, chain_id=1337))
    root = bytes.fromhex(document["signature"]["merkleRoot"])
    send(issue(ebl_store, root), signer=ebl_accounts["carrier"], **ebl_transactions)
    return to_json(document)


@pytest.fixture
def record(ebl_store: Store) -> str:
    return f"openatts net=ethereum netId=1337 addr={ebl_store.address}"


@contextmanager
def signed_world(*texts: str) -> Iterator[tuple[DnsServer, Any]]:
    root, example, carrier = SignedZone("."), SignedZone("example"), SignedZone(DOMAIN, denial="nsec3")
    carrier.txt(DOMAIN, *texts)
    example.delegate(carrier)
    root.delegate(example)
    with DnsServer([root, example, carrier]) as server:
        yield server, {dns.name.root: (root.ds(),)}


def asking(chain: LocalNode, clock: Clock, resolver: lookup.Resolvers) -> Sources:
    nodes = Nodes({chain.chain_id: [chain.url]})
    return Sources(pace=pace, chain=nodes, dns=resolver, fetch=offline().fetch, now=clock.now)


def test_a_bill_costs_at_most_four_requests_and_nobody_else_is_talked_to(
    issued: bytes, record: str, ebl_chain: LocalChain, ebl_dns: DnsServer, ebl_sources: Sources
) -> None:
    ebl_dns.zone.txt(DOMAIN, record)
    requests = ebl_chain.requests
    with watched() as peers:
        report = examine(issued, IssuedBy(DOMAIN), sources=ebl_sources)
    assert report.verdict is Verdict.VALID
    assert ebl_chain.requests - requests <= 4
    ours = {("127.0.0.1", int(url.rpartition(":")[2].strip("/"))) for url in (ebl_chain.url, ebl_dns.url)}
    assert {host for host, _ in peers} == {"127.0.0.1"}  # among them the DNS server's replies, from this very process
    assert ours <= set(peers)
    assert [question for question, _, _ in ebl_dns.queries] == [".", DOMAIN]


FAULTS: list[tuple[Fault | Edit, Verdict, Doubt | None]] = [
    (Fault.SERVFAIL, Verdict.INDETERMINATE, Doubt.DNS_SERVFAIL),
    (Fault.TIMEOUT, Verdict.INDETERMINATE, Doubt.DNS_TIMEOUT),
    (Fault.TRUNCATED, Verdict.VALID, None),
    (Fault.NO_SIGNATURES, Verdict.INDETERMINATE, Doubt.DNS_BOGUS),
    (spoof(FORGED), Verdict.INDETERMINATE, Doubt.DNS_BOGUS),
    (Fault.WRONG_ID, Verdict.INDETERMINATE, Doubt.DNS_TIMEOUT),
    (Fault.REFUSED, Verdict.INDETERMINATE, Doubt.DNS_REFUSED),
    (Fault.NXDOMAIN, Verdict.INDETERMINATE, Doubt.DNS_BOGUS),
    (Fault.NODATA, Verdict.INDETERMINATE, Doubt.DNS_BOGUS),
]


def test_a_fault_of_the_dns_is_neither_a_forgery_nor_a_pass(
    issued: bytes, record: str, ebl_chain: LocalNode, ebl_clock: Clock
) -> None:
    with signed_world(record) as (server, anchors):
        for fault, verdict, doubt in FAULTS:
            server.heal()
            server.fail(DOMAIN, fault, "TXT")
            patience = IMPATIENT if doubt is Doubt.DNS_TIMEOUT else PATIENT
            resolver = lookup.resolver(server.url, anchors=anchors, seconds=patience)
            report = examine(issued, IssuedBy(DOMAIN), sources=asking(ebl_chain, ebl_clock, resolver))
            assert report.verdict is verdict, (fault, report.summary)
            doubts = {f.doubt for f in report.findings if isinstance(f, Unknown) and f.check == "dns_txt"}
            assert doubts == ({doubt} if doubt else set()), fault


def test_a_lying_a_slow_and_a_dead_resolver_among_three_do_not_decide(
    issued: bytes, record: str, ebl_chain: LocalNode, ebl_clock: Clock
) -> None:
    zone = LocalZone()
    zone.txt(DOMAIN, record)
    policy = parse(f"[issuers]\ntrusted = [{{ domain = '{DOMAIN}' }}]\n[dns]\nagree = 2").policy

    def report(servers: list[DnsServer], *, agree: int = 2) -> Report:
        urls = [server.url for server in servers]
        resolver = lookup.resolver(urls, mode="off", agree=agree, seconds=PATIENT)
        hurried = lookup.resolver(urls[0], seconds=IMPATIENT).transports  # for the one that may be silent
        resolver = replace(resolver, transports=(*hurried, *resolver.transports[1:]), grace=PATIENT)
        return examine(issued, policy, sources=asking(ebl_chain, ebl_clock, resolver))

    with DnsServer([zone]) as one, DnsServer([zone]) as two, DnsServer([zone]) as third:
        for fault in (spoof(FORGED), Fault.TIMEOUT, Fault.REFUSED):
            third.fail("*", fault)
            found = report([third, one, two])
            assert found.verdict is Verdict.VALID, found.summary
            assert "dns.dissent" in {row["code"] for row in found.to_dict()["findings"]}
        two.fail("*", spoof(FORGED))
        third.fail("*", Fault.TIMEOUT)
        found = report([third, one, two])
        assert found.verdict is Verdict.INDETERMINATE
        assert Doubt.DNS_DISAGREEMENT in {f.doubt for f in found.findings if isinstance(f, Unknown)}


def test_a_signed_domain_proves_the_issuer_and_a_bank_can_ask_for_no_less(
    issued: bytes, record: str, ebl_chain: LocalNode, ebl_clock: Clock
) -> None:
    text = f"[issuers]\ntrusted = [{{ domain = '{DOMAIN}' }}]\n[dns]\ndnssec = 'require'\nwildcard = false"
    policy = parse(text).policy
    with signed_world(record) as (server, anchors):
        sources = asking(ebl_chain, ebl_clock, lookup.resolver(server.url, anchors=anchors))
        report = examine(issued, policy, sources=sources)
        assert report.verdict is Verdict.VALID, report.summary
        (who,) = [fact.who for fact in report.facts if isinstance(fact, Identified)]
        assert (who.domain, who.assurance) == (DOMAIN, "dnssec")
    plain = LocalZone()
    plain.txt(DOMAIN, record)
    with DnsServer([plain]) as server:
        report = examine(issued, policy, sources=asking(ebl_chain, ebl_clock, lookup.resolver(server.url)))
        assert report.verdict is Verdict.INDETERMINATE
    with signed_world() as (server, anchors):
        sources = asking(ebl_chain, ebl_clock, lookup.resolver(server.url, anchors=anchors))
        report = examine(issued, policy, sources=sources)
        assert report.verdict is Verdict.INVALID
        assert "identity.no_dns_record" in {str(f.failure) for f in report.findings if isinstance(f, Failed)}


def test_with_the_network_unplugged_integrity_is_still_checked(issued: bytes) -> None:
    with watched(unplugged=True) as peers:
        report = examine(issued, IssuedBy(DOMAIN), sources=offline())
        assert report.verdict is Verdict.INDETERMINATE
        assert {row["code"] for row in report.to_dict()["findings"]} >= {None, "source.offline"}
        tampered = examine(issued.replace(b"MV ", b"MW "), IssuedBy(DOMAIN), sources=offline())
        assert tampered.verdict is Verdict.INVALID
    assert peers == []


def test_with_the_network_unplugged_a_did_key_still_stands_for_itself() -> None:
    from tests.unit.credentials.test_vc import KEY, signed

    credential = json.dumps(signed(credentialStatus=..., credentialSubject={"name": "a certificate"})).encode()
    policy = parse(f"[issuers]\ntrusted = [{{ did = '{KEY.did}' }}]").policy
    with watched(unplugged=True) as peers:
        report = examine(credential, policy, sources=offline())
        assert report.verdict is Verdict.VALID, report.summary
        (who,) = [fact.who for fact in report.facts if isinstance(fact, Identified)]
        assert who.did == KEY.did
        assert peers == []
        with pytest.raises(SourceError):
            lookup.resolver("udp://127.0.0.1", seconds=IMPATIENT).txt(DOMAIN)
    assert peers != []  # so it would have been noticed
