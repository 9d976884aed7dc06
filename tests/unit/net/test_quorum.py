"""Nodes that must agree: one that lies, lags or is silent is found out, and stops nobody while enough say the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rpc_nodes import STORE, Fake

from ebl.chain.rpc.json_rpc_chain import JsonRpcChain
from ebl.chain.rpc.jsonrpc import JsonRpc
from ebl.chain.rpc.logs import LogReader
from ebl.codes import Doubt
from ebl.config.networks import load
from ebl.errors import InvalidInput, SourceError
from ebl.messages import own_words, say
from ebl.model.pace import Pace
from ebl.model.ports import Answer, Block, Chain, CodeAt, Read, ReadsMany
from ebl.net.nodes import Nodes
from ebl.net.quorum import AgreeingChain, open_agreed
from ebl.testing.rpc_server import RpcError

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


class Named(Fake):
    """A node of a host of its own."""

    def __init__(self, answer: Any, host: str) -> None:
        super().__init__(answer)
        self.host = host


def opened(*nodes: Node, needed: int = 2, pace: Pace | None = None) -> Chain:
    rpcs = [JsonRpc(Named(node.answer, f"n{at}.example"), sleep=lambda _: None) for at, node in enumerate(nodes)]
    return open_agreed([(rpc, LogReader()) for rpc in rpcs], 1337, needed=needed, pace=pace)


def doubt(*nodes: Node, needed: int = 2, pace: Pace | None = None) -> Doubt:
    with pytest.raises(SourceError) as found:
        opened(*nodes, needed=needed, pace=pace)
    return found.value.doubt


def test_nodes_that_say_the_same_are_one_chain() -> None:
    chain = opened(Node(), Node(), Node(), needed=3)
    assert (chain.id, chain.block.number, chain.block.agreed) == (1337, 100, 3)
    assert chain.read(READ) == ((1).to_bytes(32),)
    assert len(chain.logs([STORE], start=0)) == 3


def test_the_block_is_the_newest_that_enough_have_reached() -> None:
    assert opened(Node(103), Node(101), Node(90)).block.number == 101
    assert opened(Node(103), Node(101), Node(90), needed=3).block.number == 90


def pace(apart: int = 60) -> Pace:
    """Of a chain whose nodes may be so many blocks apart: two minutes of them."""
    made = Pace(block=timedelta(seconds=120 / apart))
    assert made.apart("latest") == apart
    return made


@given(
    st.lists(st.integers(0, 10_000) | st.sampled_from((2**40, 2**62, 2**63 - 1)), min_size=2, max_size=6),
    st.integers(2, 6),
)
def test_no_node_sets_the_others_back_nor_sends_them_ahead(heights: list[int], needed: int) -> None:
    """Whatever heads nodes name: what is agreed is a block that enough of them have, and near the highest of all."""
    nodes = [Node(height) for height in heights]
    needed = min(needed, len(nodes))
    ranked = sorted(heights, reverse=True)
    if ranked[0] - ranked[needed - 1] <= 60:
        block = opened(*nodes, needed=needed, pace=pace(60)).block
        assert block.number == ranked[needed - 1]
        behind = {f"n{at}.example" for at, height in enumerate(heights) if block.number - height > 60}
        assert {message.params["host"] for message in block.dissent} == behind
        return
    with pytest.raises(SourceError) as found:
        opened(*nodes, needed=needed, pace=pace(60))
    assert found.value.doubt is Doubt.CHAIN_DISAGREEMENT
    highest = heights.index(ranked[0])
    assert f"{ranked[0]} of n{highest}.example" in found.value.detail


def test_one_node_that_is_behind_is_named_and_so_is_one_that_claims_to_be_far_ahead() -> None:
    for odd in (Node(100), Node(2**62)):
        with pytest.raises(SourceError) as found:
            opened(Node(1000), odd)
        assert found.value.doubt is Doubt.CHAIN_DISAGREEMENT
        assert f"{odd.height} of n1.example" in found.value.detail and "1000 of n0.example" in found.value.detail
    with pytest.raises(SourceError, match=r"2 nodes must agree on one at most 60 below"):
        opened(Node(1000), Node(1000), Node(2**62))  # two agree, and whether they are behind cannot be told
    assert opened(Node(1000), Node(1000), Node(100)).block.dissent == (
        say("chain.dissent", "behind", host="n2.example", blocks=900),
    )


def test_how_far_nodes_may_be_apart_is_of_the_chain_and_of_what_is_asked_for() -> None:
    assert opened(Node(140), Node(80), pace=pace(60)).block.number == 80
    assert doubt(Node(141), Node(80), pace=pace(60)) is Doubt.CHAIN_DISAGREEMENT
    assert opened(Node(141), Node(80), pace=pace(120)).block.number == 80
    table = load()
    assert [table.find(name).pace.apart("latest") for name in ("mainnet", "polygon", "local")] == [10, 60, 60]
    for network in table:
        assert network.pace.apart("finalized") > network.pace.apart("latest") >= 8


def test_nodes_that_say_otherwise_or_nothing_are_named_though_enough_agree() -> None:
    nodes = [Node(), Node(answer=2), Node(), Node(fork=1), Node()]
    chain = opened(*nodes)
    told = "n3.example returned something else for block 100"
    assert [*map(str, chain.block.dissent)] == [told]
    chain.read(READ)
    nodes[4].down = True
    chain.read(Read(STORE, b"5678"))
    assert [*map(str, chain.block.dissent)] == [
        told,
        "n1.example returned something else for the calls",
        "n4.example did not return the calls (chain.bad_answer)",
    ]
    chain.read(READ)
    assert len(chain.block.dissent) == 3 and chain.block == opened(Node(), Node()).block
    down = Node()
    down.down = True
    (silent,) = opened(Node(), down, Node()).block.dissent
    assert str(silent) == "n1.example did not return its newest block (chain.bad_answer)"


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


class ManyReads(ReadsMany):
    """One node's chain in a test of single calls: what it answers by the calldata, None being "ask alone"."""

    id = 1337

    def __init__(self, answers: dict[bytes, bytes | None], *, down: bool = False) -> None:
        self.answers, self.down = answers, down
        self.block = Block(1337, 7, "0x" + "00" * 32, datetime(2026, 1, 1, tzinfo=UTC))

    @property
    def batch(self) -> int:
        return 50

    def read_each(self, *reads: Read | CodeAt) -> list[Answer | None]:
        if self.down:
            raise SourceError(Doubt.CHAIN_TIMEOUT, own_words("no response"))
        return [self.answers.get(read.data, b"same") for read in reads if isinstance(read, Read)]


