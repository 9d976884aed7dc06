"""A rule of a policy file: a policy with its place in the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ebl.errors import Refuted, SourceError, Undetermined
from ebl.identity.trusted import Trusted
from ebl.messages import Message
from ebl.model.contract import Contract
from ebl.model.findings import Fact, Note
from ebl.policies.base_policy import Policy, ask, contradiction, require_policy


@dataclass(frozen=True, slots=True)
class Rule(Policy):
    """A policy with its name in the file, with which every refusal begins."""

    rule: str = field()  # declared again, or the base's property would be its default
    policy: Policy

    def __post_init__(self) -> None:
        require_policy(self.policy)

    @property
    def speaks_of_circulation(self) -> bool:
        return self.policy.speaks_of_circulation

    @property
    def speaks_of_lists(self) -> bool:
        return self.policy.speaks_of_lists

    @property
    def compares_challenge(self) -> bool:
        return self.policy.compares_challenge

    @property
    def compares_domain(self) -> bool:
        return self.policy.compares_domain

    @property
    def accepts(self) -> frozenset[Trusted] | None:
        return self.policy.accepts

    @property
    def registries_of(self) -> frozenset[Trusted]:
        return self.policy.registries_of

    @property
    def pins(self) -> frozenset[Contract]:
        return self.policy.pins

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        try:
            return ask(self.policy, facts)
        except Refuted as no:
            raise Refuted(no.failure, "in_rule", rule=self.rule, because=no.message) from no
        except SourceError as weak:
            raise SourceError(weak.doubt, "in_rule", rule=self.rule, because=weak.message) from weak
        except Undetermined as doubt:
            raise Undetermined(doubt.doubt, "in_rule", rule=self.rule, because=doubt.message) from doubt

    def excludes(self, other: Policy) -> str | None:
        return contradiction(self.policy, other)

    @property
    def sentence(self) -> Message | None:
        return self.policy.sentence
