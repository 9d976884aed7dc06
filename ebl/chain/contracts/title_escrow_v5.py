"""Calldata of the title escrow, version 5: one small contract for each title, with its beneficiary and its holder.

The holder has possession, the beneficiary the right to the goods. The holder transfers possession. The beneficiary names a
nominee for the right, and the holder endorses the title to the nominee. An account that is both may do both, or surrender
the title.
"""

from __future__ import annotations

from ebl.chain.contracts.abi_types import Function
from ebl.chain.contracts.token_registry_v5 import check_remark_length

BENEFICIARY = Function[str]("beneficiary()", "address")
HOLDER = Function[str]("holder()", "address")
NOMINEE = Function[str]("nominee()", "address")
PREVIOUS_BENEFICIARY = Function[str]("prevBeneficiary()", "address")
PREVIOUS_HOLDER = Function[str]("prevHolder()", "address")
ACTIVE = Function[bool]("active()", "bool")
IS_HOLDING_TOKEN = Function[bool]("isHoldingToken()", "bool")
REGISTRY = Function[str]("registry()", "address")
TOKEN_ID = Function[int]("tokenId()", "uint256")
REMARK = Function[bytes]("remark()", "bytes")

NOMINATE = Function[None]("nominate(address,bytes)")
TRANSFER_BENEFICIARY = Function[None]("transferBeneficiary(address,bytes)")
TRANSFER_HOLDER = Function[None]("transferHolder(address,bytes)")
TRANSFER_OWNERS = Function[None]("transferOwners(address,address,bytes)")
REJECT_TRANSFER_BENEFICIARY = Function[None]("rejectTransferBeneficiary(bytes)")
REJECT_TRANSFER_HOLDER = Function[None]("rejectTransferHolder(bytes)")
REJECT_TRANSFER_OWNERS = Function[None]("rejectTransferOwners(bytes)")
RETURN_TO_ISSUER = Function[None]("returnToIssuer(bytes)")
SHRED = Function[None]("shred(bytes)")
INITIALIZE = Function[None]("initialize(address,uint256)")


def nominate(*, nominee: str, remark: bytes = b"") -> bytes:
    """Encodes naming a nominee for the right; the zero address withdraws it. Beneficiary only."""
    return NOMINATE(nominee, check_remark_length(remark))


def transfer_beneficiary(*, nominee: str, remark: bytes = b"") -> bytes:
    """Encodes endorsing to the nominee, or to any address if beneficiary and holder are the same. Holder only."""
    return TRANSFER_BENEFICIARY(nominee, check_remark_length(remark))


def transfer_holder(*, holder: str, remark: bytes = b"") -> bytes:
    """Encodes transferring possession. Holder only."""
    return TRANSFER_HOLDER(holder, check_remark_length(remark))


def transfer_owners(*, nominee: str, holder: str, remark: bytes = b"") -> bytes:
    """Encodes endorsing and transferring possession in one. Holder only."""
    return TRANSFER_OWNERS(nominee, holder, check_remark_length(remark))


def reject_transfer_beneficiary(*, remark: bytes = b"") -> bytes:
    """Encodes rejecting the right, which goes back to the previous beneficiary. New beneficiary only, as its first action."""
    return REJECT_TRANSFER_BENEFICIARY(check_remark_length(remark))


def reject_transfer_holder(*, remark: bytes = b"") -> bytes:
    """Encodes rejecting possession, which goes back to the previous holder. New holder only, as its first action."""
    return REJECT_TRANSFER_HOLDER(check_remark_length(remark))


def reject_transfer_owners(*, remark: bytes = b"") -> bytes:
    """Encodes rejecting both. Only for an account that received both, as its first action."""
    return REJECT_TRANSFER_OWNERS(check_remark_length(remark))


def return_to_issuer(*, remark: bytes = b"") -> bytes:
    """Encodes surrendering the title to its registry. Only for an account that is beneficiary and holder."""
    return RETURN_TO_ISSUER(check_remark_length(remark))
