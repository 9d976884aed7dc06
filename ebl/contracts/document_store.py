"""Calldata of the two kinds of document store.

The older kind knows hashes; the batchable one (ERC-165 id 0xdcfd0745) is asked for a document under its root. Selectors
and shapes are those of the released contracts.
"""

from __future__ import annotations

from collections.abc import Sequence

from ebl.contracts.encoding import call

BATCHABLE = bytes.fromhex("dcfd0745")
TRUE = (1).to_bytes(32, "big")
FALSE = bytes(32)

_SUPPORTS_INTERFACE = bytes.fromhex("01ffc9a7")
_IS_ISSUED = bytes.fromhex("163aa631")
_IS_REVOKED = bytes.fromhex("4294857f")
_IS_ISSUED_UNDER = bytes.fromhex("3c9b53e0")
_IS_REVOKED_UNDER = bytes.fromhex("a5e440d2")


def supports_interface(interface: bytes) -> bytes:
    """ERC-165 ``supportsInterface(bytes4)``."""
    return _SUPPORTS_INTERFACE + interface.ljust(32, b"\0")


def is_issued(root: bytes, target: bytes | None = None, proof: Sequence[bytes] = ()) -> bytes:
    """``isIssued(bytes32)``, or with a target ``isIssued(bytes32,bytes32,bytes32[])``. Every hash is 32 bytes."""
    return _IS_ISSUED + root if target is None else _IS_ISSUED_UNDER + _under(root, target, proof)


def is_revoked(root: bytes, target: bytes | None = None, proof: Sequence[bytes] = ()) -> bytes:
    """``isRevoked(bytes32)``, or with a target ``isRevoked(bytes32,bytes32,bytes32[])``. Every hash is 32 bytes."""
    return _IS_REVOKED + root if target is None else _IS_REVOKED_UNDER + _under(root, target, proof)


def is_true(answer: bytes) -> bool:
    """Whether a contract answered ``true``, exactly."""
    return answer == TRUE


def _under(root: bytes, target: bytes, proof: Sequence[bytes]) -> bytes:
    return b"".join((root, target, (96).to_bytes(32, "big"), len(proof).to_bytes(32, "big"), *proof))


def issue(roots: Sequence[bytes]) -> bytes:
    """``issue(bytes32)`` for one root, ``bulkIssue(bytes32[])`` for several, of the older kind."""
    return call("issue(bytes32)", roots[0]) if len(roots) == 1 else call("bulkIssue(bytes32[])", roots)


def revoke(hashes: Sequence[bytes]) -> bytes:
    """``revoke(bytes32)`` for one hash, ``bulkRevoke(bytes32[])`` for several, of the older kind."""
    return call("revoke(bytes32)", hashes[0]) if len(hashes) == 1 else call("bulkRevoke(bytes32[])", hashes)


def issue_batchable(roots: Sequence[bytes]) -> bytes:
    """``issue(bytes32)``, or a ``multicall(bytes[])`` of several, of the batchable kind."""
    return _together([call("issue(bytes32)", root) for root in roots])


def revoke_batchable(revoked: Sequence[tuple[bytes, bytes, Sequence[bytes]]]) -> bytes:
    """Revoke (root, target, proof) each, in one ``multicall(bytes[])`` where there are several, of the batchable kind."""
    calls = [
        call("revoke(bytes32)", root)
        if root == target
        else call("revoke(bytes32,bytes32,bytes32[])", root, target, proof)
        for root, target, proof in revoked
    ]
    return _together(calls)


def _together(calls: Sequence[bytes]) -> bytes:
    return calls[0] if len(calls) == 1 else call("multicall(bytes[])", calls)
