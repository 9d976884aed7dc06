"""Validation agrees with libunbound and delv: where it accepts, they accept the same, over hundreds of bent answers."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdata
import dns.rrset
import pytest
from dns.rdatatype import CNAME, DNAME, DNSKEY, DS, NSEC, NSEC3, RRSIG, TXT, RdataType

from ebl.dnssec import Answer, NoAnswer, Status, resolve
from ebl.testing.dns import DnsServer
from tests.needs import DELV, UNBOUND, need
from tests.patience import PATIENT
from tests.signed_zones import Zone, Zones, name

NOW = int(time.time())
DAY = 86_400
SYSTEM_PYTHON = "/usr/bin/python3"
TEXT = """
@ 300 IN TXT "openatts net=ethereum netId=1 addr=0x142Ca30e3b78A8" "40a82192529cA047ED759a6F7e"
@ 300 IN TXT "v=spf1 -all"
www 300 IN TXT "www"
alias 300 IN CNAME www
away 300 IN CNAME www.hashed.example.
a.b.c 300 IN A 192.0.2.1
*.wild 300 IN TXT "wild"
*.star 300 IN CNAME www
deep.wild 300 IN A 192.0.2.1
a.*.hollow 300 IN A 192.0.2.1
moved 300 IN DNAME hashed.example.
"""


def zone(origin: str, text: str = "", denial: str = "nsec", **options: Any) -> Zone:
    return Zone(origin, text, denial, **({"inception": NOW - DAY, "expiration": NOW + 7 * DAY} | options))


ZONES = Zones(
    zone("."),
    zone("example.", denial="nsec3", salt=b"\x01"),
    zone("plain.example.", TEXT),
    zone("hashed.example.", TEXT, "nsec3", algorithm="ED25519", iterations=5, salt=b"\xab\xcd"),
    zone("optout.example.", '@ TXT "o"\n*.w TXT "w"\n*.s CNAME www.plain.example.', "nsec3", opt_out=True),
    zone("child.optout.example.", '@ TXT "c"', "none"),
    zone("kept.optout.example.", '@ TXT "k"'),
    zone("unsigned.example.", '@ TXT "u"\nalias CNAME www.plain.example.', "none"),
    zone("expired.example.", '@ TXT "x"', inception=NOW - 9 * DAY, expiration=NOW - 2 * DAY),
    zone("future.example.", '@ TXT "x"', inception=NOW + 2 * DAY, expiration=NOW + 9 * DAY),
)
IN_BOTH = (
    "", "www.", "alias.", "away.", "nothing.", "x.y.nothing.", "b.c.", "a.b.c.", "x.wild.", "x.y.wild.", "x.star.",
    "deep.wild.", "x.hollow.", "www.moved.", "nothing.moved.",
)  # fmt: skip
OWNERS = (
    *(f"{owner}{origin}.example." for origin in ("plain", "hashed") for owner in IN_BOTH),
    *(
        "optout.example.",
        "x.w.optout.example.",
        "x.y.s.optout.example.",
        "child.optout.example.",
        "kept.optout.example.",
        "nothing.optout.example.",
    ),
    *(
        "unsigned.example.",
        "alias.unsigned.example.",
        "expired.example.",
        "future.example.",
        "nothing.example.",
        "example.",
    ),
)

# how an answer may be bent --------------------------------------------------------------------------------------------

Bend = Callable[[dns.message.Message], dns.message.Message]


def sections(message: dns.message.Message) -> tuple[list[dns.rrset.RRset], list[dns.rrset.RRset]]:
    return message.answer, message.authority


def kind(rrset: dns.rrset.RRset) -> RdataType:
    return rrset.covers if rrset.rdtype == RRSIG else rrset.rdtype


def without(*types: RdataType) -> Bend:
    def bend(message: dns.message.Message) -> dns.message.Message:
        for section in sections(message):
            section[:] = [rrset for rrset in section if kind(rrset) not in types]
        return message

    return bend


def unsigned(message: dns.message.Message) -> dns.message.Message:
    for section in sections(message):
        section[:] = [rrset for rrset in section if rrset.rdtype != RRSIG]
    return message


def spoofed(message: dns.message.Message) -> dns.message.Message:
    fake = dns.rrset.from_text(message.question[0].name, 300, "IN", "TXT", '"fake"')
    message.answer[:] = [fake, *(rrset for rrset in message.answer if rrset.rdtype == RRSIG)]
    message.set_rcode(dns.rcode.NOERROR)
    return message


def one_more(message: dns.message.Message) -> dns.message.Message:
    for rrset in message.answer:
        if rrset.rdtype == TXT:
            rrset.add(dns.rdata.from_text("IN", "TXT", '"fake"'))
    return message


def one_less(message: dns.message.Message) -> dns.message.Message:
    for section in sections(message):
        for rrset in section:
            if len(rrset) > 1 and rrset.rdtype != RRSIG:
                rrset.discard(rrset[0])
    return message


def empty(rcode: dns.rcode.Rcode) -> Bend:
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


def signatures(**changes: Any) -> Bend:
    """Each signature with some fields replaced (a callable gets the old one)."""

    def bend(message: dns.message.Message) -> dns.message.Message:
        for section in sections(message):
            for rrset in [rrset for rrset in section if rrset.rdtype == RRSIG]:
                for old in list(rrset):
                    rrset.discard(old)
                    rrset.add(old.replace(**{k: v(old) if callable(v) else v for k, v in changes.items()}))
        return message

    return bend


def with_proof_of(owner: str, rdtype: RdataType = TXT, *, keep_answer: bool = False) -> Bend:
    def bend(message: dns.message.Message) -> dns.message.Message:
        zone_name = ZONES.zone_of(message.question[0].name, TXT).origin
        other = ZONES.honest(name(f"{owner}{zone_name}" if owner != "." else zone_name), rdtype)
        message.answer[:] = message.answer if keep_answer else []
        message.authority[:] = other.authority
        message.set_rcode(message.rcode() if keep_answer else other.rcode())
        return message

    return bend


def wildcards_answer(message: dns.message.Message) -> dns.message.Message:
    zone_name = ".".join(message.question[0].name.to_text().split(".")[-3:])
    other = ZONES.honest(name(f"other.wild.{zone_name}"), TXT)
    message.answer[:] = [dns.rrset.from_rdata_list(message.question[0].name, 300, list(x)) for x in other.answer]
    message.authority[:] = other.authority
    message.set_rcode(dns.rcode.NOERROR)
    return message


def one_denial_less(message: dns.message.Message) -> dns.message.Message:
    owners = [rrset.name for rrset in message.authority if rrset.rdtype in (NSEC, NSEC3)]
    message.authority[:] = [rrset for rrset in message.authority if not owners or rrset.name != owners[0]]
    return message


def junk_beside(message: dns.message.Message) -> dns.message.Message:
    message.answer.append(dns.rrset.from_text("other.invalid.", 300, "IN", "TXT", '"junk"'))
    return message


def other_ttl_and_case(message: dns.message.Message) -> dns.message.Message:
    for section in sections(message):
        for rrset in section:
            rrset.ttl = 17
    return message


BENDS: dict[str, Bend] = {
    "as it is": lambda message: message,
    "unsigned": unsigned,
    "spoofed": spoofed,
    "one more": one_more,
    "one less": one_less,
    "empty": empty(dns.rcode.NOERROR),
    "empty nxdomain": empty(dns.rcode.NXDOMAIN),
    "says nxdomain": says(dns.rcode.NXDOMAIN),
    "says noerror": says(dns.rcode.NOERROR),
    "no denials": without(NSEC, NSEC3),
    "one denial less": one_denial_less,
    "denial of nothing": with_proof_of("nothing."),
    "denial of a type": with_proof_of(".", RdataType.make("A")),
    "denial of an empty name": with_proof_of("b.c."),
    "answer with the denial of nothing": with_proof_of("nothing.", keep_answer=True),
    "wildcard's answer": wildcards_answer,
    "wrong signature": signatures(signature=lambda old: bytes([old.signature[0] ^ 1]) + old.signature[1:]),
    "longer signed": signatures(expiration=lambda old: old.expiration + 1),
    "fewer labels": signatures(labels=lambda old: max(0, old.labels - 1)),
    "other signer": signatures(signer=name("example.")),
    "other algorithm": signatures(algorithm=8),
    "other tag": signatures(key_tag=lambda old: old.key_tag ^ 1),
    "junk beside": junk_beside,
    "junk beside a wrong signature": lambda message: junk_beside(BENDS["wrong signature"](message)),
    "other ttl": other_ttl_and_case,
    "no alias": without(CNAME),
    "no dname": without(DNAME),
}
UP_BENDS = (
    "unsigned",
    "empty",
    "empty nxdomain",
    "says nxdomain",
    "wrong signature",
    "other signer",
    "no denials",
    "one less",
)
UP = [(owner, rdtype) for owner in ("plain", "hashed", "unsigned", "optout") for rdtype in ("DS", "DNSKEY")]


def cases(step: int) -> Iterator[tuple[str, tuple[str, str], str]]:
    """(name asked, question whose answer is bent, bend): every ``step``-th of those about the names themselves."""
    for row, owner in enumerate(OWNERS):
        for bend in list(BENDS)[row % step :: step]:
            yield owner, (owner, "TXT"), bend
    for owner, rdtype in UP:
        for bend in UP_BENDS:
            yield f"{owner}.example.", (f"{owner}.example.", rdtype), bend


CASES = list(cases(2))
EVERY_CASE = list(cases(1))

# the three validators -------------------------------------------------------------------------------------------------


class Serving(DnsServer):
    """The zones behind UDP and TCP."""

    def _fill(self, response: dns.message.Message, name: dns.name.Name, rdtype: RdataType) -> None:
        made = ZONES.answer(name, rdtype)
        response.answer, response.authority = list(made.answer), list(made.authority)
        response.set_rcode(made.rcode())


@pytest.fixture(scope="module")
def server() -> Iterator[DnsServer]:
    with Serving() as running:
        yield running


@pytest.fixture(scope="module")
def unbound(server: DnsServer) -> Iterator[Callable[[str, str], dict[str, Any]]]:
    probe = [SYSTEM_PYTHON, "-c", "import unbound"]
    there = Path(SYSTEM_PYTHON).exists() and subprocess.run(probe, capture_output=True, check=False).returncode == 0
    need(there, UNBOUND)
    script = Path(__file__).with_name("unbound_oracle.py")
    process = subprocess.Popen([SYSTEM_PYTHON, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    anchors = [f". IN DS {ds.to_text()}" for ds in ZONES["."].ds()]

    def ask(owner: str, rdtype: str) -> dict[str, Any]:
        question = {"port": server.port, "anchors": anchors, "name": owner, "rdtype": rdtype}
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        answer: dict[str, Any] = json.loads(process.stdout.readline())
        return answer

    yield ask
    process.stdin.close()
    process.wait(PATIENT)
    process.stdout.close()


def ours(server: DnsServer, owner: str, rdtype: str = "TXT") -> Answer:
    def fetch(asked: dns.name.Name, kind: RdataType) -> dns.message.Message:
        query = dns.message.make_query(asked, kind, want_dnssec=True)
        query.flags |= dns.flags.CD
        try:
            return dns.query.udp_with_fallback(query, "127.0.0.1", port=server.port, timeout=PATIENT)[0]
        except dns.exception.DNSException as bad:
            raise NoAnswer(str(bad)) from bad

    return resolve(owner, rdtype, fetch=fetch, now=datetime.now(UTC), anchors=ZONES.anchors)


def bent(question: tuple[str, str], bend: str) -> None:
    ZONES.bent.clear()
    ZONES.bent[question] = BENDS[bend]


def on_purpose(mine: Answer) -> bool:
    """Where we are stricter: a reply that contradicts itself, and a signed zone's reply without the proof it needs."""
    why = "" if mine.reason is None else mine.reason.name
    contradicts_itself = why in ("contradiction", "name_denied", "name_not_denied")
    return contradicts_itself or (why == "no_denial" and mine.name.is_subdomain(name("optout.example.")))


