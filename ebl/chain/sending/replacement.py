"""The state of a transaction that was sent, and the two replacements of a pending one: speed up, or cancel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ebl.chain.sending import fees as gas
from ebl.chain.sending.call import Call
from ebl.chain.sending.finality import LATEST, Finality
from ebl.chain.sending.given_node import AnyNode, node_of
from ebl.chain.sending.journal import Journal, JournalEntry, Journals, Outcome, Purpose
from ebl.chain.sending.node import Node, NodeRefused, Receipt
from ebl.chain.sending.planning import Plan, require_funds, simulate
from ebl.chain.sending.send_plan import send
from ebl.chain.sending.transaction import Fees, TransactionSigner, Unsigned
from ebl.chain.sending.waiting import DEFAULT_WAIT, WaitOptions, contract_of, require_waiting, rivals, settle
from ebl.codes import Doubt
from ebl.errors import InvalidInput, SourceError
from ebl.ethereum.keccak import keccak256

_PLAIN_GAS = 21_000


class TransactionState(StrEnum):
    """The states of a transaction: ``unknown`` means that neither this node nor a block has it."""

    INCLUDED = "included"
    REVERTED = "reverted"
    WAITING = "waiting"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TransactionStatus:
    """What is known of a transaction now. ``entry`` is None if no journal has it.

    ``replaced_by`` is the hash of our transaction that is in a block in its place, if it is known.
    """

    tx_hash: str
    state: TransactionState
    entry: JournalEntry | None
    receipt: Receipt | None = None
    replaced_by: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "tx_hash": self.tx_hash,
            "state": str(self.state),
            "summary": self.entry.summary if self.entry else None,
            "nonce": self.entry.nonce if self.entry else None,
            "signed_at": self.entry.signed_at if self.entry else None,
            "receipt": self.receipt.to_dict() if self.receipt else None,
            "replaced_by": self.replaced_by,
        }


def status(tx_hash: str, *, node: AnyNode, journals: Journals | None = None) -> TransactionStatus:
    """Queries the state of a transaction, and records it in its journal. Raises `SourceError` if the node does not respond."""
    try:
        return _status(tx_hash, node_of(node), journals or Journals.at_home())
    except NodeRefused as no:  # a node's refusal says nothing about the transaction
        raise SourceError(Doubt.CHAIN_REFUSED, "outcome", fault=no.message, number=no.code) from no


def _status(tx_hash: str, node: Node, journals: Journals) -> TransactionStatus:
    """Returns the state of a transaction by the first row that fits.

    ============================================================ ========================
    it has a receipt                                             INCLUDED or REVERTED
    another of ours with its nonce has one, or had one before    SUPERSEDED
    the node knows it                                            WAITING
    none of these                                                UNKNOWN
    ============================================================ ========================
    """
    found = journals.find(tx_hash)
    receipt = node.receipt(tx_hash)
    if receipt is not None:
        return _in_block(tx_hash, receipt, found)
    if found is not None:
        journal, entry = found
        instead = _settled_rival(entry, journal, node)
        if instead is not None or entry.outcome is Outcome.SUPERSEDED:
            return TransactionStatus(tx_hash, TransactionState.SUPERSEDED, entry, replaced_by=instead)
    state = TransactionState.WAITING if node.knows(tx_hash) else TransactionState.UNKNOWN
    return TransactionStatus(tx_hash, state, found[1] if found else None)


def _in_block(tx_hash: str, receipt: Receipt, found: tuple[Journal, JournalEntry] | None) -> TransactionStatus:
    state, entry, place = TransactionState.INCLUDED if receipt.succeeded else TransactionState.REVERTED, None, None
    if found is not None:
        journal, entry = found
        if entry.open:
            settle([(receipt, entry)], journal)
        # A contract's address follows from the key and the nonce. A node could return any address, which would be published.
        place = _contract(entry, journal) if receipt.succeeded else None
    return TransactionStatus(tx_hash, state, entry, replace(receipt, contract=place))


def _settled_rival(entry: JournalEntry, journal: Journal, node: Node) -> str | None:
    """Returns the hash of another transaction of ours with the same nonce that is in a block, and records it."""
    for rival in rivals(entry, journal):
        if (instead := node.receipt(rival.tx_hash)) is not None:
            if entry.open or rival.open:
                settle([(instead, entry)], journal)
            return rival.tx_hash
    return None


def _contract(entry: JournalEntry, journal: Journal) -> str | None:
    try:
        return contract_of(entry, journal.sender)
    except ValueError:  # bytes or a file name that this library did not write
        return None


def plan_speed_up(
    tx_hash: str, *, sender: str, node: AnyNode, journals: Journals | None = None, max_cost: int | None = None
) -> Plan:
    """Plans the same move again with the same nonce and higher fees: only one of the two can be included. Nothing is sent.

    Raises `InvalidInput` if no journal has the transaction or another key sent it. Raises `TransactionError` if it is no longer
    pending, if the contract would now refuse it, or if the sender cannot pay; `TooExpensive` if it may exceed a limit.
    """
    node = node_of(node)
    journal, entry = _waiting(tx_hash, sender, node, journals)
    sent = _sent(entry)
    call = Call(sent.chain_id, sent.to, sent.data, entry.summary)
    simulate(call, sender=sender, node=node)  # a move that would now fail is better cancelled
    return _instead(entry, call, sent.gas, Purpose.SPEED_UP, sender, node, journal, max_cost)


def plan_cancel(
    tx_hash: str, *, sender: str, node: AnyNode, journals: Journals | None = None, max_cost: int | None = None
) -> Plan:
    """Plans a transaction that does nothing and uses a pending one's nonce. Nothing is sent. Raises as `plan_speed_up` does."""
    node = node_of(node)
    journal, entry = _waiting(tx_hash, sender, node, journals)
    call = Call(node.chain_id, sender, b"", f"cancel: {entry.summary}")
    return _instead(entry, call, _PLAIN_GAS, Purpose.CANCEL, sender, node, journal, max_cost)


