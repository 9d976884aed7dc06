"""Sockets with a deadline and a byte limit, which the standard library's HTTP client does not have, and kept connections.

Each address of a host is tried: one that does not respond takes its share of the time, and no more.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Generic, TypeVar

MAX_HEAD = 65_536
MAX_ADDRESSES = 6

S = TypeVar("S", bound=socket.socket)
T = TypeVar("T")


class Deadlined(io.RawIOBase):
    """A socket's bytes up to a limit; each wait ends at the deadline."""

    def __init__(self, sock: socket.socket, deadline: float, budget: int) -> None:
        self._sock, self._deadline, self._budget = sock, deadline, budget
        self.started = False

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._budget <= 0:
            raise http.client.HTTPException("too many bytes")
        self._sock.settimeout(left(self._deadline))
        count = self._sock.recv_into(buffer[: self._budget])
        self._budget -= count
        self.started |= count > 0
        return count


class Kept(Generic[S]):
    """Idle connections to be used again, at most ``most``, for ``seconds`` each. Thread-safe.

    The connections that remain are closed with the object.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._idle: list[tuple[S, float]] = []
        self._lock = threading.Lock()
        weakref.finalize(self, _close, self._idle)

    def take(self) -> S | None:
        """Returns a connection that is not too old, for the caller alone; the newest first."""
        with self._lock:
            while self._idle:
                sock, since = self._idle.pop()
                if time.monotonic() - since < self._seconds:
                    return sock
                sock.close()
        return None

    def give(self, sock: S) -> None:
        """Keeps a connection that can be used again, or closes it if there are enough."""
        with self._lock:
            if len(self._idle) < self._most:
                self._idle.append((sock, time.monotonic()))
                return
        sock.close()

    def close(self) -> None:
        """Closes them all; others may be given afterwards."""
        with self._lock:
            _close(self._idle)


def _close(idle: list[tuple[S, float]]) -> None:
    while idle:
        idle.pop()[0].close()


def connected(addresses: Sequence[str], attempt: Callable[[str, float], T], *, deadline: float) -> T:
    """Returns the result of ``attempt``, for example an open connection, for the first address at which it succeeds.

    It is called with an address and the time until which it may take: a share of the time left until ``deadline``. At most
    `MAX_ADDRESSES` are tried, alternately IPv6 and IPv4, beginning with the kind of the first. Raises the first error
    (`OSError`, of which `TimeoutError` is one) if none succeeds.
    """
    chosen = tuple(_in_turns(addresses))[:MAX_ADDRESSES]
    trouble: OSError | None = None
    for number, address in enumerate(chosen):
        try:
            return attempt(address, time.monotonic() + left(deadline) / (len(chosen) - number))
        except OSError as failed:
            trouble = trouble or failed
    raise trouble or OSError("no address")


def tls(address: str, port: int, *, host: str, trust: ssl.SSLContext | None, until: float) -> ssl.SSLSocket:
    """Opens a TLS connection to an address of ``host``; the certificate is checked for that name. Raises `OSError`."""
    plain = socket.create_connection((address, port), timeout=left(until))
    try:
        plain.settimeout(left(until))
        return (trust or system_trust()).wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


def _in_turns(addresses: Sequence[str]) -> Iterator[str]:
    """Yields IPv6 and IPv4 addresses alternately, each kind in its own order."""
    kinds: dict[bool, list[str]] = {}
    for address in dict.fromkeys(addresses):
        kinds.setdefault(":" in address, []).append(address)
    return (address for pair in zip_longest(*kinds.values()) for address in pair if address is not None)


def addresses_of(host: str, port: int) -> list[str]:
    """Returns every address of a host that the caller named, by the system's resolver. Raises `OSError` if there is none.

    Not for hosts that a document names: those are resolved by `ebl.net.resolvers`, and their addresses are checked.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(where[0]) for _, _, _, _, where in found]


def left(deadline: float) -> float:
    """Returns the seconds until a time of the monotonic clock. Raises `TimeoutError` if it has passed."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def system_trust() -> ssl.SSLContext:
    """Returns the system's certificate authorities, TLS 1.2 at least."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
