"""The only code that opens sockets. It implements the protocols of `ebl.model.ports`; doors import it, checks never."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ebl.config.networks import pace
from ebl.model.ports import Chain, offline

if TYPE_CHECKING:
    from web3 import Web3


def opened(w3: Web3) -> Chain:
    """The chain of a `Web3` object: see `ebl.model.ports.chain_of`."""
    from ebl.chain.web3_node import Web3Node
    from ebl.net.jsonrpc import JsonRpc, RpcCall
    from ebl.net.node_values import quantity, result
    from ebl.net.nodes import Nodes
    from ebl.net.web3_endpoint import Web3Endpoint

    rpc = JsonRpc(Web3Endpoint(Web3Node(w3)))
    (served,) = rpc.ask(RpcCall("eth_chainId"))
    chain_id = quantity(result(served, rpc, "the chain id"), rpc)
    return replace(offline(pace=pace), opens=Nodes({chain_id: (w3,)})).chain(chain_id)
