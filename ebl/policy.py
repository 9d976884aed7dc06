"""Whom the relying party accepts. A policy is asked for by every verification; there is no default."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from ebl.codes import Condition, Doubt, Failure
from ebl.errors import InvalidInput, Refuted, SourceError, Undetermined
from ebl.ethereum.address import ZERO, given
from ebl.identity.trusted import Contract, Trusted, require_domain
from ebl.messages import Message, say
from ebl.model.findings import Fact, File, Identified, Note

if TYPE_CHECKING:  # each policy loads the facts that it looks for, and no others
    from ebl.chain.titles.title_state import State, Title

P = TypeVar("P")


class Policy(ABC):
    """What a verifier accepts. Inherit from it, and write ``check``: the rest has defaults that assume the least.

    The other members say what a verification has to know of a policy beside its answer. One that wraps another policy
    passes on those of the policy that it wraps, as `AllOf` and `AnyOf` do. ``str(policy)`` is its ``sentence`` in English.
    """

    __slots__ = ()

    @abstractmethod
    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        """Hold the facts that were established to the policy. To return is to accept: ``()``, or notes for the report.

        Raises `Refuted` if a fact contradicts the policy, and `Undetermined` if a fact that it needs is not there (which is
        a failure once nothing is unknown). Raises `SourceError`, which is one, if the sources are not what it asks for:
        that leaves the answer open.
        """

    @property
    def rule(self) -> str:
        """The name of the policy in reports."""
        return type(self).__name__

    @property
    def speaks_of_circulation(self) -> bool:
        """Whether it says in which states a title is accepted. If not, `NotReturned` is applied beside it."""
        return False

    @property
    def speaks_of_lists(self) -> bool:
        """Whether it says how old a status list may be. If not, `ebl.policies.rules.ListsWithin.year` is applied beside it."""
        return False

    @property
    def compares_challenge(self) -> bool:
        """Whether it refuses a presentation for another challenge than the verifier's. If not, the report says so."""
        return False

    @property
    def compares_domain(self) -> bool:
        """Whether it refuses a presentation for another domain than the verifier's."""
        return False

    @property
    def accepts(self) -> frozenset[Trusted] | None:
        """The issuers that it accepts, and no others; None if it accepts any, or does not say whom.

        More may be named than are accepted in the end, never fewer.
        """
        return None

    @property
    def registries_of(self) -> frozenset[Trusted]:
        """The issuers of whom it says which registries are theirs, whether it accepts a document of theirs now or not."""
        return frozenset(one for one in self.accepts or () if one.registries)

    @property
    def pins(self) -> frozenset[Contract]:
        """The stores that it takes documents of, and of no others; empty if it does not say.

        One of these stands for an issuer of whom the document names nothing else (`ebl.identity.store_alone`).
        """
        return frozenset()

    def excludes(self, other: Policy) -> str | None:
        """Why nothing that both speak of can meet this and the other; None if something can, as far as is known."""
        return None

    def to_dict(self) -> dict[str, Any]:
        """As JSON data: its rules, each by its name in reports and in words, and the policy files that they are from.

        A policy is one rule, unless it consists of several that must all accept.
        """
        return {"rules": [self._row()], "files": []}

    def _row(self) -> dict[str, Any]:
        said = self.sentence
        made = {"key": None, "params": {}} if said is None else said.to_dict()
        return {"rule": self.rule, "sentence": str(self), **made}

    @property
    def sentence(self) -> Message | None:
        """What holds of a document that it accepts; None if it does not say. Yours says it with `ebl.messages.own_words`."""
        return None

    def __str__(self) -> str:
        return "" if self.sentence is None else str(self.sentence)


def contradiction(one: Policy, other: Policy) -> str | None:
    """Why nothing can meet two policies, in words that may follow a colon; None if something can, as far as is known.

    Only what the policies say by themselves is compared: that no chain, registry or party can be both of two. A policy of your
    own says it with `Policy.excludes`.
    """
    return one.excludes(other) or other.excludes(one)


