"""Waiting for a sent transaction, until its block has the required finality."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ebl.chain.sending.finality import Finality, final_block
from ebl.chain.sending.journal import Journal, JournalEntry, Outcome, Purpose
from ebl.chain.sending.node import Node, NodeRefused, Receipt
from ebl.chain.sending.submission import broadcast, latest
from ebl.chain.sending.transaction import Unsigned
from ebl.errors import InvalidInput, OutcomeUnknown, SourceError, TransactionError
from ebl.ethereum.address import create_address

_REMIND_AFTER = 15.0
# Nodes behind one address differ: one may count a nonce as used before another has the receipt.
_SURE_AFTER = 10.0


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class WaitOptions:
    """How long to wait, in seconds, and the clocks to use.

    For many transactions (`ebl.registry.send_all`) ``seconds`` is how long none of them may make progress. Pending ones are
    replaced at a higher price if nothing was included for ``outbid_after`` seconds and three blocks.
    """

    seconds: float = 180.0
    longest_pause: float = 2.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _now
    outbid_after: float = 30.0


DEFAULT_WAIT = WaitOptions()


def wait(
    entry: JournalEntry, *, sender: str, node: Node, journal: Journal, until: Finality, wait_options: WaitOptions
) -> Receipt:
    """Waits until the transaction, or one that replaced it, is in a block with the finality ``until``.

    Raises `TransactionError` if it was cancelled or superseded, if it was included but reverted (the caller adds why), and if
    the node returns another contract than it created. Raises `OutcomeUnknown` if the time is over.
    """
    watch, end, pause = (
        Watch(entry, sender, node, journal, wait_options),
        wait_options.clock() + wait_options.seconds,
        0.02,
    )
    while True:
        # The node may recover; the transaction is sent, even if nothing can be read meanwhile.
        with suppress(SourceError, NodeRefused, InvalidInput):
            watch.look()
            if (included := watch.included) is not None and final_block(node, until) >= included.block_number:
                with may_fail():
                    settle([(included, entry)], journal)
                return watch.receipt(until)
            watch.remind()
        if wait_options.clock() >= end:
            raise watch.unknown(until)
        wait_options.sleep(pause)
        pause = min(pause * 1.5, wait_options.longest_pause)


@dataclass(slots=True)
class Watch:
    """What is known of a sent transaction, round by round.

    ======= ============================= ===============================================================
    receipt nonce                         what follows
    ======= ============================= ===============================================================
    its own                               it is ``included``
    none    not used                      it is pending, and is broadcast again from time to time
    none    used by another of ours       that one is ``included`` if it makes the same move; else an error
    none    used, by none of ours         superseded, once the node has not known it for some seconds
    ======= ============================= ===============================================================
    """

    entry: JournalEntry
    sender: str
    node: Node
    journal: Journal
    wait_options: WaitOptions
    included: Receipt | None = None
    passed_over: float | None = None
    reminded: float = field(init=False)

    def __post_init__(self) -> None:
        self.reminded = self.wait_options.clock()

    def look(self, used: int | None = None) -> None:
        """Does one round. Raises the errors of `wait` and of the node.

        ``used`` is the number of used nonces, if it was queried: a transaction with a later nonce is in no block, and is not
        queried for.
        """
        if used is not None and used <= self.entry.nonce:
            self.included = self.passed_over = None
            return
        self.included = self.node.receipt(self.entry.tx_hash)
        used = self.node.nonce(self.sender, at="latest") if self.included is None and used is None else used
        if self.included is not None or (used is not None and used <= self.entry.nonce):
            self.passed_over = None
            return
        self.included = _receipt_of_rival(self.entry, self.node, self.journal)
        now = self.wait_options.clock()
        self.passed_over = now if self.passed_over is None else self.passed_over
        if self.included is None and now - self.passed_over > _SURE_AFTER and not _is_known(self.entry, self.node):
            raise _superseded(self.entry, self.journal)

    def remind(self) -> None:
        """Broadcasts a pending transaction again, if it was not for a while."""
        if self.included is None and self.wait_options.clock() - self.reminded > _REMIND_AFTER:
            broadcast(latest(self.entry, self.journal), self.node)
            self.reminded = self.wait_options.clock()

    def receipt(self, until: Finality) -> Receipt:
        """Returns the receipt of the included one. Raises as `wait` does if the node returns another contract."""
        assert self.included is not None
        return replace(_own(self.included, self.entry, self.sender), finality=str(until))

    def unknown(self, until: Finality) -> OutcomeUnknown:
        """Returns the error for a transaction that did not reach the required finality in time."""
        return _not_known(self.entry, self.included, until, self.wait_options.seconds)


def _is_known(entry: JournalEntry, node: Node) -> bool:
    try:
        return node.knows(entry.tx_hash)
    except NodeRefused:
        return True  # a node that returns an error has not stated that it does not know the transaction


def may_fail() -> suppress:
    """Suppresses errors while an outcome is recorded. The next run determines it again, and a full disk must not hide it."""
    return suppress(OSError, InvalidInput)


def _own(receipt: Receipt, entry: JournalEntry, sender: str) -> Receipt:
    """Returns the receipt with the sender and the contract that follow from what was signed, not those that the node reports.

    Raises `TransactionError` if the node reports another contract: its owner would publish that address.
    """
    place = contract_of(entry, sender)
    if not receipt.succeeded or place is None:
        return replace(receipt, sender=sender, contract=None)
    if receipt.contract != place:
        raise TransactionError(
            f"Included in block {receipt.block_number}, but the node reports the contract at {receipt.contract}; it"
            f" can only be at {place}: {entry.summary}.",
            tx_hash=receipt.tx_hash,
            fix="Do not rely on this node; read the contract through another.",
        )
    return replace(receipt, sender=sender)


def contract_of(entry: JournalEntry, sender: str) -> str | None:
    """Returns the address of the contract that a transaction creates; None if it creates none."""
    creates = Unsigned.of(bytes.fromhex(entry.raw[2:])).to is None
    return create_address(sender, entry.nonce) if creates else None


def _receipt_of_rival(entry: JournalEntry, node: Node, journal: Journal) -> Receipt | None:
    """Returns the receipt of a transaction of ours that has the same nonce, if it makes the same move."""
    for rival in rivals(entry, journal):
        if (receipt := node.receipt(rival.tx_hash)) is None:
            continue
        with may_fail():
            settle([(receipt, entry)], journal)
        if rival.call == entry.call:
            return receipt
        if entry.purpose is Purpose.CANCEL:
            what = "included" if receipt.succeeded else "included (and reverted)"
            raise TransactionError(
                f"Too late to cancel: the transaction was {what} in block {receipt.block_number}: {rival.summary}.",
                tx_hash=rival.tx_hash,
            )
        raise _superseded(entry, journal)
    return None


def rivals(entry: JournalEntry, journal: Journal) -> list[JournalEntry]:
    """Returns our other transactions with the same nonce: only one of all of them can be included."""
    return [
        e
        for e in journal.entries()
        if e.nonce == entry.nonce and e.tx_hash != entry.tx_hash and e.outcome is not Outcome.REFUSED
    ]


def require_waiting(entry: JournalEntry, *, sender: str, node: Node) -> None:
    """Raises `TransactionError` if a transaction is no longer pending, so that it cannot be replaced."""
    if (receipt := node.receipt(entry.tx_hash)) is not None:
        raise TransactionError(f"It was included already, in block {receipt.block_number}.", tx_hash=entry.tx_hash)
    if not entry.open or node.nonce(sender, at="latest") > entry.nonce:
        raise TransactionError("It is no longer pending: its nonce was used.", tx_hash=entry.tx_hash)


def settle(included: Sequence[tuple[Receipt, JournalEntry]], journal: Journal) -> None:
    """Writes the outcomes of transactions, by their receipts, and of those with the same nonces."""
    outcomes: list[tuple[JournalEntry, Outcome, int | None]] = []
    with journal.locked():
        for receipt, entry in included:
            for known in (entry, *rivals(entry, journal)):
                if known.tx_hash != receipt.tx_hash:
                    outcomes.append((known, Outcome.SUPERSEDED, None))
                else:
                    outcome = Outcome.INCLUDED if receipt.succeeded else Outcome.REVERTED
                    outcomes.append((known, outcome, receipt.block_number))
        journal.settle_all(outcomes)


def _superseded(entry: JournalEntry, journal: Journal) -> TransactionError:
    others = rivals(entry, journal)
    with may_fail(), journal.locked():
        journal.settle(entry, Outcome.SUPERSEDED)
    if any(rival.purpose is Purpose.CANCEL for rival in others):
        return TransactionError(f"Cancelled before it was included: {entry.summary}.", tx_hash=entry.tx_hash)
    return TransactionError(
        f"Another transaction of the same key took its place (nonce {entry.nonce}): {entry.summary} did not happen.",
        tx_hash=entry.tx_hash,
        fix="Check what the key sent; then send this again if it is still needed.",
    )


def _not_known(entry: JournalEntry, included: Receipt | None, until: Finality, seconds: float) -> OutcomeUnknown:
    again = "Run the same command again: it waits for this transaction and sends no second one."
    ask = f"{again} Or query it with `ebl tx status {entry.tx_hash}`."
    if included is not None:
        return OutcomeUnknown(
            f"Included in block {included.block_number}, but not {until} after {seconds:g} seconds: {entry.summary}.",
            tx_hash=entry.tx_hash,
            fix=ask,
        )
    return OutcomeUnknown(
        f"Sent, but its outcome is not known after {seconds:g} seconds: {entry.summary}.",
        tx_hash=entry.tx_hash,
        fix=f"{ask} If it stays unknown: `ebl tx speed-up {entry.tx_hash}` or `ebl tx cancel {entry.tx_hash}`.",
    )
