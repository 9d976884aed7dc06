"""The bill against its title: parties, dates and the surrender, as the document states them and as the chain has them.

::

    from ebl.trade import compare_layers

    rows = compare_layers(bill(document), history(chain, registry, token_id), book)
    [row.code for row in rows if row.outcome is RuleOutcome.FAILED]

Accounts have no names, so parties are compared through the reader's own address book. A party that it does not have, and a
name that is not the same, are different things: the first leaves a row to a person.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from ebl.bill.model import Bill, FieldState
from ebl.chain.titles.endorsements import Action, Endorsement
from ebl.chain.titles.history import History
from ebl.codes import Condition, Doubt
from ebl.config.address_book import AddressBook
from ebl.messages import Message, say
from ebl.messages.catalogue import ENGLISH, render
from ebl.transport_document.transport_check import RuleOutcome

_EARLIEST_ZONE: Final = timedelta(hours=12)
"""How far the day begins later than in UTC, at most: the zone UTC-12."""
_LATEST_ZONE: Final = timedelta(hours=14)
"""How far the day begins earlier than in UTC, at most: the zone UTC+14."""


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One comparison. ``code`` is one of `ebl.codes` unless it passed or does not apply."""

    check: str
    outcome: RuleOutcome
    message: Message
    code: Condition | Doubt | None = None

    def to_dict(self, language: str = ENGLISH) -> dict[str, Any]:
        """Returns JSON data."""
        code = None if self.code is None else str(self.code)
        return {
            "check": self.check,
            "outcome": str(self.outcome),
            "code": code,
            "message": render(self.message, language),
        }


def compare_layers(
    bill: Bill, history: History, book: AddressBook, *, presented: date | None = None
) -> tuple[LayerRow, ...]:
    """Compares what a bill states with its title, in four rows: ``straight``, ``order_party``, ``minted`` and ``surrender``.

    ``book`` has the reader's names of accounts. ``presented`` is the day of presentation; without it the title's age is
    compared with the date of issue only. A row fails only if what is shown proves the difference, and is manual if something
    is not known: a field that may be withheld, an account that the book does not have, a history with gaps.

    Not checked: that the bill is unaltered and issued (`ebl.verify`), and that the names in the book are right.
    """
    if history.gaps or not history.endorsements:
        told = say("layer", "history")
        return tuple(LayerRow(one, RuleOutcome.MANUAL, _open(told), Doubt.NOT_COMPARED) for one in _CHECKS)
    return tuple(
        _row(name, check(_Compared(bill, history.endorsements, book, presented))) for name, check in _CHECKS.items()
    )


@dataclass(frozen=True, slots=True)
class _Compared:
    """What is compared."""

    bill: Bill
    done: Sequence[Endorsement]
    book: AddressBook
    presented: date | None

    @property
    def to_order(self) -> bool | None:
        found = self.bill["to_order"]
        return found.value if found.state is FieldState.PRESENT and isinstance(found.value, bool) else None

    def is_party(self, account: str | None, field: str) -> bool | None:
        """Whether an account is of the party in a field, by the book; None if the book or the bill does not tell."""
        entry, names = self.book.get(account), self.bill[field]
        if entry is None or names.state not in (FieldState.PRESENT, FieldState.AMBIGUOUS):
            return None
        numbers = {one.upper() for one in (entry.lei, entry.uscc, entry.uen) if one}
        of_party = {one.text.upper() for part in ("code", "tax_id") for one in self.bill[f"{field}.{part}"].entries}
        if numbers & of_party or _folded(entry.name) in {_folded(one.text) for one in names.entries}:
            return True
        return False if names.complete else None

    def is_named(self, account: str | None, field: str) -> bool | None:
        """As `is_party`, but False for a field that the bill certainly does not have."""
        return False if self.bill[field].state is FieldState.ABSENT else self.is_party(account, field)

    def name(self, account: str | None) -> str:
        entry = self.book.get(account)
        return entry.name if entry else account or ""


_Found = tuple[RuleOutcome, Message, Condition | Doubt | None]


