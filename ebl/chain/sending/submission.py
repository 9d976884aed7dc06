"""Submission of a transaction: the next nonce is chosen, the signature checked, the journal written, then it is broadcast.

All of it happens under the journal's lock, so that nonces follow one another without gaps with any number of senders.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime

from ebl.chain.sending.journal import RESUME_WITHIN, Journal, JournalEntry, Outcome, Purpose
from ebl.chain.sending.node import Node, NodeRefused
from ebl.chain.sending.transaction import TransactionSigner, Unsigned
from ebl.codec.timestamp import format_timestamp
from ebl.errors import PlanOutdated, SourceError, TransactionError
from ebl.ethereum import secp256k1
from ebl.ethereum.keccak import keccak256

ATTEMPTS = 5

_USED = (Outcome.INCLUDED, Outcome.REVERTED, Outcome.SUPERSEDED)
_KNOWN = ("already known", "known transaction", "already imported", "alreadyknown", "already exists")
_NONCE_USED = ("nonce too low", "nonce is too low", "invalid nonce", "old nonce")
_TOO_CHEAP = ("less than block base fee", "less than the block base fee", "below current base fee", "feetoolow")
_NONCE_WAITING = ("underpriced", "replacement", "already pending", "another transaction with same nonce")


@dataclass(frozen=True, slots=True)
class Draft:
    """A transaction of ``sender`` without its nonce, with its data for the journal."""

    unsigned: Unsigned
    sender: str
    call: str
    summary: str
    purpose: Purpose = Purpose.CALL
    run: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """The outcome of drafts: the ``entries`` that were broadcast, in order, and the ``error`` about the next one, if any.

    ``free_nonce`` is the first that may be free, if the error is that a nonce was used. (Then, and for a price that is too low,
    the error is a `PlanOutdated`; for a price there is no ``free_nonce``.)
    """

    entries: tuple[JournalEntry, ...]
    error: TransactionError | None = None
    free_nonce: int | None = None


def post(
    draft: Draft, *, signer: TransactionSigner, node: Node, journal: Journal, now: datetime, attempts: int = 1
) -> JournalEntry:
    """Gives the draft the next nonce, signs it, writes it to the journal and broadcasts it. Requires the journal's lock.

    A node that does not respond is not an error here: the entry stays open, and `wait` broadcasts it again. Raises
    `TransactionError` if the node refuses it; the nonce is then free again. If the node reports that the nonce was used, the
    draft is signed again with the next one, up to ``attempts`` signatures in all. After that, and if the node reports that the
    price is too low by now, it raises `PlanOutdated`.
    """
    free_nonce, tx_hash = 0, None
    for _ in range(attempts):
        posted = post_all([draft], signer=signer, node=node, journal=journal, now=now, free_nonce=free_nonce)
        if posted.error is None:
            (entry,) = posted.entries
            return entry
        if posted.free_nonce is None:
            raise posted.error
        free_nonce, tx_hash = posted.free_nonce, posted.error.tx_hash
    raise PlanOutdated(
        f"The node reports that another program sends from {draft.sender} at the same time; no free nonce was found in"
        f" {attempts} attempt{'s' if attempts > 1 else ''}.",
        tx_hash=tx_hash,
        fix="Let one program use the key at a time, or share the journal's folder among them.",
    )


def post_all(
    drafts: Sequence[Draft],
    *,
    signer: TransactionSigner,
    node: Node,
    journal: Journal,
    now: datetime,
    free_nonce: int = 0,
    reminded: Container[str] = (),
) -> Posted:
    """Gives the drafts of one sender the next nonces, signs them, writes them to the journal, and broadcasts them in order.

    Requires the journal's lock. If the node refuses one, those after it are not broadcast and count as never signed, because
    their nonces would leave a gap. ``free_nonce`` is the least nonce to use; pending transactions whose hashes are in
    ``reminded`` are not broadcast again. Raises the errors of the signer; then nothing was written or sent.
    """
    sender = drafts[0].sender
    first = max(_next_nonce(node, sender, journal, now, reminded), free_nonce)
    entries = tuple(_signed(draft, first + at, signer=signer, now=now) for at, draft in enumerate(drafts))
    journal.add(*entries)
    for at, entry in enumerate(entries):
        refusal = broadcast(entry, node)
        if refusal is None:
            continue
        journal.settle_all([(one, Outcome.REFUSED, None) for one in entries[at:]])
        said = refusal.message.lower()
        if any(words in said for words in _TOO_CHEAP) or ("transaction underpriced" in said and "replac" not in said):
            cheap = PlanOutdated(f"The node refused it at its price: {refusal.message}.", tx_hash=entry.tx_hash)
            return Posted(entries[:at], cheap)
        refused = TransactionError(f"The node refused the transaction: {refusal.message}.", tx_hash=entry.tx_hash)
        if any(words in said for words in _NONCE_USED):
            return Posted(entries[:at], refused, max(entry.nonce + 1, node.nonce(sender)))
        if any(words in said for words in _NONCE_WAITING):
            return Posted(entries[:at], refused, entry.nonce + 1)
        return Posted(entries[:at], refused)
    return Posted(entries)


def post_instead(
    entry: JournalEntry, draft: Draft, *, signer: TransactionSigner, node: Node, journal: Journal, now: datetime
) -> JournalEntry:
    """Broadcasts the draft with the nonce of a pending transaction, so that at most one of the two is ever included.

    Raises `TransactionError` if the node refuses it; then the first one is still pending.
    """
    replacement = _signed(draft, entry.nonce, signer=signer, now=now)
    journal.add(replacement)
    refusal = broadcast(replacement, node)
    if refusal is None:
        return replacement
    journal.settle(replacement, Outcome.REFUSED)
    raise TransactionError(
        f"The node refused the replacement: {refusal.message}.",
        tx_hash=entry.tx_hash,
        fix=f"Check whether the first was included meanwhile: `ebl tx status {entry.tx_hash}`.",
    )


def broadcast(entry: JournalEntry, node: Node) -> NodeRefused | None:
    """Broadcasts an entry's bytes; returns None if the node has them now, or does not respond.

    A request may reach the chain although its response is lost. A retry is then refused, because the nonce is used by the
    transaction itself. So the node is queried for the transaction before it counts as refused: otherwise it would be sent again.
    """
    try:
        node.send(bytes.fromhex(entry.raw[2:]))
    except SourceError:
        return None
    except NodeRefused as no:
        has_it = any(words in no.message.lower() for words in _KNOWN) or _is_known(entry, node)
        return None if has_it else no
    return None


def _is_known(entry: JournalEntry, node: Node) -> bool:
    try:
        return node.knows(entry.tx_hash)
    except (SourceError, NodeRefused):
        return True  # it cannot be determined now: the entry stays open and is awaited


def _next_nonce(node: Node, sender: str, journal: Journal, now: datetime, reminded: Container[str] = ()) -> int:
    """Returns the node's count, or the first later nonce that this journal did not use for what the node does not count (yet).

    Pending transactions above that are left alone: nothing above a gap can be included, and what fills it must not wait.
    """
    counted = nonce = node.nonce(sender)
    entries = journal.entries()
    waiting = {
        entry.nonce: entry for entry in entries if entry.open
    }  # for each nonce the last transaction, which replaces the others
    used = {entry.nonce for entry in entries if entry.outcome in _USED}
    met = False
    while nonce in waiting or nonce in used:
        if (entry := waiting.get(nonce)) is not None:
            met = True
            if entry.age(now) > RESUME_WITHIN:
                raise _never_arrived(entry, "An earlier transaction never reached the chain, and blocks later ones")
            if entry.tx_hash not in reminded:
                broadcast(entry, node)
        nonce += 1
    return nonce if met else counted  # a nonce that was used and is not counted is free again: its block was removed


def remind(entry: JournalEntry, *, sender: str, node: Node, journal: Journal, now: datetime) -> None:
    """Broadcasts what an earlier run sent, or its last replacement, in case the node has lost it.

    Raises `TransactionError` if it did not reach the chain within an hour: it was approved at another time, and at its price.
    """
    last = latest(entry, journal)
    if last.age(now) > RESUME_WITHIN:
        try:
            counted = node.receipt(last.tx_hash) is not None or node.nonce(sender, at="latest") > last.nonce
            if not counted and not node.knows(last.tx_hash):
                raise _never_arrived(last, "An earlier run signed this, but it never reached the chain")
        except (SourceError, NodeRefused):
            return  # it cannot be determined now: the entry is awaited
    broadcast(last, node)


def latest(entry: JournalEntry, journal: Journal) -> JournalEntry:
    """Returns the last open transaction with this one's nonce, which replaces it: a cancelled one must not be sent again."""
    same = (other for other in reversed(journal.entries()) if other.open and other.nonce == entry.nonce)
    return next(same, entry)


