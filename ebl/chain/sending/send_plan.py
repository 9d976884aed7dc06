"""Sending a `Plan`, or a `Call` that is planned first: signed, recorded in the journal, sent, and awaited.

The signed transaction is the caller's plan, to the byte; only the nonce is chosen here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ebl.chain.sending.call import Call
from ebl.chain.sending.finality import LATEST, Finality, final_block
from ebl.chain.sending.given_node import AnyNode, node_of
from ebl.chain.sending.journal import Journal, JournalEntry, Journals, Outcome, Purpose, fingerprint
from ebl.chain.sending.node import Node, Receipt
from ebl.chain.sending.planning import Plan, plan, require_chain, require_good, simulate, why_reverted
from ebl.chain.sending.submission import ATTEMPTS, Draft, post, post_instead, remind
from ebl.chain.sending.transaction import TransactionSigner
from ebl.chain.sending.waiting import DEFAULT_WAIT, WaitOptions, require_waiting, settle, wait
from ebl.errors import TransactionError
from ebl.model.ports import Reverted


def send(
    move: Call | Plan,
    *,
    signer: TransactionSigner,
    node: AnyNode,
    journals: Journals | None = None,
    until: Finality = LATEST,
    wait_options: WaitOptions = DEFAULT_WAIT,
    max_cost: int | None = None,
) -> Receipt:
    """Signs and sends a plan exactly as it is, and waits until its block has the finality ``until``.

    ``node`` is what `ebl.registry.connect` returns, or a `Web3` object, which is then queried for its chain first.

    A `Plan` is signed once: to, data, value, chain, gas limit and fees are those of the plan, and only the nonce is chosen here.
    A `Call` is planned and sent without a question. It may be signed up to five times, with another nonce each, if the node
    reports that a nonce was used. ``max_cost`` is the most that one of these may cost, in wei.

    The transaction is written to the journal in ``journals`` (default: among the user's state files) before it is sent. A call
    that an earlier run sent and whose outcome is open is not sent again but awaited: the receipt then has ``resumed``. If it did
    not reach the chain within an hour, it is refused, to be sped up or cancelled. If it is in a block by now and the contract
    would accept the same move again, it was undone since (a title that was transferred and came back), and this move is a new
    one. Threads and processes may send from one key at the same time if they use the same journals.

    Raises `PlanOutdated` if the plan can no longer be sent as it is (older than ten minutes, its price below the base fee, or
    the node reports that its nonce was used). Raises `TooExpensive` if a limit forbids it, another `TransactionError` if it was
    not sent, or was included but reverted. Raises `OutcomeUnknown`, which carries the hash, if the outcome is not known in time;
    `InvalidInput` if the chain has no block with the required finality, or if the plan is another sender's.
    """
    node, call = node_of(node), move.call if isinstance(move, Plan) else move
    require_chain(call, node)
    final_block(node, until)  # refuses an unsupported finality before anything is sent
    journal = (journals or Journals.at_home()).journal(node.chain_id, node.genesis, signer.address)
    if isinstance(move, Plan) and move.replaces is not None:
        entry, resumed = _start_instead(move, move.replaces, signer, node, journal, wait_options, max_cost), False
    else:
        before = journal.entries()
        found = unfinished(call, before, sender=signer.address, node=node, journal=journal)
        entry, resumed = (found, True) if found else _start(move, before, signer, node, journal, wait_options, max_cost)
    return _finish(entry, call, signer.address, node, journal, until, wait_options, resumed=resumed)


def resume(
    call: Call,
    *,
    sender: str,
    node: AnyNode,
    journals: Journals | None = None,
    until: Finality = LATEST,
    wait_options: WaitOptions = DEFAULT_WAIT,
) -> Receipt | None:
    """Waits for what an earlier run sent of this move, if its outcome is open; None if there is none. Nothing is signed.

    Raises the errors of `send`.
    """
    node = node_of(node)
    require_chain(call, node)
    final_block(node, until)
    journal = (journals or Journals.at_home()).journal(node.chain_id, node.genesis, sender)
    entry = unfinished(call, journal.entries(), sender=sender, node=node, journal=journal)
    if entry is None:
        return None
    return _finish(entry, call, sender, node, journal, until, wait_options, resumed=True)


def _finish(
    entry: JournalEntry,
    call: Call,
    sender: str,
    node: Node,
    journal: Journal,
    until: Finality,
    wait_options: WaitOptions,
    *,
    resumed: bool,
) -> Receipt:
    """Waits for a transaction that was sent."""
    if resumed:
        remind(entry, sender=sender, node=node, journal=journal, now=wait_options.now())
    receipt = wait(entry, sender=sender, node=node, journal=journal, until=until, wait_options=wait_options)
    if not receipt.succeeded:
        message = f"{why_reverted(call, receipt, node)} The move was: {call.summary}."
        raise TransactionError(message, tx_hash=receipt.tx_hash)
    return replace(receipt, resumed=resumed, call=call)


def unfinished(
    call: Call, entries: Sequence[JournalEntry], *, sender: str, node: Node, journal: Journal
) -> JournalEntry | None:
    """Returns the transaction of an earlier run to wait for; one that is in a block and was undone since is settled instead."""
    same = fingerprint(call)
    entry = next((entry for entry in reversed(entries) if entry.open and entry.call == same), None)
    if entry is None or call.to is None:  # another contract can always be created
        return entry
    receipt = node.receipt(entry.tx_hash)
    if receipt is None or isinstance(node.call(call.to, call.data, sender=sender), Reverted):
        return entry
    settle([(receipt, entry)], journal)
    return None


def _start(
    move: Call | Plan,
    before: Sequence[JournalEntry],
    signer: TransactionSigner,
    node: Node,
    journal: Journal,
    wait_options: WaitOptions,
    max_cost: int | None,
) -> tuple[JournalEntry, bool]:
    sender, attempts = signer.address, 1
    if isinstance(move, Plan):
        planned = move
        require_good(planned, signer=sender, node=node, at=wait_options.now(), max_cost=max_cost)
        simulate(
            planned.call, sender=sender, node=node
        )  # a move that fails by now would be included as failed, and be paid for
    else:
        planned, attempts = plan(move, sender=sender, node=node, max_cost=max_cost), ATTEMPTS
    draft = Draft(planned.unsigned, sender, fingerprint(planned.call), planned.call.summary)
    known = {entry.tx_hash for entry in before}
    with journal.locked():
        # Another thread or process was faster: the move may even be done, after the simulation.
        for entry in reversed(journal.entries()):
            if entry.call == draft.call and entry.tx_hash not in known and entry.outcome is not Outcome.REFUSED:
                return entry, True
        now = wait_options.now()
        return post(draft, signer=signer, node=node, journal=journal, now=now, attempts=attempts), False


def _start_instead(
    planned: Plan,
    entry: JournalEntry,
    signer: TransactionSigner,
    node: Node,
    journal: Journal,
    wait_options: WaitOptions,
    max_cost: int | None,
) -> JournalEntry:
    require_good(planned, signer=signer.address, node=node, at=wait_options.now(), max_cost=max_cost)
    move = f"cancel {entry.call}" if planned.purpose is Purpose.CANCEL else entry.call
    draft = Draft(planned.unsigned, planned.sender, move, planned.call.summary, planned.purpose)
    with journal.locked():
        latest = next((known for known in journal.entries() if known.tx_hash == entry.tx_hash), entry)
        require_waiting(latest, sender=planned.sender, node=node)
        return post_instead(entry, draft, signer=signer, node=node, journal=journal, now=wait_options.now())
