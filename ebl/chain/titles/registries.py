"""What a registry says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ebl.chain.contracts import known_code as known
from ebl.chain.contracts import title_escrow_factory, token_registry_v5
from ebl.chain.contracts.abi_types import Function, code_told
from ebl.chain.titles.title_moves import Registry, registry_at
from ebl.codes import Doubt
from ebl.errors import SourceError
from ebl.model.ports import Answer, AnyChain, Block, CodeAt, Read, chain_of


@dataclass(frozen=True, slots=True)
class RegistryStatus:
    """A registry as of one block. ``name`` and ``symbol`` are its own words; ``code`` whose contracts it and its factory are."""

    registry: Registry
    name: str
    symbol: str
    paused: bool
    genesis: int
    factory: str
    implementation: str
    code: str | None
    block: Block

    def to_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "chain_id": self.registry.chain_id,
            "registry": self.registry.address,
            "version": self.registry.version,
            "name": self.name,
            "symbol": self.symbol,
            "paused": self.paused,
            "genesis": self.genesis,
            "factory": self.factory,
            "implementation": self.implementation,
            "code": self.code,
            "block": self.block.to_dict(),
        }


def registry_status(chain: AnyChain, address: str) -> RegistryStatus:
    """Ask a registry about itself, in four round trips.

    Raises `InvalidInput` where it is none, `SourceError` where it does not answer as one does.
    """
    chain = chain_of(chain)
    registry = registry_at(chain, address)
    where, abi = registry.address, token_registry_v5
    asked: tuple[Function[Any], ...] = (abi.NAME, abi.SYMBOL, abi.PAUSED, abi.GENESIS, abi.TITLE_ESCROW_FACTORY)
    *answers, code = chain.read(*(Read(where, function()) for function in asked), CodeAt(where))
    name, symbol, paused, genesis, factory = (
        _value(function, answer, where) for function, answer in zip(asked, answers, strict=True)
    )
    proxied = title_escrow_factory.implementation_of(code_told(code))
    made, factory_code, proxied_code = chain.read(
        Read(factory, title_escrow_factory.IMPLEMENTATION()), CodeAt(factory), CodeAt(proxied or factory)
    )
    implementation = _value(title_escrow_factory.IMPLEMENTATION, made, factory)
    own = (
        code_told(proxied_code)
        if proxied
        else known.without_constants(code_told(code), factory=factory, genesis=genesis)
    )
    family = known.family(registry=own, factory=code_told(factory_code), escrow=chain.code(implementation))
    return RegistryStatus(registry, name, symbol, paused, genesis, factory, implementation, family, chain.block)


def _value(function: Function[Any], answer: Answer, who: str) -> Any:
    value = function.told(answer)
    if value is None:
        raise SourceError(Doubt.CHAIN_BAD_ANSWER, "not_registry", contract=who, function=function.signature)
    return value
