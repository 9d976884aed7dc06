"""Many calls, one run: each exactly once whatever happens, in order, and nothing unknown is called failed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ebl.chain.sending import Call, Journals, PlanOfMany, SendProgress, SendResult, SendState, plan_all, send, send_all
from ebl.chain.sending.journal import Outcome, Purpose
from ebl.chain.sending.node import NodeRefused
from ebl.chain.sending.transaction import Unsigned
from ebl.chain.signers import LocalKey
from ebl.config.networks import GWEI, Gas
from ebl.errors import InvalidInput, OutcomeUnknown, PlanOutdated, SourceError, TooExpensive, TransactionError
from tests.unit.chain.sending.fake_chain import BEGUN, Chain

KEY = LocalKey(b"\5" * 32)
CALLS = [Call(1, KEY.address, bytes([1, number]), f"move {number}") for number in range(40)]


@pytest.fixture
def journals(tmp_path: Path) -> Journals:
    return Journals(tmp_path)


@pytest.fixture(autouse=True)
def at_the_time_of_the_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ebl.chain.sending.plan_of_many.now", lambda: BEGUN)


def sent(chain: Chain, journals: Journals, moves: Any = None, **more: Any) -> tuple[SendResult, ...]:
    moves = CALLS if moves is None else moves
    more = {"wait_options": chain.wait_options(), **more}
    return send_all(moves, signer=KEY, node=chain.node(), journals=journals, **more)


def planned_of(chain: Chain, journals: Journals, **more: Any) -> PlanOfMany:
    planned = plan_all(CALLS, sender=KEY.address, node=chain.node(), journals=journals, **more)
    return replace(planned, made_at=BEGUN)


def states(results: tuple[SendResult, ...]) -> Counter[str]:
    return Counter(result.state for result in results)


def once(chain: Chain) -> bool:
    return max(Counter(chain.done).values()) == 1


def test_all_are_included_in_order_with_a_bounded_number_waiting(journals: Journals) -> None:
    chain, seen = Chain(), list[SendProgress]()
    results = sent(chain, journals, window=12, progress=seen.append)
    assert states(results) == {SendState.INCLUDED: 40}
    assert chain.done == [call.data for call in CALLS]
    assert [result.call for result in results] == CALLS
    assert all(result.receipt is not None and not result.receipt.resumed for result in results)
    assert max(one.waiting for one in seen) == 12 and seen[-1].included == 40
    assert all(one.included + one.failed + one.waiting + one.left == 40 for one in seen)
    assert chain.number <= 6, "several are in one block"


def test_nothing_to_send_is_nothing(journals: Journals) -> None:
    assert sent(Chain(), journals, []) == ()


def test_what_is_signed_is_the_plan(journals: Journals) -> None:
    chain = Chain()
    planned = planned_of(chain, journals)
    assert planned.cost == sum(one.cost for one in planned.plans)
    sent(chain, journals, planned)
    assert [one.with_nonce(0) for one in chain.sent] == [one.unsigned for one in planned.plans]
    assert [one.nonce for one in chain.sent] == list(range(40))


def test_one_that_the_contract_refuses_is_not_sent_and_stops_no_other(journals: Journals) -> None:
    chain = Chain(refuses=lambda data: data == CALLS[7].data)
    results = sent(chain, journals)
    assert states(results) == {SendState.INCLUDED: 39, SendState.NOT_SENT: 1}
    assert results[7].state is SendState.NOT_SENT and "refused" in str(results[7].error)
    assert results[7].tx_hash is None and len(chain.sent) == 39


def test_one_that_reverts_in_its_block_failed_and_the_others_are_included(journals: Journals) -> None:
    chain = Chain()
    chain.before_send = lambda _: setattr(chain, "refuses", lambda data: data == CALLS[3].data)
    results = sent(chain, journals, CALLS[:8])
    assert [result.state for result in results].index(SendState.FAILED) == 3
    assert states(results) == {SendState.INCLUDED: 7, SendState.FAILED: 1}
    assert results[3].tx_hash is not None and "contract refused it" in str(results[3].error)


def test_what_waits_too_long_is_unknown_and_the_rest_not_sent(journals: Journals) -> None:
    chain = Chain(block_seconds=1e9)
    results = sent(chain, journals, window=10, wait_options=chain.wait_options(20))
    assert states(results) == {SendState.UNKNOWN: 10, SendState.NOT_SENT: 30}
    assert all(isinstance(result.error, OutcomeUnknown) and result.tx_hash for result in results[:10])
    chain.block_seconds = 3.0
    again = sent(chain, journals, window=10)
    assert states(again) == {SendState.INCLUDED: 40} and once(chain)
    assert [result.receipt.resumed for result in again if result.receipt] == [True] * 10 + [False] * 30
    assert [result.tx_hash for result in again[:10]] == [result.tx_hash for result in results[:10]]


class Killed(BaseException):
    pass


@pytest.mark.slow
@pytest.mark.parametrize("at", [1, 2, 15, 16, 17, 33, 40])
@pytest.mark.parametrize("method", ["eth_sendRawTransaction", "eth_getTransactionReceipt"])
def test_a_run_that_is_killed_goes_on_and_sends_each_once(journals: Journals, at: int, method: str) -> None:
    chain, count = Chain(), 0
    real = Chain.request

    def dies(*params: Any) -> Any:
        nonlocal count
        count += 1
        if count == at:
            raise Killed
        answers, chain.answers = chain.answers, {}
        try:
            return real(chain, method, params)
        finally:
            chain.answers = answers

    chain.answers = {method: dies}
    with pytest.raises(Killed):
        sent(chain, journals, window=20)
    chain.answers = {}
    chain.sleep(7)
    results = sent(chain, journals, window=20)
    assert states(results) == {SendState.INCLUDED: 40}
    assert sorted(chain.done) == sorted(call.data for call in CALLS) and once(chain)


def test_a_finished_run_that_is_wanted_again_is_a_new_one(journals: Journals) -> None:
    chain = Chain()
    sent(chain, journals, CALLS[:3])
    assert states(sent(chain, journals, CALLS[:3])) == {SendState.INCLUDED: 3}
    assert Counter(chain.done) == {call.data: 2 for call in CALLS[:3]}


def test_an_unfinished_run_takes_up_what_it_got_included_and_tries_the_rest_again(journals: Journals) -> None:
    chain = Chain()
    chain.before_send = lambda _: setattr(chain, "refuses", lambda data: data == CALLS[1].data)
    assert states(sent(chain, journals, CALLS[:3])) == {SendState.INCLUDED: 2, SendState.FAILED: 1}
    chain.before_send, chain.refuses = lambda _: None, lambda data: False
    assert states(sent(chain, journals, CALLS[:3])) == {SendState.INCLUDED: 3}
    assert once(chain)


@pytest.mark.slow
def test_a_price_that_is_too_low_is_raised_within_the_cap_and_each_is_included_once(journals: Journals) -> None:
    chain = Chain()
    planned = planned_of(chain, journals)
    chain.base_fee = planned.fees.limit + GWEI // 2
    results = sent(chain, journals, planned, wait_options=chain.wait_options(120))
    assert states(results) == {SendState.INCLUDED: 40} and once(chain)
    assert planned.fees.limit < max(one.fees.limit for one in chain.sent) <= planned.cap
    journal = journals.journal(1, "0x" + "00" * 32, KEY.address)
    assert {e.purpose for e in journal.entries()} == {Purpose.CALL, Purpose.SPEED_UP}
    assert Counter(e.outcome for e in journal.entries())[Outcome.INCLUDED] == 40


def test_nothing_is_signed_above_the_cap(journals: Journals) -> None:
    chain = Chain()
    planned = planned_of(chain, journals, max_cost=40 * 60_000 * 4 * GWEI)
    assert planned.cap == 4 * GWEI and planned.max_cost == 40 * 60_000 * 4 * GWEI
    chain.base_fee = 4 * GWEI
    chain.before_send = lambda _: setattr(chain, "base_fee", 5 * GWEI)
    results = sent(chain, journals, planned, wait_options=chain.wait_options(200))
    assert states(results) == {SendState.UNKNOWN: 40}
    assert max(one.fees.limit for one in chain.sent) <= planned.cap


def test_a_cap_below_the_base_fee_signs_nothing(journals: Journals) -> None:
    chain = Chain()
    planned = planned_of(chain, journals)
    chain.base_fee = planned.cap + 1
    with pytest.raises(PlanOutdated):
        sent(chain, journals, planned)
    assert not chain.sent


def test_limits_are_of_all_together(journals: Journals) -> None:
    chain, more = Chain(), {"sender": KEY.address, "journals": journals}
    cost = plan_all(CALLS, node=chain.node(), **more).cost
    with pytest.raises(TooExpensive):
        plan_all(CALLS, node=chain.node(), max_cost=cost - 1, **more)
    with pytest.raises(TooExpensive):
        plan_all(CALLS, node=chain.node(Gas(ceiling=GWEI)), **more)
    assert plan_all(CALLS, node=chain.node(Gas(ceiling=5 * GWEI)), **more).cap == 5 * GWEI
    chain.balance = cost - 1
    with pytest.raises(TransactionError, match="may cost up to"):
        plan_all(CALLS, node=chain.node(), **more)


@pytest.mark.parametrize("fault", ["old", "another key", "another chain"])
def test_a_plan_that_does_not_fit_is_refused_before_anything_is_signed(journals: Journals, fault: str) -> None:
    chain = Chain()
    planned = planned_of(chain, journals)
    wrong: dict[str, PlanOfMany] = {
        "old": replace(planned, made_at=BEGUN - timedelta(minutes=11)),
        "another key": replace(planned, sender="0x" + "22" * 20),
        "another chain": replace(planned, calls=tuple(replace(call, chain_id=2) for call in planned.calls)),
    }
    with pytest.raises((PlanOutdated, InvalidInput)):
        sent(chain, journals, wrong[fault])
    assert not chain.sent


def test_the_same_move_twice_is_refused(journals: Journals) -> None:
    with pytest.raises(InvalidInput, match="Call 3 is the same move as call 1"):
        sent(Chain(), journals, [CALLS[0], CALLS[1], CALLS[0]])


@pytest.mark.slow
def test_another_programs_transactions_with_the_same_key_leave_no_gap(journals: Journals) -> None:
    chain = Chain()

    def another(unsigned: Unsigned) -> None:
        if unsigned.data == CALLS[5].data and chain.nonce == 0 and unsigned.nonce == 5:
            chain.mine()
            chain.nonce += 1  # its transaction got the nonce

    chain.before_send = another
    results = sent(chain, journals)
    assert states(results) == {SendState.INCLUDED: 40} and once(chain)


def test_one_that_the_node_does_not_take_leaves_no_gap(journals: Journals) -> None:
    chain = Chain()

    def refuse(unsigned: Unsigned) -> None:
        if unsigned.data == CALLS[5].data:
            raise NodeRefused(-32000, "exceeds block gas limit")

    chain.before_send = refuse
    results = sent(chain, journals)
    assert states(results) == {SendState.INCLUDED: 39, SendState.NOT_SENT: 1}
    assert "exceeds block gas limit" in str(results[5].error)


def test_a_node_that_takes_none_is_not_asked_for_ever(journals: Journals) -> None:
    chain = Chain()

    def refuse(_: Unsigned) -> None:
        raise NodeRefused(-32000, "insufficient funds for gas * price + value")

    chain.before_send = refuse
    results = sent(chain, journals)
    assert states(results) == {SendState.NOT_SENT: 40}
    assert all("insufficient funds" in str(result.error) for result in results)


@pytest.mark.slow
def test_an_outage_after_the_first_signature_is_waited_through(journals: Journals) -> None:
    chain = Chain()
    slept = chain.sleep

    def sleep(seconds: float) -> None:
        slept(seconds)
        chain.down = 4 < chain.now < 30

    results = sent(chain, journals, wait_options=replace(chain.wait_options(60), sleep=sleep), window=15)
    assert states(results) == {SendState.INCLUDED: 40} and once(chain)


def test_an_outage_that_lasts_leaves_what_waits_unknown(journals: Journals) -> None:
    chain = Chain()
    slept = chain.sleep

    def sleep(seconds: float) -> None:
        slept(seconds)
        chain.down = chain.now > 1

    results = sent(chain, journals, wait_options=replace(chain.wait_options(20), sleep=sleep), window=15)
    assert states(results) == {SendState.UNKNOWN: 15, SendState.NOT_SENT: 25}


def test_an_outage_while_it_is_planned_is_raised(journals: Journals) -> None:
    with pytest.raises(SourceError):
        sent(Chain(down=True), journals)


def test_a_signer_that_fails_stops_what_is_not_signed(journals: Journals) -> None:
    class Tired:
        address, left = KEY.address, 20

        def sign_transaction(self, transaction: Unsigned) -> bytes:
            self.left -= 1
            if self.left < 0:
                raise TransactionError("The card was taken out.")
            return KEY.sign_transaction(transaction)

    chain = Chain()
    results = send_all(CALLS, signer=Tired(), node=chain.node(), journals=journals, wait_options=chain.wait_options())
    assert states(results) == {SendState.INCLUDED: 16, SendState.NOT_SENT: 24}
    assert "card" in str(results[-1].error)
    assert states(sent(chain, journals)) == {SendState.INCLUDED: 40} and once(chain)


def test_what_changed_during_a_long_run_is_simulated_again(journals: Journals) -> None:
    chain = Chain(room=5)
    slept = chain.sleep

    def sleep(seconds: float) -> None:
        slept(seconds)
        if chain.now > 16:
            chain.refuses = lambda data: data[1] >= 30

    results = sent(chain, journals, window=5, wait_options=replace(chain.wait_options(), sleep=sleep))
    assert states(results)[SendState.FAILED] == 0
    assert states(results) == {SendState.INCLUDED: 30, SendState.NOT_SENT: 10}


def test_what_another_process_sends_meanwhile_is_waited_for_and_not_sent_again(journals: Journals) -> None:
    chain, made = Chain(), False

    def another(unsigned: Unsigned) -> None:
        nonlocal made
        if unsigned.data == CALLS[0].data and not made:
            made = True

    planned = planned_of(chain, journals)
    with pytest.raises(OutcomeUnknown):
        slow = replace(chain.wait_options(0.1), sleep=lambda _: setattr(chain, "now", chain.now + 0.1))
        send(CALLS[39], signer=KEY, node=chain.node(), journals=journals, wait_options=slow)
    results = sent(chain, journals, planned)
    assert states(results) == {SendState.INCLUDED: 40} and once(chain)
    assert results[39].receipt is not None and results[39].receipt.resumed


def test_two_runs_of_the_same_calls_at_once_send_each_once(journals: Journals) -> None:
    chain, inner = Chain(), list[tuple[SendResult, ...]]()

    def meanwhile(progress: SendProgress) -> None:
        if not inner:
            inner.append(())
            inner[0] = sent(chain, journals, window=10)

    outer = sent(chain, journals, window=10, progress=meanwhile)
    assert states(outer) == states(inner[0]) == {SendState.INCLUDED: 40} and once(chain)
