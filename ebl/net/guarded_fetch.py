"""SSRF guard: the only way in which a URL found in a document is fetched.

Documents are untrusted, and so is every URL in them. A fetched resource must be public, must come from an address that was
checked, and must be small and fast:

1. the URL is https on port 443, of a domain name (no IP address, no single label), without user or fragment;
2. the name is resolved once, through our own resolver, and each of its addresses must be public;
3. the connection goes to one of the addresses that were checked, with the certificate checked for the name;
4. only a 2xx response of an expected content type, unencoded and small, is accepted, within one deadline.
"""

from __future__ import annotations

import http.client
import re
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.model.ports import MAX_PAGE, NoPage, Page
from ebl.net.ssrf_guard import is_public
from ebl.net.wire import MAX_HEAD, Deadlined, connected, left, tls

_URL = re.compile(
    r"https://(?P<host>(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<target>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)"
)
_MAX_URL = 2048
SECONDS = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeFetch:
    """Implements `ebl.model.ports.Fetch`.

    ``addresses`` returns every IP address of a name and raises `SourceError` if it cannot; it is called once a fetch.
    ``max_bytes`` limits the body, ``seconds`` the whole of a fetch from the query to the last byte (the resolver's own
    deadlines limit its part). ``trust`` are the certificate authorities (None: the system's). ``unsafe_allowed`` and
    ``unsafe_port`` are for tests against a local server.
    """

    addresses: Callable[[str], Sequence[str]]
    max_bytes: int = MAX_PAGE
    seconds: float = SECONDS
    trust: ssl.SSLContext | None = None
    unsafe_allowed: Callable[[str], bool] = is_public
    unsafe_port: int = 443

    def __call__(self, url: str, *, accept: Sequence[str]) -> Page:
        """Fetches a URL by GET; its content type must be among ``accept`` (lower case, without parameters).

        Raises `SourceError`: ``web.refused`` if the URL or its addresses break the rules, ``web.unreachable``,
        ``web.timeout``, and ``web.bad_answer`` if the response breaks them.
        """
        deadline = time.monotonic() + self.seconds
        host, target = self._parse(url)
        addresses = tuple(self.addresses(host))
        if not addresses:
            raise SourceError(Doubt.WEB_UNREACHABLE, "no_address", host=host)
        if hidden := [address for address in addresses if not self.unsafe_allowed(address)]:
            raise SourceError(Doubt.WEB_REFUSED, "not_public", host=host, address=hidden[0])
        try:
            with self._connect(host, addresses, deadline) as sock:
                sock.settimeout(left(deadline))
                sock.sendall(self._request(host, target, accept))
                return self._read(url, host, sock, deadline, accept)
        except TimeoutError as late:
            raise SourceError(Doubt.WEB_TIMEOUT, host=host, within=timedelta(seconds=self.seconds)) from late
        except ssl.SSLCertVerificationError as bad:
            raise SourceError(Doubt.WEB_UNREACHABLE, "certificate", host=host, fault=bad.verify_message) from bad
        except (OSError, http.client.HTTPException) as trouble:
            reason = getattr(trouble, "strerror", None) or type(trouble).__name__
            raise SourceError(Doubt.WEB_UNREACHABLE, "fault", host=host, fault=reason) from trouble
        except (
            ValueError
        ) as bad:  # http.client raises it for numbers that it cannot read, for example a negative chunk size
            raise SourceError(Doubt.WEB_BAD_ANSWER, "not_http", host=host) from bad

    def _parse(self, url: str) -> tuple[str, str]:
        match = _URL.fullmatch(url) if len(url) <= _MAX_URL else None
        if match is None or len(match["host"]) > 253:
            raise SourceError(Doubt.WEB_REFUSED, "url")
        if match["port"] not in (None, str(self.unsafe_port)):
            raise SourceError(Doubt.WEB_REFUSED, "port", expected=self.unsafe_port, host=match["host"])
        target = match["target"]
        return match["host"], target if target.startswith("/") else f"/{target}"

    def _connect(self, host: str, addresses: Sequence[str], deadline: float) -> ssl.SSLSocket:
        """Connects to the first of the checked addresses that accepts; the certificate must be that of the name."""

        def attempt(address: str, until: float) -> ssl.SSLSocket:
            return tls(address, self.unsafe_port, host=host, trust=self.trust, until=until)

        return connected(addresses, attempt, deadline=deadline)

    def _request(self, host: str, target: str, accept: Sequence[str]) -> bytes:
        port = "" if self.unsafe_port == 443 else f":{self.unsafe_port}"
        lines = (
            f"GET {target} HTTP/1.1",
            f"Host: {host}{port}",
            f"Accept: {', '.join(accept)}",
            "Accept-Encoding: identity",
            "User-Agent: ebl",
            "Connection: close",
        )
        return "\r\n".join((*lines, "", "")).encode("ascii")

    def _read(self, url: str, host: str, sock: ssl.SSLSocket, deadline: float, accept: Sequence[str]) -> Page:
        source = Deadlined(sock, deadline, self.max_bytes + MAX_HEAD)
        response = http.client.HTTPResponse(source, method="GET")  # type: ignore[arg-type]
        response.begin()
        if not 200 <= response.status < 300:
            if response.status in (404, 410):
                raise NoPage(Doubt.WEB_BAD_ANSWER, "status", host=host, status=response.status)
            if 300 <= response.status < 400:
                raise SourceError(Doubt.WEB_BAD_ANSWER, "redirects", host=host, status=response.status)
            raise SourceError(Doubt.WEB_BAD_ANSWER, "status", host=host, status=response.status)
        content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type not in accept:
            if not content_type:
                raise SourceError(Doubt.WEB_BAD_ANSWER, "no_type", host=host, expected=accept)
            raise SourceError(Doubt.WEB_BAD_ANSWER, "type", host=host, expected=accept, came=content_type)
        if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise SourceError(Doubt.WEB_BAD_ANSWER, "encoded", host=host)
        body = response.read(self.max_bytes + 1)
        if len(body) > self.max_bytes:
            raise SourceError(Doubt.WEB_BAD_ANSWER, "too_large", host=host, most=self.max_bytes)
        if response.length:  # fewer bytes than the server announced
            raise SourceError(Doubt.WEB_BAD_ANSWER, "cut_off", host=host)
        return Page(url, content_type, body)
