"""Write-ahead journal of sent transactions: each is written here before its broadcast, so none is lost or sent twice.

One file of JSON lines for each key on each chain, with one lock for all threads and processes. The holder of the lock
chooses the next nonce, so two senders never choose the same.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from ebl.chain.sending.call import Call
from ebl.codec.timestamp import parse_timestamp
from ebl.config import durable_files as durable
from ebl.config.file_lock import locked
from ebl.config.state_folder import state_folder
from ebl.errors import InvalidInput
from ebl.ethereum.address import checksummed
from ebl.ethereum.keccak import keccak256
from ebl.model.broken_input import read_json

_ROTATE_AT = 4 * 1024 * 1024
_SETTLED = {"tx_hash", "outcome", "block"}
_FINISHED = {"finished"}
# For how many seconds after its signature an earlier run's transaction counts as the same move.
RESUME_WITHIN = 3600.0


class Outcome(StrEnum):
    """The outcome of a transaction: that of ``signed`` ones is open, the others are settled."""

    SIGNED = "signed"
    INCLUDED = "included"
    REVERTED = "reverted"
    REFUSED = "refused"
    SUPERSEDED = "superseded"


class Purpose(StrEnum):
    """The reason why a transaction was signed."""

    CALL = "call"
    SPEED_UP = "speed-up"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One signed transaction. ``raw`` is what was broadcast, ``call`` the fingerprint of its move.

    ``run`` is the run of many that it belongs to, until that run is finished (`Journal.finish`); otherwise it is empty.
    """

    nonce: int
    tx_hash: str
    raw: str
    call: str
    summary: str
    signed_at: str
    purpose: Purpose = Purpose.CALL
    outcome: Outcome = Outcome.SIGNED
    block: int | None = None
    run: str = ""

    @property
    def open(self) -> bool:
        """Whether its outcome is not settled yet."""
        return self.outcome is Outcome.SIGNED

    def age(self, now: datetime) -> float:
        """Returns the seconds since its signature."""
        return (now - parse_timestamp(self.signed_at)).total_seconds()


def fingerprint(call: Call) -> str:
    """Returns what identifies a move: the chain, the contract and the data of its call."""
    to = b"" if call.to is None else bytes.fromhex(call.to[2:])
    return keccak256(call.chain_id.to_bytes(32) + len(to).to_bytes(1) + to + call.data).hex()


@dataclass(frozen=True, slots=True)
class Journals:
    """A folder with a journal for each key and chain. The files hold signed transactions and hashes, never keys."""

    folder: Path

    @classmethod
    def at_home(cls) -> Journals:
        """Returns the folder ``ebl/journals`` among the user's state files (XDG_STATE_HOME)."""
        return cls(state_folder() / "journals")

    def journal(self, chain_id: int, genesis: str, sender: str) -> Journal:
        """Returns the journal of one key on one chain. ``genesis`` distinguishes chains with the same id, as local ones have.

        Raises `InvalidInput` if the folder cannot be made.
        """
        try:
            durable.make_folder(self.folder, private=True)
        except OSError as trouble:
            raise InvalidInput(
                f"The journal of transactions cannot be written: {self.folder}: {trouble.strerror}.",
                fix="Set XDG_STATE_HOME to a folder that can be written, or pass another Journals.",
            ) from trouble
        return Journal(self.folder / f"{chain_id}-{genesis.removeprefix('0x')[:16]}-{sender.lower()}.jsonl")

    def find(self, tx_hash: str) -> tuple[Journal, JournalEntry] | None:
        """Returns the entry of a hash in any journal, also in old ones.

        Raises `InvalidInput` if no readable journal has it, and a journal is damaged.
        """
        damaged: InvalidInput | None = None
        for journal in self._journals("*.jsonl*"):
            try:
                entries = journal.entries()
            except InvalidInput as bad:  # the damaged journal may be another key's, so the search goes on
                damaged = damaged or bad
                continue
            for entry in entries:
                if entry.tx_hash == tx_hash.lower():
                    return journal, entry
        if damaged is not None:
            raise damaged
        return None

    def may_be_out(self, call: Call) -> bool:
        """Whether a journal of any key has this move as sent with an open outcome, or cannot be read."""
        same = fingerprint(call)
        try:
            return any(
                entry.open and entry.call == same
                for journal in self._journals(f"{call.chain_id}-*.jsonl")
                for entry in journal.entries()
            )
        except InvalidInput:
            return True

    def _journals(self, pattern: str) -> Iterator[Journal]:
        for path in sorted(self.folder.glob(pattern)):
            if path.suffix != ".lock" and not path.name.startswith("."):
                yield Journal(path)