def test_there_are_at_least_five_hundred_cases() -> None:
    assert len(set(CASES)) >= 500


@pytest.mark.parametrize("chosen", [CASES[::4], pytest.param(EVERY_CASE, marks=pytest.mark.exhaustive)], ids=len)
def test_what_we_accept_libunbound_accepts_too(
    server: DnsServer, unbound: Callable[[str, str], dict[str, Any]], chosen: list[tuple[str, tuple[str, str], str]]
) -> None:
    laxer: list[str] = []
    stricter: list[str] = []
    for owner, question, bend in chosen:
        bent(question, bend)
        mine, theirs = ours(server, owner), unbound(owner, "TXT")
        accepted = not theirs["bogus"] and theirs["rcode"] in (0, 3)
        line = f"{owner} {question} {bend}: ours {mine.status} {mine.rcode} {mine.reason}; libunbound {theirs}"
        if mine.status in (Status.SECURE, Status.INSECURE):
            same = mine.rcode == theirs["rcode"] and sorted(r.to_wire().hex() for r in mine.records) == theirs["data"]
            if not accepted or not same or (mine.status is Status.SECURE and not theirs["secure"]):
                laxer.append(line)
        elif accepted and not on_purpose(mine):
            stricter.append(line)
    assert laxer == []
    assert stricter == []


