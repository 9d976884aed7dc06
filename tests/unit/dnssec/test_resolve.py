"""Answers are proved from the anchors down, or they are called what they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.rrset
import pytest
from dns.rdatatype import CNAME, DNAME, DNSKEY, DS, NSEC, NSEC3, RRSIG, SOA, TXT, RdataType

from ebl import dnssec
from ebl.dnssec import IANA, Answer, Limits, NoAnswer, Status, read_anchors, recheck, resolve
from tests.broken import words
from tests.signed_zones import NOW, WEEK, Zone, Zones, name

THEN = datetime.fromtimestamp(NOW, UTC)
TEXT = """
@ 300 IN TXT "first" " and second"
@ 300 IN TXT "other"
www 300 IN TXT "www"
alias 300 IN CNAME www
away 300 IN CNAME www.hashed.example.
toward 300 IN CNAME www.unsigned.example.
dangling 300 IN CNAME nothing.hashed.example.
loop 300 IN CNAME loop2
loop2 300 IN CNAME loop
a.b.c 300 IN A 192.0.2.1
*.wild 300 IN TXT "wild"
*.star 300 IN CNAME www
deep.wild 300 IN A 192.0.2.1
a.empty.wild 300 IN A 192.0.2.1
a.*.hollow 300 IN A 192.0.2.1
moved 300 IN DNAME hashed.example.
"""


@pytest.fixture(scope="module")
def built() -> Zones:
    return Zones(
        Zone("."),
        Zone("example."),
        Zone("plain.example.", TEXT),
        Zone("hashed.example.", TEXT, denial="nsec3", salt=b"\xab\xcd", iterations=3, algorithm="ED25519"),
        Zone(
            "unsigned.example.",
            '@ TXT "u"\nwww TXT "w"\nalias CNAME www.plain.example.\nd DNAME plain.example.',
            "none",
        ),
        Zone("optout.example.", '@ TXT "o"\n*.w TXT "wild"\n*.s CNAME @', denial="nsec3", opt_out=True),
        Zone("child.optout.example.", '@ TXT "c"', "none"),
        Zone("kept.optout.example.", '@ TXT "k"'),
        Zone("island.example.", '@ TXT "i"', with_ds=False),
        Zone("hard.example.", '@ TXT "h"', denial="nsec3", iterations=101),
        Zone("below.hard.example.", '@ TXT "b"', "none"),
        Zone("sha1.example.", '@ TXT "s"', algorithm="RSASHA1"),
        Zone("sha1ds.example.", '@ TXT "s"', digests=("SHA1",)),
        Zone("mixed.example.", '@ TXT "m"', digests=("SHA1", "SHA256", "SHA384")),
        Zone("rsa.example.", '@ TXT "r"', algorithm="RSASHA256"),
        Zone("rsa512.example.", '@ TXT "r"', algorithm="RSASHA512"),
        Zone("p384.example.", '@ TXT "p"', algorithm="ECDSAP384SHA384", digests=("SHA384",)),
        Zone("ed448.example.", '@ TXT "e"', algorithm="ED448"),
        Zone("expired.example.", '@ TXT "x"', expiration=NOW - 1),
        Zone("future.example.", '@ TXT "x"', inception=NOW + 1),
    )


@pytest.fixture
def zones(built: Zones) -> Zones:
    built.bent.clear()
    built.asked.clear()
    return built


def ask(zones: Zones, owner: str, rdtype: str = "TXT", **options: Any) -> Answer:
    return resolve(owner, rdtype, fetch=zones.answer, now=THEN, anchors=zones.anchors, **options)


def texts(answer: Answer) -> list[str]:
    return sorted(b"".join(record.strings).decode() for record in answer.records)  # type: ignore[attr-defined]


BOTH = pytest.mark.parametrize("zone", ("plain.example", "hashed.example"))


@BOTH
def test_a_signed_record_is_secure(zones: Zones, zone: str) -> None:
    answer = ask(zones, zone)
    assert (answer.status, texts(answer), answer.wildcard) == (Status.SECURE, ["first and second", "other"], False)
    assert (answer.not_before, answer.not_after) == (NOW - 86_400, NOW + WEEK)


def test_six_questions_suffice_for_a_second_level_name(zones: Zones) -> None:
    assert ask(zones, "plain.example").queries == 6
    assert zones.asked == [
        (".", "DNSKEY"), ("example.", "DS"), ("example.", "DNSKEY"), ("plain.example.", "DS"),
        ("plain.example.", "DNSKEY"), ("plain.example.", "TXT"),
    ]  # fmt: skip


@BOTH
@pytest.mark.parametrize(
    ("owner", "rcode"),
    (
        ("nothing", dns.rcode.NXDOMAIN),
        ("a.b.nothing", dns.rcode.NXDOMAIN),
        ("b.c", dns.rcode.NOERROR),
        ("c", dns.rcode.NOERROR),
        ("a.b.c", dns.rcode.NOERROR),
        ("deep.wild", dns.rcode.NOERROR),
        ("x.a.b.c", dns.rcode.NXDOMAIN),
        (
            "x.hollow",
            dns.rcode.NOERROR,
        ),  # the wildcard is there, and only holds a name below it (RFC 4592, section 2.2.2)
    ),
)
def test_absence_is_proved(zones: Zones, zone: str, owner: str, rcode: dns.rcode.Rcode) -> None:
    answer = ask(zones, f"{owner}.{zone}")
    assert (answer.status, answer.records, answer.rcode) == (Status.SECURE, (), rcode), answer.reason


@BOTH
def test_a_wildcard_without_the_type_is_a_proved_absence(zones: Zones, zone: str) -> None:
    answer = ask(zones, f"anything.wild.{zone}", "A")
    assert (answer.status, answer.records, answer.rcode) == (Status.SECURE, (), dns.rcode.NOERROR)


@BOTH
@pytest.mark.parametrize("owner", ("x.wild", "x.y.wild", "x.star"))
def test_a_wildcard_answer_is_secure_and_says_so(zones: Zones, zone: str, owner: str) -> None:
    answer = ask(zones, f"{owner}.{zone}")
    assert (answer.status, answer.wildcard) == (Status.SECURE, True), answer.reason
    assert texts(answer) == (["www"] if "star" in owner else ["wild"])


@BOTH
def test_the_wildcard_itself_can_be_asked_for(zones: Zones, zone: str) -> None:
    answer = ask(zones, f"*.wild.{zone}")
    assert (answer.status, answer.wildcard, texts(answer)) == (Status.SECURE, False, ["wild"])


def test_aliases_are_followed_within_and_across_zones(zones: Zones) -> None:
    for owner, target in (("alias.plain.example", "www.plain.example."), ("away.plain.example", "www.hashed.example.")):
        answer = ask(zones, owner)
        assert (answer.status, texts(answer), answer.owner.to_text()) == (Status.SECURE, ["www"], target)
    answer = ask(zones, "dangling.plain.example")
    assert (answer.status, answer.records, answer.rcode) == (Status.SECURE, (), dns.rcode.NXDOMAIN)


def test_a_dname_moves_a_whole_subtree(zones: Zones) -> None:
    answer = ask(zones, "www.moved.plain.example")
    assert (answer.status, texts(answer)) == (Status.SECURE, ["www"])
    assert [alias.to_text() for alias in answer.aliases] == ["www.moved.plain.example.", "www.hashed.example."]
    assert ask(zones, "a.b.c.moved.plain.example", "A").status is Status.SECURE
    assert ask(zones, "x.wild.moved.plain.example").wildcard


def test_an_alias_through_an_unsigned_zone_is_insecure_even_if_its_target_is_signed(zones: Zones) -> None:
    for owner in ("alias.unsigned.example", "toward.plain.example", "www.d.unsigned.example"):
        answer = ask(zones, owner)
        assert answer.status is Status.INSECURE
        assert "unsigned.example. is delegated without DS records" in words(answer.reason)
        assert len(answer.records) == 1


def test_an_alias_loop_is_bogus(zones: Zones) -> None:
    assert "more than 8 aliases" in words(ask(zones, "loop.plain.example").reason)
    assert ask(zones, "loop.plain.example").status is Status.BOGUS


def test_the_alias_itself_can_be_asked_for(zones: Zones) -> None:
    answer = ask(zones, "alias.plain.example", "CNAME")
    assert (answer.status, len(answer.records), len(answer.aliases)) == (Status.SECURE, 1, 1)


def test_keys_and_delegations_can_be_asked_for(zones: Zones) -> None:
    for owner, rdtype in (
        (".", "DNSKEY"),
        ("plain.example", "DS"),
        ("plain.example", "DNSKEY"),
        ("plain.example", "NSEC"),
    ):
        answer = ask(zones, owner, rdtype)
        assert (answer.status, bool(answer.records)) == (Status.SECURE, True), (owner, rdtype, answer.reason)
    answer = ask(zones, "unsigned.example", "DS")
    assert (answer.status, answer.records) == (Status.SECURE, ())
    assert ask(zones, ".", "DS").status is Status.SECURE


@pytest.mark.parametrize(
    ("owner", "reason"),
    (
        ("unsigned.example", "delegated without DS records, as example. proves"),
        ("nothing.unsigned.example", "delegated without DS records"),
        ("island.example", "delegated without DS records"),
        ("child.optout.example", "leaves unsigned delegations out"),
        ("nothing.optout.example", "leaves unsigned delegations out"),
        ("x.w.optout.example", "leaves unsigned delegations out"),
        ("below.hard.example", "hashes names more than 100 times"),
        ("nothing.hard.example", "hashes names more than 100 times"),
        ("sha1.example", "algorithms that are untrusted"),
        ("sha1ds.example", "algorithms that are untrusted"),
    ),
)
def test_what_is_proved_to_be_unsigned_is_insecure(zones: Zones, owner: str, reason: str) -> None:
    answer = ask(zones, owner)
    assert answer.status is Status.INSECURE
    assert reason in words(answer.reason)


def test_opt_out_and_many_iterations_do_not_weaken_what_is_signed(zones: Zones) -> None:
    for owner in ("optout.example", "kept.optout.example", "hard.example"):
        assert ask(zones, owner).status is Status.SECURE


def test_a_delegation_that_an_opt_out_zone_does_not_know_is_no_proof_and_no_contradiction(zones: Zones) -> None:
    for owner, rcode in (("nothing", dns.rcode.NXDOMAIN), ("child", dns.rcode.NOERROR)):
        answer = ask(zones, f"{owner}.optout.example", "DS")
        assert (answer.status, answer.rcode, answer.records) == (Status.INSECURE, rcode, ())


@pytest.mark.parametrize("zone", ("rsa", "rsa512", "p384", "ed448", "mixed"))
def test_every_algorithm_in_use_is_known(zones: Zones, zone: str) -> None:
    assert ask(zones, f"{zone}.example").status is Status.SECURE


@pytest.mark.parametrize(
    ("ksk", "zsk", "status"),
    (
        ({}, {}, Status.SECURE),
        (
            {"flags": 256},
            {"flags": 257},
            Status.SECURE,
        ),  # the entry point's flag is a hint, and no more (RFC 4034, 2.1.1)
        ({"flags": 257 | 128}, {}, Status.BOGUS),  # revoked
        ({}, {"flags": 256 | 128}, Status.BOGUS),
        ({"flags": 1}, {}, Status.BOGUS),  # no zone key
        ({}, {"flags": 0}, Status.BOGUS),
        ({"protocol": 4}, {}, Status.BOGUS),
    ),
)
def test_only_a_zone_key_that_is_not_revoked_signs(ksk: dict[str, int], zsk: dict[str, int], status: Status) -> None:
    zone = Zone("example.", '@ TXT "x"')
    zone.ksk.dnskey, zone.zsk.dnskey = zone.ksk.dnskey.replace(**ksk), zone.zsk.dnskey.replace(**zsk)
    assert ask(Zones(Zone("."), zone), "example").status is status


@pytest.mark.parametrize(
    ("digests", "status"),
    (
        (("good 2", "good 4"), Status.SECURE),
        (("good 2", "wrong 4"), Status.BOGUS),  # else breaking the weaker one would do (RFC 4509, section 3)
        (("wrong 1", "good 2"), Status.SECURE),
        (("good 1", "wrong 2"), Status.BOGUS),
        (("good 2", "wrong 250"), Status.SECURE),
        (("wrong 250",), Status.INSECURE),
        (("rsa 2",), Status.BOGUS),  # the digest of the key, under another algorithm than its own
        (("good 1",), Status.INSECURE),
    ),
)
def test_the_strongest_known_digest_decides(digests: tuple[str, ...], status: Status) -> None:
    zone = Zone("example.", '@ TXT "x"', digests=("SHA1", "SHA256", "SHA384"))
    made = {int(ds.digest_type): ds for ds in zone.ds()}

    def record(text: str) -> Any:
        word, _, number = text.partition(" ")
        if word in ("good", "rsa"):
            return made[int(number)].replace(**({"algorithm": 8} if word == "rsa" else {}))
        like = made.get(int(number), made[2])
        return dns.rdata.from_text(
            "IN", "DS", f"{like.key_tag} {int(like.algorithm)} {number} {'ab' * len(like.digest)}"
        )

    zone.ds = lambda: [record(text) for text in digests]  # type: ignore[method-assign]
    assert ask(Zones(Zone("."), zone), "example").status is status


@pytest.mark.parametrize(("zone", "word"), (("expired", "has expired"), ("future", "not yet valid")))
def test_signatures_hold_only_in_their_time(zones: Zones, zone: str, word: str) -> None:
    answer = ask(zones, f"{zone}.example")
    assert answer.status is Status.BOGUS
    assert word in words(answer.reason)
    assert answer.records == ()
    assert answer.proof == b""


# what comes is bent ---------------------------------------------------------------------------------------------------

Bend = Callable[[dns.message.Message], dns.message.Message]


def without(*types: RdataType) -> Bend:
    def bend(message: dns.message.Message) -> dns.message.Message:
        for section in (message.answer, message.authority):
            section[:] = [x for x in section if (x.covers if x.rdtype == RRSIG else x.rdtype) not in types]
        return message

    return bend


def unsigned(message: dns.message.Message) -> dns.message.Message:
    for section in (message.answer, message.authority):
        section[:] = [x for x in section if x.rdtype != RRSIG]
    return message


def spoofed(message: dns.message.Message) -> dns.message.Message:
    owner = message.question[0].name
    fake = dns.rrset.from_text(owner, 300, "IN", "TXT", '"fake"')
    message.answer[:] = [fake, *(x for x in message.answer if x.rdtype == RRSIG)]
    message.set_rcode(dns.rcode.NOERROR)
    return message


def added(message: dns.message.Message) -> dns.message.Message:
    for rrset in message.answer:
        if rrset.rdtype == TXT:
            rrset.add(dns.rdata.from_text("IN", "TXT", '"fake"'))
    return message


def nothing(rcode: dns.rcode.Rcode) -> Bend:
    def bend(message: dns.message.Message) -> dns.message.Message:
        message.answer[:], message.authority[:] = [], []
        message.set_rcode(rcode)
        return message

    return bend


def says(rcode: dns.rcode.Rcode) -> Bend:
    def bend(message: dns.message.Message) -> dns.message.Message:
        message.set_rcode(rcode)
        return message

    return bend


def from_another(zones: Zones, owner: str, rdtype: RdataType, *, sections: str = "authority") -> Bend:
    """The proof of another question in place of this one's."""

    def bend(message: dns.message.Message) -> dns.message.Message:
        other = zones.honest(name(owner), rdtype)
        message.answer[:] = other.answer if sections == "all" else []
        message.authority[:] = other.authority
        message.set_rcode(other.rcode())
        return message

    return bend


