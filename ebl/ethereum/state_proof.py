"""Proofs of Ethereum state: a header against its hash; an account and its storage by a path in the state trie (EIP-1186).

With the hash of a block, no other trust is needed for the state after it. The hash determines the header, the header the
state root, the root every account, and an account every one of its slots, including the empty ones.
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
"""The most bytes of a trie node: a branch of hashes has 532, and values in these tries are much shorter."""
_MAX_HEADER_BYTES = 1 << 16
"""The most bytes of a header: on some chains it lists all validators."""

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
    """The bytes do not prove the state that they should; ``reason`` states why."""

    subject = "state_proof"


@dataclass(frozen=True, slots=True)
class Header:
    """The number and time of a block and the state root after it, from its header. ``timestamp`` is in Unix seconds."""

    number: int
    timestamp: int
    state_root: bytes


@dataclass(frozen=True, slots=True)
class AccountState:
    """The state of an address. An account that does not exist has the default values."""

    nonce: int = 0
    balance: int = 0
    storage_root: bytes = EMPTY_ROOT
    code_hash: bytes = EMPTY_CODE


def encode_header(header: Mapping[str, Any]) -> bytes:
    """Returns the RLP of a block header that is hashed. The header is given as in JSON-RPC (hex strings), up to the Prague fork.

    Chains with header fields of their own have other hashes: compare the hash, and treat a different one as no proof.
    Raises `StateProofError` if a field is missing or not hex.
    """
    fields = list(_HEADER)
    for name, size in _LATER:
        if header.get(name) is None:
            break
        fields.append((name, size))
    return rlp.encode([_field(header.get(name), name, size) for name, size in fields])


def header(raw: bytes, block_hash: str) -> Header:
    """Reads a header (RLP). Raises `StateProofError` if it is not the header of the block with this hash (0x and hex)."""
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
    """Returns the account at an address (20 bytes); an empty one if the proof shows that there is none.

    Raises `StateProofError` if the nodes do not lead from the root to either result.
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
    """Returns the 32 bytes in a slot (a key of 32 bytes); zeros if the proof shows that the slot is empty.

    Raises `StateProofError` if the nodes do not lead from the root to either result.
    """
    found = lookup(storage_root, keccak256(key), proof)
    if found is None:
        return bytes(32)
    value = _bytes(_decode(found))
    # A chain drops a slot that becomes zero. The local node anvil keeps it as an empty string, with the same root.
    if len(value) > 32 or value[:1] == b"\0":
        raise StateProofError("slot")
    return value.rjust(32, b"\0")


def lookup(root: bytes, key: bytes, proof: Sequence[bytes]) -> bytes | None:
    """Returns the value of a key in the Merkle-Patricia trie with this root; None if the proof shows that there is none.

    1. Each node of the proof must hash to the link in its parent (the first one to the root), and continue along the key.
    2. A path that ends at another key, or at an empty link, proves absence.
    3. A proof with unneeded nodes, or one that ends early, proves nothing: `StateProofError`.
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
    """Takes one step from a node along a path (Yellow Paper, appendix D).

    Returns the value found, the next link, and the rest of the path. The link is empty at the end of the path, with or
    without a value.
    """
    if len(node) == 17:  # a branch
        return (None, node[path[0]], path[1:]) if path else (_bytes(node[16]) or None, b"", [])
    prefix, leaf = _prefix(_bytes(node[0]))
    rest = path[len(prefix) :]
    if path[: len(prefix)] != prefix or (leaf and rest):
        return None, b"", []
    return (_bytes(node[1]), b"", []) if leaf else (None, node[1], rest)


def _node(link: Any, waiting: list[bytes]) -> list[Any]:
    """Returns the node of a link: one embedded in its parent, or the next of the proof, checked by its hash."""
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
    """Returns the nibbles of a hex-prefix encoded path, and whether it ends at a leaf."""
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
