"""The base class of every policy. Every verification requires a policy; there is no default."""

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
    """What a verifier accepts. Inherit from it, and write ``check``: the other members have defaults that assume the least.

    The other members are what a verification has to know of a policy in addition to its answer. A policy that wraps another
    returns those of the wrapped policy, as `AllOf` and `AnyOf` do. ``str(policy)`` is its ``sentence`` in English.
    """

    __slots__ = ()

    @abstractmethod
    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        """Check the established facts against the policy. To return is to accept: ``()``, or notes for the report.

        Raises `Refuted` if a fact contradicts the policy. Raises `Undetermined` if a fact that it needs is missing, which is
        a failure if nothing is unknown. Raises `SourceError`, a subclass, if the sources are not as the policy requires, which
        leaves the answer open.
        """

    @property
    def rule(self) -> str:
        """The name of the policy in reports."""
        return type(self).__name__

    @property
    def speaks_of_circulation(self) -> bool:
        """Whether it has a rule on the state of a title. If not, `NotReturned` is applied as well."""
        return False

    @property
    def speaks_of_lists(self) -> bool:
        """Whether it has a rule on the age of status lists. If not, `ebl.policy.ListsWithin.year` is applied as well."""
        return False

    @property
    def compares_challenge(self) -> bool:
        """Whether it refuses a presentation for another challenge than the verifier's. If not, the report has a condition."""
        return False

    @property
    def compares_domain(self) -> bool:
        """Whether it refuses a presentation for another domain than the verifier's."""
        return False

    @property
    def accepts(self) -> frozenset[Trusted] | None:
        """The issuers that it accepts, and no others; None if it accepts any issuer, or has no rule on issuers.

        The set may have more issuers than are accepted in the end, never fewer.
        """
        return None

    @property
    def registries_of(self) -> frozenset[Trusted]:
        """The issuers whose registries it names, whether it accepts their documents now or not."""
        return frozenset(one for one in self.accepts or () if one.registries)

    @property
    def pins(self) -> frozenset[Contract]:
        """The stores whose documents it accepts, and no others; empty if it has no rule on stores.

        If a document names nothing of its issuer but one of these stores, the store identifies the issuer
        (``ebl.identity.store_alone``).
        """
        return frozenset()

    def excludes(self, other: Policy) -> str | None:
        """Why no document that both policies apply to can meet both; None if one can, as far as is known."""
        return None

    def to_dict(self) -> dict[str, Any]:
        """The policy as JSON data: its rules, each with its name in reports and its sentence, and the policy files they are from.

        A policy is one rule, unless it consists of several that must all accept.
        """
        return {"rules": [self._row()], "files": []}

    def _row(self) -> dict[str, Any]:
        sentence = self.sentence
        made = {"key": None, "params": {}} if sentence is None else sentence.to_dict()
        return {"rule": self.rule, "sentence": str(self), **made}

    @property
    def sentence(self) -> Message | None:
        """What is true of every document that it accepts; None if it states nothing. Make yours with `ebl.messages.own_words`."""
        return None

    def __str__(self) -> str:
        return "" if self.sentence is None else str(self.sentence)


def contradiction(one: Policy, other: Policy) -> str | None:
    """Why no document can meet both policies, in words that may follow a colon; None if one can, as far as is known.

    Only the policies themselves are compared: for example, a chain, registry or party cannot be two at once. A policy of your
    own overrides `Policy.excludes`.
    """
    return one.excludes(other) or other.excludes(one)


def require_policy(policy: P) -> P:
    """Returns the object if it is a policy. Raises `InvalidInput` if its class does not inherit from `Policy`."""
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
    """Returns the notes of a policy that accepts these facts.

    Raises what ``check`` raises, and `InvalidInput` if ``check`` returned anything but notes, such as True or False.
    """
    notes: object = policy.check(facts)
    if isinstance(notes, tuple | list) and all(isinstance(note, Note) for note in notes):
        return tuple(notes)
    raise InvalidInput(
        f"{type(policy).__name__}.check returned an object of {type(notes).__name__}; expected () or a tuple of Note.",
        fix="Return () to accept, and raise ebl.errors.Refuted or ebl.errors.Undetermined for anything else.",
    )
