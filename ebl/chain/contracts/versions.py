"""The two versions of title contracts: how each is detected, and which modules encode its calls.

To add a third version, write its two modules, its line here, and its line in `storage_layouts.TITLES`.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Literal

from ebl.chain.contracts import (
    erc165,
    title_escrow_factory,
    title_escrow_v4,
    title_escrow_v5,
    token_registry_v4,
    token_registry_v5,
)
from ebl.chain.contracts.abi_types import Function
from ebl.model.ports import Answer, Read

Number = Literal[4, 5]


@dataclass(frozen=True, slots=True)
class Version:
    """One version. ``mintable`` and ``title_escrow`` are the ERC-165 ids of its registry and of its escrows."""

    registry: ModuleType
    escrow: ModuleType
    mintable: bytes
    title_escrow: bytes
    escrow_address: Function[str]
    """The query to the factory for the escrow's address of a registry's token."""


VERSIONS: dict[Number, Version] = {
    4: Version(
        token_registry_v4,
        title_escrow_v4,
        erc165.MINTABLE_V4,
        erc165.TITLE_ESCROW_V4,
        title_escrow_factory.GET_ADDRESS_V4,
    ),
    5: Version(
        token_registry_v5,
        title_escrow_v5,
        erc165.MINTABLE_V5,
        erc165.TITLE_ESCROW_V5,
        title_escrow_factory.GET_ESCROW_ADDRESS_V5,
    ),
}


def version_reads(registry: str) -> tuple[Read, ...]:
    """Returns the reads whose responses `version_of` takes."""
    return tuple(Read(registry, erc165.SUPPORTS_INTERFACE(version.mintable)) for version in VERSIONS.values())


def version_of(*answers: Answer) -> Number | None:
    """Returns the version of a registry by its responses; None if it claims none, or several."""
    found = [number for number, answer in zip(VERSIONS, answers, strict=True) if erc165.has(answer)]
    return found[0] if len(found) == 1 else None
