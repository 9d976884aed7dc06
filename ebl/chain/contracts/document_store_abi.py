"""Calldata of the two kinds of document store.

The older kind stores hashes; the batchable one (ERC-165 id 0xdcfd0745) is queried for a document under its root. Selectors
and signatures are those of the released contracts.
"""

from __future__ import annotations

from collections.abc import Sequence

from ebl.chain.contracts.abi_types import Function

NAME = Function[str]("name()", "string")
IS_ISSUED = Function[bool]("isIssued(bytes32)", "bool")
IS_REVOKED = Function[bool]("isRevoked(bytes32)", "bool")
ISSUE = Function[None]("issue(bytes32)")

# the older kind
VERSION = Function[str]("version()", "string")
DOCUMENT_ISSUED = Function[int]("documentIssued(bytes32)", "uint256")
DOCUMENT_REVOKED = Function[int]("documentRevoked(bytes32)", "uint256")
GET_ISSUED_BLOCK = Function[int]("getIssuedBlock(bytes32)", "uint256")
IS_ISSUED_BEFORE = Function[bool]("isIssuedBefore(bytes32,uint256)", "bool")
IS_REVOKED_BEFORE = Function[bool]("isRevokedBefore(bytes32,uint256)", "bool")
REVOKE = Function[bool]("revoke(bytes32)", "bool")
BULK_ISSUE = Function[None]("bulkIssue(bytes32[])")
BULK_REVOKE = Function[None]("bulkRevoke(bytes32[])")

# the batchable kind; its revoke(bytes32) returns nothing
IS_ACTIVE = Function[bool]("isActive(bytes32)", "bool")
IS_ISSUED_UNDER = Function[bool]("isIssued(bytes32,bytes32,bytes32[])", "bool")
IS_REVOKED_UNDER = Function[bool]("isRevoked(bytes32,bytes32,bytes32[])", "bool")
IS_ACTIVE_UNDER = Function[bool]("isActive(bytes32,bytes32,bytes32[])", "bool")
REVOKE_UNDER = Function[None]("revoke(bytes32,bytes32,bytes32[])")
MULTICALL = Function[tuple[bytes, ...]]("multicall(bytes[])", "bytes[]")


def is_issued(root: bytes, target: bytes | None = None, proof: Sequence[bytes] = ()) -> bytes:
    """Encodes ``isIssued(bytes32)``, or with a target ``isIssued(bytes32,bytes32,bytes32[])``. Every hash is 32 bytes."""
    return IS_ISSUED(root) if target is None else IS_ISSUED_UNDER(root, target, proof)


def is_revoked(root: bytes, target: bytes | None = None, proof: Sequence[bytes] = ()) -> bytes:
    """Encodes ``isRevoked(bytes32)``, or with a target ``isRevoked(bytes32,bytes32,bytes32[])``. Every hash is 32 bytes."""
    return IS_REVOKED(root) if target is None else IS_REVOKED_UNDER(root, target, proof)


def issue(roots: Sequence[bytes]) -> bytes:
    """Encodes ``issue(bytes32)`` for one root, ``bulkIssue(bytes32[])`` for several, of the older kind."""
    return ISSUE(roots[0]) if len(roots) == 1 else BULK_ISSUE(roots)


def revoke(hashes: Sequence[bytes]) -> bytes:
    """Encodes ``revoke(bytes32)`` for one hash, ``bulkRevoke(bytes32[])`` for several, of the older kind."""
    return REVOKE(hashes[0]) if len(hashes) == 1 else BULK_REVOKE(hashes)


def issue_batchable(roots: Sequence[bytes]) -> bytes:
    """Encodes ``issue(bytes32)``, or a ``multicall(bytes[])`` of several, of the batchable kind."""
    return _together([ISSUE(root) for root in roots])


def revoke_batchable(revoked: Sequence[tuple[bytes, bytes, Sequence[bytes]]]) -> bytes:
    """Encodes the revocation of each (root, target, proof), in one ``multicall(bytes[])`` if several, of the batchable kind."""
    return _together(
        [REVOKE(root) if root == target else REVOKE_UNDER(root, target, proof) for root, target, proof in revoked]
    )


def _together(calls: Sequence[bytes]) -> bytes:
    return calls[0] if len(calls) == 1 else MULTICALL(calls)
