"""What callers give to send through: a node, or a `Web3` object of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ebl.chain.sending.node import Node
from ebl.errors import InvalidInput

if TYPE_CHECKING:
    from web3 import Web3

AnyNode: TypeAlias = "Node | Web3"
"""A node to send through, or a `Web3` object that leads to one."""


def node_of(node: AnyNode) -> Node:
    """A node as it is; that of a `Web3` object is asked which chain it serves, with the prices of the package's table.

    Raises as `Node.over` does, and `InvalidInput` for anything else, such as a URL or an `AsyncWeb3`.
    """
    if isinstance(node, Node):
        return node
    if isinstance(node, str):
        raise InvalidInput(
            "expected a node or a Web3 object to send through; got a text.",
            fix="Of a URL, make a node with ebl.registry.connect.",
        )
    from ebl.chain.sending.web3_transport import Web3Transport
    from ebl.chain.web3_node import Web3Node  # for those only that have such an object

    return Node.over(Web3Transport(Web3Node(node)))
