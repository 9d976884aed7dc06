"""A lock shared by threads and processes: a file that one of them at a time has locked."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Waits until no other thread or process holds the lock at ``path``, and holds it. It is released when a process dies.

    The file is readable by its owner only and is kept: if it were removed, two processes could hold two different files.

    Raises `OSError` if it cannot be made, and `BlockingIOError` if another holds it and ``wait`` is False.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        lock(file, wait=wait)
        try:
            yield
        finally:
            unlock(file)


def lock(file: IO[Any], *, wait: bool = True) -> None:
    """Locks an open file, whose content others can still read. Closing it, or the end of the process, releases the lock.

    Raises `BlockingIOError` if another holds it and ``wait`` is False, and `OSError` if the file system has no locks.
    """
    _lock(file.fileno(), wait)


def unlock(file: IO[Any]) -> None:
    """Releases the lock of an open file."""
    _unlock(file.fileno())


if sys.platform == "win32":
    import errno
    import msvcrt

    _AT = 1 << 30
    """The one byte that is locked. It is beyond the content of these files, since Windows stops others from reading it."""

    def _lock(handle: int, wait: bool) -> None:
        while True:
            try:
                _with_byte(handle, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK)
                return
            except OSError as trouble:
                if trouble.errno not in (errno.EACCES, errno.EDEADLK):
                    raise
                if not wait:
                    raise BlockingIOError(errno.EWOULDBLOCK, "another holds the lock") from trouble
                # else: LK_LOCK gives up after ten seconds

    def _unlock(handle: int) -> None:
        _with_byte(handle, msvcrt.LK_UNLCK)

    def _with_byte(handle: int, mode: int) -> None:
        """Calls ``msvcrt.locking``, which works at the file's position, and restores the position afterwards."""
        at = os.lseek(handle, 0, os.SEEK_CUR)
        os.lseek(handle, _AT, os.SEEK_SET)
        try:
            msvcrt.locking(handle, mode, 1)
        finally:
            os.lseek(handle, at, os.SEEK_SET)

else:
    import fcntl

    def _lock(handle: int, wait: bool) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
