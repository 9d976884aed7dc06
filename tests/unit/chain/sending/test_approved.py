"""What is signed is the plan that was approved: whatever a node answers afterwards, it changes the nonce and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ebl.chain.sending import (
    Call,
    Journals,
    Node,
    Plan,
    WaitOptions,
    cancel,
    plan,
    plan_cancel,
    plan_speed_up,
    resume,
    send,
    speed_up,
)
from ebl.chain.sending.amounts import amount, gwei, parse_amount, parse_gwei
from ebl.chain.sending.fees import MAX_GAS
from ebl.chain.sending.node import NodeRefused
from ebl.chain.sending.transaction import Fees, Unsigned
from ebl.chain.signers import LocalKey
from ebl.codes import Doubt
from ebl.config.networks import GWEI, Gas
from ebl.errors import Error, InvalidInput, PlanOutdated, SourceError, TooExpensive, TransactionError
from ebl.ethereum.keccak import keccak256
from ebl.messages import own_words
from tests.unit.chain.sending.fake import Told, block, told

pytestmark = pytest.mark.slow

KEY = LocalKey(b"\5" * 32)
CALLS = (
    Call(1, "0x00000000000000000000000000000000000000AA", b"\1" * 68, "move it"),
    Call(1, None, b"\1\2\3", "create it"),
)
HASH = "0x" + "ab" * 32
HONEST: dict[str, Any] = {
    "eth_call": "0x",
    "eth_estimateGas": hex(100_000),
    "eth_gasPrice": hex(12 * GWEI),
    "eth_getBalance": hex(10**20),
    "eth_getBlockByNumber": block(5, base_fee=10 * GWEI),
    "eth_getCode": "0x01",
    "eth_getTransactionByHash": None,
    "eth_getTransactionCount": "0x1",
    "eth_getTransactionReceipt": None,
    "eth_maxPriorityFeePerGas": hex(GWEI),
    "eth_sendRawTransaction": lambda raw: f"0x{keccak256(bytes.fromhex(raw[2:])).hex()}",
}
NUMBERS = (
    "0x0",
    "0x1",
    "0x2",
    hex(21_000),
    hex(GWEI),
    hex(40_000 * GWEI),
    hex(25_000_000),
    hex(10**27),
    hex(2**256 - 1),
)
REFUSALS = (
    "nonce too low",
    "replacement transaction underpriced",
    "max fee per gas less than block base fee",
    "transaction underpriced",
    "already known",
    "insufficient funds",
    "execution reverted",
)


class Recording:
    """A signer that keeps what it was asked to sign."""

    def __init__(self) -> None:
        self.address, self.signed = KEY.address, list[Unsigned]()

    def sign_transaction(self, transaction: Unsigned) -> bytes:
        self.signed.append(transaction)
        return KEY.sign_transaction(transaction)


def hostile(dice: random.Random) -> dict[str, Any]:
    """The honest answers, some of them changed."""
    answers = dict(HONEST)
    for method in dice.sample(sorted(answers), dice.randint(1, 6)):
        other: list[Any] = [*NUMBERS, None, {}, "0x", SourceError(Doubt.CHAIN_TIMEOUT, own_words("late"))]
        other += [NodeRefused(-32000, words) for words in REFUSALS]
        other += [block(dice.randint(0, 10**6), base_fee=dice.choice((None, 0, GWEI, 50_000 * GWEI)))]
        answers[method] = dice.choice(other)
    return answers


def outcome(act: Callable[[], Any]) -> None:
    with suppress(Error):
        act()


BRIEF = WaitOptions(seconds=0, sleep=lambda _: None)


@pytest.mark.parametrize("call", CALLS, ids=("move", "creation"))
@pytest.mark.parametrize("gas", (Gas(), Gas("legacy"), Gas("zero")), ids=lambda gas: gas.kind)
def test_no_answer_after_the_plan_changes_what_is_signed(call: Call, gas: Gas, tmp_path: Path) -> None:
    dice, signed = random.Random(7), 0
    for number in range(150):
        approved = plan(call, sender=KEY.address, node=told(gas, **HONEST))
        signer, sent = Recording(), list[str]()
        answers = hostile(dice)
        answer = answers["eth_sendRawTransaction"]

        def take(raw: str, answer: Any = answer, sent: list[str] = sent) -> Any:
            sent.append(raw)
            if isinstance(answer, Exception):
                raise answer
            return answer(raw) if callable(answer) else answer

        node = told(gas, **answers | {"eth_sendRawTransaction": take})
        journals = Journals(tmp_path / str(number))
        outcome(lambda: send(approved, signer=signer, node=node, journals=journals, wait_options=BRIEF))  # noqa: B023
        assert [one.with_nonce(0) for one in signer.signed] == [approved.unsigned] * len(signer.signed)
        assert len(signer.signed) <= 1
        assert {Unsigned.of(bytes.fromhex(raw[2:])) for raw in sent} <= set(signer.signed)
        signed += len(signer.signed)
    assert signed > 50


@pytest.mark.parametrize("compose", (plan_cancel, plan_speed_up))
def test_no_answer_after_the_plan_changes_what_takes_the_place_of_another(compose: Any, tmp_path: Path) -> None:
    dice, signed = random.Random(8), 0
    for number in range(60):
        journals, signer = Journals(tmp_path / str(number)), Recording()
        with pytest.raises(TransactionError) as waits:
            send(CALLS[0], signer=KEY, node=told(**HONEST), journals=journals, wait_options=BRIEF)
        approved = compose(waits.value.tx_hash, sender=KEY.address, node=told(**HONEST), journals=journals)
        node = told(**hostile(dice))
        outcome(lambda: send(approved, signer=signer, node=node, journals=journals, wait_options=BRIEF))  # noqa: B023
        assert signer.signed in ([], [approved.unsigned])
        signed += len(signer.signed)
    assert signed > 15


def test_nothing_is_signed_for_what_an_earlier_run_sent(tmp_path: Path) -> None:
    """Not even if the node claims between two questions that it is in a block and was undone since."""
    journals = Journals(tmp_path)
    with pytest.raises(TransactionError):
        send(CALLS[0], signer=KEY, node=told(**HONEST), journals=journals, wait_options=BRIEF)
    (entry,) = journals.journal(1, "0x" + "00" * 32, KEY.address).entries()
    receipt = {"transactionHash": entry.tx_hash, "status": "0x1", "blockNumber": "0x4", "blockHash": HASH}
    receipt |= {"from": KEY.address, "gasUsed": "0x5208"}
    undone = told(**HONEST | {"eth_getTransactionReceipt": receipt})
    assert resume(CALLS[0], sender=KEY.address, node=undone, journals=journals, wait_options=BRIEF) is None
    assert [entry.open for entry in journals.journal(1, "0x" + "00" * 32, KEY.address).entries()] == [False]


def test_a_plan_whose_price_is_below_the_base_fee_is_outdated_and_nothing_is_signed(tmp_path: Path) -> None:
    approved, signer = plan(CALLS[0], sender=KEY.address, node=told(**HONEST)), Recording()
    assert approved.fees == Fees(21 * GWEI, GWEI)
    risen = told(**HONEST | {"eth_getBlockByNumber": block(6, base_fee=21 * GWEI + 1)})
    with pytest.raises(PlanOutdated, match=r"base fee is 21\.000000001 gwei now; the plan allows 21 gwei"):
        send(approved, signer=signer, node=risen, journals=Journals(tmp_path))
    assert signer.signed == []


def test_a_plan_is_good_for_ten_minutes(tmp_path: Path) -> None:
    approved = plan(CALLS[0], sender=KEY.address, node=told(**HONEST))
    for minutes in (-11, 11):
        later = replace(BRIEF, now=lambda minutes=minutes: datetime.now(UTC) + timedelta(minutes=minutes))
        with pytest.raises(PlanOutdated, match="11 minutes old"):
            send(approved, signer=KEY, node=told(**HONEST), journals=Journals(tmp_path), wait_options=later)


def test_a_plan_of_another_key_or_chain_is_refused(tmp_path: Path) -> None:
    approved = plan(CALLS[0], sender=KEY.address, node=told(**HONEST))
    with pytest.raises(InvalidInput, match="the key is of"):
        send(approved, signer=LocalKey(b"\6" * 32), node=told(**HONEST), journals=Journals(tmp_path))
    with pytest.raises(InvalidInput, match="serves chain 5"):
        send(approved, signer=KEY, node=Node(Told(**HONEST), 5), journals=Journals(tmp_path))


def test_what_the_contract_would_refuse_by_now_is_not_signed(tmp_path: Path) -> None:
    approved, signer = plan(CALLS[0], sender=KEY.address, node=told(**HONEST)), Recording()
    refuses = told(**HONEST | {"eth_call": NodeRefused(3, "execution reverted", b"\x66\x7b\x3f\xbf")})
    with pytest.raises(TransactionError, match="CallerNotHolder"):
        send(approved, signer=signer, node=refuses, journals=Journals(tmp_path))
    assert signer.signed == []


@pytest.mark.parametrize(
    ("gas", "most", "answers", "said"),
    (
        (Gas(), 10**15, {}, "up to 0.00252 ETH; the limit is 0.001 ETH"),
        (Gas(ceiling=20 * GWEI), None, {}, "up to 21 gwei now; the limit is 20 gwei"),
        (
            Gas(),
            None,
            {"eth_estimateGas": hex(MAX_GAS + 1)},
            "16,777,217 gas; the limit of one transaction is 16,777,216",
        ),
    ),
)
def test_nothing_is_signed_above_a_limit(
    gas: Gas, most: int | None, answers: dict[str, Any], said: str, tmp_path: Path
) -> None:
    signer = Recording()
    node = replace(told(gas, **HONEST | answers), coin="ETH")
    with pytest.raises(TooExpensive, match=said):
        send(CALLS[0], signer=signer, node=node, journals=Journals(tmp_path), max_cost=most)
    if not answers:  # nor a plan that another node's limits allowed
        free = plan(CALLS[0], sender=KEY.address, node=replace(told(**HONEST), coin="ETH"))
        with pytest.raises(TooExpensive, match=said):
            send(free, signer=signer, node=node, journals=Journals(tmp_path), max_cost=most)
    assert signer.signed == []


@pytest.mark.parametrize("act", (speed_up, cancel))
@pytest.mark.parametrize("gas", (Gas(ceiling=23 * GWEI), Gas()))
def test_a_replacement_is_held_to_the_limits_too(act: Any, gas: Gas, tmp_path: Path) -> None:
    journals, signer = Journals(tmp_path), Recording()
    with pytest.raises(TransactionError) as waits:
        send(CALLS[0], signer=KEY, node=told(**HONEST), journals=journals, wait_options=BRIEF)
    most = None if gas.ceiling else 10**14
    with pytest.raises(TooExpensive):
        act(
            waits.value.tx_hash,
            signer=signer,
            node=told(gas, **HONEST),
            journals=journals,
            wait_options=BRIEF,
            max_cost=most,
        )
    assert signer.signed == []


def test_a_signature_of_something_else_or_by_another_key_is_not_sent(tmp_path: Path) -> None:
    class Cheats(Recording):
        def sign_transaction(self, transaction: Unsigned) -> bytes:
            return KEY.sign_transaction(replace(transaction, gas=transaction.gas + 1))

    class HighS(Recording):
        def sign_transaction(self, transaction: Unsigned) -> bytes:
            order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
            signature = KEY.sign_transaction(transaction)
            s = order - int.from_bytes(signature[32:64])
            return signature[:32] + s.to_bytes(32) + bytes([1 - (signature[64] - 27)])

    sent: list[str] = []

    def take(raw: str) -> str:
        sent.append(raw)
        return str(HONEST["eth_sendRawTransaction"](raw))

    node = told(**HONEST | {"eth_sendRawTransaction": take})
    with pytest.raises(TransactionError, match="signed something else; nothing was sent"):
        send(CALLS[0], signer=Cheats(), node=node, journals=Journals(tmp_path / "a"))
    assert sent == []
    outcome(lambda: send(CALLS[0], signer=HighS(), node=node, journals=Journals(tmp_path / "b"), wait_options=BRIEF))
    outcome(lambda: send(CALLS[0], signer=KEY, node=node, journals=Journals(tmp_path / "c"), wait_options=BRIEF))
    assert len(set(sent)) == 1  # in the one form that chains take


def test_a_journal_whose_bytes_were_changed_is_not_signed_again(tmp_path: Path) -> None:
    journals = Journals(tmp_path)
    with pytest.raises(TransactionError) as waits:
        send(CALLS[0], signer=KEY, node=told(**HONEST), journals=journals, wait_options=BRIEF)
    path = journals.journal(1, "0x" + "00" * 32, KEY.address).path
    path.write_text(path.read_text().replace("00aa", "00bb").replace("01" * 20, "02" * 20))
    with pytest.raises(InvalidInput, match="are not that transaction"):
        plan_speed_up(str(waits.value.tx_hash), sender=KEY.address, node=told(**HONEST), journals=journals)


def test_amounts_are_never_shown_below_what_may_be_paid() -> None:
    assert amount(3_594_400_000_000_000, "ETH") == "0.0035944 ETH"
    assert amount(1, "POL") == "0.000000000000000001 POL"
    assert amount(1_234_567_000_000_000_001, "ETH") == "1.23457 ETH"
    assert amount(1_234_561_000_000_000_000, "ETH") == "1.23457 ETH"
    assert amount(2_000 * 10**18, None) == "2000 of the chain's coin"
    assert amount(0, None) == "0 of the chain's coin"
    assert (gwei(GWEI), gwei(1), gwei(1_500_000_000)) == ("1 gwei", "0.000000001 gwei", "1.5 gwei")


def test_an_amount_is_read_to_the_wei_or_not_at_all() -> None:
    assert parse_amount("0.05") == 5 * 10**16
    assert parse_amount("2") == 2 * 10**18
    assert parse_amount("0.000000000000000001") == 1
    assert parse_gwei("1.5") == 1_500_000_000
    for wrong in ("", "-1", "1e3", "nan", "0x1", "1,5", ".5", "1.", "0." + "0" * 18 + "1", "1 ETH", "١"):
        with pytest.raises(InvalidInput, match="Expected a number"):
            parse_amount(wrong)


def test_a_known_chain_has_its_ceiling_and_its_coin_without_being_told() -> None:
    node = Node.over(Told(eth_chainId=hex(137), **HONEST))
    assert (node.coin, node.gas.ceiling, node.gas.min_tip) == ("POL", 2000 * GWEI, 30 * GWEI)
    assert Node.over(Told(eth_chainId=hex(4242), **HONEST)).gas == Gas()
    assert Node.over(Told(eth_chainId=hex(137), **HONEST), gas=Gas("legacy")).gas == Gas("legacy")


def test_a_plan_says_what_is_signed() -> None:
    planned = plan(CALLS[0], sender=KEY.address, node=told(**HONEST))
    row, signed = planned.to_dict(), planned.unsigned.to_dict()
    assert {row["to"], row["data"], row["value"]} == {signed["to"], signed["data"], signed["value"]}
    assert hex(row["gas"]) == signed["gas"] and hex(row["max_fee_per_gas"]) == signed["maxFeePerGas"]
    assert isinstance(planned, Plan) and row["max_cost_wei"] == planned.cost == planned.unsigned.cost
