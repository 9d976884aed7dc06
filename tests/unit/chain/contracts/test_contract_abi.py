"""Every selector, return type and topic here is that of the released contracts (tests/vectors/contracts.json)."""

from __future__ import annotations

import json
from inspect import isfunction, signature
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ebl.chain.contracts import document_store_abi as document_store
from ebl.chain.contracts import (
    erc165,
    events,
    registry_deployer,
    title_escrow_factory,
    title_escrow_v4,
    title_escrow_v5,
    token_registry_v4,
    token_registry_v5,
    transferable_store,
)
from ebl.chain.contracts import role_names as roles
from ebl.chain.contracts.abi_types import Function
from ebl.chain.sending import refusals
from ebl.errors import InvalidInput
from ebl.ethereum.abi import topic as topic_of

RELEASED: dict[str, Any] = json.loads((Path(__file__).parents[3] / "vectors" / "contracts.json").read_text("utf-8"))

MODULES = [
    (title_escrow_v4, "TitleEscrow_v4"),
    (token_registry_v4, "TradeTrustToken_v4"),
    (title_escrow_v5, "TitleEscrow_v5"),
    (token_registry_v5, "TradeTrustToken_v5"),
    (registry_deployer, "TDocDeployer_v4"),
    (registry_deployer, "TDocDeployer_v5"),
    (transferable_store, "TransferableDocumentStore_new"),
    (roles, "TradeTrustToken_v4"),
    (roles, "TradeTrustToken_v5"),
    (erc165, "TradeTrustToken_v5"),
]


def functions(module: ModuleType) -> dict[str, Function[Any]]:
    return {name: value for name, value in vars(module).items() if isinstance(value, Function)}


@pytest.mark.parametrize(("module", "contract"), MODULES, ids=lambda value: getattr(value, "__name__", value))
def test_a_function_has_the_released_selector_and_return_type(module: ModuleType, contract: str) -> None:
    released = RELEASED[contract]["functions"]
    assert functions(module)
    for function in functions(module).values():
        assert released[function.signature] == [function.selector.hex(), function.returns], function.signature


