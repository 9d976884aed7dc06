"""Claims, facts and findings: the types that checks, policies and reports share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from ebl.codes import Condition, Doubt, Failure, Remark
from ebl.errors import Undetermined
from ebl.messages import Message, Parameter, say
from ebl.model.wholeness import Wholeness

if TYPE_CHECKING:
    from ebl.model.ports import Block, Sources


class Verdict(StrEnum):
    """Three verdicts: valid, not valid, and "cannot be determined"."""

    VALID = "valid"
    INVALID = "invalid"
    INDETERMINATE = "indeterminate"


class Group(StrEnum):
    """The question of the reader that a finding answers."""

    DOCUMENT = "document"
    INTEGRITY = "integrity"
    STATUS = "status"
    IDENTITY = "identity"
    TITLE = "title"
    POLICY = "policy"


class AsData(Protocol):
    """An object that can be written as JSON data."""

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """The bytes that were read: ``size``, SHA-256 (32 bytes), and the caller's ``name`` for them."""

    size: int
    sha256: bytes
    name: str | None = None

    @classmethod
    def of(cls, content: bytes, name: str | None = None) -> Self:
        """Returns the file with these bytes."""
        import hashlib  # a document that was read already needs no hash

        return cls(size=len(content), sha256=hashlib.sha256(content).digest(), name=name)

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {"name": self.name, "size": self.size, "sha256": self.sha256.hex()}


@dataclass(frozen=True, slots=True)
class Note:
    """A remark, or a condition of the verdict, and its subject."""

    remark: Remark | Condition
    message: Message

    @classmethod
    def of(cls, remark: Remark | Condition, variant: str = "", /, **params: Parameter) -> Self:
        """Returns the note whose message has this variant of the code, and these parameters (see `ebl.messages`)."""
        return cls(remark, say(remark, variant, **params))

    @property
    def detail(self) -> str:
        """The message in English."""
        return str(self.message)


class Claim:
    """A statement of a document about itself that its check can establish. Subclasses are frozen dataclasses.

    ``settles``: the claim alone can answer its group's question; a mere condition (dates, revocation) cannot.
    ``issued_by`` is what issues a document by this claim (see ``ebl.openattestation.issuers``), None if the claim issues nothing.
    ``is_offline``: its check only computes, and is not worth a thread.
    """

    __slots__ = ()
    group: ClassVar[Group]
    name: ClassVar[str]
    settles: ClassVar[bool] = True
    issued_by: ClassVar[str | None] = None
    is_offline: ClassVar[bool] = False

    def check(self, sources: Sources) -> Fact:
        """Establishes the claim. Everything outside the document is requested from ``sources`` only.

        Raises `ebl.errors.Refuted` if the claim is false, `ebl.errors.Malformed` if it is not well-formed, and
        `ebl.errors.Undetermined` if it cannot be checked: with ``document.unsupported_claim`` if its class has no check.
        """
        raise Undetermined(Doubt.UNSUPPORTED_CLAIM, claim=type(self).__name__)


class HolderClaim(Claim):
    """A claim that a holder presents the document now.

    ``challenge`` (sent by the verifier) and ``domains`` (of the verifier) name the recipient. They are None and empty if the
    document names none.
    """

    __slots__ = ()

    challenge: str | None
    domains: tuple[str, ...]


class ListedClaim(Claim):
    """A claim that a list does not revoke the document. An old list may lack a newer revocation."""

    __slots__ = ()


