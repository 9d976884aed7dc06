"""Kill commands at chosen and at random points, and look at what is left. Run as a program, since it forks: see `main`.

A kill is a SIGKILL of a forked process, either at one of its file events (before a file is opened, flushed, linked, renamed
or removed) or after a random time, which is also in the middle of a write.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from ebl.chain.sending import journal as journals
from ebl.chain.sending.journal import Journal, JournalEntry, Outcome
from ebl.chain.signers import LocalKey
from ebl.checking.formats import read
from ebl.cli import encryption_commands as encryption  # noqa: F401
from ebl.cli import key_commands as key
from ebl.cli import main as ebl
from ebl.codec import strict_json
from ebl.config import durable_files as durable
from ebl.credentials import ecdsa_rdfc  # noqa: F401
from ebl.credentials import status_list_credential as list_credential
from ebl.credentials.issuer_keys import IssuerKey
from ebl.openattestation import wrap_files
from ebl.sharing.encryption import Encrypted, decrypt, key_from_hex
from ebl.testing.bills import bill
from ebl.verify import check_integrity

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DOCUMENT = json.dumps({"secret": "the goods are " + "gold " * 400})
_EVENTS = {"open", "os.rename", "os.remove", "os.link", "os.mkdir", "os.truncate", "os.listdir", "os.scandir"}


class Case(Protocol):
    """What is killed. Everything is done in the folder that it is given, which is new each time."""

    def prepare(self, at: Path) -> None:
        """What was there before."""

    def act(self, at: Path) -> None:
        """What is killed, in a process of its own."""

    def check(self, at: Path, *, killed: bool) -> None:
        """What must hold then, before anything else is run."""

    def again(self, at: Path) -> None:
        """The next run, in a process of its own: it must succeed."""

    def check_again(self, at: Path) -> None:
        """What must hold after that."""


def run(*words: object) -> None:
    """Run ``ebl`` in this process."""
    with suppress(SystemExit):
        ebl(list(map(str, words)), standalone_mode=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a forked process ended: whether it was killed before its end, after how many file events, and seconds."""

    killed: bool
    events: int
    seconds: float


def forked(act: Callable[[], None], folder: Path, *, at_event: int = -1, after: float | None = None) -> Ended:
    """Do it in another process, and kill that at one of its file events in the folder, or after some seconds."""
    ours, theirs = os.pipe()
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, 1)
            os.dup2(null, 2)
            _count(at_event, str(folder), theirs)
            act()
            code = 0
        finally:
            os._exit(code)
    os.close(theirs)
    if after is not None:
        time.sleep(after)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    seconds = time.monotonic() - started
    with os.fdopen(ours, "rb") as told:
        events = len(told.read())
    if os.WIFSIGNALED(status):
        return Ended(True, events, seconds)
    assert os.WEXITSTATUS(status) == 0, "the process failed"
    return Ended(False, events, seconds)


def _count(last: int, folder: str, told: int) -> None:
    """Tell every file event through a pipe, and die at the last."""
    left = last
    flush = os.fsync

    def count() -> None:
        nonlocal left
        os.write(told, b".")
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in _EVENTS and any(isinstance(one, str | Path) and str(one).startswith(folder) for one in args[:2]):
            count()

    def flushed(handle: int) -> None:
        count()
        flush(handle)

    sys.addaudithook(hook)
    os.fsync = flushed  # type: ignore[assignment]


def files(at: Path) -> Iterator[Path]:
    """Every file below a folder, hidden ones too."""
    return (path for path in at.rglob("*") if path.is_file())


def left_behind(at: Path) -> list[Path]:
    """What a killed process has left that is no file of anybody's."""
    return [path for path in files(at) if path.name.endswith(durable.TEMPORARY_SUFFIX)]


def require_private(at: Path, secret: bytes) -> None:
    """A secret is readable by its owner only, wherever it is and whenever one looks."""
    for path in files(at):
        if secret in path.read_bytes():
            assert not stat.S_IMODE(path.stat().st_mode) & 0o077, f"{path.name} is open to others"


@dataclass
class NewKey:
    """A key that signs credentials: it is there whole, or not at all."""

    def prepare(self, at: Path) -> None: ...

    def act(self, at: Path) -> None:
        run("key", "new", "-o", at / "keys" / "key")

    def check(self, at: Path, *, killed: bool) -> None:
        require_private(at, b"secretKeyMultibase")
        if (at / "keys" / "key").exists():
            IssuerKey.from_json((at / "keys" / "key").read_bytes())
        else:
            assert killed

    def again(self, at: Path) -> None:
        run("key", "new", "-o", at / "keys" / ("other" if (at / "keys" / "key").exists() else "key"))

    def check_again(self, at: Path) -> None:
        IssuerKey.from_json((at / "keys" / "key").read_bytes())
        assert {path.name for path in files(at)} <= {"key", "other"}