@BOTH
@pytest.mark.parametrize(
    ("question", "bend"),
    (
        (("", "TXT"), unsigned),
        (("", "TXT"), spoofed),
        (("", "TXT"), added),
        (("", "TXT"), nothing(dns.rcode.NOERROR)),
        (("", "TXT"), nothing(dns.rcode.NXDOMAIN)),
        (("", "DNSKEY"), unsigned),
        (("", "DNSKEY"), nothing(dns.rcode.NOERROR)),
        (("", "DS"), unsigned),
        (("", "DS"), nothing(dns.rcode.NOERROR)),
        (("", "DS"), nothing(dns.rcode.NXDOMAIN)),
    ),
)
def test_what_should_be_signed_and_is_not_is_bogus(
    zones: Zones, zone: str, question: tuple[str, str], bend: Bend
) -> None:
    zones.bent[f"{zone}.", question[1]] = bend
    answer = ask(zones, zone)
    assert (answer.status, answer.records, answer.proof) == (Status.BOGUS, (), b"")


@BOTH
@pytest.mark.parametrize("owner", ("nothing", "b.c", "x.y.nothing"))
@pytest.mark.parametrize(
    "bend", (unsigned, spoofed, without(NSEC, NSEC3), nothing(dns.rcode.NXDOMAIN), says(dns.rcode.SERVFAIL))
)
def test_an_absence_that_is_not_proved_is_not_believed(zones: Zones, zone: str, owner: str, bend: Bend) -> None:
    zones.bent[f"{owner}.{zone}.", "TXT"] = bend
    answer = ask(zones, f"{owner}.{zone}")
    assert answer.status in (Status.BOGUS, Status.INDETERMINATE)
    assert answer.records == ()


