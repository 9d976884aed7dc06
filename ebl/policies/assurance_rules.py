"""How sure an answer has to be, and how fresh."""

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
"""Each is as good as those before it."""
_RANK = {name: rank for rank, name in enumerate(FINALITIES)}


@dataclass(frozen=True, slots=True)
class DnsAssured(Policy):
    """Every record by which a domain vouches is proved by DNSSEC (``dnssec``); or else by ``agree`` resolvers that agree.

    Not asked: how sure the web site of a did:web is, which no record of ours names; the certificate is its own.
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
    """No domain's answer was made by a wildcard, as far as DNSSEC tells: of a domain that is not signed nobody can."""

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
    """Every chain is read at a block of this finality at least: ``latest``, ``safe`` or ``finalized``."""

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
    """Everything on chain is said by so many nodes at least, of different hosts."""

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
    """What stores and registries hold of the document is proved by their storage, and not only said by a node.

    Not asked: how an account in a did:ethr is proved, whose registry no verification proves.
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
    """Every chain is read at a block that is no older than this, by the verifier's clock.

    One that is ahead of the clock by more leaves it open as well: by a clock that is slow no block is ever old.
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
