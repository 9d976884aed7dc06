"""A caller's `Web3` object in the place of an HTTP address, for reading."""

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

    A batch is asked one request after the other: web3 has a way of its own through the middleware for batches, on which
    middleware that wraps single requests has no part.
    """

    node: Web3Node

    @property
    def host(self) -> str:
        """Who is asked, as messages may say it."""
        return self.node.host

    def without_secrets(self, text: str) -> str:
        """The text: `Web3Node` has left out what it repeats of the provider's URL."""
        return text

    def post(self, body: bytes, *, seconds: float) -> HttpReply:
        """The answers to a request or a batch of them. Once ``seconds`` are over, no further request is made.

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
