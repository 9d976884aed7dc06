"""Planning of many calls: their effect and cost, determined without sending any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ebl.chain.sending import fees as gas
from ebl.chain.sending.amounts import amount
from ebl.chain.sending.call import Call
from ebl.chain.sending.given_node import AnyNode, node_of
from ebl.chain.sending.journal import RESUME_WITHIN, Journal, JournalEntry, Journals, Outcome, fingerprint
from ebl.chain.sending.node import Node
from ebl.chain.sending.planning import Plan, gas_of, now, require_balance, require_chain, require_fresh
from ebl.chain.sending.send_plan import unfinished
from ebl.chain.sending.transaction import Fees, Unsigned
from ebl.errors import InvalidInput, TransactionError
from ebl.ethereum.keccak import keccak256
from ebl.model.ports import Reverted

# Requests to one node at the same time.
_AT_ONCE = 8
_ROOM = 2
_MAY_BE_IN_A_BLOCK = (Outcome.SIGNED, Outcome.INCLUDED)


@dataclass(frozen=True, slots=True)
class PlanOfMany:
    """Transactions as they will be signed, except for their nonces: each was simulated by itself, on the chain as it is now.

    ``gas`` has the limit of each call that will be signed, by its number in ``calls``; ``refused`` has why one will not be, and
    ``sent_before`` what an earlier run signed of the same move, which is awaited instead. All are first signed at ``fees``.
    Those that are not included then are signed again with more, up to ``cap`` in wei for a unit of gas. So are those sent before
    that are still open, unless nothing else remains to sign.
    """

    calls: tuple[Call, ...]
    sender: str
    fees: Fees
    cap: int
    gas: Mapping[int, int]
    refused: Mapping[int, TransactionError] = field(default_factory=dict)
    sent_before: Mapping[int, JournalEntry] = field(default_factory=dict)
    coin: str | None = None
    made_at: datetime = field(default_factory=now)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The transactions that will be signed, in order."""
        return tuple(self.plan(number) for number in self.gas)

    def plan(self, number: int) -> Plan:
        """Returns the transaction of one call. Raises `KeyError` if it will not be signed."""
        return Plan(self.calls[number], self.sender, self.gas[number], self.fees, self.coin, self.made_at)

    @property
    def cost(self) -> int:
        """The most that all of them can cost at the first price, in wei."""
        return sum(self.gas.values()) * self.fees.limit

    @property
    def max_cost(self) -> int:
        """The most that all of them can cost if all have to be replaced at the cap, in wei."""
        open_ = [Unsigned.of(bytes.fromhex(one.raw[2:])).gas for one in self.sent_before.values() if one.open]
        return (sum(self.gas.values()) + sum(open_)) * self.cap

    @property
    def price(self) -> str:
        """The most that all of them can cost at the first price, in words."""
        return amount(self.cost, self.coin)

    @property
    def max_price(self) -> str:
        """The most that all of them can cost if all have to be replaced at the cap, in words."""
        return amount(self.max_cost, self.coin)

    @property
    def run(self) -> str:
        """The id of this run in the journal: the same calls in the same order are the same run, until it is finished."""
        return keccak256("".join(map(fingerprint, self.calls)).encode()).hex()

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data; amounts in wei."""
        return {
            "transactions": [planned.to_dict() for planned in self.plans],
            "from": self.sender,
            "cost_wei": self.cost,
            "max_cost_wei": self.max_cost,
            "max_fee_per_gas": self.fees.limit,
            "max_fee_per_gas_replaced": self.cap,
            "coin": self.coin,
            "refused": [
                {"summary": self.calls[number].summary, "message": error.message}
                for number, error in self.refused.items()
            ],
            "sent_before": [entry.tx_hash for entry in self.sent_before.values()],
        }


def plan_all(
    calls: Sequence[Call], *, sender: str, node: AnyNode, journals: Journals | None = None, max_cost: int | None = None
) -> PlanOfMany:
    """Simulates each call by itself as ``sender``, and prices all of them; nothing is sent.

    The cap is twice the current price, and never above the network's cap or what ``max_cost`` (in wei, for all of them
    together) leaves for each unit of gas. A call that the contract refuses is in ``refused``, and does not affect the others:
    calls that depend on one another do not belong in one plan. The same call twice is refused.

    Raises `TransactionError` if the sender cannot pay for all, `TooExpensive` if they may cost more than a limit allows,
    `SourceError` if the node does not respond, and `InvalidInput` if one is for another chain, or appears twice.
    """
    node, calls = node_of(node), tuple(calls)
    _require_different(calls)
    for call in calls:
        require_chain(call, node)
    journal = (journals or Journals.at_home()).journal(node.chain_id, node.genesis, sender)
    draft = PlanOfMany(calls, sender, Fees(0, None), 0, {})
    known = {entry.tx_hash for entry in journal.entries()}
    before = _sent_before(draft, journal, node)
    left = [number for number in range(len(calls)) if number not in before]
    if not left:
        return PlanOfMany(calls, sender, Fees(0, None), 0, {}, {}, before, node.coin)
    found = together(lambda number: _gas_or_why(calls[number], sender, node), left)
    limits = {number: limit for number, limit in zip(left, found, strict=True) if isinstance(limit, int)}
    refused = {number: no for number, no in zip(left, found, strict=True) if isinstance(no, TransactionError)}
    if refused:  # possibly because another thread or process has made the same move meanwhile
        others = {e.call: e for e in journal.entries() if e.tx_hash not in known and e.outcome is not Outcome.REFUSED}
        for number in [number for number in refused if fingerprint(calls[number]) in others]:
            del refused[number]
            before[number] = others[fingerprint(calls[number])]
    fees, total = gas.suggest(node), sum(limits.values())
    gas.within(total * fees.limit, max_cost, node.coin)
    cap = fees.limit * _ROOM
    if node.gas.ceiling is not None:
        cap = min(cap, node.gas.ceiling)
    planned = PlanOfMany(calls, sender, fees, 1, limits, refused, before, node.coin)
    if max_cost is not None and planned.max_cost:
        cap = min(cap, max_cost // planned.max_cost)
    planned = replace(planned, cap=max(cap, fees.limit))
    require_balance(planned.cost, sender, node)
    return planned


def require_good(planned: PlanOfMany, *, signer: str, node: Node, at: datetime, max_cost: int | None) -> None:
    """Requires that a plan can be signed as it is.

    Raises `PlanOutdated` if it is older than ten minutes or the chain's base fee rose above its cap, `TooExpensive` if it
    exceeds a limit of the caller, `InvalidInput` if it is another sender's or another chain's.
    """
    for call in planned.calls:
        require_chain(call, node)
    if planned.sender != signer:
        raise InvalidInput(f"This plan is of {planned.sender}, but the key is of {signer}.", fix="Plan for that key.")
    if planned.gas:
        gas.bounded(planned.fees, node.gas)
        gas.bounded(Fees(planned.cap, None), node.gas)
        gas.within(planned.cost, max_cost, planned.coin)
        require_fresh(planned.made_at, planned.cap, node=node, at=at)


def together(do: Callable[[int], Any], numbers: Iterable[int]) -> list[Any]:
    """Returns the result of ``do`` for each number, in order; some run at the same time, because each waits for a node."""
    from concurrent.futures import ThreadPoolExecutor  # most programs that import this send one at a time

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(do, numbers))


def _gas_or_why(call: Call, sender: str, node: Node) -> int | TransactionError:
    try:
        return gas_of(call, sender=sender, node=node)
    except TransactionError as no:
        return no


def _sent_before(planned: PlanOfMany, journal: Journal, node: Node) -> dict[int, JournalEntry]:
    """Returns what earlier runs signed of these calls, by number: the open ones, and those that this run got included."""
    entries = [entry for entry in journal.entries() if entry.open or entry.run]
    sender, run, at = planned.sender, planned.run, now()
    of_call: dict[str, list[JournalEntry]] = {}
    for entry in entries:
        of_call.setdefault(entry.call, []).append(entry)

    def find(number: int) -> JournalEntry | None:
        call = planned.calls[number]
        same = of_call[fingerprint(call)]
        ours = next((one for one in reversed(same) if one.run == run and one.outcome in _MAY_BE_IN_A_BLOCK), None)
        if ours is not None and ours.age(at) <= RESUME_WITHIN:
            return ours
        # Later: a move that is in a block and that the contract would accept again was undone since, and is new.
        entry = unfinished(call, same, sender=sender, node=node, journal=journal)
        if entry is not None or ours is None or ours.open:
            return entry
        undone = call.to is not None and not isinstance(node.call(call.to, call.data, sender=sender), Reverted)
        return None if undone else ours

    numbers = [number for number, call in enumerate(planned.calls) if fingerprint(call) in of_call]
    found = together(find, numbers) if numbers else []
    return {number: entry for number, entry in zip(numbers, found, strict=True) if entry is not None}


def _require_different(calls: Sequence[Call]) -> None:
    seen: dict[str, int] = {}
    for number, call in enumerate(calls):
        first = seen.setdefault(fingerprint(call), number)
        if first != number:
            raise InvalidInput(
                f"Call {number + 1} is the same move as call {first + 1}: {call.summary}.",
                fix="Give each move once; to make it twice, send it in two runs.",
            )
