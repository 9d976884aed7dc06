"""The values of JSON-RPC, read strictly: what is not as it should be is no answer, and raises `SourceError`."""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.net.jsonrpc import Fault, JsonRpc
from ebl.primitives.eth_proof import ProofError, encode_header
from ebl.primitives.keccak import keccak256
from ebl.sources import Block

_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")


def result(found: Any, rpc: JsonRpc, what: str) -> Any:
    """A result that is there; an error of the node, or nothing, raises `SourceError`."""
    if isinstance(found, Fault):
        doubt = Doubt.CHAIN_REFUSED if found.wants_a_pause else Doubt.CHAIN_BAD_ANSWER
        raise SourceError(doubt, f"{rpc.host}: expected {what}; got the error: {found}")
    if found is None:
        raise bad_answer(rpc, f"{what}; got nothing")
    return found


def quantity(value: Any, rpc: JsonRpc) -> int:
    """A number of at most 32 bytes."""
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise bad_answer(rpc, "a number in hex")
    return int(value, 16)


def data(value: Any, rpc: JsonRpc, length: int | None = None) -> bytes:
    """Bytes, of a certain length where that is known."""
    if not isinstance(value, str) or not value.startswith("0x"):
        raise bad_answer(rpc, "bytes in hex")
    try:
        found = binascii.unhexlify(value[2:])
    except ValueError as bad:
        raise bad_answer(rpc, "bytes in hex") from bad
    if length is not None and len(found) != length:
        raise bad_answer(rpc, f"{length} bytes; got {len(found)}")
    return found


def block(found: Any, rpc: JsonRpc, *, chain_id: int, finality: str) -> Block:
    """The header of a block."""
    if not isinstance(found, dict):
        raise bad_answer(rpc, "a block")
    number = quantity(found.get("number"), rpc)
    if number >= 2**63:
        raise bad_answer(rpc, "a block of a sensible number")
    block_hash = data(found.get("hash"), rpc, 32)
    return Block(
        chain_id,
        number,
        "0x" + block_hash.hex(),
        moment(found.get("timestamp"), rpc),
        finality,
        _header(found, block_hash),
    )


def _header(found: Mapping[str, Any], block_hash: bytes) -> bytes:
    """The header in RLP, if it is one whose hash we can compute and has the hash that it should; else nothing."""
    try:
        header = encode_header(found)
    except ProofError:
        return b""
    return header if keccak256(header) == block_hash else b""


def moment(value: Any, rpc: JsonRpc) -> datetime:
    """A time in Unix seconds, before the year 6000."""
    seconds = quantity(value, rpc)
    if seconds >= 2**37:
        raise bad_answer(rpc, "a sensible time")
    return datetime.fromtimestamp(seconds, UTC)


def require_same(found: Any, pinned: Block, rpc: JsonRpc) -> None:
    """Raise `SourceError` unless the block that was asked for by its number is the pinned one."""
    seen = result(found, rpc, "a block")
    if not isinstance(seen, dict) or str(seen.get("hash")).lower() != pinned.hash:
        raise SourceError(
            Doubt.CHAIN_REORGANISED, f"{rpc.host}: block {pinned.number} was replaced while the chain was read"
        )


def bad_answer(rpc: JsonRpc, expected: str) -> SourceError:
    """What to raise where an answer makes no sense."""
    return SourceError(Doubt.CHAIN_BAD_ANSWER, f"{rpc.host}: expected {expected}")
