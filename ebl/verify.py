"""Verification of documents: establish the claims as facts, then apply a policy to the facts.

The steps are numbered in ``_examine``, and follow there in that order. The package ``ebl.checking`` implements each of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ebl.checking import policy_findings, remarks
from ebl.checking.claims import has_title, planned
from ebl.checking.document_bytes import content, file_of
from ebl.checking.formats import Reader, read
from ebl.checking.memo import AnswerNeeded, Run, View
from ebl.checking.memory import log_fault
from ebl.checking.schedule import Steps, establish, in_order
from ebl.codes import Doubt
from ebl.errors import InvalidInput, Malformed, Unreadable
from ebl.messages import Message, say
from ebl.model.document import Document, Format, Issuer
from ebl.model.findings import (
    AsData,
    Asks,
    AtIssuance,
    Claim,
    Examined,
    Fact,
    Failed,
    File,
    Finding,
    Group,
    Moment,
    Note,
    Noted,
    Passed,
    Unknown,
    Verdict,
    Who,
)
from ebl.model.integrity import check_integrity
from ebl.model.later import later
from ebl.model.ports import Block, Sources, require_sources
from ebl.policies.base_policy import Policy, require_policy
from ebl.policies.contents import Contents
from ebl.reports.report import NotVerified, Report, wholeness

if TYPE_CHECKING:
    from ebl.checking.answered import with_answer
    from ebl.checking.vouching import IssuersTitle
    from ebl.identity.title_registry import NamesRegistry
    from ebl.jsonld.contexts import Contexts
    from ebl.jsonld.contexts import known as known_contexts
else:
    __getattr__ = later(
        __name__,
        {
            "ebl.checking.answered": "with_answer",
            "ebl.jsonld.contexts": "Contexts known_contexts=known",
        },
    )

__all__ = [
    "SECONDS",
    "WINDOW",
    "AsData",
    "Asks",
    "AtIssuance",
    "Claim",
    "Contexts",
    "Document",
    "Examinable",
    "Fact",
    "Failed",
    "File",
    "Finding",
    "Format",
    "Group",
    "Issuer",
    "Malformed",
    "Moment",
    "NotVerified",
    "Note",
    "Noted",
    "Passed",
    "Reader",
    "Report",
    "Run",
    "Sources",
    "Unknown",
    "Unreadable",
    "Verdict",
    "Who",
    "check_integrity",
    "content",
    "examine",
    "examine_all",
    "known_contexts",
    "read",
    "verify",
    "with_answer",
]

T = TypeVar("T")
SECONDS = 60.0
"""The deadline of a verification, unless another is given."""
WINDOW: Final = 500
"""The number of documents whose queries are sent together."""
_RUN_LASTS = timedelta(minutes=10)
"""How long documents that arrive one after another share one verification time: the least age at which a block is too old."""


Examinable = Document | bytes | str | Path | Mapping[str, Any]
"""What can be examined: a document that was read, or its file's bytes, text, path, or parsed JSON."""


def verify(
    document: Examinable,
    policy: Policy,
    *,
    sources: Sources,
    seconds: float = SECONDS,
    at_issuance: Sources | None = None,
    reader: Callable[[bytes], Document] = read,
) -> Report:
    """Returns the report of a document that is VALID under the policy (see `examine`).

    Raises `NotVerified`, which carries the report, for every other verdict, and `ebl.errors.Unreadable` if the bytes are not a
    document.
    """
    report = examine(document, policy, sources=sources, seconds=seconds, at_issuance=at_issuance, reader=reader)
    report.require_valid()
    return report


def examine(
    document: Examinable,
    policy: Policy,
    *,
    sources: Sources,
    seconds: float = SECONDS,
    at_issuance: Sources | None = None,
    reader: Callable[[bytes], Document] = read,
) -> Report:
    """Returns a report of everything that was found, whatever the verdict.

    ``document`` may be the bytes or the text of a file, its `Path`, a `Document` that was read, or an object that `json.load`
    returned. Such an object has lost what a strict reader would have refused, such as a repeated member.

    Checks that query sources overlap; a check without an answer after ``seconds`` is reported as unknown. Bytes are read first; a
    document that breaks its format's rules is INVALID. Raises `ebl.errors.Unreadable` if the bytes are not a document.

    ``at_issuance`` are the responses in an evidence file (`ebl.evidence.replay`). The identities that they prove with DNSSEC are
    reported in addition to the present ones, because a domain may have changed hands. They do not affect the verdict.

    ``reader`` reads what is not a `Document` yet. It may accept additional JSON-LD contexts and issuers of status lists
    (`Reader`), such as what a policy file has ``accepted`` (`Reader.of`).

    Raises `ebl.errors.InvalidInput` if ``policy`` is not a `Policy`, ``sources`` are not `Sources`, or ``document`` is none of
    these.
    """
    require_sources(sources)
    require_policy(policy)
    view = _view(sources, seconds)
    return _finished(_examine(document, policy, view, at_issuance, overlap=True, reader=reader))


