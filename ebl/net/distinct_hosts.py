"""Endpoints of a quorum must be on distinct hosts: otherwise one host alone could be the quorum.

One host has many spellings: letter case, a final dot, user and password, ports, schemes, IPv4 inside IPv6, the names of this
system. All of them count once. So do two names with a common address, which are resolved at their first use.

Only this system may run several endpoints, distinguished by port: for tests, and for tunnels.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from ebl.errors import InvalidInput, SourceError
from ebl.net.endpoint import proxy_for
from ebl.net.ssrf_guard import carried

_OURS = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")
_PORTS = {"http": 80, "https": 443, "udp": 53, "tls": 853}
_NUMERIC = re.compile(r"[0-9a-fx.]+")  # also the forms of inet_aton: 127.1, 0x7f.1, 2130706433
_KEPT_SECONDS = 3600.0

HostKey = str | tuple[str, int]
"""A host, or a port of this system."""


def require_distinct_hosts(agree: int, urls: Sequence[str], what: str) -> None:
    """Raises `InvalidInput` unless there are at least ``agree`` endpoints, all on distinct hosts as far as the URLs show.

    ``what`` names them in the plural. No request is made.
    """
    if not 1 <= agree <= len(urls):
        are = "is" if len(urls) == 1 else "are"
        raise InvalidInput(
            f"A quorum of {agree} {what} is required, and {len(urls)} {are} named.",
            fix="Name more, on other hosts, or require fewer (agree = … in a policy; --agree or --nodes-agree).",
        )
    hosts = [host_key(url) for url in urls]
    if agree > 1 and (twice := [one for one in hosts if hosts.count(one) > 1]):
        place = twice[0] if isinstance(twice[0], str) else f"port {twice[0][1]} of {twice[0][0]}"
        raise InvalidInput(
            f"A quorum of {agree} {what} is required, and several are at {place}, which counts once.",
            fix="Name one on each host.",
        )


def host_key(url: str) -> HostKey:
    """Returns the host of an endpoint as far as its URL shows: its host name, or the port of this system."""
    parts = urlsplit(url)
    if not parts.hostname:
        return url  # "system", which is resolved at its use; or the address of a Web3 object
    return _host_key(parts.hostname, parts.port or _PORTS.get(parts.scheme, 0))


@dataclass(slots=True)
class DistinctHosts:
    """Compares endpoints by the addresses of their names, which are cached for an hour. Thread-safe."""

    _known: dict[str, tuple[float, frozenset[HostKey]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def distinct(self, urls: Sequence[str]) -> tuple[int, ...]:
        """Returns the positions of the endpoints that share no address with an earlier one.

        A name that cannot be resolved, and a host behind a proxy, share none as far as is known.
        """
        kept: list[int] = []
        seen: set[HostKey] = set()
        with ThreadPoolExecutor(len(urls)) as pool:
            for at, hosts in enumerate(pool.map(self._hosts, urls)):
                if not hosts & seen:
                    kept.append(at)
                    seen |= hosts
        return tuple(kept)

    def _hosts(self, url: str) -> frozenset[HostKey]:
        with self._lock:
            since, hosts = self._known.get(url, (-_KEPT_SECONDS, frozenset()))
        if time.monotonic() - since < _KEPT_SECONDS:
            return hosts
        hosts = _looked_up(url)
        with self._lock:
            self._known[url] = time.monotonic(), hosts
        return hosts


def _looked_up(url: str) -> frozenset[HostKey]:
    named = host_key(url)
    if url == "system":
        from ebl.net.dns_query import system_servers

        try:
            return frozenset(_host_key(host, port) for host, port in system_servers())
        except SourceError:
            return frozenset({named})
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    if not host or isinstance(named, tuple) or (parts.scheme in ("http", "https") and proxy_for(url) is not None):
        return frozenset({named})
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return frozenset({named})
    return frozenset({named, *(_host_key(str(address[0]), port) for *_, address in found)})


def _host_key(host: str, port: int) -> HostKey:
    name = host.strip("[]").partition("%")[0].rstrip(".").lower()
    address = _address(name)
    ours = name in _OURS or name.endswith(".localhost") if address is None else _is_ours(address)
    return ("this system", port) if ours else str(address or _ascii(name))


def _address(name: str) -> IPv4Address | IPv6Address | None:
    """Returns the address that a text denotes, in any spelling that a connection would accept."""
    try:
        address = ip_address(name)
    except ValueError:
        if not _NUMERIC.fullmatch(name):
            return None
        try:
            return IPv4Address(socket.inet_aton(name))
        except OSError:
            return None
    inner = carried(address) if isinstance(address, IPv6Address) else None
    return inner[0] if inner is not None and len(inner) == 1 else address


def _is_ours(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of this system: a packet to it would also be sent from it. No packet is sent."""
    if address.is_loopback or address.is_unspecified:
        return True
    kind = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(kind, socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), 9))
            return ip_address(str(probe.getsockname()[0]).partition("%")[0]) == address
    except (OSError, ValueError):
        return False


def _ascii(name: str) -> str:
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name
