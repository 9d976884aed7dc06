"""The OpenAttestation Merkle tree. Each pair is hashed with the smaller node first, so a proof needs no left or right.

Leaves are sorted. An odd node at the end of a layer is promoted unchanged. Leaves and nodes are 32 bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeVar

from ebl.ethereum.keccak import keccak256
from ebl.native import core as native

Node = TypeVar("Node", bytes, str)


def parent(one: bytes, other: bytes) -> bytes:
    """Returns the node above two nodes."""
    return keccak256(one + other if one < other else other + one)


def path(target: bytes, proof: Sequence[bytes]) -> tuple[bytes, ...]:
    """Returns every node from a leaf to the root, both included, as computed from the proof's siblings."""
    siblings = tuple(proof)
    return native.CORE.path(target, siblings) or _path(target, siblings)


@lru_cache(maxsize=1024)
def _path(target: bytes, proof: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Computes a path in Python. Kept for a while: a document's status is asked for once its integrity was checked."""
    nodes = [target]
    for sibling in proof:
        nodes.append(parent(nodes[-1], sibling))
    return tuple(nodes)


def leads(target: bytes, proof: tuple[bytes, ...], root: bytes) -> bool:
    """Returns whether the proof's siblings lead from a leaf to the root."""
    answer = native.CORE.leads(target, proof, root)
    return path(target, proof)[-1] == root if answer is None else answer


class Tree:
    """A tree over at least one leaf. Equal leaves are allowed and share one proof."""

    __slots__ = ("_hex", "_index", "_layers")

    def __init__(self, leaves: Iterable[bytes]) -> None:
        given = list(leaves)
        if not given:
            raise ValueError("a Merkle tree needs at least one leaf")
        self._layers = native.CORE.layers(given) or _layers(given)
        self._index = {leaf: at for at, leaf in reversed(list(enumerate(self._layers[0])))}
        self._hex: list[list[str]] = []

    @property
    def root(self) -> bytes:
        """The only node of the last layer."""
        return self._layers[-1][0]

    def proof(self, leaf: bytes) -> tuple[bytes, ...]:
        """Returns the siblings that lead from a leaf to the root. Raises `KeyError` if the tree has no such leaf."""
        return tuple(_siblings(self._index[leaf], self._layers))

    def hex_proof(self, leaf: bytes) -> list[str]:
        """Returns the same proof in hex. Each node is converted only once, even if it is in many proofs."""
        if not self._hex:
            self._hex = [[node.hex() for node in layer] for layer in self._layers]
        return list(_siblings(self._index[leaf], self._hex))


def _layers(leaves: list[bytes]) -> list[list[bytes]]:
    layers = [sorted(leaves)]
    while len(layer := layers[-1]) > 1:
        above = [parent(layer[at], layer[at + 1]) for at in range(0, len(layer) - 1, 2)]
        if len(layer) % 2:
            above.append(layer[-1])
        layers.append(above)
    return layers


def _siblings(at: int, layers: Sequence[Sequence[Node]]) -> Iterator[Node]:
    for layer in layers[:-1]:
        if (beside := at ^ 1) < len(layer):
            yield layer[beside]
        at >>= 1
