"""Why something is not what it must be, as data: an algorithm knows why, its callers know where and what to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Reason:
    """``name`` in snake_case is of what ``subject`` is about; ``params`` are what came, what was expected, or a reason below."""

    subject: str
    name: str
    params: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, subject: str, name: str, /, **params: object) -> Reason:
        """A reason from its parts."""
        return cls(subject, name, tuple(params.items()))

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.params)
        return f"{self.subject}/{self.name}" + (f" ({told})" if told else "")


class Broken(ValueError):
    """What came is not what it must be; ``reason`` says why. Each algorithm has a class of its own."""

    subject: ClassVar[str]

    def __init__(self, name: str = "", /, **params: object) -> None:
        self.reason = Reason(self.subject, name, tuple(params.items()))
        super().__init__(self.reason)
