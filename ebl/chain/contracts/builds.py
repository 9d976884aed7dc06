"""The compiled contracts included in the package, made from `contracts/` by its build script."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).with_name("builds")  # importlib.resources would cost more than the rest of a command


@dataclass(frozen=True, slots=True)
class Build:
    """One compiled contract.

    ``abi``       as solc writes it
    ``creation``  bytes to deploy, to be followed by the encoded arguments of the constructor
    ``runtime``   the code on chain after deployment: the contracts have no immutables, so it is the same everywhere
    ``sources``   SHA-256 of every source file, in hex
    ``compiler``  version of solc; ``settings`` are its settings
    """

    contract: str
    abi: list[dict[str, Any]]
    creation: bytes
    runtime: bytes
    sources: dict[str, str]
    compiler: str
    settings: dict[str, Any]


@cache
def load(contract: str) -> Build:
    """Returns the build of an included contract by name. Raises `KeyError` if the name is not one of `names()`."""
    if contract not in names():
        raise KeyError(f"no build of {contract!r}; there are {', '.join(names())}")
    raw = json.loads((_FOLDER / f"{contract}.json").read_text("utf-8"))
    return Build(
        contract=raw["contract"],
        abi=raw["abi"],
        creation=bytes.fromhex(raw["creation"][2:]),
        runtime=bytes.fromhex(raw["runtime"][2:]),
        sources=raw["sources"],
        compiler=raw["compiler"],
        settings=raw["settings"],
    )


def names() -> tuple[str, ...]:
    """Returns the names of the included contracts."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))
