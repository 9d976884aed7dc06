"""What nodes said otherwise than those that were believed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from ebl.errors import SourceError


@dataclass(slots=True)
class Dissent:
    """Which nodes said otherwise than those that agreed, or nothing; each said once. Thread-safe."""

    _said: dict[str, None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def so_far(self) -> tuple[str, ...]:
        """Each as a piece of text that begins with the node's host."""
        with self._lock:
            return tuple(self._said)

    def note(self, name: str, answer: object, agreed: object, what: str) -> None:
        """Put down what a node said of something, unless it is what the others agreed on."""
        if isinstance(answer, SourceError):
            self.add(f"{name} gave no answer about {what} ({answer.doubt})")
        elif answer != agreed:
            self.add(f"{name} said otherwise of {what}")

    def add(self, text: str) -> None:
        """Put something down."""
        with self._lock:
            self._said[text] = None
