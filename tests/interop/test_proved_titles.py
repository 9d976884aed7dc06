"""Titles of every make are proved by their storage in every state, and what a node says otherwise is found out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from people import Title, Titles

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.model.ports import AccountProof, Answer, Chain, CodeAt, Read
from ebl.registry import Registry, State, prove, title
from ebl.sources import online
from ebl.testing.anvil import Anvil


def reader(titles: Titles) -> Chain:
    node = titles.ledger.node
    return online(rpc={node.chain_id: node.url}).chain(node.chain_id)


def proved(titles: Titles) -> State:
    chain = reader(titles)
    found = title(chain, Registry(chain.id, titles.registry), 7)
    proofs = prove(chain, found)
    assert {proof.block.hash for proof in proofs} == {found.block.hash}
    return found.state


def test_a_title_is_proved_in_every_state(titles: Titles) -> None:
    assert proved(titles) is State.NOT_MINTED
    made = titles.mint("shipper", "shipper")
    assert proved(titles) is State.HELD
    made.move("transfer_owners", by="shipper", nominee="consignee", holder="bank")
    assert proved(titles) is State.HELD
    made.move("nominate", by="consignee", nominee="bank")
    assert proved(titles) is State.HELD
    made.move("transfer_beneficiary", by="bank", nominee="bank")
    made.move("return_to_issuer", by="bank")
    assert proved(titles) is State.RETURNED
    titles.move("pause")
    assert proved(titles) is State.RETURNED
    titles.move("unpause")
    titles.move("burn", token_id=7)
    assert proved(titles) is State.TAKEN_OUT


@pytest.mark.parametrize(
    "lie",
    [
        {"holder": "0x" + "11" * 20},
        {"beneficiary": "0x" + "11" * 20},
        {"nominee": "0x" + "11" * 20},
        {"state": State.RETURNED},
        {"state": State.NOT_MINTED},
        {"state": State.HOSTILE},
        {"paused": True},
        {"factory": "0x" + "11" * 20},
        {"genesis": 1_000_000},
        {"escrow": "0x" + "11" * 20},
        {"token_id": 8},
    ],
)
def test_what_a_node_says_otherwise_is_found_out(titles: Titles, split: Title, lie: dict[str, Any]) -> None:
    chain = reader(titles)
    found = title(chain, Registry(chain.id, titles.registry), 7)
    with pytest.raises(SourceError) as caught:
        prove(chain, replace(found, **lie))
    assert caught.value.doubt is Doubt.CHAIN_UNPROVED


class Altered:
    """A chain whose code or proofs a test changes."""

    def __init__(self, chain: Chain, code: Callable[[bytes], bytes], proof: Callable[[AccountProof], AccountProof]):
        self.chain, self.alter_code, self.alter_proof = chain, code, proof
        self.id, self.block = chain.id, chain.block

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        return tuple(self.alter_code(code) for code in self.chain.read(*reads) if isinstance(code, bytes))

    def proof(self, address: str, slots: Any) -> AccountProof:
        return self.alter_proof(self.chain.proof(address, slots))


@pytest.mark.parametrize(
    ("code", "proof"),
    [
        (lambda code: code + b"\0", lambda proof: proof),
        (
            lambda code: code,
            lambda proof: replace(proof, storage=proof.storage[::-1] or proof.storage, account_proof=()),
        ),
        (lambda code: code, lambda proof: replace(proof, storage=tuple((k, v, ()) for k, v, _ in proof.storage))),
    ],
)
def test_code_that_is_not_the_contracts_and_proofs_that_do_not_hold_are_found_out(
    titles: Titles, split: Title, code: Any, proof: Any
) -> None:
    chain = reader(titles)
    found = title(chain, Registry(chain.id, titles.registry), 7)
    with pytest.raises(SourceError) as caught:
        prove(Altered(chain, code, proof), found)  # type: ignore[arg-type]
    assert caught.value.doubt is Doubt.CHAIN_UNPROVED


def test_a_registry_of_unknown_code_is_not_proved_by_the_layout_of_another(titles: Titles, split: Title) -> None:
    node, chain = titles.ledger.node, reader(titles)
    found = title(chain, Registry(chain.id, titles.registry), 7)
    if not isinstance(node, Anvil):  # which alone puts code where it is told to
        return
    node.rpc("anvil_setCode", titles.registry, f"0x{titles.ledger.code(titles.registry).hex()}00")
    node.mine()
    with pytest.raises(SourceError, match="is unknown to this version"):
        prove(reader(titles), found)