def examine_all(
    documents: Iterable[Examinable],
    policy: Policy,
    *,
    sources: Sources,
    seconds: float = SECONDS,
    at_once: int = 8,
    overlap: bool = False,
    window: int = WINDOW,
    at_issuance: Sources | None = None,
    reader: Callable[[bytes], Document] = read,
) -> Iterator[Report | Unreadable]:
    """Examines many documents in one run: one block for each chain, and every response cached.

    Yields a report for each document (or the error, if the bytes are not a document), in order. A fault of this program in one
    document affects only that document (``program.fault``).

    The queries of up to ``window`` documents are collected and sent together, ``at_once`` requests at a time. A window ends
    early if the next document does not arrive soon, so that a slow iterable delays no report. Another thread takes the documents
    from the iterable, a few ahead, unless ``documents`` is a list or another collection. With a ``window`` of 1, or if the checks
    of each document ``overlap``, the caller's thread takes them, up to ``at_once`` are examined at a time, and each sends its own
    queries. Sources without a network (`ebl.sources.offline`) need neither windows nor threads.

    Each document has ``seconds`` for its own queries; a request in flight at the end is still awaited, unless the checks
    ``overlap``. ``reader`` is as for `examine`.

    If ``documents`` goes on for longer than ten minutes by the clock of the ``sources``, for example while it waits for files,
    later documents are examined in a new run, because the cached responses are old. Give the sources of a `Run` to keep one
    verification time however long it takes; such a run keeps all its responses, and any other run drops the oldest.

    Raises `ebl.errors.InvalidInput` if one document is given in place of several, and as `examine` does.
    """
    require_sources(sources)
    require_policy(policy)
    if isinstance(documents, bytes | bytearray | memoryview | str | Path | Mapping | Document):
        raise InvalidInput(
            f"Expected several documents; got one, as {type(documents).__name__}.",
            fix="Give a list of documents, or use examine for one.",
        )

    def one(document: Examinable, view: View | Nowhere) -> Steps[Report | Unreadable]:
        try:
            return (yield from _examine(document, policy, view, at_issuance, overlap=overlap, reader=reader))
        except Unreadable as bad:
            return bad
        except InvalidInput:
            raise  # an error of the caller, not of a document
        except Exception as fault:  # a fault of this program; the other documents are verified as usual
            log_fault("the verification of a document", fault)
            message = say(Doubt.PROGRAM_FAULT, "document", fault=type(fault).__name__)
            open_ = Unknown(Group.DOCUMENT, "program", Doubt.PROGRAM_FAULT, message)
            file = File.of(document) if isinstance(document, bytes) else None
            return Report(None, Moment(view.once.now), (open_,), file=file, policy=policy)

    if sources.answers_nothing:
        then = sources.as_of(sources.now)
        for document in documents:
            if sources.now - then.now > _RUN_LASTS:
                then = sources.as_of(sources.now)
            yield _finished(one(document, _view(then, seconds)))
        return

    run = View.of(sources, forgets=True)

    def renew() -> None:
        """Begins a new run if this one is old."""
        nonlocal run
        if sources.now - run.once.now > _RUN_LASTS:
            run = View.of(sources, forgets=True)

    def begin(document: Examinable) -> tuple[Steps[Report | Unreadable], View]:
        view = run.again(run.once, time.monotonic() + seconds)
        return one(document, view), view

    if window == 1 or overlap:

        def alone(document: Examinable, run: View) -> Report | Unreadable:
            return _finished(one(document, run.again(run.once, time.monotonic() + seconds)))

        def tasks() -> Iterator[Callable[[], Report | Unreadable]]:
            for document in documents:
                renew()
                yield partial(alone, document, run)

        yield from in_order(tasks(), at_once=at_once)
        return
    from ebl.checking.windows import in_windows  # a single document needs none

    yield from in_windows(documents, begin, renew, size=window, at_once=at_once, seconds=seconds)


@dataclass(slots=True)
class Nowhere:
    """The view of a document on sources without a network: no chain is queried, and no cache is needed."""

    once: Sources
    until: float
    size: int = 0
    blocks: tuple[Block, ...] = ()


