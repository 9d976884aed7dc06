"""Rules on titles: holder, beneficiary, state, and whose registry it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ebl.codes import Doubt, Failure
from ebl.errors import InvalidInput, Refuted, SourceError
from ebl.ethereum.address import ZERO
from ebl.messages import Message, say
from ebl.model.findings import Fact, Note
from ebl.model.given_address import require_address
from ebl.policies.base_policy import Policy
from ebl.policies.rule_parts import examined, no_title, titles_of

if TYPE_CHECKING:  # each policy loads the facts that it looks for, and no others
    from ebl.chain.titles.title_state import State, Title


@dataclass(frozen=True, slots=True)
class HeldBy(Policy):
    """The title is in circulation and this address is its holder, which has possession, as of the block that was read.

    Raises `InvalidInput` if ``address`` is not an address (in one case, or checksummed).
    """

    address: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", require_address(self.address, "address"))

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        for title in titles_of(facts, missed=say(Doubt.NO_FACT, "no_title_held_by", holder=self.address)):
            _require_in_circulation(title)
            if title.holder != self.address:
                found = title.holder or ZERO
                raise Refuted(Failure.UNEXPECTED_HOLDER, expected=self.address, found=found)
        return ()

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, HeldBy) and other.address != self.address:
            return "a title has one holder"
        return _not_held(other, "a holder")

    @property
    def sentence(self) -> Message:
        return say("rule", "held_by", holder=self.address)


@dataclass(frozen=True, slots=True)
class OwnedBy(Policy):
    """The title is in circulation and this address is its beneficiary, which has the right to the goods.

    Raises `InvalidInput` if ``address`` is not an address (in one case, or checksummed).
    """

    address: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", require_address(self.address, "address"))

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        for title in titles_of(facts, missed=say(Doubt.NO_FACT, "no_title_owned_by", owner=self.address)):
            _require_in_circulation(title)
            if title.beneficiary != self.address:
                found = title.beneficiary or ZERO
                raise Refuted(Failure.UNEXPECTED_OWNER, expected=self.address, found=found)
        return ()

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, OwnedBy) and other.address != self.address:
            return "a title has one beneficiary"
        return _not_held(other, "a beneficiary")

    @property
    def sentence(self) -> Message:
        return say("rule", "owned_by", owner=self.address)


@dataclass(frozen=True, slots=True)
class NotReturned(Policy):
    """Every title is in circulation: neither surrendered to its issuer nor accomplished. Accepts documents without a title too.

    Every verification applies it, unless the policy has another rule on the state, such as `TitleIn`.
    """

    @property
    def speaks_of_circulation(self) -> bool:
        return True

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        from ebl.status.token_registry import Titled

        for fact in facts:
            if isinstance(fact, Titled):
                _require_in_circulation(fact.title)
        return ()

    def excludes(self, other: Policy) -> str | None:
        return _not_held(other, "a place in circulation")

    @property
    def sentence(self) -> Message:
        return say("rule", "not_returned")


@dataclass(frozen=True, slots=True, init=False)
class TitleIn(Policy):
    """Every title is in one of these states, such as returned: for the issuer who accepts a surrender, or for an archive.

    Raises `InvalidInput` if there is none.
    """

    states: tuple[State, ...]

    def __init__(self, *states: State) -> None:
        if not states:
            raise InvalidInput("TitleIn() needs at least one state.")
        object.__setattr__(self, "states", states)

    @property
    def speaks_of_circulation(self) -> bool:
        return True

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        for title in titles_of(facts, missed=say(Doubt.NO_FACT, "no_title_in_state", states=self.states)):
            if title.state not in self.states:
                raise _elsewhere(title)
        return ()

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, TitleIn) and not set(self.states) & set(other.states):
            return "a title is in one state"
        return None

    @property
    def sentence(self) -> Message:
        if len(self.states) == 1:
            return say("rule", "title_is", state=self.states[0])
        return say("rule", "title_is_one_of", states=self.states)


@dataclass(frozen=True, slots=True)
class HasTitle(Policy):
    """The document has a title whose token was established."""

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
    """The registry of every title is named by the issuer of the title, or by the policy (`Trusted.registries`)."""

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        if unvouched := examined(facts).unvouched:
            raise SourceError(Doubt.REGISTRY_NOT_VOUCHED, "required", registry=unvouched[0])
        return ()

    @property
    def sentence(self) -> Message:
        return say("rule", "registry_vouched")


def _not_held(other: Policy, what: str) -> str | None:
    """Why a policy accepts no title in circulation, if it does not: only these have ``what``."""
    if not isinstance(other, TitleIn) or "held" in other.states:
        return None
    return f"only a title in circulation (held) has {what}"


def _elsewhere(title: Title) -> Refuted:
    """The error for a title in a state that is not accepted."""
    from ebl.chain.titles.title_state import State

    match title.state:
        case State.HELD:
            return Refuted(Failure.IN_CIRCULATION, registry=title.registry)
        case State.RETURNED:
            return Refuted(Failure.RETURNED, registry=title.registry)
        case _:
            return Refuted(Failure.TAKEN_OUT, registry=title.registry)


def _require_in_circulation(title: Title) -> None:
    from ebl.chain.titles.title_state import State

    if title.state is not State.HELD:
        raise _elsewhere(title)