def require_policy(policy: P) -> P:
    """The object, if it is a policy. Raises `InvalidInput` if its class does not inherit from `Policy`."""
    if not isinstance(policy, Policy):
        what = f"the class {policy.__name__}" if isinstance(policy, type) else f"an object of {type(policy).__name__}"
        fix = "Let its class inherit from ebl.policy.Policy."
        if isinstance(policy, type):
            fix = "Give an object of it."
        elif isinstance(policy, str):
            fix = "Give an object: ebl.policy.IssuedBy(domain), or ebl.policies.rules.IssuedByTrusted(Trusted(did=…))."
        raise InvalidInput(f"Expected a policy; got {what}.", fix=fix)
    return policy


def ask(policy: Policy, facts: Sequence[Fact]) -> tuple[Note, ...]:
    """The notes of a policy that accepts these facts: a True or a False that its ``check`` returned is no answer.

    Raises what ``check`` raises, and `InvalidInput` if what it returned is not notes, as nothing says what that means.
    """
    notes: object = policy.check(facts)
    if isinstance(notes, tuple | list) and all(isinstance(note, Note) for note in notes):
        return tuple(notes)
    raise InvalidInput(
        f"{type(policy).__name__}.check returned an object of {type(notes).__name__}; expected () or a tuple of Note.",
        fix="Return () to accept, and raise ebl.errors.Refuted or ebl.errors.Undetermined for anything else.",
    )


@dataclass(frozen=True, slots=True)
class IssuedBy(Policy):
    """Every issuer's identity is this DNS domain (lower-case A-labels) and no other. Raises `InvalidInput` for any other text."""

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


@dataclass(frozen=True, slots=True)
class HeldBy(Policy):
    """The title is in circulation and this address is its holder: has possession, as of the block that was read.

    Raises `InvalidInput` where ``address`` (in one case, or checksummed) is none.
    """

    address: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", given(self.address, "address"))

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        for title in _titles(facts, missed=say(Doubt.NO_FACT, "no_title_held_by", holder=self.address)):
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
    """The title is in circulation and this address is its beneficiary: has the right to the goods.

    Raises `InvalidInput` where ``address`` (in one case, or checksummed) is none.
    """

    address: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", given(self.address, "address"))

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        for title in _titles(facts, missed=say(Doubt.NO_FACT, "no_title_owned_by", owner=self.address)):
            _require_in_circulation(title)
            if title.beneficiary != self.address:
                found = title.beneficiary or ZERO
                raise Refuted(Failure.UNEXPECTED_OWNER, expected=self.address, found=found)
        return ()

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, OwnedBy) and other.address != self.address:
            return "a title has one owner"
        return _not_held(other, "an owner")

    @property
    def sentence(self) -> Message:
        return say("rule", "owned_by", owner=self.address)


@dataclass(frozen=True, slots=True)
class ThroughRegistry(Policy):
    """The title is a token of this registry, on this chain where ``chain_id`` is given.

    Raises `InvalidInput` where ``address`` (in one case, or checksummed) is none.
    """

    address: str
    chain_id: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", given(self.address, "address"))

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        for title in _titles(facts, missed=say(Doubt.NO_FACT, "no_title_in_registry", registry=self.address)):
            if title.registry != self.address or self.chain_id not in (None, title.chain_id):
                found = Contract(title.chain_id, title.registry).message
                raise Refuted(Failure.UNEXPECTED_REGISTRY, "other", expected=self._where(), found=found)
        return ()

    def _where(self) -> Message:
        if self.chain_id is None:
            return say("rule", "contract_on_any_chain", address=self.address)
        return Contract(self.chain_id, self.address).message

    def excludes(self, other: Policy) -> str | None:
        if isinstance(other, ThroughRegistry):
            chains = {self.chain_id, other.chain_id} - {None}
            if self.address != other.address or len(chains) > 1:
                return "a title is of one registry"
        return None

    @property
    def sentence(self) -> Message:
        return say("rule", "through_registry", registry=self._where())


