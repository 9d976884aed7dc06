"""Errors with their reason as data. An algorithm knows the reason; its callers know the place and choose the message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a value is not valid. ``subject`` is the topic of ``name`` (snake_case).

    ``params`` are what was found, what was expected, or a reason within this one.
    """

    subject: str
    name: str
    params: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, subject: str, name: str, /, **params: object) -> Reason:
        """Makes a reason from its parts."""
        return cls(subject, name, tuple(params.items()))

    def __str__(self) -> str:
        params = ", ".join(f"{name}={value}" for name, value in self.params)
        return f"{self.subject}/{self.name}" + (f" ({params})" if params else "")


class Broken(ValueError):
    """A value is not what it must be; ``reason`` states why. Each algorithm has a class of its own."""

    subject: ClassVar[str]

    def __init__(self, name: str = "", /, **params: object) -> None:
        self.reason = Reason(self.subject, name, tuple(params.items()))
        super().__init__(self.reason)
