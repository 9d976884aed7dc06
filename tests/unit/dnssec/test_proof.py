"""A kept proof gives the same verdict later, without a network; a changed one gives nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import pytest
from dns.rdatatype import DNSKEY, DS, RRSIG, TXT, RdataType
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.dnssec import Answer, DnssecProofError, NoAnswer, Status, recheck, resolve
from ebl.dnssec.proof import MAX_BYTES, parse, write
from tests.broken import is_broken
from tests.signed_zones import NOW, WEEK, Zone, Zones

pytestmark = pytest.mark.slow

THEN = datetime.fromtimestamp(NOW, UTC)
TEXT = """
@ 300 IN TXT "openatts net=ethereum netId=1 addr=0x142Ca30e3b78A840a82192529cA047ED759a6F7e"
www 300 IN TXT "www"
alias 300 IN CNAME www
away 300 IN CNAME www.hashed.example.
a.b.c 300 IN A 192.0.2.1
*.wild 300 IN TXT "wild"
moved 300 IN DNAME hashed.example.
"""
ZONES = Zones(
    Zone("."),
    Zone("example."),
    Zone("plain.example.", TEXT),
    Zone("hashed.example.", TEXT, denial="nsec3"),
    Zone("unsigned.example.", '@ TXT "u"', "none"),
    Zone("optout.example.", "*.w TXT w\n*.s CNAME www.plain.example.", "nsec3", opt_out=True),
    Zone("child.optout.example.", '@ TXT "c"', "none"),
)
OWNERS = [
    f"{owner}{zone}.example"
    for zone in ("plain", "hashed")
    for owner in ("", "www.", "alias.", "away.", "nothing.", "b.c.", "x.y.wild.", "www.moved.", "nothing.moved.")
]

UNSIGNED = (
    "unsigned.example",
    "child.optout.example",
    "nothing.child.optout.example",
    "x.w.optout.example",
    "x.s.optout.example",
    "x.y.s.optout.example",
    "nothing.optout.example",
)


def ask(owner: str) -> Answer:
    return resolve(owner, "TXT", fetch=ZONES.answer, now=THEN, anchors=ZONES.anchors)


def again(proof: bytes, owner: str, now: datetime = THEN) -> Answer:
    return recheck(proof, owner, "TXT", now=now, anchors=ZONES.anchors)


def said(answer: Answer) -> tuple[object, ...]:
    rcode = answer.rcode if answer.status is Status.SECURE else None  # of an unsigned zone, a proof keeps no rcode
    return answer.status, rcode, frozenset(answer.records), answer.aliases, answer.wildcard


@pytest.mark.parametrize("owner", (*OWNERS, *UNSIGNED))
def test_a_kept_proof_gives_the_same_answer(owner: str) -> None:
    answer = ask(owner)
    kept = again(answer.proof, owner)
    assert said(kept) == said(answer)
    assert (kept.not_before, kept.not_after) == (answer.not_before, answer.not_after)
    assert said(again(kept.proof, owner)) == said(answer)


def test_the_answer_comes_first_and_the_root_last() -> None:
    order = [(rrset.name.to_text(), rrset.rdtype) for rrset in parse(ask("plain.example").proof).rrsets]
    assert order == [
        ("plain.example.", TXT), ("plain.example.", RRSIG), ("plain.example.", DNSKEY), ("plain.example.", RRSIG),
        ("plain.example.", DS), ("plain.example.", RRSIG), ("example.", DNSKEY), ("example.", RRSIG),
        ("example.", DS), ("example.", RRSIG), (".", DNSKEY), (".", RRSIG),
    ]  # fmt: skip


def test_a_proof_holds_only_in_its_time() -> None:
    proof = ask("plain.example").proof
    assert again(proof, "plain.example", THEN + timedelta(seconds=WEEK)).status is Status.SECURE
    assert again(proof, "plain.example", THEN + timedelta(seconds=WEEK + 1)).status is Status.BOGUS
    assert again(proof, "plain.example", THEN - timedelta(days=2)).status is Status.BOGUS


def test_a_proof_proves_its_own_question_only() -> None:
    proof = ask("plain.example").proof
    for owner in ("www.plain.example", "hashed.example", "plain.exampla", "example"):
        assert again(proof, owner).status in (Status.INDETERMINATE, Status.BOGUS)


@pytest.mark.parametrize("owner", OWNERS)
def test_without_any_one_rrset_nothing_is_proved(owner: str) -> None:
    rrsets = parse(ask(owner).proof).rrsets
    for left_out in rrsets:
        if left_out.rdtype == RRSIG:
            continue
        rest = [x for x in rrsets if x.name != left_out.name or left_out.rdtype not in (x.rdtype, x.covers)]
        assert again(write(rest), owner).status in (Status.BOGUS, Status.INDETERMINATE), left_out


def harmless(changed: bytes, owner: str, honest: Answer) -> bool:
    """Whether changed bytes are refused, or say the same."""
    try:
        answer = again(changed, owner)
    except DnssecProofError:
        return True
    return answer.status in (Status.BOGUS, Status.INDETERMINATE) or said(answer) == said(honest)


PROVED = ("plain.example", "nothing.plain.example", "nothing.hashed.example", "x.y.wild.hashed.example")


@pytest.mark.parametrize("owner", PROVED)
def test_every_flipped_bit_of_a_proof_is_refused_or_harmless(owner: str) -> None:
    """A sample of them; the next test has every one, and takes minutes."""
    flip(owner, lambda every: random.Random(owner).sample(every, 150))


@pytest.mark.exhaustive
@pytest.mark.parametrize("owner", PROVED)
def test_every_single_flipped_bit_of_a_proof_is_refused_or_harmless(owner: str) -> None:
    flip(owner, list)


def flip(owner: str, chosen: Callable[[range], list[int]]) -> None:
    honest = ask(owner)
    for bit in chosen(range(len(honest.proof) * 8)):
        changed = bytearray(honest.proof)
        changed[bit // 8] ^= 1 << bit % 8
        assert harmless(bytes(changed), owner, honest), bit


@settings(max_examples=25)
@given(st.data())
def test_a_proof_cut_doubled_or_mixed_is_refused_or_harmless(data: st.DataObject) -> None:
    owner = data.draw(st.sampled_from(OWNERS))
    honest, other = ask(owner).proof, ask(data.draw(st.sampled_from(OWNERS))).proof
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(honest)), st.integers(0, len(honest)))))
    for changed in (honest[:start], honest[start:end], honest[:start] + honest[end:], honest + other, other + honest):
        assert harmless(changed, owner, ask(owner))


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_bytes_that_are_no_proof_are_refused(data: bytes) -> None:
    try:
        answer = again(data, "plain.example")
    except DnssecProofError:
        return
    assert answer.status in (Status.BOGUS, Status.INDETERMINATE)


def test_a_proof_has_limits() -> None:
    with is_broken(DnssecProofError, match="at most"):
        parse(bytes(MAX_BYTES + 1))
    one = write(parse(ask("www.plain.example").proof).rrsets[:1])
    with is_broken(DnssecProofError, match="more than 512"):
        parse(one * 513)
    with is_broken(DnssecProofError, match="class"):
        parse(one.replace(b"\x00\x10\x00\x01", b"\x00\x10\x00\x03"))


@settings(max_examples=100)
@given(st.data())
def test_an_answer_changed_on_the_wire_is_refused_or_harmless(data: st.DataObject) -> None:
    """Whoever carries the messages can change each of them, and gains nothing."""
    owner = data.draw(st.sampled_from(OWNERS))
    honest = ask(owner)
    which = data.draw(st.integers(0, honest.queries - 1))
    count = 0

    def fetch(name: dns.name.Name, rdtype: RdataType) -> dns.message.Message:
        nonlocal count
        message, count = ZONES.answer(name, rdtype), count + 1
        if count - 1 != which:
            return message
        wire = bytearray(message.to_wire(max_size=65535))
        for _ in range(data.draw(st.integers(1, 3))):
            wire[data.draw(st.integers(2, len(wire) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        try:
            return dns.message.from_wire(bytes(wire))
        except dns.exception.DNSException as bad:
            raise NoAnswer("fault", fault="not a message") from bad

    answer = resolve(owner, "TXT", fetch=fetch, now=THEN, anchors=ZONES.anchors)
    assert answer.status in (Status.BOGUS, Status.INDETERMINATE) or said(answer) == said(honest)
