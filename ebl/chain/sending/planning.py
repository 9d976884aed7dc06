"""Planning: the effect and the cost of a call, determined without sending it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ebl.chain.sending import fees as gas
from ebl.chain.sending import refusals
from ebl.chain.sending.amounts import THE_COIN, amount, gwei
from ebl.chain.sending.call import Call
from ebl.chain.sending.given_node import AnyNode, node_of
from ebl.chain.sending.journal import JournalEntry, Purpose
from ebl.chain.sending.node import Node, NodeRefused, Receipt
from ebl.chain.sending.transaction import Fees, Unsigned
from ebl.errors import InvalidInput, PlanOutdated, SourceError, TransactionError
from ebl.model.ports import Reverted

PLAN_AGAIN = "Plan again, and check the new price."
# After this many seconds the simulation may no longer hold, and the approver may have forgotten what was approved.
GOOD_FOR = 600.0


def now() -> datetime:
    """Returns the time, as plans and journals record it."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    """A transaction as it will be signed, except for its nonce: the call was simulated and would succeed.

    ``gas`` includes a margin of a fifth. `ebl.registry.send` signs exactly this, or nothing. ``replaces`` is the pending
    transaction whose nonce it takes. ``coin`` is the chain's coin, if it is known.
    """

    call: Call
    sender: str
    gas: int
    fees: Fees
    coin: str | None = None
    made_at: datetime = field(default_factory=now)
    replaces: JournalEntry | None = None
    purpose: Purpose = Purpose.CALL

    @property
    def unsigned(self) -> Unsigned:
        """The transaction to sign, with the nonce 0 instead of its later one."""
        nonce = self.replaces.nonce if self.replaces else 0
        return Unsigned(self.call.chain_id, nonce, self.call.to, self.call.data, self.gas, self.fees)

    @property
    def cost(self) -> int:
        """The most that it can cost, in wei."""
        return self.unsigned.cost

    @property
    def price(self) -> str:
        """The most that it can cost, in words: ``0.0036 ETH``, rounded up."""
        return amount(self.cost, self.coin)

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data; amounts in wei."""
        fees = {"max_fee_per_gas": self.fees.limit, "max_priority_fee_per_gas": self.fees.tip}
        return {
            **self.call.to_dict(),
            "from": self.sender,
            "gas": self.gas,
            **fees,
            "max_cost_wei": self.cost,
            "coin": self.coin,
            "instead_of": self.replaces.tx_hash if self.replaces else None,
        }


def plan(call: Call, *, sender: str, node: AnyNode, max_cost: int | None = None) -> Plan:
    """Simulates the call as ``sender`` and prices it; nothing is sent.

    Raises `TransactionError` if the contract would refuse it (in words, with the fix) or the sender cannot pay. Raises
    `TooExpensive` if it may cost more than the network's cap, the cap on gas or ``max_cost`` (in wei), and `InvalidInput` if
    the node serves another chain than the call's.
    """
    node = node_of(node)
    limit = gas_of(call, sender=sender, node=node)
    planned = Plan(call, sender, limit, gas.suggest(node), node.coin)
    gas.within(planned.cost, max_cost, planned.coin)
    require_funds(planned, node)
    return planned


def gas_of(call: Call, *, sender: str, node: Node) -> int:
    """Returns the gas limit of a call, which is simulated. Raises the errors of `plan`, except those of the price."""
    require_chain(call, node)
    _require_contract(call, node)
    simulate(call, sender=sender, node=node)
    try:
        estimate = node.estimate_gas(call.to, call.data, sender=sender)
    except NodeRefused as no:
        if no.data:
            raise refused(call, no.data) from no
        fix = _no_money(sender, node.coin)
        raise TransactionError(f"Not sent: the node cannot estimate the gas: {no.message}.", fix=fix) from no
    return gas.gas_limit(estimate)


