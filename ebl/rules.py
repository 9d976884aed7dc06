"""The rules of a relying party's house: whom it trusts and until when, and how sure an answer has to be.

Each is a policy of its own (see `ebl.policy`), says in ``str()`` what it asks, and names in a refusal what came. It loads the
facts that it looks for, and no others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self, get_args

from ebl.codes import Condition, Doubt, Failure
from ebl.content_rules import HasField
from ebl.errors import InvalidInput, Refuted, SourceError, Undetermined
from ebl.identity.trusted import Contract, Trusted
from ebl.policy import IssuedBy, Policy, PresentedTo, ThroughRegistry, no_title
from ebl.primitives.duration import in_words
from ebl.report import Examined, Fact, Identified, Note, Who
from ebl.sources import Block, BlockTag
from ebl.wholeness import Extent

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


@dataclass(frozen=True, slots=True, init=False)
class IssuedByTrusted(Policy):
    """Every issuer is proved to be one of these, on the day of the verification."""

    trusted: tuple[Trusted, ...]
    _accepts: frozenset[Trusted] = field(init=False, repr=False, compare=False)
    _registries_of: frozenset[Trusted] = field(init=False, repr=False, compare=False)

    def __init__(self, *trusted: Trusted) -> None:
        if not trusted:
            raise InvalidInput("IssuedByTrusted() needs at least one issuer.")
        object.__setattr__(self, "trusted", trusted)
        object.__setattr__(self, "_accepts", frozenset(trusted))
        object.__setattr__(self, "_registries_of", frozenset(one for one in trusted if one.registries))

    @property
    def accepts(self) -> frozenset[Trusted]:
        return self._accepts

    @property
    def registries_of(self) -> frozenset[Trusted]:
        return self._registries_of

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        proved = [fact.who for fact in facts if isinstance(fact, Identified)]
        if not proved:
            raise Undetermined(Doubt.NO_FACT, f"no issuer was proved; trusted: {self._list()}")
        day = _examined(facts).moment.now.date()
        for who in proved:
            named = [one for one in self.trusted if one.names(who)]
            if not named:
                raise Refuted(Failure.UNEXPECTED_ISSUER, f"proved {who}; trusted: {self._list()}")
            if not any(one.is_on(day) for one in named):
                raise Refuted(Failure.TRUST_LAPSED, f"{who} is not trusted on {day}: {named[0]}")
        return ()

    def _list(self) -> str:
        shown = "; ".join(map(str, self.trusted[:5]))
        return shown if len(self.trusted) <= 5 else f"{shown}; and {len(self.trusted) - 5} more"

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, IssuedBy) and all(
            one.did is None and not one.names(Who(domain=other.domain)) for one in self.trusted
        ):
            return f"{other.domain} is not among the trusted issuers"
        return None

    def __str__(self) -> str:
        return f"every issuer is one of: {'; '.join(map(_with_registries, self.trusted))}"


@dataclass(frozen=True, slots=True)
class OnChains(Policy):
    """What is read from a chain is read from one of these, by chain id."""

    chain_ids: frozenset[int]

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        from ebl.identity.dns_txt import VouchedByDomain

        asked = {block.chain_id for block in _blocks(facts)}
        asked |= {fact.chain_id for fact in facts if isinstance(fact, VouchedByDomain)}
        if others := sorted(asked - self.chain_ids):
            raise Refuted(Failure.UNEXPECTED_CHAIN, f"chain {others[0]}; accepted: {_numbers(self.chain_ids)}")
        return ()

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, OnChains) and not self.chain_ids & other.chain_ids:
            return "no chain is accepted by both"
        if isinstance(other, ThroughRegistry) and other.chain_id is not None and other.chain_id not in self.chain_ids:
            return f"the registry is on chain {other.chain_id}, which is not accepted"
        if isinstance(other, InStores | InRegistries):
            return _off_chain(other.contracts, self.chain_ids)
        return None

    def __str__(self) -> str:
        return f"every contract is on one of the chains: {_numbers(self.chain_ids)}"


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
                    raise Refuted(Failure.UNEXPECTED_STORE, f"issued in {found}; accepted: {_some(self.stores)}")
        return ()

    @property
    def contracts(self) -> frozenset[Contract]:
        """The stores."""
        return self.stores

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, InStores) and not self.stores & other.stores:
            return "no store is accepted by both"
        return None

    def __str__(self) -> str:
        return f"documents of a store are in: {_some(self.stores)}"


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
                    raise Refuted(
                        Failure.UNEXPECTED_REGISTRY, f"a title in {found}; accepted: {_some(self.registries)}"
                    )
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

    def __str__(self) -> str:
        return f"titles are in: {_some(self.registries)}"


@dataclass(frozen=True, slots=True)
class HasTitle(Policy):
    """It is a document of title, whose token was established."""

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        from ebl.status.token_registry import Titled

        if not any(isinstance(fact, Titled) for fact in facts):
            raise no_title(facts, "no title was established")
        return ()

    def __str__(self) -> str:
        return "it is a document of title"


@dataclass(frozen=True, slots=True)
class RegistryVouched(Policy):
    """The registry of every title is vouched for: by the title's issuer, or by the policy (`Trusted.registries`)."""

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        if unvouched := _examined(facts).unvouched:
            raise SourceError(
                Doubt.REGISTRY_NOT_VOUCHED, f"nothing says that the registry {unvouched[0]} is the issuer's"
            )
        return ()

    def __str__(self) -> str:
        return "the registry of a title is vouched for by the title's issuer, or by this policy"


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
                raise Refuted(Failure.DNS_NOT_SIGNED, f"{records.name} is proved not to be signed with DNSSEC")
            if self.dnssec:
                raise SourceError(Doubt.DNS_NOT_VALIDATED, f"{records.name}: assurance {records.assurance}")
            if max(1, len(records.resolvers)) < self.agree:
                raise SourceError(
                    Doubt.DNS_TOO_FEW,
                    f"{records.name}: assurance {records.assurance}; expected {self.agree} to agree",
                )
        return ()

    def __str__(self) -> str:
        if self.dnssec:
            return "every record by which a domain vouches is signed with DNSSEC, and the signatures hold"
        return f"every record by which a domain vouches is proved by DNSSEC, or by {self.agree} resolvers that agree"