@BOTH
def test_the_rcode_must_be_what_the_records_and_the_proof_say(zones: Zones, zone: str) -> None:
    zones.bent[f"nothing.{zone}.", "TXT"] = says(dns.rcode.NOERROR)
    assert ask(zones, f"nothing.{zone}").status is Status.BOGUS
    zones.bent[f"{zone}.", "TXT"] = says(dns.rcode.NXDOMAIN)
    assert ask(zones, zone).status is Status.BOGUS
    zones.bent[f"b.c.{zone}.", "TXT"] = says(dns.rcode.NXDOMAIN)
    assert ask(zones, f"b.c.{zone}").status is Status.BOGUS
    for above in ((f"{zone}.", "DS"), (f"{zone}.", "DNSKEY"), ("example.", "DS"), (".", "DNSKEY")):
        zones.bent.clear()
        zones.bent[above] = says(dns.rcode.NXDOMAIN)
        assert ask(zones, zone).status is Status.BOGUS


def test_an_unsigned_answer_that_contradicts_itself_is_no_answer(zones: Zones) -> None:
    zones.bent["unsigned.example.", "TXT"] = says(dns.rcode.NXDOMAIN)
    assert ask(zones, "unsigned.example").status is Status.INDETERMINATE


def test_what_a_signed_zone_says_in_its_own_opt_out_span_must_hold(zones: Zones) -> None:
    for owner, bend in (("x.w", spoofed), ("x.w", without(NSEC3)), ("nothing", without(NSEC3))):
        zones.bent[f"{owner}.optout.example.", "TXT"] = bend
        assert ask(zones, f"{owner}.optout.example").records == ()
    assert ask(zones, "x.w.optout.example").status is Status.BOGUS


