"""What is claimed, established and found: the words that checks, policies and reports share."""

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
    """Three answers: yes, no, and "could not ask"."""

    VALID = "valid"
    INVALID = "invalid"
    INDETERMINATE = "indeterminate"


class Group(StrEnum):
    """Which of the reader's questions a finding answers."""

    DOCUMENT = "document"
    INTEGRITY = "integrity"
    STATUS = "status"
    IDENTITY = "identity"
    TITLE = "title"
    POLICY = "policy"


class AsData(Protocol):
    """What can be written as JSON data."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Which bytes something was read from: ``size``, SHA-256 (32 bytes), and the ``name`` by which the caller knows them."""

    size: int
    sha256: bytes
    name: str | None = None

    @classmethod
    def of(cls, content: bytes, name: str | None = None) -> Self:
        """The file that holds these bytes."""
        import hashlib  # whoever gives a document that was read needs none

        return cls(size=len(content), sha256=hashlib.sha256(content).digest(), name=name)

    def to_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {"name": self.name, "size": self.size, "sha256": self.sha256.hex()}


@dataclass(frozen=True, slots=True)
class Note:
    """A remark, or a condition of the verdict, and what it is about."""

    remark: Remark | Condition
    message: Message

    @classmethod
    def of(cls, remark: Remark | Condition, variant: str = "", /, **params: Parameter) -> Self:
        """The note whose message has this variant of the code, and these parameters (see `ebl.messages`)."""
        return cls(remark, say(remark, variant, **params))

    @property
    def detail(self) -> str:
        """The message in English."""
        return str(self.message)


class Claim:
    """Something a document says of itself, which its check can establish. Subclasses are frozen dataclasses.

    ``settles`` says that it can answer its group's question alone; a mere condition (dates, revocation) cannot.
    ``issued_by`` is what issues a document by this claim (see `ebl.openattestation.issuers`), None if the claim issues nothing.
    ``asks_nobody`` says that its check is arithmetic, and so is not worth a thread.
    """

    __slots__ = ()
    group: ClassVar[Group]
    name: ClassVar[str]
    settles: ClassVar[bool] = True
    issued_by: ClassVar[str | None] = None
    asks_nobody: ClassVar[bool] = False

    def check(self, sources: Sources) -> Fact:
        """Establish the claim. What is asked outside is asked of ``sources``, and of nothing else.

        Raises `ebl.errors.Refuted` if it does not hold, `ebl.errors.Malformed` if it is not well-formed, and
        `ebl.errors.Undetermined` if it cannot be told: with ``document.unsupported_claim`` if its class has no check.
        """
        raise Undetermined(Doubt.UNSUPPORTED_CLAIM, claim=type(self).__name__)


class HolderClaim(Claim):
    """A claim that somebody presents the document now.

    ``challenge`` and ``domains`` say to whom: what a verifier sent, and who the verifier is. None and empty if it does not say.
    """

    __slots__ = ()

    challenge: str | None
    domains: tuple[str, ...]


class ListedClaim(Claim):
    """A claim that a list says nothing against the document. A list that is old may not know yet what it should say."""

    __slots__ = ()


class TitleClaim(Claim):
    """A claim that the token of a registry stands for the document. Its title is in the report, whatever was found of it.

    ``chain_id`` None means the only chain that is configured; ``address`` is the registry's.
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
    """A claim that held. Subclasses name the claim; ``message`` says what held, ``str(fact)`` the same in English."""

    notes: tuple[Note, ...] = ()

    @property
    def message(self) -> Message:
        """What held: a message of the section ``fact``. A fact that does not say is named by its class."""
        return say("fact", "unnamed", kind=type(self).__name__)

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Whom an identity fact proves: a domain, a DID, or a domain that vouches for a DID's key.

    ``domain`` is in A-labels, ``shown`` the same in U-labels, ``registered`` the part that somebody registered.
    ``assurance`` is ``dnssec``, ``quorum(n)``, ``single``, or None where no DNS answer was needed.
    """

    domain: str | None = None
    shown: str | None = None
    registered: str | None = None
    did: str | None = None
    assurance: str | None = None
    wildcard: bool = False

    @property
    def message(self) -> Message:
        """The name, within another message."""
        name = self.domain or self.did
        return say("fact", "nameless") if name is None else say("fact", "who", name=name)

    def __str__(self) -> str:
        return self.domain or self.did or "nobody"

    def to_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "domain": self.domain,
            "shown": self.shown,
            "registered": self.registered,
            "did": self.did,
            "assurance": self.assurance,
            "wildcard": self.wildcard,
        }


class Measured(Fact):
    """A fact that says how whole the document is, or one of several in the file."""

    __slots__ = ()

    whole: Wholeness


class TitleFact(Fact):
    """A fact that a title exists. ``proved``: shown by the storage of its contracts, and not only said by a node."""

    __slots__ = ()

    title: AsData
    proved: bool


class Identified(Fact):
    """A fact that says who stands behind an issuer. Every subclass says whom it proves, and so can a policy ask it."""

    __slots__ = ()

    claim: Claim

    @property
    def who(self) -> Who:
        """Whom it proves."""
        raise NotImplementedError


class Asks(Protocol):
    """What a policy asks, in words: `ebl.policy.Policy` is one."""

    @property
    def sentence(self) -> Message | None:
        """What holds of a document that it accepts; None if it does not say."""


@dataclass(frozen=True, slots=True)
class Passed:
    """The check ran and the claim holds. A rule of the policy establishes no fact; ``asked`` is the rule."""

    group: Group
    check: str
    fact: Fact | None = None
    claim: Claim | None = None
    asked: Asks | None = None

    @property
    def message(self) -> Message | None:
        """What held."""
        if self.fact is not None:
            return self.fact.message
        return None if self.asked is None else self.asked.sentence  # put together only if somebody reads it


@dataclass(frozen=True, slots=True)
class Failed:
    """The check ran and the answer is no. ``reason`` is the number that whoever said no gave for it, where one did."""

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
    """The check could not tell."""

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
    """Worth knowing; changes no verdict. With a `Condition`, no VALID is to be read without it."""

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


@dataclass(frozen=True, slots=True)
class Moment:
    """When the questions were asked: the clock, read once, and one block for each chain."""

    now: datetime
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class AtIssuance:
    """Whom evidence proves the issuers to have been at ``time``: ``issuers`` has a tuple for each, in the document's order."""

    time: datetime
    issuers: tuple[tuple[Who, ...], ...]


@dataclass(frozen=True, slots=True)
class Examined(Fact):
    """What was examined, and when: for policies that look at more than the claims. It is no finding of the report.

    ``whole`` says how much of it its holder shows. ``unvouched`` are the registries of titles that neither the policy nor the
    proved issuer of the title names as the issuer's.
    """

    moment: Moment
    format: str
    whole: Wholeness
    unvouched: tuple[Message, ...] = ()

    @property
    def message(self) -> Message:
        return say("fact", "examined", time=self.moment.now)
