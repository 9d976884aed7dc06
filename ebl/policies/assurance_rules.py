"""Rules on assurance: how data has to be verified, and how recent it has to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import get_args

from ebl.codes import Doubt, Failure
from ebl.config.settings import BlockTag
from ebl.errors import InvalidInput, Refuted, SourceError
from ebl.messages import Message, say
from ebl.model.findings import Fact, Identified, Note
from ebl.policies.base_policy import Policy
from ebl.policies.rule_parts import blocks, examined

FINALITIES: tuple[str, ...] = get_args(BlockTag)
"""Each includes those before it."""
_RANK = {name: rank for rank, name in enumerate(FINALITIES)}


@dataclass(frozen=True, slots=True)
class DnsAssured(Policy):
    """Every DNS record that identifies an issuer is verified with DNSSEC (``dnssec``), or by a quorum of ``agree`` resolvers.

    Not checked: the assurance of the web site of a did:web. No DNS record identifies it; the site has its own certificate.
    """

    dnssec: bool = False
    agree: int = 1

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        from ebl.identity.dns_did import KeyVouchedByDomain
        from ebl.identity.dns_txt import VouchedByDomain
        from ebl.identity.title_registry import RegistryNamed

        for fact in facts:
            if not isinstance(fact, VouchedByDomain | KeyVouchedByDomain | RegistryNamed):
                continue
            records = fact.records
            if records is None or records.assurance == "dnssec":
                continue
            if self.dnssec and records.dnssec == "insecure":
                raise Refuted(Failure.DNS_NOT_SIGNED, domain=records.name)
            found = records.assurance
            if self.dnssec:
                raise SourceError(Doubt.DNS_NOT_VALIDATED, "required", domain=records.name, assurance=found)
            if max(1, len(records.resolvers)) < self.agree:
                least = self.agree
                raise SourceError(Doubt.DNS_TOO_FEW, "required", domain=records.name, assurance=found, expected=least)
        return ()

    @property
    def sentence(self) -> Message:
        return say("rule", "dnssec") if self.dnssec else say("rule", "dns_agreed", resolvers=self.agree)


@dataclass(frozen=True, slots=True)
class NoWildcard(Policy):
    """No DNS record that identifies an issuer comes from a wildcard.

    Not checked: domains that are not signed with DNSSEC, for which wildcards cannot be detected.
    """

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        from ebl.identity.title_registry import RegistryNamed

        for fact in facts:
            if isinstance(fact, Identified) and fact.who.wildcard:
                raise Refuted(Failure.WILDCARD, domain=str(fact.who.domain))
            if isinstance(fact, RegistryNamed) and fact.records is not None and fact.records.wildcard:
                raise Refuted(Failure.WILDCARD, domain=fact.records.name)
        return ()

    @property
    def sentence(self) -> Message:
        return say("rule", "no_wildcard")


@dataclass(frozen=True, slots=True)
class Settled(Policy):
    """Every chain is read at a block of at least this finality: ``latest``, ``safe`` or ``finalized``."""

    finality: str

    def __post_init__(self) -> None:
        if self.finality not in _RANK:
            raise InvalidInput(f"expected latest, safe or finalized; got {self.finality!r:.40}.")

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        for block in blocks(facts):
            if _RANK.get(block.finality, 0) < _RANK[self.finality]:
                raise SourceError(
                    Doubt.CHAIN_NO_FINALITY,
                    "required",
                    chain=block.chain_id,
                    finality=block.finality,
                    expected=self.finality,
                )
        return ()

    @property
    def sentence(self) -> Message:
        return say("rule", "settled", finality=self.finality)


@dataclass(frozen=True, slots=True)
class AgreedBy(Policy):
    """Everything on chain is confirmed by at least ``nodes`` nodes on distinct hosts."""

    nodes: int

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        for block in blocks(facts):
            if block.agreed < self.nodes:
                agreed, least = block.agreed, self.nodes
                raise SourceError(Doubt.CHAIN_TOO_FEW, "required", chain=block.chain_id, agreed=agreed, expected=least)
        return ()

    @property
    def sentence(self) -> Message:
        return say("rule", "nodes_agreed", nodes=self.nodes)


@dataclass(frozen=True, slots=True)
class StateProved(Policy):
    """The state of stores and registries is verified with storage proofs, and does not rest on a node's response alone.

    Not checked: the account of a did:ethr. No verification proves the state of its registry.
    """

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        from ebl.openattestation.revocation import StillHolds
        from ebl.status.document_store import Issued
        from ebl.status.token_registry import Titled

        for fact in facts:
            is_of_chain = isinstance(fact, Issued | Titled) or (isinstance(fact, StillHolds) and fact.block is not None)
            if is_of_chain and not fact.proved:  # type: ignore[attr-defined]  # each of the three has it
                raise SourceError(Doubt.CHAIN_UNPROVED, "required", fact=fact.message)
        return ()

    @property
    def sentence(self) -> Message:
        return say("rule", "state_proved")


@dataclass(frozen=True, slots=True)
class FreshWithin(Policy):
    """Every chain is read at a block of at most this age, by the verifier's clock.

    A block that is further ahead of the clock leaves the rule open as well: with a slow clock, no block would ever be too old.
    """

    age: timedelta

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        now = examined(facts).moment.now
        for block in blocks(facts):
            block.require_fresh(now, self.age)
        return ()

    @property
    def sentence(self) -> Message:
        return say("rule", "fresh_within", age=self.age)
