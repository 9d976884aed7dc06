"""Records of a name with their assurance: a proof (DNSSEC), a quorum of resolvers, or a single resolver.

1. Unless it is disabled, DNSSEC is tried: the first resolver with a verdict determines whether the zone is signed, and the
   records of a signed zone need no quorum.
2. Otherwise the resolvers are queried one after another until one responds, or all at once if a quorum is required.

A resolver that returns another response than the quorum is named in the records found.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from queue import Empty, SimpleQueue
from typing import Any

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
from dns.name import Name
from dns.rdatatype import RdataType

from ebl import dnssec
from ebl.codes import Doubt, Remark
from ebl.dnssec import IANA, Anchors, Answer, Limits, NoAnswer, Status
from ebl.errors import InvalidInput, SourceError
from ebl.messages import Message, say
from ebl.model.ports import TxtRecords
from ebl.net.distinct_hosts import DistinctHosts, require_distinct_hosts
from ebl.net.dns_exchange import SECONDS, DnsTransport
from ebl.net.dns_query import look_up, require_answer, texts, transport

# Resolvers of several operators, under one name. "china" are those that respond from mainland China.
SETS = {
    "public": (
        "https://cloudflare-dns.com/dns-query",
        "https://dns.google/dns-query",
        "https://dns.quad9.net/dns-query",
    ),
    "china": ("https://dns.alidns.com/dns-query", "https://doh.pub/dns-query"),
}
_KEPT_SECONDS, _KEPT = 60.0, 512


class Dnssec(StrEnum):
    """REQUIRE a proof, PREFER one if the resolver returns DNSSEC records, or leave DNSSEC OFF."""

    REQUIRE = "require"
    PREFER = "prefer"
    OFF = "off"


def now() -> datetime:
    """Returns the time."""
    return datetime.now(UTC)


def resolver(
    specs: str | Sequence[str],
    *,
    mode: str = Dnssec.PREFER,
    agree: int = 1,
    anchors: Anchors = IANA,
    seconds: float = SECONDS,
    clock: Callable[[], datetime] = now,
) -> Resolvers:
    """Returns the resolver for some specs: each as `ebl.net.dns_query.transport` reads it, or the name of one of `SETS`.

    Raises `InvalidInput` if a spec is malformed, if one is named twice, or if there are fewer than ``agree``. One host under
    two specs returns the same twice, so it counts once for the quorum.
    """
    words = [specs] if isinstance(specs, str) else list(specs)
    named = tuple(transport(spec, seconds=seconds) for word in words for spec in SETS.get(word, (word,)))
    labels = [one.label for one in named]
    if twice := sorted({label for label in labels if labels.count(label) > 1}):
        raise InvalidInput(f"The resolver {twice[0]} is named twice.")
    require_distinct_hosts(agree, labels, "resolvers")
    if mode not in set(Dnssec):
        raise InvalidInput(f"Expected require, prefer or off for DNSSEC; found {mode!r:.20}.")
    return Resolvers(named, mode=Dnssec(mode), agree=agree, anchors=anchors, clock=clock, seconds=seconds)


def system_addresses(name: str) -> tuple[str, ...]:
    """Returns the IP addresses of a name, from this system's own resolver."""
    return resolver("system").addresses(name)


@dataclass(frozen=True, slots=True)
class Found:
    """The records of one query, and their assurance."""

    records: tuple[Any, ...]
    assurance: str
    resolvers: tuple[str, ...]
    dissent: tuple[Message, ...] = ()
    wildcard: bool = False
    status: str = "unchecked"
    proof: bytes = b""


