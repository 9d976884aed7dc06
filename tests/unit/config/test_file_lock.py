"""One lock, on every system."""

from __future__ import annotations

import errno
import importlib.util
import os
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ebl.config import file_lock


class Msvcrt(ModuleType):
    """Windows' locks, as their documentation has them: of a byte at the file's position, held by a descriptor."""

    LK_LOCK, LK_NBLCK, LK_UNLCK = 1, 2, 0

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self.held: dict[tuple[int, int], int] = {}
        self.tries = 0

    def locking(self, handle: int, mode: int, count: int) -> None:
        assert count == 1
        byte = os.fstat(handle).st_ino, os.lseek(handle, 0, os.SEEK_CUR)
        if mode == self.LK_UNLCK:
            assert self.held.pop(byte) == handle
        elif byte in self.held:
            self.tries += 1
            if self.tries == 3:
                del self.held[byte]  # the other has ended
            raise OSError(errno.EDEADLK if mode == self.LK_LOCK else errno.EACCES, "locked")
        else:
            self.held[byte] = handle


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Msvcrt]:
    """The module as Windows loads it."""
    locks = Msvcrt()
    monkeypatch.setitem(sys.modules, "msvcrt", locks)
    monkeypatch.setattr(sys, "platform", "win32")
    spec = importlib.util.spec_from_file_location("file_lock_of_windows", file_lock.__file__)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, locks


def test_a_lock_keeps_others_out_until_it_is_released(tmp_path: Path) -> None:
    order: list[str] = []

    def second() -> None:
        with file_lock.locked(tmp_path / "lock"):
            order.append("second")

    with file_lock.locked(tmp_path / "lock"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.2)
        order.append("first")
        with pytest.raises(BlockingIOError), file_lock.locked(tmp_path / "lock", wait=False):
            raise AssertionError("two hold it")
    thread.join(10)
    assert order == ["first", "second"]
    with file_lock.locked(tmp_path / "lock", wait=False):
        pass
    assert os.name == "nt" or (tmp_path / "lock").stat().st_mode & 0o077 == 0


def test_on_windows_it_keeps_others_out_too(windows: tuple[Any, Msvcrt], tmp_path: Path) -> None:
    module, locks = windows
    with module.locked(tmp_path / "lock"):
        with pytest.raises(BlockingIOError), module.locked(tmp_path / "lock", wait=False):
            raise AssertionError("two hold it")
        assert len(locks.held) == 1
    assert not locks.held


def test_on_windows_one_that_waits_tries_for_as_long_as_it_takes(windows: tuple[Any, Msvcrt], tmp_path: Path) -> None:
    module, locks = windows
    with (tmp_path / "lock").open("w+b") as first, (tmp_path / "lock").open("r+b") as second:
        module.lock(first)
        module.lock(second)
    assert locks.tries == 3


def test_on_windows_the_content_can_be_read_by_others_and_the_position_stays(
    windows: tuple[Any, Msvcrt], tmp_path: Path
) -> None:
    module, locks = windows
    with (tmp_path / "journal").open("w+b", buffering=0) as file:
        file.write(b"some rows")
        file.seek(4)
        module.lock(file)
        ((_, byte),) = locks.held
        assert byte > 1 << 29
        assert file.tell() == 4
        module.unlock(file)
        assert file.tell() == 4


def test_on_windows_a_file_system_without_locks_is_not_taken_for_a_lock_that_is_held(
    windows: tuple[Any, Msvcrt], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, locks = windows

    def none(*_: object) -> None:
        raise OSError(errno.EINVAL, "no locks here")

    monkeypatch.setattr(locks, "locking", none)
    for wait in (True, False):
        with pytest.raises(OSError, match="no locks"), module.locked(tmp_path / "lock", wait=wait):
            raise AssertionError("it is not locked")
