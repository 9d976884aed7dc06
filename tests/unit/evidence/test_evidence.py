"""Evidence holds every answer of a run, gives the same report again without a network, and proves no more than it can."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl import evidence
from ebl.chain.proved_storage import storage
from ebl.checking.memo import Run
from ebl.codes import Condition, Doubt
from ebl.config.networks import pace
from ebl.errors import InvalidInput, SourceError
from ebl.identity.dns_txt import DnsTxt
from ebl.messages import own_words, say
from ebl.model.document import Document, Issuer
from ebl.model.findings import Noted, Unknown, Verdict
from ebl.model.ports import AccountProof, Answer, Block, CodeAt, Log, Page, Read, Reverted, Sources, TxtRecords
from ebl.net import resolvers as lookup
from ebl.policy import IssuedBy
from ebl.sources import online
from ebl.testing.chain import LocalChain
from ebl.testing.dns import DnsServer
from ebl.verify import examine
from tests.unit.net.test_resolvers import RECORD, world

NOW = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
STORE = "0x" + "11" * 20


@dataclass
class World:
    """Answers everything, of every kind."""

    id: int = 7
    block: Block = Block(7, 9, "0x" + "ab" * 32, NOW, "finalized", b"\1" * 32)

    def chain(self, chain_id: int | None) -> World:
        if chain_id == 404:
            raise SourceError(Doubt.CHAIN_NOT_CONFIGURED, own_words("no node is configured for chain 404"))
        if chain_id == 405:
            Block(405, 2**62, "0x" + "ab" * 32, NOW).require_fresh(
                NOW + timedelta(hours=1, milliseconds=3), timedelta(0)
            )
        return self

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        return tuple(b"\2" if isinstance(read, Read) and read.data else Reverted(b"\3") for read in reads)

    def code(self, address: str) -> bytes:
        return b"code"

    def logs(self, addresses: Sequence[str], *, start: int, end: int | None = None) -> tuple[Log, ...]:
        return (Log(STORE, (b"\4" * 32, b"\5" * 32), b"", 3, 0, "0x01", time=NOW), Log(STORE, (), b"x", 4, 1, "0x02"))

    def proof(self, address: str, slots: Sequence[bytes]) -> AccountProof:
        return AccountProof(address, 10**24, 3, b"h" * 32, b"s" * 32, (b"a", b"b"), ((slots[0], b"v", (b"n",)),))

    def txt(self, name: str) -> TxtRecords:
        if name == "dead.example":
            raise SourceError(Doubt.DNS_TIMEOUT, own_words("no answer"))
        return TxtRecords(
            name,
            ("a", "ü\ud800"),
            "quorum(2)",
            ("udp://192.0.2.1",),
            dissent=(say("dns.timeout", "late", resolver="udp://192.0.2.2"),),
        )

    def fetch(self, url: str, *, accept: Sequence[str]) -> Page:
        return Page(url, accept[0], b"\0{}")


def ask(sources: Sources) -> list[Any]:
    """A question of every kind, with its answer or trouble."""
    only, chain = sources.chain(None), sources.chain(7)
    found: list[Any] = [only.id, only.block, chain.id, chain.block, sources.now]
    found += chain.read(Read(STORE, b"\1"), CodeAt(STORE), Read(STORE, b""))
    found += [chain.code(STORE), chain.logs([STORE], start=1), chain.logs([STORE], start=1, end=4)]
    found += [chain.proof(STORE, [b"k" * 32]), sources.dns.txt("carrier.example")]
    found += [sources.fetch("https://carrier.example/", accept=("application/json",))]
    for act in (lambda: sources.dns.txt("dead.example"), lambda: sources.chain(404), lambda: sources.chain(405)):
        with pytest.raises(SourceError) as trouble:
            act()
        found.append((trouble.value.doubt, trouble.value.message, trouble.value.detail))
    return found


def recorded() -> bytes:
    them = World()
    run = Run(Sources(pace=pace, chain=them.chain, dns=them, fetch=them.fetch, now=NOW))  # type: ignore[arg-type]
    ask(run.once)
    return evidence.record(run)


def test_every_kind_of_answer_comes_back_as_it_was() -> None:
    them = World()
    live = Sources(pace=pace, chain=them.chain, dns=them, fetch=them.fetch, now=NOW)  # type: ignore[arg-type]
    assert ask(evidence.replay(evidence.read(recorded()))) == ask(live)


def test_what_was_not_asked_then_is_not_answered_now() -> None:
    sources = evidence.replay(evidence.read(recorded()))
    for act in (
        lambda: sources.chain(1),
        lambda: sources.chain(7).read(Read(STORE, b"\7")),
        lambda: sources.chain(7).code("0x" + "22" * 20),
        lambda: sources.dns.txt("other.example"),
        lambda: sources.fetch("https://carrier.example/", accept=("text/html",)),
    ):
        with pytest.raises(SourceError) as trouble:
            act()
        assert trouble.value.doubt is Doubt.OFFLINE


def test_a_chain_that_is_another_than_was_asked_for_is_noticed() -> None:
    made = json.loads(recorded())
    for entry in made["answers"]:
        if entry["kind"] == "chain" and entry["about"] == [7]:
            entry["answer"]["chain_id"] = 1
    with pytest.raises(SourceError) as trouble:
        evidence.replay(evidence.read(json.dumps(made).encode())).chain(7)
    assert trouble.value.doubt is Doubt.CHAIN_WRONG_ID


def test_evidence_that_answers_one_question_twice_is_refused_whatever_the_answers_are() -> None:
    made = json.loads(recorded())
    for entry in made["answers"]:
        other = {name: value for name, value in entry.items() if name not in ("answer", "trouble")}
        for again in (entry, other | {"trouble": {"code": "source.offline", "key": "source.offline", "params": {}}}):
            raw = json.dumps(made | {"answers": [*made["answers"], again]}).encode()
            with pytest.raises(InvalidInput, match="two responses to one request"):
                evidence.read(raw)


def test_evidence_with_two_answers_to_what_two_questions_both_ask_is_refused() -> None:
    made = json.loads(recorded())
    (only,) = (entry for entry in made["answers"] if entry["kind"] == "only")
    only["answer"]["number"] += 1
    for answers in (made["answers"], made["answers"][::-1]):
        with pytest.raises(InvalidInput, match="two responses to one request"):
            evidence.read(json.dumps(made | {"answers": answers}).encode())


def test_the_only_chain_is_recorded_at_the_block_that_was_read_though_it_was_opened_twice() -> None:
    them = World()
    heights = iter(range(100, 200))

    def opened(chain_id: int | None) -> Any:
        chain = them.chain(chain_id)
        return type("Later", (), {"id": 7, "block": replace(chain.block, chain_id=7, number=next(heights))})()

    run = Run(Sources(pace=pace, chain=opened, dns=them, fetch=them.fetch, now=NOW))  # type: ignore[arg-type]
    assert run.once.chain(7).block.number == run.once.chain(None).block.number == 100
    kept = evidence.replay(evidence.read(evidence.record(run)))
    assert kept.chain(7).block == kept.chain(None).block


@pytest.mark.parametrize(
    "raw",
    (
        b"", b"{}", b"[]", b"\xff", b'{"type": "ebl-evidence-2"}', b'{"type": "ebl-evidence-1", "time": 1, "answers": []}',
        b'{"type": "ebl-evidence-2", "time": "2026-01-01T00:00:00", "answers": []}',
        b'{"type": "ebl-evidence-2", "time": "0001-01-01T00:00:00+14:00", "answers": []}',
        b'{"type": "ebl-evidence-2", "time": "2026-01-01T00:00:00Z", "answers": {}}',
        b'{"type": "ebl-evidence-2", "time": "2026-01-01T00:00:00Z", "answers": [{"kind": [], "about": []}]}',
        b'{"type": "ebl-evidence-2", "time": "2026-01-01T00:00:00Z", "answers": [{"kind": "code", "answer": "0x", "about":'
        b'["0x' + b"f" * 5_000 + b'", "a"]}]}',
    ),
)  # fmt: skip
def test_what_is_no_evidence_is_the_callers_mistake(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        evidence.read(raw)


@pytest.mark.slow
def test_evidence_that_could_not_be_read_again_is_not_kept() -> None:
    class Talkative(World):
        def logs(self, addresses: Sequence[str], *, start: int, end: int | None = None) -> tuple[Log, ...]:
            return (Log(STORE, (), b"", 3, 0, "0x01"),) * 25_000

    them = Talkative()
    run = Run(Sources(pace=pace, chain=them.chain, dns=them, fetch=them.fetch, now=NOW))  # type: ignore[arg-type]
    run.once.chain(7).logs([STORE], start=1)
    with pytest.raises(InvalidInput, match="could not be read again"):
        evidence.record(run)


JUNK = st.sampled_from([None, True, -1, 1.5, 2**70, "", "0x", "0xzz", "x", [], {}, [[]], {"to": 1}])


@pytest.mark.slow
@settings(max_examples=200)
@given(st.data())
def test_evidence_that_was_changed_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    made = json.loads(recorded())
    place: Any = made
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not (isinstance(place[key], (dict, list)) and place[key] and data.draw(st.booleans())):
            break
        place = place[key]
    place[key] = data.draw(JUNK)
    with suppress(InvalidInput):
        evidence.replay(evidence.read(json.dumps(made).encode()))


# what DNSSEC proves of another time -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dns() -> Iterator[tuple[DnsServer, Any]]:
    server, anchors = world()
    with server:
        yield server, anchors


def kept(dns: tuple[DnsServer, Any], name: str) -> bytes:
    """Evidence of the records at a name."""
    server, anchors = dns
    them = World()
    resolver = lookup.resolver(server.url, anchors=anchors)
    run = Run(Sources(pace=pace, chain=them.chain, dns=resolver, fetch=them.fetch, now=datetime.now(UTC)))  # type: ignore[arg-type]
    run.once.dns.txt(name)
    return evidence.record(run)


def document(domain: str) -> Document:
    claim = DnsTxt(domain, 1, STORE)
    return Document("oa2", None, (Issuer("Carrier", identity=(claim,)),), (), {}, {}, status=(claim,))


class Gone:
    """DNS now: the domain is somebody else's, who publishes nothing."""

    def txt(self, name: str) -> TxtRecords:
        return TxtRecords(name, ())


