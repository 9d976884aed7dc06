"""Sending through a caller's `Web3` object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ebl.chain.reverts import reverted
from ebl.chain.web3_node import SECONDS, Refused, Web3Node
from ebl.errors import InvalidInput
from ebl.transactions.node import Node, NodeRefused

if TYPE_CHECKING:
    from web3 import Web3

AnyNode: TypeAlias = "Node | Web3"
"""A node to send through, or a `Web3` object that leads to one."""


@dataclass(frozen=True, slots=True)
class Web3Transport:
    """A `ebl.transactions.node.Transport` through a `Web3` object and all its middleware. Thread-safe."""

    node: Web3Node
    seconds: float = SECONDS

    def request(self, method: str, params: Sequence[Any]) -> Any:
        """The result of one request. Raises `NodeRefused` and `ebl.errors.SourceError`."""
        try:
            return self.node.request(method, params, seconds=self.seconds)
        except Refused as no:
            raise NodeRefused(no.code, no.message, reverted(no.code, no.message, no.data)) from no


def node_of(node: AnyNode) -> Node:
    """A node as it is; that of a `Web3` object is asked which chain it serves, with the prices of the package's table.

    Raises as `Node.over` does, and `InvalidInput` for anything else, such as a URL or an `AsyncWeb3`.
    """
    if isinstance(node, Node):
        return node
    if isinstance(node, str):
        raise InvalidInput(
            "expected a node or a Web3 object to send through; got a text.",
            fix="Of a URL, make a node with ebl.net.node.connect.",
        )
    return Node.over(Web3Transport(Web3Node(node)))
