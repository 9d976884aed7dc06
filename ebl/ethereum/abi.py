"""Encoding of the contract ABI, for the types that ebl's contracts use. Reading a contract thus needs no heavy library.

Types: ``address`` (checksummed text), ``bool``, ``uintN``, ``bytesN``, ``bytes``, ``string``, and arrays ``T[]`` of them; no
fixed arrays and no tuples. Decoding accepts only the canonical encoding, as compilers write it: tails in order, without
gaps, padding zero, nothing after the end. The same rule applies to the data that any contract returns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from ebl.ethereum.address import checksummed
from ebl.ethereum.keccak import keccak256

MAX_BYTES = 1 << 20
"""The largest number of bytes that are decoded at once."""

_WORD = 32


@cache
def selector(signature: str) -> bytes:
    """Returns the first 4 bytes of calldata: ``selector("ownerOf(uint256)")``."""
    return keccak256(signature.encode())[:4]


@cache
def topic(signature: str) -> bytes:
    """Returns the first topic of an event: ``topic("Transfer(address,address,uint256)")``."""
    return keccak256(signature.encode())


def call(signature: str, *values: Any) -> bytes:
    """Returns the calldata of a function: ``call("ownerOf(uint256)", 7)``. Raises `ValueError` if a value does not fit."""
    inside = signature.partition("(")[2].removesuffix(")")
    return selector(signature) + encode(inside.split(",") if inside else (), values)


def encode(types: Sequence[str], values: Sequence[Any]) -> bytes:
    """Encodes values as the arguments of a call. Raises `ValueError` if a value does not fit its type."""
    if len(types) != len(values):
        raise ValueError(f"expected {len(types)} values ({', '.join(types)}); got {len(values)}")
    head, tail = b"", b""
    for type_, value in zip(types, values, strict=True):
        if is_dynamic(type_):
            head += _word(len(types) * _WORD + len(tail))
            tail += _encode_tail(type_, value)
        else:
            head += encode_word(type_, value)
    return head + tail


def decode(types: Sequence[str], data: bytes) -> tuple[Any, ...]:
    """Decodes the output of `encode`. Raises `ValueError` if it is not the canonical encoding, or is longer than `MAX_BYTES`."""
    if len(data) > MAX_BYTES:
        raise ValueError(f"expected at most {MAX_BYTES} bytes of ABI data; got {len(data)}")
    values, end = _decode(types, data, 0)
    if end != len(data):
        raise ValueError(f"expected {end} bytes for ({', '.join(types)}); got {len(data)}")
    return values


def is_dynamic(type_: str) -> bool:
    """Returns whether a type's value is stored in the tail (and hashed if it is an indexed parameter)."""
    return type_ in ("bytes", "string") or type_.endswith("[]")


def encode_word(type_: str, value: Any) -> bytes:
    """Returns one value of a static type as 32 bytes. Raises `ValueError` if it does not fit."""
    match type_:
        case "address" if isinstance(value, str):
            return bytes(12) + bytes.fromhex(checksummed(value)[2:])
        case "bool" if isinstance(value, bool):
            return _word(int(value))
        case _ if type_.startswith("uint") and isinstance(value, int) and not isinstance(value, bool):
            if 0 <= value < 1 << int(type_[4:]):
                return _word(value)
        case _ if type_.startswith("bytes") and isinstance(value, bytes) and len(value) == int(type_[5:]):
            return value.ljust(_WORD, b"\0")
    raise ValueError(f"expected a value of type {type_}; got {value!r:.80}")


def decode_word(type_: str, word: bytes) -> Any:
    """Returns the value of one 32-byte word of a static type. Raises `ValueError` if the word is not canonical."""
    if len(word) != _WORD:
        raise ValueError(f"expected 32 bytes for {type_}; got {len(word)}")
    number = int.from_bytes(word, "big")
    match type_:
        case "address" if number < 1 << 160:
            return checksummed("0x" + word[12:].hex())
        case "bool" if number < 2:
            return bool(number)
        case _ if type_.startswith("uint") and number < 1 << int(type_[4:]):
            return number
        case _ if type_.startswith("bytes") and not any(word[int(type_[5:]) :]):
            return word[: int(type_[5:])]
    raise ValueError(f"expected a word of type {type_}; got 0x{word.hex()}")


def _word(number: int) -> bytes:
    return number.to_bytes(_WORD, "big")


def _encode_tail(type_: str, value: Any) -> bytes:
    if type_.endswith("[]"):
        if not isinstance(value, Sequence) or isinstance(value, str | bytes):
            raise ValueError(f"expected a sequence for {type_}; got {value!r:.80}")
        return _word(len(value)) + encode([type_[:-2]] * len(value), value)
    raw = value.encode() if type_ == "string" and isinstance(value, str) else value
    if not isinstance(raw, bytes) or (type_ == "string") != isinstance(value, str):
        raise ValueError(f"expected a value of type {type_}; got {value!r:.80}")
    return _word(len(raw)) + raw + bytes(-len(raw) % _WORD)


def _decode(types: Sequence[str], data: bytes, start: int) -> tuple[tuple[Any, ...], int]:
    """Returns the values whose heads begin at ``start``, and the offset at which their tails end."""
    values, end = [], start + len(types) * _WORD
    for index, type_ in enumerate(types):
        word = data[start + index * _WORD :][:_WORD]
        if not is_dynamic(type_):
            values.append(decode_word(type_, word))
            continue
        if decode_word("uint256", word) != end - start:
            raise ValueError(f"expected the tail of {type_} at {end - start}; got 0x{word.hex()}")
        value, end = _decode_tail(type_, data, end)
        values.append(value)
    return tuple(values), end


def _decode_tail(type_: str, data: bytes, start: int) -> tuple[Any, int]:
    length = decode_word("uint256", data[start : start + _WORD])
    start += _WORD
    if length * (_WORD if type_.endswith("[]") else 1) > len(data) - start:
        raise ValueError(f"expected a {type_} that ends within {len(data)} bytes; got the length {length}")
    if type_.endswith("[]"):
        return _decode([type_[:-2]] * length, data, start)
    end = start + length + -length % _WORD
    value, padding = data[start : start + length], data[start + length : end]
    if len(padding) != -length % _WORD or any(padding):
        raise ValueError(f"expected {type_} padded with zeros; got 0x{padding.hex()}")
    return _FINISH[type_](value), end


_FINISH: dict[str, Callable[[bytes], Any]] = {"bytes": bytes, "string": lambda value: value.decode()}
