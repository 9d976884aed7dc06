"""Addresses that callers give: what is wrong with one is theirs to mend."""

from __future__ import annotations

import re
from typing import Final

from ebl.errors import InvalidInput
from ebl.ethereum.address import ADDRESS, NotAnAddress, checksummed
from ebl.messages import explained

_ADDRESS: Final = re.compile(ADDRESS)


def given(text: str, what: str) -> str:
    """The EIP-55 form of an address that the caller gave. Raises `InvalidInput`, naming ``what`` it was for."""
    if not isinstance(text, str):
        raise InvalidInput(f"{what}: expected text of 0x and 40 hex digits; got {type(text).__name__}.")
    try:
        return checksummed(text)
    except NotAnAddress as bad:
        raise InvalidInput(f"{what}: {explained(bad.reason)}.", fix=_fix(text)) from bad


def _fix(text: str) -> str:
    """What to do about a text that is no address, which the error's own words do not say."""
    if _ADDRESS.fullmatch(text):
        return "Copy the address again from its source, capitals and all."
    if len(text) != 42:
        return f"It has {len(text)} characters, and an address has 42: copy the whole of it, and nothing else."
    return "Copy it again: one of its characters is none of 0-9 and a-f."
