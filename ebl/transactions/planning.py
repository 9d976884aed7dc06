"""What sending a call would do and cost, found out without sending it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ebl.errors import InvalidInput, SourceError, TransactionError
from ebl.sources import Reverted
from ebl.transactions import fees as gas
from ebl.transactions import reverts
from ebl.transactions.call import Call
from ebl.transactions.node import Node, NodeRefused, Receipt
from ebl.transactions.unsigned import Fees

_ETHER = 10**18


@dataclass(frozen=True, slots=True)
class Plan:
    """What sending a call would cost: it was simulated and would succeed. ``gas`` includes a margin of a fifth."""

    call: Call
    sender: str
    gas: int
    fees: Fees

    @property
    def cost(self) -> int:
        """The most that it can cost, in wei."""
        return self.gas * self.fees.limit

    def to_dict(self) -> dict[str, Any]:
        """As JSON data; amounts in wei."""
        fees = {"max_fee_per_gas": self.fees.limit, "max_priority_fee_per_gas": self.fees.tip}
        return {**self.call.to_dict(), "from": self.sender, "gas": self.gas, **fees, "max_cost_wei": self.cost}


def plan(call: Call, *, sender: str, node: Node) -> Plan:
    """Simulate the call as ``sender`` and price it; nothing is sent.

    Raises `TransactionError` where the contract would refuse (in words, with the fix) or the sender cannot pay, and
    `InvalidInput` where the node serves another chain than the call is for.
    """
    require_chain(call, node)
    _require_contract(call, node)
    answer = node.call(call.to, call.data, sender=sender)
    if isinstance(answer, Reverted):
        raise refused(call, answer.data)
    try:
        estimate = node.estimate_gas(call.to, call.data, sender=sender)
    except NodeRefused as no:
        if no.data:
            raise refused(call, no.data) from no
        raise TransactionError(f"Not sent: the node cannot estimate the gas: {no.message}.", fix=_broke(sender)) from no
    planned = Plan(call, sender, estimate + estimate // 5, gas.suggest(node))
    _require_funds(planned, node)
    return planned


def require_chain(call: Call, node: Node) -> None:
    """Raise `InvalidInput` where the node serves another chain than the call is for."""
    if call.chain_id != node.chain_id:
        raise InvalidInput(
            f"This call is for chain {call.chain_id}, but the node serves chain {node.chain_id}.",
            fix="Connect to the chain that the call was composed for.",
        )


def refused(call: Call, data: bytes) -> TransactionError:
    """The error for a call that a contract refuses."""
    why = reverts.explain(data)
    name = f" ({why.error})" if why.error and why.error not in why.sentence else ""
    return TransactionError(f"Not sent: {why.sentence.rstrip('.')}{name}. The move was: {call.summary}.", fix=why.fix)


def why_reverted(call: Call, receipt: Receipt, node: Node) -> str:
    """Why a transaction failed that was included, found by running it again on the block before."""
    try:
        answer = node.call(call.to, call.data, sender=receipt.sender, at=receipt.block_number - 1)
    except (NodeRefused, SourceError):
        answer = b""
    why = f": {reverts.explain(answer.data).sentence}" if isinstance(answer, Reverted) else "."
    return f"Included in block {receipt.block_number}, but the contract refused it{why}"


def _require_contract(call: Call, node: Node) -> None:
    """A call of an address without code succeeds and does nothing: the worst kind of success."""
    if call.to is not None and not node.code(call.to):
        raise TransactionError(
            f"Not sent: there is no contract at {call.to} on chain {call.chain_id}.",
            fix="Check the address and the chain.",
        )


def _require_funds(planned: Plan, node: Node) -> None:
    balance = node.balance(planned.sender) if planned.cost else 0
    if balance < planned.cost:
        raise TransactionError(
            f"Not sent: it may cost up to {planned.cost / _ETHER:.6g} coins for gas; "
            f"{planned.sender} has {balance / _ETHER:.6g}.",
            fix=_broke(planned.sender),
        )


def _broke(sender: str) -> str:
    return f"Check that {sender} has coins for gas on this chain."
