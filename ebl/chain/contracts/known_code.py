"""Contracts whose code is known: those of this package, and the released ones by the hash of their runtime code.

Reading a title relies on what its contracts do, not on their names. A registry of unknown code may be correct, but this
library cannot determine that.
"""

from __future__ import annotations

from functools import cache

from ebl.chain.contracts import builds
from ebl.ethereum.keccak import keccak256

OURS = "ebl"

# role, Keccak-256 of the runtime code -> its publisher; facts about the released npm packages
_RELEASED = {
    ("registry", "a4032d263ae57d646c10c1278042feb5f59f5cd7b95aa0b5a79a82b073a208ea"): "token-registry 5.5.1",
    ("registry", "0792c198158e4090cdba89bb89a48218c214810bf74d57b9e0af34701a9e61d2"): "token-registry 5.5.1",
    ("factory", "6d438d933076c05d346f3bb93147e424a59b413a01f28c7d5b8388c000c5d3e8"): "token-registry 5.5.1",
    ("escrow", "491d14e40d18512d850677ce395ea81e5658f61d65098b2741e157f7a8349a6a"): "token-registry 5.5.1",
    ("registry", "00563310570c5ce6a715156593b87a7707bc8a331f85766e2295c1da8bfbd396"): "token-registry 4.16.0",
    ("registry", "6450a94c5aad89c34aa94f06cb44b581f6e17e65bde4b3cdae8bed36adb7d2d3"): "token-registry 4.16.0",
    ("factory", "e93197980fcff2b82966018b7787431c2199e1adcc1f99afb307d107190d2b5a"): "token-registry 4.16.0",
    ("escrow", "a468c7022aca303ba4d4a83f3e0b41df259abad2d24a299281ecea2fd0404e7c"): "token-registry 4.16.0",
    ("store", "99d75a785a38c495b9768c931d856dbcdeb166145963e8f69ca0e48091e7a22e"): "document-store 4.1.1",
    ("store", "44fb38e09dbc865c131ca62373830dd4bfbcb54bd2286df83fa1a184bde9d3f1"): "document-store 1.0.3",
    ("store", "4c8c5304659361210ad35c6bbcbff1a5455d22b12addc06aa419269998c47c97"): "document-store 1.0.3, transferable",
}
# length of a released registry's code -> offsets where the compiler put the factory's address, and the first block
_CONSTANTS = {
    15_993: ((2014,), (3645,)),  # 5.5.1
    8_442: ((684, 2277, 3647, 4204, 5944), (957,)),  # 4.16.0
}


def family(*, registry: bytes, factory: bytes, escrow: bytes) -> str | None:
    """Returns the publisher of these three contracts by runtime code; None unless all are known and belong together.

    ``registry`` is the registry's own code after `without_constants`, or that of its implementation if it is a proxy;
    ``escrow`` is the code of the escrow's implementation.
    """
    parts = {"registry": registry, "factory": factory, "escrow": escrow}
    found = {_whose(role, code) for role, code in parts.items()}
    return found.pop() if len(found) == 1 else None


def without_constants(registry: bytes, *, factory: str, genesis: int) -> bytes:
    """Returns a registry's code as compiled: released ones contain the factory and the first block as constants.

    Each place is tested by itself. If one holds another value than the registry returns for it, the code is returned
    unchanged, and so is not known.
    """
    if len(registry) not in _CONSTANTS:
        return registry
    compiled = bytearray(registry)
    values = (bytes(12) + bytes.fromhex(factory[2:]), genesis.to_bytes(32, "big"))
    for places, value in zip(_CONSTANTS[len(registry)], values, strict=True):
        for place in places:
            if compiled[place : place + 32] != value:
                return registry
            compiled[place : place + 32] = bytes(32)
    return bytes(compiled)


def store(code: bytes) -> str | None:
    """Returns the publisher of a document store by runtime code; None if it is not known."""
    return _whose("store", code)


def _whose(role: str, code: bytes) -> str | None:
    digest = keccak256(code).hex()
    return OURS if digest == _ours()[role] else _RELEASED.get((role, digest))


@cache
def _ours() -> dict[str, str]:
    names = {
        "registry": "TokenRegistry",
        "factory": "TitleEscrowFactory",
        "escrow": "TitleEscrow",
        "store": "DocumentStore",
    }
    return {role: keccak256(builds.load(name).runtime).hex() for role, name in names.items()}
