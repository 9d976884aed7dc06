"""Verify a document: establish its claims as facts, then hold the facts to a policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from ebl.document import Document
from ebl.errors import Malformed, NotVerified, Refuted, Undetermined
from ebl.formats import read
from ebl.identity import did, did_issuer, did_signature, dns_did, dns_txt, holder
from ebl.policy import NotReturned, Policy
from ebl.proofs import bbs, ecdsa_rdfc, ecdsa_sd, oa2, oa3, oa_signature
from ebl.report import (
    Claim,
    Doubt,
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

_NOWHERE = Sources.offline(now=datetime(1970, 1, 1, tzinfo=UTC))


def verify(document: Document | bytes, policy: Policy, *, sources: Sources) -> Report:
    """Return the report of a document that is VALID under the policy.

    Raises `NotVerified`, which carries the report, for every other verdict, and `ebl.errors.Unreadable` where the bytes
    are no document at all.
    """
    report = examine(document, policy, sources=sources)
    if report.verdict is not Verdict.VALID:
        raise NotVerified(report)
    return report


def examine(document: Document | bytes, policy: Policy, *, sources: Sources) -> Report:
    """Report everything that was found, whatever the verdict.

    Bytes are read first; a document that breaks its format's rules is INVALID. Raises `ebl.errors.Unreadable` where the
    bytes are no document at all.
    """
    run = Run(sources)
    if isinstance(document, bytes):
        try:
            document = read(document)
        except Malformed as bad:
            broken = Failed(Group.DOCUMENT, "format", bad.code, str(bad))
            return Report(None, Moment(sources.now), (broken,))
    findings = [*_establish(document, run.once)]
    findings += _judge(policy, findings, Group.POLICY)
    if not getattr(policy, "speaks_of_circulation", False):
        findings += _in_circulation(findings)
    return Report(document, Moment(sources.now, run.blocks), tuple(findings))


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


def _establish(document: Document, sources: Sources) -> Iterator[Finding]:
    yield from (Noted(Group.DOCUMENT, "format", note.remark, note.detail) for note in document.notes)
    for claim in document.integrity:
        yield from _check(claim, sources)
    for claim in document.status:
        yield from _check(claim, sources)
    for number, issuer in enumerate(document.issuers):
        who = issuer.name or f"issuer {number + 1}"
        for claim in (*issuer.status, *issuer.identity):
            yield from _check(claim, sources)
        if not any(claim.settles for claim in (*issuer.status, *document.status)):
            yield Failed(
                Group.STATUS, "issued", Failure.NO_STATUS, f"{who} names no place where the document was issued"
            )
        if not any(claim.settles for claim in (*issuer.identity, *document.identity)):
            yield Failed(Group.IDENTITY, "issuer", Failure.NO_IDENTITY, f"{who} names nothing that proves who they are")
    for claim in document.identity:
        yield from _check(claim, sources)


def _check(claim: Claim, sources: Sources) -> Iterator[Finding]:
    check = CHECKS.get(type(claim))
    if check is None:
        yield Unknown(claim.group, claim.name, Doubt.UNSUPPORTED_CLAIM, f"no check for {type(claim).__name__}")
        return
    try:
        fact = check(claim, sources)
    except Refuted as no:
        yield Failed(claim.group, claim.name, no.failure, no.detail)
    except Malformed as bad:
        yield Failed(claim.group, claim.name, bad.code, str(bad))
    except Undetermined as trouble:
        yield Unknown(claim.group, claim.name, trouble.doubt, trouble.detail)
    else:
        yield Passed(claim.group, claim.name, fact)
        yield from (Noted(claim.group, claim.name, note.remark, note.detail) for note in fact.notes)


def _in_circulation(findings: list[Finding]) -> Iterator[Finding]:
    """A title that was returned or taken out is refused, unless the policy says otherwise: it was the original once."""
    if any(isinstance(f, Passed) and isinstance(f.fact, token_registry.Titled) for f in findings):
        yield from _judge(NotReturned(), findings, Group.TITLE)


def _judge(policy: Policy, findings: list[Finding], group: Group) -> Iterator[Finding]:
    """A policy that lacks a fact fails, unless something unknown could still have supplied it."""
    name = type(policy).__name__
    facts = [f.fact for f in findings if isinstance(f, Passed) and f.fact is not None]
    try:
        notes = policy.check(facts)
    except Refuted as no:
        yield Failed(group, name, no.failure, no.detail)
    except Undetermined as trouble:
        if any(isinstance(finding, Unknown) for finding in findings):
            yield Unknown(group, name, trouble.doubt, trouble.detail)
        else:
            yield Failed(group, name, Failure.NO_FACT, trouble.detail)
    else:
        yield Passed(group, name)
        yield from (Noted(group, name, note.remark, note.detail) for note in notes)
