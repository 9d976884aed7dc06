"""A verifier's memory of the challenges that it sent, so that each is answered once: a file, or something of the caller's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from ebl.chain.titles.title_challenge import TitleChallenge
from ebl.codec.timestamp import format_timestamp, parse_timestamp
from ebl.codes import Doubt, Failure
from ebl.config import durable_files, file_lock, files
from ebl.config.state_folder import state_folder
from ebl.errors import InvalidInput, Refuted, SourceError, Unreadable
from ebl.model.broken_input import read_json

MAX_CHALLENGES: Final = 20_000
"""How many challenges a file remembers at a time. Those that can no longer be answered are forgotten."""
_MAX_BYTES: Final = 16 << 20
_KEPT: Final = timedelta(hours=1)
"""How long a challenge is kept after it expired, so that a slow clock does not forget one that was used."""


class ChallengeMemory(Protocol):
    """What remembers challenges. A server may keep them in its database; both methods must be atomic."""

    def remember(self, challenge: TitleChallenge) -> None:
        """Keeps a challenge that is about to be sent."""

    def look(self, challenge: TitleChallenge) -> None:
        """Raises `Refuted` if the challenge was not sent as it is, or was answered already."""

    def use(self, challenge: TitleChallenge, *, at: datetime) -> None:
        """Marks a challenge as answered. Raises as `look` does, so that of two answers at once one is refused."""


@dataclass(frozen=True, slots=True)
class ChallengeFile:
    """Challenges in a JSON file that only its owner can read. Processes may share it: a change holds a lock (``FILE.lock``)."""

    path: Path

    @classmethod
    def usual(cls) -> ChallengeFile:
        """Returns the file ``ebl/challenges.json`` among the user's state files (XDG_STATE_HOME)."""
        return cls(state_folder() / "challenges.json")

    def remember(self, challenge: TitleChallenge) -> None:
        """Adds a challenge, and forgets those that expired an hour or longer before it was issued.

        Raises `InvalidInput` if the file is not one of challenges or is full, and `OSError` if it cannot be written.
        """
        durable_files.make_folder(self.path.parent, private=True)
        with self._changed(new=True) as rows:
            for nonce in [key for key, row in rows.items() if _end(row) + _KEPT < challenge.issued]:
                del rows[nonce]
            if len(rows) >= MAX_CHALLENGES:
                raise InvalidInput(
                    f"{self.path} has {MAX_CHALLENGES:,} challenges that can still be answered.",
                    fix="Wait until some expire, or use another file.",
                )
            rows[challenge.nonce.hex()] = {"challenge": challenge.to_dict(), "answered": None}

    def look(self, challenge: TitleChallenge) -> None:
        """Raises `Refuted` if the file does not have the challenge, or has it as answered; `SourceError` if it cannot be read."""
        with self._ours():
            _require_open(self._rows(), challenge)

    def use(self, challenge: TitleChallenge, *, at: datetime) -> None:
        """Marks a challenge as answered, on the disk before this returns. Raises as `look` does."""
        with self._ours(), self._changed() as rows:
            _require_open(rows, challenge)
            rows[challenge.nonce.hex()]["answered"] = format_timestamp(at, to="seconds")

    @contextmanager
    def _ours(self) -> Iterator[None]:
        """The file is the verifier's own: a fault in it says nothing about the answer."""
        try:
            yield
        except (OSError, InvalidInput) as trouble:
            why = getattr(trouble, "strerror", None) or "not a file of challenges"
            raise SourceError(Doubt.ANSWER_NOT_REMEMBERED, "file", file=self.path.name, because=why) from trouble

    @contextmanager
    def _changed(self, *, new: bool = False) -> Iterator[dict[str, Any]]:
        with file_lock.locked(self.path.with_name(f"{self.path.name}.lock")):
            rows = {} if new and not self.path.exists() else self._rows()
            yield rows
            durable_files.replace(self.path, json.dumps({"challenges": rows}, indent=1).encode(), private=True)

    def _rows(self) -> dict[str, Any]:
        try:
            found = read_json(files.load(self.path, limit=_MAX_BYTES))["challenges"]
            if not isinstance(found, dict) or not all(_end(row) for row in found.values()):
                raise KeyError
        except (Unreadable, KeyError, TypeError, ValueError) as bad:
            raise InvalidInput(
                f"{self.path} is not a file of challenges.", fix="Name another with --challenges."
            ) from bad
        return found


def _end(row: Any) -> datetime:
    return parse_timestamp(row["challenge"]["expires"])


def _require_open(rows: dict[str, Any], challenge: TitleChallenge) -> None:
    row = rows.get(challenge.nonce.hex())
    if row is None or row["challenge"] != challenge.to_dict():
        raise Refuted(Failure.ANSWER_OF_ANOTHER, "not_sent", nonce=challenge.nonce)
    if row["answered"] is not None:
        raise Refuted(Failure.ANSWER_USED, time=parse_timestamp(row["answered"]))
