"""Calldata of the two kinds of document store.

The older kind knows hashes; the batchable one (ERC-165 id 0xdcfd0745) is asked for a document under its root. Selectors
and shapes are those of the released contracts.
"""

from __future__ import annotations

from collections.abc import Sequence

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