def simulate(call: Call, *, sender: str, node: Node) -> None:
    """Raises `TransactionError` if the contract would now refuse the call."""
    answer = node.call(call.to, call.data, sender=sender)
    if isinstance(answer, Reverted):
        raise refused(call, answer.data)


def require_good(planned: Plan, *, signer: str, node: Node, at: datetime, max_cost: int | None = None) -> None:
    """Requires that a plan can be signed as it is.

    Raises `PlanOutdated` if it is older than ten minutes or the chain's base fee rose above its limit, `TooExpensive` if it
    exceeds a limit of the caller, `InvalidInput` if it is another sender's or another chain's.
    """
    require_chain(planned.call, node)
    if planned.sender != signer:
        raise InvalidInput(f"This plan is of {planned.sender}, but the key is of {signer}.", fix="Plan for that key.")
    gas.bounded(planned.fees, node.gas)
    gas.within(planned.cost, max_cost, planned.coin)
    require_fresh(planned.made_at, planned.fees.limit, node=node, at=at)


def require_fresh(made_at: datetime, limit: int, *, node: Node, at: datetime) -> None:
    """Raises `PlanOutdated` if a plan is older than ten minutes, or the chain's base fee is above its ``limit``."""
    age = (at - made_at).total_seconds()
    if abs(age) > GOOD_FOR:
        raise PlanOutdated(f"Not sent: the plan is {abs(age) / 60:.0f} minutes old.", fix=PLAN_AGAIN)
    head = None if node.gas.kind == "zero" else node.head()
    if head is not None and head.base_fee is not None and head.base_fee > limit:
        raise PlanOutdated(
            f"Not sent: the chain's base fee is {gwei(head.base_fee)} now; the plan allows {gwei(limit)}.",
            fix=PLAN_AGAIN,
        )


def require_chain(call: Call, node: Node) -> None:
    """Raises `InvalidInput` if the node serves another chain than the call's."""
    if call.chain_id != node.chain_id:
        raise InvalidInput(
            f"This call is for chain {call.chain_id}, but the node serves chain {node.chain_id}.",
            fix="Connect to the chain of the call.",
        )


def refused(call: Call, data: bytes) -> TransactionError:
    """Returns the error for a call that a contract refuses."""
    why = refusals.explain(data)
    name = f" ({why.error})" if why.error and why.error not in why.sentence else ""
    return TransactionError(f"Not sent: {why.sentence.rstrip('.')}{name}. The move was: {call.summary}.", fix=why.fix)


def why_reverted(call: Call, receipt: Receipt, node: Node) -> str:
    """Returns why an included transaction failed, determined by running it again on the previous block."""
    try:
        answer = node.call(call.to, call.data, sender=receipt.sender, at=receipt.block_number - 1)
    except (NodeRefused, SourceError):
        answer = b""
    why = f": {refusals.explain(answer.data).sentence}" if isinstance(answer, Reverted) else "."
    return f"Included in block {receipt.block_number}, but the contract refused it{why}"


def _require_contract(call: Call, node: Node) -> None:
    """Requires code at the address: a call of an address without code succeeds and does nothing."""
    if call.to is not None and not node.code(call.to):
        raise TransactionError(
            f"Not sent: there is no contract at {call.to} on chain {call.chain_id}.",
            fix="Check the address and the chain.",
        )


def require_funds(planned: Plan, node: Node) -> None:
    """Raises `TransactionError` if the sender cannot pay the most that the plan may cost."""
    require_balance(planned.cost, planned.sender, node)


def require_balance(cost: int, sender: str, node: Node) -> None:
    """Raises `TransactionError` if the sender has less than ``cost``, in wei."""
    balance = node.balance(sender) if cost else 0
    if balance < cost:
        raise TransactionError(
            f"Not sent: it may cost up to {amount(cost, node.coin)} for gas; {sender} has {amount(balance, node.coin)}.",
            fix=_no_money(sender, node.coin),
        )


def _no_money(sender: str, coin: str | None) -> str:
    return f"Check that {sender} has enough {coin or THE_COIN} for gas on this chain."
