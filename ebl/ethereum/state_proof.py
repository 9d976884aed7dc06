"""Ethereum state proved by hashes: a header by its hash, an account and its storage by a path of the state trie (EIP-1186).

Whoever knows the hash of a block needs to trust nobody for what was in the state after it: the hash fixes the header, the
header the state root, the root every account, and an account every one of its slots, also those that are empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ebl.codec.broken import Broken
from ebl.ethereum import rlp
from ebl.ethereum.json_values import MalformedValue, data, quantity
from ebl.ethereum.keccak import keccak256

EMPTY_ROOT = keccak256(rlp.encode(b""))
EMPTY_CODE = keccak256(b"")

_MAX_NODE_BYTES = 1024
"""Bytes of a trie node: a branch of hashes has 532, and no value of these tries is nearly as long."""
_MAX_HEADER_BYTES = 1 << 16
"""Bytes of a header: some chains name all their validators in it."""

_NUMBER = 0
_HEADER: tuple[tuple[str, int | None], ...] = (
    ("parentHash", 32),
    ("sha3Uncles", 32),
    ("miner", 20),
    ("stateRoot", 32),
    ("transactionsRoot", 32),
    ("receiptsRoot", 32),
    ("logsBloom", 256),
    ("difficulty", _NUMBER),
    ("number", _NUMBER),
    ("gasLimit", _NUMBER),
    ("gasUsed", _NUMBER),
    ("timestamp", _NUMBER),
    ("extraData", None),
    ("mixHash", 32),
    ("nonce", 8),
)
_LATER: tuple[tuple[str, int | None], ...] = (  # in the order in which forks added them
    ("baseFeePerGas", _NUMBER),
    ("withdrawalsRoot", 32),
    ("blobGasUsed", _NUMBER),
    ("excessBlobGas", _NUMBER),
    ("parentBeaconBlockRoot", 32),
    ("requestsHash", 32),
)


class StateProofError(Broken):
    """The bytes do not prove what they should; ``reason`` says why."""

    subject = "state_proof"


@dataclass(frozen=True, slots=True)
class Header:
    """What a block's header says of its place, and of the state after it. ``timestamp`` is in Unix seconds."""

    number: int
    timestamp: int
    state_root: bytes


@dataclass(frozen=True, slots=True)
class AccountState:
    """What the state says of an address. One that does not exist is empty."""

    nonce: int = 0
    balance: int = 0
    storage_root: bytes = EMPTY_ROOT
    code_hash: bytes = EMPTY_CODE


def encode_header(header: Mapping[str, Any]) -> bytes:
    """A block header, given as JSON-RPC gives it (hex strings), in the RLP that is hashed; through the forks up to Prague.

    Chains with header fields of their own hash differently: compare, and where it differs nothing is proved. Raises
    `StateProofError` where a field is missing or no hex.
    """
    fields = list(_HEADER)
    for name, size in _LATER:
        if header.get(name) is None:
            break
        fields.append((name, size))
    return rlp.encode([_field(header.get(name), name, size) for name, size in fields])


def header(raw: bytes, block_hash: str) -> Header:
    """What a header (RLP) says. Raises `StateProofError` where it is not that of the block with this hash (0x and hex)."""
    if len(raw) > _MAX_HEADER_BYTES:
        raise StateProofError("large_header", most=_MAX_HEADER_BYTES, came=len(raw))
    if f"0x{keccak256(raw).hex()}" != block_hash:
        raise StateProofError("header_hash")
    fields = dict(zip((name for name, _ in _HEADER), _list(raw), strict=False))
    if len(fields) != len(_HEADER):
        raise StateProofError("header_fields")
    number, timestamp, state_root = (_bytes(fields[name]) for name in ("number", "timestamp", "stateRoot"))
    return Header(_natural(number), _natural(timestamp), state_root)


def account(state_root: bytes, address: bytes, proof: Sequence[bytes]) -> AccountState:
    """The account at an address (20 bytes), or an empty one where the proof shows that there is none.

    Raises `StateProofError` where the nodes do not lead from the root to either.
    """
    found = lookup(state_root, keccak256(address), proof)
    if found is None:
        return AccountState()
    fields = _list(found)
    if len(fields) != 4:
        raise StateProofError("account_fields")
    nonce, balance, storage_root, code_hash = (_bytes(field) for field in fields)
    if len(storage_root) != 32 or len(code_hash) != 32:
        raise StateProofError("account_roots")
    return AccountState(_natural(nonce), _natural(balance), storage_root, code_hash)


