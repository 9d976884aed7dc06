"""Many documents, a window of them at a time: their questions are collected, asked together, and then each is judged."""

from __future__ import annotations

import gc
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, Generic, TypeVar

from ebl.checking.incoming import Incoming, NothingYet
from ebl.checking.memo import View
from ebl.checking.rounds import Round
from ebl.checking.schedule import Steps, in_order

D = TypeVar("D")
T = TypeVar("T")

_ROUNDS: Final = 16
"""After how many rounds a document asks for itself."""
_PATIENCE: Final = 0.2
_MOST_BYTES: Final = 16 * 1024 * 1024
"""How long a window waits in all for documents that are to come, and how many bytes of documents it holds at most."""


class _Case(Generic[T]):
    """One document's unfinished examination, and its result."""

    def __init__(self, steps: Steps[T], view: View) -> None:
        self.view = view
        self.done = False
        self._steps = steps
        self._result: T
        self._error: Exception | None = None
        self._stopped = 0.0

    def advance(self, collected: Round | None, took: dict[tuple[object, ...], float]) -> None:
        """Continues to the next stop, or to the end without ``collected``. Only separate queries count against its time."""
        view = self.view
        if self._stopped:
            own = max((took.get(question, 0.0) for question in view.waits), default=0.0) if took else 0.0
            view.until += time.monotonic() - self._stopped - own
            view.waits.clear()
        view.round = collected
        try:
            next(self._steps)
            self._stopped = time.monotonic()
        except StopIteration as end:
            self.done, self._result = True, end.value
        except Exception as mistake:
            self.done, self._error = True, mistake
        if self.done:
            view.release()

    def finish(self) -> T:
        """Returns the result, after sending the queries that this document still needs. Raises what the examination raised."""
        if not self.done:
            self.advance(None, {})
        if self._error is not None:
            raise self._error
        return self._result


def in_windows(
    documents: Iterable[D],
    begin: Callable[[D], tuple[Steps[T], View]],
    renew: Callable[[], None],
    *,
    size: int,
    at_once: int,
    seconds: float,
) -> Iterator[T]:
    """Yields the result of each document, in order.

    1. Take documents until there are ``size`` of them, or very many bytes, or the next one does not come soon. Each is
       examined at once, up to the questions that are not known.
    2. Ask the questions together, each once, and go on with the documents that were stopped; again, until none is. This
       goes on for ``seconds`` at the most.
    3. A document whose question failed together with others asks for itself, in one of ``at_once`` threads.

    ``renew`` is called at the start of each window.
    """
    incoming = Incoming(documents)
    try:
        with _few_collections():
            while window := _taken(incoming, begin, renew, size, collected := Round()):
                _collect(window, collected, at_once=at_once, until=time.monotonic() + seconds)
                memory = window[0].view.memory
                yield from _finished(window, at_once=at_once)
                memory.forget()
        if incoming.trouble is not None:
            raise incoming.trouble
    finally:
        incoming.close()


def _taken(
    incoming: Incoming[D],
    begin: Callable[[D], tuple[Steps[T], View]],
    renew: Callable[[], None],
    size: int,
    collected: Round,
) -> deque[_Case[T]]:
    """The next window, each document examined up to the questions that are not known; an empty one at the end."""
    window: deque[_Case[T]] = deque()
    try:
        document = incoming.take(patience=None)
    except StopIteration:
        return window
    renew()
    patience, bytes_read = _PATIENCE, 0
    while True:
        case = _Case(*begin(document))
        case.advance(collected, {})
        bytes_read += case.view.size
        window.append(case)
        if len(window) >= size or bytes_read >= _MOST_BYTES:
            return window
        asked = time.monotonic()
        try:
            document = incoming.take(patience=patience)
        except (NothingYet, StopIteration):
            return window
        patience = max(0.0, patience - (time.monotonic() - asked))


@contextmanager
def _few_collections() -> Iterator[None]:
    """Looks for garbage cycles less often. A window makes many objects and frees none until its reports are given, so that a
    search finds nothing, and one in the middle of a window looks through all of it."""
    first, *others = gc.get_threshold()
    if first:
        gc.set_threshold(max(first, 200_000), *others)
    try:
        yield
    finally:
        gc.set_threshold(first, *others)


def _collect(window: Iterable[_Case[T]], collected: Round, *, at_once: int, until: float) -> None:
    """Ask what the documents need to know, round by round, as long as that helps."""
    for _ in range(_ROUNDS):
        stopped = [case for case in window if not case.done and not case.view.alone]
        if not stopped or time.monotonic() > until:
            return
        asked, collected = collected, collected.ask(stopped[0].view.memory, at_once=at_once)
        for case in stopped:
            case.advance(collected, asked.took)


def _finished(window: deque[_Case[T]], *, at_once: int) -> Iterator[T]:
    """Yields the result of each case, in order, and releases the case."""
    threads = at_once if any(not case.done for case in window) else 1

    def tasks() -> Iterator[Callable[[], T]]:
        while window:
            yield window.popleft().finish

    yield from in_order(tasks(), at_once=threads)
