"""The JSON forms in which a node returns blocks, transactions, receipts and events."""

from __future__ import annotations

from typing import Any

from ebl.ethereum.address import checksummed
from ebl.testing.evm import Evm, Mined

_EMPTY_LIST_HASH = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"


def block(mined: Mined, full: bool) -> dict[str, Any]:
    """A block; ``full`` includes the transactions, and not only their hashes."""
    from rlp import encode

    header = mined.header
    return {
        "number": hex(mined.number),
        "hash": hex_(mined.hash),
        "parentHash": hex_(header.parent_hash),
        "sha3Uncles": _EMPTY_LIST_HASH,
        "miner": address(header.coinbase),
        "stateRoot": hex_(header.state_root),
        "transactionsRoot": hex_(header.transaction_root),
        "receiptsRoot": hex_(header.receipt_root),
        "logsBloom": "0x" + header.bloom.to_bytes(256, "big").hex(),
        "difficulty": hex(header.difficulty),
        "gasLimit": hex(header.gas_limit),
        "gasUsed": hex(header.gas_used),
        "timestamp": hex(header.timestamp),
        "extraData": hex_(header.extra_data),
        "mixHash": hex_(header.mix_hash),
        "nonce": hex_(header.nonce),
        "baseFeePerGas": hex(header.base_fee_per_gas),
        "withdrawalsRoot": hex_(header.withdrawals_root),
        "blobGasUsed": hex(header.blob_gas_used),
        "excessBlobGas": hex(header.excess_blob_gas),
        "parentBeaconBlockRoot": hex_(header.parent_beacon_block_root),
        "requestsHash": hex_(header.requests_hash),
        "size": hex(len(encode(mined.block))),
        "uncles": [],
        "withdrawals": [],
        "transactions": [
            mined_transaction(mined, index) if full else hex_(tx.hash)
            for index, tx in enumerate(mined.block.transactions)
        ],
    }


def log(mined: Mined, tx_index: int, index: int, entry: Any) -> dict[str, Any]:
    """One event."""
    return {
        "address": address(entry.address),
        "topics": [hex_(topic.to_bytes(32, "big")) for topic in entry.topics],
        "data": hex_(entry.data),
        "blockNumber": hex(mined.number),
        "blockHash": hex_(mined.hash),
        "blockTimestamp": hex(mined.header.timestamp),
        "transactionHash": hex_(mined.block.transactions[tx_index].hash),
        "transactionIndex": hex(tx_index),
        "logIndex": hex(index),
        "removed": False,
    }


def transaction(tx: Any) -> dict[str, Any]:
    """A signed transaction that is in no block yet."""
    legacy = tx.type_id is None
    fees = (
        {"gasPrice": hex(tx.gas_price), "v": hex(tx.v)}
        if legacy
        else {
            "maxFeePerGas": hex(tx.max_fee_per_gas),
            "maxPriorityFeePerGas": hex(tx.max_priority_fee_per_gas),
            "gasPrice": hex(tx.max_fee_per_gas),
            "accessList": [],
            "v": hex(tx.y_parity),
            "yParity": hex(tx.y_parity),
        }
    )
    return fees | {
        "hash": hex_(tx.hash),
        "type": hex(tx.type_id or 0),
        "chainId": hex(tx.chain_id),
        "nonce": hex(tx.nonce),
        "from": address(tx.sender),
        "to": address(tx.to) if tx.to else None,
        "value": hex(tx.value),
        "gas": hex(tx.gas),
        "input": hex_(tx.data),
        "r": hex(tx.r),
        "s": hex(tx.s),
        "blockHash": None,
        "blockNumber": None,
        "transactionIndex": None,
    }


def mined_transaction(mined: Mined, index: int) -> dict[str, Any]:
    """A transaction that is in a block."""
    return transaction(mined.block.transactions[index]) | {
        "blockHash": hex_(mined.hash),
        "blockNumber": hex(mined.number),
        "transactionIndex": hex(index),
        "gasPrice": hex(_price(mined, index)),
    }


def receipt(evm: Evm, mined: Mined, index: int) -> dict[str, Any]:
    """The receipt of a transaction."""
    outcome, transaction = mined.receipts[index], mined.block.transactions[index]
    return {
        "transactionHash": hex_(transaction.hash),
        "transactionIndex": hex(index),
        "blockHash": hex_(mined.hash),
        "blockNumber": hex(mined.number),
        "from": address(transaction.sender),
        "to": address(transaction.to) if transaction.to else None,
        "contractAddress": None if transaction.to else address(_created(transaction)),
        "cumulativeGasUsed": hex(outcome.gas_used),
        "gasUsed": hex(evm.gas_used(mined, index)),
        "effectiveGasPrice": hex(_price(mined, index)),
        "type": hex(transaction.type_id or 0),
        "status": "0x1" if outcome.state_root == b"\x01" else "0x0",
        "logsBloom": "0x" + outcome.bloom.to_bytes(256, "big").hex(),
        "logs": [
            log(found_in, at, number, entry)
            for found_in, at, number, entry in evm.logs(mined.number, mined.number)
            if at == index
        ],
    }


def _price(mined: Mined, index: int) -> int:
    transaction, base = mined.block.transactions[index], int(mined.header.base_fee_per_gas)
    return min(int(transaction.max_fee_per_gas), base + int(transaction.max_priority_fee_per_gas))


def _created(transaction: Any) -> bytes:
    from eth._utils.address import generate_contract_address

    return bytes(generate_contract_address(transaction.sender, transaction.nonce))


def bytes_(text: str) -> bytes:
    """The bytes of 0x and hex digits."""
    return bytes.fromhex(text.removeprefix("0x"))


def hex_(data: bytes) -> str:
    """The bytes as 0x and hex digits."""
    return "0x" + bytes(data).hex()


def address(data: bytes) -> str:
    """20 bytes as a checksummed address."""
    return checksummed("0x" + bytes(data).hex())
