"""The table of known code says of the released contracts, as they lie on chain, what they are."""

from __future__ import annotations

from typing import Any

import pytest
from people import Ledger, Titles, deploy

from ebl.chain.contracts import known_code as known
from ebl.ethereum import abi
from ebl.testing.anvil import Anvil

NAMES = {"ours": known.OURS, "v5": "token-registry 5.5.1", "v4": "token-registry 4.16.0"}


@pytest.fixture(scope="module")
def ledger(anvil: Anvil) -> Ledger:
    anvil.rpc("anvil_autoImpersonateAccount", True)
    return Ledger(anvil)


def family(titles: Titles, registry: bytes) -> str | None:
    code = titles.ledger.code
    return known.family(registry=registry, factory=code(titles.factory), escrow=code(titles.implementation))


@pytest.mark.parametrize("make", NAMES)
def test_a_deployed_registry_is_known_and_belongs_to_its_factory_and_escrow(
    make: str, ledger: Ledger, released: dict[str, Any]
) -> None:
    titles = deploy(make, ledger, released)
    genesis = titles.ask(titles.registry_abi.GENESIS)
    code = ledger.code(titles.registry)
    assert family(titles, known.without_constants(code, factory=titles.factory, genesis=genesis)) == NAMES[make]
    other = known.without_constants(code, factory=titles.factory, genesis=genesis + 1)
    assert family(titles, other) == (known.OURS if make == "ours" else None)


@pytest.mark.parametrize("make", ["v5", "v4"])
def test_what_the_released_deployer_clones_is_known(make: str, ledger: Ledger, released: dict[str, Any]) -> None:
    titles = deploy(make, ledger, released)
    standard = ledger.deploy(bytes.fromhex(released[f"TradeTrustTokenStandard_{make}"]["creation"][2:]))
    assert family(titles, ledger.code(standard)) == NAMES[make]


def test_contracts_of_two_versions_are_no_family(ledger: Ledger, released: dict[str, Any]) -> None:
    older, newer = (deploy(make, ledger, released) for make in ("v4", "v5"))
    standard = ledger.deploy(bytes.fromhex(released["TradeTrustTokenStandard_v5"]["creation"][2:]))
    assert family(older, ledger.code(standard)) is None
    assert family(newer, ledger.code(standard)) == NAMES["v5"]


@pytest.mark.parametrize(
    ("name", "types", "said"),
    [
        ("DocumentStore_old", ("string", "address"), "document-store 4.1.1"),
        ("DocumentStore_new", ("string", "address"), "document-store 1.0.3"),
        ("TransferableDocumentStore_new", ("string", "string", "address"), "document-store 1.0.3, transferable"),
    ],
)
def test_a_deployed_store_is_known(
    name: str, types: tuple[str, ...], said: str, ledger: Ledger, released: dict[str, Any]
) -> None:
    arguments = (*("x" for type_ in types if type_ == "string"), ledger.who("carrier"))
    code = bytes.fromhex(released[name]["creation"][2:]) + abi.encode(types, arguments)
    assert known.store(ledger.code(ledger.deploy(code))) == said
