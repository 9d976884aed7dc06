"""The local DNS server says what its zones hold, signs it, and fails as ordered."""

from __future__ import annotations

from collections.abc import Iterator

import dns.dnssec
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import pytest

from ebl.testing.dns import DnsServer, Fault, spoof
from ebl.testing.zones import LocalZone, SignedZone
from tests.patience import PATIENT

RECORD = "openatts net=ethereum netId=1 addr=0x" + "11" * 20


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer() as running:
        running.zone.txt("carrier.example", RECORD)
        yield running


def ask(
    server: DnsServer, name: str, rdtype: str = "TXT", *, tcp: bool = False, dnssec: bool = False
) -> dns.message.Message:
    query = dns.message.make_query(name, rdtype, want_dnssec=dnssec)
    send = dns.query.tcp if tcp else dns.query.udp
    return send(query, server.host, port=server.port, timeout=PATIENT)


def texts(response: dns.message.Message) -> list[str]:
    return [
        b"".join(record.strings).decode()
        for rrset in response.answer
        if rrset.rdtype == dns.rdatatype.TXT
        for record in rrset
    ]


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_a_record_that_was_written_is_answered(server: DnsServer, tcp: bool) -> None:
    assert texts(ask(server, "carrier.example", tcp=tcp)) == [RECORD]
    assert texts(ask(server, "CARRIER.example", tcp=tcp)) == [RECORD]


def test_records_can_be_added_and_taken_away_while_it_runs(server: DnsServer) -> None:
    server.zone.txt("carrier.example", 'second "quoted" \\ text', "é" * 200)
    assert set(texts(ask(server, "carrier.example", tcp=True))) == {RECORD, 'second "quoted" \\ text', "é" * 200}
    server.zone.remove("carrier.example")
    assert ask(server, "carrier.example").rcode() == dns.rcode.NXDOMAIN


def test_a_name_without_records_of_the_type_is_no_error(server: DnsServer) -> None:
    response = ask(server, "carrier.example", "AAAA")
    assert response.rcode() == dns.rcode.NOERROR and not response.answer
    response = ask(server, "example")
    assert response.rcode() == dns.rcode.NOERROR and not response.answer


def test_aliases_and_wildcards_are_followed(server: DnsServer) -> None:
    server.zone.add("alias.example", "CNAME", "carrier.example.")
    server.zone.add("old.example", "DNAME", "example.")
    server.zone.txt("*.wild.example", "any")
    assert texts(ask(server, "alias.example")) == [RECORD]
    assert texts(ask(server, "carrier.old.example")) == [RECORD]
    assert texts(ask(server, "a.b.wild.example")) == ["any"]


def test_an_answer_too_long_for_udp_is_truncated_and_whole_over_tcp(server: DnsServer) -> None:
    long = [f"{number} " + "x" * 200 for number in range(20)]
    server.zone.txt("long.example", *long)
    assert ask(server, "long.example").flags & dns.flags.TC
    assert set(texts(ask(server, "long.example", tcp=True))) == set(long)


def test_what_no_zone_holds_is_refused() -> None:
    with DnsServer([LocalZone("example")]) as server:
        assert ask(server, "carrier.test").rcode() == dns.rcode.REFUSED


def test_faults_happen_where_they_are_ordered_until_healed(server: DnsServer) -> None:
    server.fail("carrier.example", Fault.SERVFAIL)
    assert ask(server, "carrier.example").rcode() == dns.rcode.SERVFAIL
    assert ask(server, "other.example").rcode() == dns.rcode.NXDOMAIN
    server.heal()
    server.fail("*", Fault.REFUSED, "TXT")
    assert ask(server, "other.example").rcode() == dns.rcode.REFUSED
    assert ask(server, "other.example", "A").rcode() == dns.rcode.NXDOMAIN
    server.fail("carrier.example", spoof("forged"))
    assert texts(ask(server, "carrier.example")) == ["forged"]
    server.fail("carrier.example", Fault.TRUNCATED)
    assert ask(server, "carrier.example").flags & dns.flags.TC
    assert texts(ask(server, "carrier.example", tcp=True)) == [RECORD]
    server.fail("carrier.example", Fault.TIMEOUT)
    with pytest.raises(dns.exception.Timeout):
        dns.query.udp(dns.message.make_query("carrier.example", "TXT"), server.host, port=server.port, timeout=0.05)
    server.fail("carrier.example", Fault.GARBAGE)
    with pytest.raises(dns.exception.DNSException):
        ask(server, "carrier.example", tcp=True)
    assert ("carrier.example", "TXT", "tcp") in server.queries