def _never_arrived(entry: JournalEntry, what: str) -> TransactionError:
    return TransactionError(
        f"{what}: {entry.summary}.",
        tx_hash=entry.tx_hash,
        fix=f"Send it now with `ebl tx speed-up {entry.tx_hash}`, or drop it with `ebl tx cancel {entry.tx_hash}`.",
    )


def _signed(draft: Draft, nonce: int, *, signer: TransactionSigner, now: datetime) -> JournalEntry:
    unsigned = draft.unsigned.with_nonce(nonce)
    raw = unsigned.signed(_signature(unsigned, draft.sender, signer))
    return JournalEntry(
        nonce=nonce,
        tx_hash=f"0x{keccak256(raw).hex()}",
        raw=f"0x{raw.hex()}",
        call=draft.call,
        summary=draft.summary,
        signed_at=format_timestamp(now, to="auto"),
        purpose=draft.purpose,
        run=draft.run,
    )


def _signature(unsigned: Unsigned, sender: str, signer: TransactionSigner) -> bytes:
    """Requests a signature and verifies it: it must be the sender's, of this digest, in the form that chains accept."""
    signature = signer.sign_transaction(unsigned)
    try:
        signed_by = secp256k1.recover(unsigned.digest, signature)
    except ValueError as bad:
        raise TransactionError(f"The signer of {sender} returned no usable signature: {bad}.") from bad
    if signed_by != sender:
        raise TransactionError(
            f"The signer of {sender} signed as {signed_by}, or signed something else; nothing was sent."
        )
    return secp256k1.normalize_signature(signature)
