"""TXT records over the network: whom to ask, how, and what of their reply is an answer.

"There is no such name" and "there are no such records" are answers. SERVFAIL, a refusal, silence and nonsense are not, and
raise `SourceError` with the code of what happened.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.resolver
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType

from ebl.codes import Doubt
from ebl.errors import InvalidInput, SourceError
from ebl.net.dns_exchange import SECONDS, DnsTransport, border, question

_MAX_ALIASES = 8
_FORMS = "Give system, udp://IP-ADDRESS, tls://HOST or https://HOST/dns-query (each with :PORT if need be)."


def transport(spec: str, *, seconds: float = SECONDS) -> DnsTransport:
    """How to ask the resolver that a word names: ``system``, ``udp://IP[:PORT]``, ``tls://HOST[:PORT]``, ``https://…``.

    Raises `InvalidInput` for anything else.
    """
    if spec == "system":
        return System(seconds)
    try:
        parts = urlsplit(spec)
        port, host = parts.port, parts.hostname or ""
    except ValueError as bad:
        raise InvalidInput("a resolver's address cannot be read.", fix=_FORMS) from bad
    if "@" in parts.netloc:
        raise InvalidInput("a resolver's address holds no user and password.", fix=_FORMS)
    if parts.scheme == "https" and host and not parts.fragment:
        from ebl.net.encrypted_dns import Https

        return Https(spec, seconds)
    if parts.scheme not in ("udp", "tls") or parts.path not in ("", "/") or parts.query or port == 0:
        raise InvalidInput(f"a resolver of the kind {parts.scheme or spec!r} is not known.", fix=_FORMS)
    if parts.scheme == "tls" and host:
        from ebl.net.encrypted_dns import Tls

        return Tls(host, port or 853, seconds)
    try:
        return Plain(str(ip_address(host)), port or 53, seconds)
    except ValueError as bad:
        raise InvalidInput("a udp:// resolver is named by its IP address.", fix=_FORMS) from bad


def system_servers() -> list[tuple[str, int]]:
    """The resolvers that this machine is set up to ask. Raises `SourceError`, ``dns.unreachable``, where there are none."""
    try:
        known = dns.resolver.Resolver(configure=True)
    except (dns.exception.DNSException, OSError) as bad:
        raise SourceError(Doubt.DNS_UNREACHABLE, "none_set_up") from bad
    return [(server, known.port) for server in known.nameservers if isinstance(server, str) and "//" not in server]


@dataclass(frozen=True, slots=True)
class Plain:
    """A resolver asked over UDP, and over TCP where its reply was cut short. ``seconds`` bounds both together."""

    host: str
    port: int = 53
    seconds: float = SECONDS

    @property
    def label(self) -> str:
        """Who is asked."""
        return f"udp://{self.host}" if self.port == 53 else f"udp://{self.host}:{self.port}"

    def ask(self, name: Name, rdtype: RdataType, *, dnssec: bool = False) -> Message:
        """Ask twice over UDP, in case a packet is lost."""
        query = question(name, rdtype, dnssec=dnssec)
        deadline = time.monotonic() + self.seconds
        with border(self.label, name):
            for share in (0.4, 1.0):
                patience = (deadline - time.monotonic()) * share
                with contextlib.suppress(dns.exception.Timeout):
                    reply = self._udp(query, patience)
                    break
            else:
                raise dns.exception.Timeout
            if reply.flags & dns.flags.TC:
                reply = dns.query.tcp(query, self.host, max(0.01, deadline - time.monotonic()), self.port)
            return reply

    def _udp(self, query: Message, seconds: float) -> Message:
        """Wait for the reply itself, past whatever else arrives: another's packet must not be able to end the wait."""
        return dns.query.udp(
            query, self.host, max(0.01, seconds), self.port, ignore_unexpected=True, ignore_errors=True
        )


