"""Rules on credentials: the intended verifier of a presentation, and the age of status lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from ebl.codes import Condition, Doubt, Failure
from ebl.errors import InvalidInput, Refuted, SourceError, Undetermined
from ebl.messages import Message, say
from ebl.model.findings import Fact, Note
from ebl.policies.base_policy import Policy
from ebl.policies.rule_parts import examined


@dataclass(frozen=True, slots=True)
class PresentedTo(Policy):
    """The credentials were presented for this challenge, which the verifier sent, and this domain, which is the verifier's.

    One of the two may be left out; what is not compared is then a condition. A document that is not a presentation is refused.
    Raises `InvalidInput` if both are left out, or if one is empty.
    """

    challenge: str | None = None
    domain: str | None = None

    def __post_init__(self) -> None:
        if "" in (self.challenge, self.domain) or self.challenge is self.domain is None:
            raise InvalidInput(
                "expected the challenge that was sent, or the domain of the verifier; got an empty text."
            )

    @property
    def compares_challenge(self) -> bool:
        return self.challenge is not None

    @property
    def compares_domain(self) -> bool:
        return self.domain is not None

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        from ebl.credentials.holder import Presented

        presented = [fact.claim for fact in facts if isinstance(fact, Presented)]
        if not presented:
            raise Undetermined(Doubt.NO_FACT, "no_holder")
        for claim in presented:
            if self.challenge is not None and self.challenge != claim.challenge:
                if claim.challenge is None:
                    raise Refuted(Failure.WRONG_CHALLENGE, "no_challenge", expected=self.challenge)
                got = claim.challenge
                raise Refuted(Failure.WRONG_CHALLENGE, "other_challenge", expected=self.challenge, got=got)
            if self.domain is not None and self.domain not in claim.domains:
                if not claim.domains:
                    raise Refuted(Failure.WRONG_CHALLENGE, "no_domain", expected=self.domain)
                domains = claim.domains[:3]
                raise Refuted(Failure.WRONG_CHALLENGE, "other_domain", expected=self.domain, got=domains)
        return ()

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, PresentedTo) and len({self.challenge, other.challenge} - {None}) > 1:
            return "a presentation is made for one challenge"
        return None

    @property
    def sentence(self) -> Message:
        if self.domain is None:
            return say("rule", "presented_for_challenge", challenge=str(self.challenge))
        if self.challenge is None:
            return say("rule", "presented_for_domain", domain=self.domain)
        return say("rule", "presented_for_both", challenge=self.challenge, domain=self.domain)


@dataclass(frozen=True, slots=True)
class ListsWithin(Policy):
    """Every status list was signed within this time, by the verifier's clock.

    With ``unless_it_ends``, a list that states its own end of validity is checked against that end only, and a list without any
    date is accepted with a condition.
    """

    age: timedelta
    unless_it_ends: bool = False

    @classmethod
    def year(cls) -> Self:
        """The rule that is applied if a policy has none: a list without an end is accepted for a year.

        Otherwise the host of an old list could show a revoked credential as not revoked for ever. Carriage is settled within a
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
            elif (age := examined(facts).moment.now - fact.signed) > self.age:
                raise SourceError(Doubt.LIST_OUTDATED, "old", host=fact.host, age=age, expected=self.age)
        return tuple(notes)

    @property
    def sentence(self) -> Message:
        if self.unless_it_ends:
            return say("rule", "endless_lists_within", age=self.age)
        return say("rule", "lists_within", age=self.age)
