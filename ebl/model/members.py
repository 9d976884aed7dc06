"""Members of untrusted JSON in their required types. Every function raises `Malformed`, with a pointer, if that fails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ebl.codec.strict_json import describe_value
from ebl.codes import Failure
from ebl.errors import Malformed
from ebl.ethereum.address import NotAnAddress, checksummed
from ebl.messages import Parameter, say


def wrong(
    where: str, expected: str, value: object, code: Failure = Failure.SCHEMA, /, **params: Parameter
) -> Malformed:
    """Returns the error for one place; ``expected`` is the variant of the code's message that describes the expected value."""
    return Malformed(code, say(code, expected, at=where, came=describe_value(value), **params))


def member(holder: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    """Returns a member that must be an object if it exists; an empty object if it does not."""
    value = holder.get(name, {})
    if not isinstance(value, dict):
        raise wrong(f"{where}/{name}", "object", value)
    return value


def text(holder: Mapping[str, Any], name: str) -> str | None:
    """Returns a member that is a string, else None: the check of the claim, or the verdict, reports what is missing."""
    value = holder.get(name)
    return value if isinstance(value, str) else None


def address(value: object, where: str) -> str:
    """Returns a contract's address, checksummed."""
    if not isinstance(value, str):
        raise wrong(where, "address", value)
    try:
        return checksummed(value)
    except NotAnAddress as bad:
        raise Malformed(Failure.BAD_ADDRESS, "contract", at=where, because=bad.reason) from None
