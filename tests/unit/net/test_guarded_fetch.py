"""The safe fetch takes a public page of the right type, and refuses everything else before or while it comes."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.net.guarded_fetch import SafeFetch
from tests.patience import IMPATIENT, PATIENT

JSON = ("application/json",)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}"


class Server:
    """A TLS server on loopback which plays one script for each connection and keeps what it was asked."""

    def __init__(self, certificate: Path, script: Callable[[ssl.SSLSocket], None]) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._script, self.asked, self.connections = script, b"", 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with plain, suppress(OSError), self._context.wrap_socket(plain, server_side=True) as client:
                while b"\r\n\r\n" not in self.asked and (got := client.recv(4096)):
                    self.asked += got
                self._script(client)

    def stop(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(PATIENT)


@contextmanager
def serving(certificate: Path, script: bytes | Callable[[ssl.SSLSocket], None]) -> Iterator[Server]:
    server = Server(certificate, script if callable(script) else lambda client: client.sendall(script))
    try:
        yield server
    finally:
        server.stop()


def fetcher(server: Server, certificate: Path, **changes: object) -> SafeFetch:
    settings: dict[str, object] = {
        "addresses": lambda name: ("127.0.0.1",),
        "trust": ssl.create_default_context(cafile=str(certificate)),
        "unsafe_allowed": lambda address: address == "127.0.0.1",
        "unsafe_port": server.port,
        "seconds": PATIENT,
    }
    return SafeFetch(**(settings | changes))  # type: ignore[arg-type]


def doubt_of(act: Callable[[], object]) -> tuple[Doubt, str]:
    with pytest.raises(SourceError) as caught:
        act()
    return caught.value.doubt, caught.value.detail


def test_any_fetch__goes_to_the_address_that_was_checked(certificate: Path) -> None:
    with serving(certificate, OK) as server:
        page = fetcher(server, certificate)(f"https://pages.example:{server.port}/a/did.json?x=1", accept=JSON)
    assert (page.body, page.content_type) == (b"{}", "application/json")
    assert server.asked.startswith(b"GET /a/did.json?x=1 HTTP/1.1\r\nHost: pages.example:")
    assert b"Accept-Encoding: identity\r\n" in server.asked
    assert b"Cookie" not in server.asked
    assert b"Authorization" not in server.asked


def test_a_chunked_body_is_read(certificate: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serving(certificate, head + b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n") as server:
        assert fetcher(server, certificate)("https://pages.example", accept=JSON).body == b"{}"


@pytest.mark.parametrize(
    "url",
    (
        "http://pages.example/",
        "ftp://pages.example/",
        "file:///etc/hosts",
        "https://user@pages.example/",
        "https://user:secret@pages.example/",
        "https://pages.example/#part",
        "https://pages.example:8443/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://PAGES.example/",
        "https://pages.example./",
        "https://pages.example\\@other.example/",
        "https://pages.example/a b",
        "https://pages.example/\r\nHost: other.example",
        "https://pages.example/ü",
        "https://ｐages.example/",
        "https://pa_ges.example/",
        "https://-pages.example/",
        "https://" + "a" * 64 + ".example/",
        "https://pages.example/" + "a" * 2048,
        "//pages.example/",
        "",
    ),
)
def test_any_fetch__of_a_url_that_is_not_plain_is_refused_before_anything_is_asked(url: str) -> None:
    def never(name: str) -> tuple[str, ...]:
        raise AssertionError("asked for an address")

    doubt, _ = doubt_of(lambda: SafeFetch(addresses=never)(url, accept=JSON))
    assert doubt is Doubt.WEB_REFUSED


@pytest.mark.parametrize(
    "hidden",
    (
        "127.0.0.1", "10.0.0.1", "192.168.0.1", "100.64.0.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1", "fd00:ec2::254",
        "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:a00:1::1", "::10.0.0.1", "fe80::1%eth0", "10.1", "",
    ),
)  # fmt: skip
def test_any_fetch__of_a_name_that_leads_to_an_address_that_is_not_public_is_refused(hidden: str) -> None:
    for addresses in ((hidden,), ("93.184.216.34", hidden), (hidden, "93.184.216.34")):
        fetch = SafeFetch(addresses=lambda name, found=addresses: found)
        assert doubt_of(lambda fetch=fetch: fetch("https://pages.example/", accept=JSON))[0] is Doubt.WEB_REFUSED


def test_a_name_without_addresses_is_unreachable() -> None:
    assert doubt_of(lambda: SafeFetch(addresses=lambda name: ())("https://pages.example/", accept=JSON)) == (
        Doubt.WEB_UNREACHABLE,
        "pages.example has no IP address",
    )


def test_any_fetch__resolves_once_so_that_a_name_that_changes_its_address_gains_nothing(certificate: Path) -> None:
    answers = iter((("127.0.0.1",), ("10.0.0.1",)))
    asked: list[str] = []

    def rebinding(name: str) -> tuple[str, ...]:
        asked.append(name)
        return next(answers)

    with serving(certificate, OK) as server:
        fetcher(server, certificate, addresses=rebinding)("https://pages.example/", accept=JSON)
    assert asked == ["pages.example"]
    assert server.connections == 1


def test_any_fetch__with_a_certificate_of_another_name_is_refused(certificate: Path) -> None:
    with serving(certificate, OK) as server:
        doubt, detail = doubt_of(lambda: fetcher(server, certificate)("https://other.example/", accept=JSON))
    assert doubt is Doubt.WEB_UNREACHABLE
    assert "certificate of other.example" in detail
    assert server.asked == b""


def test_any_fetch__with_a_certificate_of_an_unknown_authority_is_refused(certificate: Path) -> None:
    with serving(certificate, OK) as server:
        fetch = fetcher(server, certificate, trust=None)
        doubt, detail = doubt_of(lambda: fetch("https://pages.example/", accept=JSON))
    assert doubt is Doubt.WEB_UNREACHABLE
    assert "certificate of pages.example" in detail


def head(*lines: str) -> bytes:
    return "\r\n".join((*lines, "", "")).encode()


@pytest.mark.parametrize(
    ("answer", "word"),
    (
        (head("HTTP/1.1 302 Found", "Location: https://10.0.0.1/", "Content-Length: 0"), "302"),
        (head("HTTP/1.1 301 Moved", "Location: /elsewhere", "Content-Length: 0"), "redirects are not followed"),
        (head("HTTP/1.1 404 Not Found", "Content-Type: application/json", "Content-Length: 0"), "404"),
        (head("HTTP/1.1 500 Oops", "Content-Length: 0"), "500"),
        (head("HTTP/1.1 200 OK", "Content-Type: text/html", "Content-Length: 2") + b"{}", "text/html"),
        (head("HTTP/1.1 200 OK", "Content-Length: 2") + b"{}", "no type"),
        (head("HTTP/1.1 200 OK", "Content-Type: application/json", "Content-Encoding: gzip") + b"{}", "encoded"),
        (head("HTTP/1.1 200 OK", "Content-Type: application/json", "Content-Length: 5") + b"{}", "truncated"),
        (head("HTTP/1.1 200 OK", "Content-Type: application/json") + b"x" * 70_000, "more than 65536 bytes"),
    ),
)  # fmt: skip
def test_any_fetch__refuses_redirects_errors_other_types_encodings_and_big_bodies(
    certificate: Path, answer: bytes, word: str
) -> None:
    with serving(certificate, answer) as server:
        fetch = fetcher(server, certificate, max_bytes=65_536)
        doubt, detail = doubt_of(lambda: fetch("https://pages.example/", accept=JSON))
    assert doubt is Doubt.WEB_BAD_ANSWER
    assert word in detail
    assert server.connections == 1


def test_any_fetch__takes_256_kib_on_port_443_within_8_seconds_unless_it_is_told_otherwise(certificate: Path) -> None:
    fetch = SafeFetch(addresses=lambda name: ())
    assert (fetch.max_bytes, fetch.seconds, fetch.unsafe_port) == (256 * 1024, 8.0, 443)
    start = head("HTTP/1.1 200 OK", "Content-Type: application/json")
    with serving(certificate, start + b"x" * 256 * 1024) as server:
        assert len(fetcher(server, certificate)("https://pages.example/", accept=JSON).body) == 256 * 1024
    with serving(certificate, start + b"x" * (256 * 1024 + 1)) as server:
        doubt, _ = doubt_of(lambda: fetcher(server, certificate)("https://pages.example/", accept=JSON))
    assert doubt is Doubt.WEB_BAD_ANSWER


def test_any_fetch__of_endless_headers_and_bodies_ends_at_a_limit(certificate: Path) -> None:
    def headers(client: ssl.SSLSocket) -> None:
        client.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(100_000):
            client.sendall(b"X-%d: %s\r\n" % (number, b"y" * 1000))

    def body(client: ssl.SSLSocket) -> None:
        client.sendall(head("HTTP/1.1 200 OK", "Content-Type: application/json", "Transfer-Encoding: chunked"))
        for _ in range(100_000):
            client.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")

    for script in (headers, body):
        with serving(certificate, script) as server:
            doubt, _ = doubt_of(
                lambda server=server: fetcher(server, certificate)("https://pages.example/", accept=JSON)
            )
        assert doubt in (Doubt.WEB_BAD_ANSWER, Doubt.WEB_UNREACHABLE)


@pytest.mark.parametrize("start", (b"", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"))
def test_any_fetch__that_drips_is_given_up_at_the_deadline(certificate: Path, start: bytes) -> None:
    def drip(client: ssl.SSLSocket) -> None:
        client.sendall(start)
        for _ in range(200):
            client.sendall(b" ")
            time.sleep(0.02)

    with serving(certificate, drip) as server:
        fetch = fetcher(server, certificate, seconds=IMPATIENT)
        assert doubt_of(lambda: fetch("https://pages.example/", accept=JSON))[0] is Doubt.WEB_TIMEOUT


def test_any_fetch__of_a_server_that_never_says_hello_is_given_up_at_the_deadline(certificate: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        fetch = SafeFetch(
            addresses=lambda name: ("127.0.0.1",),
            unsafe_allowed=lambda address: True,
            unsafe_port=silent.getsockname()[1],
            seconds=IMPATIENT,
        )
        assert doubt_of(lambda: fetch("https://pages.example/", accept=JSON))[0] is Doubt.WEB_TIMEOUT


@pytest.mark.parametrize("size", [b"-2", b"+2", b"0x2", b"zz", b"", b"\xff", b"9" * 5000])
def test_a_chunk_of_no_size_is_a_bad_answer_and_no_crash(certificate: Path, size: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    with serving(certificate, head + size + b"\r\n{}\r\n0\r\n\r\n") as server:
        try:
            page = fetcher(server, certificate)("https://pages.example/", accept=JSON)
        except SourceError as trouble:
            assert trouble.doubt in (Doubt.WEB_BAD_ANSWER, Doubt.WEB_UNREACHABLE), trouble
            assert "certificate" not in trouble.detail
        else:
            assert page.body == b"{}"


@pytest.mark.slow
def test_an_address_that_never_shakes_hands_is_passed_over(certificate: Path) -> None:
    with serving(certificate, OK) as server, socket.create_server(("127.0.0.2", server.port)):
        fetch = fetcher(
            server,
            certificate,
            addresses=lambda name: ("127.0.0.2", "127.0.0.1"),
            unsafe_allowed=lambda address: address.startswith("127."),
            seconds=4.0,
        )
        assert fetch("https://pages.example/", accept=JSON).body == b"{}"


def test_an_answer_that_is_not_http_is_unreachable(certificate: Path) -> None:
    with serving(certificate, b"\x16\x03\x01 hello\r\n\r\n") as server:
        doubt, _ = doubt_of(lambda: fetcher(server, certificate)("https://pages.example/", accept=JSON))
    assert doubt is Doubt.WEB_UNREACHABLE


def test_a_refusal_names_the_host_and_no_more_of_the_url() -> None:
    fetch = SafeFetch(addresses=lambda name: ("10.0.0.1",))
    _, detail = doubt_of(lambda: fetch("https://pages.example/path?token=secret", accept=JSON))
    assert "pages.example" in detail
    assert "token" not in detail
    assert "path" not in detail
