"""Calldata of the released deployer, which creates registries (as minimal proxies) on public networks."""

from __future__ import annotations

from ebl.chain.contracts.abi_types import Function
from ebl.ethereum import abi

DEPLOY = Function[str]("deploy(address,bytes)", "address")

_PARAMS = ("string", "string", "address")


def deploy(*, implementation: str, name: str, symbol: str, admin: str) -> bytes:
    """Encodes the creation of a registry; ``admin`` gets every role. The `RegistryDeployed` event has its address."""
    return DEPLOY(implementation, abi.encode(_PARAMS, (name, symbol, admin)))


def parameters(params: bytes) -> tuple[str, str, str]:
    """Decodes name, symbol and admin from the bytes in a `RegistryDeployed` event. Raises `ValueError` if they do not fit."""
    name, symbol, admin = abi.decode(_PARAMS, params)
    return name, symbol, admin
