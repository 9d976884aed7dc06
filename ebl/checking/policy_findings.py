"""Application of a policy to the established facts, and of the default rules that the policy does not replace."""

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
    """Applies a policy, or each of its rules, to the facts. ``given`` are facts that are not findings.

    A policy that lacks a fact fails, unless an unknown finding could still have supplied it. A policy that finds the sources
    insufficient (too old a block, too low an assurance) leaves the answer open.
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
    """Lets a store that the policy pins identify an issuer of whom the document names nothing else, if it issued the document."""
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
    """The finding about an issuer with a pinned store, from those about the store; None if it did not issue the document."""
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
    """Refuses a surrendered or accomplished title, unless the policy has a rule on it: it is no longer the original."""
    if any(isinstance(f, Passed) and isinstance(f.claim, TitleClaim) for f in findings):
        from ebl.policies.title_rules import NotReturned

        yield from judged(NotReturned(), findings, given, Group.TITLE)


def old_lists(findings: Sequence[Finding], given: Sequence[Fact]) -> Iterator[Finding]:
    """Limits the age of a status list without an end, unless the policy has a rule on it."""
    if any(isinstance(f, Passed) and isinstance(f.claim, ListedClaim) for f in findings):
        from ebl.policies.credential_rules import ListsWithin

        found = judged(ListsWithin.year(), findings, given, Group.STATUS)
        yield from (finding for finding in found if not isinstance(finding, Passed))


def not_compared(policy: Policy, findings: Sequence[Finding]) -> Iterator[Noted]:
    """Conditions for the challenge or domain of a presentation that no rule compares: it may be one made for another verifier."""
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
