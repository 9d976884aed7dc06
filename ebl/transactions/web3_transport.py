"""Sending through a provider of web3, for programs that have one already: IPC, WebSocket, middleware of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.net.jsonrpc import Fault
from ebl.net.rpc import reverted
from ebl.primitives.rpc_values import as_written
from ebl.transactions.node import Node, NodeRefused


@dataclass(frozen=True, slots=True)
class Web3Transport:
    """A `ebl.transactions.node.Transport` over ``provider``, any synchronous JSON-RPC provider of web3."""

    provider: Any

    def request(self, method: str, params: Sequence[Any]) -> Any:
        """The result of one request. Raises `NodeRefused` and `SourceError`."""
        try:
            response = self.provider.make_request(method, list(params))
        except (OSError, ValueError) as trouble:
            raise SourceError(Doubt.CHAIN_UNREACHABLE, "no answer from the node behind web3") from trouble
        if not isinstance(response, dict):
            raise SourceError(Doubt.CHAIN_BAD_ANSWER, "the node behind web3 did not answer with a JSON-RPC object")
        error = response.get("error")
        if error is None:
            return as_written(response.get("result"))
        if not isinstance(error, dict):
            raise NodeRefused(0, str(error))
        code = error.get("code")
        fault = Fault(code if type(code) is int else 0, str(error.get("message", "")), error.get("data"))
        raise NodeRefused(fault.code, fault.message, reverted(fault))


def through(w3: Any, *, chain_id: int | None = None) -> Node:
    """A node to send through, from a ``Web3`` object; its key in the URL, if any, appears in no error of ours."""
    return Node.over(Web3Transport(w3.provider), chain_id=chain_id)
