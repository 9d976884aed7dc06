"""What became of a transaction that was sent, and the two things to do about one that waits: pay more, or call it off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ebl.codes import Doubt
from ebl.errors import InvalidInput, SourceError, TransactionError
from ebl.transactions import fees as gas
from ebl.transactions.finality import LATEST, Finality
from ebl.transactions.node import Node, NodeRefused, Receipt
from ebl.transactions.outbox import Entry, Fate, Journal, Outbox, Purpose
from ebl.transactions.posting import Draft, post_instead
from ebl.transactions.unsigned import Fees, TransactionSigner, Unsigned
from ebl.transactions.waiting import PATIENT, Patience, rivals, settle, wait

_PLAIN_GAS = 21_000


class State(StrEnum):
    """Where a transaction is: ``unknown`` means that neither this node nor a block has it."""

    INCLUDED = "included"
    REVERTED = "reverted"
    WAITING = "waiting"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of a transaction now. ``entry`` is None where no journal has it.

    ``replaced_by`` is the hash of the transaction of ours that is in a block in its place, where that is known.
    """

    tx_hash: str
    state: State
    entry: Entry | None
    receipt: Receipt | None = None
    replaced_by: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "tx_hash": self.tx_hash,
            "state": str(self.state),
            "summary": self.entry.summary if self.entry else None,
            "nonce": self.entry.nonce if self.entry else None,
            "signed_at": self.entry.signed_at if self.entry else None,
            "receipt": self.receipt.to_dict() if self.receipt else None,
            "replaced_by": self.replaced_by,
        }


def status(tx_hash: str, *, node: Node, outbox: Outbox | None = None) -> Status:
    """Ask what became of a transaction, and write it down where a journal has it. Raises `SourceError` for no answer."""
    try:
        return _status(tx_hash, node, outbox or Outbox.at_home())
    except NodeRefused as no:  # which is no failure of the transaction
        raise SourceError(Doubt.CHAIN_REFUSED, f"the node does not say what became of it: {no}") from no


def _status(tx_hash: str, node: Node, outbox: Outbox) -> Status:
    journal, entry = outbox.find(tx_hash) or (None, None)
    receipt = node.receipt(tx_hash)
    if receipt is not None:
        if journal and entry and entry.open:
            settle(receipt, entry, journal)
        return Status(tx_hash, State.INCLUDED if receipt.succeeded else State.REVERTED, entry, receipt)
    if journal and entry:
        for rival in rivals(entry, journal):
            if (instead := node.receipt(rival.tx_hash)) is not None:
                if entry.open or rival.open:
                    settle(instead, entry, journal)
                return Status(tx_hash, State.SUPERSEDED, entry, replaced_by=rival.tx_hash)
        if entry.fate is Fate.SUPERSEDED:
            return Status(tx_hash, State.SUPERSEDED, entry)
    return Status(tx_hash, State.WAITING if node.knows(tx_hash) else State.UNKNOWN, entry)


def speed_up(
    tx_hash: str,
    *,
    signer: TransactionSigner,
    node: Node,
    outbox: Outbox | None = None,
    until: Finality = LATEST,
    patience: Patience = PATIENT,
) -> Receipt:
    """Send the same move again with the same nonce and higher fees, and wait: one of both is included, never both.

    Raises `InvalidInput` where no journal has the transaction or another key sent it, `TransactionError` where it is not
    waiting any more.
    """
    journal, entry = _waiting(tx_hash, signer, node, outbox)
    sent = Unsigned.of(bytes.fromhex(entry.raw[2:]))
    draft = Draft(replace(sent, fees=_more(entry, node, journal)), entry.call, entry.summary, Purpose.SPEED_UP)
    return _replace(entry, draft, signer=signer, node=node, journal=journal, until=until, patience=patience)


def cancel(
    tx_hash: str,
    *,
    signer: TransactionSigner,
    node: Node,
    outbox: Outbox | None = None,
    until: Finality = LATEST,
    patience: Patience = PATIENT,
) -> Receipt:
    """Use up the nonce of a waiting transaction with one that does nothing, and wait for it.

    Raises as `speed_up` does, and `TransactionError` where the first one was included all the same.
    """
    journal, entry = _waiting(tx_hash, signer, node, outbox)
    sent = Unsigned.of(bytes.fromhex(entry.raw[2:]))
    nothing = replace(sent, to=signer.address, data=b"", gas=_PLAIN_GAS, fees=_more(entry, node, journal))
    draft = Draft(nothing, f"cancel {entry.call}", f"cancel: {entry.summary}", Purpose.CANCEL)
    return _replace(entry, draft, signer=signer, node=node, journal=journal, until=until, patience=patience)


def _replace(
    entry: Entry,
    draft: Draft,
    *,
    signer: TransactionSigner,
    node: Node,
    journal: Journal,
    until: Finality,
    patience: Patience,
) -> Receipt:
    with journal.locked():
        replacement = post_instead(entry, draft, signer=signer, node=node, journal=journal, now=patience.now())
    receipt = wait(replacement, sender=signer.address, node=node, journal=journal, until=until, patience=patience)
    if not receipt.succeeded:
        raise TransactionError(
            f"Included in block {receipt.block_number}, but it was reverted: {entry.summary}.", tx_hash=receipt.tx_hash
        )
    return receipt


def _waiting(tx_hash: str, signer: TransactionSigner, node: Node, outbox: Outbox | None) -> tuple[Journal, Entry]:
    found = (outbox or Outbox.at_home()).find(tx_hash)
    if found is None:
        raise InvalidInput(f"No journal here has the transaction {tx_hash[:80]}.", fix="Use the machine that sent it.")
    journal, entry = found
    if journal != (outbox or Outbox.at_home()).journal(node.chain_id, node.genesis, signer.address):
        raise InvalidInput(
            "Another key sent this transaction, or on another chain.", fix="Use that key and that chain."
        )
    if (receipt := node.receipt(entry.tx_hash)) is not None:
        raise TransactionError(f"It was included already, in block {receipt.block_number}.", tx_hash=entry.tx_hash)
    if not entry.open or node.nonce(signer.address, at="latest") > entry.nonce:
        raise TransactionError("It is not waiting any more: its nonce was used.", tx_hash=entry.tx_hash)
    return journal, entry


def _more(entry: Entry, node: Node, journal: Journal) -> Fees:
    """More than the dearest transaction that waits with this nonce; it may have been replaced before."""
    waiting = [e for e in journal.entries() if e.open and e.nonce == entry.nonce]
    dearest = max((Unsigned.of(bytes.fromhex(e.raw[2:])).fees for e in waiting), key=lambda fees: fees.limit)
    return gas.outbid(dearest, gas.suggest(node), node.gas)