def _straight(of: _Compared) -> _Found:
    """A straight bill whose beneficiary moved to another party than the consignee."""
    if of.to_order is None:
        return _manual(say("layer", "kind"))
    if of.to_order:
        return _idle(say("layer", "is_to_order"))
    first = of.done[0].after.beneficiary
    unknown = None
    for step in of.done[1:]:
        now = step.after.beneficiary
        if now in (None, first, step.before.beneficiary):
            continue
        match of.is_party(now, "consignee"):
            case False:
                named = of.bill["consignee"].entries[0].text
                code = Condition.STRAIGHT_MOVED
                return RuleOutcome.FAILED, say(code, account=now, name=of.name(now), consignee=named), code
            case None:
                unknown = now
    if unknown is not None:
        return _manual(say("layer", "account", account=unknown))
    return _passed(say("layer", "straight"))


def _order_party(of: _Compared) -> _Found:
    """A bill to the order of a party that was neither the first beneficiary nor became one."""
    if of.to_order is None:
        return _manual(say("layer", "kind"))
    party = of.bill["to_order_of"]
    if not of.to_order or party.state is FieldState.ABSENT:
        return _idle(say("layer", "no_order_party"))
    if party.state is not FieldState.PRESENT:
        return _manual(say("layer", "kind"))
    held = dict.fromkeys(step.after.beneficiary for step in of.done if step.after.beneficiary is not None)
    matches = {account: of.is_party(account, "to_order_of") for account in held}
    if any(matches.values()):
        return _passed(say("layer", "order_party"))
    first = of.done[0].after.beneficiary or ""
    if any(match is None for match in matches.values()):
        account = next(account for account, match in matches.items() if match is None)
        return _manual(say("layer", "account", account=account))
    code = Condition.ORDER_PARTY
    return RuleOutcome.FAILED, say(code, account=first, name=of.name(first), party=party.entries[0].text), code


def _minted(of: _Compared) -> _Found:
    """A title that was minted before the date of issue, or after the day of presentation, whatever the time zone."""
    time, issued = of.done[0].time, of.bill["issue_date"]
    if time is None or of.done[0].action is not Action.ISSUED:
        return _manual(say("layer", "mint_time"))
    if of.presented is not None and (time - _EARLIEST_ZONE).date() > of.presented:
        code = Condition.MINTED_LATE
        return RuleOutcome.FAILED, say(code, time=time, day=of.presented), code
    if issued.state is FieldState.ABSENT:
        return _idle(say("layer", "no_issue_date"))
    if issued.state is not FieldState.PRESENT or not isinstance(issued.value, date):
        return _manual(say("layer", "issue_date"))
    day = issued.value.date() if isinstance(issued.value, datetime) else issued.value
    if (time + _LATEST_ZONE).date() < day:
        code = Condition.MINTED_EARLY
        return RuleOutcome.FAILED, say(code, time=time, day=day), code
    return _passed(say("layer", "minted"))


def _surrender(of: _Compared) -> _Found:
    """A surrender by a party that the document names as a notify party, and as nothing else."""
    by = [step.before.holder for step in of.done if step.action is Action.RETURNED]
    if not by:
        return _idle(say("layer", "no_surrender"))
    account = by[-1]
    if of.book.get(account) is None:
        return _manual(say("layer", "account", account=account or ""))
    parties = {field: of.is_named(account, field) for field in ("notify_party", "consignee", "to_order_of", "shipper")}
    notified, *others = parties.values()
    if notified is False or any(others):
        return _passed(say("layer", "surrender"))
    if notified is None or None in others:
        return _manual(say("layer", "parties"))
    code = Condition.NOTIFY_SURRENDER
    return RuleOutcome.FAILED, say(code, account=account or "", name=of.name(account)), code


_CHECKS: Final[dict[str, Callable[[_Compared], _Found]]] = {
    "straight": _straight,
    "order_party": _order_party,
    "minted": _minted,
    "surrender": _surrender,
}


def _row(check: str, found: _Found) -> LayerRow:
    outcome, message, code = found
    return LayerRow(check, outcome, message, code)


def _passed(message: Message) -> _Found:
    return RuleOutcome.PASSED, message, None


def _idle(message: Message) -> _Found:
    return RuleOutcome.NOT_APPLICABLE, message, None


def _manual(because: Message) -> _Found:
    return RuleOutcome.MANUAL, _open(because), Doubt.NOT_COMPARED


def _open(because: Message) -> Message:
    return say(Doubt.NOT_COMPARED, because=because)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