def test_where_an_opt_out_zone_has_an_alias_it_has_no_delegation(zones: Zones) -> None:
    assert ask(zones, "x.y.s.optout.example").status is Status.INSECURE
    zones.bent["x.y.s.optout.example.", "TXT"] = nothing(dns.rcode.NXDOMAIN)
    assert ask(zones, "x.y.s.optout.example").status is Status.BOGUS


def test_records_of_other_names_do_not_make_an_opt_out_spans_proof_optional(zones: Zones) -> None:
    def bend(message: dns.message.Message) -> dns.message.Message:
        message.answer.append(dns.rrset.from_text("other.example.", 300, "IN", "A", "192.0.2.1"))
        for rrset in (rrset for rrset in message.authority if rrset.rdtype == RRSIG):
            old = rrset[0]
            rrset.discard(old)
            rrset.add(old.replace(signature=bytes(len(old.signature))))
        return message

    zones.bent["x.w.optout.example.", "A"] = bend
    assert ask(zones, "x.w.optout.example", "A").status is Status.BOGUS


@BOTH
@pytest.mark.parametrize(
    ("asked", "other"),
    (
        ("www", "nothing"),  # a name that exists, denied with the proof for one that does not
        ("x.wild", "nothing"),  # a wildcard's match
        ("www", "www/A"),  # a type that exists, denied with the proof for one that does not
        ("www", "zone/A"),
        ("www", "b.c"),
        ("nothing", "other"),
    ),
)
def test_the_proof_of_one_absence_does_not_prove_another(zones: Zones, zone: str, asked: str, other: str) -> None:
    owner, _, rdtype = other.partition("/")
    source = zone if owner == "zone" else f"{owner}.{zone}"
    bend = from_another(zones, f"{source}.", dns.rdatatype.from_text(rdtype or "TXT"))
    zones.bent[f"{asked}.{zone}.", "TXT"] = bend
    answer = ask(zones, f"{asked}.{zone}")
    if asked == "nothing" and answer.status is Status.SECURE:  # the neighbours happened to cover it as well
        assert (answer.rcode, answer.records) == (dns.rcode.NXDOMAIN, ())
    else:
        assert answer.status is Status.BOGUS


