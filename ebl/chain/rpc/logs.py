"""Events over long ranges, from nodes that limit the range: queried in pieces, and cached once they cannot change."""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from ebl.chain.contracts import log_entry
from ebl.chain.rpc.jsonrpc import REMEMBERED_SECONDS, JsonRpc, RpcCall, RpcFault
from ebl.chain.rpc.node_values import require_same, result, understood
from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.model.ports import Block, Log

MAX_REQUESTS = 500
MAX_LOGS = 200_000
_PIECES = 25
_TRIES = 3
_TRIES_OF_ONE = 8
_LIMIT_CODES = frozenset({-32005, -32602, -32614, -32012})
_LIMIT = re.compile(
    r"range|limit|exceed|too (many|large|wide|big|much)|more than|size|timeout|timed out", re.IGNORECASE
)
_SHOULD_WORK = re.compile(r"\[(0x[0-9a-fA-F]{1,16}),\s*(0x[0-9a-fA-F]{1,16})\]")
_BLOCKS = re.compile(
    r"([0-9][0-9,]{0,9})[ -]?block|block range[^0-9]{0,30}([0-9][0-9,]{0,9})|to an? ([0-9][0-9,]{0,9}) range"
)

_Key = tuple[int, tuple[str, ...], int]


@dataclass(slots=True)
class LogReader:
    """Reads events, and caches those up to a block for as long as that block stays in the chain.

    Share one among chains opened one after the other. Thread-safe. ``seconds`` limits the time of one reading; ``widest`` is
    the longest range that a host accepted, if it refused a longer one.
    """

    keep: int = 64
    seconds: float = 300.0
    _widest: dict[str, tuple[int, float]] = field(default_factory=dict)
    _known: OrderedDict[_Key, tuple[int, str, tuple[Log, ...]]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(
        self, rpc: JsonRpc, block: Block, addresses: Sequence[str], *, start: int, end: int | None = None
    ) -> tuple[Log, ...]:
        """Returns every event of the addresses from block ``start`` to ``end``, by block and log index.

        The range is split if the node requires it, many pieces are queried at a time, and a piece that failed is retried. The
        last request also checks that the pinned block, and the last block of the cached events, are unchanged. Raises
        `SourceError`. Not checked: whether the node left events out.
        """
        last = block.number if end is None else min(end, block.number)
        key = (block.chain_id, tuple(sorted(address.lower() for address in addresses)), start)
        with self._lock:
            known = self._known.get(key)
        if known is not None and known[0] <= last:
            upto, known_hash, before = known
            after, same = self._fetch(rpc, block, key, upto + 1, last, check=(upto, known_hash))
            logs = (*before, *after) if same else self._fetch(rpc, block, key, start, last)[0]
        else:
            logs = self._fetch(rpc, block, key, start, last)[0]
        if last == block.number:
            with self._lock:
                self._known[key] = (last, block.hash, logs)
                self._known.move_to_end(key)
                while len(self._known) > self.keep:
                    self._known.popitem(last=False)
        return logs

    def _fetch(
        self, rpc: JsonRpc, block: Block, key: _Key, first: int, last: int, check: tuple[int, str] | None = None
    ) -> tuple[tuple[Log, ...], bool]:
        """Returns the events of a range, and whether the block to check is unchanged (if not, nothing was fetched)."""
        todo = [_Piece(first, last)] if first <= last else []
        controls = [_block_call(block.number)] + ([_block_call(check[0])] if check else [])
        found: list[Log] = []
        deadline = time.monotonic() + self.seconds
        for used in range(MAX_REQUESTS):
            if used and time.monotonic() >= deadline:
                within = timedelta(seconds=self.seconds)
                raise SourceError(Doubt.CHAIN_TIMEOUT, "events", host=rpc.host, within=within)
            pieces = self._next(rpc, todo, MAX_REQUESTS - used)
            calls = [RpcCall("eth_getLogs", (_query(key[1], piece),)) for piece in pieces]
            answers = rpc.ask(*calls, *(() if todo else controls))
            complete = not todo
            for piece, answer in reversed(list(zip(pieces, answers, strict=False))):
                if isinstance(answer, RpcFault):
                    todo += self._again(rpc, piece, answer)
                else:
                    found += _logs(answer, rpc, key[1], piece)
            if len(found) > MAX_LOGS:
                raise SourceError(Doubt.CHAIN_BAD_ANSWER, "too_many_events", host=rpc.host, most=MAX_LOGS)
            if complete and not todo:
                require_same(answers[len(pieces)], block, rpc)
                return _in_order(found, rpc), check is None or _is(answers[-1], check[1])
        raise _too_short(rpc)

    def _next(self, rpc: JsonRpc, todo: list[_Piece], requests: int) -> list[_Piece]:
        """Takes the next pieces, from the end of the list, each as wide as the node allows."""
        blocks = sum(piece.width for piece in todo)
        widest = self._remembered(rpc.host) or blocks
        if blocks > widest * _PIECES * requests:
            raise _too_short(rpc)
        pieces: list[_Piece] = []
        while todo and len(pieces) < _PIECES:
            piece = todo.pop()
            if piece.width > widest:
                todo.append(_Piece(piece.first + widest, piece.last))
                piece = _Piece(piece.first, piece.first + widest - 1)
            pieces.append(piece)
        return pieces

    def _remembered(self, host: str) -> int | None:
        widest, until = self._widest.get(host, (0, 0.0))
        return widest if time.monotonic() < until else None

    def _again(self, rpc: JsonRpc, piece: _Piece, fault: RpcFault) -> list[_Piece]:
        """Returns what to query instead of a piece that failed: the same, or shorter ones if the node seems to require that."""
        tries = piece.tries + 1
        if piece.width == 1:
            if tries > _TRIES_OF_ONE:
                raise SourceError(
                    Doubt.CHAIN_BAD_ANSWER,
                    "fault",
                    host=rpc.host,
                    what="events",
                    fault=fault.message,
                    number=fault.code,
                )
            return [replace(piece, tries=tries)]
        if not fault.wants_a_pause and (fault.code in _LIMIT_CODES or _LIMIT.search(fault.message)):
            widest = min(self._remembered(rpc.host) or piece.width, _allowed(fault.message, piece.width))
            self._widest[rpc.host] = widest, time.monotonic() + REMEMBERED_SECONDS
            return [_Piece(piece.first, piece.last)]
        if tries < _TRIES:
            return [replace(piece, tries=tries)]
        middle = piece.first + piece.width // 2
        return [_Piece(middle, piece.last), _Piece(piece.first, middle - 1)]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A range of blocks, both ends included, and how often it failed."""

    first: int
    last: int
    tries: int = 0

    @property
    def width(self) -> int:
        return self.last - self.first + 1


def _too_short(rpc: JsonRpc) -> SourceError:
    return SourceError(Doubt.CHAIN_REFUSED, "too_short", host=rpc.host, most=MAX_REQUESTS)


def _allowed(message: str, width: int) -> int:
    """Returns how wide a range the node may accept: the width in its message, if that is shorter, or half."""
    if hint := _SHOULD_WORK.search(message):
        wide = int(hint[2], 16) - int(hint[1], 16) + 1
    elif hint := _BLOCKS.search(message):
        wide = int(next(group for group in hint.groups() if group).replace(",", ""))
    else:
        wide = 0
    return wide if 0 < wide < width else max(1, width // 2)


def _query(addresses: Sequence[str], piece: _Piece) -> dict[str, Any]:
    return {"address": list(addresses), "fromBlock": hex(piece.first), "toBlock": hex(piece.last)}


def _block_call(number: int) -> RpcCall:
    return RpcCall("eth_getBlockByNumber", (hex(number), False))


def _is(found: Any, block_hash: str) -> bool:
    return isinstance(found, dict) and found.get("hash") == block_hash


def _logs(found: Any, rpc: JsonRpc, addresses: Sequence[str], piece: _Piece) -> list[Log]:
    if not isinstance(result(found, rpc, "events"), list):
        raise SourceError(Doubt.CHAIN_BAD_ANSWER, "events", host=rpc.host)
    with understood(rpc):
        logs = [log_entry.read(entry) for entry in found]
    if any(log.address.lower() not in addresses or not piece.first <= log.block_number <= piece.last for log in logs):
        raise SourceError(Doubt.CHAIN_BAD_ANSWER, "other_events", host=rpc.host)
    return logs


def _in_order(logs: list[Log], rpc: JsonRpc) -> tuple[Log, ...]:
    ordered = sorted(logs, key=lambda log: (log.block_number, log.log_index))
    places = {(log.block_number, log.log_index) for log in ordered}
    if len(places) < len(ordered):
        raise SourceError(Doubt.CHAIN_BAD_ANSWER, "event_twice", host=rpc.host)
    return tuple(ordered)