@dataclass(frozen=True, slots=True)
class Several:
    """Resolvers that stand in for each other: the first usable reply counts."""

    members: tuple[DnsTransport, ...]

    @property
    def label(self) -> str:
        """Who is asked."""
        return "system"

    def ask(self, name: Name, rdtype: RdataType, *, dnssec: bool = False) -> Message:
        """Ask one after the other, until one knows."""
        trouble: SourceError | None = None
        reply: Message | None = None
        for member in self.members:
            try:
                reply = member.ask(name, rdtype, dnssec=dnssec)
            except SourceError as failed:
                trouble = failed
                continue
            if reply.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
                return reply
        if reply is not None:
            return reply
        raise trouble or SourceError(Doubt.DNS_UNREACHABLE, "none_set_up")


@dataclass(frozen=True, slots=True)
class System:
    """The resolvers that this machine is set up to ask, looked for with every question: whoever asks none needs none."""

    seconds: float = SECONDS

    @property
    def label(self) -> str:
        """Who is asked."""
        return "system"

    def ask(self, name: Name, rdtype: RdataType, *, dnssec: bool = False) -> Message:
        """Ask one after the other, until one knows."""
        servers = Several(tuple(Plain(host, port, self.seconds) for host, port in system_servers()))
        return servers.ask(name, rdtype, dnssec=dnssec)


def look_up(transport: DnsTransport, name: Name, rdtype: RdataType) -> tuple[Any, ...]:
    """The records of one type at exactly this name, after aliases, on one resolver's word: nothing is validated here.

    Raises `SourceError` where there is no answer.
    """
    what, owner = name.to_text(True), name
    for _ in range(_MAX_ALIASES):
        reply = transport.ask(owner, rdtype)
        require_answer(reply, transport.label, what)
        end = last_alias(reply, owner, transport.label)
        records = reply.get_rrset(dns.message.ANSWER, end, dns.rdataclass.IN, rdtype)
        if records is not None or end == owner or _says_there_is_nothing(reply):
            return tuple(records or ())
        owner = end  # the alias leads out of what this server knows
    raise SourceError(Doubt.DNS_BAD_ANSWER, "aliases", resolver=transport.label, name=what)


def require_answer(reply: Message, label: str, name: str) -> None:
    """Raise `SourceError` where a reply says neither what there is nor that there is nothing."""
    match reply.rcode():
        case dns.rcode.NOERROR | dns.rcode.NXDOMAIN:
            pass
        case dns.rcode.SERVFAIL:
            raise SourceError(Doubt.DNS_SERVFAIL, resolver=label, name=name)
        case dns.rcode.REFUSED:
            raise SourceError(Doubt.DNS_REFUSED, resolver=label, name=name)
        case other:
            raise SourceError(Doubt.DNS_BAD_ANSWER, "rcode", resolver=label, rcode=dns.rcode.to_text(other), name=name)
    referral = any(rrset.rdtype == dns.rdatatype.NS for rrset in reply.authority)
    if referral and not (reply.answer or reply.flags & dns.flags.RA or _says_there_is_nothing(reply)):
        raise SourceError(Doubt.DNS_BAD_ANSWER, "referral", resolver=label, name=name)


def last_alias(reply: Message, name: Name, label: str) -> Name:
    """Where the aliases (CNAME) in a reply lead to from a name; the name itself where there are none.

    Raises `SourceError` where they are too many.
    """
    for _ in range(_MAX_ALIASES):
        alias = reply.get_rrset(dns.message.ANSWER, name, dns.rdataclass.IN, dns.rdatatype.CNAME)
        if alias is None:
            return name
        name = alias[0].target
    raise SourceError(Doubt.DNS_BAD_ANSWER, "aliases", resolver=label, name=name.to_text(True))


def texts(records: Iterable[Any]) -> tuple[str, ...]:
    """Each TXT record with its character-strings joined; bytes that are no UTF-8 become U+FFFD."""
    return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in records)


def _says_there_is_nothing(reply: Message) -> bool:
    """A negative answer carries the zone's SOA (RFC 2308)."""
    return reply.rcode() == dns.rcode.NXDOMAIN or any(r.rdtype == dns.rdatatype.SOA for r in reply.authority)
