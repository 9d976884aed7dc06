"""Parts of a stranger's JSON, taken as what they must be, or refused by their pointer: everything here raises `Malformed`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ebl.codec.strict_json import came
from ebl.codes import Failure
from ebl.errors import Malformed
from ebl.ethereum.address import NotAnAddress, checksummed
from ebl.messages import Parameter, say


def wrong(
    where: str, expected: str, value: object, code: Failure = Failure.SCHEMA, /, **params: Parameter
) -> Malformed:
    """The error for one place; ``expected`` is the variant of the code's message that says what was expected there."""
    return Malformed(code, say(code, expected, at=where, came=came(value), **params))


def member(holder: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    """A member that must be an object where it is there at all; else an empty one."""
    value = holder.get(name, {})
    if not isinstance(value, dict):
        raise wrong(f"{where}/{name}", "object", value)
    return value


def text(holder: Mapping[str, Any], name: str) -> str | None:
    """A member that is a string, else None: what a claim lacks is missed by its check, or by the verdict."""
    value = holder.get(name)
    return value if isinstance(value, str) else None


def address(value: object, where: str) -> str:
    """A contract's address, checksummed."""
    if not isinstance(value, str):
        raise wrong(where, "address", value)
    try:
        return checksummed(value)
    except NotAnAddress as bad:
        raise Malformed(Failure.BAD_ADDRESS, "contract", at=where, because=bad.reason) from None
