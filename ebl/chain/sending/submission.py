"""Putting a signed transaction on its way: the next nonce chosen, the signature checked, the journal written, then sent.

All of it happens under the journal's lock, so that nonces follow one another without gaps whoever else is sending.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime

from ebl.chain.sending.journal import RESUME_WITHIN, Fate, Journal, JournalEntry, Purpose
from ebl.chain.sending.node import Node, NodeRefused
from ebl.chain.sending.transaction import TransactionSigner, Unsigned
from ebl.codec.timestamp import format_timestamp
from ebl.errors import PlanOutdated, SourceError, TransactionError
from ebl.ethereum import secp256k1
from ebl.ethereum.keccak import keccak256

ATTEMPTS = 5

_USED = (Fate.INCLUDED, Fate.REVERTED, Fate.SUPERSEDED)
_KNOWN = ("already known", "known transaction", "already imported", "alreadyknown", "already exists")
_NONCE_USED = ("nonce too low", "nonce is too low", "invalid nonce", "old nonce")
_TOO_CHEAP = ("less than block base fee", "less than the block base fee", "below current base fee", "feetoolow")
_NONCE_WAITING = ("underpriced", "replacement", "already pending", "another transaction with same nonce")


@dataclass(frozen=True, slots=True)
class Draft:
    """A transaction of ``sender`` that lacks only its nonce, with what the journal says of it."""

    unsigned: Unsigned
    sender: str
    call: str
    summary: str
    purpose: Purpose = Purpose.CALL
    run: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """The outcome of drafts: the ``entries`` that were broadcast, in order, and the ``error`` about the next one, if any.

    ``free_nonce`` is the first that may be free, if the error is that a nonce was used (a `PlanOutdated` like a price that is too
    low, which has none).
    """

    entries: tuple[JournalEntry, ...]
    error: TransactionError | None = None
    free_nonce: int | None = None


def post(
    draft: Draft, *, signer: TransactionSigner, node: Node, journal: Journal, now: datetime, attempts: int = 1
) -> JournalEntry:
    """Give the draft the next nonce, sign it, write it down and broadcast it. Wants the journal's lock to be held.

    A node that cannot be reached is no error here: the entry stays open, and waiting for it broadcasts it again. Raises
    `TransactionError` if the node does not take it; the nonce is then free again. If the node reports that the nonce was used,
    the draft is signed again with the next one, up to ``attempts`` signatures in all; then, and if the node reports that the
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
    """Give the drafts of one sender the next nonces, sign them, write all of them down, and broadcast them in that order.

    Wants the journal's lock to be held. If the node does not take one, those after it are not broadcast, and are as if they had
    never been signed: their nonces would leave a gap. ``free_nonce`` is the least nonce to use; of what waits already, the hashes
    in ``reminded`` are not broadcast again. Raises whatever the signer raises; then nothing was written or sent.
    """
    sender = drafts[0].sender
    first = max(_next_nonce(node, sender, journal, now, reminded), free_nonce)
    entries = tuple(_signed(draft, first + at, signer=signer, now=now) for at, draft in enumerate(drafts))
    journal.add(*entries)
    for at, entry in enumerate(entries):
        refusal = broadcast(entry, node)
        if refusal is None:
            continue
        journal.settle_all([(one, Fate.REFUSED, None) for one in entries[at:]])
        said = refusal.message.lower()
        if any(words in said for words in _TOO_CHEAP) or ("transaction underpriced" in said and "replac" not in said):
            cheap = PlanOutdated(f"The node did not take it at its price: {refusal.message}.", tx_hash=entry.tx_hash)
            return Posted(entries[:at], cheap)
        refused = TransactionError(f"The node did not take the transaction: {refusal.message}.", tx_hash=entry.tx_hash)
        if any(words in said for words in _NONCE_USED):
            return Posted(entries[:at], refused, max(entry.nonce + 1, node.nonce(sender)))
        if any(words in said for words in _NONCE_WAITING):
            return Posted(entries[:at], refused, entry.nonce + 1)
        return Posted(entries[:at], refused)
    return Posted(entries)


