"""What a transaction may cost for each unit of gas, by the rules of its chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ebl.errors import TransactionError
from ebl.transactions.node import Node, NodeRefused
from ebl.transactions.unsigned import Fees

GWEI = 10**9


@dataclass(frozen=True, slots=True)
class GasPolicy:
    """How a chain prices gas, as data. All amounts are in wei for each unit of gas.

    ``kind``     ``auto`` looks whether blocks carry a base fee; ``zero`` is for chains where gas is free
    ``min_tip``  the least tip that the chain's validators take
    ``ceiling``  above this, nothing is sent
    """

    kind: Literal["auto", "eip1559", "legacy", "zero"] = "auto"
    min_tip: int = 0
    ceiling: int | None = None


def suggest(node: Node, policy: GasPolicy) -> Fees:
    """Fees with which the next blocks should take a transaction. Raises `TransactionError` above the policy's ceiling.

    The limit is twice the base fee and the tip: a base fee rises by at most an eighth each block, so this holds for
    six full blocks.
    """
    fees = _suggest(node, policy)
    if policy.ceiling is not None and fees.limit > policy.ceiling:
        raise TransactionError(
            f"Gas costs up to {fees.limit / GWEI:g} gwei now; the limit is {policy.ceiling / GWEI:g} gwei.",
            fix="Wait until the chain is less busy, or raise the limit.",
        )
    return fees


def _suggest(node: Node, policy: GasPolicy) -> Fees:
    head = node.head()
    base = head.base_fee if head else None
    legacy = policy.kind == "legacy" or (policy.kind != "eip1559" and base is None)
    if policy.kind == "zero":
        return Fees(0, None if legacy else 0)
    if legacy:
        return Fees(max(node.gas_price(), policy.min_tip), None)
    tip = max(_tip(node), policy.min_tip)
    return Fees(2 * (base or 0) + tip, tip)


def _tip(node: Node) -> int:
    try:
        return node.priority_fee()
    except NodeRefused:  # the method is newer than some nodes
        return GWEI
