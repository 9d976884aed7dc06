"""Types of functions, events and custom errors, which encode to bytes and decode from them by a signature."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ebl.ethereum import abi
from ebl.model.ports import Answer, Reverted

T = TypeVar("T")

# What verifications encode and decode most: a hash, and a yes or no. The general way takes ten times as long.
_HASH = ("bytes32",)
_BOOLS = {bytes(32): False, bytes(31) + b"\1": True}
_SIGNATURE = re.compile(r"(\w+)\(([\w\[\], ]*)\)")


class Function(Generic[T]):
    """One function with at most one return value: ``OWNER_OF = Function[str]("ownerOf(uint256)", "address")``.

    A call makes calldata, ``OWNER_OF(7)``; ``decode`` decodes the returned bytes; ``arguments`` decodes calldata. All raise
    `ValueError` if the data does not fit. ``decode_answer`` decodes a response of an untrusted contract and does not raise.
    """

    __slots__ = ("returns", "selector", "signature", "types")

    def __init__(self, signature: str, returns: str = "") -> None:
        self.signature, self.returns = signature, returns
        self.selector, self.types = abi.selector(signature), parameters(signature)[1]

    def __call__(self, *values: Any) -> bytes:
        if self.types == _HASH and len(values) == 1 and type(values[0]) is bytes and len(values[0]) == 32:
            return self.selector + values[0]
        return self.selector + abi.encode(self.types, values)

    def decode(self, data: bytes) -> T:
        """Decodes the value that a call returned."""
        value: T
        if self.returns == "bool" and data in _BOOLS:
            value = _BOOLS[data]  # type: ignore[assignment]
            return value
        (value,) = abi.decode((self.returns,), data)
        return value

    def decode_answer(self, answer: Answer) -> T | None:
        """Decodes the value in a chain's response to a call; None if the contract reverted or returned another type."""
        try:
            return None if isinstance(answer, Reverted) else self.decode(answer)
        except ValueError:
            return None

    def arguments(self, calldata: bytes) -> tuple[Any, ...]:
        """Decodes the arguments in calldata of this function."""
        if calldata[:4] != self.selector:
            raise ValueError(f"expected calldata of {self.signature}; found the selector 0x{calldata[:4].hex()}")
        return abi.decode(self.types, calldata[4:])


def code_of(answer: Answer) -> bytes:
    """Returns the code in a chain's response to a `CodeAt`; empty if there is none."""
    return answer if isinstance(answer, bytes) else b""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its signature, with ``indexed`` as in Solidity, and the class that takes its parameters in order."""

    declaration: str
    makes: type[Any]
    topic: bytes = field(init=False)
    types: tuple[str, ...] = field(init=False)
    indexed: tuple[bool, ...] = field(init=False)

    def __post_init__(self) -> None:
        name, words = parameters(self.declaration)
        types = tuple(word.removesuffix(" indexed") for word in words)
        object.__setattr__(self, "topic", abi.topic(f"{name}({','.join(types)})"))
        object.__setattr__(self, "types", types)
        object.__setattr__(self, "indexed", tuple(word.endswith(" indexed") for word in words))

    def read(self, topics: Sequence[bytes], data: bytes) -> Any:
        """Decodes the event into an instance of ``makes``. Raises `ValueError` if topics or data do not fit."""
        if len(topics) != 1 + sum(self.indexed):
            raise ValueError(f"expected {1 + sum(self.indexed)} topics for {self.declaration}; found {len(topics)}")
        plain = iter(abi.decode([t for t, i in zip(self.types, self.indexed, strict=True) if not i], data))
        words = iter(topics[1:])
        return self.makes(
            *(
                abi.decode_word(t, next(words)) if i else next(plain)
                for t, i in zip(self.types, self.indexed, strict=True)
            )
        )


def parameters(signature: str) -> tuple[str, tuple[str, ...]]:
    """Returns a name and its parameter types: ``f(address,bytes)`` is ``("f", ("address", "bytes"))``. Raises `ValueError`."""
    found = _SIGNATURE.fullmatch(signature)
    if found is None:
        raise ValueError(f"expected name(type,…); found {signature!r}")
    name, inside = found.groups()
    return name, tuple(word.strip() for word in inside.split(",")) if inside else ()