@BOTH
@pytest.mark.parametrize("owner", ("deep.wild", "empty.wild", "x.deep.wild", "x.empty.wild"))
def test_a_wildcard_answers_neither_for_a_name_that_exists_nor_below_it(zones: Zones, zone: str, owner: str) -> None:
    """The wildcard's own signature fits every name below it, so the absence of the name must be proved too."""

    def bend(message: dns.message.Message) -> dns.message.Message:
        other = zones.honest(name(f"x.wild.{zone}."), TXT)
        message.answer[:] = []
        for rrset in other.answer:
            message.answer.append(dns.rrset.from_rdata_list(message.question[0].name, 300, list(rrset)))
        message.set_rcode(dns.rcode.NOERROR)
        for denial in other.authority:
            if denial not in message.authority:
                message.authority.append(denial)
        return message

    zones.bent[f"{owner}.{zone}.", "TXT"] = bend
    assert ask(zones, f"{owner}.{zone}").status is Status.BOGUS
    zones.bent[f"x.wild.{zone}.", "TXT"] = without(NSEC, NSEC3)
    assert ask(zones, f"x.wild.{zone}").status is Status.BOGUS


def test_the_parents_record_does_not_deny_what_the_child_has(zones: Zones) -> None:
    """At a cut the parent's NSEC record lists no TXT; it may prove only the absence of DS."""

    def bend(message: dns.message.Message) -> dns.message.Message:
        zone = zones["example."]
        message.answer[:], message.authority[:] = [], []
        zones._put(message.authority, zone, name("plain.example."), NSEC)
        return message

    zones.bent["plain.example.", "TXT"] = bend
    assert ask(zones, "plain.example").status is Status.BOGUS


def test_the_childs_record_does_not_deny_its_own_delegation(zones: Zones) -> None:
    for zone in ("plain.example.", "hashed.example."):

        def bend(message: dns.message.Message, zone: str = zone) -> dns.message.Message:
            message.answer[:] = []
            message.authority[:] = zones.honest(name(zone), SOA).authority
            zones._deny(message, zones[zone], name(zone), wildcard=True)
            return message

        zones.bent[zone, "DS"] = bend
        assert ask(zones, zone).status is Status.BOGUS


def test_a_delegations_own_record_denies_nothing_below_it(zones: Zones) -> None:
    """The NSEC at a cut spans the names below the cut, which are the child's."""

    def bend(message: dns.message.Message) -> dns.message.Message:
        zone = zones["example."]
        message.answer[:], message.authority[:] = [], []
        for owner in ("plain.example.", "example."):
            zones._put(message.authority, zone, name(owner), NSEC)
        message.set_rcode(dns.rcode.NXDOMAIN)
        return message

    for rdtype in ("DS", "TXT"):
        zones.bent["www.plain.example.", rdtype] = bend
    zones.bent["plain.example.", "DS"] = from_another(zones, "example.", dns.rdatatype.A)
    assert ask(zones, "www.plain.example").status is Status.BOGUS


def test_a_dname_cannot_be_left_out(zones: Zones) -> None:
    for zone in ("plain.example.", "hashed.example."):

        def bend(message: dns.message.Message, zone: str = zone) -> dns.message.Message:
            source = zones[zone]
            message.answer[:], message.authority[:] = [], []
            for owner in source.denial_of(name(f"www.moved.{zone}")):
                zones._put(message.authority, source, owner, NSEC if source.denial == "nsec" else NSEC3)
            message.set_rcode(dns.rcode.NXDOMAIN)
            return message

        for rdtype in ("DS", "TXT"):
            zones.bent[f"www.moved.{zone}", rdtype] = bend
        assert ask(zones, f"www.moved.{zone}").status is Status.BOGUS


def test_a_wildcards_own_record_denies_nothing_of_a_name_below_it(zones: Zones) -> None:
    """Its signature fits every name there, with a type or two that the wildcard has and not those of the name."""

    def bend(message: dns.message.Message) -> dns.message.Message:
        zone, star = zones["plain.example."], name("*.wild.plain.example.")
        message.answer[:], message.authority[:] = [], []
        zones._put(message.authority, zone, star, NSEC, message.question[0].name)
        return message

    zones.bent["deep.wild.plain.example.", "A"] = bend
    assert ask(zones, "deep.wild.plain.example", "A").status is Status.BOGUS


@BOTH
def test_a_name_with_an_alias_has_every_type_that_its_target_has(zones: Zones, zone: str) -> None:
    def bend(message: dns.message.Message) -> dns.message.Message:
        message.answer[:], message.authority[:] = [], []
        zones._deny(message, zones[f"{zone}."], name(f"alias.{zone}."), wildcard=True)
        return message

    zones.bent[f"alias.{zone}.", "TXT"] = bend
    assert ask(zones, f"alias.{zone}").status is Status.BOGUS


@pytest.mark.parametrize(
    ("signer", "owner", "rdtype", "star"),
    (
        ("example.", "plain.example.", DS, "*.example."),
        ("plain.example.", "plain.example.", DNSKEY, "*.example."),
        ("plain.example.", "plain.example.", TXT, "*.example."),  # of a wildcard that is not the zone's own
        ("plain.example.", "moved.plain.example.", DNAME, "*.plain.example."),
    ),
)
def test_what_makes_a_zone_is_no_wildcards(zones: Zones, signer: str, owner: str, rdtype: RdataType, star: str) -> None:
    source = zones[signer]
    kept = dict(source.signatures)
    rdataset = source.data[name(owner)][rdtype]
    source.sign_rrset(name(star), rdtype, rdataset)
    signature = list(source.signatures.pop((name(star), rdtype)))
    assert source.signatures == kept

    def bend(message: dns.message.Message) -> dns.message.Message:
        message.answer[:] = [
            dns.rrset.from_rdata_list(name(owner), 300, list(rdataset)),
            dns.rrset.from_rdata_list(name(owner), 300, signature),
        ]
        zones._deny(message, source, name(f"nothing.{signer}"), wildcard=True)
        return message

    asked = "www.moved.plain.example." if rdtype == DNAME else owner
    for question in (rdtype, TXT) if rdtype == DNAME else (rdtype,):
        zones.bent[asked, question.name] = bend
    answer = ask(zones, asked)
    assert answer.status is Status.BOGUS
    assert "wildcard" in words(answer.reason)


