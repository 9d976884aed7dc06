"""What a verification found: findings, and the verdict that they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from ebl.codes import Condition, Doubt, Failure, Remark
from ebl.wholeness import Wholeness, of_parts

if TYPE_CHECKING:
    from ebl.document import Document, Issuer
    from ebl.sources import Block


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


@dataclass(frozen=True, slots=True)
class Note:
    """A remark, or a condition of the verdict, and what it is about."""

    remark: Remark | Condition
    detail: str


class Claim:
    """Something a document says of itself, which a check can establish. Subclasses are frozen dataclasses.

    ``settles`` says that it can answer its group's question alone; a mere condition (dates, revocation) cannot.
    ``issued_by`` is what issues a document by this claim (see `ebl.formats.issuers`), None if the claim issues nothing.
    """

    __slots__ = ()
    group: ClassVar[Group]
    name: ClassVar[str]
    settles: ClassVar[bool] = True
    issued_by: ClassVar[str | None] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A claim that held. Subclasses name the claim; ``str(fact)`` is one plain sentence."""

    notes: tuple[Note, ...] = ()


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


class Identified(Fact):
    """A fact that says who stands behind an issuer. Every subclass says whom it proves, and so can a policy ask it."""

    __slots__ = ()

    claim: Claim

    @property
    def who(self) -> Who:
        """Whom it proves."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Passed:
    """The check ran and the claim holds. A rule of the policy establishes no fact; ``detail`` says what it asked."""

    group: Group
    check: str
    fact: Fact | None = None
    claim: Claim | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """The check ran and the answer is no. ``reason`` is the number that whoever said no gave for it, where one did."""

    group: Group
    check: str
    failure: Failure
    detail: str = ""
    claim: Claim | None = None
    reason: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """The check could not tell."""

    group: Group
    check: str
    doubt: Doubt
    detail: str = ""
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """Worth knowing; changes no verdict. With a `Condition`, no VALID is to be read without it."""

    group: Group
    check: str
    remark: Remark | Condition
    detail: str = ""


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
    proved issuer of the title says are the issuer's.
    """

    moment: Moment
    format: str
    whole: Wholeness
    unvouched: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"examined at {self.moment.now.isoformat()}"


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one verification. Compare ``report.verdict``: it has three values, so there is no truth value."""

    document: Document | None
    moment: Moment
    findings: tuple[Finding, ...] = field(default=())
    at_issuance: AtIssuance | None = None

    @property
    def verdict(self) -> Verdict:
        """A failure beats a doubt, a doubt beats a pass; nothing found is a failure."""
        kinds = {type(finding) for finding in self.findings} - {Noted}
        if Failed in kinds or not kinds:
            return Verdict.INVALID
        return Verdict.INDETERMINATE if Unknown in kinds else Verdict.VALID

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What was established, in the order of the findings."""
        return tuple(f.fact for f in self.findings if isinstance(f, Passed) and f.fact is not None)

    @property
    def conditions(self) -> tuple[Noted, ...]:
        """What a VALID verdict rests on without having established it; empty where it stands by itself."""
        return tuple(f for f in self.findings if isinstance(f, Noted) and isinstance(f.remark, Condition))

    @property
    def summary(self) -> str:
        """The verdict and the first reason for it, in one line."""
        for kind in (Failed, Unknown):
            for finding in self.findings:
                if isinstance(finding, kind):
                    row = finding_to_dict(finding)
                    return f"{self.verdict}: {row['code']}: {row['message']}"
        return str(self.verdict)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON data, as in ``schemas/report.schema.json`` (without ``file``, which a report does not know)."""
        document = self.document
        as_of: dict[str, Any] = {
            "time": _zulu(self.moment.now),
            "blocks": [block.to_dict() for block in self.moment.blocks],
        }
        if self.at_issuance is not None:
            as_of["issuance"] = _zulu(self.at_issuance.time)
        return {
            "format": document.format if document else None,
            "verdict": str(self.verdict),
            "findings": [finding_to_dict(finding) for finding in self.findings],
            "conditions": [finding_to_dict(finding) for finding in self.conditions],
            "issuers": [self._issuer(at) for at in range(len(document.issuers))] if document else [],
            "whole": whole.to_dict() if (whole := self.whole) is not None else None,
            "as_of": as_of,
        }

    @property
    def whole(self) -> Wholeness | None:
        """How whole the document is, None if it could not be read."""
        return None if self.document is None else wholeness(self.document, self.facts)

    def who(self, issuer: Issuer) -> tuple[Who, ...]:
        """Whom the facts prove one issuer to be, as of now; nobody, where none of its identity claims held."""
        facts = (f for f in self.facts if isinstance(f, Identified) and f.claim in issuer.identity)
        return tuple(who for who in dict.fromkeys(fact.who for fact in facts) if who != Who())

    def _issuer(self, at: int) -> dict[str, Any]:
        """What is proved comes before what is only claimed."""
        assert self.document is not None
        issuer = self.document.issuers[at]
        then = self.at_issuance.issuers[at] if self.at_issuance else None
        return {
            "identity_now": [who.to_dict() for who in self.who(issuer)],
            "identity_at_issuance": None if then is None else [who.to_dict() for who in then],
            **issuer.to_dict(),
        }

    def __repr__(self) -> str:
        kinds = {Failed: "failed", Unknown: "unknown"}
        codes = [finding_to_dict(f)["code"] for f in self.findings if type(f) in kinds or f in self.conditions]
        shown = ", ".join(dict.fromkeys(codes[:8])) + (", …" if len(codes) > 8 else "")
        what = self.document.format if self.document else "no document"
        return f"<Report {self.verdict.name} {what} at {_zulu(self.moment.now)}{f': {shown}' if shown else ''}>"

    def __bool__(self) -> bool:
        raise TypeError("a report has three verdicts: compare report.verdict")


def wholeness(document: Document, facts: Sequence[Fact]) -> Wholeness:
    """How whole a document is: as its proofs show, if each of them was established, else as it says of itself."""
    proved = [fact.whole for fact in facts if isinstance(fact, Measured)]
    return of_parts(proved) if proved and len(proved) == len(document.integrity) else document.whole


def _zulu(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def finding_to_dict(finding: Finding) -> dict[str, Any]:
    """One finding as JSON data: group, check, outcome, code, message."""
    match finding:
        case Passed(fact=fact, detail=detail):
            outcome, code, message = "passed", None, str(fact) if fact else detail
        case Failed(failure=failure, detail=detail):
            outcome, code, message = "failed", str(failure), detail
        case Unknown(doubt=doubt, detail=detail):
            outcome, code, message = "unknown", str(doubt), detail
        case Noted(remark=remark, detail=detail):
            outcome = "condition" if isinstance(remark, Condition) else "note"
            code, message = str(remark), detail
    return {
        "group": str(finding.group),
        "check": finding.check,
        "outcome": outcome,
        "code": code,
        "message": message,
    }
