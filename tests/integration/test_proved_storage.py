"""Storage read with proof from real nodes; a node that changes anything of it is found out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import permutations
from typing import Any

import pytest
from tiny_contract import asking, creation, runtime

from ebl.chain.proved_storage import recheck, storage
from ebl.chain.signers import LocalKey
from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.ethereum.keccak import keccak256
from ebl.ethereum.state_proof import EMPTY_CODE
from ebl.model.ports import AccountProof, Block, Chain
from ebl.registry import Call, Journals, Node, send
from ebl.sources import online
from ebl.testing.chain import LocalNode
from ebl.testing.rpc_server import RpcError, RpcServer, respond

SLOTS = (bytes(32), (7).to_bytes(32))


@pytest.fixture
def contract(node: Node, journals: Journals, carrier: LocalKey, chain: LocalNode) -> str:
    receipt = send(Call(1337, None, creation(), "deploy"), signer=carrier, node=node, journals=journals)
    assert receipt.contract is not None
    send(Call(1337, receipt.contract, asking(2, 42), "store"), signer=carrier, node=node, journals=journals)
    return receipt.contract


@pytest.fixture
def reader(chain: LocalNode, contract: str) -> Chain:
    return online(rpc={1337: chain.url}, resolver="udp://127.0.0.1:1", now=datetime.now(UTC)).chain(1337)


def test_what_is_stored_and_what_is_not_is_proved_against_the_block(reader: Chain, contract: str) -> None:
    proved = storage(reader, contract, SLOTS)
    assert proved.values == ((42).to_bytes(32), bytes(32))
    assert proved.account.code_hash == keccak256(runtime())
    assert recheck(proved.block, contract, SLOTS, proved.proof) == (proved.account, proved.values)


def test_an_account_that_does_not_exist_is_proved_empty(reader: Chain, contract: str) -> None:
    nobody = "0x" + "77" * 20
    proved = storage(reader, nobody, [bytes(32)])
    assert (proved.account.code_hash, proved.values) == (EMPTY_CODE, (bytes(32),))


class Lying:
    """A node that gives the proof of something else, or leaves out the header."""

    def __init__(self, reader: Chain, *, block: Block | None = None, proof: AccountProof | None = None) -> None:
        self.block = block or reader.block
        self._reader, self._proof = reader, proof

    def proof(self, address: str, slots: tuple[bytes, ...]) -> AccountProof:
        return self._proof or self._reader.proof(address, slots)


def test_a_proof_of_another_slot_account_or_block_does_not_hold(reader: Chain, contract: str, chain: LocalNode) -> None:
    honest = reader.proof(contract, SLOTS)
    elsewhere = reader.proof(chain.account("carrier").address, SLOTS)
    cut = replace(honest, account_proof=honest.account_proof[:-1])
    fewer = replace(honest, storage=honest.storage[:1])
    liars = [Lying(reader, proof=proof) for proof in (elsewhere, cut, fewer)]
    real = reader.block
    blocks = [replace(real, header=header) for header in (b"", b"\xc0", real.header[:-1])]
    blocks += [replace(real, hash="0x" + "ab" * 32), replace(real, number=1), replace(real, time=datetime.now(UTC))]
    liars += [Lying(reader, block=block) for block in blocks]
    for liar in liars:
        with pytest.raises(SourceError) as found:
            storage(liar, contract, SLOTS)  # type: ignore[arg-type]
        assert found.value.doubt is Doubt.CHAIN_UNPROVED


def test_a_value_beside_the_proof_is_not_believed(reader: Chain, contract: str) -> None:
    honest = reader.proof(contract, SLOTS)
    (key, _, nodes), other = honest.storage
    claimed = replace(honest, storage=((key, (43).to_bytes(32), nodes), other), balance=10**30, code_hash=bytes(32))
    assert storage(Lying(reader, proof=claimed), contract, SLOTS).values[0] == (42).to_bytes(32)  # type: ignore[arg-type]


Spoil = Callable[[dict[str, Any]], Any]


def refuse(_: dict[str, Any]) -> None:
    raise RpcError(-32601, "the method eth_getProof does not exist")


BAD: dict[str, Spoil] = {
    "an account that ends too early": lambda found: {**found, "accountProof": found["accountProof"][:-1]},
    "another leaf": lambda found: {**found, "accountProof": [*found["accountProof"][:-1], "0xc0"]},
    "no account": lambda found: {**found, "accountProof": []},
    "a slot of another": lambda found: {
        **found,
        "storageProof": [{**entry, "proof": found["accountProof"]} for entry in found["storageProof"]],
    },
    "no slots": lambda found: {**found, "storageProof": []},
    "nonsense": lambda _: ["nonsense"],
    "nothing": lambda _: None,
    "a refusal": refuse,
}


@contextmanager
def nodes(chain: LocalNode, *spoils: Spoil | None) -> Iterator[list[str]]:
    """A node for each, all of one chain, whose proofs are spoilt so."""

    def answering(spoil: Spoil | None) -> Callable[[str, list[Any]], Any]:
        def answer(method: str, params: list[Any]) -> Any:
            found = chain.rpc(method, *params)
            return spoil(found) if spoil and method == "eth_getProof" else found

        return answer

    with ExitStack() as stack:
        yield [stack.enter_context(RpcServer(partial(respond, answer=answering(spoil)))).url for spoil in spoils]


def host(url: str) -> str:
    return url.removeprefix("http://").rstrip("/")


@pytest.mark.parametrize("agree", [1, 2])
@pytest.mark.parametrize("bad", BAD)
def test_one_node_whose_proof_does_not_hold_spoils_nothing_wherever_it_is_named(
    chain: LocalNode, contract: str, bad: str, agree: int
) -> None:
    for spoils in set(permutations((BAD[bad], None, None))):
        with nodes(chain, *spoils) as urls:
            reader = online(rpc={1337: urls}, resolver="udp://127.0.0.1:1", nodes_agree=agree).chain(1337)
            assert storage(reader, contract, SLOTS).values == ((42).to_bytes(32), bytes(32))
            at = spoils.index(BAD[bad])
            if agree == 1 and at > 0:  # nobody asked it
                assert reader.block.dissent == ()
            else:
                (said,) = reader.block.dissent
                assert str(said).startswith(f"{host(urls[at])} returned ")


@pytest.mark.parametrize("agree", [1, 2])
def test_without_a_proof_that_holds_nothing_is_proved_and_each_node_is_named(
    chain: LocalNode, contract: str, agree: int
) -> None:
    for one, other in permutations(BAD, 2):
        with nodes(chain, BAD[one], BAD[other]) as urls:
            reader = online(rpc={1337: urls}, resolver="udp://127.0.0.1:1", nodes_agree=agree).chain(1337)
            with pytest.raises(SourceError) as found:
                storage(reader, contract, SLOTS)
            assert found.value.doubt in (Doubt.CHAIN_UNPROVED, Doubt.CHAIN_BAD_ANSWER)
            assert all(host(url) in found.value.detail for url in urls)


def test_a_node_of_other_state_proves_nothing_beside_one_that_is_read(chain: LocalNode, contract: str) -> None:
    """A proof is of the pinned block, whatever block the other node likes better."""

    def older(method: str, params: list[Any]) -> Any:
        found = chain.rpc(method, *params)
        return chain.rpc(method, *params[:2], "0x0") if method == "eth_getProof" else found

    with RpcServer(partial(respond, answer=older)) as other, nodes(chain, refuse) as urls:
        reader = online(rpc={1337: [*urls, other.url]}, resolver="udp://127.0.0.1:1").chain(1337)
        with pytest.raises(SourceError) as found:
            storage(reader, contract, SLOTS)
    assert found.value.doubt is Doubt.CHAIN_UNPROVED
