"""Files are written whole or not at all, with their mode from the start, and what a kill left is removed."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ebl.config import durable_files as durable
from ebl.config import file_lock
from ebl.config.durable_files import TEMPORARY_SUFFIX, replace, sweep, write_new

POSIX = pytest.mark.skipif(os.name == "nt", reason="modes, links and what may be open are of POSIX")


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    durable._swept.clear()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("sync", [True, False])
def test_a_new_file_is_written_and_never_over_another(tmp_path: Path, sync: bool) -> None:
    write_new(tmp_path / "a", b"first", sync=sync)
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "a", b"second", sync=sync)
    assert (tmp_path / "a").read_bytes() == b"first"
    replace(tmp_path / "a", b"third", sync=sync)
    replace(tmp_path / "b", b"new", sync=sync)
    assert (tmp_path / "a").read_bytes() == b"third"
    assert names(tmp_path) == {"a", "b"}


@POSIX
def test_the_mode_is_there_from_the_start_and_the_umask_is_only_the_systems(tmp_path: Path) -> None:
    watch = (
        "import os, stat, sys\n"
        "from pathlib import Path\n"
        "from ebl.config import durable_files as durable\n"
        "at = Path(sys.argv[1])\n"
        "modes = set()\n"
        "def look(event, args):\n"
        "    if event in ('open', 'os.link', 'os.rename', 'os.chmod'):\n"
        "        modes.update(stat.S_IMODE(path.stat().st_mode) for path in at.iterdir() if path.is_file())\n"
        "os.umask(0o022)\n"
        "sys.addaudithook(look)\n"
        "durable.write_new(at / 'secret', b'x' * 100_000, private=True)\n"
        "durable.replace(at / 'secret', b'y' * 100_000, private=True)\n"
        "with durable.open_private(at / 'journal', append=True) as file: file.write(b'x')\n"
        "print(sorted(map(oct, modes)))\n"
        "durable.write_new(at / 'usual', b'z')\n"
        "print(oct(stat.S_IMODE((at / 'usual').stat().st_mode)))\n"
    )
    done = subprocess.run([sys.executable, "-c", watch, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["['0o600']", "0o644"]


@POSIX
def test_a_file_that_is_replaced_keeps_its_mode_unless_it_is_to_be_private(tmp_path: Path) -> None:
    write_new(tmp_path / "list", b"old")
    (tmp_path / "list").chmod(0o640)
    replace(tmp_path / "list", b"new")
    assert mode(tmp_path / "list") == 0o640
    (tmp_path / "list").chmod(0o666)
    replace(tmp_path / "list", b"newer", private=True)
    assert mode(tmp_path / "list") == 0o600


@POSIX
def test_a_link_stays_a_link_and_what_it_names_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    write_new(tmp_path / "real" / "file", b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real" / "file")
    replace(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "file").read_bytes() == b"new"
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "nowhere", b"x")
    assert not (tmp_path / "missing").exists()


def calls_of(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is flushed, linked and renamed, in order."""
    seen: list[str] = []
    for name in ("fsync", "link", "replace"):
        real = getattr(os, name)

        def wrapped(*args: Any, name: str = name, real: Any = real, **more: Any) -> Any:
            is_folder = name == "fsync" and stat.S_ISDIR(os.fstat(args[0]).st_mode)
            seen.append("fsync folder" if is_folder else name)
            return real(*args, **more)

        monkeypatch.setattr(os, name, wrapped)
    return seen


@POSIX
def test_content_is_on_the_disk_before_its_name_is_and_the_name_before_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = calls_of(monkeypatch)
    write_new(tmp_path / "a", b"x")
    assert seen == ["fsync", "link", "fsync folder"]
    del seen[:]
    replace(tmp_path / "a", b"y")
    assert seen == ["fsync", "replace", "fsync folder"]
    del seen[:]
    replace(tmp_path / "a", b"z", sync=False)
    assert seen == ["replace"]


