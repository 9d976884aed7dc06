"""Title contracts of any make on a local node, moved by people with names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
from eth_account import Account as Signer

from ebl.chain.contracts import (
    builds,
    erc165,
    events,
    title_escrow_factory,
    title_escrow_v4,
    title_escrow_v5,
    token_registry_v4,
    token_registry_v5,
)
from ebl.chain.contracts import role_names as roles
from ebl.chain.sending import refusals
from ebl.ethereum import abi
from ebl.ethereum.address import checksummed
from ebl.testing.anvil import Anvil
from ebl.testing.chain import LocalNode
from ebl.testing.rpc_server import RpcError

ZERO = "0x" + "00" * 20
GWEI = 10**9


class Refused(Exception):
    """A contract reverted with ``data``; ``name`` is the error's name, or its words."""

    def __init__(self, data: bytes) -> None:
        self.data, self.name = data, refusals.explain(data).error
        super().__init__(self.name)


@dataclass(frozen=True)
class Sent:
    """A transaction that succeeded: what it returned, logged and cost, and the contract that it made."""

    returned: bytes
    logs: tuple[tuple[str, tuple[bytes, ...], bytes], ...]
    gas: int
    contract: str | None

    @property
    def events(self) -> list[Any]:
        return [events.read(topics, data) for _, topics, data in self.logs]


@dataclass(frozen=True)
class Ledger:
    """One node. On anvil anybody can send without a key, contracts too; elsewhere the named accounts sign."""

    node: LocalNode

    def who(self, name: str) -> str:
        return name if name.startswith("0x") else self.node.account(name).address

    def call(self, to: str | None, data: bytes, *, by: str = "stranger", gas: int = 8_000_000) -> bytes:
        asked = {"from": self.who(by), "data": f"0x{data.hex()}", "gas": hex(gas)} | ({"to": to} if to else {})
        try:
            return bytes.fromhex(self.node.rpc("eth_call", asked, "latest")[2:])
        except RpcError as error:
            if error.data is None and "revert" not in error.message:
                raise
            raise Refused(bytes.fromhex((error.data or "0x")[2:])) from None

    def send(self, to: str | None, data: bytes, *, by: str) -> Sent:
        returned = self.call(to, data, by=by)
        receipt = self.node.receipt(self._submit(to, data, by))
        assert int(receipt["status"], 16) == 1
        return Sent(
            returned=returned,
            logs=tuple(
                (
                    checksummed(log["address"]),
                    tuple(bytes.fromhex(t[2:]) for t in log["topics"]),
                    bytes.fromhex(log["data"][2:]),
                )
                for log in receipt["logs"]
            ),
            gas=int(receipt["gasUsed"], 16),
            contract=checksummed(receipt["contractAddress"]) if to is None else None,
        )

    def deploy(self, creation: bytes, *, by: str = "carrier") -> str:
        address = self.send(None, creation, by=by).contract
        assert address is not None
        return address

    def code(self, address: str) -> bytes:
        return bytes.fromhex(self.node.rpc("eth_getCode", address, "latest")[2:])

    def slot(self, address: str, number: int) -> bytes:
        return bytes.fromhex(self.node.rpc("eth_getStorageAt", address, f"0x{number:064x}", "latest")[2:])

    def _submit(self, to: str | None, data: bytes, by: str) -> str:
        fields: dict[str, Any] = {"data": f"0x{data.hex()}"} | ({"to": to} if to else {})
        if isinstance(self.node, Anvil):
            fields |= {"from": self.who(by), "gas": hex(8_000_000)}
            return str(self.node.rpc("eth_sendTransaction", fields))
        nonce = int(self.node.rpc("eth_getTransactionCount", self.who(by), "latest"), 16)
        fields |= {"chainId": self.node.chain_id, "nonce": nonce, "gas": 8_000_000, "value": 0}
        fields |= {"maxFeePerGas": 3 * GWEI, "maxPriorityFeePerGas": GWEI}
        signed = Signer.sign_transaction(fields, self.node.account(by).key)
        return str(self.node.rpc("eth_sendRawTransaction", signed.raw_transaction.to_0x_hex()))


@dataclass(frozen=True)
class State:
    """A title as anybody can read it; people by name, and ``where`` its token is."""

    where: str
    beneficiary: str
    holder: str
    nominee: str = "nobody"
    previous_beneficiary: str = "nobody"
    previous_holder: str = "nobody"
    active: bool = True