@pytest.mark.parametrize(
    ("module", "contracts"),
    [
        (title_escrow_factory, ("TitleEscrowFactory_v4", "TitleEscrowFactory_v5")),
        (document_store, ("DocumentStore_old", "DocumentStore_new")),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_module_for_two_contracts_has_the_functions_of_either(module: ModuleType, contracts: tuple[str, str]) -> None:
    first, second = (RELEASED[contract]["functions"] for contract in contracts)
    for function in functions(module).values():
        assert [function.selector.hex(), function.returns] in (
            first.get(function.signature),
            second.get(function.signature),
        )


CALLABLE = {
    "TitleEscrow_v4": (title_escrow_v4, erc165),
    "TitleEscrow_v5": (title_escrow_v5, erc165),
    "TradeTrustToken_v4": (token_registry_v4, roles, erc165),
    "TradeTrustToken_v5": (token_registry_v5, roles, erc165),
    "TitleEscrowFactory_v4": (title_escrow_factory,),
    "TitleEscrowFactory_v5": (title_escrow_factory,),
    "DocumentStore_old": (document_store, roles, erc165),
    "DocumentStore_new": (document_store, roles, erc165),
}


@pytest.mark.parametrize("contract", CALLABLE)
def test_every_function_of_a_contract_can_be_called(contract: str) -> None:
    ours = {function.signature for module in CALLABLE[contract] for function in functions(module).values()}
    not_for_callers = {"onERC721Received(address,address,uint256,bytes)"}
    assert {
        function
        for function in RELEASED[contract]["functions"]
        if function not in ours | not_for_callers and not function.endswith("_ROLE()")
    } == set()


@pytest.mark.parametrize(
    ("newer", "older"),
    [(title_escrow_v5, title_escrow_v4), (token_registry_v5, token_registry_v4)],
    ids=["escrow", "registry"],
)
def test_version_4_is_spoken_to_by_the_names_of_version_5_without_remarks(newer: ModuleType, older: ModuleType) -> None:
    moves = [name for name, value in vars(older).items() if isfunction(value) and name != "require_none"]
    some = {"remark": b"x", "uri": "u", "token_id": 7} | dict.fromkeys(
        ("nominee", "holder", "beneficiary"), token_registry_v5.BURNT
    )
    assert moves
    for name in moves:
        asked = signature(getattr(newer, name)).parameters
        assert asked == signature(getattr(older, name)).parameters
        getattr(older, name)(**{key: some[key] for key in asked if key != "remark"})
        if "remark" in asked:
            with pytest.raises(InvalidInput, match="version 4, which stores no remarks"):
                getattr(older, name)(**{key: some[key] for key in asked})


def test_a_registry_is_asked_of_the_deployer_with_its_name_symbol_and_administrator() -> None:
    admin = "0x" + "11" * 20
    data = registry_deployer.deploy(implementation="0x" + "22" * 20, name="Pacific Line", symbol="PLB", admin=admin)
    implementation, params = registry_deployer.DEPLOY.arguments(data)
    assert implementation == "0x" + "22" * 20
    assert registry_deployer.parameters(params) == ("Pacific Line", "PLB", admin)


@pytest.mark.parametrize("contract", RELEASED)
def test_every_refusal_of_a_contract_is_explained_by_name(contract: str) -> None:
    beside_the_point = ("ERC721", "ERC1967", "UUPS", "Ownable", "Strings", "Failed", "Insufficient", "AddressEmpty")
    beside_the_point += ("NotInitializing", "InvalidImplementation", "ImplementationAlreadyAdded")
    for error, selector in RELEASED[contract]["errors"].items():
        if not error.startswith(beside_the_point):
            refusal = refusals.explain(bytes.fromhex(selector) + bytes(96))
            assert refusal.error == error.split("(")[0]
            assert refusal.sentence.endswith(".")


@pytest.mark.parametrize("contract", RELEASED)
def test_every_event_that_matters_is_known_by_its_topic(contract: str) -> None:
    ours = {shape.declaration: shape.topic.hex() for shape in events.BY_TOPIC.values()}
    beside_the_point = {"Approval", "ApprovalForAll", "Locked", "Unlocked", "AddImplementation", "AdminChanged"}
    beside_the_point |= {"BeaconUpgraded", "OwnershipTransferred", "Upgraded"}
    for declaration, topic in RELEASED[contract]["events"].items():
        if declaration.split("(")[0] not in beside_the_point:
            assert ours[declaration] == topic


def test_role_ids_are_the_hashes_of_their_names() -> None:
    # The ids as block explorers show them.
    assert roles.MINTER.hex().startswith("9f2df0fe")
    assert roles.ACCEPTER.hex().startswith("e5fe4715")
    assert roles.RESTORER.hex().startswith("4aca127b")
    assert roles.ISSUER.hex().startswith("114e74f6")
    assert roles.REVOKER.hex().startswith("ce3f3491")


def test_calldata_decodes_to_its_arguments_and_answers_to_their_value() -> None:
    shipper, bank = "0x" + "11" * 20, "0x" + "22" * 20
    data = token_registry_v5.mint(beneficiary=shipper, holder=bank, token_id=7, remark=b"first")
    assert token_registry_v5.MINT.arguments(data) == (shipper, bank, 7, b"first")
    assert token_registry_v5.OWNER_OF.decode(bytes(12) + b"\x11" * 20) == shipper
    with pytest.raises(ValueError, match="expected calldata of burn"):
        token_registry_v5.BURN.arguments(data)
    with pytest.raises(ValueError, match="expected 32 bytes for address; got 0"):
        token_registry_v5.OWNER_OF.decode(b"")


@pytest.mark.parametrize("length", [0, 120])
def test_a_remark_that_fits_is_taken(length: int) -> None:
    remark = b"x" * length
    assert title_escrow_v5.RETURN_TO_ISSUER.arguments(title_escrow_v5.return_to_issuer(remark=remark)) == (remark,)


def test_a_remark_above_120_bytes_is_refused_before_it_costs_gas() -> None:
    with pytest.raises(InvalidInput, match="at most 120 bytes; found 121"):
        title_escrow_v5.transfer_holder(holder=token_registry_v5.BURNT, remark=b"x" * 121)


def test_the_address_of_an_escrow_follows_from_factory_implementation_registry_and_token() -> None:
    # Computed by the released factory on a local node: see tests/interop.
    parts = {
        "factory": "0x5FbDB2315678afecb367f032d93F642f64180aa3",
        "implementation": "0xa16E02E87b7454126E5E10d957A927A7F5B5d2be",
        "registry": "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512",
    }
    address = title_escrow_factory.escrow_address(**parts, token_id=7)
    assert address == "0x86F7BAa0dD0C0F45cE966231b2A00207f8008061"
    assert address != title_escrow_factory.escrow_address(**parts, token_id=8)


def test_a_minimal_proxy_names_its_implementation_and_nothing_else_does() -> None:
    implementation = "0xa16E02E87b7454126E5E10d957A927A7F5B5d2be"
    code = title_escrow_factory.clone(implementation)
    assert len(code) == 45
    assert title_escrow_factory.implementation_of(code) == implementation
    for other in (b"", code[:-1], code + b"\0", b"\x36\x3d" + code[2:][:-1] + b"\xf4"):
        assert title_escrow_factory.implementation_of(other) is None


def test_an_event_is_read_into_its_class_and_a_version_4_event_has_no_remark() -> None:
    a, b, registry = (bytes(12) + bytes([n]) * 20 for n in (1, 2, 3))
    plain = registry + (7).to_bytes(32, "big")
    with_remark = plain + (96).to_bytes(32, "big") + (2).to_bytes(32, "big") + b"hi".ljust(32, b"\0")
    v4, v5 = (topic_of(f"HolderTransfer(address,address,address,uint256{tail})") for tail in ("", ",bytes"))
    expected = ("0x" + "01" * 20, "0x" + "02" * 20, "0x" + "03" * 20, 7)
    assert events.read((v4, a, b), plain) == events.HolderTransfer(*expected, remark=None)
    assert events.read((v5, a, b), with_remark) == events.HolderTransfer(*expected, remark=b"hi")
    assert events.read((bytes(32), a, b), plain) is None
    assert events.read((), plain) is None


@pytest.mark.parametrize(
    ("topics", "data"),
    [
        ((b"\1" * 32,), bytes(64)),  # a topic short
        ((bytes(32), bytes(32)), bytes(32)),  # data short
        ((bytes(32), bytes(32)), bytes(96)),  # data long
        ((b"\1" * 32, bytes(32)), bytes(64)),  # no address
    ],
)
def test_a_known_event_that_is_malformed_is_refused(topics: tuple[bytes, ...], data: bytes) -> None:
    with pytest.raises(ValueError, match="expected"):
        events.read((topic_of("HolderTransfer(address,address,address,uint256)"), *topics), data)
