"""The result of verifying one document, as far as rooms below the report need it."""

from __future__ import annotations

from abc import ABC, abstractmethod

from ebl.model.document import Document
from ebl.model.findings import Fact, Verdict


class Judged(ABC):
    """One document with its verdict and the facts that were established. `ebl.verify.Report` is one."""

    __slots__ = ()

    document: Document | None

    @property
    @abstractmethod
    def verdict(self) -> Verdict:
        """One of the three verdicts."""

    @property
    @abstractmethod
    def facts(self) -> tuple[Fact, ...]:
        """The facts that were established, in the order of the findings."""

    @abstractmethod
    def require_valid(self) -> None:
        """Raises `ebl.verify.NotVerified`, which carries the report, unless the verdict is VALID."""
