"""Doing things that wait at the same time, and stopping to wait at a deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def started(tasks: Sequence[Callable[[], T]], *, name: str = "ebl check") -> list[Future[T]]:
    """Start each task in a thread of its own. The threads hold nothing up: the program may end while they wait."""
    futures: list[Future[T]] = []
    for task in tasks:
        future: Future[T] = Future()
        threading.Thread(target=_run, args=(task, future), daemon=True, name=name).start()
        futures.append(future)
    return futures


def result(future: Future[T], *, deadline: float) -> T | None:
    """A task's result, or None where it is not there by a moment of the monotonic clock. A bug in the task is raised."""
    try:
        return future.result(timeout=max(0.0, deadline - time.monotonic()))
    except TimeoutError:
        if future.done():
            raise
        return None


def _run(task: Callable[[], T], future: Future[T]) -> None:
    try:
        future.set_result(task())
    except BaseException as bug:
        future.set_exception(bug)
