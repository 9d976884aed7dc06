"""A title is read as it is, and a registry that contradicts itself is told apart from an honest one."""

from __future__ import annotations

from typing import Any

import pytest

from ebl.chain.contracts import erc165, title_escrow_factory, title_escrow_v5, token_registry_v5
from ebl.codes import Doubt, Failure
from ebl.errors import InvalidInput, Refuted, Unsupported
from ebl.model.ports import Reverted
from ebl.registry import Registry, State, history, title
from tests.unit.chain.titles.registry_chain import (
    ALICE,
    BOB,
    CAROL,
    DEAD,
    FACTORY,
    IMPLEMENTATION,
    REGISTRY,
    TOKEN,
    ZERO,
    RegistryChain,
    escrow_of,
    titled,
)

ESCROW = escrow_of()


def read(chain: RegistryChain) -> Any:
    return title(chain, Registry(chain.id, REGISTRY), TOKEN)


@pytest.mark.parametrize("version", [4, 5])
@pytest.mark.parametrize(
    ("owner", "state"),
    [
        ("escrow", State.HELD),
        ("registry", State.RETURNED),
        ("dead", State.TAKEN_OUT),
        ("nobody", State.NOT_MINTED),
    ],
)
def test_where_the_token_is_says_in_which_state_the_title_is(version: int, owner: str, state: State) -> None:
    chain = titled(version=version, owner=owner)
    found = read(chain)
    assert (found.state, found.version, found.escrow) == (state, version, ESCROW)
    assert chain.trips == 2


@pytest.mark.parametrize("ask", [title, history])
def test_what_is_no_address_is_the_callers_mistake_and_asks_nobody(ask: Any) -> None:
    chain = titled()
    with pytest.raises(InvalidInput, match="registry: expected 0x and 40 hex digits; got '0x12'"):
        ask(chain, Registry(1337, "0x12"), TOKEN)
    assert chain.trips == 0


@pytest.mark.parametrize("ask", [title, history])
def test_a_text_for_a_registry_is_the_callers_mistake_and_asks_nobody(ask: Any) -> None:
    chain = titled()
    with pytest.raises(InvalidInput, match=r"Expected a Registry.*registry_at"):
        ask(chain, REGISTRY, TOKEN)
    assert chain.trips == 0


@pytest.mark.parametrize("ask", [title, history])
def test_a_registry_of_another_chain_is_the_callers_mistake_and_asks_nobody(ask: Any) -> None:
    chain = titled()
    with pytest.raises(InvalidInput, match="is on chain 50; the chain read is 1337"):
        ask(chain, Registry(50, REGISTRY), TOKEN)
    assert chain.trips == 0


def test_everything_that_the_escrow_knows_is_read() -> None:
    found = read(titled(holder=BOB, nominee=CAROL, previous_holder=ALICE, remark=b"r"))
    assert (found.holder, found.beneficiary, found.nominee) == (BOB, ALICE, CAROL)
    assert (found.previous_holder, found.previous_beneficiary, found.remark) == (ALICE, None, b"r")
    assert (found.genesis, found.factory, found.paused, found.chain_id) == (5, FACTORY, False, 1337)
    assert found.to_dict()["token_id"] == "0x" + "07" * 32


def test_a_returned_title_names_its_last_parties_and_one_taken_out_nobody() -> None:
    assert read(titled(owner="registry", holder=BOB)).holder == BOB
    assert read(titled(owner="dead")).holder is None


def test_known_code_is_named_and_one_other_byte_makes_it_unknown() -> None:
    chain = titled()
    assert read(chain).code == "ebl"
    for address in (REGISTRY, FACTORY, IMPLEMENTATION):
        changed = titled()
        changed.codes[address] = changed.codes[address][:-1] + b"\xee"
        assert read(changed).code is None


