"""Engines: what does the pieces of a run. Processes of this machine are one; a cluster is another, with the same work.

An engine does each piece once, in any order, and reports the ones whose worker ended. It retries nothing: the run does, by its
ledger, so that all engines treat a document that ends its worker alike.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Protocol

from ebl.bulk.ledger import Piece
from ebl.errors import InvalidInput


class Work(Protocol):
    """What is done with a piece: a value that can be sent to another process. All results go to the ledger."""

    def do(self, piece: Piece) -> None:
        """Do a piece, and note in the ledger that it is done."""


class Engine(Protocol):
    """Does pieces of work."""

    def run(self, work: Work, pieces: Iterable[Piece]) -> Iterator[tuple[Piece, bool]]:
        """Do each piece. Gives it with True once it is done, or with False if its worker ended before.

        What the work itself raises is raised.
        """


@dataclass(frozen=True, slots=True)
class Processes:
    """New processes of this machine (``spawn``): a script that uses them guards its main part by ``__name__``.

    ``workers`` is how many (None: as many as this process has processors). Each has a pool of one process, so that it is known
    which piece ended a worker.
    """

    workers: int | None = None

    def __post_init__(self) -> None:
        if self.workers is not None and not 1 <= self.workers <= 1024:
            raise InvalidInput(f"Expected 1 to 1024 workers; got {self.workers}.")

    def run(self, work: Work, pieces: Iterable[Piece]) -> Iterator[tuple[Piece, bool]]:
        """See `Engine.run`. If the caller stops early, the workers are ended: what they had not finished is not kept."""
        pools = _Pools(work)
        threads = ThreadPoolExecutor(self.workers or processors())
        waiting: dict[Future[bool], Piece] = {}
        try:
            waiting = {threads.submit(pools.do, piece): piece for piece in pieces}
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        finally:
            for one in waiting:
                one.cancel()
            pools.end()
            threads.shutdown()


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Pools:
    """A pool of one process for each thread."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._all: set[ProcessPoolExecutor] = set()
        self._over = False

    def do(self, piece: Piece) -> bool:
        """Do a piece in the process of this thread. Whether the process was still there at its end."""
        pool: ProcessPoolExecutor | None = getattr(self._mine, "pool", None)
        if pool is None:
            context = multiprocessing.get_context("spawn")
            pool = ProcessPoolExecutor(1, mp_context=context, initializer=_start, initargs=(self._work,))
            with self._lock:
                if self._over:
                    return False
                self._all.add(pool)
            self._mine.pool = pool
        try:
            pool.submit(_do, piece).result()
        except BrokenProcessPool:
            self._mine.pool = None
            with self._lock:
                self._all.discard(pool)
            pool.shutdown(wait=False)
            return False
        return True

    def end(self) -> None:
        """End all processes, whatever they do."""
        with self._lock:
            self._over = True
            pools, self._all = [*self._all], set()
        for pool in pools:
            for process in list((pool._processes or {}).values()):
                process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)


_work: Work | None = None


def _start(work: Work) -> None:
    """In a new worker: it does this work, leaves Ctrl-C to its parent, and ends with it."""
    global _work
    _work = work
    collect_less()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def collect_less() -> None:
    """Let the collector of cycles run seldom: documents make few, and looking for them takes a third of the time."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _do(piece: Piece) -> None:
    assert _work is not None
    _work.do(piece)
