"""Verify a document: establish its claims as facts, then hold the facts to a policy."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import Any

from ebl.document import Document
from ebl.errors import Malformed, NotVerified, Refuted, SourceError, Undetermined, Unreadable
from ebl.formats import read
from ebl.identity import did, did_issuer, did_signature, dns_did, dns_txt, holder
from ebl.overlap import result, started
from ebl.policy import AllOf, NotReturned, Policy
from ebl.proofs import bbs, ecdsa_rdfc, ecdsa_sd, oa2, oa3, oa_signature
from ebl.report import (
    Claim,
    Doubt,
    Examined,
    Fact,
    Failed,
    Failure,
    Finding,
    Group,
    Moment,
    Noted,
    Passed,
    Report,
    Unknown,
    Verdict,
)
from ebl.run import Run
from ebl.sources import Sources
from ebl.status import document_store, revocation, status_list, token_registry, unlisted, validity

CHECKS: dict[type[Claim], Callable[[Any, Sources], Fact]] = {
    oa2.Unaltered: oa2.check,
    oa3.Unaltered: oa3.check,
    bbs.Signed: bbs.check,
    ecdsa_sd.Signed: ecdsa_sd.check,
    ecdsa_rdfc.Signed: ecdsa_rdfc.check,
    document_store.DocumentStore: document_store.check,
    token_registry.TokenRegistry: token_registry.check,
    validity.Valid: validity.check,
    status_list.StatusListEntry: status_list.check,
    unlisted.NoStatus: unlisted.check,
    revocation.NotRevoked: revocation.check,
    oa_signature.DidSigned: did_signature.check,
    dns_txt.DnsTxt: dns_txt.check,
    dns_did.DnsDid: dns_did.check,
    did.Did: did.check,
    did_issuer.DidIssuer: did_issuer.check,
    holder.Holder: holder.check,
}

# Arithmetic, which asks nobody and so is not worth a thread.
_PURE = (oa2.Unaltered, oa3.Unaltered, validity.Valid, unlisted.NoStatus)
SECONDS = 60.0
_NOWHERE = Sources.offline(now=datetime(1970, 1, 1, tzinfo=UTC))


def verify(document: Document | bytes, policy: Policy, *, sources: Sources, seconds: float = SECONDS) -> Report:
    """Return the report of a document that is VALID under the policy.

    Raises `NotVerified`, which carries the report, for every other verdict, and `ebl.errors.Unreadable` where the bytes
    are no document at all.
    """
    report = examine(document, policy, sources=sources, seconds=seconds)
    if report.verdict is not Verdict.VALID:
        raise NotVerified(report)
    return report


def examine(document: Document | bytes, policy: Policy, *, sources: Sources, seconds: float = SECONDS) -> Report:
    """Report everything that was found, whatever the verdict.

    Checks that ask outside overlap; what is not answered within ``seconds`` is reported as unknown. Bytes are read first; a
    document that breaks its format's rules is INVALID. Raises `ebl.errors.Unreadable` where the bytes are no document.
    """
    run, deadline = Run(sources), time.monotonic() + seconds
    if isinstance(document, bytes):
        try:
            document = read(document)
        except Malformed as bad:
            broken = Failed(Group.DOCUMENT, "format", bad.code, str(bad))
            return Report(None, Moment(sources.now), (broken,))
    findings = [*_establish(document, run.once, deadline)]
    moment = Moment(sources.now, run.blocks)
    examined = Examined(moment, document.format, document.withheld)
    findings += _judge(policy, findings, examined, Group.POLICY)
    if not getattr(policy, "speaks_of_circulation", False):
        findings += _in_circulation(findings, examined)
    return Report(document, moment, tuple(findings))


def examine_all(
    documents: Iterable[Document | bytes],
    policy: Policy,
    *,
    sources: Sources,
    seconds: float = SECONDS,
    workers: int = 8,
) -> Iterator[Report | Unreadable]:
    """Examine many documents in one run, several at a time: one block a chain, and nothing asked twice.

    Gives a report (or the error, where the bytes are no document) for each, in order; at most ``workers`` are ahead.
    """
    once, ahead = Run(sources).once, deque[Future[Report | Unreadable]]()

    def one(document: Document | bytes) -> Report | Unreadable:
        try:
            return examine(document, policy, sources=once, seconds=seconds)
        except Unreadable as bad:
            return bad

    for document in documents:
        ahead += started([partial(one, document)], name="ebl document")
        if len(ahead) >= workers:
            yield ahead.popleft().result()
    while ahead:
        yield ahead.popleft().result()


def check_integrity(document: Document) -> frozenset[Doubt]:
    """The doubts that are left about a document which is unaltered as far as it shows by itself; asks nothing outside.

    Raises `Refuted` where it was changed. Not checked: who issued it, and whether it still holds.
    """
    doubts: set[Doubt] = set()
    for claim in document.integrity:
        try:
            CHECKS[type(claim)](claim, _NOWHERE)
        except Undetermined as trouble:
            doubts.add(trouble.doubt)
    return frozenset(doubts)


def _establish(document: Document, sources: Sources, deadline: float) -> Iterator[Finding]:
    """Every claim's findings, in the document's order, however the checks overlap."""
    yield from (Noted(Group.DOCUMENT, "format", note.remark, note.detail) for note in document.notes)
    plan = [*_plan(document)]
    asking = ((at, claim) for at, claim in enumerate(plan) if isinstance(claim, Claim) and not isinstance(claim, _PURE))
    outside = {at: partial(_check, claim, sources) for at, claim in asking}
    waiting = dict(zip(outside, started([*outside.values()]), strict=True))
    for at, claim in enumerate(plan):
        if not isinstance(claim, Claim):
            yield claim
        elif at not in waiting:
            yield from _check(claim, sources)
        elif (found := result(waiting[at], deadline=deadline)) is not None:
            yield from found
        else:
            yield Unknown(claim.group, claim.name, Doubt.OUT_OF_TIME, "not answered within the time given", claim)


def _plan(document: Document) -> Iterator[Claim | Failed]:
    """The claims in the order of the report, and what is missing beside them."""
    yield from document.integrity
    yield from document.status
    for number, issuer in enumerate(document.issuers):
        who = issuer.name or f"issuer {number + 1}"
        yield from (*issuer.status, *issuer.identity)
        if not any(claim.settles for claim in (*issuer.status, *document.status)):
            detail = f"{who} names no place where the document was issued"
            yield Failed(Group.STATUS, "issued", Failure.NO_STATUS, detail)
        if not any(claim.settles for claim in (*issuer.identity, *document.identity)):
            detail = f"{who} names nothing that proves who they are"
            yield Failed(Group.IDENTITY, "issuer", Failure.NO_IDENTITY, detail)
    yield from document.identity


def _check(claim: Claim, sources: Sources) -> list[Finding]:
    check = CHECKS.get(type(claim))
    if check is None:
        detail = f"no check for {type(claim).__name__}"
        return [Unknown(claim.group, claim.name, Doubt.UNSUPPORTED_CLAIM, detail, claim)]
    try:
        fact = check(claim, sources)
    except Refuted as no:
        return [Failed(claim.group, claim.name, no.failure, no.detail, claim, no.reason)]
    except Malformed as bad:
        return [Failed(claim.group, claim.name, bad.code, str(bad), claim)]
    except Undetermined as trouble:
        return [Unknown(claim.group, claim.name, trouble.doubt, trouble.detail, claim)]
    notes = (Noted(claim.group, claim.name, note.remark, note.detail) for note in fact.notes)
    return [Passed(claim.group, claim.name, fact, claim), *notes]


def _in_circulation(findings: list[Finding], examined: Examined) -> Iterator[Finding]:
    """A title that was returned or taken out is refused, unless the policy says otherwise: it was the original once."""
    if any(isinstance(f, Passed) and isinstance(f.fact, token_registry.Titled) for f in findings):
        yield from _judge(NotReturned(), findings, examined, Group.TITLE)


def _judge(policy: Policy, findings: list[Finding], examined: Examined, group: Group) -> Iterator[Finding]:
    """Hold the facts to a policy; to each of its rules, where it has several.

    A policy that lacks a fact fails, unless something unknown could still have supplied it. One that finds the sources
    wanting (too old a block, too weak an answer) leaves it open.
    """
    if isinstance(policy, AllOf):
        for rule in policy.policies:
            yield from _judge(rule, findings, examined, group)
        return
    name = str(getattr(policy, "rule", type(policy).__name__))
    facts = [f.fact for f in findings if isinstance(f, Passed) and f.fact is not None]
    try:
        notes = policy.check([*facts, examined])
    except Refuted as no:
        yield Failed(group, name, no.failure, no.detail)
    except Undetermined as trouble:
        if isinstance(trouble, SourceError) or any(isinstance(finding, Unknown) for finding in findings):
            yield Unknown(group, name, trouble.doubt, trouble.detail)
        else:
            yield Failed(group, name, Failure.NO_FACT, trouble.detail)
    else:
        yield Passed(group, name)
        yield from (Noted(group, name, note.remark, note.detail) for note in notes)
