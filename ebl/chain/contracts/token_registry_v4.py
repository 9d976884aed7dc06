"""Calldata of the token registry, version 4: as version 5, without remarks.

The functions have the names and arguments of `ebl.chain.contracts.token_registry_v5`, so that the modules are
interchangeable. A remark that is not empty is refused.
"""

from __future__ import annotations

from ebl.chain.contracts.abi_types import Function
from ebl.errors import InvalidInput

BURNT = "0x000000000000000000000000000000000000dEaD"
"""The owner of a token whose title was taken out of circulation."""
REMARK_LIMIT = 0

OWNER_OF = Function[str]("ownerOf(uint256)", "address")
BALANCE_OF = Function[int]("balanceOf(address)", "uint256")
GENESIS = Function[int]("genesis()", "uint256")
TITLE_ESCROW_FACTORY = Function[str]("titleEscrowFactory()", "address")
PAUSED = Function[bool]("paused()", "bool")
NAME = Function[str]("name()", "string")
SYMBOL = Function[str]("symbol()", "string")
TOKEN_URI = Function[str]("tokenURI(uint256)", "string")

MINT = Function[str]("mint(address,address,uint256)", "address")
BURN = Function[None]("burn(uint256)")
RESTORE = Function[str]("restore(uint256)", "address")
PAUSE = Function[None]("pause()")
UNPAUSE = Function[None]("unpause()")
SET_BASE_URI = Function[None]("setBaseURI(string)")
TRANSFER_FROM = Function[None]("transferFrom(address,address,uint256)")


def mint(*, beneficiary: str, holder: str, token_id: int, remark: bytes = b"") -> bytes:
    """Encodes creating a title, in its own escrow. Minter only. A token id can be used once, even after its title ends."""
    require_none(remark)
    return MINT(beneficiary, holder, token_id)


def burn(*, token_id: int, remark: bytes = b"") -> bytes:
    """Encodes accepting a surrendered title, which takes it out of circulation permanently. Accepter only."""
    require_none(remark)
    return BURN(token_id)


def restore(*, token_id: int, remark: bytes = b"") -> bytes:
    """Encodes rejecting a surrender: the title goes back to the same beneficiary and holder. Restorer only."""
    require_none(remark)
    return RESTORE(token_id)


def pause(*, remark: bytes = b"") -> bytes:
    """Encodes a pause: no title of the registry changes. Administrator only; reading stays possible."""
    require_none(remark)
    return PAUSE()


def unpause(*, remark: bytes = b"") -> bytes:
    """Encodes the end of a pause. Administrator only."""
    require_none(remark)
    return UNPAUSE()


def set_base_uri(*, uri: str) -> bytes:
    """Encodes setting the prefix of the token URIs. Administrator only; no title depends on it."""
    return SET_BASE_URI(uri)


def require_none(remark: bytes) -> None:
    """Raises `InvalidInput` if there is a remark: version 4 cannot store it."""
    if remark:
        raise InvalidInput(
            "This title is of version 4, which stores no remarks.", fix="Leave the remark out, and send it another way."
        )
