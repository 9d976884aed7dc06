"""The rules of a relying party's house: whom it trusts and until when, and how sure an answer has to be.

Each is a policy of its own (see `ebl.policy`), says in its `sentence` what it asks, and names in a refusal what came. It loads
the facts that it looks for, and no others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self, get_args

from ebl.codes import Condition, Doubt, Failure
from ebl.errors import InvalidInput, Refuted, SourceError, Undetermined
from ebl.identity.trusted import Contract, Trusted
from ebl.messages import Message, say
from ebl.model.findings import Examined, Fact, Identified, Note, Who
from ebl.model.ports import Block, BlockTag
from ebl.model.wholeness import Extent
from ebl.policies.content_rules import HasField
from ebl.policy import IssuedBy, Policy, PresentedTo, ThroughRegistry, no_title

__all__ = [
    "AgreedBy",
    "Contract",
    "DnsAssured",
    "FreshWithin",
    "HasField",
    "HasTitle",
    "InRegistries",
    "InStores",
    "IssuedByTrusted",
    "ListsWithin",
    "NoWildcard",
    "NothingWithheld",
    "OfFormat",
    "OnChains",
    "RegistryVouched",
    "Settled",
    "StateProved",
    "Trusted",
]

FINALITIES: tuple[str, ...] = get_args(BlockTag)
"""Each is as good as those before it."""
_RANK = {name: rank for rank, name in enumerate(FINALITIES)}
_SHOWN = 5
"""How many of those that are accepted are named."""


@dataclass(frozen=True, slots=True, init=False)
class IssuedByTrusted(Policy):
    """Every issuer is proved to be one of these, on the day of the verification."""

    trusted: tuple[Trusted, ...]
    _accepts: frozenset[Trusted] = field(init=False, repr=False, compare=False)
    _registries_of: frozenset[Trusted] = field(init=False, repr=False, compare=False)
    _sentence: Message | None = field(init=False, repr=False, compare=False)

    def __init__(self, *trusted: Trusted) -> None:
        if not trusted:
            raise InvalidInput("IssuedByTrusted() needs at least one issuer.")
        object.__setattr__(self, "trusted", trusted)
        object.__setattr__(self, "_accepts", frozenset(trusted))
        object.__setattr__(self, "_registries_of", frozenset(one for one in trusted if one.registries))
        object.__setattr__(self, "_sentence", None)

    @property
    def accepts(self) -> frozenset[Trusted]:
        return self._accepts

    @property
    def registries_of(self) -> frozenset[Trusted]:
        return self._registries_of

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        proved = [fact.who for fact in facts if isinstance(fact, Identified)]
        if not proved:
            raise Undetermined(Doubt.NO_FACT, "no_trusted_issuer", trusted=self._some())
        day = _examined(facts).moment.now.date()
        for who in proved:
            named = [one for one in self.trusted if one.names(who)]
            if not named:
                raise Refuted(Failure.UNEXPECTED_ISSUER, "not_trusted", proved=who.message, trusted=self._some())
            if not any(one.is_on(day) for one in named):
                raise Refuted(Failure.TRUST_LAPSED, proved=who.message, day=day, trusted=named[0].message)
        return ()

    def _some(self) -> list[Message]:
        return _first([one.message for one in self.trusted[:_SHOWN]], len(self.trusted))

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, IssuedBy) and all(
            one.did is None and not one.names(Who(domain=other.domain)) for one in self.trusted
        ):
            return f"{other.domain} is not among the trusted issuers"
        return None

    @property
    def sentence(self) -> Message:
        if self._sentence is None:  # there may be thousands, and every verification has it
            made = say("rule", "issued_by_trusted", trusted=[*map(_with_registries, self.trusted)])
            object.__setattr__(self, "_sentence", made)
            return made
        return self._sentence


@dataclass(frozen=True, slots=True)
class OnChains(Policy):
    """What is read from a chain is read from one of these, by chain id."""

    chain_ids: frozenset[int]

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        from ebl.identity.dns_txt import VouchedByDomain

        asked = {block.chain_id for block in _blocks(facts)}
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
    """A document that a document store issued is in one of these.

    One of these also stands for an issuer of whom a document names its store and nothing else.
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
                    accepted = _some(self.stores)
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
        return say("rule", "in_stores", stores=_some(self.stores))


@dataclass(frozen=True, slots=True)
class InRegistries(Policy):
    """A title is a token of one of these registries."""

    registries: frozenset[Contract]

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        from ebl.status.token_registry import Titled

        for fact in facts:
            if isinstance(fact, Titled):
                found = Contract(fact.title.chain_id, fact.title.registry)
                if found not in self.registries:
                    accepted = _some(self.registries)
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
        return say("rule", "in_registries", registries=_some(self.registries))


@dataclass(frozen=True, slots=True)
class HasTitle(Policy):
    """It is a document of title, whose token was established."""

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        from ebl.status.token_registry import Titled

        if not any(isinstance(fact, Titled) for fact in facts):
            raise no_title(facts, say(Doubt.NO_FACT, "no_title"))
        return ()

    @property
    def sentence(self) -> Message:
        return say("rule", "has_title")


