"""Coverage of a batch: which documents below a Merkle root are not among those that were given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ebl.ethereum.merkle import parent


class Coverage:
    """The nodes of Merkle trees, each accounted for or not.

    A node is accounted for if it is the hash of a document that was given, or if both nodes below it are known and
    accounted for. This does not depend on the shape of a tree. Memory grows by about 350 bytes a document.
    """

    __slots__ = ("_nodes",)

    def __init__(self) -> None:
        # None: the node was given, or its two children are known. Otherwise only proofs name the node, and the value lists
        # their roots: a node may be below several, each of which would issue it.
        self._nodes: dict[bytes, tuple[bytes, ...] | None] = {}

    def add(self, root: bytes, target: bytes, proof: Sequence[bytes]) -> None:
        """Accounts for one document. The ``proof`` must lead from its hash to the root; each is 32 bytes.

        Raises `ValueError` if it does not. Not checked: that ``target`` is the hash of a document, and not of two nodes.
        """
        nodes = [target]
        for sibling in proof:
            nodes.append(parent(nodes[-1], sibling))
        if nodes[-1] != root:
            raise ValueError("the proof does not lead to the root")
        for sibling in proof:
            roots = self._nodes.get(sibling, ())
            if roots is not None and root not in roots:
                self._nodes[sibling] = (*roots, root)
        for node in nodes:
            self._nodes[node] = None

    def unseen(self) -> dict[bytes, int]:
        """Returns the roots that are not fully accounted for, each with the least number of documents that are missing.

        There may be more: a proof shows how deep a node is, and not how many documents are below it.
        """
        return dict(Counter(root for roots in self._nodes.values() for root in roots or ()))
