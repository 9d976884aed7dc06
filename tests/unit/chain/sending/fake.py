"""A node that answers what a test told it to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ebl.chain.sending import Node
from ebl.chain.sending.node import NodeRefused
from ebl.config.networks import Gas


class Told:
    """A transport: ``answers`` maps a method to a result, a function of the parameters, or an exception to raise."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {
            "eth_getTransactionByHash": None,
            **answers,
        }  # it knows of no transaction but those it is told of
        self.asked: list[str] = []

    def request(self, method: str, params: Sequence[Any]) -> Any:
        self.asked.append(method)
        if method not in self.answers:
            raise NodeRefused(-32601, f"the method {method} does not exist")
        answer = self.answers[method]
        if isinstance(answer, Exception):
            raise answer
        return answer(*params) if isinstance(answer, Callable) else answer  # type: ignore[arg-type]


def block(number: int, *, time: int = 1_790_000_000, base_fee: int | None = 10**9) -> dict[str, Any]:
    """A block's header as nodes write it."""
    row = {"number": hex(number), "hash": "0x" + "ab" * 32, "timestamp": hex(time), "gasLimit": hex(30_000_000)}
    return row | ({} if base_fee is None else {"baseFeePerGas": hex(base_fee)})


def told(gas: Gas | None = None, **answers: Any) -> Node:
    """A node of chain 1 with these answers."""
    return Node(Told(**answers), 1, "0x" + "00" * 32, gas or Gas())
