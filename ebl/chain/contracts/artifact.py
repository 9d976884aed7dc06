"""Reading of a compiled contract that the user names: the JSON that solc, Hardhat, Truffle or Foundry writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ebl.errors import InvalidInput
from ebl.ethereum import abi as codec
from ebl.model.broken_input import read_json

_MAX_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Artifact:
    """Creation code and the types of its constructor's arguments, with their names."""

    name: str
    creation: bytes
    types: tuple[str, ...]
    names: tuple[str, ...]

    def deployment(self, *arguments: Any) -> bytes:
        """Returns the data of a transaction that creates the contract. Raises `InvalidInput` if the arguments do not fit."""
        try:
            return self.creation + codec.encode(self.types, arguments)
        except (ValueError, TypeError, AttributeError) as bad:
            wants = ", ".join(f"{kind} {name}" for kind, name in zip(self.types, self.names, strict=True))
            raise InvalidInput(f"{self.name}: its constructor takes ({wants}): {bad}.") from bad


def ours(contract: str) -> Artifact:
    """Returns one of the contracts included in the package."""
    from ebl.chain.contracts.builds import load

    build = load(contract)
    return _artifact(contract, build.creation, build.abi)


def read(raw: bytes) -> Artifact:
    """Reads an artefact of another build. Raises `InvalidInput` if it is not an artefact, or is not linked."""
    wrong = InvalidInput(
        "The file is not the JSON of a compiled contract.",
        fix="Name an object with `abi` and `bytecode`, as Hardhat, Truffle, Foundry and solc write it.",
    )
    try:
        parsed = read_json(raw, max_bytes=_MAX_BYTES, any_number=True)
        code = parsed.get("bytecode") or parsed.get("evm", {}).get("bytecode")
        code = code["object"] if isinstance(code, dict) else code
        name = str(parsed.get("contractName") or "the contract")[:80]
        declared = parsed["abi"]
        creation = bytes.fromhex(code.removeprefix("0x"))
        found = _artifact(name, creation, declared)
    except (ValueError, KeyError, TypeError, AttributeError) as bad:
        raise wrong from bad
    if not creation:
        raise InvalidInput(f"{name} has no code: it is abstract or an interface.", fix="Name the contract itself.")
    return found


def _artifact(name: str, creation: bytes, declared: list[dict[str, Any]]) -> Artifact:
    inputs: list[dict[str, Any]] = next(
        (entry.get("inputs", []) for entry in declared if entry.get("type") == "constructor"), []
    )
    types, names = tuple(str(i["type"]) for i in inputs), tuple(str(i.get("name", "")) for i in inputs)
    return Artifact(name, creation, types, names)
