"""Values of Ethereum's JSON-RPC, as its specification (execution-apis) writes them: hexadecimal text after ``0x``.

Any other form is refused, even if it could be interpreted: a number read differently from what the node meant may be money.
So there is one reader. A value that a library has already converted is first written back to text (see `as_written`).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ebl.codec.broken import Broken
from ebl.ethereum.address import checksummed

_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_LATEST = 2**37
_MAX_DEPTH = 64


class MalformedValue(Broken):
    """A value is not what JSON-RPC requires in its place; ``reason`` states the requirement."""

    subject = "rpc_value"


def quantity(value: object) -> int:
    """Reads a number of at most 32 bytes. Leading zeros, which some nodes write, are accepted.

    Raises `MalformedValue` if the value is anything else.
    """
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise MalformedValue("number")
    return int(value, 16)


def data(value: object, length: int | None = None) -> bytes:
    """Reads bytes, of the given length if there is one. Raises `MalformedValue` if the value is anything else."""
    if not isinstance(value, str) or not value.startswith("0x"):
        raise MalformedValue("bytes")
    try:
        found = binascii.unhexlify(value[2:])
    except ValueError as bad:
        raise MalformedValue("bytes") from bad
    if length is not None and len(found) != length:
        raise MalformedValue("length", expected=length, came=len(found))
    return found


def hash32(value: object) -> str:
    """Reads the hash of a block or a transaction: 0x and 64 lower-case digits. Raises `MalformedValue` if it is anything else."""
    return f"0x{data(value, 32).hex()}"


def address(value: object) -> str:
    """Reads an address and returns it with its checksum. The case in which the node wrote it has no meaning.

    Raises `MalformedValue` if the value is anything else.
    """
    return checksummed(f"0x{data(value, 20).hex()}")


def time(value: object) -> datetime:
    """Reads a time in Unix seconds, before the year 6000. Raises `MalformedValue` if the value is anything else."""
    seconds = quantity(value)
    if seconds >= _LATEST:
        raise MalformedValue("time")
    return datetime.fromtimestamp(seconds, UTC)


def as_written(value: Any, depth: int = _MAX_DEPTH) -> Any:
    """Writes a result as a node writes it, if a library (such as web3) has already converted its numbers and bytes.

    Raises `MalformedValue` if a value has a type that no result has, or is nested more than 64 deep. A float stays a float;
    no reader here accepts it.
    """
    if value is None or isinstance(value, str | bool | float):
        return value
    if isinstance(value, bytes | bytearray):
        return f"0x{value.hex()}"
    if isinstance(value, int):
        return hex(value)
    if depth and isinstance(value, Mapping):
        return {str(key): as_written(one, depth - 1) for key, one in value.items()}
    if depth and isinstance(value, list | tuple):
        return [as_written(one, depth - 1) for one in value]
    raise MalformedValue("other")
