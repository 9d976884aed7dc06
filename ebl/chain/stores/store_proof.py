"""The status of a document in a store, from the store's proved storage (EIP-1186) instead of a node's response."""

from __future__ import annotations

from collections.abc import Sequence

from ebl.chain.contracts import known_code as known
from ebl.chain.contracts import storage_layouts as layouts
from ebl.chain.proved_storage import storage
from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.ethereum.keccak import keccak256
from ebl.model.ports import Chain


def proved(chain: Chain, store: str, nodes: Sequence[bytes]) -> tuple[bool, bool]:
    """Returns whether the root was issued, and whether any hash from the document up to it was revoked, in two round trips.

    ``nodes`` are the hashes from the document's own to the root's. Raises `SourceError` (``chain.unproved``) if the node
    returns no valid proof, or if the store is not of known code.
    """
    code = chain.code(store)
    layout = layouts.STORES.get(known.store(code) or "")
    if layout is None:
        raise SourceError(Doubt.CHAIN_UNPROVED, "unknown_store", store=store)
    below = dict.fromkeys((nodes[0], nodes[-1])) if layout.roots_only else nodes
    found = storage(chain, store, [_slot(nodes[-1], layout.issued), *(_slot(node, layout.revoked) for node in below)])
    if found.account.code_hash != keccak256(code):
        raise SourceError(Doubt.CHAIN_UNPROVED, "code_differs", address=store)
    issued, *revoked = (any(value) for value in found.values)
    return issued, any(revoked)


def _slot(key: bytes, mapping: int) -> bytes:
    """Returns the slot of a mapping's value for a key."""
    return keccak256(key + mapping.to_bytes(32))
