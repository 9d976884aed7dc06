"""Over TLS and HTTPS a resolver is asked for certain, or not at all."""

from __future__ import annotations

import http.server
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dns.message
import dns.name
import pytest
from dns.rdatatype import TXT

from ebl.codes import Doubt
from ebl.errors import InvalidInput, SourceError
from ebl.net import resolvers as lookup
from ebl.net.dns_exchange import DnsTransport
from ebl.net.dns_query import transport
from ebl.net.encrypted_dns import Https, Tls
from ebl.testing.dns import DnsServer
from tests.patience import IMPATIENT, PATIENT

RECORD = "openatts net=ethereum netId=1 addr=0x" + "11" * 20
NAME = dns.name.from_text("carrier.example")
Bend = Callable[[bytes], bytes | None]


class Front:
    """TLS or HTTPS before a DNS server; ``bend`` changes the reply (None: hang up)."""

    def __init__(self, certificate: Path, server: DnsServer, bend: Bend, *, https: bool) -> None:
        self.connections, self.requests, self.status = 0, [], 200
        self.hang_up_after_one = False
        self.delay, self.silent = 0.0, False
        self._stopped = threading.Event()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        front = self

        class Tls(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError), context.wrap_socket(self.request, server_side=True) as sock:
                    front.connections += 1
                    stream = sock.makefile("rb")
                    while len(head := stream.read(2)) == 2:
                        reply = front.reply(stream.read(int.from_bytes(head, "big")))
                        if reply is None:
                            return
                        sock.sendall(len(reply).to_bytes(2, "big") + reply)
                        if front.hang_up_after_one:
                            return

        class Page(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                self.request = context.wrap_socket(self.request, server_side=True)
                front.connections += 1
                super().setup()

            def finish(self) -> None:
                super().finish()
                self.request.close()

            def do_POST(self) -> None:
                front.requests.append((self.path, self.headers["content-type"], self.headers["accept"]))
                reply = front.reply(self.rfile.read(int(self.headers["content-length"])))
                if reply is None:
                    self.close_connection = True
                    return
                self.send_response(front.status)
                self.send_header("Content-Type", "application/dns-message")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *words: object) -> None:
                pass

        class Quiet(socketserver.ThreadingTCPServer):
            daemon_threads, allow_reuse_address, block_on_close = True, True, False

            def handle_error(self, request: object, client_address: object) -> None:
                pass

        def reply(wire: bytes) -> bytes | None:
            time.sleep(self.delay)
            if self.silent:
                self._stopped.wait(PATIENT)
                return None
            answer = server.answer(wire, "tcp")
            return None if answer is None else bend(answer)

        self.reply = reply
        self._server = Quiet(("127.0.0.1", 0), Page if https else Tls)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def fronted(certificate: Path, kind: str, bend: Bend = lambda wire: wire) -> Iterator[tuple[Front, Tls | Https]]:
    trust = ssl.create_default_context(cafile=str(certificate))
    with DnsServer() as server:
        server.zone.txt("carrier.example", RECORD)
        front = Front(certificate, server, bend, https=kind == "https")
        made: Tls | Https
        if kind == "https":
            made = Https(f"https://127.0.0.1:{front.port}/secret-path/dns-query", PATIENT, trust)
        else:
            made = Tls("127.0.0.1", front.port, PATIENT, trust)
        try:
            yield front, made
        finally:
            made.close()
            front.stop()


def ask(path: DnsTransport) -> str:
    return path.ask(NAME, TXT).answer[0][0].to_text()


def doubt_of(path: DnsTransport) -> tuple[Doubt, str]:
    with pytest.raises(SourceError) as caught:
        path.ask(NAME, TXT)
    return caught.value.doubt, caught.value.detail


BOTH = pytest.mark.parametrize("kind", ("tls", "https"))


@BOTH
def test_a_question_is_answered_and_the_connection_kept(certificate: Path, kind: str) -> None:
    with fronted(certificate, kind) as (front, path):
        assert [ask(path) for _ in range(3)] == [f'"{RECORD}"'] * 3
        assert front.connections == 1
        if kind == "https":
            assert front.requests[0] == ("/secret-path/dns-query", "application/dns-message", "application/dns-message")


