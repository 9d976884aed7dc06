"""Reading a real node: answers, reverts, events, proofs, and what the node can do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from tiny_contract import asking, creation, runtime

from ebl.chain.rpc.json_rpc_chain import JsonRpcChain
from ebl.chain.rpc.jsonrpc import JsonRpc
from ebl.chain.signers import LocalKey
from ebl.codes import Doubt
from ebl.diagnose.node_doctor import examine
from ebl.errors import SourceError
from ebl.model.ports import Read, Reverted
from ebl.net.endpoint import Endpoint
from ebl.registry import Call, Journals, Node, send
from ebl.testing.chain import LocalNode
from ebl.testing.rpc_server import RpcError, RpcServer, respond

EMPTY = "0x000000000000000000000000000000000000dEaD"


@pytest.fixture
def contract(node: Node, journals: Journals, carrier: LocalKey, chain: LocalNode) -> str:
    """The little contract: 40, 41 and 42 stored and logged, ten blocks apart."""
    receipt = send(Call(1337, None, creation(), "deploy"), signer=carrier, node=node, journals=journals)
    assert receipt.contract is not None
    for number in (40, 41, 42):
        send(Call(1337, receipt.contract, asking(2, number), "store"), signer=carrier, node=node, journals=journals)
        chain.mine(10)
    return receipt.contract


def opened(url: str, chain_id: int = 1337) -> JsonRpcChain:
    return JsonRpcChain.open(JsonRpc(Endpoint(url)), chain_id)


@pytest.fixture
def between(chain: LocalNode) -> Iterator[Callable[..., RpcServer]]:
    """A node in front of the node, which answers as ``answer(method, params, ask)`` says."""
    running: list[RpcServer] = []

    def start(answer: Callable[[str, list[Any], Callable[..., Any]], Any]) -> RpcServer:
        running.append(RpcServer(lambda body: respond(body, lambda method, params: answer(method, params, chain.rpc))))
        return running[-1]

    yield start
    for server in running:
        server.stop()


def test_calls_reverts_and_code_are_read_in_one_block(
    chain: LocalNode, contract: str, node: Node, journals: Journals, carrier: LocalKey
) -> None:
    reader = opened(chain.url)
    send(Call(1337, contract, asking(2, 43), "store"), signer=carrier, node=node, journals=journals)
    answers = reader.read(*(Read(contract, asking(case, 42)) for case in (1, 3, 4, 5, 6)), Read(EMPTY, b"1234"))
    word = (42).to_bytes(32)
    assert answers == (word, word, Reverted(word), Reverted(b""), Reverted(b""), b"")
    assert reader.code(contract) == runtime()
    assert opened(chain.url).read(Read(contract, asking(1))) == ((43).to_bytes(32),)
    assert reader.code(EMPTY) == b""


def test_events_are_read_with_their_places_and_times(chain: LocalNode, contract: str) -> None:
    logs = opened(chain.url).logs([contract], start=0)
    assert [int.from_bytes(log.data) for log in logs] == [40, 41, 42]
    assert [int.from_bytes(log.topics[0]) for log in logs] == [40, 41, 42]
    assert all(log.address == contract and log.time is not None for log in logs)
    middle = logs[1].block_number
    assert [log.block_number for log in opened(chain.url).logs([contract], start=middle, end=middle)] == [middle]


def test_events_are_whole_from_a_node_that_allows_ten_blocks_and_fails_now_and_then(
    between: Callable[..., RpcServer], contract: str
) -> None:
    calls = 0

    def answer(method: str, params: list[Any], ask: Callable[..., Any]) -> Any:
        nonlocal calls
        if method == "eth_getLogs":
            calls += 1
            if int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) >= 10:
                raise RpcError(-32000, "exceed maximum block range: 10")
            if calls % 3 == 0:
                raise RpcError(-32603, "internal error")
        return ask(method, *params)

    server = between(answer)
    logs = opened(server.url).logs([contract], start=0)
    assert [int.from_bytes(log.data) for log in logs] == [40, 41, 42]
    assert server.requests <= 8


def test_a_node_that_reads_by_number_only_gives_the_same_answers(
    between: Callable[..., RpcServer], contract: str
) -> None:
    def answer(method: str, params: list[Any], ask: Callable[..., Any]) -> Any:
        if any(isinstance(param, dict) and "blockHash" in param for param in params):
            raise RpcError(-32602, "invalid argument 1: json: cannot unmarshal object")
        return ask(method, *params)

    reader = opened(between(answer).url)
    assert reader.read(Read(contract, asking(1)), Read(contract, asking(5))) == ((42).to_bytes(32), Reverted(b""))


def test_a_reorganisation_under_a_reader_by_number_is_noticed(
    between: Callable[..., RpcServer], chain: LocalNode, contract: str
) -> None:
    def answer(method: str, params: list[Any], ask: Callable[..., Any]) -> Any:
        if method == "eth_call" and isinstance(params[1], dict):
            raise RpcError(-32602, "invalid argument")
        return ask(method, *params)

    reader = opened(between(answer).url)
    chain.rpc("anvil_reorg", 11, [])  # with the block of the last transaction in it
    with pytest.raises(SourceError) as found:
        reader.read(Read(contract, asking(1)))
    assert found.value.doubt is Doubt.CHAIN_REORGANISED


def test_a_proof_comes_with_the_account_and_its_slots(chain: LocalNode, contract: str) -> None:
    proof = opened(chain.url).proof(contract, [bytes(32), (7).to_bytes(32)])
    assert [value for _, value, _ in proof.storage] == [(42).to_bytes(32), bytes(32)]
    assert proof.account_proof and proof.storage[0][2]
    assert proof.nonce == 1


def test_a_node_of_another_chain_is_refused(chain: LocalNode) -> None:
    with pytest.raises(SourceError) as found:
        opened(chain.url, 1)
    assert found.value.doubt is Doubt.CHAIN_WRONG_ID


def test_the_doctor_finds_our_nodes_well(chain: LocalNode) -> None:
    chain.mine(100)
    found = examine(JsonRpc(Endpoint(chain.url)), now=datetime.now(UTC))
    assert (found.chain_id, found.proofs, found.block_hashes, found.batches) == (1337, "checked", True, True)
    assert found.whole_chain
    assert found.finalized is not None and found.finalized <= found.head.number
    json.dumps(found.to_dict())
