"""A node to send through, over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ebl.net.endpoint import Endpoint, proxy_for
from ebl.net.jsonrpc import SECONDS, Call, Fault, JsonRpc
from ebl.net.rpc import reverted
from ebl.networks import Gas
from ebl.sources import Fetch
from ebl.transactions.node import Node, NodeRefused


@dataclass(frozen=True, slots=True)
class RpcTransport:
    """A `ebl.transactions.node.Transport` over JSON-RPC. Thread-safe."""

    rpc: JsonRpc

    def request(self, method: str, params: Sequence[Any]) -> Any:
        """The result of one request. Raises `NodeRefused` and `ebl.errors.SourceError`."""
        (answer,) = self.rpc.ask(Call(method, tuple(params)))
        if isinstance(answer, Fault):
            raise NodeRefused(answer.code, answer.message, reverted(answer))
        return answer


def connect(
    url: str,
    *,
    chain_id: int | None = None,
    gas: Gas | None = None,
    fetch: Fetch | None = None,
    coin: str | None = None,
    seconds: float = SECONDS,
) -> Node:
    """A node of the chain ``chain_id`` (None: whichever it serves), each request answered within ``seconds``.

    ``gas`` and ``coin`` are how the chain prices gas and in what; by default those of the package's table of networks, with
    its ceiling.

    Raises `ebl.errors.SourceError` where there is none, or of another chain.
    """
    rpc = JsonRpc(Endpoint(url, proxy=proxy_for(url)), seconds=seconds)
    return Node.over(RpcTransport(rpc), chain_id=chain_id, gas=gas, fetch=fetch, coin=coin)