@dataclass
class Keystore(NewKey):
    """A keystore, as `ebl wallet new` writes it (with a password that costs less to check)."""

    def act(self, at: Path) -> None:
        from ebl.cli import own_files as writing

        writing.save(at / "keys" / "key", LocalKey(b"\1" * 32).to_keystore("password", work=2), private=True)

    def check(self, at: Path, *, killed: bool) -> None:
        require_private(at, b"ciphertext")
        if (at / "keys" / "key").exists():
            assert LocalKey.from_keystore((at / "keys" / "key").read_bytes(), "password").secret == b"\1" * 32
        else:
            assert killed

    def check_again(self, at: Path) -> None:
        assert {path.name for path in files(at)} <= {"key", "other"}


@dataclass
class Encrypt:
    """An encrypted document: once it is there, so is its key."""

    def prepare(self, at: Path) -> None:
        (at / "bill.json").write_text(DOCUMENT, "utf-8")

    def act(self, at: Path) -> None:
        run("encrypt", at / "bill.json", "-o", at / "out.enc", "--key-out", at / "out.key")

    def check(self, at: Path, *, killed: bool) -> None:
        assert (at / "bill.json").read_text("utf-8") == DOCUMENT
        for path in files(at):
            if "key" in path.name:
                assert not stat.S_IMODE(path.stat().st_mode) & 0o077
        if (at / "out.enc").exists():
            held = key_from_hex((at / "out.key").read_text())
            assert decrypt(Encrypted.read((at / "out.enc").read_bytes()), held) == DOCUMENT
        else:
            assert killed

    def again(self, at: Path) -> None:
        run("encrypt", at / "bill.json", "-o", at / "again.enc", "--key-out", at / "again.key")

    def check_again(self, at: Path) -> None:
        held = key_from_hex((at / "again.key").read_text())
        assert decrypt(Encrypted.read((at / "again.enc").read_bytes()), held) == DOCUMENT


@dataclass
class Decrypt(Encrypt):
    """A decrypted document: whole, or not there, and nowhere else."""

    def prepare(self, at: Path) -> None:
        super().prepare(at)
        super().act(at)

    def act(self, at: Path) -> None:
        run("decrypt", at / "out.enc", "--key-file", at / "out.key", "-o", at / "clear.json")

    def check(self, at: Path, *, killed: bool) -> None:
        assert killed or (at / "clear.json").exists()
        if (at / "clear.json").exists():
            assert (at / "clear.json").read_text("utf-8") == DOCUMENT


@dataclass
class Update:
    """A status list that is changed in its place: the old one or the new one."""

    def prepare(self, at: Path) -> None:
        with IssuerKey.generate(key.SUITES["ecdsa-sd-2023"]) as made:
            (at / "key").write_bytes(made.to_json())
            (at / "key").chmod(0o600)
        url = "https://carrier.example/list"
        run("status-list", "create", url, "--key-file", at / "key", "-o", at / "list.json")
        assert self._bits(at) == []

    def act(self, at: Path) -> None:
        run("status-list", "update", at / "list.json", "--key-file", at / "key", "--set", 3)

    def check(self, at: Path, *, killed: bool) -> None:
        assert self._bits(at) in ([], [3]) if killed else self._bits(at) == [3]

    def again(self, at: Path) -> None:
        run("status-list", "update", at / "list.json", "--key-file", at / "key", "--set", 5)

    def check_again(self, at: Path) -> None:
        assert self._bits(at) in ([3, 5], [5])

    def _bits(self, at: Path) -> list[int]:
        held = list_credential.parse(strict_json.parse((at / "list.json").read_bytes()))
        return [number for number in range(8) if held.bits[number]]


@dataclass
class Wrap:
    """A folder that is wrapped: what was begun goes on, and nothing that was written is another afterwards."""

    def prepare(self, at: Path) -> None:
        (at / "raw").mkdir()
        for number in range(6):
            raw = bill(number, store="0x" + "11" * 20, domain="carrier.example", chain_id=1337)
            (at / "raw" / f"{number}.json").write_text(json.dumps(raw), "utf-8")

    def act(self, at: Path) -> None:
        run("wrap", at / "raw", "-o", at / "out")

    def check(self, at: Path, *, killed: bool) -> None:
        self._begun = {path: path.read_bytes() for path in (at / "out").glob("[0-9]*.json")}
        for content in self._begun.values():
            check_integrity(read(content))
        assert killed or len(self._begun) == 6
        for path in files(at):
            if path.name == wrap_files.JOURNAL:
                assert not stat.S_IMODE(path.stat().st_mode) & 0o077

    def again(self, at: Path) -> None:
        self.act(at)

    def check_again(self, at: Path) -> None:
        roots = {
            json.loads((at / "out" / f"{number}.json").read_bytes())["signature"]["merkleRoot"] for number in range(6)
        }
        assert len(roots) == 1
        for path, content in self._begun.items():
            assert path.read_bytes() == content
        assert {path.name for path in files(at / "out")} == {*(f"{n}.json" for n in range(6)), wrap_files.MANIFEST}
        assert len((at / "out" / wrap_files.MANIFEST).read_bytes().splitlines()) == 6


