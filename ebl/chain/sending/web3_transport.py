"""Sending through a caller's `Web3` object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ebl.chain.reverts import reverted
from ebl.chain.sending.node import NodeRefused
from ebl.chain.web3_node import SECONDS, Web3Node, Web3NodeError


@dataclass(frozen=True, slots=True)
class Web3Transport:
    """A `ebl.chain.sending.node.NodeTransport` through a `Web3` object and all its middleware. Thread-safe."""

    node: Web3Node
    seconds: float = SECONDS

    def request(self, method: str, params: Sequence[Any]) -> Any:
        """Returns the result of one request. Raises `NodeRefused` and `ebl.errors.SourceError`."""
        try:
            return self.node.request(method, params, seconds=self.seconds)
        except Web3NodeError as no:
            raise NodeRefused(no.code, no.message, reverted(no.code, no.message, no.data)) from no
