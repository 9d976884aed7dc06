"""Rules on issuers: the accepted ones, and how long they are trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ebl.codes import Condition, Doubt, Failure
from ebl.errors import InvalidInput, Refuted, Undetermined
from ebl.identity.trusted import Trusted, require_domain
from ebl.messages import Message, say
from ebl.model.findings import Fact, Identified, Note, Who
from ebl.policies.base_policy import Policy
from ebl.policies.rule_parts import SHOWN, examined, first_of, some_contracts


@dataclass(frozen=True, slots=True)
class IssuedBy(Policy):
    """Every issuer's identity is this DNS domain and no other.

    Raises `InvalidInput` if the text is not a domain in lower-case A-labels.
    """

    domain: str

    def __post_init__(self) -> None:
        require_domain(self.domain)

    @property
    def accepts(self) -> frozenset[Trusted]:
        return _only(self.domain)

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        proved = {fact.who for fact in facts if isinstance(fact, Identified)}
        if not proved:
            raise Undetermined(Doubt.NO_FACT, "no_issuer", expected=self.domain)
        if others := sorted((who for who in proved if who.domain != self.domain), key=str):
            names = [who.message for who in others]
            raise Refuted(Failure.UNEXPECTED_ISSUER, "other_domain", expected=self.domain, proved=names)
        return ()

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, IssuedBy) and other.domain != self.domain:
            return f"no issuer is both {self.domain} and {other.domain}"
        return None

    @property
    def sentence(self) -> Message:
        return say("rule", "issued_by", domain=self.domain)


@dataclass(frozen=True, slots=True, init=False)
class IssuedByTrusted(Policy):
    """Every issuer is verified to be one of these, trusted on the day of the verification.

    Raises `InvalidInput` if there is none.
    """

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
        day = examined(facts).moment.now.date()
        for who in proved:
            named = [one for one in self.trusted if one.names(who)]
            if not named:
                raise Refuted(Failure.UNEXPECTED_ISSUER, "not_trusted", proved=who.message, trusted=self._some())
            if not any(one.is_on(day) for one in named):
                raise Refuted(Failure.TRUST_LAPSED, proved=who.message, day=day, trusted=named[0].message)
        return ()

    def _some(self) -> list[Message]:
        return first_of([one.message for one in self.trusted[:SHOWN]], len(self.trusted))

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
class UnsafeAnyIssuer(Policy):
    """Accept any issuer. The report then shows *that* a party issued the document, not that you know this party."""

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        return (Note.of(Condition.ANY_ISSUER),)

    @property
    def sentence(self) -> Message:
        return say("rule", "any_issuer")


@lru_cache(maxsize=64)
def _only(domain: str) -> frozenset[Trusted]:
    return frozenset({Trusted(domain)})


def _with_registries(one: Trusted) -> Message:
    if not one.registries:
        return one.message
    return say("rule", "issuer_with_registries", issuer=one.message, registries=some_contracts(one.registries))
