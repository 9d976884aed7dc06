"""One HTTP address for many requests: connections are kept, each exchange has a deadline, and responses are limited in size."""

from __future__ import annotations

import base64
import contextlib
import http.client
import re
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, unquote, urlsplit

from ebl.chain.rpc.jsonrpc import HttpReply
from ebl.codec.uri import without_secrets
from ebl.codes import Doubt
from ebl.errors import InvalidInput, SourceError
from ebl.net.wire import MAX_HEAD, Deadlined, Kept, addresses_of, connected, left, system_trust

CONNECT_SECONDS = 6.0
MAX_BYTES = 32 * 1024 * 1024
_KEEP = 8
_IDLE_SECONDS = 30.0
_TARGET = re.compile(r"[!-~]*")


class Endpoint:
    """Posts JSON (or another kind of body) to one URL. Thread-safe. Redirects are not followed; messages name the host only.

    ``max_bytes`` limits a body. ``trust`` are the certificate authorities (None: the system's). ``proxy`` is the URL of an
    HTTP proxy; `proxy_for` returns the one that the environment names, which is never used for loopback.
    """

    def __init__(
        self,
        url: str,
        *,
        max_bytes: int = MAX_BYTES,
        trust: ssl.SSLContext | None = None,
        proxy: str | None = None,
        content_type: str = "application/json",
    ) -> None:
        self._content_type = content_type
        self._url = _split(url)
        self._proxy = _split(proxy) if proxy else None
        self._max_bytes = max_bytes
        self._trust = trust
        self._kept: Kept[socket.socket] = Kept(_KEEP, _IDLE_SECONDS)

    @property
    def host(self) -> str:
        """The server's host, as messages may name it."""
        return _shown(self._url)

    def post(self, body: bytes, *, seconds: float) -> HttpReply:
        """Sends a body and reads the whole response, within ``seconds``.

        Raises `SourceError`: ``chain.unreachable``, ``chain.timeout``, ``chain.bad_answer``.
        """
        deadline = time.monotonic() + seconds
        try:
            while (kept := self._kept.take()) is not None:
                with contextlib.suppress(_Stale):
                    return self._exchange(kept, body, deadline, kept_alive=True)
            return self._exchange(self._connect(deadline), body, deadline, kept_alive=False)
        except TimeoutError as late:
            raise SourceError(
                Doubt.CHAIN_TIMEOUT, "no_answer", host=self.host, within=timedelta(seconds=seconds)
            ) from late
        except ssl.SSLCertVerificationError as bad:
            raise SourceError(Doubt.CHAIN_UNREACHABLE, "certificate", host=self.host, fault=bad.verify_message) from bad
        except _ProxyRefused as refused:
            raise SourceError(Doubt.CHAIN_UNREACHABLE, "proxy", host=self.host, status=refused.status) from refused
        except OSError as trouble:
            reason = trouble.strerror or type(trouble).__name__
            raise SourceError(Doubt.CHAIN_UNREACHABLE, "fault", host=self.host, fault=reason) from trouble
        except (http.client.HTTPException, ValueError) as bad:
            raise SourceError(Doubt.CHAIN_BAD_ANSWER, "not_http", host=self.host, fault=type(bad).__name__) from bad

    def without_secrets(self, text: str) -> str:
        """Returns a text of the server without the parts of the URL, for example a key, that the text repeats."""
        return without_secrets(text, self._url.geturl())

    def close(self) -> None:
        """Closes the kept connections; the endpoint can be used again."""
        self._kept.close()

    def _exchange(self, sock: socket.socket, body: bytes, deadline: float, *, kept_alive: bool) -> HttpReply:
        source = Deadlined(sock, deadline, self._max_bytes + MAX_HEAD)
        try:
            sock.settimeout(left(deadline))
            sock.sendall(self._head(len(body)) + body)
            response = http.client.HTTPResponse(source, method="POST")  # type: ignore[arg-type]
            response.begin()
        except TimeoutError:
            sock.close()
            raise
        except (OSError, http.client.HTTPException) as trouble:
            sock.close()
            if kept_alive and not source.started:  # the server closed the connection while it was idle
                raise _Stale from trouble
            raise
        try:
            content = response.read(self._max_bytes + 1)
            if len(content) > self._max_bytes:
                raise http.client.HTTPException("too many bytes")
            if response.length:
                raise http.client.IncompleteRead(b"")
        except BaseException:
            sock.close()
            raise
        if response.will_close:
            sock.close()
        else:
            self._kept.give(sock)
        return HttpReply(response.status, content, _seconds(response.headers.get("retry-after")))

    def _connect(self, deadline: float) -> socket.socket:
        through = self._proxy or self._url
        host, port = through.hostname or "", _port(through)

        def attempt(address: str, until: float) -> socket.socket:
            sock = socket.create_connection((address, port), timeout=min(CONNECT_SECONDS, left(until)))
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._proxy is not None and self._url.scheme == "https":
                    self._tunnel(sock, until)
                if self._url.scheme == "https":
                    sock.settimeout(left(until))
                    sock = (self._trust or system_trust()).wrap_socket(sock, server_hostname=self._url.hostname)
            except BaseException:
                sock.close()
                raise
            return sock

        return connected(addresses_of(host, port), attempt, deadline=deadline)

    def _tunnel(self, sock: socket.socket, deadline: float) -> None:
        """Requests a tunnel from the proxy (RFC 9110 section 9.3.6)."""
        assert self._proxy is not None
        place = f"{self._url.hostname}:{_port(self._url)}"
        lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}", *_credentials(self._proxy, "Proxy-Authorization")]
        sock.settimeout(left(deadline))
        sock.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
        response = http.client.HTTPResponse(Deadlined(sock, deadline, MAX_HEAD), method="CONNECT")  # type: ignore[arg-type]
        response.begin()
        if response.status != 200:
            raise _ProxyRefused(response.status)

    def _head(self, length: int) -> bytes:
        target = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
        plain_proxy = self._proxy is not None and self._url.scheme == "http"
        place = _place(self._url)
        lines = [
            f"POST {f'http://{place}' if plain_proxy else ''}{target} HTTP/1.1",
            f"Host: {place}",
            f"Content-Type: {self._content_type}",
            f"Accept: {self._content_type}",
            "Accept-Encoding: identity",
            "User-Agent: ebl",
            f"Content-Length: {length}",
            *_credentials(self._url, "Authorization"),
            *(_credentials(self._proxy, "Proxy-Authorization") if self._proxy is not None and plain_proxy else ()),
        ]
        return "\r\n".join([*lines, "", ""]).encode("ascii")