def test_a_factory_that_did_not_make_its_implementation_costs_one_more_round_trip() -> None:
    chain = titled()
    elsewhere = escrow_of(implementation=CAROL)
    for (to, function), value in list(chain.says.items()):
        if to == ESCROW:
            chain.says[elsewhere, function] = value
    chain.says[FACTORY, title_escrow_factory.IMPLEMENTATION] = CAROL
    chain.says[FACTORY, title_escrow_factory.GET_ESCROW_ADDRESS_V5] = elsewhere
    chain.says[REGISTRY, token_registry_v5.OWNER_OF] = elsewhere
    chain.codes[elsewhere] = title_escrow_factory.clone(CAROL)
    chain.codes[CAROL] = chain.codes[IMPLEMENTATION]
    found = read(chain)
    assert (found.state, found.escrow, found.code) == (State.HELD, elsewhere, "ebl")
    assert chain.trips == 3


def says(address: str, function: Any, value: Any) -> Any:
    return lambda chain: chain.says.__setitem__((address, function), value)


@pytest.mark.parametrize(
    ("lie", "doubt"),
    [
        (says(REGISTRY, token_registry_v5.OWNER_OF, BOB), "expected its escrow"),
        (says(FACTORY, title_escrow_factory.GET_ESCROW_ADDRESS_V5, BOB), "the factory names the escrow"),
        (says(ESCROW, title_escrow_v5.REGISTRY, BOB), "does not name this registry"),
        (says(ESCROW, title_escrow_v5.TOKEN_ID, TOKEN + 1), "does not name this registry"),
        (says(ESCROW, title_escrow_v5.ACTIVE, False), "differ about whether"),
        (says(ESCROW, title_escrow_v5.IS_HOLDING_TOKEN, False), "differ about where"),
        (says(ESCROW, title_escrow_v5.HOLDER, ZERO), "no holder or no beneficiary"),
        (says(ESCROW, title_escrow_v5.HOLDER, Reverted(b"")), "no holder or no beneficiary"),
        (says(ESCROW, title_escrow_v5.ACTIVE, b"\xff" * 32), "differ about whether"),
        (lambda chain: chain.says.pop((ESCROW, erc165.TITLE_ESCROW_V5)), "does not name"),
        (lambda chain: chain.codes.__setitem__(ESCROW, b"\x60"), "not a plain proxy"),
        (lambda chain: chain.codes.pop(ESCROW), "not a plain proxy"),
        (says(REGISTRY, token_registry_v5.OWNER_OF, DEAD), "differ about whether"),
        (says(REGISTRY, token_registry_v5.OWNER_OF, ZERO), None),
    ],
)
def test_a_registry_that_contradicts_itself_is_hostile(lie: Any, doubt: str | None) -> None:
    chain = titled()
    lie(chain)
    found = read(chain)
    if doubt is None:
        assert found.state is State.NOT_MINTED
        return
    assert found.state is State.HOSTILE
    assert any(doubt in str(said) for said in found.doubts)


@pytest.mark.parametrize(
    "change",
    [
        lambda chain: chain.codes.clear(),
        says(REGISTRY, erc165.MINTABLE_V4, True),
        lambda chain: chain.says.pop((REGISTRY, token_registry_v5.GENESIS)),
        says(REGISTRY, token_registry_v5.OWNER_OF, Reverted(b"\1\2\3\4")),
        says(REGISTRY, token_registry_v5.OWNER_OF, b""),
        says(REGISTRY, token_registry_v5.PAUSED, b"\xff" * 32),
    ],
)
def test_what_is_no_registry_is_refused(change: Any) -> None:
    chain = titled()
    change(chain)
    with pytest.raises(Refuted) as refused:
        read(chain)
    assert refused.value.failure is Failure.NO_CONTRACT


def test_a_registry_of_a_version_that_is_not_known_here_is_a_doubt() -> None:
    chain = titled()
    chain.says.pop((REGISTRY, erc165.MINTABLE_V5))  # it answers all else as a registry does
    with pytest.raises(Unsupported, match="these are: 4, 5") as unknown:
        read(chain)
    assert unknown.value.doubt is Doubt.UNSUPPORTED_STATUS


def test_the_newer_words_for_a_token_that_does_not_exist_are_understood() -> None:
    chain = titled(owner="nobody")
    chain.says[REGISTRY, token_registry_v5.OWNER_OF] = Reverted(bytes.fromhex("7e273289") + bytes(32))
    assert read(chain).state is State.NOT_MINTED
