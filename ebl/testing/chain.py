"""A local Ethereum node for tests and demos: embedded (pip only) or anvil, with one small interface."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from ebl.errors import InvalidInput, MissingExtra
from ebl.ethereum import secp256k1
from ebl.ethereum.keccak import keccak256
from ebl.testing.rpc_server import RpcServer, respond

CHAIN_ID = 1337
ROLES = ("carrier", "shipper", "bank", "advising_bank", "consignee", "agent", "issuer", "stranger", "spare1", "spare2")
_ETHER = 10**18
BALANCE = 10_000 * _ETHER


@dataclass(frozen=True, slots=True)
class Account:
    """A funded account on a local chain. Its key is derived from its name, so it is public and has no value.

    ``key`` is 0x + 64 hex; ``address`` checksummed.
    """

    name: str
    key: str
    address: str

    @classmethod
    def named(cls, name: str) -> Account:
        """The account of a role, which is the same on every local chain."""
        key = keccak256(f"ebl test account {name}".encode())
        return cls(name, f"0x{key.hex()}", secp256k1.address_of(key))


class LocalNode(ABC):
    """A node that this process started, with ten funded accounts. Use as a context manager, or call `stop`.

    ``url`` is a JSON-RPC address on the loopback; ``accounts`` are in the order of ``ROLES``.
    """

    url: str
    chain_id: int
    accounts: tuple[Account, ...]

    @abstractmethod
    def rpc(self, method: str, *params: Any) -> Any:
        """The result of one JSON-RPC method. Raises `ebl.testing.rpc_server.RpcError` if the node returns an error."""

    @abstractmethod
    def stop(self) -> None:
        """Releases the port, threads and processes; may be called twice."""

    def account(self, name: str) -> Account:
        """The funded account of a role."""
        for account in self.accounts:
            if account.name == name:
                return account
        raise InvalidInput(
            f"no account is named {name!r}.", fix=f"Use one of {', '.join(ROLES)}, or fund() an address."
        )

    def snapshot(self) -> str:
        """Records the state, so that `revert` can restore it once."""
        return str(self.rpc("evm_snapshot"))

    def revert(self, snapshot: str) -> None:
        """Restores a snapshot, which can be used once. Raises `InvalidInput` if there is none."""
        if self.rpc("evm_revert", snapshot) is not True:
            raise InvalidInput(f"there is no snapshot {snapshot}.", fix="Take a new one: each can be used once.")

    def mine(self, blocks: int = 1) -> None:
        """Adds blocks, which include the pending transactions."""
        self.rpc("anvil_mine", hex(blocks))

    def receipt(self, tx_hash: str, *, seconds: float = 60) -> Any:
        """The receipt of a transaction. Waits for it, because a node may return the hash before it has mined the transaction.

        Raises `InvalidInput` if there is none after ``seconds``.
        """
        deadline = time.monotonic() + seconds
        while (receipt := self.rpc("eth_getTransactionReceipt", tx_hash)) is None:
            if time.monotonic() > deadline:
                raise InvalidInput(f"no block took the transaction {tx_hash}.", fix="mine() one, or turn automine on.")
            time.sleep(0.005)
        return receipt

    def fund(self, address: str, ether: int = 10_000) -> None:
        """Sets the balance of an account."""
        self.rpc("anvil_setBalance", address, hex(ether * _ETHER))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class LocalChain(LocalNode):
    """A chain in this process, on py-evm (the extra ``local``), served over HTTP on a free loopback port.

    Every transaction is mined at once into a block of its own; after ``rpc("evm_setAutomine", False)`` they stay pending. The
    tags ``safe`` and ``finalized`` mean the newest block. ``clock`` returns Unix seconds for the blocks' timestamps.
    """

    def __init__(
        self, *, chain_id: int = CHAIN_ID, roles: Sequence[str] = ROLES, clock: Callable[[], float] = time.time
    ) -> None:
        from ebl.testing.evm import Evm
        from ebl.testing.local_node import EvmNode

        self.chain_id = chain_id
        self.accounts = tuple(Account.named(name) for name in roles)
        balances = {bytes.fromhex(account.address[2:]): BALANCE for account in self.accounts}
        try:
            self._node = EvmNode(Evm(chain_id, balances, clock))
        except ImportError as missing:
            raise MissingExtra("local") from missing
        self._server = RpcServer(lambda body: respond(body, self._node.request))
        self.url = self._server.url

    @property
    def requests(self) -> int:
        """How many HTTP requests were made."""
        return self._server.requests

    def rpc(self, method: str, *params: Any) -> Any:
        """The result of one method, called in this process."""
        return self._node.request(method, list(params))

    def stop(self) -> None:
        """Closes the HTTP port; the chain itself needs no closing."""
        self._server.stop()
