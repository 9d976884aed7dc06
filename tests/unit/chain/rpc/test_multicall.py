"""Many calls in one call of Multicall3: the answers are those of single calls, and what fails inside is asked for alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.chain.contracts import known_code
from ebl.chain.rpc import multicall
from ebl.chain.rpc.json_rpc_chain import JsonRpcChain
from ebl.chain.rpc.jsonrpc import MAX_BATCH, JsonRpc
from ebl.chain.rpc.multicall import calldata, results
from ebl.ethereum.address import checksummed
from ebl.ethereum.keccak import keccak256
from ebl.model.ports import CodeAt, Read, Reverted
from ebl.net.nodes import Nodes
from ebl.sources import NetworkSettings, online
from ebl.testing.rpc_server import RpcError
from tests.unit.net.rpc_nodes import Fake, honest

KNOWN = checksummed("0x" + "aa" * 20)
STRANGE = checksummed("0x" + "bb" * 20)
CODE = b"the code of Multicall3"
STORE = b"the code of a store"
FAILS, REVERTS = b"\xff", b"\xee"


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multicall, "CODES", {keccak256(CODE).hex(): "made up"})
    monkeypatch.setattr(known_code, "store", lambda code: "ours" if code == STORE else None)


def word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def encoded(rows: list[tuple[bool, bytes]]) -> bytes:
    """What aggregate3 returns: written here by the ABI's rules, apart from the code that is tested."""
    tails = [
        word(int(ok)) + word(64) + word(len(data)) + data.ljust(-(-len(data) // 32) * 32, b"\0") for ok, data in rows
    ]
    heads, at = b"", 32 * len(tails)
    for tail in tails:
        heads, at = heads + word(at), at + len(tail)
    return word(32) + word(len(tails)) + heads + b"".join(tails)


def calls_of(data: bytes) -> list[tuple[str, bytes]]:
    """What aggregate3 is told to call."""
    assert data[:36] == bytes.fromhex("82ad56cb") + word(32)
    body = data[36:]
    count, base = int.from_bytes(body[:32], "big"), 32
    found = []
    for number in range(count):
        at = base + int.from_bytes(body[base + 32 * number :][:32], "big")
        to, may_fail, offset = (body[at + 32 * n :][:32] for n in range(3))
        at += int.from_bytes(offset, "big")
        length = int.from_bytes(body[at : at + 32], "big")
        assert may_fail == word(1)
        found.append((checksummed(f"0x{to[12:].hex()}"), body[at + 32 :][:length]))
    return found


class Chain(Fake):
    """A node with Multicall3, a known store and another contract; `most` calls are all that the gas is enough for."""

    def __init__(self, *, code: bytes = CODE, most: int = 1000, spoil: Callable[[bytes], bytes] | None = None) -> None:
        super().__init__(self._answer)
        self.code, self.most, self.spoiled = code, most, spoil
        self.together: list[int] = []

    def single(self, to: str, data: bytes) -> bytes:
        if data[:1] == FAILS:
            raise RpcError(-32000, "out of gas")
        if data[:1] == REVERTS:
            raise RpcError(3, "execution reverted", "0x01")
        return keccak256(to.encode() + data)

    def _answer(self, method: str, params: list[Any]) -> Any:
        if method == "eth_getCode":
            codes = {multicall.ADDRESS: self.code, KNOWN: STORE, STRANGE: b"strange"}
            return f"0x{codes.get(params[0], b'').hex()}"
        if method != "eth_call":
            return honest(method, params)
        to, data = params[0]["to"], bytes.fromhex(params[0]["data"][2:])
        if to != multicall.ADDRESS:
            return f"0x{self.single(to, data).hex()}"
        calls = calls_of(data)
        assert {to for to, _ in calls} == {KNOWN}
        self.together.append(len(calls))
        if len(calls) > self.most:
            raise RpcError(-32000, "out of gas")
        rows = []
        for call in calls:
            try:
                rows.append((True, self.single(*call)))
            except RpcError:
                rows.append((False, b""))
        found = encoded(rows)
        return f"0x{(self.spoiled(found) if self.spoiled else found).hex()}"


def opened(node: Fake, *, multi: bool = True) -> JsonRpcChain:
    chain = JsonRpcChain.open(JsonRpc(node, sleep=lambda _: None), 1337)
    return chain.allow_multicall() if multi else chain


def reads(count: int, to: str = KNOWN, first: bytes = b"") -> list[Read]:
    return [Read(to, first + n.to_bytes(4, "big") + bytes(n % 40)) for n in range(count)]


def test_calls_of_a_known_store_go_into_one_call() -> None:
    node = Chain()
    asked = reads(300)
    assert opened(node).read_each(*asked) == opened(Chain(), multi=False).read_each(*asked)
    assert node.together == [300]
    assert len(node.bodies) == 3  # the block, the codes, the call


def test_a_contract_of_unknown_code_is_never_among_them() -> None:
    node = Chain()
    asked = [*reads(20), *reads(20, STRANGE), CodeAt(KNOWN), *reads(20)]
    assert opened(node).read_each(*asked) == opened(Chain(), multi=False).read_each(*asked)
    assert node.together == [40]


def test_what_fails_inside_is_asked_for_alone() -> None:
    node = Chain()
    found = opened(node).read_each(*reads(20), *reads(2, first=FAILS), *reads(2, first=REVERTS))
    assert None not in found[:20]
    assert found[20:] == [None, None, Reverted(b"\1"), Reverted(b"\1")]


def test_too_many_for_the_gas_are_halved_and_that_is_remembered() -> None:
    node = Chain(most=60)
    chain = opened(node)
    assert None not in chain.read_each(*reads(200))
    assert node.together[:3] == [200, 200, 100]
    node.together.clear()
    chain.read_each(*reads(200, first=b"\1"))
    assert max(node.together) <= 60


@pytest.mark.parametrize("code", [b"", b"other code"])
def test_without_the_known_code_it_is_not_used(code: bytes) -> None:
    node = Chain(code=code)
    chain = opened(node)
    assert chain.read_each(*reads(200)) == opened(Chain(), multi=False).read_each(*reads(200))
    assert node.together == [] and chain.batch == MAX_BATCH


@pytest.mark.parametrize(
    "spoil", [lambda a: a[:-1], lambda a: a + bytes(32), lambda a: b"", lambda a: a[32:], lambda a: bytes(len(a))]
)
def test_an_answer_that_is_malformed_is_none(spoil: Callable[[bytes], bytes]) -> None:
    node = Chain(spoil=spoil)
    assert opened(node).read_each(*reads(50)) == opened(Chain(), multi=False).read_each(*reads(50))


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=100)), max_size=20))
def test_results_are_read_as_they_are_written(rows: list[tuple[bool, bytes]]) -> None:
    expected = [data if ok else None for ok, data in rows]
    assert results(encoded(rows), len(rows)) == expected
    for wrong in (encoded(rows) + b"\0", encoded(rows)[:-1], b"\1" + encoded(rows)[1:]):
        with pytest.raises(ValueError, match="aggregate3"):
            results(wrong, len(rows))
    with pytest.raises(ValueError, match="aggregate3"):
        results(encoded(rows), len(rows) + 1)


@given(st.lists(st.binary(max_size=80), max_size=20))
def test_the_calls_are_those_that_were_asked_for(data: list[bytes]) -> None:
    assert calls_of(calldata([Read(KNOWN, one) for one in data])) == [(KNOWN, one) for one in data]


@pytest.mark.parametrize(
    ("settings", "used"),
    [({}, True), ({"multicall": False}, False), ({"prove": True}, False), ({"nodes_agree": 2}, False)],
)
def test_it_is_off_with_proofs_and_if_nodes_must_agree(settings: dict[str, Any], used: bool) -> None:
    nodes = online(NetworkSettings(rpc={1: ["http://127.0.0.1:1", "http://192.0.2.1"]}, **settings)).opens
    assert isinstance(nodes, Nodes)
    assert nodes._multicall is used
