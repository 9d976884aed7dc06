"""The values of JSON-RPC, read strictly: what is not as it should be is no answer, and raises `SourceError`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.net.jsonrpc import Fault, JsonRpc
from ebl.primitives import rpc_values
from ebl.primitives.eth_proof import ProofError, encode_header
from ebl.primitives.keccak import keccak256
from ebl.sources import Block


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
    with understood(rpc):
        return rpc_values.quantity(value)


def data(value: Any, rpc: JsonRpc, length: int | None = None) -> bytes:
    """Bytes, of a certain length where that is known."""
    with understood(rpc):
        return rpc_values.data(value, length)


def block(found: Any, rpc: JsonRpc, *, chain_id: int, finality: str) -> Block:
    """The header of a block."""
    if not isinstance(found, dict):
        raise bad_answer(rpc, "a block")
    with understood(rpc):
        number = rpc_values.quantity(found.get("number"))
        block_hash = rpc_values.hash32(found.get("hash"))
        time = rpc_values.time(found.get("timestamp"))
    if number >= 2**63:
        raise bad_answer(rpc, "a block of a sensible number")
    return Block(chain_id, number, block_hash, time, finality, _header(found, block_hash))


def _header(found: Mapping[str, Any], block_hash: str) -> bytes:
    """The header in RLP, if it is one whose hash we can compute and has the hash that it should; else nothing."""
    try:
        header = encode_header(found)
    except ProofError:
        return b""
    return header if f"0x{keccak256(header).hex()}" == block_hash else b""


def require_same(found: Any, pinned: Block, rpc: JsonRpc) -> None:
    """Raise `SourceError` unless the block that was asked for by its number is the pinned one."""
    seen = result(found, rpc, "a block")
    if not isinstance(seen, dict) or str(seen.get("hash")).lower() != pinned.hash:
        raise SourceError(
            Doubt.CHAIN_REORGANISED, f"{rpc.host}: block {pinned.number} was replaced while the chain was read"
        )


@contextmanager
def understood(rpc: JsonRpc) -> Iterator[None]:
    """Raises `SourceError` in place of a `MalformedValue` of its body."""
    try:
        yield
    except rpc_values.MalformedValue as bad:
        raise bad_answer(rpc, bad.expected) from bad


def bad_answer(rpc: JsonRpc, expected: str) -> SourceError:
    """What to raise where an answer makes no sense."""
    return SourceError(Doubt.CHAIN_BAD_ANSWER, f"{rpc.host}: expected {expected}")
