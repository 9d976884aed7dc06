"""Nodes that returned another response than the quorum, or none."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from ebl.codes import Remark
from ebl.errors import SourceError
from ebl.messages import Message, say

Topic = str | int
"""What nodes are queried for: a parameter of the message catalogue, or the number of a block."""


@dataclass(slots=True)
class Dissent:
    """The nodes that returned another response than the quorum, or none; each is noted once. Thread-safe."""

    _said: dict[Message, None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def so_far(self) -> tuple[Message, ...]:
        """The notes so far; each names the node's host."""
        with self._lock:
            return tuple(self._said)

    def note(self, host: str, answer: object, agreed: object, what: Topic) -> None:
        """Notes what a node returned about ``what``, unless it is the quorum's response."""
        match answer, what:
            case SourceError(doubt=doubt), int(number):
                self.add(say(Remark.NODE_DISSENT, "silent_block", host=host, number=number, doubt=doubt))
            case SourceError(doubt=doubt), str(word):
                self.add(say(Remark.NODE_DISSENT, "silent", host=host, what=word, doubt=doubt))
            case _, int(number) if answer != agreed:
                self.add(say(Remark.NODE_DISSENT, "otherwise_block", host=host, number=number))
            case _, str(word) if answer != agreed:
                self.add(say(Remark.NODE_DISSENT, "otherwise", host=host, what=word))

    def add(self, message: Message) -> None:
        """Adds a note."""
        with self._lock:
            self._said[message] = None
