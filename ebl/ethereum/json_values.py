"""The values of Ethereum's JSON-RPC, as its specification (execution-apis) writes them: hexadecimal text after ``0x``.

A node that answers with anything else is not understood, whatever could be made of it: a number that is read as another than
the node meant may be money. So there is one reader, and what has been read already (see `as_written`) is written first.
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
    """A value is not what JSON-RPC has in its place; ``reason`` says what that is."""

    subject = "rpc_value"


def quantity(value: object) -> int:
    """A number of at most 32 bytes. Raises `MalformedValue`. Leading zeros, which some nodes write, are accepted."""
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise MalformedValue("number")
    return int(value, 16)


def data(value: object, length: int | None = None) -> bytes:
    """Bytes, of a certain length where that is known. Raises `MalformedValue`."""
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
    """The hash of a block or a transaction: 0x and 64 digits in lower case. Raises `MalformedValue`."""
    return f"0x{data(value, 32).hex()}"


def address(value: object) -> str:
    """An address with its checksum; in what letters the node wrote it says nothing. Raises `MalformedValue`."""
    return checksummed(f"0x{data(value, 20).hex()}")


def time(value: object) -> datetime:
    """A time in Unix seconds, before the year 6000. Raises `MalformedValue`."""
    seconds = quantity(value)
    if seconds >= _LATEST:
        raise MalformedValue("time")
    return datetime.fromtimestamp(seconds, UTC)


def as_written(value: Any, depth: int = _MAX_DEPTH) -> Any:
    """A result as a node wrote it, from one in which a library (such as web3) has read numbers and bytes already.

    Raises `MalformedValue` for what is of no kind that a result has, or more than 64 deep. A float stays one, and no reader here
    takes it for anything.
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
