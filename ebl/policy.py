"""Whom the relying party accepts. A policy is asked for by every verification; there is no default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ebl.errors import InvalidInput, Refuted, Undetermined
from ebl.identity.dns_txt import VouchedByDomain
from ebl.report import Doubt, Fact, Failure, Note, Remark


class Policy(Protocol):
    """Anything with this method is a policy.

    ``check`` gets the facts that were established. It returns what to remark, raises `Refuted` where a fact contradicts
    the policy, and `Undetermined` where a fact that it needs is not there (which is a failure once nothing is unknown).
    """

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        """Hold the facts to the policy."""


@dataclass(frozen=True, slots=True)
class IssuedBy:
    """Every issuer's identity is this DNS domain (lower-case A-labels) and no other."""

    domain: str

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        domains = {fact.claim.domain for fact in facts if isinstance(fact, VouchedByDomain)}
        if not domains:
            raise Undetermined(Doubt.NO_FACT, f"no domain was proved; expected {self.domain}")
        if others := sorted(domains - {self.domain}):
            raise Refuted(Failure.UNEXPECTED_ISSUER, f"expected {self.domain}; proved {', '.join(others)}")
        return ()


@dataclass(frozen=True, slots=True)
class UnsafeAnyIssuer:
    """Accept whoever issued the document. The report then proves *that* somebody did, not that it is anybody you know."""

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        return (Note(Remark.ANY_ISSUER, "the issuer was not checked against a list of yours"),)


@dataclass(frozen=True, slots=True, init=False)
class AllOf:
    """Every one of these policies accepts."""

    policies: tuple[Policy, ...]

    def __init__(self, *policies: Policy) -> None:
        if not policies:
            raise InvalidInput("AllOf() needs at least one policy.")
        object.__setattr__(self, "policies", policies)

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        notes: list[Note] = []
        doubts: list[Undetermined] = []
        for policy in self.policies:
            try:
                notes += policy.check(facts)
            except Undetermined as doubt:
                doubts.append(doubt)  # a later policy may still say no, and a no beats a doubt
        if doubts:
            raise doubts[0]
        return tuple(notes)


@dataclass(frozen=True, slots=True, init=False)
class AnyOf:
    """At least one of these policies accepts."""

    policies: tuple[Policy, ...]

    def __init__(self, *policies: Policy) -> None:
        if not policies:
            raise InvalidInput("AnyOf() needs at least one policy.")
        object.__setattr__(self, "policies", policies)

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        noes: list[Refuted] = []
        doubts: list[Undetermined] = []
        for policy in self.policies:
            try:
                return policy.check(facts)
            except Refuted as no:
                noes.append(no)
            except Undetermined as doubt:
                doubts.append(doubt)
        if doubts:
            raise doubts[0]
        raise Refuted(noes[0].failure, "; ".join(no.detail for no in noes))