@dataclass(frozen=True, slots=True)
class NoWildcard(Policy):
    """No domain's answer was made by a wildcard, as far as DNSSEC tells: of a domain that is not signed nobody can."""

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        from ebl.identity.title_registry import RegistryNamed

        for fact in facts:
            if isinstance(fact, Identified) and fact.who.wildcard:
                raise Refuted(Failure.WILDCARD, f"a wildcard answers for {fact.who.domain}")
            if isinstance(fact, RegistryNamed) and fact.records is not None and fact.records.wildcard:
                raise Refuted(Failure.WILDCARD, f"a wildcard answers for {fact.records.name}")
        return ()

    def __str__(self) -> str:
        return "no domain is vouched for by a wildcard record, as far as DNSSEC tells"


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
                    f"chain {block.chain_id} was read at its {block.finality} block; expected {self.finality}",
                )
        return ()

    def __str__(self) -> str:
        return f"each chain is read at its {self.finality} block"


@dataclass(frozen=True, slots=True)
class AgreedBy(Policy):
    """Everything on chain is said by so many nodes at least, of different hosts."""

    nodes: int

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        for block in _blocks(facts):
            if block.agreed < self.nodes:
                raise SourceError(
                    Doubt.CHAIN_TOO_FEW,
                    f"chain {block.chain_id} was read from {block.agreed} nodes that agree; expected {self.nodes}",
                )
        return ()

    def __str__(self) -> str:
        return f"what is read from a chain is said by {self.nodes} nodes that agree"


