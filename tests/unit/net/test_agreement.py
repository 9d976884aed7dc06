"""Nodes that must agree: one that lies, lags or is silent is found out, and stops nobody while enough say the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from rpc_nodes import STORE, Fake

from ebl.codes import Doubt
from ebl.errors import InvalidInput, SourceError
from ebl.net.agreement import AgreeingChain, open_agreed
from ebl.net.jsonrpc import JsonRpc
from ebl.net.logs import LogReader
from ebl.net.nodes import Nodes
from ebl.net.rpc import JsonRpcChain
from ebl.sources import Block, Chain, Read
from ebl.testing.jsonrpc import RpcError

READ = Read(STORE, b"\1\2\3\4")


class Node:
    """A node of one chain: at a height, on a fork, with an answer and some events."""

    def __init__(
        self, height: int = 100, *, fork: int = 0, answer: int = 1, events: int = 3, chain_id: int = 1337, time: int = 0
    ) -> None:
        self.time = 0x65000000 + time
        self.height, self.fork, self.reply, self.events, self.chain_id = height, fork, answer, events, chain_id
        self.down = False

    def hash(self, number: int) -> str:
        return f"0x{self.fork:02x}{number:062x}"

    def answer(self, method: str, params: list[Any]) -> Any:
        if self.down:
            raise RpcError(-32603, "internal error")
        match method, params:
            case "eth_chainId", _:
                return hex(self.chain_id)
            case "eth_getBlockByNumber", [tag, _]:
                number = self.height if tag == "latest" else int(tag, 16)
                found = {"number": hex(number), "hash": self.hash(number), "timestamp": hex(self.time)}
                return found if number <= self.height else None
            case "eth_call", [_, {"blockHash": block_hash}] if int(block_hash[4:], 16) <= self.height:
                return f"0x{self.reply:064x}"
            case "eth_getLogs", [query]:
                return [event(n, self.hash(n)) for n in range(1, self.events + 1) if n >= int(query["fromBlock"], 16)]
        raise RpcError(-32000, "header not found")


def event(number: int, block_hash: str) -> dict[str, Any]:
    return {
        "address": STORE,
        "topics": [],
        "data": "0x",
        "blockNumber": hex(number),
        "blockHash": block_hash,
        "transactionHash": "0x" + "22" * 32,
        "transactionIndex": "0x0",
        "logIndex": "0x0",
        "removed": False,
    }


def opened(*nodes: Node, needed: int = 2) -> Chain:
    return open_agreed(
        [(JsonRpc(Fake(node.answer), sleep=lambda _: None), LogReader()) for node in nodes], 1337, needed=needed
    )


def doubt(*nodes: Node, needed: int = 2) -> Doubt:
    with pytest.raises(SourceError) as found:
        opened(*nodes, needed=needed)
    return found.value.doubt


def test_nodes_that_say_the_same_are_one_chain() -> None:
    chain = opened(Node(), Node(), Node(), needed=3)
    assert (chain.id, chain.block.number, chain.block.agreed) == (1337, 100, 3)
    assert chain.read(READ) == ((1).to_bytes(32),)
    assert len(chain.logs([STORE], start=0)) == 3


def test_the_block_is_the_newest_that_enough_have_reached() -> None:
    assert opened(Node(103), Node(101), Node(90)).block.number == 101
    assert opened(Node(103), Node(101), Node(90), needed=3).block.number == 90


def test_a_node_on_a_fork_is_outvoted_or_leaves_it_open() -> None:
    chain = opened(Node(), Node(fork=1), Node())
    assert chain.block.hash == Node().hash(100)
    assert doubt(Node(), Node(fork=1)) is Doubt.CHAIN_DISAGREEMENT
    assert doubt(Node(), Node(), Node(fork=1), Node(fork=1)) is Doubt.CHAIN_DISAGREEMENT
    assert doubt(Node(), Node(fork=1), Node(fork=2), needed=2) is Doubt.CHAIN_DISAGREEMENT


def test_a_node_that_lies_about_the_time_of_a_block_is_outvoted_or_leaves_it_open() -> None:
    assert opened(Node(time=3600), Node(), Node()).block.time == opened(Node(), Node()).block.time
    assert doubt(Node(time=3600), Node()) is Doubt.CHAIN_DISAGREEMENT


def test_a_header_that_one_of_them_gives_whole_is_there_for_all() -> None:
    def member(header: bytes) -> Chain:
        block = Block(1337, 100, Node().hash(100), datetime(2026, 1, 1, tzinfo=UTC), header=header)
        return JsonRpcChain(JsonRpc(Fake(Node().answer)), block)

    assert AgreeingChain((member(b""), member(b"whole"), member(b"")), 2).block.header == b"whole"
    assert AgreeingChain((member(b""), member(b"")), 2).block.header == b""
    assert "whole" not in repr(member(b"whole").block)


def test_a_node_that_lies_about_a_call_is_outvoted_or_leaves_it_open() -> None:
    assert opened(Node(), Node(answer=2), Node()).read(READ) == ((1).to_bytes(32),)
    with pytest.raises(SourceError) as found:
        opened(Node(), Node(answer=2)).read(READ)
    assert found.value.doubt is Doubt.CHAIN_DISAGREEMENT


def test_a_node_that_leaves_out_an_event_disagrees() -> None:
    assert len(opened(Node(), Node(events=2), Node()).logs([STORE], start=0)) == 3
    with pytest.raises(SourceError) as found:
        opened(Node(), Node(events=2)).logs([STORE], start=0)
    assert found.value.doubt is Doubt.CHAIN_DISAGREEMENT


def test_one_that_is_down_stops_nobody_while_enough_are_left() -> None:
    down = Node()
    down.down = True
    assert opened(Node(), down, Node()).read(READ) == ((1).to_bytes(32),)
    assert doubt(Node(), down) is Doubt.CHAIN_BAD_ANSWER
    nodes = [Node(), Node(), Node()]
    chain = opened(*nodes)
    nodes[0].down = True
    assert chain.read(READ) == ((1).to_bytes(32),)
    nodes[1].down = True
    with pytest.raises(SourceError) as found:
        chain.read(READ)
    assert found.value.doubt is Doubt.CHAIN_BAD_ANSWER


def test_a_node_of_another_chain_is_a_mistake_to_be_mended() -> None:
    assert doubt(Node(), Node(), Node(chain_id=1)) is Doubt.CHAIN_WRONG_ID


def test_agreement_needs_as_many_hosts_and_no_host_agrees_with_itself() -> None:
    with pytest.raises(InvalidInput):
        Nodes({1: ["https://one.example/a"]}, agree=2)
    with pytest.raises(InvalidInput):
        Nodes({1: ["https://one.example/a", "https://one.example/b"]}, agree=2)
    for again in ("https://one.example/b", "https://one.example:8545/a", "https://one.example./a"):
        with pytest.raises(InvalidInput, match="counts once"):
            Nodes({1: ["https://one.example/a", again, "https://two.example/a"]}, agree=2)
        Nodes({1: ["https://one.example/a", again, "https://two.example/a"]})  # the one stands in for the other
    Nodes({1: ["https://one.example/a", "https://two.example/b"]}, agree=2)
    Nodes({1: ["http://127.0.0.1:8545", "http://127.0.0.1:8546"]}, agree=2)
