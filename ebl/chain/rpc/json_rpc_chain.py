"""A chain over JSON-RPC: every read is at one block, and only a well-formed response is used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from ebl.chain.reverts import reverted
from ebl.chain.rpc.jsonrpc import JsonRpc, RpcCall, RpcFault
from ebl.chain.rpc.logs import LogReader
from ebl.chain.rpc.multicall import MOST, Multicall
from ebl.chain.rpc.node_values import block, data, quantity, require_same, result
from ebl.codes import Doubt
from ebl.config.settings import BlockTag
from ebl.errors import SourceError
from ebl.model.pace import Pace
from ebl.model.ports import AccountProof, Answer, Block, CodeAt, Fresh, Log, Read, ReadsMany, Reverted


class JsonRpcChain(ReadsMany):
    """Implements `ebl.model.ports.Chain` over one node. Thread-safe.

    Reads name the block by its hash (EIP-1898). If a node does not support that form, they name the number instead, and the
    same request checks that the block of that number is still the same.
    """

    def __init__(self, rpc: JsonRpc, block: Block, logs: LogReader | None = None) -> None:
        self._rpc = rpc
        self._block = block
        self._by_hash = True
        self._logs = logs or LogReader()
        self._multicall: Multicall | None = None

    @classmethod
    def open(
        cls,
        rpc: JsonRpc,
        chain_id: int,
        *,
        finality: BlockTag = "latest",
        logs: LogReader | None = None,
        pace: Pace | None = None,
    ) -> JsonRpcChain:
        """Queries the node for its chain id and for the block to pin, in one request.

        Raises `SourceError` with ``chain.wrong_id`` if it serves another chain. Raises it with ``chain.no_finality`` if
        ``finality`` is required and the node returns no such block, or an implausible one: block 0, or one that is behind the
        newest by more than the chain's ``pace`` allows. Not checked: how old the newest block is.
        """
        tags = dict.fromkeys((finality, "latest"))
        served, head, *newest = rpc.ask(
            RpcCall("eth_chainId"), *(RpcCall("eth_getBlockByNumber", (tag, False)) for tag in tags)
        )
        found = quantity(result(served, rpc, "the chain id"), rpc)
        if found != chain_id:
            raise SourceError(Doubt.CHAIN_WRONG_ID, "of_node", host=rpc.host, came=found, expected=chain_id)
        if finality != "latest" and (isinstance(head, RpcFault) or head is None or _is_genesis(head)):
            raise SourceError(Doubt.CHAIN_NO_FINALITY, "no_block", host=rpc.host, finality=finality, chain=chain_id)
        pinned = block(result(head, rpc, "a block"), rpc, chain_id=chain_id, finality=finality)
        for found in newest:
            behind = block(result(found, rpc, "a block"), rpc, chain_id=chain_id, finality="latest").time - pinned.time
            most = (pace or Pace()).finality_lag
            if behind < timedelta():
                raise SourceError(Doubt.CHAIN_NO_FINALITY, "ahead", host=rpc.host, finality=finality, ahead=-behind)
            if behind > most:
                raise SourceError(
                    Doubt.CHAIN_NO_FINALITY, "behind", host=rpc.host, finality=finality, behind=behind, most=most
                )
        return cls(rpc, pinned, logs)

    @classmethod
    def open_fresh(
        cls,
        rpc: JsonRpc,
        chain_id: int,
        *,
        fresh: Fresh,
        finality: BlockTag = "latest",
        logs: LogReader | None = None,
        pace: Pace | None = None,
    ) -> JsonRpcChain:
        """Does the same as `open`, at a block that is ``fresh``: the `SourceError` for one that is not names the node."""
        opened = cls.open(rpc, chain_id, finality=finality, logs=logs, pace=pace)
        try:
            fresh(opened.block)
        except SourceError as stale:
            raise SourceError(stale.doubt, "of_node", host=rpc.host, because=stale.message) from stale
        return opened

    @classmethod
    def open_at(cls, rpc: JsonRpc, block: Block, *, logs: LogReader | None = None) -> JsonRpcChain:
        """Opens a chain at a block that was pinned before, by this node or another one.

        Raises `SourceError` with ``chain.wrong_id`` if the node serves another chain, and with ``chain.reorganised`` if it does
        not have this block at this height.
        """
        served, found = rpc.ask(RpcCall("eth_chainId"), RpcCall("eth_getBlockByNumber", (hex(block.number), False)))
        chain_id = quantity(result(served, rpc, "the chain id"), rpc)
        if chain_id != block.chain_id:
            raise SourceError(Doubt.CHAIN_WRONG_ID, "of_node", host=rpc.host, came=chain_id, expected=block.chain_id)
        require_same(found, block, rpc)
        return cls(rpc, block, logs)

    @property
    def id(self) -> int:
        """The chain id that the node itself returned."""
        return self._block.chain_id

    @property
    def block(self) -> Block:
        """The block that all reads are pinned to."""
        return self._block

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        """Calls contracts and reads code, in one batch. A revert is a response; any other error raises."""
        return tuple(self._answer(found) for found in self._pinned(*map(_asked, reads)))

    def allow_multicall(self) -> JsonRpcChain:
        """Returns this chain, set to make the calls of `read_each` through Multicall3 if possible."""
        self._multicall = Multicall(self._pinned)
        return self

    @property
    def batch(self) -> int:
        """How many reads go into one request, as far as is known now."""
        together = MOST if self._multicall is not None and not self._multicall.off else 0
        return max(self._rpc.batch, together)

    def read_each(self, *reads: Read | CodeAt) -> Sequence[Answer | None]:
        """Does the same as `read`, but returns None for each read that the node returned an error for."""
        found: dict[int, Answer] = {} if self._multicall is None else {**self._multicall.read(reads)}
        left = [(at, read) for at, read in enumerate(reads) if at not in found]
        alone = self._pinned(*(_asked(read) for _, read in left))
        said = dict(zip((at for at, _ in left), map(self._answer_or_none, alone), strict=True))
        return [found[at] if at in found else said[at] for at in range(len(reads))]

    def code(self, address: str) -> bytes:
        """Returns the runtime code at an address (empty: no contract)."""
        (found,) = self._pinned(("eth_getCode", (address,)))
        return data(result(found, self._rpc, "code"), self._rpc)

    def logs(self, addresses: Sequence[str], *, start: int, end: int | None = None) -> tuple[Log, ...]:
        """Returns every event of some contracts in a range of blocks, by block and log index."""
        return self._logs.read(self._rpc, self._block, addresses, start=start, end=end)

    def proof(self, address: str, slots: Sequence[bytes]) -> AccountProof:
        """Returns the EIP-1186 proof of an account and its slots, as the node returned it. Nothing of it is checked."""
        keys = ["0x" + slot.rjust(32, b"\0").hex() for slot in slots]  # some nodes take keys of 32 bytes only
        (found,) = self._pinned(("eth_getProof", (address, keys)))
        return _proof(result(found, self._rpc, "a proof"), address, slots, self._rpc)

    def _pinned(self, *calls: tuple[str, tuple[Any, ...]]) -> list[Any]:
        """Queries state at the pinned block, which is added as the last parameter of each call."""
        if not calls:
            return []
        answers: list[Any] = []
        if self._by_hash:
            place = {"blockHash": self._block.hash}
            answers = self._rpc.ask(*(RpcCall(method, (*params, place)) for method, params in calls))
            if not any(isinstance(found, RpcFault) and _reverted(found) is None for found in answers):
                return answers
        number = hex(self._block.number)
        check = RpcCall("eth_getBlockByNumber", (number, False))
        *numbered, now = self._rpc.ask(*(RpcCall(method, (*params, number)) for method, params in calls), check)
        if answers and any(isinstance(found, RpcFault) and _reverted(found) is None for found in numbered):
            return answers
        require_same(now, self._block, self._rpc)
        self._by_hash = False
        return numbered

    def _answer(self, found: Any) -> Answer:
        if isinstance(found, RpcFault) and (refusal := _reverted(found)) is not None:
            return Reverted(refusal)
        return data(result(found, self._rpc, "the result of a call"), self._rpc)

    def _answer_or_none(self, found: Any) -> Answer | None:
        try:
            return self._answer(found)
        except SourceError:
            return None


def _asked(read: Read | CodeAt) -> tuple[str, tuple[Any, ...]]:
    if isinstance(read, CodeAt):
        return "eth_getCode", (read.to,)
    return "eth_call", ({"to": read.to, "data": "0x" + read.data.hex()},)


def _reverted(fault: RpcFault) -> bytes | None:
    return reverted(fault.code, fault.message, fault.data)


def _is_genesis(head: Any) -> bool:
    """Whether a block is block 0, which some nodes return if they do not know what is final."""
    return isinstance(head, dict) and head.get("number") == "0x0"


def _proof(found: Any, address: str, slots: Sequence[bytes], rpc: JsonRpc) -> AccountProof:
    entries = found.get("storageProof") if isinstance(found, dict) else None
    if not isinstance(entries, list) or len(entries) != len(slots) or not all(isinstance(e, dict) for e in entries):
        raise SourceError(Doubt.CHAIN_BAD_ANSWER, "proof", host=rpc.host, slots=len(slots))
    return AccountProof(
        address=address,
        balance=quantity(found.get("balance"), rpc),
        nonce=quantity(found.get("nonce"), rpc),
        code_hash=data(found.get("codeHash"), rpc, 32),
        storage_hash=data(found.get("storageHash"), rpc, 32),
        account_proof=_nodes(found.get("accountProof"), rpc),
        storage=tuple(
            (slot, quantity(entry.get("value"), rpc).to_bytes(32, "big"), _nodes(entry.get("proof"), rpc))
            for slot, entry in zip(slots, entries, strict=True)
        ),
    )


def _nodes(found: Any, rpc: JsonRpc) -> tuple[bytes, ...]:
    if not isinstance(found, list):
        raise SourceError(Doubt.CHAIN_BAD_ANSWER, "trie_nodes", host=rpc.host)
    return tuple(data(node, rpc) for node in found)
