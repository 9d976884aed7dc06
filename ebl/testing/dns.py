"""A DNS server on the loopback, for tests and demos, with zones and faults that a test sets.

It answers like a recursive resolver, and follows aliases from one of its zones into another. It refuses names outside of its
zones. ``queries`` has the queries that it received.
"""

from __future__ import annotations

import contextlib
import socketserver
import threading
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, Self

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from dns.message import Message

from ebl.testing.zones import LocalZone, absolute

MAX_ALIASES = 8
_SIGNATURES = {dns.rdatatype.RRSIG, dns.rdatatype.NSEC, dns.rdatatype.NSEC3}


class Fault(StrEnum):
    """Faults that occur in practice."""

    SERVFAIL = "servfail"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    NXDOMAIN = "nxdomain"  # without a proof
    NODATA = "nodata"  # likewise
    TRUNCATED = "truncated"  # over UDP; whole over TCP
    TRUNCATED_ALWAYS = "truncated_always"  # closes the TCP connection
    WRONG_ID = "wrong_id"
    WRONG_QUESTION = "wrong_question"
    GARBAGE = "garbage"
    NO_SIGNATURES = "no_signatures"


Edit = Callable[[Message], None]


def spoof(text: str) -> Edit:
    """A fault: the TXT records are replaced by this one, under the signatures of the real ones."""

    def edit(response: Message) -> None:
        name = response.question[0].name
        forged = dns.rrset.from_text(name, 60, "IN", "TXT", f'"{text}"')
        response.answer[:] = [forged, *(rrset for rrset in response.answer if rrset.rdtype == dns.rdatatype.RRSIG)]

    return edit


class DnsServer:
    """Serves zones over UDP and TCP on one free loopback port; ``url`` is what ``--resolver`` takes.

    Without zones it has one, unsigned, for every name: ``server.zone.txt("carrier.example", "openatts …")``.
    """

    def __init__(self, zones: Sequence[LocalZone] = ()) -> None:
        self.zones = list(zones) or [LocalZone()]
        self.queries: list[tuple[str, str, str]] = []
        self._faults: dict[tuple[str, str], Fault | Edit] = {}
        self._stopped = threading.Event()
        self._udp, self._tcp = _servers(self)
        self.host, self.port = "127.0.0.1", int(self._udp.server_address[1])
        self.url = f"udp://{self.host}:{self.port}"
        self._threads = [
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True, name="ebl dns")
            for server in (self._udp, self._tcp)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def zone(self) -> LocalZone:
        """The first zone."""
        return self.zones[0]

    def fail(self, name: str, fault: Fault | str | Edit, rdtype: str = "*") -> None:
        """Sets a fault for a name (``*``: all names) and type. An edit is a function that changes the response."""
        ordered = fault if callable(fault) else Fault(fault)
        self._faults[name if name == "*" else absolute(name).to_text(), rdtype] = ordered

    def heal(self) -> None:
        """Removes all faults."""
        self._faults.clear()

    def answer(self, wire: bytes, transport: str = "udp") -> bytes | None:
        """The response to one query, or None for no response. Other transports (TLS, HTTPS) can be put in front of it."""
        try:
            query = dns.message.from_wire(wire)
            name, rdtype = query.question[0].name.canonicalize(), query.question[0].rdtype
        except (dns.exception.DNSException, IndexError):
            return None
        self.queries.append((name.to_text(omit_final_dot=True), dns.rdatatype.to_text(rdtype), transport))
        fault = self._fault(name.to_text(), dns.rdatatype.to_text(rdtype))
        if fault is Fault.TIMEOUT:
            if transport != "udp":
                self._stopped.wait(10)
            return None
        if fault is Fault.TRUNCATED_ALWAYS and transport != "udp":
            return None
        if fault is Fault.GARBAGE:
            return wire[:2] + b"\xff" * 9
        response = dns.message.make_response(query, recursion_available=True, our_payload=1232)
        if isinstance(fault, Fault):
            _spoil(response, fault, transport)
        if response.rcode() == dns.rcode.NOERROR and fault is not Fault.NODATA and not response.flags & dns.flags.TC:
            self._fill(response, name, rdtype)
        if fault is Fault.NO_SIGNATURES or not query.ednsflags & dns.flags.DO:
            for section in (response.answer, response.authority):
                section[:] = [rrset for rrset in section if rrset.rdtype == rdtype or rrset.rdtype not in _SIGNATURES]
        if callable(fault):
            fault(response)
        return _packed(response, query, transport)

    def stop(self) -> None:
        """Closes the port; may be called twice."""
        self._stopped.set()
        for server, thread in zip((self._udp, self._tcp), self._threads, strict=True):
            if thread.is_alive():
                server.shutdown()
                thread.join()
            server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _fault(self, name: str, rdtype: str) -> Fault | Edit | None:
        places = ((name, rdtype), (name, "*"), ("*", rdtype), ("*", "*"))
        return next((self._faults[place] for place in places if place in self._faults), None)

    def _fill(self, response: Message, name: Any, rdtype: Any) -> None:
        for _ in range(MAX_ALIASES):
            zone = self._zone_of(name, rdtype)
            if zone is None:
                if not response.answer:
                    response.set_rcode(dns.rcode.REFUSED)
                return
            found = zone.lookup(name, rdtype)
            response.answer += found.answer
            response.authority += found.authority
            response.set_rcode(found.rcode)
            if found.onward is None or rdtype == dns.rdatatype.CNAME:
                return
            name = found.onward
        response.set_rcode(dns.rcode.SERVFAIL)

    def _zone_of(self, name: Any, rdtype: Any) -> LocalZone | None:
        """The closest zone above a name; the parent has the DS record."""
        nearest = [zone for zone in self.zones if absolute(name).is_subdomain(zone.origin)]
        if rdtype == dns.rdatatype.DS:
            nearest = [zone for zone in nearest if zone.origin != name] or nearest
        return max(nearest, key=lambda zone: len(zone.origin), default=None)


