"""Files that are written whole or not at all, with the right mode from the start, even if the process or the power fails.

A file is written in its folder under a temporary name (``.NAME.XXXXXXXX.ebl-new``), flushed to the disk, and renamed. A
process that is killed meanwhile leaves the temporary file behind. The next process that writes into the folder removes it. It
recognises it by its name, and by its lock, which only a living process holds.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import IO

from ebl.config import file_lock

TEMPORARY_SUFFIX = ".ebl-new"
"""The suffix of a file that is being written, or was when its process was killed."""

_PRIVATE, _USUAL = 0o600, 0o666
_LONG_NAME = 200
_REMEMBERED = 1000
_swept: set[tuple[int, str]] = set()
_sweeping = Lock()


def write_new(path: Path, content: bytes, *, private: bool = False, sync: bool = True) -> None:
    """Writes a file that does not exist yet. ``private`` makes it readable by its owner only; otherwise the umask decides.

    Without ``sync`` it is not flushed to the disk, so that a power cut (but not a kill) may lose it.

    Raises `FileExistsError` if it exists, and `OSError` if it cannot be written.
    """
    with _temporary(path, _PRIVATE if private else _USUAL, put=_put_new, sync=sync) as file:
        file.write(content)


def replace(path: Path, content: bytes, *, private: bool = False, sync: bool = True) -> None:
    """Writes a file that may exist already, and keeps its mode; otherwise as `write_new`.

    A symbolic link is kept: the file that it names is replaced. Raises `OSError` if the file cannot be written.
    """
    with replacing(path, private=private, sync=sync) as file:
        file.write(content)


@contextmanager
def replacing(path: Path, *, private: bool = False, sync: bool = True) -> Iterator[IO[bytes]]:
    """Opens a file to write in parts. It is put in place as by `replace` at the end of the body, and removed if that raises."""
    kept = None
    with suppress(FileNotFoundError):
        there = path.lstat()
        if stat.S_ISLNK(there.st_mode):
            path = path.resolve()
            there = path.stat()
        kept = None if private else stat.S_IMODE(there.st_mode)
    with _temporary(path, _PRIVATE if private else _USUAL, put=_put, kept=kept, sync=sync) as file:
        yield file


def make_folder(path: Path, *, private: bool = False) -> None:
    """Makes a folder, and those above it, unless they exist. Raises `OSError` if one cannot be made."""
    missing = [one for one in (path, *path.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700 if private else 0o777, exist_ok=True)
        sync_folder(one.parent)


def open_private(path: Path, *, append: bool = False) -> IO[bytes]:
    """Opens a file to read and write, and creates it readable by its owner only.

    Raises `OSError` if it cannot be opened.
    """
    how = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | (os.O_APPEND if append else 0)
    return os.fdopen(os.open(path, how, _PRIVATE), "a+b" if append else "r+b")


def is_still(path: Path, file: IO[bytes]) -> bool:
    """Returns whether an open file still has this name: it may have been removed or replaced since it was opened."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def sync_folder(folder: Path) -> None:
    """Flushes the names in a folder to the disk, if the system can: without that, a power cut may lose a new file's name."""
    if os.name == "nt":
        return
    with suppress(OSError):  # some file systems cannot, and none reports that in another way
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sync_files(paths: Iterable[Path], *, folders: Iterable[Path]) -> None:
    """Flushes files that were written without ``sync``, and the names in their ``folders``. Raises `OSError` if that fails.

    On Linux one call flushes all of them: a hundred thousand files would take minutes one by one.
    """
    if sys.platform == "linux":
        os.sync()
        return
    for path in paths:
        with path.open("r+b") as file:
            os.fsync(file.fileno())
    for folder in folders:
        sync_folder(folder)


def sweep(folder: Path) -> None:
    """Removes what killed processes left in a folder while they wrote there (see `TEMPORARY_SUFFIX`). Never raises."""
    with suppress(OSError):
        for path in folder.iterdir():
            if path.name.startswith(".") and path.name.endswith(TEMPORARY_SUFFIX):
                with suppress(OSError):  # its process is alive, or this process may not remove it
                    _remove_if_left(path)


def _remove_if_left(path: Path) -> None:
    # In a folder that others can write to, the name may be of anything.
    how = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, how), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return
        file_lock.lock(file, wait=False)
        if os.name != "nt":
            path.unlink()
            return
    path.unlink()  # Windows does not remove an open file, so not one that a living process has open


@contextmanager
def _temporary(
    path: Path, mode: int, *, put: Callable[[Path, Path], None], kept: int | None = None, sync: bool
) -> Iterator[IO[bytes]]:
    """Yields a new file in the folder of ``path`` and ``put``s it there once it is written.

    ``kept`` is the mode of the file that was there before.
    """
    _sweep_once(path.parent)
    temporary, file = _made(path, mode)
    try:
        with file:
            yield file
            file.flush()
            if kept is not None and hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), kept)
            if sync:
                os.fsync(file.fileno())
            if os.name != "nt":
                put(temporary, path)  # still locked, so that no other process removes it as one that was left behind
        if os.name == "nt":  # Windows does not rename an open file
            put(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if sync:
        sync_folder(path.parent)


def _made(path: Path, mode: int) -> tuple[Path, IO[bytes]]:
    """Creates and locks a new file in the folder of a path."""
    name = path.name if len(os.fsencode(path.name)) <= _LONG_NAME else ""
    while True:
        temporary = path.with_name(f".{name}.{os.urandom(4).hex()}{TEMPORARY_SUFFIX}")
        how = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            file = os.fdopen(os.open(temporary, how, mode), "r+b")
        except FileExistsError:
            continue
        with suppress(OSError):  # a file system without locks, where no process sweeps either
            file_lock.lock(file)
        if is_still(temporary, file):
            return temporary, file
        file.close()  # another process swept it before it was locked


def _put(temporary: Path, path: Path) -> None:
    temporary.replace(path)


def _put_new(temporary: Path, path: Path) -> None:
    """Gives a file its name, unless the name is taken."""
    if os.name == "nt":
        temporary.rename(path)  # on Windows this never replaces a file
        return
    try:
        os.link(temporary, path, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE))
        try:
            temporary.replace(path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    else:
        temporary.unlink()


def _sweep_once(folder: Path) -> None:
    """Sweeps a folder once in this process: a batch writes a hundred thousand files into one folder."""
    where = os.getpid(), str(folder.resolve())
    with _sweeping:
        if where in _swept:
            return
        if len(_swept) > _REMEMBERED:
            _swept.clear()
        _swept.add(where)
    sweep(folder)
