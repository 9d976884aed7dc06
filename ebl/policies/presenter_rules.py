"""The rule on who presents a title: its holder, who answered the verifier's challenge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ebl.codes import Doubt, Failure
from ebl.errors import InvalidInput, Refuted, Undetermined
from ebl.ethereum.address import ZERO
from ebl.messages import Message, say
from ebl.model.findings import Fact, Note
from ebl.policies.base_policy import Policy
from ebl.policies.rule_parts import titles_of

__all__ = ["PresentedByHolder"]


@dataclass(frozen=True, slots=True)
class PresentedByHolder(Policy):
    """The party that presents the title controls the account that holds it: it answered a challenge of this ``domain``.

    ``domain`` None: of any challenge that the verifier remembers. It shows control at that moment, never ownership. Whether
    the title is in circulation is another rule's (`ebl.policy.NotReturned` is always applied). Raises `InvalidInput` if the
    domain is empty.
    """

    domain: str | None = None

    def __post_init__(self) -> None:
        if self.domain == "":
            raise InvalidInput("expected the domain of the verifier; got an empty text.")

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        from ebl.identity.title_control import AccountControlled

        answers = [fact for fact in facts if isinstance(fact, AccountControlled)]
        for title in titles_of(facts, missed=say(Doubt.NO_FACT, "no_answer")):
            mine = [
                one.claim.answer
                for one in answers
                if (one.claim.answer.challenge.registry, one.claim.answer.challenge.token_id)
                == (title.registry, title.token_id)
                and one.block.chain_id == title.chain_id
            ]
            if not mine:
                raise Undetermined(Doubt.NO_FACT, "no_answer")
            answer = mine[0]
            if self.domain is not None and answer.challenge.verifier != self.domain:
                raise Refuted(
                    Failure.ANSWER_OF_ANOTHER, "verifier", expected=self.domain, found=answer.challenge.verifier
                )
            if answer.account != title.holder:
                raise Refuted(Failure.NOT_BY_HOLDER, account=answer.account, holder=title.holder or ZERO)
        return ()

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, PresentedByHolder) and len({self.domain, other.domain} - {None}) > 1:
            return "a challenge is of one verifier"
        return None

    @property
    def sentence(self) -> Message:
        if self.domain is None:
            return say("rule", "presented_by_holder")
        return say("rule", "presented_by_holder_to", domain=self.domain)
