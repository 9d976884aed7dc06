"""A node to send through: over HTTP, or behind a caller's `Web3` object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ebl.chain.reverts import reverted
from ebl.chain.rpc.jsonrpc import SECONDS, JsonRpc, RpcCall, RpcFault
from ebl.chain.sending.node import Node, NodeRefused, NodeTransport
from ebl.config.networks import Gas
from ebl.config.node_name import NodeName
from ebl.model.ports import Fetch
from ebl.net.endpoint import Endpoint, proxy_for


@dataclass(frozen=True, slots=True)
class RpcTransport:
    """A `ebl.chain.sending.node.NodeTransport` over JSON-RPC. Thread-safe."""

    rpc: JsonRpc

    def request(self, method: str, params: Sequence[Any]) -> Any:
        """The result of one request. Raises `NodeRefused` and `ebl.errors.SourceError`."""
        (answer,) = self.rpc.ask(RpcCall(method, tuple(params)))
        if isinstance(answer, RpcFault):
            raise NodeRefused(answer.code, answer.message, reverted(answer.code, answer.message, answer.data))
        return answer


def connect(
    node: NodeName,
    *,
    chain_id: int | None = None,
    gas: Gas | None = None,
    fetch: Fetch | None = None,
    coin: str | None = None,
    seconds: float = SECONDS,
) -> Node:
    """The ``node`` at a URL, or behind a `Web3` object, of the chain ``chain_id`` (None: whichever it serves).

    Each request is answered within ``seconds``, but a `Web3` object has settings of its own for that. ``gas`` and ``coin`` are
    how the chain prices gas and in what; by default those of the package's table of networks, with its ceiling.

    Raises `ebl.errors.SourceError` if there is none, or of another chain, and `ebl.errors.InvalidInput` for what is no URL of
    http or https, and for an `AsyncWeb3`.
    """
    transport: NodeTransport
    if isinstance(node, str):
        transport = RpcTransport(JsonRpc(Endpoint(node, proxy=proxy_for(node)), seconds=seconds))
    else:
        from ebl.chain.sending.web3_transport import Web3Transport
        from ebl.chain.web3_node import Web3Node  # for those only that have such an object

        transport = Web3Transport(Web3Node(node), seconds)
    return Node.over(transport, chain_id=chain_id, gas=gas, fetch=fetch, coin=coin)
