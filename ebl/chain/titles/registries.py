"""Token registries: their addresses and versions, and what they return about themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ebl.chain.contracts import known_code as known
from ebl.chain.contracts import title_escrow_factory, token_registry_v5
from ebl.chain.contracts.abi_types import Function, code_of
from ebl.chain.contracts.versions import Number, version_of, version_reads
from ebl.chain.rpc.given_chain import AnyChain, chain_of
from ebl.codes import Doubt
from ebl.errors import InvalidInput, SourceError
from ebl.model.given_address import require_address
from ebl.model.ports import Answer, Block, Chain, CodeAt, Read


@dataclass(frozen=True, slots=True)
class Registry:
    """A token registry on a chain."""

    chain_id: int
    address: str
    version: Number = 5

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", require_address(self.address, "registry"))

    def require_on(self, chain: Chain) -> None:
        """Raises `InvalidInput` if ``chain`` is another one than the registry's."""
        if chain.id != self.chain_id:
            raise InvalidInput(
                f"The registry {self.address} is on chain {self.chain_id}; the chain read is {chain.id}.",
                fix="Read the registry's own chain.",
            )


def require_registry(registry: object, chain: Chain) -> None:
    """Raises `InvalidInput` if this is not a `Registry`, or one of another chain."""
    if not isinstance(registry, Registry):
        raise InvalidInput(
            f"Expected a Registry; found an object of {type(registry).__name__}.",
            fix="Give ebl.registry.Registry(chain_id, address), or find it with registry_at(chain, address).",
        )
    registry.require_on(chain)


def registry_at(chain: AnyChain, registry: str) -> Registry:
    """Detects which version of registry is at an address, in one round trip (two if there is no registry).

    Raises `InvalidInput` if it is not a token registry.
    """
    chain = chain_of(chain)
    where = require_address(registry, "registry")
    version = version_of(*chain.read(*version_reads(where)))
    if version is not None:
        return Registry(chain.id, where, version)
    what = "no token registry" if chain.code(where) else "no contract"
    raise InvalidInput(f"There is {what} at {where} on chain {chain.id}.", fix="Check the address and the chain.")


@dataclass(frozen=True, slots=True)
class RegistryStatus:
    """A registry at one block. ``name`` and ``symbol`` are its own; ``code`` is the publisher of its and its factory's code."""

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
        """Returns JSON data."""
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


def registry_status(chain: AnyChain, registry: Registry) -> RegistryStatus:
    """Reads a registry's own data, in four round trips.

    Raises `InvalidInput` if it is not a registry, and `SourceError` if its responses are not those of a registry.
    """
    chain = chain_of(chain)
    require_registry(registry, chain)
    registry = registry_at(chain, registry.address)
    where, abi = registry.address, token_registry_v5
    asked: tuple[Function[Any], ...] = (abi.NAME, abi.SYMBOL, abi.PAUSED, abi.GENESIS, abi.TITLE_ESCROW_FACTORY)
    *answers, code = chain.read(*(Read(where, function()) for function in asked), CodeAt(where))
    name, symbol, paused, genesis, factory = (
        _value(function, answer, where) for function, answer in zip(asked, answers, strict=True)
    )
    proxied = title_escrow_factory.implementation_of(code_of(code))
    made, factory_code, proxied_code = chain.read(
        Read(factory, title_escrow_factory.IMPLEMENTATION()), CodeAt(factory), CodeAt(proxied or factory)
    )
    implementation = _value(title_escrow_factory.IMPLEMENTATION, made, factory)
    own = code_of(proxied_code) if proxied else known.without_constants(code_of(code), factory=factory, genesis=genesis)
    family = known.family(registry=own, factory=code_of(factory_code), escrow=chain.code(implementation))
    return RegistryStatus(registry, name, symbol, paused, genesis, factory, implementation, family, chain.block)


def _value(function: Function[Any], answer: Answer, who: str) -> Any:
    value = function.decode_answer(answer)
    if value is None:
        raise SourceError(Doubt.CHAIN_BAD_ANSWER, "not_registry", contract=who, function=function.signature)
    return value
