"""Holding what was established to a policy, and to the rules that hold unless the policy speaks of the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ebl.codes import Condition, Failure
from ebl.errors import Refuted, SourceError, Undetermined
from ebl.messages import say
from ebl.model.findings import (
    Fact,
    Failed,
    Finding,
    Group,
    HolderClaim,
    ListedClaim,
    Noted,
    Passed,
    TitleClaim,
    Unknown,
)
from ebl.policies.base_policy import Policy, ask
from ebl.policies.combined_policies import AllOf

if TYPE_CHECKING:
    from ebl.identity.store_alone import StoreAlone


def judged(policy: Policy, findings: Sequence[Finding], given: Sequence[Fact], group: Group) -> Iterator[Finding]:
    """Hold the facts to a policy; to each of its rules, where it has several. ``given`` are facts that are no findings.

    A policy that lacks a fact fails, unless something unknown could still have supplied it. One that finds the sources
    wanting (too old a block, too weak an answer) leaves it open.
    """
    if isinstance(policy, AllOf):
        for rule in policy.policies:
            yield from judged(rule, findings, given, group)
        return
    facts = [f.fact for f in findings if isinstance(f, Passed) and f.fact is not None]
    try:
        notes = ask(policy, [*facts, *given])
    except Refuted as no:
        yield Failed(group, policy.rule, no.failure, no.message)
    except Undetermined as trouble:
        if isinstance(trouble, SourceError) or any(isinstance(finding, Unknown) for finding in findings):
            yield Unknown(group, policy.rule, trouble.doubt, trouble.message)
        else:
            yield Failed(group, policy.rule, Failure.NO_FACT, trouble.message)
    else:
        yield Passed(group, policy.rule, asked=policy)
        yield from (Noted(group, policy.rule, note.remark, note.message) for note in notes)


def with_pinned_stores(findings: Sequence[Finding], policy: Policy) -> Iterator[Finding]:
    """A store that the policy pins stands for an issuer of whom the document names nothing else, once it issued the document."""
    if not policy.pins:
        yield from findings
        return
    from ebl.identity.store_alone import StoreAlone

    for finding in findings:
        claim = finding.claim if isinstance(finding, Failed | Unknown) else None
        if not isinstance(claim, StoreAlone):
            yield finding
            continue
        chains = {pin.chain_id for pin in policy.pins if pin.address == claim.address}
        yield (_pinned(claim, chains, findings) if chains else None) or finding


def _pinned(claim: StoreAlone, chains: set[int], findings: Sequence[Finding]) -> Finding | None:
    """What a pinned store says for its issuer, by what was found of the same store; None if it did not issue the document."""
    from ebl.identity.store_alone import PinnedStore
    from ebl.status.document_store import DocumentStore, Issued

    settled: Finding | None = None
    for other in findings:
        if not isinstance(other.claim, DocumentStore) or other.claim.address != claim.address:
            continue
        if isinstance(other, Unknown):
            settled = Unknown(claim.group, claim.name, other.doubt, say(other.doubt, "pinned_store"), claim)
        fact = other.fact if isinstance(other, Passed) else None
        if isinstance(fact, Issued) and fact.block.chain_id in chains:
            settled = Passed(claim.group, claim.name, PinnedStore(claim, fact.block), claim)
    return settled


def in_circulation(findings: Sequence[Finding], given: Sequence[Fact]) -> Iterator[Finding]:
    """A title that was returned or taken out is refused, unless the policy says otherwise: it was the original once."""
    if any(isinstance(f, Passed) and isinstance(f.claim, TitleClaim) for f in findings):
        from ebl.policies.title_rules import NotReturned

        yield from judged(NotReturned(), findings, given, Group.TITLE)


def old_lists(findings: Sequence[Finding], given: Sequence[Fact]) -> Iterator[Finding]:
    """A status list without an end does not hold for ever, unless the policy says otherwise."""
    if any(isinstance(f, Passed) and isinstance(f.claim, ListedClaim) for f in findings):
        from ebl.policies.credential_rules import ListsWithin

        found = judged(ListsWithin.year(), findings, given, Group.STATUS)
        yield from (finding for finding in found if not isinstance(finding, Passed))


def not_compared(policy: Policy, findings: Sequence[Finding]) -> Iterator[Noted]:
    """What a presentation was made for, if no rule compares it: it may be one for another verifier that is shown again."""
    for found in findings:
        claim = found.claim if isinstance(found, Passed | Unknown) else None
        if not isinstance(claim, HolderClaim):
            continue
        if claim.challenge is not None and not policy.compares_challenge:
            code = Condition.CHALLENGE_NOT_COMPARED
            yield Noted(Group.IDENTITY, "holder", code, say(code, challenge=claim.challenge), claim)
        if claim.domains and not policy.compares_domain:
            code = Condition.DOMAIN_NOT_COMPARED
            yield Noted(Group.IDENTITY, "holder", code, say(code, domains=claim.domains), claim)
