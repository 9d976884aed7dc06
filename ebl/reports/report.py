"""The report of a verification: its findings, its verdict, and everything else that is kept of it.

Its parts are defined in `ebl.model.findings`, and can be imported from here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ebl.codec.timestamp import format_timestamp
from ebl.codes import Condition
from ebl.errors import Error
from ebl.messages.catalogue import ENGLISH
from ebl.model.document import Document, Issuer
from ebl.model.findings import (
    AsData,
    AtIssuance,
    Claim,
    Examined,
    Fact,
    Failed,
    File,
    Finding,
    Group,
    Identified,
    Measured,
    Moment,
    Note,
    Noted,
    Passed,
    TitleClaim,
    TitleFact,
    Unknown,
    Verdict,
    Who,
)
from ebl.model.judged import Judged
from ebl.model.wholeness import Wholeness, of_parts
from ebl.reports import data, text

__all__ = [
    "AsData",
    "AtIssuance",
    "Claim",
    "Examined",
    "Fact",
    "Failed",
    "File",
    "Finding",
    "Group",
    "Identified",
    "Measured",
    "Moment",
    "Note",
    "Noted",
    "Passed",
    "Report",
    "TitleClaim",
    "TitleFact",
    "Unknown",
    "Verdict",
    "Who",
    "finding_to_dict",
    "wholeness",
]

finding_to_dict = data.of_finding


@dataclass(frozen=True, slots=True)
class Report(Judged):
    """The findings of one verification. Compare ``report.verdict``: it has three values, so a report has no truth value.

    ``file`` identifies the bytes that were examined; it is None if the document had been read before. ``policy`` is the policy
    that was applied to the facts. ``str(report)`` is the report that `ebl verify` prints, ``to_dict()`` everything as data.
    """

    document: Document | None
    moment: Moment
    findings: tuple[Finding, ...] = field(default=())
    at_issuance: AtIssuance | None = None
    file: File | None = None
    policy: AsData | None = None

    @property
    def verdict(self) -> Verdict:
        """The verdict: a failure beats a doubt, and a doubt beats a pass. A report without findings is a failure."""
        kinds = {type(finding) for finding in self.findings} - {Noted}
        if Failed in kinds or not kinds:
            return Verdict.INVALID
        return Verdict.INDETERMINATE if Unknown in kinds else Verdict.VALID

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What was established, in the order of the findings."""
        return tuple(f.fact for f in self.findings if isinstance(f, Passed) and f.fact is not None)

    def require_valid(self) -> None:
        """Raises `NotVerified`, which carries this report, if the verdict is not VALID."""
        if self.verdict is not Verdict.VALID:
            raise NotVerified(self)

    @property
    def conditions(self) -> tuple[Noted, ...]:
        """What a VALID verdict depends on although it was not established; empty if there is nothing of the kind."""
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

    @property
    def whole(self) -> Wholeness | None:
        """How whole the document is, None if it could not be read."""
        return None if self.document is None else wholeness(self.document, self.facts)

    def who(self, issuer: Issuer) -> tuple[Who, ...]:
        """The verified identities of one issuer, as of now; empty if none of its identity claims passed."""
        facts = (f for f in self.facts if isinstance(f, Identified) and f.claim in issuer.identity)
        return tuple(who for who in dict.fromkeys(fact.who for fact in facts) if who != Who())

    def to_dict(self) -> dict[str, Any]:
        """The whole report as JSON data, as in ``schemas/report.schema.json``; its messages are in English.

        This canonicalises the document for its content id and reads its bill, which takes a few times as long as examining it
        offline.
        """
        document, whole = self.document, self.whole
        shown = self._shown()
        return {
            **data.head(self.file),
            "verdict": shown["verdict"],
            "document": None if document is None or whole is None else data.of_document(document, whole),
            "issuers": shown["issuers"],
            "titles": [] if document is None else [*data.of_titles(document, self.findings)],
            "bill": None if document is None or whole is None else data.of_bill(document, whole),
            "findings": shown["findings"],
            "conditions": shown["conditions"],
            "policy": None if self.policy is None else self.policy.to_dict(),
            "as_of": shown["as_of"],
        }

    def _shown(self) -> dict[str, Any]:
        """The members that are rendered for people."""
        document = self.document
        then = self.at_issuance
        return {
            "file": {"name": self.file.name if self.file else None},
            "verdict": str(self.verdict),
            "issuers": []
            if document is None
            else [data.of_issuer(document, at, self.who(one), then) for at, one in enumerate(document.issuers)],
            "findings": [data.of_finding(finding) for finding in self.findings],
            "conditions": [data.of_finding(finding) for finding in self.conditions],
            "as_of": data.of_moment(self.moment, then),
        }

    def lines(self, *, brief: bool = False, style: text.Style = text.plain, language: str = ENGLISH) -> Iterator[str]:
        """The report for people, line by line (see `ebl.reports.text_lines`)."""
        return text.lines(self._shown(), brief=brief, style=style, language=language)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        kinds = {Failed: "failed", Unknown: "unknown"}
        codes = [finding_to_dict(f)["code"] for f in self.findings if type(f) in kinds or f in self.conditions]
        shown = ", ".join(dict.fromkeys(codes[:8])) + (", …" if len(codes) > 8 else "")
        what = self.document.format if self.document else "no document"
        when = format_timestamp(self.moment.now, to="auto")
        return f"<Report {self.verdict.name} {what} at {when}{f': {shown}' if shown else ''}>"

    def _repr_html_(self) -> str:
        """The report as a part of a page, which notebooks show."""
        from ebl.reports import html  # only notebooks need it

        return html.part(self._shown())

    def __bool__(self) -> bool:
        raise TypeError("a report has three verdicts: compare report.verdict")


def wholeness(document: Document, facts: Sequence[Fact]) -> Wholeness:
    """How whole a document is: as its proofs show, if each of them was established; else as the document itself shows."""
    proved = [fact.whole for fact in facts if isinstance(fact, Measured)]
    return of_parts(proved) if proved and len(proved) == len(document.integrity) else document.whole


class NotVerified(Error):
    """Raised if a document is not VALID under the policy; ``report`` has the reasons."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.summary)
        self.report = report