@dataclass(frozen=True)
class Titles:
    """A registry and its factory, and the modules that speak to them. ``make``: ours, v5, v4."""

    make: str
    ledger: Ledger
    factory: str
    implementation: str
    registry: str

    @property
    def version(self) -> int:
        return 4 if self.make == "v4" else 5

    @property
    def registry_abi(self) -> ModuleType:
        return token_registry_v4 if self.version == 4 else token_registry_v5

    @property
    def escrow_abi(self) -> ModuleType:
        return title_escrow_v4 if self.version == 4 else title_escrow_v5

    def mint(self, beneficiary: str, holder: str, *, token_id: int = 7, by: str = "carrier", **more: Any) -> Title:
        who = self.ledger.who
        parties = {"beneficiary": who(beneficiary), "holder": who(holder)}
        self.move("mint", by=by, **parties, token_id=token_id, **more)
        return Title(self, token_id)

    def move(self, name: str, *, by: str = "carrier", **arguments: Any) -> Sent:
        """Something that the registry does, by the name of its builder."""
        return self.ledger.send(self.registry, getattr(self.registry_abi, name)(**arguments), by=by)

    def ask(self, function: Any, *values: Any) -> Any:
        return function.decode(self.ledger.call(self.registry, function(*values)))

    def grant(self, role: bytes, account: str, *, by: str = "carrier") -> Sent:
        return self.ledger.send(self.registry, roles.grant(role=role, account=self.ledger.who(account)), by=by)

    def name_of(self, address: str) -> str:
        names = {account.address: account.name for account in self.ledger.node.accounts}
        return {**names, ZERO: "nobody"}.get(address, address)


@dataclass(frozen=True)
class Title:
    """One title of a registry."""

    titles: Titles
    token_id: int

    @property
    def escrow(self) -> str:
        made = self.titles
        return title_escrow_factory.escrow_address(
            factory=made.factory, implementation=made.implementation, registry=made.registry, token_id=self.token_id
        )

    @property
    def state(self) -> State:
        titles, escrow_abi = self.titles, self.titles.escrow_abi
        places = {self.escrow: "escrow", titles.registry: "registry", token_registry_v5.BURNT: "taken out"}
        owner = titles.ask(titles.registry_abi.OWNER_OF, self.token_id)
        fields = {"beneficiary": "BENEFICIARY", "holder": "HOLDER", "nominee": "NOMINEE"}
        if titles.version == 5:
            fields |= {"previous_beneficiary": "PREVIOUS_BENEFICIARY", "previous_holder": "PREVIOUS_HOLDER"}
        people = {key: titles.name_of(self.ask(getattr(escrow_abi, name))) for key, name in fields.items()}
        return State(where=places.get(owner, owner), active=self.ask(escrow_abi.ACTIVE), **people)

    def ask(self, function: Any, *values: Any) -> Any:
        return function.decode(self.titles.ledger.call(self.escrow, function(*values)))

    def move(self, name: str, *, by: str, remark: bytes = b"", **people: str) -> Sent:
        """Something that the escrow does, by the name of its builder; people by name."""
        arguments = {key: self.titles.ledger.who(person) for key, person in people.items()}
        build = getattr(self.titles.escrow_abi, name)
        return self.titles.ledger.send(self.escrow, build(**arguments, remark=remark), by=by)


OLDER_WORDS = {
    "TokenNotReturnedToIssuer": "TokenNotSurrendered",
    "EnforcedPause": "Pausable: paused",
    "ExpectedPause": "Pausable: not paused",
    "AccessControlUnauthorizedAccount": "is missing role",
    "InvalidInitialization": "Initializable: contract is already initialized",
}


@contextmanager
def refused(titles: Titles, error: str) -> Iterator[None]:
    """Within, a contract refuses with this error, by its name in version 5."""
    expected = OLDER_WORDS.get(error, error) if titles.version == 4 else error
    with pytest.raises(Refused) as caught:
        yield
    assert expected in caught.value.name if expected else not caught.value.data


def deploy(make: str, ledger: Ledger, released: dict[str, Any]) -> Titles:
    """Factory and registry of one make, from the carrier's account. Same nonce, same addresses, whatever the make."""
    if make == "ours":
        factory_code, registry_code = (builds.load(name).creation for name in ("TitleEscrowFactory", "TokenRegistry"))
    else:
        factory_code, registry_code = (
            bytes.fromhex(released[f"{name}_{make}"]["creation"][2:])
            for name in ("TitleEscrowFactory", "TradeTrustToken")
        )
    factory = ledger.deploy(factory_code)
    arguments = abi.encode(("string", "string", "address"), ("Pacific Line", "PLB", factory))
    registry = ledger.deploy(registry_code + arguments)
    implementation = title_escrow_factory.IMPLEMENTATION.decode(
        ledger.call(factory, title_escrow_factory.IMPLEMENTATION())
    )
    return Titles(make, ledger, factory, implementation, registry)


def supports(ledger: Ledger, contract: str, interface: bytes) -> bool:
    return erc165.SUPPORTS_INTERFACE.decode(ledger.call(contract, erc165.SUPPORTS_INTERFACE(interface)))


PEOPLE = ("carrier", "shipper", "bank", "consignee", "stranger")
MOVES: dict[str, dict[str, str]] = {
    "nominate": {"nominee": "consignee"},
    "transfer_beneficiary": {"nominee": "consignee"},
    "transfer_holder": {"holder": "consignee"},
    "transfer_owners": {"nominee": "consignee", "holder": "consignee"},
    "return_to_issuer": {},
}
REJECTS = ("reject_transfer_beneficiary", "reject_transfer_holder", "reject_transfer_owners")


def moves(titles: Titles) -> dict[str, dict[str, str]]:
    return MOVES if titles.version == 4 else MOVES | {name: {} for name in REJECTS}