@BOTH
def test_a_connection_that_went_stale_is_made_anew(certificate: Path, kind: str) -> None:
    with fronted(certificate, kind) as (front, path):
        ask(path)
        front.hang_up_after_one = True
        ask(path)
        assert ask(path) == f'"{RECORD}"'
        assert front.connections >= 2 or kind == "https"


@BOTH
def test_threads_share_a_resolver(certificate: Path, kind: str) -> None:
    with fronted(certificate, kind) as (front, path):
        front.delay = 0.02
        said: list[str] = []
        threads = [threading.Thread(target=lambda: said.append(ask(path))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert said == [f'"{RECORD}"'] * 6


@BOTH
def test_a_certificate_that_is_not_its_own_is_refused(certificate: Path, kind: str) -> None:
    with fronted(certificate, kind) as (front, path):
        path.trust = ssl.create_default_context()
        if isinstance(path, Https):
            path = Https(path.url, PATIENT)
        doubt, detail = doubt_of(path)
        assert doubt is Doubt.DNS_UNREACHABLE
        assert "certificate" in detail
        trust = ssl.create_default_context(cafile=str(certificate))
        named = Tls("localhost", front.port, PATIENT, trust)
        other = named if kind == "tls" else Https(f"https://localhost:{front.port}/", PATIENT, trust)
        assert doubt_of(other)[0] is Doubt.DNS_UNREACHABLE


@BOTH
def test_silence_hanging_up_and_nonsense_are_no_answers(certificate: Path, kind: str) -> None:
    with fronted(certificate, kind) as (front, path):
        front.silent = True
        path.seconds = IMPATIENT
        assert doubt_of(path)[0] is Doubt.DNS_TIMEOUT
    with fronted(certificate, kind, lambda wire: None) as (_, path):
        assert doubt_of(path)[0] in (Doubt.DNS_UNREACHABLE, Doubt.DNS_BAD_ANSWER)
    with fronted(certificate, kind, lambda wire: b"nonsense") as (_, path):
        assert doubt_of(path)[0] is Doubt.DNS_BAD_ANSWER


@BOTH
def test_an_answer_to_another_question_is_none(certificate: Path, kind: str) -> None:
    def other(wire: bytes) -> bytes:
        message = dns.message.from_wire(wire)
        query = dns.message.make_query("other.example", "TXT")
        query.id = message.id
        return dns.message.make_response(query).to_wire()

    with fronted(certificate, kind, other) as (_, path):
        assert doubt_of(path)[0] is Doubt.DNS_BAD_ANSWER


def test_an_http_error_is_no_answer(certificate: Path) -> None:
    with fronted(certificate, "https") as (front, path):
        front.status = 503
        assert doubt_of(path) == (Doubt.DNS_BAD_ANSWER, f"https://127.0.0.1:{front.port} returned HTTP 503")


def test_nobody_there_is_unreachable() -> None:
    with socket.socket() as taken:  # so that nobody else listens there either
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        for path in (Tls("127.0.0.1", port, PATIENT), Https(f"https://127.0.0.1:{port}/", PATIENT)):
            assert doubt_of(path)[0] is Doubt.DNS_UNREACHABLE


def test_what_a_resolver_is_called_leaves_its_path_out() -> None:
    assert transport("https://resolver.example/secret-token/dns-query").label == "https://resolver.example"
    assert transport("tls://resolver.example").label == "tls://resolver.example"
    assert transport("tls://[2606:4700::1111]:8853").label == "tls://[2606:4700::1111]:8853"


@pytest.mark.parametrize(
    "spec", ("tls://", "tls://h/x", "tls://u@h", "https://", "https://u:p@h/", "https://h/#f", "quic://h", "tls://h:0")
)
def test_a_word_that_names_no_resolver_is_the_callers_mistake(spec: str) -> None:
    with pytest.raises(InvalidInput):
        lookup.resolver(spec)