@pytest.mark.parametrize("sample", [50, pytest.param(len(EVERY_CASE), marks=pytest.mark.exhaustive)])
def test_what_we_accept_delv_accepts_too(server: DnsServer, tmp_path: Path, sample: int) -> None:
    need(shutil.which("delv"), DELV)
    anchors = tmp_path / "anchors.conf"
    lines = (
        f'. static-ds {d.key_tag} {int(d.algorithm)} {int(d.digest_type)} "{d.digest.hex()}";' for d in ZONES["."].ds()
    )
    anchors.write_text("trust-anchors {\n" + "\n".join(lines) + "\n};\n")
    # an answer with records of other names is one that delv does not read at all
    chosen = [case for case in EVERY_CASE if "empty" not in case[2] and "junk" not in case[2]]
    chosen = random.Random(7).sample(chosen, min(sample, len(chosen)))
    chosen += [(owner, (owner, "TXT"), "as it is") for owner in OWNERS[:28]]
    laxer: list[str] = []
    for owner, question, bend in chosen:
        bent(question, bend)
        mine = ours(server, owner)
        if mine.status is not Status.SECURE:
            continue
        command = ["delv", "@127.0.0.1", "-p", str(server.port), "-a", str(anchors), "+root=.", owner, "TXT"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENT)
        said = done.stdout + done.stderr
        if "fully validated" not in said:
            laxer.append(f"{owner} {question} {bend}: ours {mine.status}; delv {said}")
    assert laxer == []


def test_the_zones_themselves_are_right(server: DnsServer, unbound: Callable[[str, str], dict[str, Any]]) -> None:
    """Unbent, libunbound calls every signed name secure, so the comparison compares something."""
    ZONES.bent.clear()
    secure = [owner for owner in OWNERS if unbound(owner, "TXT")["secure"]]
    assert len(secure) >= 28
    for owner, rdtype in (("plain.example.", DNSKEY), ("hashed.example.", DS)):
        assert unbound(owner, rdtype.name)["secure"]
