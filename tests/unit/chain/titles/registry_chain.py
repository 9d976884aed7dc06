"""A chain with one registry and one title, whose every answer a test can change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ebl.chain.contracts import (
    builds,
    erc165,
    title_escrow_factory,
    title_escrow_v4,
    title_escrow_v5,
    token_registry_v5,
)
from ebl.chain.contracts import role_names as roles
from ebl.ethereum import abi, rlp
from ebl.ethereum.address import checksummed
from ebl.ethereum.keccak import keccak256
from ebl.model.ports import Answer, Block, CodeAt, Log, Read, Reverted

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
REGISTRY = checksummed("0x" + "12" * 20)
FACTORY = checksummed("0x" + "34" * 20)
IMPLEMENTATION = checksummed(f"0x{keccak256(rlp.encode([bytes.fromhex(FACTORY[2:]), 1]))[12:].hex()}")
ZERO = "0x" + "00" * 20
DEAD = token_registry_v5.BURNT
ALICE, BOB, CAROL = (checksummed("0x" + digits * 20) for digits in ("a1", "b2", "c3"))
TOKEN = int.from_bytes(b"\7" * 32)
NEVER_MINTED = Reverted(abi.call("Error(string)", "ERC721: owner query for nonexistent token"))


def escrow_of(
    implementation: str = IMPLEMENTATION, factory: str = FACTORY, *, registry: str = REGISTRY, token: int = TOKEN
) -> str:
    return title_escrow_factory.escrow_address(
        factory=factory, implementation=implementation, registry=registry, token_id=token
    )


def encoded(function: Any, value: Any) -> bytes:
    return abi.encode((function.returns,), (value,))


@dataclass
class RegistryChain:
    """Implements `ebl.model.ports.Chain`. ``says`` maps an address and a function to the value that it returns.

    ``code`` is by address; what is in neither reverts, or is empty. ``trips`` counts round trips.
    """

    version: int = 5
    owner: str | None = None
    says: dict[tuple[str, Any], Any] = field(default_factory=dict)
    codes: dict[str, bytes] = field(default_factory=dict)
    events: list[Log] = field(default_factory=list)
    members: set[tuple[bytes, str]] = field(default_factory=set)
    trips: int = 0
    id: int = 1337
    block: Block = Block(1337, 70, "0x" + "00" * 32, NOW)

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        self.trips += 1
        return tuple(self._code(read.to) if isinstance(read, CodeAt) else self._call(read) for read in reads)

    def code(self, address: str) -> bytes:
        self.trips += 1
        return self._code(address)

    def logs(self, addresses: Sequence[str], *, start: int, end: int | None = None) -> tuple[Log, ...]:
        self.trips += 1
        return tuple(log for log in self.events if log.address in addresses and log.block_number >= start)

    def _code(self, address: str) -> bytes:
        return self.codes.get(address, b"")

    def _call(self, read: Read) -> Answer:
        if read.to not in self.codes:
            return b""
        selector = read.data[:4]
        if selector == erc165.SUPPORTS_INTERFACE.selector:
            return encoded(erc165.SUPPORTS_INTERFACE, (read.to, read.data[4:8]) in self.says)
        if selector == roles.HAS_ROLE.selector:
            return encoded(roles.HAS_ROLE, roles.HAS_ROLE.arguments(read.data) in self.members)
        for (to, function), value in self.says.items():
            if to == read.to and not isinstance(function, bytes) and function.selector == selector:
                return (
                    value
                    if isinstance(value, Reverted | bytes) and function.returns != "bytes"
                    else encoded(function, value)
                )
        return Reverted(b"")


def titled(
    *,
    version: int = 5,
    owner: str = "escrow",
    holder: str = ALICE,
    beneficiary: str = ALICE,
    at: str = REGISTRY,
    token: int = TOKEN,
    **more: Any,
) -> RegistryChain:
    """An honest registry, whose title's token is with ``owner``: escrow, registry, dead, or nobody."""
    modern = version == 5
    escrow_abi: Any = title_escrow_v5 if modern else title_escrow_v4
    escrow = escrow_of(registry=at, token=token)
    owners = {"escrow": escrow, "registry": at, "dead": DEAD, "nobody": NEVER_MINTED}
    over = owner == "dead"
    lookup = title_escrow_factory.GET_ESCROW_ADDRESS_V5 if modern else title_escrow_factory.GET_ADDRESS_V4
    registry = token_registry_v5
    says: dict[tuple[str, Any], Any] = {
        (at, registry.OWNER_OF): owners[owner],
        (at, registry.TITLE_ESCROW_FACTORY): FACTORY,
        (at, registry.GENESIS): 5,
        (at, registry.PAUSED): False,
        (at, erc165.MINTABLE_V5 if modern else erc165.MINTABLE_V4): True,
        (FACTORY, title_escrow_factory.IMPLEMENTATION): IMPLEMENTATION,
        (FACTORY, lookup): escrow,
    }
    codes = {
        at: builds.load("TokenRegistry").runtime,
        FACTORY: builds.load("TitleEscrowFactory").runtime,
        IMPLEMENTATION: builds.load("TitleEscrow").runtime,
    }
    if owner != "nobody":
        codes[escrow] = title_escrow_factory.clone(IMPLEMENTATION)
        says |= {
            (escrow, erc165.TITLE_ESCROW_V5 if modern else erc165.TITLE_ESCROW_V4): True,
            (escrow, escrow_abi.REGISTRY): at,
            (escrow, escrow_abi.TOKEN_ID): token,
            (escrow, escrow_abi.HOLDER): ZERO if over else holder,
            (escrow, escrow_abi.BENEFICIARY): ZERO if over else beneficiary,
            (escrow, escrow_abi.NOMINEE): more.get("nominee", ZERO),
            (escrow, escrow_abi.ACTIVE): not over,
            (escrow, escrow_abi.IS_HOLDING_TOKEN): owner == "escrow",
        }
        if modern:
            says |= {
                (escrow, title_escrow_v5.PREVIOUS_HOLDER): more.get("previous_holder", ZERO),
                (escrow, title_escrow_v5.PREVIOUS_BENEFICIARY): more.get("previous_beneficiary", ZERO),
                (escrow, title_escrow_v5.REMARK): more.get("remark", b""),
            }
    return RegistryChain(version=version, says=says, codes=codes)
