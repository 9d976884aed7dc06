"""Policies that combine policies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ebl.errors import InvalidInput, Refuted, SourceError, Undetermined
from ebl.identity.trusted import Trusted
from ebl.messages import Message, say
from ebl.model.contract import Contract
from ebl.model.findings import Fact, File, Note
from ebl.policies.base_policy import Policy, ask, contradiction, require_policy


@dataclass(frozen=True, slots=True, init=False)
class AllOf(Policy):
    """Accepts if every one of these policies accepts. ``file`` is the policy file that they are from, if any.

    Raises `InvalidInput` if there is none.
    """

    policies: tuple[Policy, ...]
    file: File | None = field(compare=False)

    def __init__(self, *policies: Policy, file: File | None = None) -> None:
        if not policies:
            raise InvalidInput("AllOf() needs at least one policy.")
        object.__setattr__(self, "policies", tuple(map(require_policy, policies)))
        object.__setattr__(self, "file", file)

    @property
    def speaks_of_circulation(self) -> bool:
        return any(policy.speaks_of_circulation for policy in self.policies)

    @property
    def speaks_of_lists(self) -> bool:
        return any(policy.speaks_of_lists for policy in self.policies)

    @property
    def compares_challenge(self) -> bool:
        return any(policy.compares_challenge for policy in self.policies)

    @property
    def compares_domain(self) -> bool:
        return any(policy.compares_domain for policy in self.policies)

    @property
    def accepts(self) -> frozenset[Trusted] | None:
        """The issuers of the policy that names the fewest: the others can only exclude more.

        If several policies name equally few, those of the policy that lists more registries.
        """
        named = [accepted for policy in self.policies if (accepted := policy.accepts) is not None]
        return min(named, key=lambda some: (len(some), -sum(len(one.registries) for one in some)), default=None)

    @property
    def registries_of(self) -> frozenset[Trusted]:
        """The issuers of all policies: a policy that accepts fewer issuers does not change whose a registry is."""
        return _united([policy.registries_of for policy in self.policies])

    @property
    def pins(self) -> frozenset[Contract]:
        """The stores that every policy with pinned stores accepts."""
        pinned = [pins for policy in self.policies if (pins := policy.pins)]
        return frozenset.intersection(*pinned) if pinned else frozenset()

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        notes: list[Note] = []
        doubts: list[Undetermined] = []
        for policy in self.policies:
            try:
                notes += ask(policy, facts)
            except Undetermined as doubt:
                doubts.append(doubt)  # a later policy may still refute, and a failure beats a doubt
        if doubts:  # a missing fact is a failure if nothing is unknown; a missing source never is
            raise min(doubts, key=_is_open)
        return tuple(notes)

    def excludes(self, other: Policy) -> str | None:
        return next(filter(None, (contradiction(policy, other) for policy in self.policies)), None)

    def to_dict(self) -> dict[str, Any]:
        parts = [policy.to_dict() for policy in self.policies]
        own = [] if self.file is None else [self.file.to_dict()]
        return {
            "rules": [rule for part in parts for rule in part["rules"]],
            "files": [*own, *(file for part in parts for file in part["files"])],
        }

    @property
    def sentence(self) -> Message | None:
        rules = [rule for policy in self.policies if (rule := policy.sentence) is not None]
        return say("rule", "all_of", rules=rules) if len(rules) > 1 else rules[0] if rules else None


@dataclass(frozen=True, slots=True, init=False)
class AnyOf(Policy):
    """Accepts if at least one of these policies accepts. Raises `InvalidInput` if there is none."""

    policies: tuple[Policy, ...]

    def __init__(self, *policies: Policy) -> None:
        if not policies:
            raise InvalidInput("AnyOf() needs at least one policy.")
        object.__setattr__(self, "policies", tuple(map(require_policy, policies)))

    @property
    def speaks_of_circulation(self) -> bool:
        return all(policy.speaks_of_circulation for policy in self.policies)

    @property
    def speaks_of_lists(self) -> bool:
        return all(policy.speaks_of_lists for policy in self.policies)

    @property
    def compares_challenge(self) -> bool:
        return all(policy.compares_challenge for policy in self.policies)

    @property
    def compares_domain(self) -> bool:
        return all(policy.compares_domain for policy in self.policies)

    @property
    def accepts(self) -> frozenset[Trusted] | None:
        accepted: frozenset[Trusted] = frozenset()
        for policy in self.policies:
            if policy.accepts is None:
                return None
            accepted |= policy.accepts
        return accepted

    @property
    def registries_of(self) -> frozenset[Trusted]:
        return _united([policy.registries_of for policy in self.policies])

    @property
    def pins(self) -> frozenset[Contract]:
        """The stores that any of the policies accepts, if each of them pins some."""
        pinned = [policy.pins for policy in self.policies]
        return frozenset.union(*pinned) if all(pinned) else frozenset()

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        noes: list[Refuted] = []
        doubts: list[Undetermined] = []
        for policy in self.policies:
            try:
                return ask(policy, facts)
            except Refuted as no:
                noes.append(no)
            except Undetermined as doubt:
                doubts.append(doubt)
        if doubts:  # an open policy may still accept, whatever the other policies lack
            raise max(doubts, key=_is_open)
        if len(noes) == 1:
            raise noes[0]
        raise Refuted(noes[0].failure, "several", all=[no.message for no in noes])

    def excludes(self, other: Policy) -> str | None:
        why = [contradiction(policy, other) for policy in self.policies]
        return None if None in why else "; ".join(dict.fromkeys(filter(None, why)))

    def to_dict(self) -> dict[str, Any]:
        files = [file for policy in self.policies for file in policy.to_dict()["files"]]
        return {"rules": [self._row()], "files": files}

    @property
    def sentence(self) -> Message | None:
        rules = [rule for policy in self.policies if (rule := policy.sentence) is not None]
        return say("rule", "any_of", rules=rules) if len(rules) > 1 else rules[0] if rules else None


def _united(listed: Sequence[frozenset[Trusted]]) -> frozenset[Trusted]:
    """The union of these sets. A single one is not copied, because it may be long."""
    some = [one for one in listed if one]
    return some[0] if len(some) == 1 else frozenset[Trusted]().union(*some)


def _is_open(doubt: Undetermined) -> bool:
    return isinstance(doubt, SourceError)
