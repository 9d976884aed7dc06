"""Events are read whole from nodes that answer short ranges, fail now and then, or go back on what they said."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from rpc_nodes import STORE, Fake

from ebl.chain.rpc.json_rpc_chain import JsonRpcChain
from ebl.chain.rpc.jsonrpc import JsonRpc
from ebl.chain.rpc.logs import LogReader
from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.testing.rpc_server import RpcError

OTHER = "0x2222222222222222222222222222222222222222"


class Chain:
    """A node with an event of STORE in every seventh block, and one of OTHER in every block."""

    def __init__(self, height: int = 1000) -> None:
        self.height = height
        self.fork = 0
        self.asked: list[tuple[int, int]] = []
        self.trouble: Any = lambda first, last: None

    def hash(self, number: int) -> str:
        return f"0x{self.fork:02x}{number:062x}"

    def answer(self, method: str, params: list[Any]) -> Any:
        match method:
            case "eth_chainId":
                return "0x539"
            case "eth_getBlockByNumber":
                number = self.height if params[0] == "latest" else int(params[0], 16)
                return {"number": hex(number), "hash": self.hash(number), "timestamp": "0x65000000"}
        query = params[0]
        first, last = int(query["fromBlock"], 16), int(query["toBlock"], 16)
        self.asked.append((first, last))
        if error := self.trouble(first, last):
            raise error
        return [
            self.event(address, number)
            for number in range(first, min(last, self.height) + 1)
            for address in query["address"]
            if address != STORE or number % 7 == 0
        ]

    def event(self, address: str, number: int) -> dict[str, Any]:
        return {
            "address": address,
            "topics": ["0x" + "11" * 32],
            "data": "0x",
            "blockNumber": hex(number),
            "blockHash": self.hash(number),
            "transactionHash": "0x" + "22" * 32,
            "transactionIndex": "0x0",
            "logIndex": hex(0 if address == STORE else 1),
            "removed": False,
        }


class World:
    def __init__(self, height: int = 1000) -> None:
        self.chain = Chain(height)
        self.fake = Fake(self.chain.answer)
        self.rpc = JsonRpc(self.fake, sleep=lambda _: None)
        self.reader = LogReader()

    def read(self, start: int, addresses: tuple[str, ...] = (STORE,), end: int | None = None) -> list[int]:
        opened = JsonRpcChain.open(self.rpc, 1337, logs=self.reader)
        self.fake.bodies.clear()
        self.chain.asked.clear()
        logs = opened.logs(addresses, start=start, end=end)
        assert [(log.block_number, log.log_index) for log in logs] == sorted(
            (log.block_number, log.log_index) for log in logs
        )
        return [log.block_number for log in logs]


def sevens(first: int, last: int) -> list[int]:
    return [number for number in range(first, last + 1) if number % 7 == 0]


def test_one_request_brings_all_events_of_several_contracts() -> None:
    world = World()
    assert len(world.read(900, (STORE, OTHER))) == len(sevens(900, 1000)) + 101
    assert len(world.fake.bodies) == 1
    assert world.read(900, end=950) == sevens(900, 950)
    assert world.read(1001) == []


def test_a_short_range_is_remembered_for_an_hour_and_not_for_the_life_of_a_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.chain.trouble = lambda first, last: RpcError(-32000, "query timeout exceeded") if last > first else None
    assert world.read(0) == sevens(0, 1000)
    world.chain.trouble = lambda first, last: None  # it had a bad minute
    assert world.read(1) == sevens(1, 1000)
    assert len(world.fake.bodies) > 10
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 3601)
    assert world.read(2) == sevens(2, 1000)
    assert len(world.fake.bodies) == 1


def test_a_node_that_gives_events_by_the_drop_is_left_when_the_time_is_over() -> None:
    world = World()
    world.reader = LogReader(seconds=0)
    world.chain.trouble = lambda first, last: RpcError(-32000, "block range too large") if last - first >= 10 else None
    with pytest.raises(SourceError, match="within 0 s") as late:
        world.read(0)
    assert late.value.doubt is Doubt.CHAIN_TIMEOUT
    assert len(world.fake.bodies) == 1


@pytest.mark.parametrize(
    "message",
    [
        "query exceeds max block range 10",
        "eth_getLogs is limited to a 10 range",
        "You can make eth_getLogs requests with up to a 10 block range. This range should work: [0x0, 0x9]",
        "block range too large",
    ],
)
def test_a_node_that_allows_ten_blocks_a_query_is_asked_for_ten_at_a_time_many_in_a_request(message: str) -> None:
    world = World()
    world.chain.trouble = lambda first, last: RpcError(-32000, message) if last - first >= 10 else None
    assert world.read(0) == sevens(0, 1000)
    first_time = len(world.fake.bodies)
    assert world.read(0, (OTHER,))[:3] == [0, 1, 2]
    assert len(world.fake.bodies) <= first_time  # what was learnt is remembered
    assert len(world.fake.bodies) <= 1001 // 7 // 25 + 2


def test_a_node_that_fails_at_random_is_asked_again() -> None:
    dice = random.Random(7)
    for limit in (10_000, 50):
        world = World()
        world.chain.trouble = lambda first, last, limit=limit: (
            RpcError(-32603, "internal error")
            if dice.random() < 0.4
            else RpcError(-32602, "range")
            if last - first >= limit
            else None
        )
        assert world.read(0) == sevens(0, 1000)


def test_a_node_that_never_answers_is_given_up() -> None:
    world = World()
    world.chain.trouble = lambda first, last: RpcError(-32603, "internal error")
    with pytest.raises(SourceError, match="internal error") as found:
        world.read(0)
    assert found.value.doubt is Doubt.CHAIN_BAD_ANSWER
    assert len(world.fake.bodies) < 50


def test_a_range_that_would_take_too_many_requests_is_refused_and_not_cut_short() -> None:
    world = World(height=10_000_000)
    world.chain.trouble = lambda first, last: (
        RpcError(-32000, "limited to a 10 block range") if last - first >= 10 else None
    )
    with pytest.raises(SourceError, match="requests") as found:
        world.read(0)
    assert found.value.doubt is Doubt.CHAIN_REFUSED


def test_what_was_read_is_remembered_and_only_what_is_new_is_asked_for() -> None:
    world = World()
    assert world.read(0) == sevens(0, 1000)
    world.chain.height = 1100
    assert world.read(0) == sevens(0, 1100)
    assert world.chain.asked == [(1001, 1100)]
    assert world.read(0) == sevens(0, 1100)
    assert world.chain.asked == []
    assert len(world.fake.bodies) == 1  # whether the block is still there


def test_what_was_remembered_is_forgotten_where_the_chain_was_reorganised() -> None:
    world = World()
    world.read(0)
    world.chain.fork, world.chain.height = 1, 1005
    assert world.read(0) == sevens(0, 1005)
    assert (0, 1005) in world.chain.asked


def test_a_block_that_is_replaced_while_events_are_read_is_noticed() -> None:
    world = World()
    opened = JsonRpcChain.open(world.rpc, 1337)
    world.chain.fork = 1
    with pytest.raises(SourceError) as found:
        opened.logs([STORE], start=0)
    assert found.value.doubt is Doubt.CHAIN_REORGANISED


@pytest.mark.parametrize(
    "change",
    [
        {"address": OTHER},
        {"blockNumber": "0x3e9"},
        {"topics": None},
        {"topics": ["0x11"]},
        {"topics": ["0x" + "11" * 32] * 5},
        {"removed": True},
        {"data": "0x1"},
        {"logIndex": 0},
        {"transactionHash": "0x"},
    ],
)
def test_events_that_make_no_sense_are_no_answer(change: dict[str, Any]) -> None:
    world = World()
    event = world.chain.event
    world.chain.event = lambda address, number: event(address, number) | change  # type: ignore[method-assign]
    with pytest.raises(SourceError):
        world.read(0)


def test_an_event_given_twice_is_no_answer() -> None:
    world = World()
    world.fake.answer = lambda method, params: (
        found * 2 if isinstance(found := world.chain.answer(method, params), list) else found
    )
    with pytest.raises(SourceError):
        world.read(0)
