"""Helpers of the rules: the facts of the examination, and lists in messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ebl.codes import Doubt
from ebl.errors import SourceError, Undetermined
from ebl.messages import Message, say
from ebl.model.contract import Contract
from ebl.model.findings import Examined, Fact
from ebl.model.ports import Block

if TYPE_CHECKING:  # each policy loads the facts that it looks for, and no others
    from ebl.chain.titles.title_state import Title

SHOWN = 5
"""How many of the accepted values a message names."""


def examined(facts: Sequence[Fact]) -> Examined:
    found = next((fact for fact in facts if isinstance(fact, Examined)), None)
    if found is None:
        raise Undetermined(Doubt.NO_FACT, "not_examined")
    return found


def blocks(facts: Sequence[Fact]) -> tuple[Block, ...]:
    return examined(facts).moment.blocks


def some_contracts(contracts: frozenset[Contract]) -> list[Message]:
    first = sorted(contracts, key=lambda one: (one.address, one.chain_id))[:SHOWN]
    return first_of([one.message for one in first], len(contracts))


def first_of(shown: list[Message], count: int) -> list[Message]:
    """The messages shown of ``count`` in all, and how many more there are."""
    return shown if count <= len(shown) else [*shown, say("rule", "more", count=count - len(shown))]


def titles_of(facts: Sequence[Fact], *, missed: Message) -> list[Title]:
    """Every title established for the document, at least one. Raises the error of `no_title` if there is none."""
    from ebl.status.token_registry import Titled

    titles = [fact.title for fact in facts if isinstance(fact, Titled)]
    if not titles:
        raise no_title(facts, missed)
    return titles


def no_title(facts: Sequence[Fact], missed: Message) -> Undetermined:
    """The error for a missing title. It leaves the answer open if a holder may have left out where the title is."""
    from ebl.credentials.no_status import WithoutStatus

    if any(isinstance(fact, WithoutStatus) and fact.claim.derived for fact in facts):
        return SourceError(Doubt.STATUS_NOT_SHOWN, "title_left_out", because=missed)
    return Undetermined(Doubt.NO_FACT, missed)
