"""Progress of a command: a bar on a terminal, a line a minute in a log, and what is kept if it is interrupted.

All of it is on stderr, whatever stdout is. A thread draws, so counting costs the command next to nothing, and a command that
waits for a node still shows its time. Nothing is drawn for a command that ends within half a second.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

from ebl.cli import output

_FIRST = 0.5
_EVERY = 0.2
_LOG_EVERY = 60.0
_WIDTH = 80


class Progress:
    """Counts what a command does, and shows it while the command is in the ``with`` statement.

    ``what`` is a verb or a noun for the command, ``total`` how many ``unit`` there are (None: not known). ``kept`` is printed if
    it is interrupted: what of the work stays, and how to go on. If one is opened inside another, the inner one is shown.
    """

    def __init__(self, what: str, total: int | None, *, unit: str = "files", kept: str = output.GO_ON) -> None:
        self.what, self.total, self.unit, self.kept = what, total, unit, kept
        self.done = 0
        self.outcomes: Counter[str] = Counter()
        self._begun = time.monotonic()
        self._before = 0
        self._width = 0
        self._over = threading.Event()
        self._drawing = threading.RLock()
        self._thread: threading.Thread | None = None
        self._outer: output.LastLine | None = None
        self._stream: Any = None

    def step(self, outcome: str | None = None, *, count: int = 1) -> None:
        """Counts more as done, with their ``outcome`` (such as a verdict in words)."""
        self.done += count
        if outcome is not None:
            self.outcomes[outcome] += count

    def at(self, done: int, total: int | None = None, *, what: str | None = None) -> None:
        """Sets how many are done. ``what`` begins another part of the work, whose time is counted from now."""
        if what is not None and what != self.what:
            self.what, self._begun, self._before = what, time.monotonic(), done
        self.done, self.total = done, self.total if total is None else total

    def tally(self, done: int, outcomes: Mapping[str, int]) -> None:
        """So many are done by now, and the counts to show behind that take the place of those before."""
        self.done, self.outcomes = done, Counter(outcomes)

    def __enter__(self) -> Self:
        self._stream = sys.stderr
        if self._stream is not None:
            self._outer, output.last_line = output.last_line, self
            self._thread = threading.Thread(target=self._draw_until_over, name="ebl-progress", daemon=True)
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._clear()
            output.last_line = self._outer
        if isinstance(error, KeyboardInterrupt) and not isinstance(error, output.Stopped):
            count = f"{self.done:,}" if self.total is None else f"{self.done:,} of {self.total:,}"
            raise output.Stopped(f"Stopped after {count} {self.unit}. {self.kept}") from error

    @contextmanager
    def above(self, stream: Any) -> Iterator[None]:
        """A context for printing a line to ``stream``: on a terminal, the bar is removed and drawn again below the line."""
        if not self._width or stream is None or not stream.isatty():
            yield
            return
        with self._drawing:
            self._clear()
            yield
            stream.flush()
            self._draw()

    def line(self) -> str:
        """The progress as one line of a log."""
        from tqdm import tqdm

        seconds = max(time.monotonic() - self._begun, 1e-9)
        if self.total is None and not self.done:
            return f"{self.what}: {tqdm.format_interval(seconds)}"
        rate = (self.done - self._before) / seconds
        count = f"{self.done:,}" if self.total is None else f"{self.done:,} of {self.total:,}"
        parts = [f"{self.what}: {count} {self.unit}", f"{rate:,.3g} a second"]
        if self.total is not None and rate:
            parts.append(f"{tqdm.format_interval((self.total - self.done) / rate)} left")
        return "; ".join([", ".join(parts), *filter(None, [self._tally()])])

    def _tally(self) -> str:
        # A copy in one operation, because the command goes on counting.
        return ", ".join(f"{count:,} {outcome}" for outcome, count in self.outcomes.copy().items())

    def _draw_until_over(self) -> None:
        on_terminal = self._stream.isatty()
        pause = _FIRST if on_terminal else _LOG_EVERY
        while not self._over.wait(pause):
            if output.last_line is not self:
                continue
            if on_terminal:
                self._draw()
                pause = _EVERY
            else:
                self._write(self.line() + "\n")

    def _draw(self) -> None:
        from tqdm import tqdm

        width = _columns(self._stream) - 1
        if self.total is None and not self.done:  # nothing is counted: only how long it takes
            text = self.line()[:width]
        else:
            text = tqdm.format_meter(
                self.done,
                self.total,
                time.monotonic() - self._begun,
                ncols=width,
                prefix=self.what,
                ascii="utf" not in (self._stream.encoding or "").lower(),
                unit=f" {self.unit}",
                postfix=self._tally() or None,
                initial=self._before,
            )
        with self._drawing:
            if not self._over.is_set():
                self._write("\r" + text.ljust(self._width))
                self._width = len(text)

    def _clear(self) -> None:
        with self._drawing:
            if self._width:
                self._write("\r" + " " * self._width + "\r")
                self._width = 0

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):  # a closed terminal or log does not stop the work
            self._stream.write(text)
            self._stream.flush()


def _columns(stream: Any) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or _WIDTH
    except (OSError, ValueError):
        return _WIDTH


def _forget() -> None:
    """Removes the drawing thread and its lock in a forked process, which does not have that thread."""
    output.last_line = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
