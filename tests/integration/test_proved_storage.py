"""Storage read with proof from real nodes; a node that changes anything of it is found out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tiny_contract import asking, creation, runtime

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.primitives.eth_proof import EMPTY_CODE
from ebl.primitives.keccak import keccak256
from ebl.registry import Call, Node, Outbox, send
from ebl.signers import LocalKey
from ebl.sources import AccountProof, Block, Chain, Sources
from ebl.status.proved import recheck, storage
from ebl.testing.chain import LocalNode

SLOTS = (bytes(32), (7).to_bytes(32))


@pytest.fixture
def contract(node: Node, outbox: Outbox, carrier: LocalKey, chain: LocalNode) -> str:
    receipt = send(Call(1337, None, creation(), "deploy"), signer=carrier, node=node, outbox=outbox)
    assert receipt.contract is not None
    send(Call(1337, receipt.contract, asking(2, 42), "store"), signer=carrier, node=node, outbox=outbox)
    return receipt.contract


@pytest.fixture
def reader(chain: LocalNode, contract: str) -> Chain:
    return Sources.online(rpc={1337: chain.url}, resolver="udp://127.0.0.1:1", now=datetime.now(UTC)).chain(1337)


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
