"""Who can do what with a title now, as a table of its parties and their moves, from the title as a report has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ebl.chain.titles.capabilities import moves_of_party
from ebl.chain.titles.title_state import State
from ebl.ethereum.address import ZERO
from ebl.messages.catalogue import phrase, render, word
from ebl.reports.page_parts import PageTable, Words

_PARTIES = ("holder", "beneficiary", "nominee")


@dataclass(frozen=True, slots=True)
class ReportedTitle:
    """A title as a report has it, in what its parties' moves depend on."""

    version: int
    state: State
    paused: bool
    holder: str | None
    beneficiary: str | None
    nominee: str | None
    previous_holder: str | None
    previous_beneficiary: str | None


def moves_table(title: Mapping[str, Any], languages: Sequence[str]) -> PageTable | None:
    """Returns the table of one of a report's titles; None if the title is not established or has no parties.

    The moves of the issuer's side depend on roles in the registry, which a report does not have; the note states that.
    """
    if title["state"] not in (State.HELD, State.RETURNED):
        return None
    names = (*_PARTIES, "previous_holder", "previous_beneficiary")
    parties = {name: None if title[name] == ZERO else title[name] for name in names}
    read = ReportedTitle(title["version"], State(title["state"]), bool(title["paused"]), **parties)
    accounts = [*dict.fromkeys(account for name in _PARTIES if (account := parties[name]))]
    moves = [tuple(moves_of_party(read, account)) for account in accounts]
    if not moves:
        return None

    def words(section: str, name: str) -> Words:
        return tuple(word(section, name, language) for language in languages)

    def roles(account: str) -> Words:
        held = [name for name in _PARTIES if parties[name] == account]
        return tuple(" / ".join(word("label", name, language) for name in held) for language in languages)

    rows = []
    for several in zip(*moves, strict=True):
        able = [one for one in several if one.can]
        reasons = dict.fromkeys(one.why for one in able or several if one.why)
        why = tuple(
            word("style", "messages", language).join(render(reason, language) for reason in reasons)
            for language in languages
        )
        marks = tuple(words("page", "can" if one.can else "cannot") for one in several)
        rows.append((words("move_words", str(several[0].move)), *marks, why))
    columns = (words("page", "move"), *map(roles, accounts), words("page", "condition_or_reason"))
    note = tuple(phrase("page", "moves_note", language) for language in languages)
    return PageTable(words("label", "moves"), columns, tuple(rows), note)
