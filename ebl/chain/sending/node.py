"""One node for sending transactions, over JSON-RPC.

A verification reads through `ebl.model.ports.Chain`, pinned to one block. Sending needs other methods of a node (pending
state, fees, receipts), which no verification may use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from ebl.chain.contracts import log_entry
from ebl.chain.sending.call import Call
from ebl.codes import Doubt
from ebl.config.networks import Gas, load
from ebl.errors import SourceError, TransactionError
from ebl.ethereum import json_values as rpc_values
from ebl.ethereum.json_values import MalformedValue, address, hash32, quantity
from ebl.model.ports import Answer, Fetch, Log, Reverted

T = TypeVar("T")
_NO_NONCE = 2**64 - 1
"""A number that is above every nonce (EIP-2681)."""


class NodeRefused(TransactionError):
    """The node returned an error. ``data`` is the data of a revert, if there is any."""

    def __init__(self, code: int, message: str, data: bytes | None = None) -> None:
        super().__init__(message)
        self.code, self.data = code, data

    def __str__(self) -> str:
        return f"{self.message} ({self.code})"


class NodeTransport(Protocol):
    """Sends one JSON-RPC request to a node."""

    def request(self, method: str, params: Sequence[Any]) -> Any:
        """Returns the ``result``. Raises `NodeRefused` if the node returns an error, `SourceError` if it does not respond."""


@dataclass(frozen=True, slots=True)
class Head:
    """One block's header, as far as sending needs it. ``base_fee`` is None if the chain has no EIP-1559. Wei, seconds."""

    number: int
    hash: str
    time: int
    base_fee: int | None
    gas_limit: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result of a transaction that is in a block. ``succeeded`` False means that it was included and reverted.

    ``finality`` is that of the block when this was read; ``resumed``: an earlier run had sent it. ``call`` is the move that was
    sent, in a receipt that `send` returned. Not checked: what the node reports about other transactions.
    """

    tx_hash: str
    succeeded: bool
    block_number: int
    block_hash: str
    sender: str
    contract: str | None
    gas_used: int
    gas_price: int
    logs: tuple[Log, ...] = ()
    finality: str = "latest"
    resumed: bool = False
    call: Call | None = field(default=None, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data, without the logs and the call."""
        return {
            "tx_hash": self.tx_hash,
            "succeeded": self.succeeded,
            "block_number": self.block_number,
            "block_hash": self.block_hash,
            "sender": self.sender,
            "contract": self.contract,
            "gas_used": self.gas_used,
            "fee_wei": self.gas_used * self.gas_price,
            "finality": self.finality,
            "resumed": self.resumed,
        }