def _spoil(response: Message, fault: Fault, transport: str) -> None:
    match fault:
        case Fault.SERVFAIL:
            response.set_rcode(dns.rcode.SERVFAIL)
        case Fault.REFUSED:
            response.set_rcode(dns.rcode.REFUSED)
        case Fault.NXDOMAIN:
            response.set_rcode(dns.rcode.NXDOMAIN)
        case Fault.WRONG_ID:
            response.id ^= 0x5555
        case Fault.WRONG_QUESTION:
            response.question[:] = [dns.rrset.from_text("other.invalid.", 0, "IN", "TXT")]
        case Fault.TRUNCATED | Fault.TRUNCATED_ALWAYS if transport == "udp":
            response.flags |= dns.flags.TC
        case _:
            pass


def _packed(response: Message, query: Message, transport: str) -> bytes:
    wire = response.to_wire(max_size=65535)
    if transport == "udp" and len(wire) > max(query.payload, 512):
        short = dns.message.make_response(query, recursion_available=True)
        short.flags |= dns.flags.TC
        return short.to_wire()
    return wire


def _servers(server: DnsServer) -> tuple[socketserver.UDPServer, socketserver.TCPServer]:
    class Udp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, socket = self.request
            response = server.answer(wire, "udp")
            if response is not None:
                with contextlib.suppress(OSError):
                    socket.sendto(response, self.client_address)

    class Tcp(socketserver.StreamRequestHandler):
        timeout = 30
        disable_nagle_algorithm = True

        def handle(self) -> None:
            with contextlib.suppress(OSError):
                while len(length := self.rfile.read(2)) == 2:
                    response = server.answer(self.rfile.read(int.from_bytes(length, "big")), "tcp")
                    if response is None:
                        return
                    self.wfile.write(len(response).to_bytes(2, "big") + response)

    # The port that the system chooses for UDP may be in use for TCP.
    for _ in range(20):
        udp = _Udp(("127.0.0.1", 0), Udp)
        try:
            return udp, _Tcp(("127.0.0.1", udp.server_address[1]), Tcp)
        except OSError:
            udp.server_close()
    raise OSError("no loopback port is free for both UDP and TCP")


class _Udp(socketserver.UDPServer):
    max_packet_size = 65535


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
