"""Rate limit for the requests to one endpoint."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ebl.errors import SourceError


class RequestRate:
    """At most ``per_second`` HTTP requests a second (0: no limit), and none during a pause of the server. Thread-safe."""

    def __init__(self, per_second: int, sleep: Callable[[float], None]) -> None:
        self._step = 1 / per_second if per_second else 0.0
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = 0.0
        self._paused_until = 0.0
        self._why: SourceError | None = None

    def pause(self, seconds: float, why: SourceError) -> None:
        """Records that the server requires a pause (``Retry-After``)."""
        with self._lock:
            self._paused_until, self._why = time.monotonic() + seconds, why

    def wait(self, until: float) -> float:
        """Waits for the next turn. Returns the seconds that only the limit has cost.

        Raises the error given to `pause` if the pause lasts beyond ``until``, a time of the monotonic clock.
        """
        now = time.monotonic()
        with self._lock:
            paused = max(0.0, self._paused_until - now)
            if paused and self._why is not None and now + paused > until:
                raise SourceError(self._why.doubt, self._why.message)
            turn = max(0.0, self._next - now - paused) if self._step else 0.0
            self._next = now + paused + turn + self._step
        if paused + turn:
            self._sleep(paused + turn)
        return turn