def test_denials_of_two_kinds_of_hashing_are_not_mixed(zones: Zones) -> None:
    zone = zones["hashed.example."]

    def bend(message: dns.message.Message) -> dns.message.Message:
        one = next(rrset for rrset in message.authority if rrset.rdtype == NSEC3)
        other = dns.rrset.from_rdata(name(f"{'0' * 32}.hashed.example."), 300, one[0].replace(salt=b"other"))
        zone.sign_rrset(other.name, NSEC3, other)
        signature = zone.signatures.pop((other.name, NSEC3))
        message.authority += [other, dns.rrset.from_rdata_list(other.name, 300, list(signature))]
        return message

    zones.bent["nothing.hashed.example.", "TXT"] = bend
    answer = ask(zones, "nothing.hashed.example")
    assert (answer.status, "several parameters" in words(answer.reason)) == (Status.BOGUS, True)


def test_a_signature_is_of_the_zone_that_it_names(zones: Zones) -> None:
    """Two zones may share a key, and what it signs for one is not said by the other."""
    zone = zones["plain.example."]
    records = dns.rrset.from_text("plain.example.", 300, "IN", "TXT", '"for another"')
    for signer, status in (("example.", Status.BOGUS), ("plain.example.", Status.SECURE)):
        made = dns.dnssec.sign(
            records, zone.zsk.private, name(signer), zone.zsk.dnskey, inception=NOW - 1, expiration=NOW + 1
        )

        def bend(message: dns.message.Message, made: Any = made) -> dns.message.Message:
            message.answer[:] = [records, dns.rrset.from_rdata(records.name, 300, made)]
            return message

        zones.bent["plain.example.", "TXT"] = bend
        assert ask(zones, "plain.example").status is status


def test_a_zone_signs_nothing_above_itself(zones: Zones) -> None:
    source, above = zones["plain.example."], dns.rrset.from_text("example.", 300, "IN", "DNAME", "hashed.example.")
    source.sign_rrset(above.name, DNAME, above)
    signature = list(source.signatures.pop((above.name, DNAME)))

    def bend(message: dns.message.Message) -> dns.message.Message:
        message.answer[:] = [above, dns.rrset.from_rdata_list(above.name, 300, signature)]
        return message

    zones.bent["www.plain.example.", "TXT"] = bend
    answer = ask(zones, "www.plain.example")
    assert (answer.status, "outside of plain.example." in words(answer.reason)) == (Status.BOGUS, True)


@pytest.mark.parametrize("unknown", ({"flags": 2}, {"algorithm": 2}))
def test_denials_of_an_unknown_kind_prove_nothing(zones: Zones, unknown: dict[str, int]) -> None:
    zone = zones["hashed.example."]

    def bend(message: dns.message.Message) -> dns.message.Message:
        for rrset in [rrset for rrset in message.authority if rrset.rdtype == NSEC3]:
            made = dns.rrset.from_rdata(rrset.name, 300, rrset[0].replace(**unknown))
            kept = zone.signatures[rrset.name, NSEC3]
            zone.sign_rrset(rrset.name, NSEC3, made)
            signature = list(zone.signatures[rrset.name, NSEC3])
            zone.signatures[rrset.name, NSEC3] = kept
            message.authority = [other for other in message.authority if other.name != rrset.name]
            message.authority += [made, dns.rrset.from_rdata_list(rrset.name, 300, signature)]
        return message

    zones.bent["nothing.hashed.example.", "TXT"] = bend
    assert ask(zones, "nothing.hashed.example").status is Status.BOGUS


@pytest.mark.parametrize("bend", (unsigned, without(DNAME), nothing(dns.rcode.NXDOMAIN)))
def test_a_dname_must_be_signed(zones: Zones, bend: Bend) -> None:
    zones.bent["www.moved.plain.example.", "TXT"] = bend
    assert ask(zones, "www.moved.plain.example").status is Status.BOGUS


def test_the_alias_that_comes_with_a_dname_is_computed_not_believed(zones: Zones) -> None:
    def bend(message: dns.message.Message) -> dns.message.Message:
        message.answer[:] = [x for x in message.answer if x.rdtype in (DNAME, RRSIG)]
        fake = dns.rrset.from_text("www.moved.plain.example.", 300, "IN", "CNAME", "www.unsigned.example.")
        message.answer.insert(0, fake)
        return message

    zones.bent["www.moved.plain.example.", "TXT"] = bend
    answer = ask(zones, "www.moved.plain.example")
    assert (answer.status, answer.owner.to_text()) == (Status.SECURE, "www.hashed.example.")


def test_a_delegation_that_is_signed_cannot_be_made_unsigned(zones: Zones) -> None:
    """With the proof of another delegation, the neighbour's, or none."""
    for other in ("unsigned.example.", "child.optout.example."):
        for owner in ("plain.example.", "kept.optout.example."):
            zones.bent[owner, "DS"] = from_another(zones, other, DS)
            assert ask(zones, owner).status is Status.BOGUS


