"""DNS over TLS (RFC 7858) and over HTTPS (RFC 8484): no third party reads or changes queries and responses in transit.

The resolver itself is trusted here without proof. Connections are kept from one query to the next.
"""

from __future__ import annotations

import contextlib
import ssl
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import dns.exception
import dns.message
import dns.query
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.net.dns_exchange import SECONDS, border, question
from ebl.net.endpoint import Endpoint, proxy_for
from ebl.net.wire import Kept, addresses_of, connected, left, tls

_MAX_BYTES = 65_535
_KEEP = 4
_IDLE_SECONDS = 8.0
_DOUBTS = {Doubt.CHAIN_TIMEOUT: Doubt.DNS_TIMEOUT, Doubt.CHAIN_UNREACHABLE: Doubt.DNS_UNREACHABLE}


@dataclass(slots=True)
class Tls:
    """A resolver over TLS. ``host`` is a name or an IP address; the certificate must be its own. Thread-safe."""

    host: str
    port: int = 853
    seconds: float = SECONDS
    trust: ssl.SSLContext | None = None
    _kept: Kept[ssl.SSLSocket] = field(default_factory=lambda: Kept(_KEEP, _IDLE_SECONDS), repr=False)

    @property
    def label(self) -> str:
        """The resolver's name in reports."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tls://{host}" if self.port == 853 else f"tls://{host}:{self.port}"

    def ask(self, name: Name, rdtype: RdataType, *, dnssec: bool = False) -> Message:
        """Sends a query over a kept connection, or over a new one if there is none or it was closed."""
        query = question(name, rdtype, dnssec=dnssec)
        deadline = time.monotonic() + self.seconds
        with border(self.label, name):
            kept = self._kept.take()
            if kept is not None:
                with contextlib.suppress(OSError, EOFError, dns.exception.DNSException):
                    return self._exchange(kept, query, deadline)
            return self._exchange(self._connect(deadline), query, deadline)

    def _exchange(self, sock: ssl.SSLSocket, query: Message, deadline: float) -> Message:
        until = time.time() + left(deadline)  # dnspython uses the wall clock
        try:
            dns.query.send_tcp(sock, query, until)
            reply, _ = dns.query.receive_tcp(sock, until)
            if not query.is_response(reply):
                raise dns.query.BadResponse
        except BaseException:
            sock.close()
            raise
        self._kept.give(sock)
        return reply

    def _connect(self, deadline: float) -> ssl.SSLSocket:
        def attempt(address: str, until: float) -> ssl.SSLSocket:
            return tls(address, self.port, host=self.host, trust=self.trust, until=until)

        sock = connected(addresses_of(self.host, self.port), attempt, deadline=deadline)
        sock.setblocking(False)
        return sock

    def close(self) -> None:
        """Closes the kept connections; the transport can be used again."""
        self._kept.close()


@dataclass(slots=True)
class Https:
    """A resolver over HTTPS, queried by POST in wire format. Uses the proxy that the environment names. Thread-safe."""

    url: str
    seconds: float = SECONDS
    trust: ssl.SSLContext | None = None
    _endpoint: Endpoint = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._endpoint = Endpoint(
            self.url,
            max_bytes=_MAX_BYTES,
            trust=self.trust,
            proxy=proxy_for(self.url),
            content_type="application/dns-message",
        )

    @property
    def label(self) -> str:
        """The resolver's name in reports, without the path, which may be private."""
        return f"https://{urlsplit(self.url).netloc}"

    def ask(self, name: Name, rdtype: RdataType, *, dnssec: bool = False) -> Message:
        """Sends a query once."""
        query = question(name, rdtype, dnssec=dnssec)
        query.id = 0  # so that HTTP caches can be used (RFC 8484, section 4.1)
        try:
            reply = self._endpoint.post(query.to_wire(), seconds=self.seconds)
        except SourceError as trouble:
            raise SourceError(_DOUBTS.get(trouble.doubt, Doubt.DNS_BAD_ANSWER), trouble.message) from trouble
        if reply.status != 200:
            raise SourceError(Doubt.DNS_BAD_ANSWER, "status", resolver=self.label, status=reply.status)
        try:
            answer = dns.message.from_wire(reply.body)
        except (dns.exception.DNSException, ValueError) as bad:
            raise SourceError(Doubt.DNS_BAD_ANSWER, "fault", resolver=self.label, fault=type(bad).__name__) from bad
        if not query.is_response(answer):
            raise SourceError(Doubt.DNS_BAD_ANSWER, "another_question", resolver=self.label)
        return answer

    def close(self) -> None:
        """Closes the kept connections; the transport can be used again."""
        self._endpoint.close()