@dataclass(frozen=True, slots=True)
class Resolvers:
    """Implements `ebl.model.ports.Resolver`. ``agree`` of the ``transports`` must return the same if there is no proof.

    Live responses are validated as of ``clock()``, the only time for which their signatures can hold. Once the quorum is
    reached, the others have ``grace`` seconds more to return another response.
    """

    transports: tuple[DnsTransport, ...]
    mode: Dnssec = Dnssec.PREFER
    agree: int = 1
    anchors: Anchors = field(default_factory=lambda: IANA)
    clock: Callable[[], datetime] = now
    seconds: float = SECONDS
    grace: float = 1.0
    _kept: _KeptReplies = field(default_factory=lambda: _KeptReplies(), repr=False)
    _hosts: DistinctHosts = field(default_factory=DistinctHosts, repr=False)

    def txt(self, name: str) -> TxtRecords:
        """Returns the TXT records at exactly this name, after aliases.

        Raises `SourceError` with ``dns.bogus``, ``dns.not_validated`` (a proof is required), ``dns.disagreement``, or the
        error of the resolvers.
        """
        found = self.find(name, dns.rdatatype.TXT)
        return TxtRecords(
            name,
            texts(found.records),
            found.assurance,
            found.resolvers,
            found.wildcard,
            dissent=found.dissent,
            dnssec=found.status,
            proof=found.proof,
        )

    def addresses(self, name: str) -> tuple[str, ...]:
        """Returns every IP address of a name, IPv6 and IPv4. Raises `SourceError` if neither kind could be obtained.

        One resolver is enough, unless a proof contradicts it: large sites return different addresses to each resolver, and the
        certificate identifies the host.
        """
        one = replace(self, agree=1, mode=Dnssec.OFF if self.mode is Dnssec.OFF else Dnssec.PREFER)
        found: list[str] = []
        trouble: list[SourceError] = []
        for rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
            try:
                found += [record.address for record in one.find(name, rdtype).records]
            except SourceError as failed:
                trouble.append(failed)
        if len(trouble) == 2:
            raise trouble[0]
        return tuple(found)

    def find(self, name: str, rdtype: RdataType) -> Found:
        """Returns the records of one type at a name. Raises the errors of `txt`."""
        try:
            owner = dns.name.from_text(name)
        except dns.exception.DNSException as bad:
            raise SourceError(Doubt.DNS_BAD_ANSWER, "not_a_name", name=name) from bad
        if self.mode is Dnssec.OFF:
            return self._unproved(owner, rdtype, "unchecked", b"")
        verdict = self._proved(owner, rdtype)
        if verdict is not None:
            who, answer, dissent = verdict
            if answer.status is Status.SECURE:
                return Found(answer.records, "dnssec", (who,), dissent, answer.wildcard, "secure", answer.proof)
        if self.mode is Dnssec.REQUIRE:
            if verdict is None or verdict[1].reason is None:
                raise SourceError(Doubt.DNS_NOT_VALIDATED, "no_signatures", name=name)
            raise SourceError(Doubt.DNS_NOT_VALIDATED, "of_name", name=name, because=verdict[1].reason)
        if verdict is None:
            return self._unproved(owner, rdtype, "unchecked", b"")
        if self.agree == 1:
            return Found(answer.records, "single", (who,), dissent, False, "insecure", answer.proof)
        return self._unproved(owner, rdtype, "insecure", answer.proof)

    # a proof ---------------------------------------------------------------------------------------------------------

    def _proved(self, owner: Name, rdtype: RdataType) -> tuple[str, Answer, tuple[Message, ...]] | None:
        """Returns the first verdict, secure or insecure, with its resolver and the bogus ones before it; None if a resolver does
        not return DNSSEC records."""
        bogus: list[Message] = []
        trouble: list[SourceError] = []
        deaf = False
        for one in self.transports:
            try:
                if not self._passes(one, owner):
                    deaf = True
                    continue
            except (
                SourceError
            ) as silent:  # the query for the keys failed; its response about the name is still to be read
                deaf = True
                trouble.append(silent)
                continue
            try:
                answer = self._validate(one, owner, rdtype)
            except SourceError as failed:
                trouble.append(failed)
                continue
            if answer.status in (Status.SECURE, Status.INSECURE):
                return one.label, answer, tuple(bogus)
            if answer.status is Status.BOGUS:
                assert answer.reason is not None
                bogus.append(say(Doubt.DNS_BOGUS, "of_resolver", resolver=one.label, because=answer.reason))
        if bogus:
            raise SourceError(Doubt.DNS_BOGUS, bogus[0])
        if trouble and (self.mode is Dnssec.REQUIRE or not deaf):
            raise trouble[0]
        return None

    def _validate(self, one: DnsTransport, owner: Name, rdtype: RdataType) -> Answer:
        """Returns one resolver's response, validated. Raises `SourceError` if there is no verdict."""
        trouble: list[SourceError] = []

        def fetch(name: Name, kind: RdataType) -> dns.message.Message:
            try:
                reply = self._kept.ask(one, name, kind)
                require_answer(reply, one.label, name.to_text(True))
            except SourceError as failed:
                trouble.append(failed)
                raise NoAnswer("fault", fault=str(failed.doubt)) from failed
            return reply

        limits = Limits(seconds=2 * self.seconds)
        answer = dnssec.resolve(owner, rdtype, fetch=fetch, now=self.clock(), anchors=self.anchors, limits=limits)
        if answer.status is Status.BOGUS:
            self._kept.forget(one)
        if answer.status is Status.INDETERMINATE:
            if trouble:
                raise SourceError(trouble[-1].doubt, trouble[-1].message)
            assert answer.reason is not None
            raise SourceError(Doubt.DNS_TIMEOUT, "of_resolver", resolver=one.label, because=answer.reason)
        return answer

    def _passes(self, one: DnsTransport, owner: Name) -> bool:
        """Whether a resolver returns signatures, tested with the keys of the trust anchor."""
        above = [anchor for anchor in self.anchors if owner.is_subdomain(anchor)]
        if not above:
            return False
        reply = self._kept.ask(one, max(above, key=len), dns.rdatatype.DNSKEY, silence=True)
        return reply.rcode() == dns.rcode.NOERROR and any(r.rdtype == dns.rdatatype.RRSIG for r in reply.answer)

    # without a proof --------------------------------------------------------------------------------------------------

    def _unproved(self, owner: Name, rdtype: RdataType, status: str, proof: bytes) -> Found:
        if self.agree > 1:
            return self._agreed(owner, rdtype, status, proof)
        trouble: list[SourceError] = []
        for one in self.transports:
            try:
                records = look_up(one, owner, rdtype)
            except SourceError as failed:
                trouble.append(failed)
                continue
            return Found(records, "single", (one.label,), (), False, status, proof)
        if len(trouble) == 1:
            raise trouble[0]
        raise SourceError(trouble[0].doubt, "several", all=[one.message for one in trouble])

    def _agreed(self, owner: Name, rdtype: RdataType, status: str, proof: bytes) -> Found:
        asked = [self.transports[at] for at in self._hosts.distinct([one.label for one in self.transports])]
        if len(asked) < self.agree:
            raise SourceError(Doubt.DNS_TOO_FEW, needed=self.agree, named=[one.label for one in self.transports])
        said: dict[frozenset[Any], list[str]] = {}
        trouble: list[SourceError] = []
        for label, reply in self._all(asked, owner, rdtype).items():
            if isinstance(reply, SourceError):
                trouble.append(reply)
            else:
                said.setdefault(reply, []).append(label)
        most = max(said, key=lambda records: len(said[records]), default=frozenset())
        agreed = tuple(said.get(most, ()))
        silent = [one.message for one in trouble]
        if len(agreed) >= self.agree and sum(len(labels) >= self.agree for labels in said.values()) == 1:
            others = (labels for records, labels in said.items() if records != most)
            dissent = (*(say(Remark.RESOLVER_DISSENT, "otherwise", resolvers=labels) for labels in others), *silent)
            return Found(tuple(sorted(most)), f"quorum({len(agreed)})", agreed, dissent, False, status, proof)
        what, of = owner.to_text(True), len(asked)
        if len(said) > 1:
            groups = [_group(records, labels) for records, labels in said.items()]
            raise SourceError(
                Doubt.DNS_DISAGREEMENT, "of_name", name=what, needed=self.agree, asked=of, answers=[*groups, *silent]
            )
        raise SourceError(trouble[0].doubt, "too_few_resolvers", name=what, needed=self.agree, asked=of, why=silent)

    def _all(
        self, asked: Sequence[DnsTransport], owner: Name, rdtype: RdataType
    ) -> dict[str, frozenset[Any] | SourceError]:
        """Returns each resolver's response. Once the quorum is reached, the others have ``grace`` seconds more."""
        heard: SimpleQueue[tuple[str, frozenset[Any] | SourceError]] = SimpleQueue()

        def ask(one: DnsTransport) -> None:
            try:
                heard.put((one.label, frozenset(look_up(one, owner, rdtype))))
            except SourceError as failed:
                heard.put((one.label, failed))

        for one in asked:
            threading.Thread(target=ask, args=(one,), daemon=True, name="ebl dns").start()
        replies: dict[str, frozenset[Any] | SourceError] = {}
        until = time.monotonic() + 2 * self.seconds
        while len(replies) < len(asked):
            try:
                label, reply = heard.get(timeout=max(0.0, until - time.monotonic()))
            except Empty:
                break
            replies[label] = reply
            answers = [one for one in replies.values() if not isinstance(one, SourceError)]
            if reply in answers and answers.count(reply) == self.agree:
                until = min(until, time.monotonic() + self.grace)
        labels = (one.label for one in asked)
        return {label: replies.get(label, SourceError(Doubt.DNS_TIMEOUT, "late", resolver=label)) for label in labels}


