"""Storage slots of the contracts: facts of compiled code, by which titles and stores are proved (EIP-1186)."""

from __future__ import annotations

from dataclasses import dataclass

from ebl.chain.contracts import known_code as known


@dataclass(frozen=True, slots=True)
class TitleLayout:
    """Slots of the registry, then of the escrow. ``packed`` holds the nominee and, in higher bits, ``active``."""

    owners: int
    paused: int
    factory: int
    genesis: int
    named: int
    """The number of bits by which the escrow's registry is shifted in slot 0."""
    packed: int
    previous: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreLayout:
    """The mappings of issued and of revoked hashes. ``roots_only``: the store has no hashes between a document's own and
    its root.
    """

    issued: int
    revoked: int
    roots_only: bool = False


_PAUSED_V5 = 0xCD5ED15C6E187E77E9AEE88184C21F4F2182AB5827CB3B7E07FBEDCD63F03300
_V5 = TitleLayout(3, _PAUSED_V5, 52, 53, named=0, packed=6, previous=(4, 5))
# by the result of `known.family` for the code
TITLES = {
    known.OURS: _V5,
    "token-registry 5.5.1": _V5,
    "token-registry 4.16.0": TitleLayout(103, 151, 252, 253, named=16, packed=4),
}

# ERC-7201: the storage namespace of the batchable kind
_BATCHABLE = 0xDF77E5BA4C86E3660E034F5231ACCC53AA8D4A8FBD82CD78B21CAE09C866DB00
# by the result of `known.store` for the code
STORES = {
    known.OURS: StoreLayout(3, 4),
    "document-store 4.1.1": StoreLayout(3, 4),
    "document-store 1.0.3": StoreLayout(_BATCHABLE + 1, _BATCHABLE + 2, roots_only=True),
}
