"""The rules as data: id, severity, place and basis of each, from ``rules.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from ebl.messages import Message, say


class Severity(StrEnum):
    """How grave it is if a rule is not met. Neither decides anything by itself: a policy does (`ebl.policy`)."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class DcsaRule:
    """One rule. ``place`` is the JSON pointer of what it is about, ``*`` being any element; ``basis`` is where it is stated."""

    id: str
    severity: Severity
    place: str
    basis: str

    @property
    def sentence(self) -> Message:
        """What is true of a document that meets it."""
        return say("td_rule", self.id.lower().replace("-", "_"))


def rules() -> tuple[DcsaRule, ...]:
    """Returns the conditional rules TD-01 to TD-23."""
    return _table()[0]


def code_rules() -> tuple[DcsaRule, ...]:
    """Returns the rules on codes and numbers, CD-01 to CD-10."""
    return _table()[1]


@cache
def _table() -> tuple[tuple[DcsaRule, ...], tuple[DcsaRule, ...]]:
    data = tomllib.loads(files("ebl.transport_document").joinpath("rules.toml").read_text("utf-8"))
    made = [
        tuple(DcsaRule(row["id"], Severity(row["severity"]), row["place"], row["basis"]) for row in data[kind])
        for kind in ("rule", "code")
    ]
    return made[0], made[1]
