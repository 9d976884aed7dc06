"""A caller's `Web3` object as an endpoint, for reading."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from ebl.chain.rpc.jsonrpc import HttpReply
from ebl.chain.web3_node import Web3Node, Web3NodeError


@dataclass(frozen=True, slots=True)
class Web3Endpoint:
    """A `ebl.chain.rpc.jsonrpc.Post` over a `Web3` object. Thread-safe.

    A batch is sent as one request after the other: in web3, batches take another path, which middleware for single requests
    does not see.
    """

    node: Web3Node

    @property
    def host(self) -> str:
        """The node's host, as messages may name it."""
        return self.node.host

    def without_secrets(self, text: str) -> str:
        """Returns the text unchanged: `Web3Node` has already removed the parts of the provider's URL."""
        return text

    def post(self, body: bytes, *, seconds: float) -> HttpReply:
        """Returns the responses to a request or a batch of them. After ``seconds`` no further request is made.

        Raises `ebl.errors.SourceError` as `Web3Node.request` does.
        """
        until = time.monotonic() + seconds
        asked = json.loads(body)
        answers = [self._answer(one, until) for one in (asked if isinstance(asked, list) else [asked])]
        return HttpReply(200, json.dumps(answers if isinstance(asked, list) else answers[0]).encode())

    def _answer(self, asked: dict[str, Any], until: float) -> dict[str, Any]:
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": asked["id"]}
        try:
            found = self.node.request(asked["method"], asked["params"], seconds=until - time.monotonic())
        except Web3NodeError as no:
            return answer | {"error": {"code": no.code, "message": no.message, "data": no.data}}
        return answer | {"result": found}
