"""The issuer is a DID, which stands for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ebl.report import Claim, Group


@dataclass(frozen=True, slots=True)
class Did(Claim):
    """The issuer is whoever controls ``did``, by its key ``key`` (None where the document names none)."""

    group: ClassVar[Group] = Group.IDENTITY
    name: ClassVar[str] = "did"

    did: str
    key: str | None