@dataclass(frozen=True, slots=True)
class StateProved(Policy):
    """What stores and registries hold of the document is proved by their storage, and not only said by a node.

    Not asked: how an account in a did:ethr is proved, whose registry no verification proves.
    """

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        from ebl.status.document_store import Issued
        from ebl.status.revocation import StillHolds
        from ebl.status.token_registry import Titled

        for fact in facts:
            is_of_chain = isinstance(fact, Issued | Titled) or (isinstance(fact, StillHolds) and fact.block is not None)
            if is_of_chain and not fact.proved:  # type: ignore[attr-defined]  # each of the three has it
                raise SourceError(Doubt.CHAIN_UNPROVED, f"only a node says so, without a proof: {fact}")
        return ()

    def __str__(self) -> str:
        return "what stores and titles hold is proved by their storage"


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

    def __str__(self) -> str:
        return f"chains are read at a block not older than {in_words(self.age)}"


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
        from ebl.status.status_list import NotListed

        notes: list[Note] = []
        for fact in facts:
            if not isinstance(fact, NotListed) or (self.unless_it_ends and fact.listed.valid_until is not None):
                continue
            if fact.signed is None:
                detail = f"the list at {fact.host} does not say of when it is"
                if not self.unless_it_ends:
                    raise SourceError(Doubt.LIST_OUTDATED, f"{detail}; expected {in_words(self.age)} ago at most")
                notes.append(Note.of(Condition.LIST_UNDATED, f"{detail}, nor until when it holds"))
            elif (age := _examined(facts).moment.now - fact.signed) > self.age:
                raise SourceError(
                    Doubt.LIST_OUTDATED,
                    f"the list at {fact.host} was signed {in_words(age)} ago; expected {in_words(self.age)} at most",
                )
        return tuple(notes)

    def __str__(self) -> str:
        which = "status list that has no end" if self.unless_it_ends else "status list"
        return f"every {which} was signed within {in_words(self.age)}"


@dataclass(frozen=True, slots=True)
class NothingWithheld(Policy):
    """No field was withheld from the document, and it is not derived."""

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        whole = _examined(facts).whole
        if whole.extent is Extent.DERIVED:
            raise Refuted(Failure.WITHHELD, "it is derived: its holder chose what it shows")
        if whole.withheld is None:
            raise SourceError(Doubt.NOT_WHOLE, "whether something was left out cannot be told")
        if whole.withheld:
            raise Refuted(Failure.WITHHELD, f"{whole.withheld} fields were withheld")
        return ()

    def __str__(self) -> str:
        return "no field is withheld"


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

    def __str__(self) -> str:
        return "nothing that could change the verdict, such as a status or an end of validity, may have been left out"


@dataclass(frozen=True, slots=True)
class OfFormat(Policy):
    """The document is of one of these formats: ``oa2``, ``oa3``, ``vc``, ``vp``."""

    formats: frozenset[str]

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        found = _examined(facts).format
        if found not in self.formats:
            raise Refuted(Failure.UNEXPECTED_FORMAT, f"it is {found}; accepted: {', '.join(sorted(self.formats))}")
        return ()

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, OfFormat) and not self.formats & other.formats:
            return "no format is accepted by both"
        if isinstance(other, PresentedTo) and "vp" not in self.formats:
            return "only a presentation (vp) is made for a challenge or a domain"
        return None

    def __str__(self) -> str:
        return f"the document's format is one of: {', '.join(sorted(self.formats))}"


def _examined(facts: Sequence[Fact]) -> Examined:
    found = next((fact for fact in facts if isinstance(fact, Examined)), None)
    if found is None:
        raise Undetermined(Doubt.NO_FACT, "it is not said when the document was examined")
    return found


def _blocks(facts: Sequence[Fact]) -> tuple[Block, ...]:
    return _examined(facts).moment.blocks


def _off_chain(contracts: frozenset[Contract], chain_ids: frozenset[int]) -> str | None:
    """Why none of some contracts can be used, as each is on a chain that is not accepted."""
    others = {one.chain_id for one in contracts}
    if not contracts or others & chain_ids:
        return None
    return f"the contracts are on chain {_numbers(frozenset(others))}, and accepted is {_numbers(chain_ids)}"


def _with_registries(one: Trusted) -> str:
    known = f", whose registries are {_some(one.registries)}" if one.registries else ""
    return f"{one}{known}"


def _numbers(numbers: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))


def _some(contracts: frozenset[Contract]) -> str:
    shown = "; ".join(sorted(map(str, contracts))[:5])
    return shown if len(contracts) <= 5 else f"{shown}; and {len(contracts) - 5} more"