def today() -> Sources:
    them = World()
    return Sources(pace=pace, chain=them.chain, dns=Gone(), fetch=them.fetch, now=NOW)  # type: ignore[arg-type]


def test_re_registered_domain__who_it_was_at_issuance_and_who_it_is_now_are_two_fields(dns: Any) -> None:
    then = evidence.replay(evidence.read(kept(dns, "carrier.example")), anchors=dns[1])
    report = examine(document("carrier.example"), IssuedBy("carrier.example"), sources=today(), at_issuance=then)
    (issuer,) = report.to_dict()["issuers"]
    assert issuer["identity_now"] == []
    assert [(who["domain"], who["assurance"]) for who in issuer["identity_at_issuance"]] == [
        ("carrier.example", "dnssec")
    ]
    assert report.to_dict()["as_of"]["issuance"] == then.now.isoformat().replace("+00:00", "Z")
    assert report.verdict is Verdict.INVALID  # what was does not make up for what is


def test_re_registered_domain__without_evidence_nothing_is_said_of_then() -> None:
    report = examine(document("carrier.example"), IssuedBy("carrier.example"), sources=today())
    assert report.to_dict()["issuers"][0]["identity_at_issuance"] is None
    assert "issuance" not in report.to_dict()["as_of"]


def test_re_registered_domain__evidence_without_a_proof_proves_nobody(dns: Any) -> None:
    then = evidence.replay(evidence.read(kept(dns, "plain.example")), anchors=dns[1])
    report = examine(document("plain.example"), IssuedBy("plain.example"), sources=today(), at_issuance=then)
    assert report.to_dict()["issuers"][0]["identity_at_issuance"] == []