def test_the_keys_of_one_zone_do_not_sign_for_another(zones: Zones) -> None:
    def bend(message: dns.message.Message) -> dns.message.Message:
        zone = zones["hashed.example."]
        forged = dns.rrset.from_text("plain.example.", 300, "IN", "TXT", '"forged"')
        zone.sign_rrset(forged.name, TXT, forged)
        message.answer[:] = [
            forged,
            dns.rrset.from_rdata_list(forged.name, 300, list(zone.signatures[forged.name, TXT])),
        ]
        return message

    zones.bent["plain.example.", "TXT"] = bend
    assert ask(zones, "plain.example").status is Status.BOGUS


def test_other_anchors_prove_nothing(zones: Zones) -> None:
    assert resolve("plain.example", "TXT", fetch=zones.answer, now=THEN, anchors=IANA).status is Status.BOGUS
    private = {name("hashed.example."): tuple(zones["hashed.example."].ds())}
    answer = resolve("hashed.example", "TXT", fetch=zones.answer, now=THEN, anchors=private)
    assert (answer.status, answer.queries) == (Status.SECURE, 2)
    answer = resolve("plain.example", "TXT", fetch=zones.answer, now=THEN, anchors=private)
    assert (answer.status, answer.queries) == (Status.INDETERMINATE, 0)


# what does not come ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", (NoAnswer("fault", fault="no"), OSError("no"), dns.exception.Timeout()))
@pytest.mark.parametrize("rdtype", ("DNSKEY", "DS", "TXT"))
def test_a_question_without_an_answer_leaves_it_open(zones: Zones, trouble: Exception, rdtype: str) -> None:
    def bend(message: dns.message.Message) -> dns.message.Message:
        raise trouble

    zones.bent["plain.example.", rdtype] = bend
    assert ask(zones, "plain.example").status is Status.INDETERMINATE


@pytest.mark.parametrize("rcode", (dns.rcode.SERVFAIL, dns.rcode.REFUSED, dns.rcode.FORMERR, dns.rcode.NOTIMP))
def test_a_server_that_refuses_leaves_it_open(zones: Zones, rcode: dns.rcode.Rcode) -> None:
    zones.bent["plain.example.", "TXT"] = nothing(rcode)
    answer = ask(zones, "plain.example")
    assert answer.status is Status.INDETERMINATE
    assert dns.rcode.to_text(rcode) in words(answer.reason)


def test_an_answer_to_another_question_is_no_answer(zones: Zones) -> None:
    zones.bent["plain.example.", "TXT"] = lambda message: zones.honest(name("www.plain.example."), TXT)
    assert ask(zones, "plain.example").status is Status.INDETERMINATE


@pytest.mark.parametrize("flag", (dns.flags.TC, dns.flags.QR))
def test_what_was_cut_off_or_is_no_reply_is_no_answer(zones: Zones, flag: dns.flags.Flag) -> None:
    def bend(message: dns.message.Message) -> dns.message.Message:
        message.flags ^= flag
        return message

    zones.bent["plain.example.", "TXT"] = bend
    assert ask(zones, "plain.example").status is Status.INDETERMINATE


# what it may cost -----------------------------------------------------------------------------------------------------


def test_the_number_of_questions_is_bounded(zones: Zones) -> None:
    answer = ask(zones, ".".join("x" * 100) + ".plain.example", limits=Limits(queries=20))
    assert answer.queries <= 20
    zones.bent.clear()
    answer = ask(zones, "a.b.c.plain.example", "A", limits=Limits(queries=5))
    assert (answer.status, words(answer.reason)) == (Status.INDETERMINATE, "more than 5 questions")


def test_the_time_is_bounded(zones: Zones) -> None:
    ticks = iter(range(0, 1000, 3))
    answer = ask(zones, "plain.example", limits=Limits(seconds=10), monotonic=lambda: float(next(ticks)))
    assert (answer.status, words(answer.reason)) == (Status.INDETERMINATE, "validation did not finish within 10 s")
    assert answer.queries <= 4