class _ProxyRefused(OSError):
    """The proxy refuses the tunnel; ``status`` is its HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(0, f"the proxy answered {status}")
        self.status = status


class _Stale(Exception):
    """The server closed a kept connection before it returned anything."""


def proxy_for(url: str) -> str | None:
    """Returns the proxy that the environment (or the system's settings) names for a URL; none for this system itself."""
    from urllib.request import getproxies, proxy_bypass

    parts = _split(url)
    host = parts.hostname or ""
    if host == "localhost" or host.startswith("127.") or host == "::1" or proxy_bypass(host):
        return None
    proxy = getproxies().get(parts.scheme)
    return proxy if proxy is None or "//" in proxy else f"http://{proxy}"


def _split(url: str) -> SplitResult:
    fix = "Name it as http://HOST:PORT or https://HOST/PATH."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as bad:
        raise InvalidInput("The URL of a node cannot be read.", fix=fix) from bad
    plain = _TARGET.fullmatch(parts.path) and _TARGET.fullmatch(parts.query) and _TARGET.fullmatch(parts.netloc)
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain or port == 0:
        raise InvalidInput(f"The URL of a node must be http or https; found the scheme {parts.scheme!r}.", fix=fix)
    return parts


def _port(url: SplitResult) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _place(url: SplitResult) -> str:
    """Returns host and port as in a Host header, without user and password."""
    return url.netloc.rpartition("@")[2]


def _shown(url: SplitResult) -> str:
    """Returns what errors may show of a URL: the host, and the port on this system, where it distinguishes nodes."""
    host = url.hostname or ""
    return f"{host}:{url.port}" if url.port else host


def _credentials(url: SplitResult, header: str) -> tuple[str, ...]:
    if url.username is None:
        return ()
    pair = f"{unquote(url.username)}:{unquote(url.password or '')}".encode()
    return (f"{header}: Basic {base64.b64encode(pair).decode()}",)


def _seconds(text: str | None) -> float | None:
    """The value of ``Retry-After`` in seconds, which may be a time (RFC 9110, section 10.2.3); None if it is neither."""
    if text is None or re.fullmatch(r"[0-9]{1,4}", text.strip()):
        return None if text is None else float(text)
    try:
        left = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError, OverflowError):  # TypeError: a time without a zone
        return None
    return left if 0 < left < 10_000 else None
