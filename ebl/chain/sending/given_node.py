"""The node argument of senders: a node, or a caller's `Web3` object."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ebl.chain.sending.node import Node
from ebl.errors import InvalidInput

if TYPE_CHECKING:
    from web3 import Web3

AnyNode: TypeAlias = "Node | Web3"
"""A node to send through, or a caller's `Web3` object."""


def node_of(node: AnyNode) -> Node:
    """Returns a node as it is; that of a `Web3` object is queried for its chain id, with the gas settings of the package's table.

    Raises the errors of `Node.over`, and `InvalidInput` for anything else, for example a URL or an `AsyncWeb3`.
    """
    if isinstance(node, Node):
        return node
    if isinstance(node, str):
        raise InvalidInput(
            "Expected a node or a Web3 object to send through; found a text.",
            fix="Make a node of a URL with ebl.registry.connect.",
        )
    from ebl.chain.sending.web3_transport import Web3Transport
    from ebl.chain.web3_node import Web3Node  # only for callers with such an object

    return Node.over(Web3Transport(Web3Node(node)))