@dataclass
class Sent:
    """A journal of transactions, which is put aside again and again: what it took is never lost."""

    def prepare(self, at: Path) -> None: ...

    def act(self, at: Path) -> None:
        journals._ROTATE_AT = 700
        self._journal = journals.Journals(at / "journals").journal(1, "0x" + "ab" * 32, "0x" + "11" * 20)
        told = os.open(at / "told", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for number in range(12):
            with self._journal.locked():
                entry = JournalEntry(number, f"0x{number:064x}", "0x00", "call", "move it", NOW.isoformat())
                self._journal.add(entry)
                os.write(told, f"{number}\n".encode())
                if number % 3 == 0:
                    self._journal.settle(entry, Outcome.INCLUDED, number)
                    os.write(told, f"-{number}\n".encode())

    def check(self, at: Path, *, killed: bool) -> None:
        said = (at / "told").read_text().split() if (at / "told").exists() else []
        assert killed or len(said) == 16
        where = journals.Journals(at / "journals")
        known = self._known(where)
        for word in said:
            number = word.lstrip("-")
            assert number in known, f"the transaction {number} is lost"
            if f"-{number}" not in said:
                continue
            assert known[number] is Outcome.INCLUDED
        still = {entry.nonce for entry in self._open(where)}
        assert still >= {number for number in map(int, said) if number > 0 and number % 3}
        for path in files(at):
            assert not stat.S_IMODE(path.stat().st_mode) & 0o077

    def again(self, at: Path) -> None:
        self.act(at)

    def check_again(self, at: Path) -> None:
        assert {entry.nonce for entry in self._open(journals.Journals(at / "journals"))} >= {
            n for n in range(12) if n % 3
        }

    def _open(self, where: journals.Journals) -> list[JournalEntry]:
        """What the next sender is told, which reads no journal but the newest."""
        journal = where.journal(1, "0x" + "ab" * 32, "0x" + "11" * 20)
        return [entry for entry in journal.entries() if entry.open]

    def _known(self, where: journals.Journals) -> dict[str, Outcome]:
        found: dict[str, Outcome] = {}
        for path in sorted(where.folder.glob("*.jsonl*")):
            if path.suffix != ".lock" and not path.name.startswith("."):
                for entry in Journal(path).entries():
                    if found.get(str(entry.nonce), Outcome.SIGNED) is Outcome.SIGNED:
                        found[str(entry.nonce)] = entry.outcome
        return found


@dataclass
class Code:
    """A picture of a link that holds a key."""

    def prepare(self, at: Path) -> None:
        (at / "key").write_text("01" * 32, "utf-8")
        (at / "key").chmod(0o600)

    def act(self, at: Path) -> None:
        run("qr", "make", "https://storage.example/1", "--key-file", at / "key", "-o", at / "code.svg")

    def check(self, at: Path, *, killed: bool) -> None:
        require_private(at, b"<svg")
        require_private(at, b"<path")
        assert killed or (at / "code.svg").exists()

    def again(self, at: Path) -> None:
        run("qr", "make", "https://storage.example/1", "--key-file", at / "key", "-o", at / "again.svg")

    def check_again(self, at: Path) -> None:
        assert (at / "again.svg").read_bytes().endswith(b"</svg>\n")


CASES: dict[str, Callable[[], Case]] = {
    "key": NewKey,
    "keystore": Keystore,
    "encrypt": Encrypt,
    "decrypt": Decrypt,
    "status list": Update,
    "wrap": Wrap,
    "journal": Sent,
    "QR code": Code,
}


def kill(case: Case, **how: Any) -> Ended:
    """Kill a case once, and check what is left."""
    at = Path(tempfile.mkdtemp(prefix="kills-"))
    try:
        forked(lambda: case.prepare(at), at)
        ended = forked(lambda: case.act(at), at, **how)
        case.check(at, killed=ended.killed)
        forked(lambda: case.again(at), at)
        case.check_again(at)
        assert not left_behind(at), [path.name for path in left_behind(at)]
        return ended
    finally:
        shutil.rmtree(at, ignore_errors=True)


def main(seed: int, count: int) -> None:
    """Kill each case so often. Prints how often each was killed before it had ended.

    Three of four kills are at a file event, of which as many are tried as there are; the others are at any time.
    """
    for name, made in CASES.items():
        chance = random.Random(f"{seed} {name}")
        whole = kill(made())
        points = chance.sample(range(1, whole.events + 1), whole.events)
        killed = 0
        for round_ in range(count):
            how: dict[str, Any] = {"at_event": points[round_ % len(points)]}
            if round_ % 4 == 3:
                how = {"after": chance.uniform(0.0, whole.seconds)}
            try:
                killed += kill(made(), **how).killed
            except Exception as bad:
                raise AssertionError(f"{name}, killed {how}: {bad!r}") from bad
        print(f"{name}: {killed} of {count} killed, {whole.events} events")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
