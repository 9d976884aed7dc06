"""Rules on contracts: the accepted chains, stores and registries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ebl.codes import Doubt, Failure
from ebl.errors import Refuted
from ebl.messages import Message, say
from ebl.model.contract import Contract
from ebl.model.findings import Fact, Note
from ebl.model.given_address import require_address
from ebl.policies.base_policy import Policy
from ebl.policies.issuer_rules import IssuedByTrusted
from ebl.policies.rule_parts import blocks, some_contracts, titles_of


@dataclass(frozen=True, slots=True)
class ThroughRegistry(Policy):
    """The title is a token of this registry, on this chain if ``chain_id`` is given.

    Raises `InvalidInput` if ``address`` is not an address (in one case, or checksummed).
    """

    address: str
    chain_id: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", require_address(self.address, "address"))

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        for title in titles_of(facts, missed=say(Doubt.NO_FACT, "no_title_in_registry", registry=self.address)):
            if title.registry != self.address or self.chain_id not in (None, title.chain_id):
                found = Contract(title.chain_id, title.registry).message
                raise Refuted(Failure.UNEXPECTED_REGISTRY, "other", expected=self._where(), found=found)
        return ()

    def _where(self) -> Message:
        if self.chain_id is None:
            return say("rule", "contract_on_any_chain", address=self.address)
        return Contract(self.chain_id, self.address).message

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, ThroughRegistry):
            chains = {self.chain_id, other.chain_id} - {None}
            if self.address != other.address or len(chains) > 1:
                return "a title is in one registry"
        return None

    @property
    def sentence(self) -> Message:
        return say("rule", "through_registry", registry=self._where())


@dataclass(frozen=True, slots=True)
class OnChains(Policy):
    """Everything that is read from a chain is read from one of these, by chain id."""

    chain_ids: frozenset[int]

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        from ebl.identity.dns_txt import VouchedByDomain

        asked = {block.chain_id for block in blocks(facts)}
        asked |= {fact.chain_id for fact in facts if isinstance(fact, VouchedByDomain)}
        if others := sorted(asked - self.chain_ids):
            raise Refuted(Failure.UNEXPECTED_CHAIN, chain=others[0], accepted=sorted(self.chain_ids))
        return ()

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, OnChains) and not self.chain_ids & other.chain_ids:
            return "no chain is accepted by both"
        if isinstance(other, ThroughRegistry) and other.chain_id is not None and other.chain_id not in self.chain_ids:
            return f"the registry is on chain {other.chain_id}, which is not accepted"
        if isinstance(other, InStores | InRegistries):
            return _off_chain(other.contracts, self.chain_ids)
        return None

    @property
    def sentence(self) -> Message:
        return say("rule", "on_chains", chains=sorted(self.chain_ids))


@dataclass(frozen=True, slots=True)
class InStores(Policy):
    """Every document issued in a document store is issued in one of these.

    If a document names nothing of its issuer but one of these stores, the store identifies the issuer.
    """

    stores: frozenset[Contract]

    @property
    def pins(self) -> frozenset[Contract]:
        return self.stores

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        from ebl.status.document_store import Issued

        for fact in facts:
            if isinstance(fact, Issued):
                found = Contract(fact.block.chain_id, fact.claim.address)
                if found not in self.stores:
                    accepted = some_contracts(self.stores)
                    raise Refuted(Failure.UNEXPECTED_STORE, found=found.message, accepted=accepted)
        return ()

    @property
    def contracts(self) -> frozenset[Contract]:
        """The stores."""
        return self.stores

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, InStores) and not self.stores & other.stores:
            return "no store is accepted by both"
        return None

    @property
    def sentence(self) -> Message:
        return say("rule", "in_stores", stores=some_contracts(self.stores))


@dataclass(frozen=True, slots=True)
class InRegistries(Policy):
    """Every title is a token of one of these registries."""

    registries: frozenset[Contract]

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        from ebl.status.token_registry import Titled

        for fact in facts:
            if isinstance(fact, Titled):
                found = Contract(fact.title.chain_id, fact.title.registry)
                if found not in self.registries:
                    accepted = some_contracts(self.registries)
                    raise Refuted(Failure.UNEXPECTED_REGISTRY, "not_listed", found=found.message, accepted=accepted)
        return ()

    @property
    def contracts(self) -> frozenset[Contract]:
        """The registries."""
        return self.registries

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, InRegistries) and not self.registries & other.registries:
            return "no registry is accepted by both"
        if isinstance(other, ThroughRegistry) and not any(
            one.address == other.address and other.chain_id in (None, one.chain_id) for one in self.registries
        ):
            return f"the registry {other.address} is not among those that are accepted"
        if isinstance(other, IssuedByTrusted):
            for one in other.trusted:
                if one.registries and not one.registries & self.registries:
                    return f"none of the registries of {one.name} is among those that are accepted"
        return None

    @property
    def sentence(self) -> Message:
        return say("rule", "in_registries", registries=some_contracts(self.registries))


def _off_chain(contracts: frozenset[Contract], chain_ids: frozenset[int]) -> str | None:
    """Why none of the contracts can be used: each is on a chain that is not accepted. None if one can."""
    others = {one.chain_id for one in contracts}
    if not contracts or others & chain_ids:
        return None
    return f"the contracts are on chain {_numbers(frozenset(others))}; accepted: {_numbers(chain_ids)}"


def _numbers(numbers: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))
