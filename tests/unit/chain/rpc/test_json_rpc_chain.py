"""A chain over JSON-RPC gives answers of one block, or says why it has none."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rpc_nodes import HASH, HEAD, ONE, STORE, Fake, RawServer, honest, http

from ebl.chain.rpc.json_rpc_chain import JsonRpcChain
from ebl.chain.rpc.jsonrpc import HttpReply, JsonRpc, RpcCall, RpcFault
from ebl.codec import fast_json
from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.model.ports import Read, Reverted
from ebl.net.endpoint import Endpoint
from ebl.testing.rpc_server import RpcError

READ = Read(STORE, b"\x01\x02\x03\x04")


def rpc(fake: Fake) -> JsonRpc:
    return JsonRpc(fake, sleep=lambda _: None)


def opened(fake: Fake) -> JsonRpcChain:
    return JsonRpcChain.open(rpc(fake), 1337)


def answering(**methods: Any) -> Fake:
    """An honest node, but for some methods: a value, or an exception to raise, or a function of the parameters."""

    def answer(method: str, params: list[Any]) -> Any:
        if method not in methods:
            return honest(method, params)
        found = methods[method](*params) if callable(methods[method]) else methods[method]
        if isinstance(found, Exception):
            raise found
        return found

    return Fake(answer)


def doubt_of(found: pytest.ExceptionInfo[SourceError]) -> Doubt:
    return found.value.doubt


def test_opening_asks_for_the_chain_and_the_block_in_one_request() -> None:
    fake = Fake()
    chain = opened(fake)
    assert [[call["method"] for call in body] for body in fake.bodies] == [["eth_chainId", "eth_getBlockByNumber"]]
    assert (chain.id, chain.block.number, chain.block.hash) == (1337, 100, HASH)
    assert chain.block.time.isoformat() == "2023-09-12T06:06:56+00:00"


def test_reads_are_one_batch_pinned_to_the_hash_of_the_block() -> None:
    fake = Fake()
    chain = opened(fake)
    assert chain.read(READ, READ, READ) == (bytes(31) + b"\1",) * 3
    assert chain.code(STORE) == bytes(31) + b"\1"
    assert len(fake.bodies) == 3
    assert all(call["params"][-1] == {"blockHash": HASH} for call in fake.bodies[1])
    assert chain.read() == ()


def test_a_node_of_another_chain_is_refused() -> None:
    with pytest.raises(SourceError, match="serves chain 1; expected chain 1337") as found:
        opened(answering(eth_chainId="0x1"))
    assert doubt_of(found) is Doubt.CHAIN_WRONG_ID


@pytest.mark.parametrize("head", [None, HEAD | {"number": "0x0"}, RpcError(-39001, "Unknown block")])
def test_a_final_block_that_the_node_does_not_name_is_never_replaced_by_the_latest(head: Any) -> None:
    with pytest.raises(SourceError) as found:
        JsonRpcChain.open(rpc(answering(eth_getBlockByNumber=head)), 1337, finality="finalized")
    assert doubt_of(found) is Doubt.CHAIN_NO_FINALITY
    assert JsonRpcChain.open(rpc(Fake()), 1337, finality="finalized").block.finality == "finalized"


@pytest.mark.parametrize("seconds", [-12, 86_401])
def test_a_final_block_far_behind_the_newest_or_ahead_of_it_cannot_be_meant(seconds: int) -> None:
    def answer(method: str, params: list[Any]) -> Any:
        if method == "eth_getBlockByNumber" and params[0] == "latest":
            return HEAD | {"timestamp": hex(0x65000000 + seconds)}
        return honest(method, params)

    with pytest.raises(SourceError, match=r"behind its newest|ahead of its newest") as found:
        JsonRpcChain.open(rpc(Fake(answer)), 1337, finality="finalized")
    assert doubt_of(found) is Doubt.CHAIN_NO_FINALITY


@pytest.mark.parametrize(
    "error, data",
    [
        (RpcError(3, "execution reverted", "0x667b3fbf"), "667b3fbf"),
        (RpcError(3, "execution reverted: no", "0x"), ""),
        (RpcError(-32000, "execution reverted"), ""),
        (RpcError(-32000, "Execution reverted", "0x667b3fbf"), "667b3fbf"),
        (RpcError(-32015, "VM execution error.", "Reverted 0x667b3fbf"), "667b3fbf"),
        (RpcError(-32015, "VM execution error.", "revert"), ""),
        (
            RpcError(-32603, "VM Exception: reverted with a custom error", {"message": "x", "data": "0x667b3fbf"}),
            "667b3fbf",
        ),
        (RpcError(-32000, "VM Exception while processing transaction: revert", {"result": "0x667b3fbf"}), "667b3fbf"),
        (RpcError(-32000, "invalid opcode: INVALID"), ""),
        (RpcError(-32603, "EVM error InvalidFEOpcode"), ""),
    ],
)
def test_a_revert_is_an_answer_however_the_node_writes_it(error: RpcError, data: str) -> None:
    assert opened(answering(eth_call=error)).read(READ) == (Reverted(bytes.fromhex(data)),)


@pytest.mark.parametrize(
    "error",
    [
        RpcError(-32000, "header not found"),
        RpcError(-32000, "missing trie node 6f (path )"),
        RpcError(-32000, "out of gas"),
        RpcError(-32603, "Internal error"),
        RpcError(-32005, "project ID request rate exceeded"),
        RpcError(3, "something else"),
        RpcError(-32000, "insufficient funds", {"data": {"data": 7}}),
    ],
)
def test_any_other_error_is_no_answer(error: RpcError) -> None:
    chain = opened(answering(eth_call=error))
    with pytest.raises(SourceError):
        chain.read(READ, READ)


def test_a_node_that_knows_no_block_hashes_is_asked_by_number_and_for_the_block_beside_it() -> None:
    def call(_: Any, block: Any) -> Any:
        return ONE if block == "0x64" else RpcError(-32602, "invalid argument 1: hex string without 0x prefix")

    fake = answering(eth_call=call)
    chain = opened(fake)
    assert chain.read(READ) == chain.read(READ) == (bytes(31) + b"\1",)
    assert len(fake.bodies) == 4  # open; by hash, in vain; by number; by number
    assert [c["method"] for c in fake.bodies[-1]] == ["eth_call", "eth_getBlockByNumber"]


def test_a_block_that_was_replaced_meanwhile_is_noticed_where_it_is_read_by_number() -> None:
    heads = [HEAD, HEAD | {"hash": "0x" + "cd" * 32}]
    fake = answering(
        eth_call=lambda _, block: ONE if block == "0x64" else RpcError(-32602, "invalid argument"),
        eth_getBlockByNumber=lambda *_: heads.pop(0),
    )
    with pytest.raises(SourceError) as found:
        opened(fake).read(READ)
    assert doubt_of(found) is Doubt.CHAIN_REORGANISED


@pytest.mark.parametrize("form", [b"%s", b"[%s]"])
def test_a_batch_that_is_too_large_is_halved_and_the_size_remembered(form: bytes) -> None:
    def spoil(reply: bytes) -> Any:
        answers = json.loads(reply)
        if isinstance(answers, list) and len(answers) > 3:
            return form % b'{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"batch too large"}}'
        return reply

    fake = Fake(spoil=spoil)
    chain = opened(fake)
    assert len(chain.read(*[READ] * 10)) == 10
    fake.bodies.clear()
    assert len(chain.read(*[READ] * 4)) == 4
    assert [len(body) for body in fake.bodies] == [2, 2]


def test_the_size_of_a_batch_is_remembered_for_an_hour_and_not_for_the_life_of_a_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    busy = [True]

    def spoil(reply: bytes) -> Any:
        return HttpReply(500, b"") if busy[0] and isinstance(json.loads(reply), list) else reply

    fake = Fake(spoil=spoil)
    rpc = JsonRpc(fake, sleep=lambda _: None)
    rpc.ask(*[RpcCall("eth_chainId")] * 8)
    busy[0] = False
    fake.bodies.clear()
    rpc.ask(*[RpcCall("eth_chainId")] * 8)
    assert len(fake.bodies) == 8
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 3601)
    fake.bodies.clear()
    rpc.ask(*[RpcCall("eth_chainId")] * 8)
    assert len(fake.bodies) == 1


@pytest.mark.parametrize("status", [200, 400, 413, 500])
def test_a_node_without_batches_is_asked_one_by_one(status: int) -> None:
    def spoil(reply: bytes) -> Any:
        if reply.startswith(b"["):
            said = b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no"}}' if status == 200 else b"no"
            return HttpReply(status, said)
        return reply

    fake = Fake(spoil=spoil)
    assert opened(fake).read(READ, READ) == (bytes(31) + b"\1",) * 2
    assert [isinstance(body, dict) for body in fake.bodies] == [False, True, True, True, True]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 409, 411, 413, 415, 418, 422, 451])
@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"<html>no</html>",
        b"{}",
        b"null",
        b'{"error":"batch requests are not allowed"}',
        b'{"message":"forbidden"}',
        b'{"jsonrpc":"2.0","id":null,"error":{"message":"no"}}',
        b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no batches"}}',
    ],
)
def test_a_node_may_refuse_batches_with_any_4xx_and_any_body(status: int, said: bytes) -> None:
    def spoil(reply: bytes) -> Any:
        return HttpReply(status, said) if reply.startswith(b"[") else reply

    assert opened(Fake(spoil=spoil)).read(READ, READ) == (bytes(31) + b"\1",) * 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_node_that_refuses_every_request_is_told_from_one_that_refuses_batches(status: int) -> None:
    fake = Fake(spoil=lambda reply: HttpReply(status, b"no"))
    with pytest.raises(SourceError) as trouble:
        opened(fake)
    assert trouble.value.doubt is Doubt.CHAIN_REFUSED
    assert len(fake.bodies) == 2  # the batch, and one by itself


def test_what_the_node_puts_off_is_asked_again_after_a_pause() -> None:
    pauses: list[float] = []
    outcomes: list[Any] = [RpcError(-32005, "rate limit exceeded"), ONE, ONE]
    fake = answering(eth_call=lambda *_: outcomes.pop(0))
    chain = JsonRpcChain.open(JsonRpc(fake, sleep=pauses.append), 1337)
    assert chain.read(READ, READ) == (bytes(31) + b"\1",) * 2
    assert len(pauses) == 1
    assert isinstance(fake.bodies[-1], dict)  # only the one that was put off


def test_http_429_is_waited_out_as_long_as_the_server_asks_and_then_given_up() -> None:
    pauses: list[float] = []
    fake = Fake(spoil=lambda _: HttpReply(429, b"slow down", 3.0))
    with pytest.raises(SourceError) as found:
        JsonRpcChain.open(JsonRpc(fake, sleep=pauses.append), 1337)
    assert doubt_of(found) is Doubt.CHAIN_REFUSED
    assert pauses == pytest.approx([3.0, 3.0, 3.0], abs=0.5)


@pytest.mark.parametrize(
    "reply, doubt",
    [
        (HttpReply(401, b'{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no key"}}'), Doubt.CHAIN_REFUSED),
        (HttpReply(403, b""), Doubt.CHAIN_REFUSED),
        (HttpReply(301, b""), Doubt.CHAIN_BAD_ANSWER),
        (HttpReply(404, b"<html>"), Doubt.CHAIN_BAD_ANSWER),
        (HttpReply(503, b""), Doubt.CHAIN_UNREACHABLE),
        (HttpReply(200, b""), Doubt.CHAIN_BAD_ANSWER),
        (HttpReply(200, b"[]"), Doubt.CHAIN_BAD_ANSWER),
        (HttpReply(200, b"[" * 100_000), Doubt.CHAIN_BAD_ANSWER),
        (HttpReply(200, b"9" * 100_000), Doubt.CHAIN_BAD_ANSWER),
    ],
)
def test_http_errors_are_no_answers(reply: HttpReply, doubt: Doubt) -> None:
    with pytest.raises(SourceError) as found:
        opened(Fake(spoil=lambda _: reply))
    assert doubt_of(found) is doubt


def test_a_proof_is_read_as_it_was_given() -> None:
    proof = opened(Fake()).proof(STORE, [bytes(31) + b"\3"])
    assert proof.storage == ((bytes(31) + b"\3", bytes(31) + b"\7", (b"\xc0",)),)
    assert (proof.nonce, proof.account_proof) == (1, (b"\xc0",))


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.just("0x")
    | st.just(ONE),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "result", "error", "hash", "x"]), inner)
    ),
    max_leaves=6,
)


@st.composite
def spoilers(draw: st.DrawFn) -> Any:
    """Ways to break a reply: bytes cut or replaced, a value put anywhere, a key left out, an item twice or missing."""
    kind = draw(st.sampled_from(["cut", "bytes", "value", "drop", "twice", "missing", "ids"]))
    number, value, raw = draw(st.integers(0, 50)), draw(json_values), draw(st.binary(max_size=40))

    def spoil(reply: bytes) -> bytes:
        if kind == "cut":
            return reply[: number % len(reply)]
        if kind == "bytes":
            at = number % len(reply)
            return reply[:at] + raw + reply[at + 1 :]
        answers = json.loads(reply)
        items = answers if isinstance(answers, list) else [answers]
        item = items[number % len(items)]
        match kind:
            case "value":
                key = ["result", "id", "error", "jsonrpc"][number % 4]
                if number % 3 == 0 and isinstance(item.get("result"), dict):
                    item["result"][sorted(item["result"])[number % len(item["result"])]] = value
                else:
                    item[key] = value
            case "drop":
                item.pop(["result", "id"][number % 2], None)
            case "twice":
                items.append(item)
            case "missing":
                items.remove(item)
            case "ids":
                item["id"] = items[0]["id"] if item is not items[0] else 99
        return json.dumps(answers).encode()

    return spoil


@settings(max_examples=400)
@given(spoil=spoilers(), late=st.booleans())
def test_a_node_that_sends_nonsense_gives_no_answer_and_no_traceback(spoil: Any, late: bool) -> None:
    fake = Fake(spoil=None if late else spoil)
    try:
        chain = opened(fake)
        fake.spoil = spoil
        answers = chain.read(READ, READ)
        chain.logs([STORE], start=0)
        proof = chain.proof(STORE, [bytes(32)])
    except SourceError as no_answer:
        assert no_answer.doubt in set(Doubt)
        return
    assert all(isinstance(answer, bytes | Reverted) for answer in answers) and len(answers) == 2
    assert isinstance(proof.balance, int)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_an_answer_that_is_not_in_utf_8_is_none_however_deep_it_is(encoding: str) -> None:
    fake = Fake()
    chain = opened(fake)
    fake.spoil = lambda _: ('["\u0122",' + "[" * 100_000).encode(encoding)  # half of this letter looks like a quote
    with pytest.raises(SourceError) as no:
        chain.read(READ, READ)
    assert no.value.doubt is Doubt.CHAIN_BAD_ANSWER


def test_an_answer_of_more_values_than_any_block_has_is_none() -> None:
    fake = Fake()
    chain = opened(fake)
    fake.spoil = lambda _: b'[{"jsonrpc":"2.0","id":1,"result":["0x01"' + b",{}" * 800_000 + b"]}]"
    with pytest.raises(SourceError) as no:
        chain.read(READ)
    assert no.value.doubt is Doubt.CHAIN_BAD_ANSWER and "expected JSON-RPC" in no.value.detail


@pytest.mark.parametrize("answer", (f'"{"x" * 2**24}"', f"[{'0,' * 500_000}0]"))
def test_a_node_that_takes_no_batches_is_given_no_more_room_than_one_that_does(answer: str) -> None:
    class OneByOne:
        host = "node.example"
        answered = 0

        def post(self, body: bytes, *, seconds: float) -> HttpReply:
            if body.startswith(b"["):
                return HttpReply(400, b"")
            self.answered += 1
            return HttpReply(200, b'{"id":1,"result":' + answer.encode() + b"}")

        def without_secrets(self, text: str) -> str:
            return text

    node = OneByOne()
    assert len(JsonRpc(node).ask(*[RpcCall("eth_getLogs")] * 2)) == 2
    with pytest.raises(SourceError) as flood:
        JsonRpc(node).ask(*[RpcCall("eth_getLogs")] * 25)
    assert (doubt_of(flood), node.answered < 10) == (Doubt.CHAIN_BAD_ANSWER, True)


@settings(max_examples=100)
@given(garbage=st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_garbage_is_never_an_answer(garbage: bytes) -> None:
    fake = Fake()
    chain = opened(fake)
    fake.spoil = lambda _: garbage
    with pytest.raises(SourceError):
        chain.read(READ, READ)


@pytest.mark.parametrize("key", ["path", "query", "user"])
def test_a_key_that_a_node_repeats_is_in_no_error(key: str) -> None:
    secret = "0123abcd%2Fsecret"
    heard = f"key 0123abcd/secret ({secret}) may not call eth_call at /v3/{secret}"
    body = json.dumps({"id": 1, "error": {"code": -32000, "message": heard}}).encode()
    with RawServer(lambda _: [http(body)]) as server:
        place = server.url.removeprefix("http://")
        url = {
            "path": f"http://{place}/v3/{secret}",
            "query": f"http://{place}/?apikey={secret}&v=1",
            "user": f"http://me:{secret}@{place}/",
        }[key]
        (fault,) = JsonRpc(Endpoint(url), sleep=lambda _: None).ask(RpcCall("eth_call"))
    assert fault == RpcFault(-32000, "key … (…) may not call eth_call at /v3/…")


def test_requests_are_the_same_with_and_without_orjson(monkeypatch: pytest.MonkeyPatch) -> None:
    orjson = pytest.importorskip("orjson")
    calls = [RpcCall("eth_call", ({"to": STORE, "data": "0x12"}, "né\ud800")), RpcCall("eth_getProof", (2**70, ("a",)))]
    for found in (lambda: None, lambda: orjson):
        monkeypatch.setattr(fast_json, "orjson", found)
        fake = Fake(lambda *_: "0x1")
        for call in calls:
            JsonRpc(fake).ask(call)
        assert [body["params"] for body in fake.bodies] == [json.loads(json.dumps(call.params)) for call in calls]
