"""TXT records over the network: transports to resolvers, and which of their replies are usable.

"There is no such name" and "there are no such records" are usable responses. SERVFAIL, a refusal, a timeout and a malformed
response are not, and raise `SourceError` with a code.
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
    """Returns the transport to the resolver of a ``spec``: ``system``, ``udp://IP[:PORT]``, ``tls://HOST[:PORT]``, ``https://…``.

    Raises `InvalidInput` if it is anything else.
    """
    if spec == "system":
        return System(seconds)
    try:
        parts = urlsplit(spec)
        port, host = parts.port, parts.hostname or ""
    except ValueError as bad:
        raise InvalidInput("The address of a resolver cannot be read.", fix=_FORMS) from bad
    if "@" in parts.netloc:
        raise InvalidInput("The address of a resolver must not contain user or password.", fix=_FORMS)
    if parts.scheme == "https" and host and not parts.fragment:
        from ebl.net.encrypted_dns import Https

        return Https(spec, seconds)
    if parts.scheme not in ("udp", "tls") or parts.path not in ("", "/") or parts.query or port == 0:
        raise InvalidInput(f"A resolver of the kind {parts.scheme or spec!r} is not supported.", fix=_FORMS)
    if parts.scheme == "tls" and host:
        from ebl.net.encrypted_dns import Tls

        return Tls(host, port or 853, seconds)
    try:
        return Plain(str(ip_address(host)), port or 53, seconds)
    except ValueError as bad:
        raise InvalidInput("A udp:// resolver must be named by its IP address.", fix=_FORMS) from bad


def system_servers() -> list[tuple[str, int]]:
    """Returns the resolvers that this system is set up with. Raises `SourceError` (``dns.unreachable``) if there are none."""
    try:
        known = dns.resolver.Resolver(configure=True)
    except (dns.exception.DNSException, OSError) as bad:
        raise SourceError(Doubt.DNS_UNREACHABLE, "none_set_up") from bad
    return [(server, known.port) for server in known.nameservers if isinstance(server, str) and "//" not in server]


@dataclass(frozen=True, slots=True)
class Plain:
    """A resolver over UDP, and over TCP if its reply was truncated. ``seconds`` limits both together."""

    host: str
    port: int = 53
    seconds: float = SECONDS

    @property
    def label(self) -> str:
        """The resolver's name in reports."""
        return f"udp://{self.host}" if self.port == 53 else f"udp://{self.host}:{self.port}"

    def ask(self, name: Name, rdtype: RdataType, *, dnssec: bool = False) -> Message:
        """Sends a query twice over UDP, in case a packet is lost."""
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
        """Waits for the reply itself and ignores other packets, so that an attacker's packet cannot end the wait."""
        return dns.query.udp(
            query, self.host, max(0.01, seconds), self.port, ignore_unexpected=True, ignore_errors=True
        )


@dataclass(frozen=True, slots=True)
class Several:
    """Resolvers that replace each other: the first usable reply counts."""

    members: tuple[DnsTransport, ...]

    @property
    def label(self) -> str:
        """The resolvers' name in reports."""
        return "system"

    def ask(self, name: Name, rdtype: RdataType, *, dnssec: bool = False) -> Message:
        """Queries one after the other, until one returns a usable reply."""
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
    """The resolvers that this system is set up with, looked up at every query, so that none is needed before the first."""

    seconds: float = SECONDS

    @property
    def label(self) -> str:
        """The resolvers' name in reports."""
        return "system"

    def ask(self, name: Name, rdtype: RdataType, *, dnssec: bool = False) -> Message:
        """Queries one after the other, until one returns a usable reply."""
        servers = Several(tuple(Plain(host, port, self.seconds) for host, port in system_servers()))
        return servers.ask(name, rdtype, dnssec=dnssec)


def look_up(transport: DnsTransport, name: Name, rdtype: RdataType) -> tuple[Any, ...]:
    """Returns the records of one type at exactly this name, after aliases, from one resolver. Nothing is validated.

    Raises `SourceError` if there is no usable reply.
    """
    what, owner = name.to_text(True), name
    for _ in range(_MAX_ALIASES):
        reply = transport.ask(owner, rdtype)
        require_answer(reply, transport.label, what)
        end = last_alias(reply, owner, transport.label)
        records = reply.get_rrset(dns.message.ANSWER, end, dns.rdataclass.IN, rdtype)
        if records is not None or end == owner or _says_there_is_nothing(reply):
            return tuple(records or ())
        owner = end  # the alias leads to a name that this server does not have
    raise SourceError(Doubt.DNS_BAD_ANSWER, "aliases", resolver=transport.label, name=what)


def require_answer(reply: Message, label: str, name: str) -> None:
    """Raises `SourceError` if a reply states neither records nor that there are none."""
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
    """Returns the name to which the aliases (CNAME) in a reply lead; the name itself if there are none.

    Raises `SourceError` if there are too many.
    """
    for _ in range(_MAX_ALIASES):
        alias = reply.get_rrset(dns.message.ANSWER, name, dns.rdataclass.IN, dns.rdatatype.CNAME)
        if alias is None:
            return name
        name = alias[0].target
    raise SourceError(Doubt.DNS_BAD_ANSWER, "aliases", resolver=label, name=name.to_text(True))


def texts(records: Iterable[Any]) -> tuple[str, ...]:
    """Returns each TXT record with its character-strings joined; bytes that are not UTF-8 become U+FFFD."""
    return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in records)


def _says_there_is_nothing(reply: Message) -> bool:
    """Whether a reply is a negative response, which has the zone's SOA (RFC 2308)."""
    return reply.rcode() == dns.rcode.NXDOMAIN or any(r.rdtype == dns.rdatatype.SOA for r in reply.authority)
