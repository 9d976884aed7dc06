"""The base of every policy. A policy is asked for by every verification; there is no default."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, TypeVar

from ebl.errors import InvalidInput
from ebl.identity.trusted import Trusted
from ebl.messages import Message
from ebl.model.contract import Contract
from ebl.model.findings import Fact, Note

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
        """Whether it says how old a status list may be. If not, `ebl.policy.ListsWithin.year` is applied beside it."""
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
            fix = "Give an object: ebl.policy.IssuedBy(domain), or ebl.policy.IssuedByTrusted(Trusted(did=…))."
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
