"""Of a resolver's replies some are answers, also "no such name", and the rest raise the code of what happened."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.resolver
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.codes import Doubt
from ebl.errors import InvalidInput, SourceError
from ebl.net import resolvers as lookup
from ebl.net.dns_exchange import DnsTransport
from ebl.net.dns_query import Plain, Several, system_servers, transport
from ebl.net.resolvers import Dnssec, Resolvers
from ebl.sources import online
from ebl.testing.dns import DnsServer, Fault
from ebl.testing.zones import LocalZone
from tests.patience import IMPATIENT, PATIENT

RECORD = "openatts net=ethereum netId=1 addr=0x" + "11" * 20


def resolver(spec: str, seconds: float = PATIENT) -> Resolvers:
    return lookup.resolver(spec, mode="off", seconds=seconds)


def stub(path: DnsTransport) -> Resolvers:
    return Resolvers((path,), mode=Dnssec.OFF)


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer() as running:
        running.zone.txt("carrier.example", RECORD)
        yield running


def ask(server: DnsServer, name: str, seconds: float = PATIENT) -> tuple[str, ...]:
    return resolver(server.url, seconds=seconds).txt(name).texts


def test_the_records_at_the_name_are_the_answer_and_say_who_gave_it(server: DnsServer) -> None:
    found = resolver(server.url).txt("carrier.example")
    assert found.texts == (RECORD,)
    assert (found.name, found.assurance, found.resolvers) == ("carrier.example", "single", (server.url,))


def test_no_such_name_and_no_such_records_are_answers(server: DnsServer) -> None:
    server.zone.add("other.example", "A", "127.0.0.1")
    assert ask(server, "none.example") == ask(server, "other.example") == ask(server, "example") == ()


def test_long_texts_are_joined_and_long_replies_come_over_tcp(server: DnsServer) -> None:
    server.zone.txt("long.example", "é" * 300, *(f"{n} {'x' * 250}" for n in range(30)))
    assert len(ask(server, "long.example")) == 31
    assert "é" * 300 in ask(server, "long.example")
    assert ("long.example", "TXT", "tcp") in server.queries


def test_text_that_is_not_utf_8_spoils_only_itself(server: DnsServer) -> None:
    server.zone.add("carrier.example", "TXT", '"\\255\\254"')
    assert set(ask(server, "carrier.example")) == {RECORD, "\ufffd\ufffd"}


def test_aliases_are_followed_also_out_of_what_the_server_knows() -> None:
    here, there = LocalZone("here.example"), LocalZone("there.example")
    here.add("a.here.example", "CNAME", "b.here.example.")
    here.add("b.here.example", "CNAME", "c.there.example.")
    here.add("loop.here.example", "CNAME", "loop.here.example.")
    there.txt("c.there.example", RECORD)
    with DnsServer([here, there]) as both, DnsServer([here]) as one, DnsServer([there]) as other:
        assert ask(both, "a.here.example") == (RECORD,)
        path = Several((Plain(one.host, one.port, PATIENT), Plain(other.host, other.port, PATIENT)))
        assert stub(path).txt("a.here.example").texts == (RECORD,)
        for looping in (both, one):
            with pytest.raises(SourceError) as found:
                ask(looping, "loop.here.example")
            assert found.value.doubt in (Doubt.DNS_SERVFAIL, Doubt.DNS_BAD_ANSWER)


def test_records_of_other_names_in_the_reply_are_not_taken(server: DnsServer) -> None:
    def add_another(response: dns.message.Message) -> None:
        response.answer[:] = [dns.rrset.from_text("other.example.", 60, "IN", "TXT", f'"{RECORD}"')]

    server.fail("carrier.example", add_another)
    assert ask(server, "carrier.example") == ()


@pytest.mark.parametrize(
    "fault, doubt",
    [
        (Fault.SERVFAIL, Doubt.DNS_SERVFAIL),
        (Fault.REFUSED, Doubt.DNS_REFUSED),
        (Fault.TIMEOUT, Doubt.DNS_TIMEOUT),
        (Fault.WRONG_ID, Doubt.DNS_TIMEOUT),
        (Fault.WRONG_QUESTION, Doubt.DNS_TIMEOUT),
        (Fault.GARBAGE, Doubt.DNS_TIMEOUT),
        (Fault.TRUNCATED_ALWAYS, Doubt.DNS_UNREACHABLE),
        (lambda response: response.set_rcode(dns.rcode.NOTIMP), Doubt.DNS_BAD_ANSWER),
    ],
)
def test_what_is_not_an_answer_raises_the_code_of_what_happened(server: DnsServer, fault: Fault, doubt: Doubt) -> None:
    server.fail("carrier.example", fault)
    with pytest.raises(SourceError) as found:
        ask(server, "carrier.example", seconds=IMPATIENT if doubt is Doubt.DNS_TIMEOUT else PATIENT)
    assert found.value.doubt is doubt
    server.fail("carrier.example", Fault.TRUNCATED)
    assert ask(server, "carrier.example") == (RECORD,)


def test_a_referral_is_not_an_answer(server: DnsServer) -> None:
    def refer(response: dns.message.Message) -> None:
        response.flags &= ~dns.flags.RA
        response.answer.clear()
        response.authority[:] = [dns.rrset.from_text("example.", 60, "IN", "NS", "ns.example.")]

    server.fail("carrier.example", refer)
    with pytest.raises(SourceError) as found:
        ask(server, "carrier.example")
    assert found.value.doubt is Doubt.DNS_BAD_ANSWER


def test_nobody_listening_is_unreachable_or_silent() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(SourceError) as found:
        resolver(f"udp://127.0.0.1:{port}", seconds=IMPATIENT).txt("carrier.example")
    assert found.value.doubt in (Doubt.DNS_UNREACHABLE, Doubt.DNS_TIMEOUT)


def test_one_that_cannot_tell_is_stood_in_for_by_the_next(server: DnsServer) -> None:
    with DnsServer() as broken:
        broken.fail("*", Fault.SERVFAIL)
        first, second = Plain(broken.host, broken.port, PATIENT), Plain(server.host, server.port, PATIENT)
        assert stub(Several((first, second))).txt("carrier.example").texts == (RECORD,)
        with pytest.raises(SourceError) as found:
            stub(Several((first, first))).txt("carrier.example")
        assert found.value.doubt is Doubt.DNS_SERVFAIL


@pytest.mark.parametrize(
    "spec", ["", "udp://", "udp://ns.example", "udp://1.2.3.4/x", "udp://1.2.3.4:99999", "ftp://1.2.3.4"]
)
def test_a_word_that_names_no_resolver_is_the_callers_mistake(spec: str) -> None:
    with pytest.raises(InvalidInput):
        resolver(spec)


@pytest.mark.parametrize(
    "spec", ["https://:secret@dns.example/dns-query", "https://a:secret@dns.example", "tls://:secret@h"]
)
def test_a_resolver_with_a_password_is_refused_since_reports_name_it(spec: str) -> None:
    with pytest.raises(InvalidInput) as no:
        transport(spec)
    assert "secret" not in str(no.value)


def test_resolvers_are_named_by_address_and_port() -> None:
    assert transport("udp://1.2.3.4") == Plain("1.2.3.4")
    assert transport("udp://[::1]:5353") == Plain("::1", 5353)


def test_the_system_resolvers_are_the_ones_of_the_machine(server: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    class Known:
        nameservers = ("127.0.0.1",)
        port = server.port

    monkeypatch.setattr("dns.resolver.Resolver", lambda configure: Known)
    assert system_servers() == [("127.0.0.1", server.port)]
    assert resolver("system").txt("carrier.example").texts == (RECORD,)


def test_a_machine_without_a_resolver_can_ask_no_name_and_whatever_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(configure: bool) -> object:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr("dns.resolver.Resolver", none)
    sources = online(rpc={})
    with pytest.raises(SourceError, match="no DNS resolver is configured") as found:
        sources.dns.txt("carrier.example")
    assert found.value.doubt is Doubt.DNS_UNREACHABLE


@settings(max_examples=300)
@given(cut=st.integers(0, 200), at=st.integers(0, 200), byte=st.integers(0, 255))
def test_a_reply_with_a_byte_changed_is_an_answer_or_none_and_never_a_traceback(cut: int, at: int, byte: int) -> None:
    zone = LocalZone()
    zone.txt("carrier.example", RECORD)
    query = dns.message.make_query("carrier.example", "TXT", id=7)
    wire = bytearray(SERVERLESS.answer(query.to_wire()) or b"")
    wire[at % len(wire)] = byte
    try:
        reply = dns.message.from_wire(bytes(wire[: len(wire) - cut % 30]))
    except (dns.exception.DNSException, ValueError, IndexError):
        return

    class Canned:
        label = "canned"

        def ask(self, name: dns.name.Name, rdtype: object, *, dnssec: bool = False) -> dns.message.Message:
            return reply

    try:
        found = stub(Canned()).txt("carrier.example")
    except SourceError:
        return
    assert all(isinstance(text, str) for text in found.texts)


class _Serverless(DnsServer):
    """The answers of a server without its sockets."""

    def __init__(self) -> None:
        self.zones = [LocalZone()]
        self.zones[0].txt("carrier.example", RECORD)
        self.queries, self._faults = [], {}


SERVERLESS = _Serverless()