def forge(raw: bytes, **changes: Any) -> bytes:
    made = json.loads(raw)
    (entry,) = [entry for entry in made["answers"] if entry["kind"] == "txt"]
    entry["answer"] |= changes
    return json.dumps(made).encode()


def test_re_registered_domain__a_forged_record_does_not_pass_for_a_proved_one(dns: Any) -> None:
    raw, plain = kept(dns, "carrier.example"), kept(dns, "plain.example")
    proof = json.loads(raw)["answers"][0]["answer"]["proof"]
    late = json.loads(raw) | {"time": (datetime.now(UTC) + timedelta(days=4000)).isoformat()}
    for forged, name, anchors in (
        (forge(raw, texts=[RECORD.replace("11", "ee")]), "carrier.example", dns[1]),
        (forge(raw, wildcard=True), "carrier.example", dns[1]),
        (forge(raw, proof=proof[:-2]), "carrier.example", dns[1]),
        (forge(raw, proof="0x"), "carrier.example", dns[1]),
        (forge(plain, assurance="dnssec", dnssec="secure"), "plain.example", dns[1]),
        (forge(plain, assurance="dnssec", proof=proof), "plain.example", dns[1]),
        (json.dumps(late).encode(), "carrier.example", dns[1]),
        (raw, "carrier.example", lookup.IANA),
    ):
        then = evidence.replay(evidence.read(forged), anchors=anchors)
        with pytest.raises(SourceError) as trouble:
            then.dns.txt(name)
        assert trouble.value.doubt is Doubt.DNS_BOGUS