@dataclass(frozen=True, slots=True)
class RegistryVouched(Policy):
    """The registry of every title is vouched for: by the title's issuer, or by the policy (`Trusted.registries`)."""

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        if unvouched := _examined(facts).unvouched:
            raise SourceError(Doubt.REGISTRY_NOT_VOUCHED, "required", registry=unvouched[0])
        return ()

    @property
    def sentence(self) -> Message:
        return say("rule", "registry_vouched")


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
        for block in _blocks(facts):
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
        for block in _blocks(facts):
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
        now = _examined(facts).moment.now
        for block in _blocks(facts):
            block.require_fresh(now, self.age)
        return ()

    @property
    def sentence(self) -> Message:
        return say("rule", "fresh_within", age=self.age)


@dataclass(frozen=True, slots=True)
class ListsWithin(Policy):
    """Every status list was signed within this time, by the verifier's clock.

    With ``unless_it_ends``, lists that say themselves until when they hold are held to that alone, and a list without any date is
    accepted with a condition.
    """

    age: timedelta
    unless_it_ends: bool = False

    @classmethod
    def year(cls) -> Self:
        """What is applied where a policy says nothing: a list that has no end is taken for a year.

        Whoever serves an old list could show a revoked credential as good for ever otherwise. Carriage is settled within a
        year (the time bar of the Hague-Visby Rules), and an issuer that is in business signs its list more often.
        """
        return cls(timedelta(days=366), unless_it_ends=True)

    @property
    def speaks_of_lists(self) -> bool:
        return True

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        from ebl.credentials.status_list import NotListed

        notes: list[Note] = []
        for fact in facts:
            if not isinstance(fact, NotListed) or (self.unless_it_ends and fact.listed.valid_until is not None):
                continue
            if fact.signed is None:
                if not self.unless_it_ends:
                    raise SourceError(Doubt.LIST_OUTDATED, "undated", host=fact.host, expected=self.age)
                notes.append(Note.of(Condition.LIST_UNDATED, host=fact.host))
            elif (age := _examined(facts).moment.now - fact.signed) > self.age:
                raise SourceError(Doubt.LIST_OUTDATED, "old", host=fact.host, age=age, expected=self.age)
        return tuple(notes)

    @property
    def sentence(self) -> Message:
        if self.unless_it_ends:
            return say("rule", "endless_lists_within", age=self.age)
        return say("rule", "lists_within", age=self.age)


@dataclass(frozen=True, slots=True)
class NothingWithheld(Policy):
    """No field was withheld from the document, and it is not derived."""

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        whole = _examined(facts).whole
        if whole.extent is Extent.DERIVED:
            raise Refuted(Failure.WITHHELD, "derived")
        if whole.withheld is None:
            raise SourceError(Doubt.NOT_WHOLE, "not_known")
        if whole.withheld:
            raise Refuted(Failure.WITHHELD, "fields", fields=whole.withheld)
        return ()

    @property
    def sentence(self) -> Message:
        return say("rule", "nothing_withheld")


@dataclass(frozen=True, slots=True)
class ShownWhole(Policy):
    """Nothing that is not shown could change the verdict: no date, no status, no issuer may have been left out.

    Without this rule that is a condition of the verdict; with it the verdict is open. Fields that bear on nothing may be
    withheld, unlike with `NothingWithheld`.
    """

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        if (condition := _examined(facts).whole.condition) is not None:
            raise SourceError(Doubt.NOT_WHOLE, condition[1])
        return ()

    @property
    def sentence(self) -> Message:
        return say("rule", "shown_whole")


@dataclass(frozen=True, slots=True)
class OfFormat(Policy):
    """The document is of one of these formats: ``oa2``, ``oa3``, ``vc``, ``vp``."""

    formats: frozenset[str]

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        found = _examined(facts).format
        if found not in self.formats:
            raise Refuted(Failure.UNEXPECTED_FORMAT, format=found, accepted=sorted(self.formats))
        return ()

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, OfFormat) and not self.formats & other.formats:
            return "no format is accepted by both"
        if isinstance(other, PresentedTo) and "vp" not in self.formats:
            return "only a presentation (vp) is made for a challenge or a domain"
        return None

    @property
    def sentence(self) -> Message:
        return say("rule", "of_format", formats=sorted(self.formats))


def _examined(facts: Sequence[Fact]) -> Examined:
    found = next((fact for fact in facts if isinstance(fact, Examined)), None)
    if found is None:
        raise Undetermined(Doubt.NO_FACT, "not_examined")
    return found


def _blocks(facts: Sequence[Fact]) -> tuple[Block, ...]:
    return _examined(facts).moment.blocks


def _off_chain(contracts: frozenset[Contract], chain_ids: frozenset[int]) -> str | None:
    """Why none of some contracts can be used, as each is on a chain that is not accepted."""
    others = {one.chain_id for one in contracts}
    if not contracts or others & chain_ids:
        return None
    return f"the contracts are on chain {_numbers(frozenset(others))}, and accepted is {_numbers(chain_ids)}"


def _with_registries(one: Trusted) -> Message:
    if not one.registries:
        return one.message
    return say("rule", "issuer_with_registries", issuer=one.message, registries=_some(one.registries))


def _numbers(numbers: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))


def _some(contracts: frozenset[Contract]) -> list[Message]:
    first = sorted(contracts, key=lambda one: (one.address, one.chain_id))[:_SHOWN]
    return _first([one.message for one in first], len(contracts))


def _first(shown: list[Message], count: int) -> list[Message]:
    """The first of so many, and how many more there are."""
    return shown if count <= len(shown) else [*shown, say("rule", "more", count=count - len(shown))]
