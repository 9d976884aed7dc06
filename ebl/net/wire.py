"""Sockets that obey one deadline and one budget of bytes, which the standard library's HTTP client does not, and are kept."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
import time
import weakref
from typing import Generic, TypeVar

MAX_HEAD = 65_536

S = TypeVar("S", bound=socket.socket)


class Deadlined(io.RawIOBase):
    """A socket's bytes up to a number of them, each wait no longer than what is left until a deadline."""

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
    """Connections that wait to be used again, ``most`` of them, for ``seconds`` each. Thread-safe.

    What is still there when nobody needs it any more is closed.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._idle: list[tuple[S, float]] = []
        self._lock = threading.Lock()
        weakref.finalize(self, _close, self._idle)

    def take(self) -> S | None:
        """A connection that is not too old, for the caller alone; the newest first."""
        with self._lock:
            while self._idle:
                sock, since = self._idle.pop()
                if time.monotonic() - since < self._seconds:
                    return sock
                sock.close()
        return None

    def give(self, sock: S) -> None:
        """Keep a connection that can be used again, or close it where there are enough."""
        with self._lock:
            if len(self._idle) < self._most:
                self._idle.append((sock, time.monotonic()))
                return
        sock.close()

    def close(self) -> None:
        """Close them all; others may be given afterwards."""
        with self._lock:
            _close(self._idle)


def _close(idle: list[tuple[S, float]]) -> None:
    while idle:
        idle.pop()[0].close()


def left(deadline: float) -> float:
    """Seconds until a moment of the monotonic clock. Raises `TimeoutError` where it has passed."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def system_trust() -> ssl.SSLContext:
    """The system's certificate authorities, TLS 1.2 at least."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