@dataclass(frozen=True, slots=True)
class Journal:
    """The transactions of one key on one chain. `add`, `settle` and `finish` require the lock."""

    path: Path

    @property
    def sender(self) -> str:
        """The address of the key, from the name of the file. Raises `ValueError` if the name has no address."""
        return checksummed(self.path.name.partition(".")[0].rpartition("-")[2])

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Waits until no other thread or process holds this journal's lock. A process that ends releases it."""
        with locked(self.path.with_name(self.path.name + ".lock")):
            yield

    def entries(self) -> tuple[JournalEntry, ...]:
        """Returns every transaction, oldest first, with its latest outcome. Raises `InvalidInput` if the file is damaged."""
        return _Reading().of(self.path)

    def followed(self) -> Journal:
        """Returns the same journal for a run that reads it often: each reading takes in only what is new since the last."""
        return _Followed(self.path)

    def add(self, *entries: JournalEntry) -> None:
        """Writes signed transactions; they are on disk before this returns."""
        self._rotate()
        self._write(*map(asdict, entries))

    def settle(self, entry: JournalEntry, outcome: Outcome, block: int | None = None) -> None:
        """Writes the outcome of a transaction."""
        self.settle_all([(entry, outcome, block)])

    def settle_all(self, outcomes: Sequence[tuple[JournalEntry, Outcome, int | None]]) -> None:
        """Writes the outcomes of several transactions, and their blocks."""
        self._write(
            *({"tx_hash": entry.tx_hash, "outcome": outcome, "block": block} for entry, outcome, block in outcomes)
        )

    def finish(self, run: str) -> None:
        """Writes that a run of many has ended, so that the same moves in a later run are new ones."""
        self._write({"finished": run})

    def _write(self, *rows: dict[str, Any]) -> None:
        if not rows:
            return
        fresh = not self.path.exists()
        with durable.open_private(self.path, append=True) as file:
            # A newline first, so that a line truncated by a kill does not join this one.
            file.write(b"".join(b"\n" + _line(row) for row in rows))
            file.flush()
            os.fsync(file.fileno())
        if fresh:
            durable.sync_folder(self.path.parent)

    def _rotate(self) -> None:
        """Moves a large file aside once, and keeps the open entries and what an unfinished run of many needs.

        Both files are whole and flushed before either takes its place. So after a kill or a power cut there is always the old
        file or the new one. A file of which most would be kept stays as it is.
        """
        if not self.path.exists() or self.path.stat().st_size < _ROTATE_AT:
            return
        now = datetime.now(UTC)
        kept = [e for e in self.entries() if e.open or (e.run and e.age(now) <= RESUME_WITHIN)]
        content = b"".join(b"\n" + _line(asdict(entry)) for entry in kept)
        if len(content) > _ROTATE_AT // 2 and any(not entry.open for entry in kept):
            return
        aside = self.path.with_name(f"{self.path.name}.{now:%Y%m%dT%H%M%S%f}")
        durable.write_new(aside, self.path.read_bytes(), private=True)
        durable.replace(self.path, content, private=True)


@dataclass(slots=True)
class _Reading:
    """What was read of a journal's file: the entries by hash, the file that they are of, and the position."""

    file: tuple[int, int] | None = None
    upto: int = 0
    found: dict[str, JournalEntry] = field(default_factory=dict)

    def of(self, path: Path) -> tuple[JournalEntry, ...]:
        """Returns every entry, after taking in what is new since the last time. Raises the errors of `Journal.entries`."""
        try:
            for line in self._lines(path):
                self._take_in(read_json(line, any_number=True, with_mark=False))
        except (KeyError, TypeError, ValueError) as bad:
            self.file = None
            raise InvalidInput(
                f"The journal of transactions is damaged: {path}: {bad!r:.200}.",
                fix="Look up what the key sent last; then move the file away. Until then nothing is sent.",
            ) from bad
        return tuple(self.found.values())

    def _lines(self, path: Path) -> Iterator[bytes]:
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                if self.file != (status.st_dev, status.st_ino) or status.st_size < self.upto:
                    self.file, self.upto, self.found = (status.st_dev, status.st_ino), 0, {}
                file.seek(self.upto)
                content = file.read()
        except FileNotFoundError:
            self.file, self.found = None, {}
            return
        lines = content.split(b"\n")
        for line in lines:
            if line[:1] == b"{" and line[-1:] != b"}":
                continue  # the last line of a process that was killed while it wrote it: nothing was broadcast yet
            if line:
                yield line
        torn = lines[-1][:1] == b"{" and lines[-1][-1:] != b"}"  # or it is being written now
        self.upto += len(content) - (len(lines[-1]) if torn else 0)

    def _take_in(self, row: dict[str, Any]) -> None:
        found = self.found
        if isinstance(row, dict) and row.keys() == _FINISHED:
            for entry in [entry for entry in found.values() if entry.run == row["finished"]]:
                found[entry.tx_hash] = replace(entry, run="")
            return
        known = found.get(row["tx_hash"])
        if known is not None:
            found[known.tx_hash] = replace(known, outcome=Outcome(row["outcome"]), block=row["block"])
        elif row.keys() != _SETTLED:  # the outcome of an entry that is in an older file by now
            found[row["tx_hash"]] = _entry(row)


@dataclass(frozen=True, slots=True)
class _Followed(Journal):
    _reading: _Reading = field(default_factory=_Reading, compare=False, repr=False)

    def entries(self) -> tuple[JournalEntry, ...]:
        return self._reading.of(self.path)


def _line(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode()


def _entry(row: dict[str, Any]) -> JournalEntry:
    entry = JournalEntry(**(row | {"outcome": Outcome(row["outcome"]), "purpose": Purpose(row["purpose"])}))
    texts = (entry.tx_hash, entry.raw, entry.call, entry.summary, entry.run)
    if type(entry.nonce) is not int or entry.nonce < 0 or not all(isinstance(text, str) for text in texts):
        raise TypeError("expected a transaction")
    parse_timestamp(entry.signed_at)
    return entry
