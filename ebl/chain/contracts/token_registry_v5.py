"""Calldata of the token registry, version 5: the contract that mints titles, accepts surrendered ones and restores them.

Every change has a remark, bytes that stay on chain for all to read: at most `REMARK_LIMIT` of them. The owner of a token
determines the state of its title: its escrow (held), the registry (returned), or `BURNT` (taken out permanently).
"""

from __future__ import annotations

from ebl.chain.contracts.abi_types import Function
from ebl.errors import InvalidInput

BURNT = "0x000000000000000000000000000000000000dEaD"
"""The owner of a token whose title was taken out of circulation."""
REMARK_LIMIT = 120

OWNER_OF = Function[str]("ownerOf(uint256)", "address")
BALANCE_OF = Function[int]("balanceOf(address)", "uint256")
GENESIS = Function[int]("genesis()", "uint256")
TITLE_ESCROW_FACTORY = Function[str]("titleEscrowFactory()", "address")
PAUSED = Function[bool]("paused()", "bool")
NAME = Function[str]("name()", "string")
SYMBOL = Function[str]("symbol()", "string")
TOKEN_URI = Function[str]("tokenURI(uint256)", "string")
REMARK = Function[bytes]("remark()", "bytes")

MINT = Function[str]("mint(address,address,uint256,bytes)", "address")
BURN = Function[None]("burn(uint256,bytes)")
RESTORE = Function[str]("restore(uint256,bytes)", "address")
PAUSE = Function[None]("pause(bytes)")
UNPAUSE = Function[None]("unpause(bytes)")
SET_BASE_URI = Function[None]("setBaseURI(string)")
TRANSFER_FROM = Function[None]("transferFrom(address,address,uint256,bytes)")


def mint(*, beneficiary: str, holder: str, token_id: int, remark: bytes = b"") -> bytes:
    """Encodes creating a title, in its own escrow. Minter only. A token id can be used once, even after its title ends."""
    return MINT(beneficiary, holder, token_id, check_remark_length(remark))


def burn(*, token_id: int, remark: bytes = b"") -> bytes:
    """Encodes accepting a surrendered title, which takes it out of circulation permanently. Accepter only."""
    return BURN(token_id, check_remark_length(remark))


def restore(*, token_id: int, remark: bytes = b"") -> bytes:
    """Encodes rejecting a surrender: the title goes back to the same beneficiary and holder. Restorer only."""
    return RESTORE(token_id, check_remark_length(remark))


def pause(*, remark: bytes = b"") -> bytes:
    """Encodes a pause: no title of the registry changes. Administrator only; reading stays possible."""
    return PAUSE(check_remark_length(remark))


def unpause(*, remark: bytes = b"") -> bytes:
    """Encodes the end of a pause. Administrator only."""
    return UNPAUSE(check_remark_length(remark))


def set_base_uri(*, uri: str) -> bytes:
    """Encodes setting the prefix of the token URIs. Administrator only; no title depends on it."""
    return SET_BASE_URI(uri)


def check_remark_length(remark: bytes) -> bytes:
    """Returns the remark if it is short enough for the contracts. Raises `InvalidInput` if it is not."""
    if len(remark) > REMARK_LIMIT:
        raise InvalidInput(
            f"Expected a remark of at most {REMARK_LIMIT} bytes; found {len(remark)}.",
            fix="Shorten it: a letter outside ASCII takes two to four bytes.",
        )
    return remark
