"""A chain in memory with a pool of waiting transactions: blocks are made when a test makes them, or as its clock moves on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ebl.chain.sending import Node, WaitOptions
from ebl.chain.sending.node import NodeRefused
from ebl.chain.sending.transaction import Unsigned
from ebl.codes import Doubt
from ebl.config.networks import GWEI, Gas
from ebl.errors import SourceError
from ebl.ethereum.keccak import keccak256
from ebl.messages import own_words
from tests.unit.chain.sending.fake import block

BEGUN = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Chain:
    """One sender's chain. ``refuses`` returns whether a call would revert, and is also what happens in a block.

    A block comes every ``block_seconds`` of its clock, which only sleeping moves; ``answers`` may take the place of a method.
    """

    refuses: Callable[[bytes], bool] = lambda data: False
    block_seconds: float = 3.0
    room: int = 10
    base_fee: int = GWEI
    balance: int = 10**21
    now: float = 0.0
    number: int = 0
    pool: dict[int, tuple[str, Unsigned]] = field(default_factory=dict)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: list[bytes] = field(default_factory=list)
    sent: list[Unsigned] = field(default_factory=list)
    before_send: Callable[[Unsigned], None] = lambda _: None
    answers: dict[str, Callable[..., Any]] = field(default_factory=dict)
    down: bool = False
    nonce: int = 0

    def node(self, gas: Gas | None = None) -> Node:
        return Node(self, 1, "0x" + "00" * 32, gas or Gas())

    def wait_options(self, seconds: float = 60.0) -> WaitOptions:
        return WaitOptions(
            seconds=seconds,
            sleep=self.sleep,
            clock=lambda: self.now,
            now=lambda: BEGUN + timedelta(seconds=self.now),
            outbid_after=10.0,
        )

    def sleep(self, seconds: float) -> None:
        end = self.now + seconds
        while (self.number + 1) * self.block_seconds <= end:
            self.mine()
        self.now = end

    def mine(self) -> None:
        self.number += 1
        for _ in range(self.room):
            if self.nonce not in self.pool or self.pool[self.nonce][1].fees.limit < self.base_fee:
                return
            tx_hash, unsigned = self.pool.pop(self.nonce)
            self.nonce += 1
            failed = self.refuses(unsigned.data)
            if not failed:
                self.done.append(unsigned.data)
            self.receipts[tx_hash] = {
                "transactionHash": tx_hash,
                "status": "0x0" if failed else "0x1",
                "blockNumber": hex(self.number),
                "blockHash": "0x" + "ab" * 32,
                "from": "0x" + "11" * 20,
                "gasUsed": "0x5208",
            }

    def request(self, method: str, params: Sequence[Any]) -> Any:
        if self.down:
            raise SourceError(Doubt.CHAIN_UNREACHABLE, own_words("the node is away"))
        if method in self.answers:
            return self.answers[method](*params)
        match method:
            case "eth_getBlockByNumber":
                return block(self.number, base_fee=self.base_fee)
            case "eth_getTransactionCount":
                waiting = 0
                while params[1] == "pending" and self.nonce + waiting in self.pool:
                    waiting += 1
                return hex(self.nonce + waiting)
            case "eth_getCode":
                return "0x01"
            case "eth_call":
                if self.refuses(bytes.fromhex(params[0]["data"][2:])):
                    raise NodeRefused(3, "execution reverted", b"")
                return "0x"
            case "eth_estimateGas":
                return hex(50_000)
            case "eth_maxPriorityFeePerGas" | "eth_gasPrice":
                return hex(GWEI)
            case "eth_getBalance":
                return hex(self.balance)
            case "eth_getTransactionReceipt":
                return self.receipts.get(params[0])
            case "eth_getTransactionByHash":
                return {} if any(params[0] == tx_hash for tx_hash, _ in self.pool.values()) else None
            case "eth_sendRawTransaction":
                return self._take(bytes.fromhex(params[0][2:]))
        raise NodeRefused(-32601, f"the method {method} does not exist")

    def _take(self, raw: bytes) -> str:
        unsigned, tx_hash = Unsigned.of(raw), f"0x{keccak256(raw).hex()}"
        if tx_hash in self.receipts or any(tx_hash == known for known, _ in self.pool.values()):
            raise NodeRefused(-32000, "already known")
        self.before_send(unsigned)
        if unsigned.nonce < self.nonce:
            raise NodeRefused(-32000, "nonce too low")
        if unsigned.nonce in self.pool and unsigned.fees.limit * 10 < self.pool[unsigned.nonce][1].fees.limit * 11:
            raise NodeRefused(-32000, "replacement transaction underpriced")
        self.pool[unsigned.nonce] = tx_hash, unsigned
        self.sent.append(unsigned)
        return tx_hash
