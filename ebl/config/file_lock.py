"""A lock that threads and processes share: a file that one of them at a time has locked."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Wait until no other thread or process holds the lock at ``path``, and hold it. A process that dies releases it.

    The file is for its owner only, and stays: were it removed, one could hold the old and another the new.

    Raises `OSError` if it cannot be made, and `BlockingIOError` if another holds it and the caller does not ``wait``.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        lock(file, wait=wait)
        try:
            yield
        finally:
            unlock(file)


def lock(file: IO[Any], *, wait: bool = True) -> None:
    """Lock an open file, whose content others can still read. Closing it, or the end of the process, releases the lock.

    Raises `BlockingIOError` if another holds it and the caller does not ``wait``, and `OSError` if the file system has no
    locks.
    """
    _lock(file.fileno(), wait)


def unlock(file: IO[Any]) -> None:
    """Release the lock of an open file."""
    _unlock(file.fileno())


if sys.platform == "win32":
    import errno
    import msvcrt

    _AT = 1 << 30
    """The one byte that is locked. It is beyond what these files hold, since Windows keeps others from reading it."""

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
        """``msvcrt.locking`` works at the file's position, which is put back for whoever reads or writes the file."""
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
