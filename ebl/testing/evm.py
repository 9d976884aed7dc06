"""An Ethereum chain in memory, on py-evm: blocks, calls, logs and real Merkle proofs, for tests and demos only.

py-evm provides the virtual machine and the state trie. This module keeps the chain itself (blocks, pending transactions,
snapshots) in plain lists, because a test chain has one miner and no forks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

GAS_LIMIT = 30_000_000


class EvmRefused(Exception):
    """Raised if the chain refuses a transaction or cannot run a call. The text is the one that common nodes return."""


class RevertedCall(Exception):
    """Raised if the contract reverts a call; ``data`` is what it returned."""

    def __init__(self, data: bytes) -> None:
        super().__init__("execution reverted")
        self.data = data


@dataclass(frozen=True, slots=True)
class Mined:
    """One block with the receipts of its transactions, in order."""

    block: Any
    receipts: tuple[Any, ...]

    @property
    def header(self) -> Any:
        return self.block.header

    @property
    def number(self) -> int:
        return int(self.header.block_number)

    @property
    def hash(self) -> bytes:
        return bytes(self.header.hash)


@dataclass(frozen=True, slots=True)
class EvmCall:
    """The arguments of ``eth_call`` and ``eth_estimateGas``. ``to`` None creates a contract; addresses are 20 bytes."""

    to: bytes | None
    data: bytes = b""
    sender: bytes = bytes(20)
    value: int = 0
    gas: int = GAS_LIMIT


class Evm:
    """A chain with one miner. Not thread-safe: the node serialises its requests.

    ``balances`` are in wei by 20-byte address; ``clock`` returns Unix seconds. Blocks never share a timestamp.
    """

    def __init__(self, chain_id: int, balances: Mapping[bytes, int], clock: Callable[[], float]) -> None:
        # py-evm raises the recursion limit of the whole interpreter; contracts in tests do not call that deep.
        limit = sys.getrecursionlimit()
        from eth.db.atomic import AtomicDB
        from eth.db.chain import ChainDB
        from eth.vm.chain_context import ChainContext
        from eth.vm.forks.prague import PragueVM

        sys.setrecursionlimit(limit)
        self.chain_id = chain_id
        self._clock = clock
        self._vm_class: Any = PragueVM
        self._context = ChainContext(chain_id)
        self._db: Any = ChainDB(AtomicDB())
        self.next_time: int | None = None
        self.time_offset = 0
        self.blocks: list[Mined] = [self._genesis(balances)]
        self._found: dict[bytes, tuple[int, int]] = {}

    @property
    def head(self) -> Mined:
        """The newest block."""
        return self.blocks[-1]

    def decode(self, raw: bytes) -> Any:
        """A signed transaction from its bytes. Raises `EvmRefused` if they are malformed."""
        try:
            transaction = self._vm_class.get_transaction_builder().decode(raw)
            transaction.validate()
            return transaction
        except Exception as bad:
            raise EvmRefused(f"rlp: {bad}") from bad

    def mine(
        self,
        transactions: Sequence[Any] = (),
        *,
        change: Callable[[Any], None] | None = None,
        extra: bytes = b"",
    ) -> list[tuple[Any, str]]:
        """Adds one block with these transactions, and returns those that could not run, with the reason.

        ``change`` may edit the state first, which no real chain allows.
        """
        from eth.exceptions import VMError
        from eth_utils.exceptions import ValidationError

        parent = self.head.header
        header = self._vm_class.create_header_from_parent(
            parent, timestamp=self._next_timestamp(), gas_limit=GAS_LIMIT, extra_data=extra
        )
        vm = self._vm(header)
        if change is not None:
            change(vm.state)
        done, receipts, left = [], [], []
        for transaction in transactions:
            try:
                receipt, _ = vm.apply_transaction(header, transaction)
            except (ValidationError, VMError, RecursionError) as bad:
                left.append((transaction, str(bad)))
                continue
            header = vm.add_receipt_to_header(header, receipt)
            done.append(transaction)
            receipts.append(receipt)
        block = vm.mine_block(vm.set_block_transactions_and_withdrawals(vm.get_block(), header, done, receipts)).block
        self._append(Mined(block, tuple(receipts)))
        return left

    def truncate(self, number: int) -> None:
        """Removes every block after ``number``."""
        del self.blocks[number + 1 :]
        self._found = {key: place for key, place in self._found.items() if place[0] <= number}

    def find(self, tx_hash: bytes) -> tuple[Mined, int] | None:
        """The block of a transaction, and its index in it."""
        place = self._found.get(tx_hash)
        return None if place is None else (self.blocks[place[0]], place[1])

    def by_hash(self, block_hash: bytes) -> Mined | None:
        """A block by its hash."""
        return next((mined for mined in reversed(self.blocks) if mined.hash == block_hash), None)

    def state(self, at: Mined) -> Any:
        """py-evm's state after a block; changes made to it are never kept."""
        return self._vm(at.header).state

    def call(self, call: EvmCall, at: Mined) -> bytes:
        """Runs a call on the state after a block. Raises `RevertedCall` if it reverts, and `EvmRefused` if it cannot run."""
        return bytes(self._run(call, at).output)

    def estimate(self, call: EvmCall, at: Mined) -> int:
        """The least gas (within 1 %) with which the call succeeds."""
        used = int(self._run(call, at).get_gas_used()) + self._intrinsic(call)
        if self._enough(call, at, used):
            return used
        low, high = used, call.gas
        while (high - low) * 100 > high:
            middle = (low + high) // 2
            low, high = (low, middle) if self._enough(call, at, middle) else (middle, high)
        return high

    def proof(self, address: bytes, slots: Sequence[int], at: Mined) -> tuple[Any, list[bytes], list[list[bytes]]]:
        """The account (nonce, balance, storage root, code hash) and the RLP nodes from the roots to it and its slots."""
        from eth.rlp.accounts import Account
        from rlp import decode, encode

        from ebl.ethereum.keccak import keccak256

        trie = self._trie(at.header.state_root)
        key = keccak256(address)
        found = trie.get(key)
        account: Any = decode(found, sedes=Account) if found else Account()
        storage = self._trie(account.storage_root)
        slot_proofs = [storage.get_proof(keccak256(slot.to_bytes(32, "big"))) for slot in slots]
        return account, [encode(n) for n in trie.get_proof(key)], [[encode(n) for n in p] for p in slot_proofs]

    def logs(self, start: int, end: int) -> Iterator[tuple[Mined, int, int, Any]]:
        """Every log of a range of blocks: block, transaction index, log index in the block, log."""
        for mined in self.blocks[start : end + 1]:
            index = 0
            for tx_index, receipt in enumerate(mined.receipts):
                for log in receipt.logs:
                    yield mined, tx_index, index, log
                    index += 1

    def next_base_fee(self) -> int:
        """The base fee (wei per gas) of the block after the head (EIP-1559)."""
        from eth.vm.forks.london.headers import calculate_expected_base_fee_per_gas

        return int(calculate_expected_base_fee_per_gas(self.head.header))

    def gas_used(self, mined: Mined, index: int) -> int:
        """The gas of one transaction (a receipt holds the running sum)."""
        sums = [0, *(int(receipt.gas_used) for receipt in mined.receipts)]
        return [after - before for before, after in pairwise(sums)][index]

    def _genesis(self, balances: Mapping[bytes, int]) -> Mined:
        from eth.rlp.headers import BlockHeader

        before = BlockHeader(difficulty=0, block_number=-1, gas_limit=0)
        state = self._vm_class.build_state(self._db.db, before, self._context)
        for address, balance in balances.items():
            state.set_balance(address, balance)
        state.persist()
        header = self._vm_class.create_genesis_header(
            gas_limit=GAS_LIMIT, timestamp=int(self._clock()), extra_data=b"", state_root=state.state_root, difficulty=0
        )
        mined = Mined(self._vm_class.get_block_class()(header, transactions=[], uncles=[], withdrawals=[]), ())
        self._remember(mined)
        return mined

    def _append(self, mined: Mined) -> None:
        self._remember(mined)
        self.blocks.append(mined)
        for index, transaction in enumerate(mined.block.transactions):
            self._found[bytes(transaction.hash)] = (mined.number, index)

    def _remember(self, mined: Mined) -> None:
        """Stores the header, from which BLOCKHASH and the next block's base fee are computed."""
        from rlp import encode

        self._db.db[mined.hash] = encode(mined.header)

    def _next_timestamp(self) -> int:
        wanted = self.next_time if self.next_time is not None else int(self._clock()) + self.time_offset
        self.next_time = None
        return max(wanted, int(self.head.header.timestamp) + 1)

    def _vm(self, header: Any) -> Any:
        from eth.consensus.context import ConsensusContext

        return self._vm_class(header, self._db, self._context, ConsensusContext(self._db.db))

    def _trie(self, root: bytes) -> Any:
        from trie.hexary import HexaryTrie

        return HexaryTrie(self._db.db, root)

    def _enough(self, call: EvmCall, at: Mined, gas: int) -> bool:
        try:
            self._run(EvmCall(call.to, call.data, call.sender, call.value, gas), at)
        except (RevertedCall, EvmRefused):
            return False
        return True

    def _intrinsic(self, call: EvmCall) -> int:
        return int(self._unsigned(call, 0, 0).intrinsic_gas)

    def _unsigned(self, call: EvmCall, nonce: int, price: int) -> Any:
        return self._vm_class.get_transaction_builder().new_unsigned_dynamic_fee_transaction(
            chain_id=self.chain_id,
            nonce=nonce,
            max_priority_fee_per_gas=0,
            max_fee_per_gas=price,
            gas=call.gas,
            to=call.to or b"",
            value=call.value,
            data=call.data,
            access_list=(),
        )

    def _run(self, call: EvmCall, at: Mined) -> Any:
        """Runs a call as an unsigned transaction with free gas, on a state that is discarded."""
        from eth.exceptions import Revert, VMError
        from eth.vm.spoof import SpoofTransaction
        from eth_utils.exceptions import ValidationError

        state = self.state(at)
        price = int(at.header.base_fee_per_gas)
        if state.get_balance(call.sender) < call.value:
            raise EvmRefused("insufficient funds for transfer")
        state.delta_balance(call.sender, call.gas * price)
        unsigned = self._unsigned(call, state.get_nonce(call.sender), price)
        if call.gas < unsigned.intrinsic_gas:
            raise EvmRefused(f"intrinsic gas too low: have {call.gas}, want {unsigned.intrinsic_gas}")
        try:
            computation = state.apply_transaction(SpoofTransaction(unsigned, from_=call.sender))
        except (ValidationError, VMError) as bad:
            raise EvmRefused(str(bad)) from bad
        except RecursionError as deep:
            raise EvmRefused("contracts call each other too deep for the embedded chain") from deep
        if not computation.is_error:
            return computation
        if isinstance(computation.error, Revert):
            raise RevertedCall(bytes(computation.output))
        raise EvmRefused(_halt(computation.error))


def _halt(error: Exception) -> str:
    from eth.exceptions import InvalidInstruction, OutOfGas

    match error:
        case OutOfGas():
            return "out of gas"
        case InvalidInstruction():
            return f"invalid opcode: {error}"
        case _:
            return f"{type(error).__name__}: {error}"
