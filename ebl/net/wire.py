"""HTTP/1.1 over sockets that obey one deadline and one budget of bytes, which the standard library's client has not."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time

MAX_HEAD = 65_536


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
