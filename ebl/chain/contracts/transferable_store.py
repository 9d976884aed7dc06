"""Calldata of the transferable document store: each document is an ERC-721 token with an owner, or is locked.

It is distinguished from other stores by two ids together, 0xb9391097 and 0x80ac58cd. A document is issued to its first
owner, and revoked permanently. For a document that was never issued the query for revocation reverts.
"""

from __future__ import annotations

from ebl.chain.contracts.abi_types import Function

NAME = Function[str]("name()", "string")
SYMBOL = Function[str]("symbol()", "string")
IS_ISSUED = Function[bool]("isIssued(bytes32)", "bool")
IS_REVOKED = Function[bool]("isRevoked(bytes32)", "bool")
IS_ACTIVE = Function[bool]("isActive(bytes32)", "bool")
OWNER_OF = Function[str]("ownerOf(uint256)", "address")
LOCKED = Function[bool]("locked(uint256)", "bool")
PAUSED = Function[bool]("paused()", "bool")

ISSUE = Function[None]("issue(address,bytes32,bool)")
REVOKE = Function[None]("revoke(bytes32)")


def issue(*, owner: str, document: bytes, locked: bool) -> bytes:
    """Encodes issuing a document, 32 bytes, to its first owner, who may transfer it unless it is locked. Issuer only."""
    return ISSUE(owner, document, locked)


def revoke(*, document: bytes) -> bytes:
    """Encodes revoking a document permanently. Revoker only."""
    return REVOKE(document)
