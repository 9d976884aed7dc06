"""The bill against its title: parties by the reader's address book, the time of minting in any time zone, the surrender."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ebl.bill import bill
from ebl.codes import Condition, Doubt
from ebl.messages import say
from ebl.messages.catalogue import render
from ebl.model.wholeness import WHOLE, Extent, Wholeness
from ebl.registry import Action, Endorsement, History, Position, State
from ebl.reports import AddressBook
from ebl.trade import LayerRow, RuleOutcome, compare_layers
from tests.unit.trade.made_up import changed

SHIPPER, BANK, CONSIGNEE, AGENT, OTHER = (f"0x{number:040x}" for number in range(0x1111, 0x1116))
BOOK = AddressBook.of(
    (
        "address,name,LEI,USCC\n"
        f"{SHIPPER},Shipper Pte,,\n{BANK},Bank of Straits,,\n"
        f"{CONSIGNEE},Our name for them,529900T8BM49AURSDO55,\n{AGENT},AGENT,,\n"
    ).encode()
)
ENDORSEE = {"partyName": "Bank of Straits", "identifyingCodes": [{"codeListProvider": "ZZZ", "partyCode": "1"}]}
ORDER = (("isToOrder", True), ("documentParties.consignee", None), ("documentParties.endorsee", ENDORSEE))
MINTED = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)


@dataclass
class NoTitle:
    """A title is not looked at, only its history."""


def history(
    *beneficiaries: str, surrendered: bool = False, minted: datetime | None = MINTED, gaps: Any = ()
) -> History:
    done, before = [], Position()
    for number, party in enumerate(beneficiaries):
        after = Position(state=State.HELD, holder=party, beneficiary=party)
        action = Action.TRANSFERRED if number else Action.ISSUED
        done.append(Endorsement(action, before.holder, before, after, b"", "0x", number, 0, minted))
        before = after
    if surrendered:
        done.append(
            Endorsement(Action.RETURNED, before.holder, before, Position(state=State.RETURNED), b"", "0x", 9, 0, minted)
        )
    return History(NoTitle(), tuple(done), gaps)  # type: ignore[arg-type]


def row(check: str, found: History, *changes: tuple[str, Any], whole: Wholeness = WHOLE, **more: Any) -> LayerRow:
    rows = compare_layers(bill(changed(*changes), whole=whole), found, BOOK, **more)
    assert [one.check for one in rows] == ["straight", "order_party", "minted", "surrender"]
    for one in rows:
        assert (one.code is None) is (one.outcome in (RuleOutcome.PASSED, RuleOutcome.NOT_APPLICABLE))
        assert render(one.message, "zh-Hans") != render(one.message, "en")
        assert one.to_dict()["message"]
    return next(one for one in rows if one.check == check)


def test_a_straight_bill_that_moved_to_its_consignee_is_in_order() -> None:
    assert row("straight", history(SHIPPER, CONSIGNEE)).outcome is RuleOutcome.PASSED
    assert row("straight", history(SHIPPER)).outcome is RuleOutcome.PASSED
    assert row("straight", history(SHIPPER, BANK), *ORDER).outcome is RuleOutcome.NOT_APPLICABLE


def test_a_straight_bill_that_moved_to_another_party_is_a_difference() -> None:
    found = row("straight", history(SHIPPER, BANK, CONSIGNEE))
    assert (found.outcome, found.code) == (RuleOutcome.FAILED, Condition.STRAIGHT_MOVED)
    assert "Bank of Straits" in str(found.message) and "深圳进口有限公司" in str(found.message)
    unknown = row("straight", history(SHIPPER, OTHER))
    assert (unknown.outcome, unknown.code) == (RuleOutcome.MANUAL, Doubt.NOT_COMPARED)
    assert OTHER in str(unknown.message)


def test_an_order_party_was_a_beneficiary_once() -> None:
    assert row("order_party", history(BANK), *ORDER).outcome is RuleOutcome.PASSED
    assert row("order_party", history(SHIPPER, BANK, CONSIGNEE), *ORDER).outcome is RuleOutcome.PASSED
    found = row("order_party", history(SHIPPER, CONSIGNEE), *ORDER)
    assert (found.outcome, found.code) == (RuleOutcome.FAILED, Condition.ORDER_PARTY)
    assert row("order_party", history(SHIPPER, OTHER), *ORDER).outcome is RuleOutcome.MANUAL
    blank = (*ORDER[:2],)
    assert row("order_party", history(SHIPPER), *blank).outcome is RuleOutcome.NOT_APPLICABLE
    assert row("order_party", history(SHIPPER)).outcome is RuleOutcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("minted", "presented", "code"),
    [
        (MINTED, None, None),
        (datetime(2026, 10, 4, 10, 0, tzinfo=UTC), None, None),  # the 5th already at UTC+14
        (datetime(2026, 10, 4, 9, 59, 59, tzinfo=UTC), None, Condition.MINTED_EARLY),
        (datetime(2026, 10, 13, 11, 59, 59, tzinfo=UTC), date(2026, 10, 12), None),  # the 12th still at UTC-12
        (datetime(2026, 10, 13, 12, 0, tzinfo=UTC), date(2026, 10, 12), Condition.MINTED_LATE),
        (None, None, Doubt.NOT_COMPARED),
    ],
)
def test_the_time_of_minting_differs_only_if_it_does_in_every_time_zone(
    minted: datetime | None, presented: date | None, code: Condition | Doubt | None
) -> None:
    found = row("minted", history(SHIPPER, minted=minted), presented=presented)
    assert found.code is code


def test_a_bill_without_a_date_of_issue_is_not_compared_with_it() -> None:
    assert row("minted", history(SHIPPER), ("issueDate", None)).outcome is RuleOutcome.NOT_APPLICABLE
    hidden = row("minted", history(SHIPPER), ("issueDate", None), whole=Wholeness(Extent.WITHHELD, 1))
    assert hidden.outcome is RuleOutcome.MANUAL


def test_a_surrender_by_a_mere_notify_party_is_a_difference() -> None:
    assert row("surrender", history(SHIPPER, AGENT)).outcome is RuleOutcome.NOT_APPLICABLE
    found = row("surrender", history(SHIPPER, AGENT, surrendered=True))
    assert (found.outcome, found.code) == (RuleOutcome.FAILED, Condition.NOTIFY_SURRENDER)
    assert row("surrender", history(SHIPPER, CONSIGNEE, surrendered=True)).outcome is RuleOutcome.PASSED
    assert row("surrender", history(SHIPPER, OTHER, surrendered=True)).outcome is RuleOutcome.MANUAL
    hidden = Wholeness(Extent.WITHHELD, 1)
    for name in ("notifyParties", "consignee"):
        lacks = (f"documentParties.{name}", None)
        open_ = row("surrender", history(SHIPPER, AGENT, surrendered=True), lacks, whole=hidden)
        assert (open_.outcome, open_.code) == (RuleOutcome.MANUAL, Doubt.NOT_COMPARED)
    none = row("surrender", history(SHIPPER, AGENT, surrendered=True), ("documentParties.notifyParties", None))
    assert none.outcome is RuleOutcome.PASSED
    also = ("documentParties.shipper.partyName", "Agent")
    assert row("surrender", history(SHIPPER, AGENT, surrendered=True), also).outcome is RuleOutcome.PASSED


def test_a_history_with_gaps_decides_nothing() -> None:
    for found in (history(SHIPPER, BANK, gaps=(say("gap", "remark"),)), history()):
        rows = compare_layers(bill(changed()), found, BOOK)
        assert {one.outcome for one in rows} == {RuleOutcome.MANUAL}


def test_a_bill_in_other_names_is_left_to_a_person() -> None:
    rows = compare_layers(bill({"blNumber": "1"}), history(SHIPPER, BANK), BOOK, presented=MINTED.date())
    assert {one.check: one.outcome for one in rows}["straight"] is RuleOutcome.MANUAL
