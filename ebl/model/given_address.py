"""Addresses given by callers: an error in one is an error of the caller's input."""

from __future__ import annotations

import re
from typing import Final

from ebl.errors import InvalidInput
from ebl.ethereum.address import ADDRESS, NotAnAddress, checksummed
from ebl.messages import explained

_ADDRESS: Final = re.compile(ADDRESS)


def require_address(text: str, field: str) -> str:
    """Returns the EIP-55 form of an address that the caller gave. Raises `InvalidInput`, with the ``field``, if it is not one."""
    if not isinstance(text, str):
        raise InvalidInput(f"{field}: expected text of 0x and 40 hex digits; got {type(text).__name__}.")
    try:
        return checksummed(text)
    except NotAnAddress as bad:
        raise InvalidInput(f"{field}: {explained(bad.reason)}.", fix=_fix(text)) from bad


def _fix(text: str) -> str:
    """Returns what to do about a text that is not an address; the error itself does not state it."""
    if _ADDRESS.fullmatch(text):
        return "Copy the address again from its source, with its capitals."
    if len(text) != 42:
        return f"It has {len(text)} characters, and an address has 42: copy the whole address, and nothing else."
    return "Copy it again: one of its characters is not 0-9 or a-f."
