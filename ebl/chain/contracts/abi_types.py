"""The shape of a function, an event and a custom error: what turns a signature into bytes and back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ebl.ethereum import abi
from ebl.model.ports import Answer, Reverted

T = TypeVar("T")

_SIGNATURE = re.compile(r"(\w+)\(([\w\[\], ]*)\)")


class Function(Generic[T]):
    """One function, of at most one return value: ``OWNER_OF = Function[str]("ownerOf(uint256)", "address")``.

    Calling it gives calldata, ``OWNER_OF(7)``; ``answer`` decodes what came back; ``arguments`` decodes calldata. All raise
    `ValueError` for what does not fit. ``told`` takes a stranger's contract's answer as it came.
    """

    __slots__ = ("returns", "selector", "signature", "types")

    def __init__(self, signature: str, returns: str = "") -> None:
        self.signature, self.returns = signature, returns
        self.selector, self.types = abi.selector(signature), parameters(signature)[1]

    def __call__(self, *values: Any) -> bytes:
        return self.selector + abi.encode(self.types, values)

    def answer(self, data: bytes) -> T:
        """The value that a call returned."""
        value: T
        (value,) = abi.decode((self.returns,), data)
        return value

    def told(self, answer: Answer) -> T | None:
        """The value in a chain's answer to a call; None where the contract refused, or answered something else."""
        try:
            return None if isinstance(answer, Reverted) else self.answer(answer)
        except ValueError:
            return None

    def arguments(self, calldata: bytes) -> tuple[Any, ...]:
        """The values that make up calldata of this function."""
        if calldata[:4] != self.selector:
            raise ValueError(f"expected calldata of {self.signature}; got the selector 0x{calldata[:4].hex()}")
        return abi.decode(self.types, calldata[4:])


def code_told(answer: Answer) -> bytes:
    """The code in a chain's answer to a `CodeAt`; empty where there is none."""
    return answer if isinstance(answer, bytes) else b""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its signature with ``indexed`` where it belongs, and the class that its parameters make in order."""

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
        """The event, as an instance of ``makes``. Raises `ValueError` where topics or data do not fit."""
        if len(topics) != 1 + sum(self.indexed):
            raise ValueError(f"expected {1 + sum(self.indexed)} topics for {self.declaration}; got {len(topics)}")
        plain = iter(abi.decode([t for t, i in zip(self.types, self.indexed, strict=True) if not i], data))
        words = iter(topics[1:])
        return self.makes(
            *(
                abi.decode_word(t, next(words)) if i else next(plain)
                for t, i in zip(self.types, self.indexed, strict=True)
            )
        )


def parameters(signature: str) -> tuple[str, tuple[str, ...]]:
    """A name and its parameter types: ``f(address,bytes)`` is ``("f", ("address", "bytes"))``. Raises `ValueError`."""
    found = _SIGNATURE.fullmatch(signature)
    if found is None:
        raise ValueError(f"expected name(type,…); got {signature!r}")
    name, inside = found.groups()
    return name, tuple(word.strip() for word in inside.split(",")) if inside else ()