CALLS = [Read(STORE, bytes([n])) for n in range(4)]


def quorum(*members: ManyReads, needed: int = 2) -> AgreeingChain:
    return AgreeingChain(tuple(members), needed, tuple(f"{n}.example" for n in range(len(members))))  # type: ignore[arg-type]


def test_of_many_calls_each_is_agreed_on_by_itself() -> None:
    one, other, third = ManyReads({b"\0": b"odd"}), ManyReads({b"\1": b"odd"}), ManyReads({})
    chain = quorum(one, other, third)
    assert chain.read_each(*CALLS) == [b"same"] * 4
    assert [str(said).partition(" ")[0] for said in chain.block.dissent] == ["0.example", "1.example"]
    assert chain.batch == 50


def test_a_call_without_a_quorum_or_that_one_node_wants_alone_is_left_to_be_asked_alone() -> None:
    assert quorum(ManyReads({b"\0": b"odd"}), ManyReads({})).read_each(*CALLS) == [None, b"same", b"same", b"same"]
    alone = ManyReads({b"\2": None})
    assert quorum(alone, ManyReads({}), ManyReads({})).read_each(*CALLS) == [b"same", b"same", None, b"same"]


def test_many_calls_need_as_many_nodes_that_respond() -> None:
    down = ManyReads({}, down=True)
    chain = quorum(down, ManyReads({}), ManyReads({}))
    assert chain.read_each(*CALLS) == [b"same"] * 4
    assert "0.example" in str(chain.block.dissent[0])
    with pytest.raises(SourceError) as found:
        quorum(down, ManyReads({})).read_each(*CALLS)
    assert found.value.doubt is Doubt.CHAIN_TIMEOUT


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
