"""Documents from an iterable that may be slow: a thread takes them, so that nothing else waits for the next one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_AHEAD: Final = 64


class NothingYet(Exception):
    """Raised if the next item has not arrived yet."""


class Incoming(Generic[T]):
    """The items of an iterable, in order. A thread takes them, a few ahead; a collection waits for nothing and needs none.

    An error of the iterable ends it, and is its ``trouble``. `close` ends the thread after the item that it is waiting for.
    """

    def __init__(self, items: Iterable[T]) -> None:
        self._items: Iterator[T] | None = iter(items) if isinstance(items, Collection) else None
        self._ready: deque[T] = deque()
        self._change = threading.Condition()
        self._ended = self._closed = False
        self.trouble: BaseException | None = None
        if self._items is None:
            threading.Thread(target=self._take_all, args=(items,), daemon=True, name="ebl incoming").start()

    def take(self, *, patience: float | None) -> T:
        """The next item. Waits for it so many seconds at most (None: as long as it takes).

        Raises `NothingYet` if it does not come within them, and `StopIteration` at the end.
        """
        if self._items is not None:
            return self._next(self._items)
        with self._change:
            if not self._ready and not self._change.wait_for(lambda: self._ready or self._ended, timeout=patience):
                raise NothingYet
            if self._ready:
                item = self._ready.popleft()
                if len(self._ready) == _AHEAD // 2:
                    self._change.notify_all()
                return item
        raise StopIteration

    def _next(self, items: Iterator[T]) -> T:
        try:
            return next(items)
        except StopIteration:
            raise
        except Exception as trouble:
            self.trouble = trouble
            raise StopIteration from None

    def close(self) -> None:
        """Stops taking items."""
        with self._change:
            self._closed = True
            self._change.notify_all()

    def _take_all(self, items: Iterable[T]) -> None:
        try:
            for item in items:
                with self._change:
                    self._ready.append(item)
                    if len(self._ready) == 1:
                        self._change.notify_all()
                    self._change.wait_for(lambda: len(self._ready) < _AHEAD or self._closed)
                    if self._closed:
                        return
        except BaseException as trouble:
            self.trouble = trouble
        finally:
            with self._change:
                self._ended = True
                self._change.notify_all()
