"""Roles of stores and registries (ERC-165 id 0x7965db0b): issuer, minter, restorer and others, and who grants them."""

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
"""The role ids in contracts, and their names in commands and messages."""

OF_STORES = (DEFAULT_ADMIN, ISSUER, REVOKER)
OF_REGISTRIES = (DEFAULT_ADMIN, MINTER, ACCEPTER, RESTORER)

HAS_ROLE = Function[bool]("hasRole(bytes32,address)", "bool")
ROLE_ADMIN = Function[bytes]("getRoleAdmin(bytes32)", "bytes32")
GRANT_ROLE = Function[None]("grantRole(bytes32,address)")
REVOKE_ROLE = Function[None]("revokeRole(bytes32,address)")
RENOUNCE_ROLE = Function[None]("renounceRole(bytes32,address)")
SET_ROLE_ADMIN = Function[None]("setRoleAdmin(bytes32,bytes32)")


def named(role: bytes) -> str:
    """Returns the name of a role; the id if it is unknown."""
    return NAMES.get(role, f"0x{role.hex()}")


def grant(*, role: bytes, account: str) -> bytes:
    """Encodes granting a role. Only members of the role that `ROLE_ADMIN` names (usually the administrator) may grant it."""
    return GRANT_ROLE(role, account)


def revoke(*, role: bytes, account: str) -> bytes:
    """Encodes revoking a role. Only members of the role that `ROLE_ADMIN` names may revoke it."""
    return REVOKE_ROLE(role, account)


def renounce(*, role: bytes, account: str) -> bytes:
    """Encodes renouncing a role of the sender, ``account``. After the last administrator renounces, no one can grant roles."""
    return RENOUNCE_ROLE(role, account)


def set_role_admin(*, role: bytes, admin: bytes) -> bytes:
    """Encodes setting the role that grants ``role``. Registries only; document stores have no such function."""
    return SET_ROLE_ADMIN(role, admin)
