"""A chain that holds nothing but the registry of did:ethr (ERC-1056), in a few lines of Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ebl.codes import Doubt
from ebl.did import ethr_registry as did_registry
from ebl.errors import SourceError
from ebl.ethereum import abi
from ebl.messages import own_words
from ebl.model.ports import Answer, Block, Log, Read

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ALICE = "0x1245e5B64D785b25057f7438F715f4aA5D965733"
BOB = "0xE712878f6E8d5d4F9e87E10DA604F9cB564C9a89"
FOREVER = 2**40


@dataclass
class Registry:
    """``blocks`` are the blocks in which something changed; every change is an event as the contract writes it."""

    id: int = 1
    block: Block = Block(1, 1000, "0x" + "00" * 32, NOW)
    owners: dict[str, str] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    events: list[Log] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    down: bool = False
    there: bool = True

    def own(self, account: str, owner: str, *, block: int) -> None:
        self._log(account, did_registry.OWNER_CHANGED, block, ["address"], [owner])
        self.owners[account] = account if int(owner, 16) == 0 else owner  # to the contract, nobody's is one's own

    def delegate(self, account: str, name: bytes, delegate: str, valid_to: int, *, block: int) -> None:
        values = [name.ljust(32, b"\0"), delegate, valid_to]
        self._log(account, did_registry.DELEGATE_CHANGED, block, ["bytes32", "address", "uint256"], values)

    def attribute(self, account: str, name: bytes, value: bytes, valid_to: int, *, block: int) -> None:
        values = [name.ljust(32, b"\0"), value, valid_to]
        self._log(account, did_registry.ATTRIBUTE_CHANGED, block, ["bytes32", "bytes", "uint256"], values)

    def _log(self, account: str, topic: bytes, block: int, types: list[str], values: list[object]) -> None:
        data = abi.encode([*types, "uint256"], [*values, self.last.get(account, 0)])
        topics = (topic, abi.encode_word("address", account))
        at = len(self.events)
        self.events.append(Log(did_registry.address(self.id), topics, data, block, at, "0x" + "00" * 32))
        self.last[account] = block

    def read(self, *reads: Read) -> tuple[Answer, ...]:
        if self.down:
            raise SourceError(Doubt.CHAIN_UNREACHABLE, own_words("down"))
        return tuple(self._read(read) for read in reads)

    def _read(self, read: Read) -> Answer:
        if not self.there or read.to != did_registry.address(self.id):
            return b""
        account = abi.decode_word("address", read.data[4:])
        if read.data == did_registry.identity_owner(account):
            self.asked.append("owner")
            return abi.encode(["address"], [self.owners.get(account, account)])
        assert read.data == did_registry.changed(account)
        self.asked.append("changed")
        return abi.encode(["uint256"], [self.last.get(account, 0)])

    def logs(self, addresses: Sequence[str], *, start: int, end: int | None = None) -> tuple[Log, ...]:
        assert list(addresses) == [did_registry.address(self.id)]
        assert start == end
        self.asked.append(f"logs {start}")
        return tuple(log for log in self.events if log.block_number == start)
