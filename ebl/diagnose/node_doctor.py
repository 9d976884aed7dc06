"""Probes of what a node supports, instead of assumptions about its kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from ebl.chain.proved_storage import recheck
from ebl.chain.rpc.json_rpc_chain import JsonRpcChain
from ebl.chain.rpc.jsonrpc import JsonRpc, RpcCall, RpcFault
from ebl.chain.rpc.node_values import block, quantity, result
from ebl.errors import SourceError
from ebl.ethereum.state_proof import StateProofError
from ebl.model.ports import Block

_NOBODY = "0x00000000000000000000000000000000000eb100"
_RANGES = (1_000_000, 100_000, 10_000, 1_000, 100, 10)
_RECENT = 256  # a node without an archive keeps the state of about so many blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What was found out about one node. None: it could not be determined.

    ``proofs`` is the result of requesting one (EIP-1186): it matched the block's hash ("checked"), could not be checked
    because the header has an unknown form ("unchecked"), did not match ("wrong"), or was not returned ("none").

    ``safe`` and ``finalized`` are the blocks that the node returns for these names; None if it returns none, or block 0.
    ``log_range`` is the widest range of blocks, among some that were tried, in which it returns events. ``whole_chain``: this
    range is the whole chain.
    """

    host: str
    chain_id: int
    client: str
    head: Block
    age: float
    safe: int | None
    finalized: int | None
    log_range: int | None
    whole_chain: bool
    proofs: Literal["checked", "unchecked", "wrong", "none"]
    archive: bool | None
    block_hashes: bool
    batches: bool

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "host": self.host,
            "chain_id": self.chain_id,
            "client": self.client,
            "height": self.head.number,
            "head_age_seconds": round(self.age),
            "safe": self.safe,
            "finalized": self.finalized,
            "log_range": self.log_range,
            "log_range_is_whole_chain": self.whole_chain,
            "proofs": self.proofs,
            "archive": self.archive,
            "block_hashes": self.block_hashes,
            "batches": self.batches,
        }


def examine(rpc: JsonRpc, *, now: datetime) -> Diagnosis:
    """Probes a node in a few requests. Raises `SourceError` if it does not even return its chain id."""
    served, client, latest, safe, finalized = rpc.ask(
        RpcCall("eth_chainId"),
        RpcCall("web3_clientVersion"),
        *(RpcCall("eth_getBlockByNumber", (tag, False)) for tag in ("latest", "safe", "finalized")),
    )
    chain_id = quantity(result(served, rpc, "the chain id"), rpc)
    head = block(result(latest, rpc, "a block"), rpc, chain_id=chain_id, finality="latest")
    state, old = rpc.ask(
        RpcCall("eth_getCode", (_NOBODY, {"blockHash": head.hash})),
        RpcCall("eth_getBalance", (_NOBODY, hex(max(1, head.number - _RECENT * 16)))),
    )
    log_range, whole_chain = _log_range(rpc, head.number)
    return Diagnosis(
        host=rpc.host,
        chain_id=chain_id,
        client=client[:80] if isinstance(client, str) else "",
        head=head,
        age=(now.astimezone(UTC) - head.time).total_seconds(),
        safe=_height(safe, rpc, chain_id),
        finalized=_height(finalized, rpc, chain_id),
        log_range=log_range,
        whole_chain=whole_chain,
        proofs=_proofs(rpc, head),
        archive=None if head.number <= _RECENT else isinstance(old, str),
        block_hashes=isinstance(state, str),
        batches=rpc.takes_batches,
    )


def _proofs(rpc: JsonRpc, head: Block) -> Literal["checked", "unchecked", "wrong", "none"]:
    try:
        proof = JsonRpcChain(rpc, head).proof(_NOBODY, [bytes(32)])
    except SourceError:
        return "none"
    if not head.header:
        return "unchecked"
    try:
        recheck(head, _NOBODY, [bytes(32)], proof)
    except StateProofError:
        return "wrong"
    return "checked"


def _height(found: Any, rpc: JsonRpc, chain_id: int) -> int | None:
    if found is None or isinstance(found, RpcFault):
        return None
    try:
        return block(found, rpc, chain_id=chain_id, finality="").number or None
    except SourceError:
        return None


def _log_range(rpc: JsonRpc, height: int) -> tuple[int | None, bool]:
    """Returns the widest range in which the node returns events (of an unused address), and whether it is the whole chain."""
    ranges = (height + 1, *(width for width in _RANGES if width <= height))
    found = rpc.ask(
        *(
            RpcCall(
                "eth_getLogs",
                ({"address": _NOBODY, "fromBlock": hex(height + 1 - width), "toBlock": hex(height)},),
            )
            for width in ranges
        )
    )
    for width, answer in zip(ranges, found, strict=True):
        if isinstance(answer, list):
            return width, width == height + 1
    return None, False