def test_many_keys_of_one_tag_and_many_signatures_cost_little(zones: Zones, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys can be made to share a tag; then each signature could be tried with each key."""
    zone = zones["plain.example."]
    keys = [zone.zsk.dnskey.replace(key=zone.zsk.dnskey.key[2:] + zone.zsk.dnskey.key[:2])]
    while len(keys) < 30:  # swapping 16-bit words of the key keeps the tag
        words = [keys[-1].key[i : i + 2] for i in range(0, 64, 2)]
        keys.append(keys[-1].replace(key=b"".join(words[1:] + words[:1])))
    assert {dns.dnssec.key_id(key) for key in keys} == {dns.dnssec.key_id(zone.zsk.dnskey)}
    tries: list[object] = []
    real = dns.dnssec.validate_rrsig
    monkeypatch.setattr(dns.dnssec, "validate_rrsig", lambda *a, **k: (tries.append(a), real(*a, **k))[1])

    def many_keys(message: dns.message.Message) -> dns.message.Message:
        rrset = dns.rrset.from_rdata_list(zone.name, 300, [zone.ksk.dnskey, *keys])
        zone.sign_rrset(zone.name, dns.rdatatype.DNSKEY, rrset)
        signature = zone.signatures[zone.name, dns.rdatatype.DNSKEY]
        message.answer[:] = [rrset, dns.rrset.from_rdata_list(zone.name, 300, list(signature))]
        return message

    def many_signatures(message: dns.message.Message) -> dns.message.Message:
        for rrset in message.answer:
            if rrset.rdtype == RRSIG:
                first = rrset[0]
                for number in range(30):
                    rrset.add(first.replace(signature=bytes([number]) * 64))
        return message

    zones.bent["plain.example.", "DNSKEY"] = many_keys
    zones.bent["plain.example.", "TXT"] = many_signatures
    answer = ask(zones, "plain.example")
    zone.sign()
    assert answer.status is Status.BOGUS
    assert len(tries) <= 5 + 4 * 4  # one for each RRset on the way down, then the bound
    zones.bent.clear()
    assert ask(zones, "plain.example", limits=Limits(verifications=3)).status is Status.BOGUS


def test_more_keys_than_a_zone_needs_are_not_looked_at(zones: Zones) -> None:
    assert "more than 1 DNSKEYs" in words(ask(zones, "plain.example", limits=Limits(zone_keys=1)).reason)


def test_more_denials_than_an_answer_needs_are_not_looked_at(zones: Zones) -> None:
    answer = ask(zones, "nothing.hashed.example", limits=Limits(denials=1))
    assert answer.status is Status.BOGUS
    assert "more than 1 NSEC" in words(answer.reason)


# the door -------------------------------------------------------------------------------------------------------------


def test_what_cannot_be_asked_is_refused() -> None:
    def never(owner: dns.name.Name, rdtype: RdataType) -> dns.message.Message:
        raise AssertionError("asked")

    for owner, rdtype in (
        ("a..b", "TXT"),
        ("a" * 64, "TXT"),
        ("ok.example", "ANY"),
        ("ok.example", "RRSIG"),
        ("ok", "NOPE"),
    ):
        with pytest.raises(ValueError, match=r"expected|cannot"):
            resolve(owner, rdtype, fetch=never, now=THEN)
    with pytest.raises(ValueError, match="time with its zone"):
        resolve("ok.example", "TXT", fetch=never, now=datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="absolute"):
        recheck(b"", dns.name.from_text("a", None), "TXT", now=THEN)


# The root's key-signing keys of 2017 and 2024, as they stand in the root zone.
ROOT_KEYS = (
    "AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/4RgWOq7HrxRixHlFlExOLAJr5emLvN7SWXgnLh4+B5xQlN"
    "Vz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rCj/EWgvIWgb9tarpVUDK/b58Da+"
    "sqqls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/ilBmSVIzuDWfdRUfhHdY6+cn8HFRm+2hM8AnXGXws9555"
    "KrUB5qihylGa8subX2Nn6UwNR1AkUTV74bU=",
    "AwEAAa96jeuknZlaeSrvyAJj6ZHv28hhOKkx3rLGXVaC6rXTsDc449/cidltpkyGwCJNnOAlFNKF2jBosZBU5eeHspaQWOmOElZsjICM"
    "QMC3aeHbGiShvZsx4wMYSjH8e7Vrhbu6irwCzVBApESjbUdpWWmEnhathWu1jo+siFUiRAAxm9qyJNg/wOZqqzL/dL/q8PkcRU5oUKEp"
    "Uge71M3ej2/7CPqpdVwuMoTvoB+ZOT4YeGyxMvHmbrxlFzGOHOijtzN+u1TQNatX2XBuzZNQ1K+s2CXkPIZo7s6JgZyvaBevYtxPvYLw"
    "4z9mR7K2vaF18UYH9Z9GNUUeayffKC73PYc=",
)


def test_the_pinned_anchors_are_the_two_keys_of_the_root() -> None:
    keys = [dns.rdata.from_text("IN", "DNSKEY", f"257 3 8 {key}") for key in ROOT_KEYS]
    assert list(IANA) == [dns.name.root]
    assert list(IANA[dns.name.root]) == [dns.dnssec.make_ds(dns.name.root, key, "SHA256") for key in keys]
    assert [ds.key_tag for ds in IANA[dns.name.root]] == [20326, 38696]


def test_the_bounds_are_those_that_a_resolution_may_cost() -> None:
    limits = Limits()
    assert (limits.signatures, limits.keys, limits.iterations) == (4, 4, 100)
    assert (limits.queries, limits.seconds) == (64, 10.0)


def test_anchors_are_read_from_zone_file_lines() -> None:
    text = "; ours\ncorp.example. 3600 IN DS 1 13 2 " + "ab" * 32 + "\ncorp.example. DS 2 13 4 " + "cd" * 48
    assert [ds.key_tag for ds in read_anchors(text)[name("corp.example.")]] == [1, 2]
    for bad in ("", ". IN DNSKEY 257 3 8 AwEAAQ==", ". IN DS 1 8", "hello"):
        with pytest.raises(ValueError, match="expected"):
            read_anchors(bad)


def test_the_package_needs_nothing_of_the_rest_but_what_reasons_are_made_of() -> None:
    from tests.unit.test_house import ROOT, imports_of

    for path in (ROOT / "ebl" / "dnssec").glob("*.py"):
        ours = {module for module in imports_of(path, top_level=False) if module.split(".")[0] == "ebl"}
        assert all(module.startswith(("ebl.dnssec", "ebl.codec.broken")) for module in ours)
    assert dnssec.resolve is resolve


def test_a_cname_beside_the_answer_changes_nothing(zones: Zones) -> None:
    def bend(message: dns.message.Message) -> dns.message.Message:
        message.answer.insert(0, dns.rrset.from_text("plain.example.", 300, "IN", "CNAME", "www.unsigned.example."))
        return message

    zones.bent["plain.example.", "TXT"] = bend
    assert texts(ask(zones, "plain.example")) == ["first and second", "other"]
    zones.bent["www.plain.example.", "DS"] = lambda message: message
    assert CNAME not in {record.rdtype for record in ask(zones, "plain.example").records}