def world(denial: str) -> tuple[SignedZone, list[LocalZone]]:
    leaf = SignedZone("carrier.example", denial=denial, algorithm="ED25519")  # type: ignore[arg-type]
    leaf.txt("carrier.example", RECORD)
    leaf.txt("*.wild.carrier.example", "any")
    leaf.add("a.b.c.carrier.example", "A", "127.0.0.1")
    plain = LocalZone("unsigned.example")
    top = SignedZone("example", denial=denial, opt_out=True)  # type: ignore[arg-type]
    top.delegate(leaf)
    top.delegate(plain)
    root = SignedZone(".")
    root.delegate(top)
    return root, [root, top, leaf, plain]


@pytest.mark.parametrize("denial", ["nsec", "nsec3"])
@pytest.mark.parametrize(
    "name, rdtype",
    [
        ("carrier.example", "TXT"),
        ("carrier.example", "DNSKEY"),
        ("carrier.example", "DS"),
        ("unsigned.example", "DS"),
        ("x.wild.carrier.example", "TXT"),
        ("c.carrier.example", "TXT"),
        ("no.such.carrier.example", "TXT"),
    ],
)
def test_every_signature_of_a_signed_zone_is_good(denial: str, name: str, rdtype: str) -> None:
    _, zones = world(denial)
    with DnsServer(zones) as server:
        response = ask(server, name, rdtype, dnssec=True, tcp=True)
    keys = {zone.origin: {zone.origin: zone._nodes[zone.origin][dns.rdatatype.DNSKEY]} for zone in zones[:3]}
    rrsets = [*response.answer, *response.authority]
    signatures = {(r.name, r.covers): r for r in rrsets if r.rdtype == dns.rdatatype.RRSIG}
    unsigned = [r for r in rrsets if r.rdtype != dns.rdatatype.RRSIG]
    assert unsigned
    for rrset in unsigned:
        covered = [
            r for (owner, _), r in signatures.items() if owner == rrset.name and r[0].type_covered == rrset.rdtype
        ]
        dns.dnssec.validate(rrset, covered[0], keys[covered[0][0].signer])


@pytest.mark.parametrize("denial", ["nsec", "nsec3"])
def test_signatures_follow_the_records(denial: str) -> None:
    root, zones = world(denial)
    with DnsServer(zones) as server:
        before = ask(server, "new.carrier.example", dnssec=True, tcp=True)
        zones[2].txt("new.carrier.example", "here")
        after = ask(server, "new.carrier.example", dnssec=True, tcp=True)
    assert before.rcode() == dns.rcode.NXDOMAIN
    assert texts(after) == ["here"]
    assert any(rrset.rdtype == dns.rdatatype.RRSIG for rrset in after.answer)
    assert root.ds().algorithm == dns.dnssec.algorithm_from_text("ECDSAP256SHA256")


def test_signatures_are_left_out_where_they_are_not_asked_for_or_ordered_away() -> None:
    _, zones = world("nsec")
    with DnsServer(zones) as server:
        plain = ask(server, "carrier.example")
        server.fail("carrier.example", Fault.NO_SIGNATURES)
        stripped = ask(server, "carrier.example", dnssec=True)
    for response in (plain, stripped):
        assert texts(response) == [RECORD]
        assert all(rrset.rdtype != dns.rdatatype.RRSIG for rrset in response.answer)