def speed_up(
    tx_hash: str,
    *,
    signer: TransactionSigner,
    node: AnyNode,
    journals: Journals | None = None,
    until: Finality = LATEST,
    wait_options: WaitOptions = DEFAULT_WAIT,
    max_cost: int | None = None,
) -> Receipt:
    """Plans with `plan_speed_up`, sends the plan without a question, and waits. Raises the errors of that and of `send`."""
    node = node_of(node)
    planned = plan_speed_up(tx_hash, sender=signer.address, node=node, journals=journals, max_cost=max_cost)
    return send(planned, signer=signer, node=node, journals=journals, until=until, wait_options=wait_options)


def cancel(
    tx_hash: str,
    *,
    signer: TransactionSigner,
    node: AnyNode,
    journals: Journals | None = None,
    until: Finality = LATEST,
    wait_options: WaitOptions = DEFAULT_WAIT,
    max_cost: int | None = None,
) -> Receipt:
    """Plans with `plan_cancel`, sends the plan without a question, and waits.

    Raises the errors of that and of `send`, and `TransactionError` if the first transaction was included nevertheless.
    """
    node = node_of(node)
    planned = plan_cancel(tx_hash, sender=signer.address, node=node, journals=journals, max_cost=max_cost)
    return send(planned, signer=signer, node=node, journals=journals, until=until, wait_options=wait_options)


def _instead(
    entry: JournalEntry,
    call: Call,
    gas_limit: int,
    purpose: Purpose,
    sender: str,
    node: Node,
    journal: Journal,
    max_cost: int | None,
) -> Plan:
    fees = _more(entry, node, journal)
    planned = Plan(call, sender, gas_limit, fees, node.coin, replaces=entry, purpose=purpose)
    gas.within(planned.cost, max_cost, planned.coin)
    require_funds(planned, node)
    return planned


def _waiting(tx_hash: str, sender: str, node: Node, journals: Journals | None) -> tuple[Journal, JournalEntry]:
    found = (journals or Journals.at_home()).find(tx_hash)
    if found is None:
        raise InvalidInput(
            f"No journal of this system has the transaction {tx_hash[:80]}.", fix="Use the system that sent it."
        )
    journal, entry = found
    if journal != (journals or Journals.at_home()).journal(node.chain_id, node.genesis, sender):
        raise InvalidInput(
            "Another key sent this transaction, or it is on another chain.", fix="Use that key and that chain."
        )
    require_waiting(entry, sender=sender, node=node)
    return journal, entry


def _sent(entry: JournalEntry) -> Unsigned:
    """Returns what was signed. Raises `InvalidInput` if the journal's bytes do not have its hash: they would be signed again."""
    try:
        raw = bytes.fromhex(entry.raw[2:])
        if f"0x{keccak256(raw).hex()}" == entry.tx_hash:
            return Unsigned.of(raw)
    except ValueError:
        pass
    raise InvalidInput(f"The journal is damaged: its bytes for {entry.tx_hash} are not that transaction.")


def _more(entry: JournalEntry, node: Node, journal: Journal) -> Fees:
    """Returns fees above the highest of the pending transactions with this nonce; it may have been replaced before."""
    waiting = [e for e in journal.entries() if e.open and e.nonce == entry.nonce]
    dearest = max((_sent(e).fees for e in waiting), key=lambda fees: fees.limit)
    return gas.outbid(dearest, gas.suggest(node), node.gas)
