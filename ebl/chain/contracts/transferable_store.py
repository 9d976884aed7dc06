"""Calldata of the transferable document store: each document is an ERC-721 token which somebody owns, or which is locked.

Told from the other stores by two ids together, 0xb9391097 and 0x80ac58cd. A document is issued to its first owner and
revoked for good. Whether one that was never issued was revoked, it refuses to say.
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
    """Issue a document, 32 bytes, to its first owner, who may pass it on unless it is locked. Issuer only."""
    return ISSUE(owner, document, locked)


def revoke(*, document: bytes) -> bytes:
    """Revoke a document for good. Revoker only."""
    return REVOKE(document)
