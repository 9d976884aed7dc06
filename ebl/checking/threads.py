"""Doing things that wait at the same time, and stopping to wait at a deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:  # a verification that waits for nothing has no threads
    from concurrent.futures import Future

T = TypeVar("T")


@contextmanager
def workers(count: int, *, name: str) -> Iterator[Callable[[Callable[[], Any]], Future[Any]]]:
    """Some threads that do tasks: call what this gives with one. What was not begun when the block ends is left undone.

    The threads hold nothing up: the program may end while they wait. Without any, nothing may be submitted.
    """
    if not count:
        yield _nobody
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


def _nobody(task: Callable[[], Any]) -> Future[Any]:
    raise AssertionError("there are no threads to do this")


def result(future: Future[T], *, deadline: float) -> T | None:
    """A task's result, or None where it is not there by a moment of the monotonic clock. A bug in the task is raised."""
    try:
        return future.result(timeout=max(0.0, deadline - time.monotonic()))
    except TimeoutError:
        return future.result() if future.done() else None  # it may have come this moment, or be what the task raised


def _run(task: Callable[[], Any], future: Future[Any]) -> None:
    try:
        future.set_result(task())
    except BaseException as bug:
        future.set_exception(bug)