def post_instead(
    entry: JournalEntry, draft: Draft, *, signer: TransactionSigner, node: Node, journal: Journal, now: datetime
) -> JournalEntry:
    """Broadcast the draft with the nonce of a waiting transaction, so that at most one of both is ever included.

    Raises `TransactionError` where the node does not take it; then the first one still waits.
    """
    replacement = _signed(draft, entry.nonce, signer=signer, now=now)
    journal.add(replacement)
    refusal = broadcast(replacement, node)
    if refusal is None:
        return replacement
    journal.settle(replacement, Fate.REFUSED)
    raise TransactionError(
        f"The node did not take the replacement: {refusal.message}.",
        tx_hash=entry.tx_hash,
        fix=f"See whether the first was included meanwhile: `ebl tx status {entry.tx_hash}`.",
    )


def broadcast(entry: JournalEntry, node: Node) -> NodeRefused | None:
    """Broadcast an entry's bytes; None where the node has them now, or could not be reached.

    A request may reach the chain though its answer is lost; made again, it is refused, as with a nonce that it used itself.
    So the node is asked whether it has the transaction before it counts as refused, which would have it sent again.
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
        return True  # no one can tell now: it stays open, and is waited for


def _next_nonce(node: Node, sender: str, journal: Journal, now: datetime, reminded: Container[str] = ()) -> int:
    """The node's count, or the first nonce after it that this journal did not use for what the node does not count (yet).

    What waits above that is left alone: nothing can be included above a gap, and what fills it must not wait for that.
    """
    counted = nonce = node.nonce(sender)
    entries = journal.entries()
    waiting = {
        entry.nonce: entry for entry in entries if entry.open
    }  # of each nonce the last, which replaces the others
    used = {entry.nonce for entry in entries if entry.fate in _USED}
    met = False
    while nonce in waiting or nonce in used:
        if (entry := waiting.get(nonce)) is not None:
            met = True
            if entry.age(now) > RESUME_WITHIN:
                raise _never_arrived(entry, "An earlier transaction never reached the chain, and is in the way")
            if entry.tx_hash not in reminded:
                broadcast(entry, node)
        nonce += 1
    return nonce if met else counted  # a nonce that was used and is not counted is free again: its block is gone


def remind(entry: JournalEntry, *, sender: str, node: Node, journal: Journal, now: datetime) -> None:
    """Broadcast what an earlier run sent, or the last that took its place, in case the node has lost it.

    Raises `TransactionError` if it never reached the chain in an hour: it was agreed to at another time, and at its price.
    """
    last = latest(entry, journal)
    if last.age(now) > RESUME_WITHIN:
        try:
            counted = node.receipt(last.tx_hash) is not None or node.nonce(sender, at="latest") > last.nonce
            if not counted and not node.knows(last.tx_hash):
                raise _never_arrived(last, "An earlier run signed this, but it never reached the chain")
        except (SourceError, NodeRefused):
            return  # nobody can say now: it is waited for
    broadcast(last, node)


def latest(entry: JournalEntry, journal: Journal) -> JournalEntry:
    """The last open transaction with the nonce of this one, which replaces it: a cancelled one must not go out again."""
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
    """Ask the signer, and verify the signature: it must be the sender's, of this very digest, in the form that chains take."""
    signature = signer.sign_transaction(unsigned)
    try:
        signed_by = secp256k1.recover(unsigned.digest, signature)
    except ValueError as bad:
        raise TransactionError(f"The signer of {sender} gave no usable signature: {bad}.") from bad
    if signed_by != sender:
        raise TransactionError(
            f"The signer of {sender} signed as {signed_by}, or signed something else; nothing was sent."
        )
    return secp256k1.normalize_signature(signature)