class TitleClaim(Claim):
    """A claim that the token of a registry is the title of the document. The report has the title, whatever the result.

    ``chain_id`` None means the only configured chain; ``address`` is the registry's.
    """

    __slots__ = ()

    chain_id: int | None
    address: str

    @property
    def token_id(self) -> int:
        """The number of the token."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """An established claim. Subclasses name the claim; ``message`` states the result, ``str(fact)`` the same in English."""

    notes: tuple[Note, ...] = ()

    @property
    def message(self) -> Message:
        """The result, as a message of the section ``fact``. A fact without one is named by its class."""
        return say("fact", "unnamed", kind=type(self).__name__)

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The identity that a fact proves: a domain, a DID, or a domain whose DNS names a DID's key.

    ``domain`` is in A-labels, ``shown`` the same in U-labels, ``registered`` the registered part of it.
    ``assurance`` is ``dnssec``, ``quorum(n)``, ``single``, or None if no DNS answer was needed.
    """

    domain: str | None = None
    shown: str | None = None
    registered: str | None = None
    did: str | None = None
    assurance: str | None = None
    wildcard: bool = False

    @property
    def message(self) -> Message:
        """The name, as a part of another message."""
        name = self.domain or self.did
        return say("fact", "nameless") if name is None else say("fact", "who", name=name)

    def __str__(self) -> str:
        return self.domain or self.did or "no verified issuer"

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data."""
        return {
            "domain": self.domain,
            "shown": self.shown,
            "registered": self.registered,
            "did": self.did,
            "assurance": self.assurance,
            "wildcard": self.wildcard,
        }


class Measured(Fact):
    """A fact that shows how whole the document, or one of several in the file, is."""

    __slots__ = ()

    whole: Wholeness


class TitleFact(Fact):
    """A fact that a title exists. ``proved``: shown by the storage of its contracts, not only returned by a node."""

    __slots__ = ()

    title: AsData
    proved: bool


class Identified(Fact):
    """A fact that identifies an issuer. Every subclass states the identity, which a policy can compare."""

    __slots__ = ()

    claim: Claim

    @property
    def who(self) -> Who:
        """The identity that it proves."""
        raise NotImplementedError


class Asks(Protocol):
    """A requirement of a policy, in words: `ebl.policy.Policy` has one."""

    @property
    def sentence(self) -> Message | None:
        """What is true of a document that it accepts; None if it has no words for it."""


@dataclass(frozen=True, slots=True)
class Passed:
    """The check ran and the claim is true. A rule of the policy establishes no fact; ``asked`` is the rule."""

    group: Group
    check: str
    fact: Fact | None = None
    claim: Claim | None = None
    asked: Asks | None = None

    @property
    def message(self) -> Message | None:
        """The result."""
        if self.fact is not None:
            return self.fact.message
        return None if self.asked is None else self.asked.sentence  # built only when it is read


@dataclass(frozen=True, slots=True)
class Failed:
    """The check ran and its result is negative. ``reason`` is the number that a contract gave for it, if any."""

    group: Group
    check: str
    failure: Failure
    message: Message
    claim: Claim | None = None
    reason: int | None = None

    @property
    def detail(self) -> str:
        """The message in English."""
        return str(self.message)


@dataclass(frozen=True, slots=True)
class Unknown:
    """The check could not be carried out."""

    group: Group
    check: str
    doubt: Doubt
    message: Message
    claim: Claim | None = None

    @property
    def detail(self) -> str:
        """The message in English."""
        return str(self.message)


@dataclass(frozen=True, slots=True)
class Noted:
    """An observation that changes no verdict. With a `Condition`, read it before acting on VALID."""

    group: Group
    check: str
    remark: Remark | Condition
    message: Message
    claim: Claim | None = None

    @property
    def detail(self) -> str:
        """The message in English."""
        return str(self.message)


Finding = Passed | Failed | Unknown | Noted
"""The result of one check."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The verification time: the clock, read once, and one block for each chain."""

    now: datetime
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class AtIssuance:
    """The identities of the issuers at ``time``, as evidence proves them.

    ``issuers`` has a tuple for each issuer, in the document's order.
    """

    time: datetime
    issuers: tuple[tuple[Who, ...], ...]


@dataclass(frozen=True, slots=True)
class Examined(Fact):
    """What was examined, and when: for policies that use more than the claims. It is not a finding of the report.

    ``whole`` states how much of it the holder shows. ``unvouched`` are the registries of titles that neither the policy nor the
    proved issuer of the title names as the issuer's.
    """

    moment: Moment
    format: str
    whole: Wholeness
    unvouched: tuple[Message, ...] = ()

    @property
    def message(self) -> Message:
        return say("fact", "examined", time=self.moment.now)