def slot(storage_root: bytes, key: bytes, proof: Sequence[bytes]) -> bytes:
    """The 32 bytes in a slot (a key of 32 bytes); zeros where the proof shows that there is nothing.

    Raises `StateProofError` where the nodes do not lead from the root to either.
    """
    found = lookup(storage_root, keccak256(key), proof)
    if found is None:
        return bytes(32)
    value = _bytes(_decode(found))
    # A chain drops a slot that becomes zero; the local node anvil keeps it, as an empty string, under the same root.
    if len(value) > 32 or value[:1] == b"\0":
        raise StateProofError("slot")
    return value.rjust(32, b"\0")


def lookup(root: bytes, key: bytes, proof: Sequence[bytes]) -> bytes | None:
    """The value under a key in the Merkle-Patricia trie with this root; None where the proof shows that there is none.

    1. Each node of the proof must hash to what its parent (at first the root) says, and lead on along the key.
    2. A path that ends at another key, or at nothing, proves absence.
    3. Nodes that were not needed, and a proof that ends early, prove nothing: `StateProofError`.
    """
    path = [nibble for byte in key for nibble in (byte >> 4, byte & 15)]
    if root == EMPTY_ROOT:
        if [*proof] not in ([], [rlp.encode(b"")]):
            raise StateProofError("empty_trie")
        return None
    waiting = list(reversed(proof))
    link: Any = root
    while True:
        found, link, path = _step(_node(link, waiting), path)
        if link == b"":
            if waiting:
                raise StateProofError("more_nodes")
            return found


def _step(node: list[Any], path: list[int]) -> tuple[bytes | None, Any, list[int]]:
    """From a node along a path (Yellow Paper, appendix D): the value that is found, the link that leads on, what is left to go.

    The link is empty at the end of the way, with or without a value.
    """
    if len(node) == 17:  # a branch
        return (None, node[path[0]], path[1:]) if path else (_bytes(node[16]) or None, b"", [])
    prefix, leaf = _prefix(_bytes(node[0]))
    rest = path[len(prefix) :]
    if path[: len(prefix)] != prefix or (leaf and rest):
        return None, b"", []
    return (_bytes(node[1]), b"", []) if leaf else (None, node[1], rest)


def _node(link: Any, waiting: list[bytes]) -> list[Any]:
    """The node that a link leads to: one within its parent, or the next of the proof, by its hash."""
    if isinstance(link, list):
        node = link
    elif len(link) != 32:
        raise StateProofError("link")
    elif not waiting:
        raise StateProofError("ends_early")
    else:
        raw = waiting.pop()
        if len(raw) > _MAX_NODE_BYTES:
            raise StateProofError("large_node", most=_MAX_NODE_BYTES, came=len(raw))
        if keccak256(raw) != link:
            raise StateProofError("node_hash")
        node = _list(raw)
    if len(node) not in (2, 17):
        raise StateProofError("node_items")
    return node


def _prefix(encoded: bytes) -> tuple[list[int], bool]:
    """The nibbles of a hex-prefix encoded path, and whether it ends at a leaf."""
    if not encoded or encoded[0] >> 4 > 3 or (not encoded[0] & 0x10 and encoded[0] & 0x0F):
        raise StateProofError("path")
    nibbles = [nibble for byte in encoded for nibble in (byte >> 4, byte & 15)]
    return nibbles[1 if nibbles[0] & 1 else 2 :], nibbles[0] >= 2


def _field(value: Any, name: str, size: int | None) -> bytes:
    try:
        if size == _NUMBER:
            number = quantity(value)
            return number.to_bytes((number.bit_length() + 7) // 8)
        return data(value, size)
    except MalformedValue as bad:
        raise StateProofError("header_field", member=name, because=bad.reason) from bad


def _decode(raw: bytes) -> Any:
    try:
        return rlp.decode(raw)
    except ValueError as bad:
        raise StateProofError("not_rlp") from bad


def _list(raw: bytes) -> list[Any]:
    item = _decode(raw)
    if not isinstance(item, list):
        raise StateProofError("not_a_list")
    return item


def _bytes(item: Any) -> bytes:
    if not isinstance(item, bytes):
        raise StateProofError("not_bytes")
    return item


def _natural(raw: bytes) -> int:
    if raw[:1] == b"\0":
        raise StateProofError("number")
    return int.from_bytes(raw)
