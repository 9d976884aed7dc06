"""Calldata of the token registry, version 5: the contract that mints titles, takes them back and restores them.

Every change carries a remark, bytes that stay on chain for all to read: at most `REMARK_LIMIT` of them. Where a token is
says in which state its title is: with its escrow (held), with the registry (returned), at `BURNT` (taken out, for good).
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
    """Create a title, in an escrow of its own. Minter only. A token id serves once, also after the title was taken out."""
    return MINT(beneficiary, holder, token_id, fitting(remark))


def burn(*, token_id: int, remark: bytes = b"") -> bytes:
    """Accept a returned title: it is taken out of circulation for good. Accepter only."""
    return BURN(token_id, fitting(remark))


def restore(*, token_id: int, remark: bytes = b"") -> bytes:
    """Reject a returned title: it goes back to the same beneficiary and holder. Restorer only."""
    return RESTORE(token_id, fitting(remark))


def pause(*, remark: bytes = b"") -> bytes:
    """Stop every change of every title of the registry. Administrator only; reading goes on."""
    return PAUSE(fitting(remark))


def unpause(*, remark: bytes = b"") -> bytes:
    """Let changes go on. Administrator only."""
    return UNPAUSE(fitting(remark))


def set_base_uri(*, uri: str) -> bytes:
    """Set what the token URIs begin with. Administrator only; no title depends on it."""
    return SET_BASE_URI(uri)


def fitting(remark: bytes) -> bytes:
    """The remark, where it is short enough for the contracts. Raises `InvalidInput` where it is not."""
    if len(remark) > REMARK_LIMIT:
        raise InvalidInput(
            f"expected a remark of at most {REMARK_LIMIT} bytes; got {len(remark)}.",
            fix="Shorten it: a letter outside ASCII takes two to four bytes.",
        )
    return remark