@dataclass(frozen=True, slots=True)
class Node:
    """One node of one chain. Every method raises `SourceError` if the node returns no usable response.

    ``genesis`` is the hash of block 0 (0x…), which distinguishes chains with the same id; ``gas`` is how the chain prices gas;
    ``fetch`` queries its gas station, if it has one; ``coin`` is the name of the chain's coin, if it is known.
    """

    transport: NodeTransport
    chain_id: int
    genesis: str = ""
    gas: Gas = field(default_factory=Gas)
    fetch: Fetch | None = None
    coin: str | None = None

    @classmethod
    def over(
        cls,
        transport: NodeTransport,
        *,
        chain_id: int | None = None,
        gas: Gas | None = None,
        fetch: Fetch | None = None,
        coin: str | None = None,
    ) -> Node:
        """Queries the node for its chain. Raises `SourceError` (``chain.wrong_id``) unless it is ``chain_id``.

        Raises `SourceError` also if the node has no block 0, by which the journal is found: with another journal a move
        could be sent twice.

        The gas settings, the cap and the coin are those of the package's table, unless the caller gives others.
        """
        served = _read(quantity, transport.request("eth_chainId", []))
        if chain_id not in (None, served):
            raise SourceError(Doubt.CHAIN_WRONG_ID, "node", came=served, expected=chain_id)
        first = cls(transport, served).head(0)
        if first is None:
            raise SourceError(Doubt.CHAIN_BAD_ANSWER, "no_block_0")
        known = load().by_id(served)
        gas, coin = gas or (known.gas if known else Gas()), coin or (known.currency if known else None)
        return cls(transport, served, first.hash, gas, fetch, coin)

    def call(self, to: str | None, data: bytes, *, sender: str | None = None, at: int | str = "latest") -> Answer:
        """Returns what a transaction of ``sender`` would return, without sending it."""
        try:
            return _read(rpc_values.data, self._ask("eth_call", _fields(to, data, sender), _block(at)))
        except NodeRefused as refused:
            return Reverted(_revert_data(refused))

    def estimate_gas(self, to: str | None, data: bytes, *, sender: str) -> int:
        """Returns the gas that the transaction needs. Raises `NodeRefused` if it would revert."""
        return _read(quantity, self._ask("eth_estimateGas", _fields(to, data, sender)))

    def head(self, at: int | str = "latest") -> Head | None:
        """Returns the header of a block by number or tag; None if the node has no such block."""
        block = self._ask("eth_getBlockByNumber", _block(at), False)
        if block is None:
            return None
        try:
            fee = block.get("baseFeePerGas")
            return Head(
                number=quantity(block["number"]),
                hash=hash32(block["hash"]),
                time=quantity(block["timestamp"]),
                base_fee=None if fee is None else quantity(fee),
                gas_limit=quantity(block["gasLimit"]),
            )
        except (KeyError, AttributeError, MalformedValue) as bad:
            raise SourceError(Doubt.CHAIN_BAD_ANSWER, "no_block") from bad

    def nonce(self, account: str, *, at: str = "pending") -> int:
        """Returns the number of the account's transactions up to a block tag."""
        count = _read(quantity, self._ask("eth_getTransactionCount", account, at))
        if count >= _NO_NONCE:
            raise SourceError(Doubt.CHAIN_BAD_ANSWER, "no_nonce")
        return count

    def code(self, account: str) -> bytes:
        """Returns the code at an address; empty if there is no contract."""
        return _read(rpc_values.data, self._ask("eth_getCode", account, "latest"))

    def balance(self, account: str) -> int:
        """Returns the account's balance, in wei."""
        return _read(quantity, self._ask("eth_getBalance", account, "latest"))

    def gas_price(self) -> int:
        """Returns the legacy gas price that the node suggests, in wei."""
        return _read(quantity, self._ask("eth_gasPrice"))

    def priority_fee(self) -> int:
        """Returns the EIP-1559 tip that the node suggests, in wei."""
        return _read(quantity, self._ask("eth_maxPriorityFeePerGas"))

    def send(self, raw: bytes) -> str:
        """Broadcasts a signed transaction; returns its hash. Raises `NodeRefused` if the node refuses it."""
        return _read(hash32, self._ask("eth_sendRawTransaction", f"0x{raw.hex()}"))

    def knows(self, tx_hash: str) -> bool:
        """Whether the node has the transaction, pending or in a block."""
        return self._ask("eth_getTransactionByHash", tx_hash) is not None

    def receipt(self, tx_hash: str) -> Receipt | None:
        """Returns the receipt of a transaction; None while it is in no block."""
        found = self._ask("eth_getTransactionReceipt", tx_hash)
        try:
            if found is None or found.get("blockNumber") is None:
                return None
            receipt = _receipt(found)
        except (KeyError, TypeError, AttributeError, MalformedValue) as bad:
            raise SourceError(Doubt.CHAIN_BAD_ANSWER, "no_receipt") from bad
        if receipt.tx_hash != tx_hash.lower():
            raise SourceError(Doubt.CHAIN_BAD_ANSWER, "another_receipt")
        return receipt

    def _ask(self, method: str, *params: Any) -> Any:
        return self.transport.request(method, list(params))


def _fields(to: str | None, data: bytes, sender: str | None) -> dict[str, str]:
    fields = {"data": f"0x{data.hex()}"}
    if to is not None:
        fields["to"] = to
    if sender is not None:
        fields["from"] = sender
    return fields


def _receipt(found: Any) -> Receipt:
    contract = found.get("contractAddress")
    price = found.get("effectiveGasPrice")
    return Receipt(
        tx_hash=hash32(found["transactionHash"]),
        succeeded=quantity(found["status"]) == 1,
        block_number=quantity(found["blockNumber"]),
        block_hash=hash32(found["blockHash"]),
        sender=address(found["from"]),
        contract=None if contract is None else address(contract),
        gas_used=quantity(found["gasUsed"]),
        gas_price=0 if price is None else quantity(price),
        logs=tuple(log_entry.read(log) for log in found.get("logs", ())),
    )


def _revert_data(refused: NodeRefused) -> bytes:
    """Returns the data of a contract's revert; raises the error again if it is not a contract's."""
    if refused.data is not None:
        return refused.data
    if "revert" in refused.message.lower():
        return b""
    raise refused


def _block(at: int | str) -> str:
    return hex(at) if isinstance(at, int) else at


def _read(reader: Callable[[object], T], value: object) -> T:
    try:
        return reader(value)
    except MalformedValue as bad:
        raise SourceError(Doubt.CHAIN_BAD_ANSWER, "value", because=bad.reason) from bad
