"""Putting a signed transaction on its way: the next nonce chosen, the signature checked, the journal written, then sent.

All of it happens under the journal's lock, so that nonces follow one another without gaps whoever else is sending.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ebl.errors import SourceError, TransactionError
from ebl.primitives import secp256k1
from ebl.primitives.keccak import keccak256
from ebl.transactions.node import Node, NodeRefused
from ebl.transactions.outbox import Entry, Fate, Journal, Purpose
from ebl.transactions.unsigned import TransactionSigner, Unsigned

_ATTEMPTS = 5
# An older transaction that never reached the chain is not sent again behind its owner's back after this many seconds.
_RESUME_WITHIN = 3600.0

_KNOWN = ("already known", "known transaction", "already imported", "alreadyknown", "already exists")
_NONCE_USED = ("nonce too low", "nonce is too low", "invalid nonce", "old nonce")
_NONCE_WAITING = ("underpriced", "replacement", "already pending", "another transaction with same nonce")


@dataclass(frozen=True, slots=True)
class Draft:
    """A transaction that lacks only its nonce, with what the journal says of it."""

    unsigned: Unsigned
    call: str
    summary: str
    purpose: Purpose = Purpose.CALL


def post(draft: Draft, *, signer: TransactionSigner, node: Node, journal: Journal, now: datetime) -> Entry:
    """Give the draft the next nonce, sign it, write it down and broadcast it. Wants the journal's lock to be held.

    A node that cannot be reached is no error here: the entry stays open, and waiting for it broadcasts it again. Raises
    `TransactionError` where the node does not take it; the nonce is then free again.
    """
    nonce = _next_nonce(node, signer.address, journal, now)
    for _ in range(_ATTEMPTS):
        entry = _signed(draft, nonce, signer=signer, now=now)
        journal.add(entry)
        refusal = broadcast(entry, node)
        if refusal is None:
            return entry
        journal.settle(entry, Fate.REFUSED)
        said = refusal.message.lower()
        if any(words in said for words in _NONCE_USED):
            nonce = max(nonce + 1, node.nonce(signer.address))
        elif any(words in said for words in _NONCE_WAITING):
            nonce += 1
        else:
            raise TransactionError(f"The node did not take the transaction: {refusal.message}.", tx_hash=entry.tx_hash)
    raise TransactionError(
        f"Another program sends from {signer.address} at the same time; no free nonce was found in {_ATTEMPTS} attempts.",
        fix="Let one program use the key at a time, or share the journal's folder among them.",
    )


def post_instead(
    entry: Entry, draft: Draft, *, signer: TransactionSigner, node: Node, journal: Journal, now: datetime
) -> Entry:
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


def broadcast(entry: Entry, node: Node) -> NodeRefused | None:
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


def _is_known(entry: Entry, node: Node) -> bool:
    try:
        return node.knows(entry.tx_hash)
    except SourceError:
        return True  # nobody can say by now: it stays open, and is waited for
    except NodeRefused:
        return False


def _next_nonce(node: Node, sender: str, journal: Journal, now: datetime) -> int:
    """The node's count, or one more than what this journal sent and the node does not count (yet)."""
    counted = node.nonce(sender)
    uncounted = sorted((e for e in journal.entries() if e.open and e.nonce >= counted), key=lambda e: e.nonce)
    for entry in uncounted:
        if entry.age(now) > _RESUME_WITHIN:
            raise TransactionError(
                f"An earlier transaction never reached the chain, and is in the way: {entry.summary}.",
                tx_hash=entry.tx_hash,
                fix=f"Send it now with `ebl tx speed-up {entry.tx_hash}`, or drop it with `ebl tx cancel {entry.tx_hash}`.",
            )
        broadcast(entry, node)
    return uncounted[-1].nonce + 1 if uncounted else counted


def _signed(draft: Draft, nonce: int, *, signer: TransactionSigner, now: datetime) -> Entry:
    unsigned = draft.unsigned.with_nonce(nonce)
    raw = unsigned.signed(_signature(unsigned, signer))
    return Entry(
        nonce=nonce,
        tx_hash=f"0x{keccak256(raw).hex()}",
        raw=f"0x{raw.hex()}",
        call=draft.call,
        summary=draft.summary,
        signed_at=now.isoformat(),
        purpose=draft.purpose,
    )


def _signature(unsigned: Unsigned, signer: TransactionSigner) -> bytes:
    """Ask the signer, and believe nobody: a signature of another key would move another account."""
    signature = signer.sign_transaction(unsigned)
    try:
        signed_by = secp256k1.recover(unsigned.digest, signature)
    except ValueError as bad:
        raise TransactionError(f"The signer of {signer.address} gave no usable signature: {bad}.") from bad
    if signed_by != signer.address:
        raise TransactionError(f"The signer of {signer.address} signed as {signed_by}; nothing was sent.")
    return signature
