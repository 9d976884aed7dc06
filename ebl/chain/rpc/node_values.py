"""Values of JSON-RPC, read strictly: a malformed response raises `SourceError`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ebl.chain.rpc.jsonrpc import JsonRpc, RpcFault
from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.ethereum import json_values as rpc_values
from ebl.ethereum.keccak import keccak256
from ebl.ethereum.state_proof import StateProofError, encode_header
from ebl.model.ports import Block


def result(found: Any, rpc: JsonRpc, what: str) -> Any:
    """Returns a result. Raises `SourceError` if the node returned an error, or nothing. ``what`` describes it in the message."""
    if isinstance(found, RpcFault):
        doubt = Doubt.CHAIN_REFUSED if found.wants_a_pause else Doubt.CHAIN_BAD_ANSWER
        raise SourceError(doubt, "fault", host=rpc.host, what=what, fault=found.message, number=found.code)
    if found is None:
        raise SourceError(Doubt.CHAIN_BAD_ANSWER, "nothing", host=rpc.host, what=what)
    return found


def quantity(value: Any, rpc: JsonRpc) -> int:
    """Reads a number of at most 32 bytes."""
    try:
        return rpc_values.quantity(value)
    except rpc_values.MalformedValue as bad:
        raise _not_understood(rpc, bad) from bad


def data(value: Any, rpc: JsonRpc, length: int | None = None) -> bytes:
    """Reads bytes, of the given length if any."""
    try:
        return rpc_values.data(value, length)
    except rpc_values.MalformedValue as bad:
        raise _not_understood(rpc, bad) from bad


def block(found: Any, rpc: JsonRpc, *, chain_id: int, finality: str) -> Block:
    """Reads the header of a block."""
    if not isinstance(found, dict):
        raise SourceError(Doubt.CHAIN_BAD_ANSWER, "block", host=rpc.host)
    with understood(rpc):
        number = rpc_values.quantity(found.get("number"))
        block_hash = rpc_values.hash32(found.get("hash"))
        time = rpc_values.time(found.get("timestamp"))
    if number >= 2**63:
        raise SourceError(Doubt.CHAIN_BAD_ANSWER, "block_number", host=rpc.host)
    return Block(chain_id, number, block_hash, time, finality, _header(found, block_hash))


def _header(found: Mapping[str, Any], block_hash: str) -> bytes:
    """Returns the header in RLP if its hash can be computed and is the block's; otherwise nothing."""
    try:
        header = encode_header(found)
    except StateProofError:
        return b""
    return header if f"0x{keccak256(header).hex()}" == block_hash else b""


def require_same(found: Any, pinned: Block, rpc: JsonRpc) -> None:
    """Raises `SourceError` unless the block that was queried by its number is the pinned one."""
    seen = result(found, rpc, "a block")
    if not isinstance(seen, dict) or str(seen.get("hash")).lower() != pinned.hash:
        raise SourceError(Doubt.CHAIN_REORGANISED, host=rpc.host, block=pinned.number)


@contextmanager
def understood(rpc: JsonRpc) -> Iterator[None]:
    """Raises `SourceError` in place of a `MalformedValue` of its body."""
    try:
        yield
    except rpc_values.MalformedValue as bad:
        raise _not_understood(rpc, bad) from bad


def _not_understood(rpc: JsonRpc, bad: rpc_values.MalformedValue) -> SourceError:
    return SourceError(Doubt.CHAIN_BAD_ANSWER, "of_node", host=rpc.host, because=bad.reason)
