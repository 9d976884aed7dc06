"""Fees of a transaction: the price of each unit of gas, by the rules of its chain."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from ebl.chain.sending.amounts import amount, gwei
from ebl.chain.sending.node import Node, NodeRefused
from ebl.chain.sending.transaction import Fees
from ebl.config.networks import GWEI, Gas
from ebl.errors import SourceError, TooExpensive
from ebl.model.broken_input import read_json

# Sanity cap on the gas price, in wei, for chains without a cap of their own.
_MAX_GAS_PRICE = 100_000 * GWEI
# Cap on the gas of one transaction: Ethereum's own limit (EIP-7825). No move needs a third of it.
MAX_GAS = 1 << 24


def suggest(node: Node) -> Fees:
    """Returns fees at which the next blocks should include a transaction. Raises `TooExpensive` above the policy's cap.

    The limit is twice the base fee plus the tip: a base fee rises by at most an eighth each block, so this is enough for six
    full blocks. The recommendation of a gas station is used if it is higher, and not required.
    """
    fees = _suggest(node)
    return bounded(fees, node.gas)


def outbid(fees: Fees, now: Fees, policy: Gas) -> Fees:
    """Returns fees that replace a pending transaction's ``fees``: both an eighth higher, as nodes require, or more if needed."""
    limit = max(fees.limit + fees.limit // 8 + 1, now.limit)
    if fees.tip is None:
        return bounded(Fees(limit, None), policy)
    tip = max(fees.tip + fees.tip // 8 + 1, now.tip or 0)
    return bounded(Fees(max(limit, tip), tip), policy)


def bounded(fees: Fees, policy: Gas) -> Fees:
    """Returns the fees. Raises `TooExpensive` if they are above the policy's cap, or implausible for any chain."""
    if fees.limit > _MAX_GAS_PRICE:
        raise TooExpensive(
            f"The node returned a gas price of {gwei(fees.limit)}, which is implausible for any chain.",
            fix="Send through another node.",
        )
    if policy.ceiling is not None and fees.limit > policy.ceiling:
        raise TooExpensive(
            f"Not sent: gas costs up to {gwei(fees.limit)} now; the limit is {gwei(policy.ceiling)}.",
            fix="Wait until the chain is less busy, try another node, or raise the limit (--gas-ceiling GWEI).",
        )
    return fees


def gas_limit(estimate: int) -> int:
    """Returns the gas limit for a node's estimate: a fifth more. Raises `TooExpensive` above `MAX_GAS`."""
    if estimate > MAX_GAS:
        raise TooExpensive(
            f"Not sent: the node estimates {estimate:,} gas; the limit of one transaction is {MAX_GAS:,}.",
            fix="Do less in one transaction, or try another node.",
        )
    return min(estimate + estimate // 5, MAX_GAS)


def within(cost: int, most: int | None, coin: str | None) -> None:
    """Raises `TooExpensive` if a transaction may cost more than the caller allows (``most``, in wei)."""
    if most is not None and cost > most:
        raise TooExpensive(
            f"Not sent: it may cost up to {amount(cost, coin)}; the limit is {amount(most, coin)}.",
            fix="Wait until the chain is less busy, try another node, or raise the limit (--max-cost AMOUNT).",
        )


def _suggest(node: Node) -> Fees:
    policy = node.gas
    head = node.head()
    base = head.base_fee if head else None
    legacy = policy.kind == "legacy" or (policy.kind != "eip1559" and base is None)
    if policy.kind == "zero":
        return Fees(0, None if legacy else 0)
    if legacy:
        return Fees(max(node.gas_price(), policy.min_tip), None)
    tip = max(_tip(node), policy.min_tip)
    fees = Fees(2 * (base or 0) + tip, tip)
    if (station := _station(node)) is None or station.tip is None:
        return fees
    tip = max(tip, station.tip)
    return Fees(max(2 * (base or 0) + tip, station.limit), tip)


def _tip(node: Node) -> int:
    try:
        return node.priority_fee()
    except NodeRefused:  # the method is newer than some nodes
        return GWEI


def _station(node: Node) -> Fees | None:
    if node.fetch is None or node.gas.station is None:
        return None
    try:
        page = node.fetch(node.gas.station, accept=("application/json",))
        standard = read_json(page.body, any_number=True)["standard"]
        limit, tip = _wei(standard["maxFee"]), _wei(standard["maxPriorityFee"])
    except (SourceError, ValueError, KeyError, TypeError, ArithmeticError):
        return None
    return Fees(limit, tip) if tip <= limit else None


def _wei(gwei: object) -> int:
    """Converts a gas station's gwei (a number with decimals) to wei, rounded up."""
    wei = Decimal(str(gwei)) * GWEI
    if not 0 <= wei <= _MAX_GAS_PRICE:
        raise ValueError("not a price of gas")
    return int(wei.to_integral_value(ROUND_CEILING))
