"""Whatever a node or a resolver answers, a verification ends in a verdict; an answer that makes no sense is none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import deepcopy
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.chain.rpc.json_rpc_chain import JsonRpcChain
from ebl.chain.rpc.jsonrpc import HttpReply, JsonRpc
from ebl.chain.rpc.logs import LogReader
from ebl.config.networks import pace
from ebl.ethereum.address import checksummed
from ebl.model.findings import Verdict
from ebl.model.ports import Chain, CodeAt, Read, Reverted, Sources, TxtRecords
from ebl.net.quorum import open_agreed
from ebl.policy import IssuedBy
from ebl.sources import offline
from ebl.verify import examine
from tests.unit.hostile.world import CHAIN, DOMAIN, NOW, OneChain, Zone, chain_of, documents

DOCUMENTS = documents()
HONEST = chain_of(DOCUMENTS)
HASH = "0x" + "ab" * 32
HEAD = {"number": "0x46", "hash": HASH, "timestamp": hex(int(NOW.timestamp())), "stateRoot": "0x" + "11" * 32}
NO_ANSWER: tuple[Any, ...] = (
    *(None, True, 1, "", "0x0", "0x1", "1", [], {}, [1], {"code": 3}, "0x0 ", "0xzz", "\ud800", 9**99, float("inf")),
    *("0x" + "00" * 31 + "02", "0x" + "ff" * 32, "0x" + "00" * 33, "0X" + "00" * 31 + "01", "0x" + "f" * 70, HASH),
    *("0x" + "00" * 31, "0x01", {"a": {"b": []}}, "0x" + "00" * 11 + "01" + "11" * 20),
)
NO_ERROR: tuple[Any, ...] = (
    *({"code": "x"}, {}, [], "error", {"code": 2**70, "message": "x"}, {"code": 3, "message": "\x1b", "data": "0xzz"}),
    *({"code": -32000, "message": "header not found"}, {"code": -32000, "message": "out of gas"}),
    *({"code": -32005, "message": "rate limit"}, {"code": 1, "message": None, "data": {"data": {"result": 5}}}),
)
NO_BODY = (b"", b"null", b"[", b"[" * 10_000, b"\xff", b'{"result":' + b"9" * 5_000 + b"}", b'{"id":1}')


class Node:
    """Implements `ebl.chain.rpc.jsonrpc.Post`: a node that answers as it should, but for one answer in so many."""

    host = "node.example"

    def __init__(self, chain: OneChain, random: Random, rate: float) -> None:
        self._chain, self._random, self._rate = chain, random, rate

    def without_secrets(self, text: str) -> str:
        return text

    def post(self, body: bytes, *, seconds: float) -> HttpReply:
        asked = json.loads(body)
        replies = [self._reply(request) for request in (asked if isinstance(asked, list) else [asked])]
        if self._now(2):
            self._random.shuffle(replies)
        if self._now(4):
            replies.pop()
        value: Any = replies if isinstance(asked, list) else replies[0] if replies else None
        if self._now(4):
            value = deepcopy(self._random.choice(NO_ANSWER))
        status = self._random.choice((0, 204, 301, 400, 401, 429, 500, 503)) if self._now(4) else 200
        return HttpReply(status, self._random.choice(NO_BODY) if self._now(5) else json.dumps(value).encode())

    def _now(self, seldom: int = 1) -> bool:
        return self._random.random() < self._rate / seldom

    def _reply(self, request: dict[str, Any]) -> Any:
        reply: Any = {"jsonrpc": "2.0", "id": request["id"], **self._honest(request["method"], request["params"])}
        if not self._now():
            return reply
        match self._random.randrange(5):
            case 0:
                return {"id": request["id"], "result": deepcopy(self._random.choice(NO_ANSWER))}
            case 1:
                return {"id": request["id"], "error": deepcopy(self._random.choice(NO_ERROR))}
            case 2:
                return reply | {"id": self._random.choice((0, 1, 2, "1", None, 1.0, True))}
            case 3 if isinstance(reply.get("result"), dict):
                reply["result"][self._random.choice([*HEAD, "parentHash", "gasLimit"])] = self._random.choice(NO_ANSWER)
                return reply
            case 4:
                return {"id": request["id"]}
        return deepcopy(self._random.choice(NO_ANSWER))

    def _honest(self, method: str, params: Sequence[Any]) -> dict[str, Any]:
        if method == "eth_chainId":
            return {"result": hex(CHAIN)}
        if method == "eth_getBlockByNumber":
            return {"result": dict(HEAD)}
        if method == "eth_getCode":
            return {"result": "0x" + self._chain.read(CodeAt(checksummed(params[0])))[0].hex()}  # type: ignore[union-attr]
        if method == "eth_getLogs":
            return {"result": []}
        assert method == "eth_call"
        (answer,) = self._chain.read(Read(checksummed(params[0]["to"]), bytes.fromhex(params[0]["data"][2:])))
        if isinstance(answer, Reverted):
            return {"error": {"code": 3, "message": "execution reverted", "data": "0x" + answer.data.hex()}}
        return {"result": "0x" + answer.hex()}


def world(random: Random, rate: float, served: OneChain = HONEST) -> Sources:
    def rpc() -> JsonRpc:
        return JsonRpc(Node(served, random, rate), sleep=lambda seconds: None)

    def chain(chain_id: int | None) -> Chain:
        if random.random() < 0.3:
            return open_agreed([(rpc(), LogReader()), (rpc(), LogReader())], CHAIN, needed=2, finality="latest")
        return JsonRpcChain.open(rpc(), CHAIN)

    return Sources(pace=pace, chain=chain, dns=Zone(), fetch=offline().fetch, now=NOW)


@pytest.mark.slow
@settings(max_examples=400)
@given(st.integers(0, 2**64), st.sampled_from(sorted(DOCUMENTS)), st.sampled_from((0.0, 0.02, 0.1, 0.5)))
def test_a_node_that_makes_no_sense_leads_to_a_verdict_and_never_to_a_crash(seed: int, name: str, rate: float) -> None:
    report = examine(json.dumps(DOCUMENTS[name]).encode(), IssuedBy(DOMAIN), sources=world(Random(seed), rate))
    json.dumps(report.to_dict())
    if rate == 0:
        assert report.verdict is Verdict.VALID


@pytest.mark.slow
@settings(max_examples=200)
@given(st.integers(0, 2**64), st.sampled_from([name for name in sorted(DOCUMENTS) if "signed" not in name]))
def test_what_was_never_issued_is_valid_by_no_garbled_answer(seed: int, name: str) -> None:
    empty = OneChain(titles={bytes(32): next(iter(HONEST.titles.values()))})
    report = examine(json.dumps(DOCUMENTS[name]).encode(), IssuedBy(DOMAIN), sources=world(Random(seed), 0.2, empty))
    assert report.verdict is not Verdict.VALID


TEXTS = st.lists(st.text(max_size=80) | st.text("openatts =;netIdadr0x15acvp:#.1", max_size=120), max_size=5)


@pytest.mark.slow
@settings(max_examples=200)
@given(TEXTS, st.sampled_from(sorted(DOCUMENTS)))
def test_whatever_the_dns_holds_only_the_right_record_counts(texts: list[str], name: str) -> None:
    class Garbled:
        def txt(self, asked: str) -> TxtRecords:
            return TxtRecords(asked, tuple(texts))

    within = Sources(pace=pace, chain=lambda chain_id: HONEST, dns=Garbled(), fetch=offline().fetch, now=NOW)
    report = examine(json.dumps(DOCUMENTS[name]).encode(), IssuedBy(DOMAIN), sources=within)
    assert report.verdict is Verdict.INVALID
    json.dumps(report.to_dict())
