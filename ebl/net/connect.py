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
        """Returns the result of one request. Raises `NodeRefused` and `ebl.errors.SourceError`."""
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
    """Returns the ``node`` at a URL, or behind a `Web3` object, of the chain ``chain_id`` (None: the one that it serves).

    ``seconds`` is the timeout of each request, except for a `Web3` object, which has its own settings. ``gas`` and ``coin``
    are how the chain prices gas, and its coin; by default those of the package's table of networks, with its cap.

    Raises `ebl.errors.SourceError` if no node responds, or one of another chain, and `ebl.errors.InvalidInput` if the URL is
    not http or https, or for an `AsyncWeb3`.
    """
    transport: NodeTransport
    if isinstance(node, str):
        transport = RpcTransport(JsonRpc(Endpoint(node, proxy=proxy_for(node)), seconds=seconds))
    else:
        from ebl.chain.sending.web3_transport import Web3Transport
        from ebl.chain.web3_node import Web3Node  # only for callers with such an object

        transport = Web3Transport(Web3Node(node), seconds)
    return Node.over(transport, chain_id=chain_id, gas=gas, fetch=fetch, coin=coin)
