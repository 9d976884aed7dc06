"""Many calls in one ``eth_call``, through the contract Multicall3.

Only calls of contracts with known code are combined: each call may change state that later ones read, so a contract of
unknown code could change what another one returns. If a call fails inside, it must be made by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

from ebl.chain.contracts import known_code
from ebl.ethereum.json_values import MalformedValue, data
from ebl.ethereum.keccak import keccak256
from ebl.model.ports import CodeAt, Read

ADDRESS: Final = "0xcA11bde05977b3631167028862bE2a173976CA11"
"""Its address on every chain that has it."""

CODES: Final = {
    "d5c15df687b16f2ff992fc8d767b4216323184a2bbc6ee2f9c398c318e770891": "the deployed one",
    "5a29a1eb2f59e45e4249b938c8192cac0d2bd32398e1afa03f302a867db692ea": "viem's build",
}
"""Keccak-256 of its runtime code, by build. The second is that of the creation code in the npm package viem."""

MOST: Final = 400
_FEW: Final = 8
_AGGREGATE3: Final = bytes.fromhex("82ad56cb")  # aggregate3((address,bool,bytes)[])
_WORD: Final = 32

Pinned = Callable[..., list[Any]]
"""Queries a node with several calls at the chain's block: each a method and its parameters without the block."""


class Multicall:
    """Multicall3 of one chain at one block. It is ``off`` once it is known to be missing, or to fail."""

    def __init__(self, pinned: Pinned) -> None:
        self.off = False
        self._pinned = pinned
        self._size = MOST
        self._is_store: dict[str, bool] = {}

    def read(self, reads: Sequence[Read | CodeAt]) -> dict[int, bytes]:
        """Returns what calls returned, by their place among ``reads``. Those that are missing must be read without Multicall3."""
        if self.off:
            return {}
        count = Counter(read.to for read in reads if type(read) is Read)
        self._look_at([address for address, times in count.items() if times >= _FEW])
        if self.off:
            return {}
        places = [at for at, read in enumerate(reads) if type(read) is Read and self._is_store.get(read.to)]
        found: dict[int, bytes] = {}
        done = 0
        while not self.off and len(places) - done >= _FEW:
            part = places[done : done + self._size]
            answers = self._together([reads[at] for at in part])
            if answers is None:
                self._size = len(part) // 2
                self.off = self._size < _FEW
                continue
            found |= {at: answer for at, answer in zip(part, answers, strict=True) if answer is not None}
            done += len(part)
        return found

    def _look_at(self, addresses: Sequence[str]) -> None:
        """Determines which of these contracts are stores of known code, and at the first call whether Multicall3 exists."""
        new = [address for address in addresses if address not in self._is_store]
        if not new:
            return
        first = not self._is_store
        asked = [*([ADDRESS] if first else []), *new]
        codes = list(map(_bytes, self._pinned(*(("eth_getCode", (address,)) for address in asked))))
        if first and keccak256(codes.pop(0) or b"").hex() not in CODES:
            self.off = True
            return
        self._is_store |= {
            address: code is not None and known_code.store(code) is not None
            for address, code in zip(new, codes, strict=True)
        }

    def _together(self, reads: Sequence[Any]) -> list[bytes | None] | None:
        """Returns what each call returned, None if it failed inside; returns None if the whole call failed."""
        (found,) = self._pinned(("eth_call", ({"to": ADDRESS, "data": f"0x{calldata(reads).hex()}"},)))
        answer = _bytes(found)
        try:
            return None if answer is None else results(answer, len(reads))
        except ValueError:
            return None


def calldata(reads: Sequence[Read]) -> bytes:
    """Encodes the call of ``aggregate3`` that makes these calls, each of which may fail."""
    tails = [
        bytes(12)
        + bytes.fromhex(read.to[2:])
        + _word(1)
        + _word(3 * _WORD)
        + _word(len(read.data))
        + _padded(read.data)
        for read in reads
    ]
    at, offsets = len(tails) * _WORD, b""
    for tail in tails:
        offsets += _word(at)
        at += len(tail)
    return _AGGREGATE3 + _word(_WORD) + _word(len(tails)) + offsets + b"".join(tails)


def results(answer: bytes, count: int) -> list[bytes | None]:
    """Decodes what ``aggregate3`` returned for each of ``count`` calls, None for one that failed.

    Raises `ValueError` if it is not the canonical ABI encoding.
    """
    head = (2 + count) * _WORD
    found: list[bytes | None] = []
    at = head
    offsets = b""
    for _ in range(count):
        success, place, length = (_number(answer, at + word * _WORD) for word in range(3))
        returned = answer[at + 3 * _WORD :][:length] if length <= len(answer) else b""
        if success > 1 or place != 2 * _WORD or len(returned) != length:
            raise ValueError("not the results of aggregate3")
        offsets += _word(at - 2 * _WORD)
        at += 3 * _WORD + length + -length % _WORD
        found.append(returned if success else None)
    if answer[:head] != _word(_WORD) + _word(count) + offsets or at != len(answer):
        raise ValueError("not the results of aggregate3")
    return found


def _number(answer: bytes, at: int) -> int:
    word = answer[at : at + _WORD]
    if len(word) != _WORD:
        raise ValueError("not the results of aggregate3")
    return int.from_bytes(word, "big")


def _bytes(found: Any) -> bytes | None:
    """Returns the bytes of a node's response; None if it is an error or is malformed."""
    try:
        return data(found)
    except MalformedValue:
        return None


def _word(number: int) -> bytes:
    return number.to_bytes(_WORD, "big")


def _padded(value: bytes) -> bytes:
    return value + bytes(-len(value) % _WORD)