def _view(sources: Sources, seconds: float) -> View | Nowhere:
    until = time.monotonic() + seconds
    if sources.answers_nothing:
        return Nowhere(sources.as_of(sources.now), until)
    return View.of(sources, until)


def _finished(steps: Steps[T]) -> T:
    """The result of steps that never stop."""
    try:
        next(steps)
    except StopIteration as end:
        found: T = end.value
        return found
    raise AssertionError("an examination was stopped although it may send queries")


def _examine(
    document: Examinable,
    policy: Policy,
    view: View | Nowhere,
    at_issuance: Sources | None,
    *,
    overlap: bool,
    reader: Callable[[bytes], Document],
) -> Steps[Report]:
    # A verification, in the order in which it is done. Findings are in this order in the report, too.
    #
    # It yields if it is stopped while queries are collected (`AnswerNeeded`), and continues from there.
    #
    #  0. Fix the verification time: the clock is read once, each chain is read at one block, and every response is cached.
    #  1. Read the bytes into a document with claims. What breaks the rules of its format is refuted, and nothing more is done.
    #  2. List the claims. One that is required and absent is refuted; it is unknown if a holder may have withheld it.
    #  3. Establish each claim as a fact, or refute it, or find that it is unknown. Only 3 and 4 query sources: in parallel,
    #     until the deadline.
    #  4. Find whose registry each title is in, from what its issuer publishes and from the policy.
    #  5. Let a store that the policy pins identify an issuer of whom the document names nothing else.
    #  6. Add what the holder may have left out: absence proves nothing if the presenter chooses what is shown.
    #  7. Apply the policy, rule by rule, to the facts and the document's content. Each rule judges 2 to 6, and none judges
    #     what another rule found.
    #  8. Apply two more rules, unless the policy has its own: titles are in circulation, lists are not old.
    #  9. Add the conditions and remarks: what no rule compared, nodes that dissented, recorded responses.
    # 10. Add the issuers at the time of issuance, from the responses recorded then. They do not affect the verdict.

    # 0.
    once = view.once
    now = once.now

    # 1.
    file = None
    if not isinstance(document, Document):
        raw = content(document)
        view.size = len(raw)
        file = file_of(document, raw)
        try:
            document = reader(raw)
        except Malformed as bad:
            broken = Failed(Group.DOCUMENT, "format", bad.code, bad.message)
            return Report(None, Moment(now), (broken, *remarks.replayed(once)), file=file, policy=policy)

    # 2.
    findings: list[Finding] = [Noted(Group.DOCUMENT, "format", note.remark, note.message) for note in document.notes]
    plan = [*planned(document)]
    titles: tuple[IssuersTitle, ...] = ()
    questions: list[NamesRegistry] = []
    if has_title(document):
        from ebl.checking import vouching  # most documents are not titles

        titles = vouching.titles_of(document)
        questions = list(dict.fromkeys(one.asked for one in titles if one.asked is not None))

    # 3.
    found = yield from establish([*plan, *questions], once, view, overlap=overlap and isinstance(view, View))
    findings += [finding for several in found[: len(plan)] for finding in several]

    # 4.
    unvouched: tuple[Message, ...] = ()
    if titles:
        answers = dict(zip(questions, found[len(plan) :], strict=True))
        while True:
            try:
                whose = vouching.judge(
                    titles,
                    answers,
                    findings,
                    accepted=policy.accepts,
                    registries_of=policy.registries_of,
                    day=now.date(),
                    sources=once,
                    deadline=view.until,
                )
                break
            except AnswerNeeded:
                yield
        findings += whose.findings
        unvouched = whose.unvouched

    # 5.
    findings = [*policy_findings.with_pinned_stores(findings, policy)]

    # 6.
    whole = wholeness(document, [one.fact for one in findings if isinstance(one, Passed) and one.fact is not None])
    findings += remarks.left_open(whole)

    # 7.
    moment = Moment(now, view.blocks)
    given = (Examined(moment, document.format, whole, unvouched), Contents(document, whole))
    established = tuple(findings)
    findings += policy_findings.judged(policy, established, given, Group.POLICY)

    # 8.
    if not policy.speaks_of_circulation:
        findings += policy_findings.in_circulation(established, given)
    if not policy.speaks_of_lists:
        findings += policy_findings.old_lists(established, given)

    # 9.
    findings += policy_findings.not_compared(policy, established)
    findings += remarks.dissent(moment)
    findings += remarks.replayed(once)

    # 10.
    then = None if at_issuance is None else AtIssuance(at_issuance.now, tuple(remarks.proved(document, at_issuance)))
    return Report(document, moment, tuple(findings), then, file, policy)
