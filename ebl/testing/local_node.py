"""The JSON-RPC methods of a node that wallets, libraries and `ebl` itself use, on the chain in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from ebl.ethereum.address import checksummed
from ebl.testing import shapes
from ebl.testing.evm import GAS_LIMIT, Evm, EvmCall, EvmRefused, Mined, RevertedCall
from ebl.testing.rpc_server import RpcError
from ebl.testing.shapes import bytes_, hex_

PRIORITY_FEE = 10**9


class EvmNode:
    """A node that answers one request at a time. ``automine`` puts every transaction in a block of its own at once.

    A transaction with a later nonce is pending until those before it are mined. Without ``automine`` all transactions are pending
    until ``evm_mine``.
    """

    def __init__(self, evm: Evm) -> None:
        self.evm = evm
        self.automine = True
        self._lock = threading.RLock()
        self._pool: dict[tuple[bytes, int], Any] = {}
        self._snapshots: dict[int, int] = {}
        self._taken = 0
        self._methods = _methods(self)

    def request(self, method: str, params: list[Any]) -> Any:
        """The result of a method. Raises `RpcError` if the method fails."""
        answer = self._methods.get(method)
        if answer is None:
            raise RpcError(-32601, f"the method {method} does not exist/is not available")
        with self._lock:
            try:
                return answer(*params)
            except RevertedCall as reverted:
                raise RpcError(3, _reason(reverted.data), hex_(reverted.data)) from reverted
            except EvmRefused as refused:
                raise RpcError(-32000, str(refused)) from refused
            except (TypeError, ValueError, AttributeError, KeyError) as bad:
                raise RpcError(-32602, f"invalid argument: {bad}") from bad

    # Blocks

    def block_at(self, tag: Any) -> Mined:
        """The block that a tag, number or EIP-1898 object names; every mined block counts as final."""
        if isinstance(tag, Mapping):
            if "blockHash" in tag:
                found = self.evm.by_hash(bytes_(tag["blockHash"]))
                if found is None:
                    raise RpcError(-32000, "header for hash not found")
                return found
            tag = tag["blockNumber"]
        if tag in ("latest", "pending", "safe", "finalized", None):
            return self.evm.head
        number = 0 if tag == "earliest" else int(tag, 16)
        if not 0 <= number < len(self.evm.blocks):
            raise RpcError(-32000, "header not found")
        return self.evm.blocks[number]

    def get_block(self, tag: Any, full: bool = False) -> dict[str, Any] | None:
        try:
            mined = self.block_at({"blockHash": tag} if isinstance(tag, str) and len(tag) == 66 else tag)
        except RpcError:
            return None
        return shapes.block(mined, full)

    # State

    def call(self, call: Mapping[str, Any], tag: Any = "latest", *_overrides: Any) -> str:
        return hex_(self.evm.call(_call(call), self.block_at(tag)))

    def estimate(self, call: Mapping[str, Any], tag: Any = "latest", *_overrides: Any) -> str:
        return hex(self.evm.estimate(_call(call), self.block_at(tag)))

    def code(self, address: str, tag: Any = "latest") -> str:
        return hex_(self.evm.state(self.block_at(tag)).get_code(bytes_(address)))

    def balance(self, address: str, tag: Any = "latest") -> str:
        return hex(self.evm.state(self.block_at(tag)).get_balance(bytes_(address)))

    def storage(self, address: str, slot: str, tag: Any = "latest") -> str:
        value = self.evm.state(self.block_at(tag)).get_storage(bytes_(address), int(slot, 16))
        return hex_(value.to_bytes(32, "big"))

    def nonce(self, address: str, tag: Any = "latest") -> str:
        nonce = self.evm.state(self.block_at(tag)).get_nonce(bytes_(address))
        while tag == "pending" and (bytes_(address), nonce) in self._pool:
            nonce += 1
        return hex(nonce)

    def proof(self, address: str, slots: list[str], tag: Any = "latest") -> dict[str, Any]:
        mined = self.block_at(tag)
        keys = [int(slot, 16) for slot in slots]
        account, nodes, slot_nodes = self.evm.proof(bytes_(address), keys, mined)
        state = self.evm.state(mined)
        return {
            "address": checksummed(address.lower()),
            "balance": hex(account.balance),
            "nonce": hex(account.nonce),
            "codeHash": hex_(account.code_hash),
            "storageHash": hex_(account.storage_root),
            "accountProof": [hex_(node) for node in nodes],
            "storageProof": [
                {"key": slot, "value": hex(state.get_storage(bytes_(address), key)), "proof": [hex_(n) for n in found]}
                for slot, key, found in zip(slots, keys, slot_nodes, strict=True)
            ],
        }

    def logs(self, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        if "blockHash" in query:
            start = end = self.block_at({"blockHash": query["blockHash"]}).number
        else:
            start = self._height(query.get("fromBlock", "latest"))
            end = self._height(query.get("toBlock", "latest"))
        wanted = query.get("address") or []
        addresses = {bytes_(a) for a in ([wanted] if isinstance(wanted, str) else wanted)}
        topics = [_topic(topic) for topic in query.get("topics") or []]
        return [
            shapes.log(mined, tx_index, index, log)
            for mined, tx_index, index, log in self.evm.logs(start, end)
            if (not addresses or log.address in addresses) and _fits(log.topics, topics)
        ]

    def _height(self, tag: str) -> int:
        return int(tag, 16) if tag.startswith("0x") else self.block_at(tag).number

    # Transactions

    def send(self, raw: str) -> str:
        transaction = self.evm.decode(bytes_(raw))
        if transaction.chain_id != self.evm.chain_id:
            raise EvmRefused(f"invalid chain id for signer: have {transaction.chain_id} want {self.evm.chain_id}")
        sender, tx_hash = bytes(transaction.sender), bytes(transaction.hash)
        place = (sender, int(transaction.nonce))
        state = self.evm.state(self.evm.head)
        if self.evm.find(tx_hash) is not None or (place in self._pool and self._pool[place].hash == tx_hash):
            raise EvmRefused("already known")
        if transaction.nonce < state.get_nonce(sender):
            raise EvmRefused(f"nonce too low: next nonce {state.get_nonce(sender)}, tx nonce {transaction.nonce}")
        if transaction.gas > GAS_LIMIT:
            raise EvmRefused("exceeds block gas limit")
        if transaction.gas < transaction.intrinsic_gas:
            raise EvmRefused(
                f"intrinsic gas too low: gas {transaction.gas}, minimum needed {transaction.intrinsic_gas}"
            )
        cost = transaction.gas * transaction.max_fee_per_gas + transaction.value
        if state.get_balance(sender) < cost:
            raise EvmRefused(
                f"insufficient funds for gas * price + value: have {state.get_balance(sender)} want {cost}"
            )
        waiting = self._pool.get(place)
        if waiting is not None and not _outbids(transaction, waiting):
            raise EvmRefused("replacement transaction underpriced")
        self._pool[place] = transaction
        if self.automine:
            self._mine_ready()
        return hex_(tx_hash)

    def _mine_ready(self) -> None:
        while ready := self._ready():
            self._mine(ready)

    def _ready(self) -> list[Any]:
        """The transactions for the next block: for each sender, those that follow its nonce without a gap."""
        state = self.evm.state(self.evm.head)
        fee = self.evm.next_base_fee()
        chosen: list[Any] = []
        for sender in dict.fromkeys(sender for sender, _ in self._pool):
            nonce = state.get_nonce(sender)
            while (waiting := self._pool.get((sender, nonce))) is not None and waiting.max_fee_per_gas >= fee:
                chosen.append(waiting)
                nonce += 1
        return chosen

    def _mine(self, transactions: list[Any] | None = None) -> None:
        chosen = self._ready() if transactions is None else transactions
        left = [transaction for transaction, _ in self.evm.mine(chosen)]
        full = [tx for tx in left if tx.gas > GAS_LIMIT - int(self.evm.head.header.gas_used)]
        for transaction in chosen:
            if transaction not in full:
                self._pool.pop((bytes(transaction.sender), int(transaction.nonce)), None)

    def transaction(self, tx_hash: str) -> dict[str, Any] | None:
        found = self.evm.find(bytes_(tx_hash))
        if found is not None:
            return shapes.mined_transaction(*found)
        waiting = next((tx for tx in self._pool.values() if bytes(tx.hash) == bytes_(tx_hash)), None)
        return None if waiting is None else shapes.transaction(waiting)

    def receipt(self, tx_hash: str) -> dict[str, Any] | None:
        found = self.evm.find(bytes_(tx_hash))
        return None if found is None else shapes.receipt(self.evm, *found)

    def fee_history(self, count: Any, newest: Any, percentiles: Any = None) -> dict[str, Any]:
        last = self.block_at(newest).number
        wanted = min(int(count, 16) if isinstance(count, str) else count, 1024, last + 1)
        mined = self.evm.blocks[last + 1 - wanted : last + 1]
        fees = [int(m.header.base_fee_per_gas) for m in mined]
        after = (
            self.evm.next_base_fee()
            if last == self.evm.head.number
            else int(self.evm.blocks[last + 1].header.base_fee_per_gas)
        )
        history = {
            "oldestBlock": hex(last + 1 - wanted),
            "baseFeePerGas": [hex(fee) for fee in [*fees, after]],
            "gasUsedRatio": [int(m.header.gas_used) / GAS_LIMIT for m in mined],
        }
        if percentiles:
            history["reward"] = [[hex(PRIORITY_FEE)] * len(percentiles) for _ in mined]
        return history

    # Methods of test nodes only

    def mine(self, count: Any = 1, *_more: Any) -> str:
        for _ in range(int(count, 16) if isinstance(count, str) else count):
            self._mine()
        return "0x0"

    def snapshot(self) -> str:
        self._taken += 1
        self._snapshots[self._taken] = self.evm.head.number
        return hex(self._taken)

    def revert(self, snapshot: str) -> bool:
        """Restores a snapshot, and removes it and those after it."""
        taken = int(snapshot, 16)
        if taken not in self._snapshots:
            return False
        self.evm.truncate(self._snapshots[taken])
        self._snapshots = {number: height for number, height in self._snapshots.items() if number < taken}
        self._pool.clear()
        return True

    def reorganise(self, depth: int, *_transactions: Any) -> None:
        """Replaces the last ``depth`` blocks by as many empty ones."""
        self.evm.truncate(self.evm.head.number - depth)
        for _ in range(depth):
            self.evm.mine(extra=b"reorg")

    def set_automine(self, on: bool) -> None:
        self.automine = on
        if on:
            self._mine_ready()

    def set_balance(self, address: str, balance: str) -> None:
        self.evm.mine(change=lambda state: state.set_balance(bytes_(address), int(balance, 16)))

    def set_code(self, address: str, code: str) -> None:
        self.evm.mine(change=lambda state: state.set_code(bytes_(address), bytes_(code)))

    def set_storage(self, address: str, slot: str, value: str) -> bool:
        self.evm.mine(change=lambda state: state.set_storage(bytes_(address), int(slot, 16), int(value, 16)))
        return True

    def set_next_time(self, seconds: Any) -> None:
        self.evm.next_time = int(seconds, 16) if isinstance(seconds, str) else seconds

    def increase_time(self, seconds: Any) -> int:
        self.evm.time_offset += int(seconds, 16) if isinstance(seconds, str) else seconds
        return self.evm.time_offset


def _methods(node: EvmNode) -> dict[str, Callable[..., Any]]:
    evm = node.evm
    return {
        "eth_chainId": lambda: hex(evm.chain_id),
        "net_version": lambda: str(evm.chain_id),
        "net_listening": lambda: True,
        "web3_clientVersion": lambda: "ebl-local/py-evm",
        "eth_syncing": lambda: False,
        "eth_accounts": list,
        "eth_blockNumber": lambda: hex(evm.head.number),
        "eth_getBlockByNumber": node.get_block,
        "eth_getBlockByHash": node.get_block,
        "eth_call": node.call,
        "eth_estimateGas": node.estimate,
        "eth_getCode": node.code,
        "eth_getBalance": node.balance,
        "eth_getStorageAt": node.storage,
        "eth_getTransactionCount": node.nonce,
        "eth_getProof": node.proof,
        "eth_getLogs": node.logs,
        "eth_sendRawTransaction": node.send,
        "eth_getTransactionByHash": node.transaction,
        "eth_getTransactionReceipt": node.receipt,
        "eth_gasPrice": lambda: hex(evm.next_base_fee() + PRIORITY_FEE),
        "eth_maxPriorityFeePerGas": lambda: hex(PRIORITY_FEE),
        "eth_feeHistory": node.fee_history,
        "evm_mine": lambda *_: node.mine(),
        "anvil_mine": node.mine,
        "evm_snapshot": node.snapshot,
        "evm_revert": node.revert,
        "evm_setAutomine": node.set_automine,
        "evm_setNextBlockTimestamp": node.set_next_time,
        "evm_increaseTime": node.increase_time,
        "anvil_reorg": node.reorganise,
        "anvil_setBalance": node.set_balance,
        "anvil_setCode": node.set_code,
        "anvil_setStorageAt": node.set_storage,
    }


def _call(call: Mapping[str, Any]) -> EvmCall:
    data = call.get("input") or call.get("data") or "0x"
    return EvmCall(
        to=bytes_(call["to"]) if call.get("to") else None,
        data=bytes_(data),
        sender=bytes_(call["from"]) if call.get("from") else bytes(20),
        value=int(call.get("value") or "0x0", 16),
        gas=min(int(call["gas"], 16) if call.get("gas") else GAS_LIMIT, GAS_LIMIT),
    )


def _outbids(new: Any, old: Any) -> bool:
    """Whether both fees are at least 10 % higher, which nodes require of a replacement."""
    return bool(
        new.max_fee_per_gas * 10 >= old.max_fee_per_gas * 11
        and new.max_priority_fee_per_gas * 10 >= old.max_priority_fee_per_gas * 11
    )


def _reason(data: bytes) -> str:
    """``execution reverted``, with the text if the contract returned one (``Error(string)``)."""
    if data[:4] == bytes.fromhex("08c379a0") and len(data) >= 68:
        length = int.from_bytes(data[36:68], "big")
        return f"execution reverted: {data[68 : 68 + length].decode('utf-8', 'replace')}"
    return "execution reverted"


def _topic(topic: Any) -> set[int] | None:
    if topic is None:
        return None
    return {int(t, 16) for t in ([topic] if isinstance(topic, str) else topic)}


def _fits(topics: tuple[int, ...], wanted: list[set[int] | None]) -> bool:
    if len(wanted) > len(topics):
        return False
    return all(want is None or topic in want for topic, want in zip(topics, wanted, strict=False))
