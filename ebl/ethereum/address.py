"""Ethereum addresses: 20 bytes, written with the EIP-55 checksum."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from ebl.codec.broken import Broken
from ebl.ethereum import rlp
from ebl.ethereum.keccak import keccak256

ADDRESS: Final = r"0x[0-9a-fA-F]{40}"
"""The pattern of an address in a text."""

ZERO: Final = "0x" + "0" * 40
"""The zero address. In events and in the state of contracts it means "no account"."""

_ADDRESS = re.compile(ADDRESS)


class NotAnAddress(Broken):
    """A text is not an address, or its letters do not match the checksum."""

    subject = "address"


@lru_cache(maxsize=1024)
def checksummed(text: str) -> str:
    """Returns the EIP-55 form of an address.

    Raises `NotAnAddress` if the text is not an address, or if its letters mix cases and the checksum is wrong. An address
    in one case has no checksum and is accepted.
    """
    if not _ADDRESS.fullmatch(text):
        raise NotAnAddress("form", came=text)
    digits = text[2:].lower()
    nibbles = keccak256(digits.encode()).hex()
    checked = "0x" + "".join(c.upper() if n >= "8" else c for c, n in zip(digits, nibbles, strict=False))
    if text[2:] not in (digits, digits.upper()) and text != checked:
        raise NotAnAddress("checksum", came=text)
    return checked


def unless_zero(address: str | None) -> str | None:
    """Returns the address; None if it is the zero address, which means "no account" in contracts."""
    return None if address == ZERO else address


def create_address(account: str, nonce: int) -> str:
    """Returns the checksummed address of a contract that an account creates with CREATE (Yellow Paper, section 7).

    ``nonce`` is the account's nonce at that time.
    """
    return checksummed(f"0x{keccak256(rlp.encode([bytes.fromhex(account[2:]), nonce]))[12:].hex()}")
