"""Running of blocking calls in threads, with a deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:  # a verification without blocking calls has no threads
    from concurrent.futures import Future

T = TypeVar("T")


@contextmanager
def workers(count: int, *, name: str) -> Iterator[Callable[[Callable[[], Any]], Future[Any]]]:
    """A context with ``count`` threads: call the function that it returns to submit a task.

    Tasks that have not begun when the context ends are not run. The program may end while the threads wait. With a count of 0,
    nothing may be submitted.
    """
    if not count:
        yield _no_threads
        return
    from concurrent.futures import Future
    from queue import SimpleQueue

    tasks: SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = SimpleQueue()
    over = threading.Event()

    def work() -> None:
        while (job := tasks.get()) is not None and not over.is_set():
            _run(*job)

    def submit(task: Callable[[], Any]) -> Future[Any]:
        future: Future[Any] = Future()
        tasks.put((task, future))
        return future

    for _ in range(count):
        threading.Thread(target=work, daemon=True, name=name).start()
    try:
        yield submit
    finally:
        over.set()
        for _ in range(count):
            tasks.put(None)


def _no_threads(task: Callable[[], Any]) -> Future[Any]:
    raise AssertionError("there are no threads for this task")


def result(future: Future[T], *, deadline: float) -> T | None:
    """The result of a task, or None if there is none by ``deadline`` (monotonic clock). Raises what the task raised."""
    try:
        return future.result(timeout=max(0.0, deadline - time.monotonic()))
    except TimeoutError:
        return future.result() if future.done() else None  # it may just have arrived, or be what the task raised


def _run(task: Callable[[], Any], future: Future[Any]) -> None:
    try:
        future.set_result(task())
    except BaseException as bug:
        future.set_exception(bug)
