"""The OpenAttestation Merkle tree: pairs are hashed smaller first, so a proof needs no sides.

An odd node at the end of a layer is promoted unchanged. Leaves and nodes are 32 bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from ebl.primitives.keccak import keccak256


def parent(one: bytes, other: bytes) -> bytes:
    """The node above two nodes."""
    return keccak256(one + other if one < other else other + one)


def path(target: bytes, proof: Sequence[bytes]) -> tuple[bytes, ...]:
    """Every node from a leaf up to the root, both included, as the proof's siblings make them."""
    nodes = [target]
    for sibling in proof:
        nodes.append(parent(nodes[-1], sibling))
    return tuple(nodes)
