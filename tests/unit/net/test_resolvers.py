"""Records are believed for a proof, for several resolvers that agree, or on one's word; and the answer says for which."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import dns.name
import dns.rrset
import pytest

from ebl.codes import Doubt
from ebl.dnssec import Status, recheck
from ebl.errors import InvalidInput, SourceError
from ebl.net import resolvers as lookup
from ebl.net.resolvers import SETS, Resolvers
from ebl.testing.dns import DnsServer, Fault, spoof
from ebl.testing.zones import LocalZone, SignedZone
from tests.patience import IMPATIENT, PATIENT

RECORD = "openatts net=ethereum netId=1 addr=0x" + "11" * 20
FORGED = "openatts net=ethereum netId=1 addr=0x" + "ee" * 20


def world() -> tuple[DnsServer, dict[dns.name.Name, tuple[Any, ...]]]:
    """A signed root and example; carrier.example signed, plain.example not."""
    root, example, carrier = SignedZone("."), SignedZone("example", denial="nsec3"), SignedZone("carrier.example")
    plain = LocalZone("plain.example")
    for zone in (carrier, plain):
        zone.txt(zone.origin.to_text(True), RECORD)
        zone.add(f"www.{zone.origin.to_text()}", "A", "192.0.2.1", "192.0.2.2")
        zone.add(f"www.{zone.origin.to_text()}", "AAAA", "2001:db8::1")
    carrier.txt("*.any.carrier.example", "wild")
    example.delegate(carrier)
    example.delegate(plain)
    root.delegate(example)
    return DnsServer([root, example, carrier, plain]), {dns.name.root: (root.ds(),)}


@pytest.fixture(scope="module")
def built() -> Iterator[tuple[DnsServer, dict[dns.name.Name, tuple[Any, ...]]]]:
    server, anchors = world()
    with server:
        yield server, anchors


@pytest.fixture
def server(built: tuple[DnsServer, Any]) -> Iterator[DnsServer]:
    built[0].queries.clear()
    yield built[0]
    built[0].heal()


@pytest.fixture
def anchors(built: tuple[DnsServer, Any]) -> Any:
    return built[1]


def plain_server(text: str = RECORD) -> DnsServer:
    server = DnsServer()
    server.zone.txt("plain.example", text)
    return server


def resolver(specs: str | list[str], **options: Any) -> Resolvers:
    """As its callers get it, and with the patience to hear everybody out."""
    return replace(lookup.resolver(specs, seconds=PATIENT, **options), grace=PATIENT)


@dataclass(frozen=True)
class Hurried:
    """A way to a resolver without much patience for questions about one name, or any."""

    path: Any
    name: str | None = None

    @property
    def label(self) -> str:
        return str(self.path.label)

    def ask(self, name: dns.name.Name, rdtype: Any, *, dnssec: bool = False) -> dns.message.Message:
        hurried = self.name in (None, name.to_text())
        message: dns.message.Message = replace(self.path, seconds=IMPATIENT if hurried else PATIENT).ask(
            name, rdtype, dnssec=dnssec
        )
        return message


def hurried(resolvers: Resolvers, name: str | None = None) -> Resolvers:
    """Without much patience for the first of them."""
    first, *others = resolvers.transports
    return replace(resolvers, transports=(Hurried(first, name), *others))


def hurry(specs: list[str], **options: Any) -> Resolvers:
    return hurried(resolver(specs, **options))


def doubt_of(resolvers: Resolvers, name: str) -> tuple[Doubt, str]:
    with pytest.raises(SourceError) as caught:
        resolvers.txt(name)
    return caught.value.doubt, caught.value.detail


# a proof --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ("require", "prefer"))
def test_a_signed_record_is_believed_for_its_proof(server: DnsServer, anchors: Any, mode: str) -> None:
    found = resolver(server.url, mode=mode, anchors=anchors).txt("carrier.example")
    assert (found.texts, found.assurance, found.dnssec) == ((RECORD,), "dnssec", "secure")
    assert (found.resolvers, found.wildcard) == ((server.url,), False)
    again = recheck(found.proof, "carrier.example", "TXT", now=datetime.now(UTC), anchors=anchors)
    assert again.status is Status.SECURE


def test_a_wildcard_is_said_to_be_one(server: DnsServer, anchors: Any) -> None:
    found = resolver(server.url, anchors=anchors).txt("x.any.carrier.example")
    assert (found.texts, found.wildcard) == (("wild",), True)


def test_that_there_is_nothing_is_believed_for_its_proof(server: DnsServer, anchors: Any) -> None:
    found = resolver(server.url, mode="require", anchors=anchors).txt("nothing.carrier.example")
    assert (found.texts, found.assurance) == ((), "dnssec")


def test_off_nobody_is_asked_for_signatures(server: DnsServer, anchors: Any) -> None:
    found = resolver(server.url, mode="off", anchors=anchors).txt("carrier.example")
    assert (found.texts, found.assurance, found.dnssec, found.proof) == ((RECORD,), "single", "unchecked", b"")
    assert server.queries == [("carrier.example", "TXT", "udp")]


def test_a_zone_that_is_proved_to_be_unsigned_is_taken_on_ones_word_unless_a_proof_is_required(
    server: DnsServer, anchors: Any
) -> None:
    found = resolver(server.url, anchors=anchors).txt("plain.example")
    assert (found.texts, found.assurance, found.dnssec) == ((RECORD,), "single", "insecure")
    assert (
        recheck(found.proof, "plain.example", "TXT", now=datetime.now(UTC), anchors=anchors).status is Status.INSECURE
    )
    doubt, detail = doubt_of(resolver(server.url, mode="require", anchors=anchors), "plain.example")
    assert doubt is Doubt.DNS_NOT_VALIDATED
    assert "delegated without DS" in detail


def test_a_forged_record_of_a_signed_zone_is_no_answer(server: DnsServer, anchors: Any) -> None:
    server.fail("carrier.example", spoof(FORGED), "TXT")
    for mode in ("require", "prefer"):
        doubt, detail = doubt_of(resolver(server.url, mode=mode, anchors=anchors), "carrier.example")
        assert doubt is Doubt.DNS_BOGUS
        assert "signature is not correct" in detail


def test_the_next_resolver_can_prove_what_one_garbled_and_the_one_is_named(server: DnsServer, anchors: Any) -> None:
    other, _ = server, anchors
    with DnsServer(server.zones) as liar:
        liar.fail("carrier.example", spoof(FORGED), "TXT")
        found = resolver([liar.url, other.url], anchors=anchors).txt("carrier.example")
        assert (found.texts, found.resolvers) == ((RECORD,), (other.url,))
        (said,) = found.dissent
        assert said.params["resolver"] == liar.url
        assert "signature is not correct" in str(said)


def test_a_resolver_that_leaves_signatures_out_is_taken_at_its_word_unless_a_proof_is_required(
    server: DnsServer, anchors: Any
) -> None:
    server.fail("*", Fault.NO_SIGNATURES)
    found = resolver(server.url, anchors=anchors).txt("carrier.example")
    assert (found.texts, found.assurance, found.dnssec) == ((RECORD,), "single", "unchecked")
    assert doubt_of(resolver(server.url, mode="require", anchors=anchors), "carrier.example") == (
        Doubt.DNS_NOT_VALIDATED,
        "carrier.example: the resolvers omit DNSSEC signatures",
    )


def test_a_resolver_that_says_nothing_of_the_roots_keys_is_taken_at_its_word_too(
    server: DnsServer, anchors: Any
) -> None:
    server.fail(".", Fault.TIMEOUT)
    resolvers = hurried(resolver(server.url, anchors=anchors), ".")
    assert resolvers.txt("carrier.example").assurance == "single"
    asked = len(server.queries)
    assert resolvers.txt("plain.example").assurance == "single"
    assert len(server.queries) == asked + 1  # its silence is remembered
    needing = hurried(resolver(server.url, mode="require", anchors=anchors), ".")
    assert doubt_of(needing, "carrier.example")[0] is Doubt.DNS_TIMEOUT


def test_one_that_passes_signatures_on_is_found_behind_one_that_does_not(server: DnsServer, anchors: Any) -> None:
    with DnsServer(server.zones) as deaf:
        deaf.fail("*", Fault.NO_SIGNATURES)
        found = resolver([deaf.url, server.url], anchors=anchors).txt("carrier.example")
        assert (found.assurance, found.resolvers) == ("dnssec", (server.url,))


def test_signatures_that_one_resolver_drops_below_the_root_are_not_done_without(
    server: DnsServer, anchors: Any
) -> None:
    server.fail("carrier.example", Fault.NO_SIGNATURES)
    assert doubt_of(resolver(server.url, anchors=anchors), "carrier.example")[0] is Doubt.DNS_BOGUS


@pytest.mark.parametrize(
    ("fault", "doubt"),
    (
        (Fault.SERVFAIL, Doubt.DNS_SERVFAIL),
        (Fault.REFUSED, Doubt.DNS_REFUSED),
        (Fault.TIMEOUT, Doubt.DNS_TIMEOUT),
        (Fault.GARBAGE, Doubt.DNS_TIMEOUT),
        (Fault.WRONG_ID, Doubt.DNS_TIMEOUT),
        (Fault.WRONG_QUESTION, Doubt.DNS_TIMEOUT),
        (Fault.NXDOMAIN, Doubt.DNS_BOGUS),
        (Fault.NODATA, Doubt.DNS_BOGUS),
        (Fault.NO_SIGNATURES, Doubt.DNS_BOGUS),
        (Fault.TRUNCATED, None),
    ),
)
def test_each_fault_of_a_resolver_is_a_doubt_and_never_an_answer(
    server: DnsServer, anchors: Any, fault: Fault, doubt: Doubt | None
) -> None:
    server.fail("carrier.example", fault, "TXT")
    resolvers = resolver(server.url, anchors=anchors)
    resolvers.txt("example")  # so that only the faulty answer is left to ask for
    if doubt is Doubt.DNS_TIMEOUT:
        resolvers = hurried(resolvers)
    if doubt is None:
        assert resolvers.txt("carrier.example").assurance == "dnssec"
    else:
        assert doubt_of(resolvers, "carrier.example")[0] is doubt


def test_signatures_are_held_to_the_clock(server: DnsServer, anchors: Any) -> None:
    later = datetime.now(UTC) + timedelta(days=30)
    resolvers = resolver(server.url, anchors=anchors, clock=lambda: later)
    doubt, detail = doubt_of(resolvers, "carrier.example")
    assert doubt is Doubt.DNS_BOGUS
    assert "expired" in detail


def test_the_keys_of_the_zones_above_are_asked_for_once(server: DnsServer, anchors: Any) -> None:
    resolvers = resolver(server.url, anchors=anchors)
    resolvers.txt("carrier.example")
    assert len(server.queries) == 6
    resolvers.txt("plain.example")
    assert [question for question, _, _ in server.queries[6:]] == ["plain.example", "plain.example"]


def test_after_a_bogus_answer_the_keys_are_asked_for_again(server: DnsServer, anchors: Any) -> None:
    resolvers = resolver(server.url, anchors=anchors)
    server.fail("carrier.example", Fault.NO_SIGNATURES, "DNSKEY")
    assert doubt_of(resolvers, "carrier.example")[0] is Doubt.DNS_BOGUS
    server.heal()
    assert resolvers.txt("carrier.example").assurance == "dnssec"


# resolvers' word ------------------------------------------------------------------------------------------------------


def test_one_after_another_is_asked_until_one_knows() -> None:
    with plain_server() as good, plain_server() as bad:
        bad.fail("*", Fault.SERVFAIL)
        found = resolver([bad.url, good.url]).txt("plain.example")
        assert (found.texts, found.assurance, found.resolvers) == ((RECORD,), "single", (good.url,))
        good.fail("*", Fault.REFUSED)
        doubt, detail = doubt_of(resolver([bad.url, good.url], mode="off"), "plain.example")
        assert doubt is Doubt.DNS_SERVFAIL
        assert bad.url in detail
        assert good.url in detail


def test_that_there_is_no_record_is_an_answer_that_ends_the_search() -> None:
    with plain_server() as first, plain_server() as second:
        first.zone.remove("plain.example")
        assert resolver([first.url, second.url], mode="off").txt("plain.example").texts == ()
        assert second.queries == []


def test_resolvers_that_agree_are_counted() -> None:
    with plain_server() as one, plain_server() as two, plain_server() as three:
        found = resolver([one.url, two.url, three.url], agree=2).txt("plain.example")
        assert (found.assurance, found.resolvers, found.dissent) == ("quorum(3)", (one.url, two.url, three.url), ())


def dead_url() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        return f"udp://127.0.0.1:{closed.getsockname()[1]}"


def test_a_lying_a_slow_or_a_dead_resolver_among_three_is_outvoted_and_named() -> None:
    with plain_server() as one, plain_server() as two, plain_server() as third:
        third.fail("*", spoof(FORGED))
        for url, word, among in ((third.url, "returned something else", resolver), (dead_url(), "", hurry)):
            found = among([url, one.url, two.url], mode="off", agree=2).txt("plain.example")
            assert (found.texts, found.assurance) == ((RECORD,), "quorum(2)")
            assert len(found.dissent) == 1
            assert url in str(found.dissent[0])
            assert word in str(found.dissent[0])
        third.fail("*", Fault.TIMEOUT)
        found = hurry([third.url, one.url, two.url], mode="off", agree=2).txt("plain.example")
        assert (found.assurance, len(found.dissent)) == ("quorum(2)", 1)


def test_once_enough_agree_nobody_is_waited_for_beyond_the_grace() -> None:
    with plain_server() as one, plain_server() as two, plain_server() as silent:
        silent.fail("*", Fault.TIMEOUT)
        resolvers = resolver([silent.url, one.url, two.url], mode="off", agree=2)
        found = replace(resolvers, grace=0.0).txt("plain.example")
        assert (found.assurance, *map(str, found.dissent)) == ("quorum(2)", f"{silent.url} did not respond in time")


def test_resolvers_that_do_not_agree_are_no_answer_and_each_is_quoted() -> None:
    with plain_server() as one, plain_server(FORGED) as two, plain_server() as three:
        three.zone.remove("plain.example")
        doubt, detail = doubt_of(resolver([one.url, two.url, three.url], agree=2), "plain.example")
        assert doubt is Doubt.DNS_DISAGREEMENT
        assert RECORD in detail
        assert FORGED in detail
        assert "no records" in detail


def test_where_as_many_as_must_agree_say_otherwise_nobody_is_believed() -> None:
    with plain_server() as one, plain_server() as two, plain_server(FORGED) as three, plain_server(FORGED) as four:
        resolvers = resolver([one.url, two.url, three.url, four.url], mode="off", agree=2)
        doubt, detail = doubt_of(resolvers, "plain.example")
        assert doubt is Doubt.DNS_DISAGREEMENT
        assert RECORD in detail
        assert FORGED in detail


def test_too_few_answers_are_an_outage_and_no_disagreement() -> None:
    with plain_server() as one, plain_server() as two:
        two.fail("*", Fault.SERVFAIL)
        doubt, detail = doubt_of(resolver([one.url, two.url], mode="off", agree=2), "plain.example")
        assert doubt is Doubt.DNS_SERVFAIL
        assert "2 of 2 resolvers must agree" in detail


def test_a_zone_proved_to_be_unsigned_still_needs_the_agreement(server: DnsServer, anchors: Any) -> None:
    with DnsServer(server.zones) as liar, DnsServer(server.zones) as third:
        liar.fail("plain.example", spoof(FORGED), "TXT")
        resolvers = resolver([liar.url, server.url, third.url], agree=2, anchors=anchors)
        found = resolvers.txt("plain.example")
        assert (found.texts, found.assurance, found.dnssec) == ((RECORD,), "quorum(2)", "insecure")
        assert [*map(str, found.dissent)] == [f"{liar.url} returned something else"]
        assert resolvers.txt("carrier.example").assurance == "dnssec"


# names and addresses --------------------------------------------------------------------------------------------------


def test_addresses_of_both_kinds_are_found(server: DnsServer, anchors: Any) -> None:
    resolvers = resolver(server.url, anchors=anchors)
    assert set(resolvers.addresses("www.carrier.example")) == {"192.0.2.1", "192.0.2.2", "2001:db8::1"}
    assert resolvers.addresses("nothing.carrier.example") == ()
    server.fail("www.carrier.example", Fault.SERVFAIL, "AAAA")
    assert set(resolvers.addresses("www.carrier.example")) == {"192.0.2.1", "192.0.2.2"}
    server.fail("www.carrier.example", Fault.SERVFAIL, "A")
    with pytest.raises(SourceError):
        resolvers.addresses("www.carrier.example")


def test_addresses_need_no_agreement_and_no_proof_but_are_not_taken_against_one(
    server: DnsServer, anchors: Any
) -> None:
    with DnsServer() as other:
        other.zone.add("www.plain.example", "A", "192.0.2.9")
        for options in ({"agree": 2}, {"mode": "require"}):
            resolvers = resolver([server.url, other.url], anchors=anchors, **options)
            assert set(resolvers.addresses("www.plain.example")) == {"192.0.2.1", "192.0.2.2", "2001:db8::1"}

    def elsewhere(message: Any) -> None:
        message.answer[0] = dns.rrset.from_text("www.carrier.example.", 60, "IN", "A", "192.0.2.9")

    server.fail("www.carrier.example", elsewhere, "A")
    assert resolver(server.url, anchors=anchors).addresses("www.carrier.example") == ("2001:db8::1",)


def test_a_named_set_stands_for_its_resolvers() -> None:
    assert [one.label for one in resolver("china").transports] == [
        url.removesuffix("/dns-query") for url in SETS["china"]
    ]
    assert len(resolver(["public", "udp://192.0.2.1"], agree=3).transports) == 4


@pytest.mark.parametrize(
    ("specs", "options"),
    (
        (["udp://192.0.2.1", "udp://192.0.2.1:53"], {}),
        (["udp://192.0.2.1"], {"agree": 2}),
        (["udp://192.0.2.1"], {"agree": 0}),
        (["udp://192.0.2.1", "tls://192.0.2.1", "https://192.0.2.1/dns-query"], {"agree": 2}),
        (["tls://dns.example", "https://dns.example/dns-query"], {"agree": 2}),
        (["tls://dns.example", "https://dns.example/dns-query", "udp://192.0.2.1"], {"agree": 2}),
        (["udp://192.0.2.1"], {"mode": "maybe"}),
        ([], {}),
    ),
)
def test_settings_that_cannot_work_are_the_callers_mistake(specs: list[str], options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        resolver(specs, **options)
