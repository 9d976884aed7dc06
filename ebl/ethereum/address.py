"""Ethereum addresses: 20 bytes, written with the EIP-55 checksum."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from ebl.errors import InvalidInput
from ebl.ethereum import rlp
from ebl.ethereum.keccak import keccak256
from ebl.messages import Reason

ADDRESS: Final = r"0x[0-9a-fA-F]{40}"
"""The pattern of an address in a text."""

ZERO: Final = "0x" + "0" * 40
"""The zero address: in the events and the state of contracts it stands for no one."""

_ADDRESS = re.compile(ADDRESS)


@lru_cache(maxsize=1024)
def checksummed(text: str) -> str:
    """The EIP-55 form of an address.

    Raises `Reason` where the text is not an address, or where its letters mix cases and the checksum is wrong. An
    address in one case carries no checksum and is accepted.
    """
    if not _ADDRESS.fullmatch(text):
        raise Reason("address", "form", came=text)
    digits = text[2:].lower()
    nibbles = keccak256(digits.encode()).hex()
    checked = "0x" + "".join(c.upper() if n >= "8" else c for c, n in zip(digits, nibbles, strict=False))
    if text[2:] not in (digits, digits.upper()) and text != checked:
        raise Reason("address", "checksum", came=text)
    return checked


def unless_zero(address: str | None) -> str | None:
    """The address; None if it is the zero address, by which contracts say that there is no one."""
    return None if address == ZERO else address


def created_by(account: str, nonce: int) -> str:
    """Where a contract lies that an account creates, by its ``nonce`` then: the checksummed address (Yellow Paper, section 7)."""
    return checksummed(f"0x{keccak256(rlp.encode([bytes.fromhex(account[2:]), nonce]))[12:].hex()}")


def given(text: str, what: str) -> str:
    """The EIP-55 form of an address that the caller gave. Raises `InvalidInput`, naming ``what`` it was for."""
    if not isinstance(text, str):
        raise InvalidInput(f"{what}: expected text of 0x and 40 hex digits; got {type(text).__name__}.")
    try:
        return checksummed(text)
    except ValueError as bad:
        raise InvalidInput(f"{what}: {bad}.", fix=_fix(text)) from bad


def _fix(text: str) -> str:
    """What to do about a text that is no address, which the error's own words do not say."""
    if _ADDRESS.fullmatch(text):
        return "Copy the address again from its source, capitals and all."
    if len(text) != 42:
        return f"It has {len(text)} characters, and an address has 42: copy the whole of it, and nothing else."
    return "Copy it again: one of its characters is none of 0-9 and a-f."
