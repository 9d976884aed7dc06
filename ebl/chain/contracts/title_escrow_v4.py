"""Calldata of the title escrow, version 4: as version 5, without remarks and without rejection of a transfer.

The functions have the names and arguments of `ebl.chain.contracts.title_escrow_v5`, so that the modules are interchangeable
(see `ebl.chain.contracts.versions`). A remark that is not empty is refused. A surrender is ``surrender`` on chain.
"""

from __future__ import annotations

from ebl.chain.contracts.abi_types import Function
from ebl.chain.contracts.token_registry_v4 import require_none

BENEFICIARY = Function[str]("beneficiary()", "address")
HOLDER = Function[str]("holder()", "address")
NOMINEE = Function[str]("nominee()", "address")
ACTIVE = Function[bool]("active()", "bool")
IS_HOLDING_TOKEN = Function[bool]("isHoldingToken()", "bool")
REGISTRY = Function[str]("registry()", "address")
TOKEN_ID = Function[int]("tokenId()", "uint256")

NOMINATE = Function[None]("nominate(address)")
TRANSFER_BENEFICIARY = Function[None]("transferBeneficiary(address)")
TRANSFER_HOLDER = Function[None]("transferHolder(address)")
TRANSFER_OWNERS = Function[None]("transferOwners(address,address)")
SURRENDER = Function[None]("surrender()")
SHRED = Function[None]("shred()")
INITIALIZE = Function[None]("initialize(address,uint256)")


def nominate(*, nominee: str, remark: bytes = b"") -> bytes:
    """Encodes naming a nominee for the right; the zero address withdraws it. Beneficiary only."""
    require_none(remark)
    return NOMINATE(nominee)


def transfer_beneficiary(*, nominee: str, remark: bytes = b"") -> bytes:
    """Encodes endorsing to the nominee, or to any address if beneficiary and holder are the same. Holder only."""
    require_none(remark)
    return TRANSFER_BENEFICIARY(nominee)


def transfer_holder(*, holder: str, remark: bytes = b"") -> bytes:
    """Encodes transferring possession. Holder only."""
    require_none(remark)
    return TRANSFER_HOLDER(holder)


def transfer_owners(*, nominee: str, holder: str, remark: bytes = b"") -> bytes:
    """Encodes endorsing and transferring possession in one. Holder only."""
    require_none(remark)
    return TRANSFER_OWNERS(nominee, holder)


def return_to_issuer(*, remark: bytes = b"") -> bytes:
    """Encodes surrendering the title to its registry. Only for an account that is beneficiary and holder."""
    require_none(remark)
    return SURRENDER()