@POSIX
def test_folders_that_are_made_are_flushed_too_and_private_all_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = calls_of(monkeypatch)
    durable.make_folder(tmp_path / "a" / "b", private=True)
    assert seen == ["fsync folder", "fsync folder"]
    assert (mode(tmp_path / "a"), mode(tmp_path / "a" / "b")) == (0o700, 0o700)
    durable.make_folder(tmp_path / "a" / "b")
    assert seen == ["fsync folder", "fsync folder"]


@POSIX
@pytest.mark.parametrize("write", [write_new, replace])
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Any) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path / "a", b"x")
    assert names(tmp_path) == set()


@POSIX
def test_without_hard_links_a_new_file_is_still_never_over_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", none)
    write_new(tmp_path / "a", b"first", private=True)
    assert ((tmp_path / "a").read_bytes(), mode(tmp_path / "a")) == (b"first", 0o600)
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert names(tmp_path) == {"a"}


def test_a_name_may_be_as_long_as_the_system_lets_it_be(tmp_path: Path) -> None:
    name = "提单" * 40
    write_new(tmp_path / name, b"x")
    assert names(tmp_path) == {name}


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """What a killed process leaves."""
    path = tmp_path / f".key.0011{TEMPORARY_SUFFIX}"
    path.write_bytes(b"secret")
    return path


def test_what_a_killed_process_left_is_removed_by_the_next_that_writes_there(tmp_path: Path, left: Path) -> None:
    (tmp_path / "sub").mkdir()
    write_new(tmp_path / "sub" / "elsewhere", b"x")
    assert left.exists()
    write_new(tmp_path / "anything", b"x")
    assert not left.exists()


@POSIX
def test_what_a_living_process_writes_is_not_removed(tmp_path: Path, left: Path) -> None:
    with left.open("rb") as file:
        file_lock.lock(file)
        sweep(tmp_path)
        assert left.exists()
    sweep(tmp_path)
    assert not left.exists()


@POSIX
def test_only_files_of_ours_are_removed_and_nothing_else_is_opened(tmp_path: Path, left: Path) -> None:
    others = [".hidden", f"key{TEMPORARY_SUFFIX}", f"{left.name}.bak", ".key.new"]
    for name in others:
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "target").write_bytes(b"x")
    (tmp_path / f".link{TEMPORARY_SUFFIX}").symlink_to(tmp_path / "target")
    os.mkfifo(tmp_path / f".pipe{TEMPORARY_SUFFIX}")
    (tmp_path / f".folder{TEMPORARY_SUFFIX}").mkdir()
    sweep(tmp_path)
    assert not left.exists()
    assert names(tmp_path) >= {*others, "target"}
    assert (tmp_path / "target").read_bytes() == b"x"
    sweep(tmp_path / "no such folder")


@POSIX
def test_a_file_that_was_swept_before_it_was_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, rounds = file_lock.lock, iter(range(9))

    def swept(file: Any, **how: Any) -> None:
        if next(rounds) == 0:
            Path(file.name if isinstance(file.name, str) else next(tmp_path.glob(f"*{TEMPORARY_SUFFIX}"))).unlink()
        real(file, **how)

    monkeypatch.setattr(file_lock, "lock", swept)
    write_new(tmp_path / "a", b"whole")
    assert (tmp_path / "a").read_bytes() == b"whole"
    assert names(tmp_path) == {"a"}


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    seen: list[Path] = []
    real = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda self: (seen.append(self), real(self))[1])
    yield seen


def test_a_folder_is_looked_through_once_however_many_files_are_written(tmp_path: Path, listed: list[Path]) -> None:
    for number in range(20):
        replace(tmp_path / f"{number}", b"x", sync=False)
    assert listed == [tmp_path]


@POSIX
def test_files_that_were_written_without_it_are_flushed_at_once_or_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_new(tmp_path / "a", b"x", sync=False)
    seen = calls_of(monkeypatch)
    monkeypatch.setattr(os, "sync", lambda: seen.append("sync"))
    monkeypatch.setattr(sys, "platform", "linux")
    durable.sync_files([tmp_path / "a"], folders=[tmp_path])
    monkeypatch.setattr(sys, "platform", "darwin")
    durable.sync_files([tmp_path / "a"], folders=[tmp_path])
    assert seen == ["sync", "fsync", "fsync folder"]
