"""What a document store holds of a document, by what its storage proves (EIP-1186) and not by what a node answers."""

from __future__ import annotations

from collections.abc import Sequence

from ebl.codes import Doubt
from ebl.contracts import known
from ebl.errors import SourceError
from ebl.primitives.keccak import keccak256
from ebl.sources import Chain
from ebl.status.proved import storage

# ERC-7201: where the batchable kind keeps its storage
_BATCHABLE = 0xDF77E5BA4C86E3660E034F5231ACCC53AA8D4A8FBD82CD78B21CAE09C866DB00
# by whose code it is: the mappings of what was issued and of what was revoked, and whether it knows roots and targets only
_LAYOUTS = {
    known.OURS: (3, 4, False),
    "document-store 4.1.1": (3, 4, False),
    "document-store 1.0.3": (_BATCHABLE + 1, _BATCHABLE + 2, True),
}


def proved(chain: Chain, store: str, nodes: Sequence[bytes]) -> tuple[bool, bool]:
    """Whether the root was issued, and whether anything from the document up to it was revoked, in two round trips.

    ``nodes`` are the hashes from the document's own to the root's. Raises `SourceError` (``chain.unproved``) where the node
    gives no proof that holds, and where the store is not of known code.
    """
    code = chain.code(store)
    layout = _LAYOUTS.get(known.store(code) or "")
    if layout is None:
        raise SourceError(
            Doubt.CHAIN_UNPROVED, f"the store {store} is not of a code that is known to keep its storage so"
        )
    issued_in, revoked_in, roots_only = layout
    below = dict.fromkeys((nodes[0], nodes[-1])) if roots_only else nodes
    found = storage(chain, store, [_slot(nodes[-1], issued_in), *(_slot(node, revoked_in) for node in below)])
    if found.account.code_hash != keccak256(code):
        raise SourceError(
            Doubt.CHAIN_UNPROVED, f"the store's code at {store} proved to be otherwise than the node says"
        )
    issued, *revoked = (any(value) for value in found.values)
    return issued, any(revoked)


def _slot(key: bytes, mapping: int) -> bytes:
    """Where a mapping keeps the value of a key."""
    return keccak256(key + mapping.to_bytes(32))