@dataclass(frozen=True, slots=True)
class NotReturned(Policy):
    """Every title is in circulation: neither returned to its issuer nor taken out. Holds of documents without a title too.

    Every verification applies it, unless the policy says otherwise with `TitleIn`.
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
    """Every title is in one of these states, such as returned: for the issuer who is to accept it, or for an archive."""

    states: tuple[State, ...]

    def __init__(self, *states: State) -> None:
        if not states:
            raise InvalidInput("TitleIn() needs at least one state.")
        object.__setattr__(self, "states", states)

    @property
    def speaks_of_circulation(self) -> bool:
        return True

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        for title in _titles(facts, missed=say(Doubt.NO_FACT, "no_title_in_state", states=self.states)):
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
class PresentedTo(Policy):
    """The credentials were presented for this challenge, which the verifier sent, and this domain, which is the verifier's.

    One of the two may be left out; what is not compared is then a condition. A document that is not a presentation is refused.
    Raises `InvalidInput` if both are left out, or one is empty.
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
class UnsafeAnyIssuer(Policy):
    """Accept whoever issued the document. The report then proves *that* somebody did, not that it is anybody you know."""

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        return (Note.of(Condition.ANY_ISSUER),)

    @property
    def sentence(self) -> Message:
        return say("rule", "any_issuer")


@dataclass(frozen=True, slots=True, init=False)
class AllOf(Policy):
    """Every one of these policies accepts. ``file`` is the policy file that they are from, if they are from one."""

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
        """Those of the policy that names the fewest: each of the others may only take some away.

        Of several that name as few, it is the one that lists more of their registries.
        """
        named = [accepted for policy in self.policies if (accepted := policy.accepts) is not None]
        return min(named, key=lambda some: (len(some), -sum(len(one.registries) for one in some)), default=None)

    @property
    def registries_of(self) -> frozenset[Trusted]:
        """Those of all: a policy that accepts fewer issuers does not say that a registry is no longer another's."""
        return _united([policy.registries_of for policy in self.policies])

    @property
    def pins(self) -> frozenset[Contract]:
        """Those that every policy takes which pins any."""
        pinned = [pins for policy in self.policies if (pins := policy.pins)]
        return frozenset.intersection(*pinned) if pinned else frozenset()

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        notes: list[Note] = []
        doubts: list[Undetermined] = []
        for policy in self.policies:
            try:
                notes += ask(policy, facts)
            except Undetermined as doubt:
                doubts.append(doubt)  # a later policy may still say no, and a no beats a doubt
        if doubts:  # a fact that is lacking says no once nothing is unknown; a source that is wanting never does
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
    """At least one of these policies accepts."""

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
        """Those that one of them takes, if every one of them pins some."""
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
        if doubts:  # what is open may still turn out well, whatever the other policies lack
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
    """All of these; of a single long list no copy is made."""
    some = [one for one in listed if one]
    return some[0] if len(some) == 1 else frozenset[Trusted]().union(*some)


@lru_cache(maxsize=64)
def _only(domain: str) -> frozenset[Trusted]:
    return frozenset({Trusted(domain)})


def _is_open(doubt: Undetermined) -> bool:
    return isinstance(doubt, SourceError)


def _not_held(other: Policy, what: str) -> str | None:
    """Why a policy accepts no title that is in circulation, as only these have ``what``."""
    if not isinstance(other, TitleIn) or "held" in other.states:
        return None
    return f"only a title in circulation (held) has {what}"


def _elsewhere(title: Title) -> Refuted:
    """The error for a title that is in another state than is accepted."""
    from ebl.chain.titles.title_state import State

    match title.state:
        case State.HELD:
            return Refuted(Failure.IN_CIRCULATION, registry=title.registry)
        case State.RETURNED:
            return Refuted(Failure.RETURNED, registry=title.registry)
        case _:
            return Refuted(Failure.TAKEN_OUT, registry=title.registry)


def _titles(facts: Sequence[Fact], *, missed: Message) -> list[Title]:
    """Every title that the document is proved to have, one at least. Raises `no_title` if there is none."""
    from ebl.status.token_registry import Titled

    titles = [fact.title for fact in facts if isinstance(fact, Titled)]
    if not titles:
        raise no_title(facts, missed)
    return titles


def no_title(facts: Sequence[Fact], missed: Message) -> Undetermined:
    """The error for a title that a policy misses. It stays open if a holder may have left the title's place out."""
    from ebl.credentials.no_status import WithoutStatus

    if any(isinstance(fact, WithoutStatus) and fact.claim.derived for fact in facts):
        return SourceError(Doubt.STATUS_NOT_SHOWN, "title_left_out", because=missed)
    return Undetermined(Doubt.NO_FACT, missed)


def _require_in_circulation(title: Title) -> None:
    from ebl.chain.titles.title_state import State

    if title.state is not State.HELD:
        raise _elsewhere(title)