@pytest.mark.parametrize("assurance", ["dnssec ", "DNSSEC", "dnssec\u200b", "single\x1b[2K", "quorum(x)", ""])
def test_an_assurance_that_only_looks_like_one_is_no_evidence(dns: Any, assurance: str) -> None:
    with pytest.raises(InvalidInput, match="assurance"):
        evidence.read(forge(kept(dns, "plain.example"), assurance=assurance))
    with pytest.raises(InvalidInput, match="assurance"):
        evidence.read(forge(kept(dns, "plain.example"), dnssec=assurance))


def test_records_are_those_of_the_name_that_was_asked_about_whatever_the_file_has(dns: Any) -> None:
    raw = kept(dns, "plain.example")
    then = evidence.replay(evidence.read(forge(raw, name="carrier.example. All was proved")), anchors=dns[1])
    assert then.dns.txt("plain.example") == evidence.replay(evidence.read(raw)).dns.txt("plain.example")


@pytest.mark.parametrize("finality", ["", "final and proved", "safe\x1b[2K", "a" * 21])
def test_a_finality_is_one_word(finality: str) -> None:
    made = json.loads(recorded())
    for entry in made["answers"]:
        if entry["kind"] in ("only", "chain") and "answer" in entry:
            entry["answer"]["finality"] = finality
    with pytest.raises(InvalidInput, match="finality"):
        evidence.read(json.dumps(made).encode())


def test_evidence_of_the_last_hour_of_the_calendar_is_reported(dns: Any) -> None:
    made = json.loads(recorded())
    made["time"] = "9999-12-31T23:59:59Z"
    report = examine(
        document("carrier.example"),
        IssuedBy("carrier.example"),
        sources=evidence.replay(evidence.read(json.dumps(made).encode())),
    )
    assert "9999-12-31" in str(report)


def test_a_replay_says_that_it_is_one(dns: Any) -> None:
    then = evidence.replay(evidence.read(kept(dns, "carrier.example")), anchors=dns[1], trust_keeper=True)
    report = examine(document("carrier.example"), IssuedBy("carrier.example"), sources=then)
    assert report.moment.now == then.now
    assert Condition.REPLAYED in {finding.remark for finding in report.findings if isinstance(finding, Noted)}


def test_no_replay_is_valid_unless_the_caller_trusts_who_kept_it(dns: Any) -> None:
    raw = kept(dns, "carrier.example")
    for trusted in (False, True):
        then = evidence.replay(evidence.read(raw), anchors=dns[1], trust_keeper=trusted)
        for sources in (then, then.as_of(then.now), Run(then).once):
            report = examine(document("carrier.example"), IssuedBy("carrier.example"), sources=sources)
            doubts = {finding.doubt for finding in report.findings if isinstance(finding, Unknown)}
            assert (Doubt.UNSEALED in doubts) is not trusted
            assert trusted or report.verdict is not Verdict.VALID


def test_storage_in_evidence_is_proved_against_the_hash_of_the_block_and_not_by_who_kept_it() -> None:
    with LocalChain() as node:
        run = Run(online(rpc={1337: node.url}, resolver="udp://127.0.0.1:1"))
        storage(run.once.chain(1337), STORE, [bytes(32)])
        raw = evidence.record(run)
    assert storage(evidence.replay(evidence.read(raw)).chain(1337), STORE, [bytes(32)]).values == (bytes(32),)
    for change in (
        {"header": "0xc0"},
        {"header": "0x"},
        {"hash": "0xzz"},
        {"number": 1},
        {"time": (run.once.chain(1337).block.time + timedelta(seconds=9)).isoformat()},
    ):
        made = json.loads(raw)
        for entry in made["answers"]:
            if entry["kind"] == "chain":
                entry["answer"] |= change
        with pytest.raises(SourceError) as trouble:
            storage(evidence.replay(evidence.read(json.dumps(made).encode())).chain(1337), STORE, [bytes(32)])
        assert trouble.value.doubt is Doubt.CHAIN_UNPROVED
