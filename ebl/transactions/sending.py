"""Sending a `Call`: simulated with its real sender, refused in words, signed, journalled, sent, and waited for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ebl.errors import TransactionError
from ebl.sources import Reverted
from ebl.transactions.call import Call
from ebl.transactions.finality import LATEST, Finality, final_block
from ebl.transactions.node import Node, Receipt
from ebl.transactions.outbox import Entry, Fate, Journal, Outbox, fingerprint
from ebl.transactions.planning import plan, require_chain, why_reverted
from ebl.transactions.posting import Draft, broadcast, post
from ebl.transactions.unsigned import TransactionSigner, Unsigned
from ebl.transactions.waiting import PATIENT, Patience, settle, wait


def send(
    call: Call,
    *,
    signer: TransactionSigner,
    node: Node,
    outbox: Outbox | None = None,
    until: Finality = LATEST,
    patience: Patience = PATIENT,
) -> Receipt:
    """Simulate the call, sign and send it, and wait until its block is as final as ``until``.

    The transaction is written to the journal in ``outbox`` (default: among the user's state files) before it is sent. A
    call that an earlier run sent and whose fate is still open is not sent again, but waited for: the receipt then says
    ``resumed``. Where it is in a block by now and the contract would take the same move again, it was undone since (a title
    that went on and came back), and this is a new one. Threads and processes may send from one key at the same time, as
    long as they share the outbox.

    Raises `TransactionError` where it was not sent, or was included but reverted; `OutcomeUnknown`, which carries the hash,
    where its fate is not known in time; `InvalidInput` where the chain has no block as final as asked for.
    """
    require_chain(call, node)
    final_block(node, until)  # refuses what cannot be waited for before anything is sent
    journal = (outbox or Outbox.at_home()).journal(node.chain_id, node.genesis, signer.address)
    before = journal.entries()
    entry = _unfinished(call, before, sender=signer.address, node=node, journal=journal)
    resumed = entry is not None
    if entry is None:
        entry, resumed = _start(call, before, signer=signer, node=node, journal=journal, patience=patience)
    if resumed:
        broadcast(entry, node)
    receipt = wait(entry, sender=signer.address, node=node, journal=journal, until=until, patience=patience)
    if not receipt.succeeded:
        message = f"{why_reverted(call, receipt, node)} The move was: {call.summary}."
        raise TransactionError(message, tx_hash=receipt.tx_hash)
    return replace(receipt, resumed=resumed)


def under_way(call: Call, *, sender: str, node: Node, outbox: Outbox | None = None) -> bool:
    """Whether an earlier run sent this move and its fate is open, so that `send` would wait for it and not send it again."""
    journal = (outbox or Outbox.at_home()).journal(node.chain_id, node.genesis, sender)
    return _unfinished(call, journal.entries(), sender=sender, node=node, journal=journal) is not None


def _unfinished(call: Call, entries: Sequence[Entry], *, sender: str, node: Node, journal: Journal) -> Entry | None:
    """The transaction of an earlier run to wait for; one that is in a block and was undone since is settled instead."""
    same = fingerprint(call)
    entry = next((entry for entry in reversed(entries) if entry.open and entry.call == same), None)
    if entry is None or call.to is None:  # a contract can always be created once more
        return entry
    receipt = node.receipt(entry.tx_hash)
    if receipt is None or isinstance(node.call(call.to, call.data, sender=sender), Reverted):
        return entry
    settle(receipt, entry, journal)
    return None


def _start(
    call: Call, before: Sequence[Entry], *, signer: TransactionSigner, node: Node, journal: Journal, patience: Patience
) -> tuple[Entry, bool]:
    planned = plan(call, sender=signer.address, node=node)
    unsigned = Unsigned(call.chain_id, 0, call.to, call.data, planned.gas, planned.fees)
    draft = Draft(unsigned, fingerprint(call), call.summary)
    known = {entry.tx_hash for entry in before}
    with journal.locked():
        # Another thread or process was faster: it may even be done, which the simulation could not know yet.
        for entry in reversed(journal.entries()):
            if entry.call == draft.call and entry.tx_hash not in known and entry.fate is not Fate.REFUSED:
                return entry, True
        return post(draft, signer=signer, node=node, journal=journal, now=patience.now()), False
