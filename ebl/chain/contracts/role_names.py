"""Roles of stores and registries (ERC-165 id 0x7965db0b): who may issue, mint, restore, and who appoints them."""

from __future__ import annotations

from ebl.chain.contracts.abi_types import Function
from ebl.ethereum.keccak import keccak256

DEFAULT_ADMIN = bytes(32)
ISSUER = keccak256(b"ISSUER_ROLE")
REVOKER = keccak256(b"REVOKER_ROLE")
MINTER = keccak256(b"MINTER_ROLE")
ACCEPTER = keccak256(b"ACCEPTER_ROLE")
RESTORER = keccak256(b"RESTORER_ROLE")

NAMES = {
    DEFAULT_ADMIN: "admin",
    ISSUER: "issuer",
    REVOKER: "revoker",
    MINTER: "minter",
    ACCEPTER: "accepter",
    RESTORER: "restorer",
}
"""The role ids by which contracts know them, and the words by which commands and sentences do."""

OF_STORES = (DEFAULT_ADMIN, ISSUER, REVOKER)
OF_REGISTRIES = (DEFAULT_ADMIN, MINTER, ACCEPTER, RESTORER)

HAS_ROLE = Function[bool]("hasRole(bytes32,address)", "bool")
ROLE_ADMIN = Function[bytes]("getRoleAdmin(bytes32)", "bytes32")
GRANT_ROLE = Function[None]("grantRole(bytes32,address)")
REVOKE_ROLE = Function[None]("revokeRole(bytes32,address)")
RENOUNCE_ROLE = Function[None]("renounceRole(bytes32,address)")
SET_ROLE_ADMIN = Function[None]("setRoleAdmin(bytes32,bytes32)")


def named(role: bytes) -> str:
    """A role in words; an unknown one as its id."""
    return NAMES.get(role, f"0x{role.hex()}")


def grant(*, role: bytes, account: str) -> bytes:
    """Give a role. Only members of the role that `ROLE_ADMIN` names (mostly the administrator) may."""
    return GRANT_ROLE(role, account)


def revoke(*, role: bytes, account: str) -> bytes:
    """Take a role away. Only members of the role that `ROLE_ADMIN` names may."""
    return REVOKE_ROLE(role, account)


def renounce(*, role: bytes, account: str) -> bytes:
    """Lay down one's own role; ``account`` must be the sender. An administrator who does leaves nobody to appoint another."""
    return RENOUNCE_ROLE(role, account)


def set_role_admin(*, role: bytes, admin: bytes) -> bytes:
    """Let another role appoint the members of a role. Registries only; document stores have no such function."""
    return SET_ROLE_ADMIN(role, admin)