def _group(records: frozenset[Any], labels: Sequence[str]) -> Message:
    """Returns a message with what some resolvers returned."""
    if not records:
        return say(Doubt.DNS_DISAGREEMENT, "no_records", resolvers=labels)
    shown = sorted(record.to_text()[:200] for record in records)[:5]
    return say(Doubt.DNS_DISAGREEMENT, "records", resolvers=labels, records=shown)


@dataclass(slots=True)
class _KeptReplies:
    """Replies about keys and delegations, cached for a minute: all names under one top-level domain share them.

    A missing reply about the root's keys is cached too, so that a resolver that is down does not delay every name.
    """

    _replies: dict[tuple[str, Name, RdataType], tuple[float, dns.message.Message | SourceError]] = field(
        default_factory=dict
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, one: DnsTransport, name: Name, rdtype: RdataType, *, silence: bool = False) -> dns.message.Message:
        """Returns the reply; with ``silence`` a missing reply is cached too."""
        question = one.label, name, rdtype
        with self._lock:
            since, reply = self._replies.get(question, (0.0, None))
        if reply is None or time.monotonic() - since >= _KEPT_SECONDS:
            reply = self._ask(one, name, rdtype)
            answers = (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)
            usable = silence if isinstance(reply, SourceError) else reply.rcode() in answers
            if usable and rdtype in (dns.rdatatype.DNSKEY, dns.rdatatype.DS):
                with self._lock:
                    if len(self._replies) >= _KEPT:
                        self._replies.clear()
                    self._replies[question] = time.monotonic(), reply
        if isinstance(reply, SourceError):
            raise reply
        return reply

    @staticmethod
    def _ask(one: DnsTransport, name: Name, rdtype: RdataType) -> dns.message.Message | SourceError:
        try:
            return one.ask(name, rdtype, dnssec=True)
        except SourceError as trouble:
            return trouble

    def forget(self, one: DnsTransport) -> None:
        """Removes the replies of a resolver after one of them was wrong."""
        with self._lock:
            for question in [question for question in self._replies if question[0] == one.label]:
                del self._replies[question]
