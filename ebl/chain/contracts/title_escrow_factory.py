"""The factory that creates the escrow of each title, and the address of an escrow (EIP-1167 and CREATE2).

The address follows from the factory, its implementation, the registry and the token id alone, without any response of a node.
"""

from __future__ import annotations

from ebl.chain.contracts.abi_types import Function
from ebl.ethereum.address import checksummed
from ebl.ethereum.keccak import keccak256

IMPLEMENTATION = Function[str]("implementation()", "address")
GET_ADDRESS_V4 = Function[str]("getAddress(address,uint256)", "address")
GET_ESCROW_ADDRESS_V5 = Function[str]("getEscrowAddress(address,uint256)", "address")
CREATE = Function[str]("create(uint256)", "address")

_DEPLOYS = bytes.fromhex("3d602d80600a3d3981f3")
_BEFORE = bytes.fromhex("363d3d373d3d3d363d73")
_AFTER = bytes.fromhex("5af43d82803e903d91602b57fd5bf3")


def escrow_address(*, factory: str, implementation: str, registry: str, token_id: int) -> str:
    """Returns the checksummed address of a title's escrow (EIP-1014). Raises `ValueError` if an address or uint256 is invalid."""
    salt = keccak256(_bytes(registry) + token_id.to_bytes(32, "big"))
    code = keccak256(_DEPLOYS + clone(implementation))
    return checksummed("0x" + keccak256(b"\xff" + _bytes(factory) + salt + code)[12:].hex())


def clone(implementation: str) -> bytes:
    """Returns the runtime code, 45 bytes, of a minimal proxy for ``implementation``."""
    return _BEFORE + _bytes(implementation) + _AFTER


def implementation_of(code: bytes) -> str | None:
    """Returns the implementation of a minimal proxy by its runtime code; None if the code is not exactly such a proxy."""
    if len(code) != 45 or not code.startswith(_BEFORE) or not code.endswith(_AFTER):
        return None
    return checksummed("0x" + code[10:30].hex())


def _bytes(address: str) -> bytes:
    return bytes.fromhex(checksummed(address)[2:])
