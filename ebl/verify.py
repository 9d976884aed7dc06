"""Verify a document: establish its claims as facts, then hold the facts to a policy."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from datetime import date, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from ebl.codes import Condition, Doubt, Failure, Remark
from ebl.document import Document
from ebl.errors import InvalidInput, Malformed, NotVerified, Refuted, SourceError, Undetermined, Unreadable
from ebl.formats import issuers, read
from ebl.overlap import result, workers
from ebl.policy import AllOf, NotReturned, Policy, require_policy
from ebl.primitives import strict_json
from ebl.primitives.javascript import stringify
from ebl.report import (
    AtIssuance,
    Claim,
    Examined,
    Fact,
    Failed,
    File,
    Finding,
    Group,
    Identified,
    Moment,
    Noted,
    Passed,
    Report,
    Unknown,
    Verdict,
    Who,
    wholeness,
)
from ebl.run import Run, log_fault
from ebl.sources import Sources
from ebl.wholeness import Extent, Wholeness

CHECKS: dict[str, str] = {
    "ebl.proofs.oa2.Unaltered": "ebl.proofs.oa2",
    "ebl.proofs.oa3.Unaltered": "ebl.proofs.oa3",
    "ebl.proofs.bbs.Signed": "ebl.proofs.bbs",
    "ebl.proofs.ecdsa_sd.Signed": "ebl.proofs.ecdsa_sd",
    "ebl.proofs.ecdsa_rdfc.Signed": "ebl.proofs.ecdsa_rdfc",
    "ebl.status.document_store.DocumentStore": "ebl.status.document_store",
    "ebl.status.token_registry.TokenRegistry": "ebl.status.token_registry",
    "ebl.status.validity.Valid": "ebl.status.validity",
    "ebl.status.status_list.StatusListEntry": "ebl.status.status_list",
    "ebl.status.unlisted.NoStatus": "ebl.status.unlisted",
    "ebl.status.revocation.NotRevoked": "ebl.status.revocation",
    "ebl.proofs.oa_signature.DidSigned": "ebl.identity.did_signature",
    "ebl.identity.dns_txt.DnsTxt": "ebl.identity.dns_txt",
    "ebl.identity.dns_did.DnsDid": "ebl.identity.dns_did",
    "ebl.identity.did.Did": "ebl.identity.did",
    "ebl.identity.did_issuer.DidIssuer": "ebl.identity.did_issuer",
    "ebl.identity.holder.Holder": "ebl.identity.holder",
    "ebl.identity.title_registry.NamesRegistry": "ebl.identity.title_registry",
    "ebl.formats.unsupported.NotKnownHere": "ebl.formats.unsupported",
    "ebl.formats.unsigned.NotSigned": "ebl.formats.unsigned",
    "ebl.identity.store_alone.StoreAlone": "ebl.identity.store_alone",
}
"""Each kind of claim, and the module whose ``check`` establishes it: by name, so that only what a document needs is loaded."""

# Arithmetic, which asks nobody and so is not worth a thread.
_PURE = {
    "ebl.proofs.oa2.Unaltered",
    "ebl.proofs.oa3.Unaltered",
    "ebl.status.validity.Valid",
    "ebl.status.unlisted.NoStatus",
    "ebl.formats.unsupported.NotKnownHere",
    "ebl.formats.unsigned.NotSigned",
    "ebl.identity.store_alone.StoreAlone",
}
_HOLDER = "ebl.identity.holder.Holder"
_TITLE = "ebl.status.token_registry.TokenRegistry"
_LISTED = "ebl.status.status_list.StatusListEntry"
_STORE = "ebl.status.document_store.DocumentStore"
_STORE_ALONE = "ebl.identity.store_alone.StoreAlone"
SECONDS = 60.0
_AT_ONCE = 16
_RUN_LASTS = timedelta(minutes=10)
"""For how long documents that come one after another are of one moment: the least age at which a chain's block is too old."""
_NOWHERE = Sources.offline()


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
    """Return the report of a document that is VALID under the policy (see `examine`).

    Raises `NotVerified`, which carries the report, for every other verdict, and `ebl.errors.Unreadable` where the bytes
    are no document at all.
    """
    report = examine(document, policy, sources=sources, seconds=seconds, at_issuance=at_issuance, reader=reader)
    if report.verdict is not Verdict.VALID:
        raise NotVerified(report)
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
    """Report everything that was found, whatever the verdict.

    ``document`` may be the bytes or the text of a file, its `Path`, an object that `json.load` gave (which then has lost what a
    strict reader would have refused, such as a member that is there twice), or a `Document` that was read.

    Checks that ask outside overlap; what is not answered within ``seconds`` is reported as unknown. Bytes are read first; a
    document that breaks its format's rules is INVALID. Raises `ebl.errors.Unreadable` if the bytes are no document.

    ``at_issuance`` are the answers of an evidence file (`ebl.evidence.replay`). Whom they prove with DNSSEC is reported
    beside who it is now, since a domain may have changed hands. It bears on no verdict.

    ``reader`` reads what is not a `Document` yet: one with JSON-LD contexts and issuers of status lists that the verifier
    accepts besides (`ebl.formats.Reader`), such as the ``reader`` of a policy file.

    Raises `ebl.errors.InvalidInput` if ``policy`` is not a `Policy`, or ``document`` none of these.
    """
    return _examine(document, require_policy(policy), sources, seconds, at_issuance, overlap=True, reader=reader)


def examine_all(
    documents: Iterable[Examinable],
    policy: Policy,
    *,
    sources: Sources,
    seconds: float = SECONDS,
    at_once: int = 8,
    overlap: bool = False,
    at_issuance: Sources | None = None,
    reader: Callable[[bytes], Document] = read,
) -> Iterator[Report | Unreadable]:
    """Examine many documents in one run, several at a time: one block a chain, and nothing asked twice.

    Gives a report (or the error, where the bytes are no document) for each, in order; a fault of this program in one document
    is that document's alone (``program.fault``). Each has ``seconds``; a question that
    is on its way when they are over is still waited for, unless the checks of each document ``overlap`` too. ``reader`` is as
    for `examine`.

    If ``documents`` goes on for longer than ten minutes by the clock of the ``sources``, as one that waits for files to come
    does, what comes then is of a new run: old answers are not how it is now. Give the sources of a `ebl.run.Run` for one moment
    however long it takes.
    """
    once = Run(sources).once
    require_policy(policy)

    def one(document: Examinable, once: Sources) -> Report | Unreadable:
        try:
            return _examine(document, policy, once, seconds, at_issuance, overlap=overlap, reader=reader)
        except Unreadable as bad:
            return bad
        except InvalidInput:
            raise  # a mistake of the caller's, and no document's
        except Exception as fault:  # ours; the other documents are verified all the same
            log_fault("the verification of a document", fault)
            detail = f"the program failed with {type(fault).__name__}; this says nothing about the document"
            open_ = Unknown(Group.DOCUMENT, "program", Doubt.PROGRAM_FAULT, detail)
            file = File.of(document) if isinstance(document, bytes) else None
            return Report(None, Moment(once.now), (open_,), file=file, policy=policy)

    with workers(at_once, name="ebl document") as submit:
        ahead = deque[Future[Report | Unreadable]]()
        for document in documents:
            if sources.now - once.now > _RUN_LASTS:
                once = Run(sources).once
            ahead.append(submit(partial(one, document, once)))
            if len(ahead) > 2 * at_once:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _examine(
    document: Examinable,
    policy: Policy,
    sources: Sources,
    seconds: float,
    at_issuance: Sources | None,
    *,
    overlap: bool,
    reader: Callable[[bytes], Document] = read,
) -> Report:
    deadline = time.monotonic() + seconds
    run = Run(sources, until=deadline)
    now = run.once.now
    file = None
    if not isinstance(document, Document):
        came, raw = document, content(document)
        try:
            document = reader(raw)
        except Malformed as bad:
            broken = Failed(Group.DOCUMENT, "format", bad.code, str(bad))
            return Report(None, Moment(now), (broken, *_replayed(run.once)), file=_file(came, raw), policy=policy)
        file = _file(came, raw)
    found, unvouched = _established(document, policy, run.once, now.date(), deadline, overlap=overlap)
    findings = [*_pinned(found, policy)]
    moment = Moment(now, run.blocks)
    whole = wholeness(document, [f.fact for f in findings if isinstance(f, Passed) and f.fact is not None])
    findings += _left_open(whole)
    examined = Examined(moment, document.format, whole, unvouched)
    established = tuple(findings)  # each rule judges these, and none what another rule said
    findings += _judge(policy, established, examined, Group.POLICY)
    if not policy.speaks_of_circulation:
        findings += _in_circulation(established, examined)
    if not policy.speaks_of_lists:
        findings += _old_lists(established, examined)
    findings += _not_compared(policy, established)
    findings += _dissent(moment)
    findings += _replayed(run.once)
    then = None if at_issuance is None else AtIssuance(at_issuance.now, tuple(_proved(document, at_issuance)))
    return Report(document, moment, tuple(findings), then, file, policy)


def _file(came: bytes | str | Path | Mapping[str, Any], raw: bytes) -> File | None:
    """The file that a document came as, with its content. A text and an object that was parsed may differ from their file."""
    if isinstance(came, str | Mapping):
        return None
    return File.of(raw, str(came) if isinstance(came, Path) else None)


def content(document: bytes | str | Path | Mapping[str, Any]) -> bytes:
    """The bytes of a document in any of the forms that a caller may have it in.

    Raises `ebl.errors.Unreadable` if its file cannot be read, and `ebl.errors.InvalidInput` for anything else.
    """
    match document:
        case bytes():
            return document
        case bytearray() | memoryview():
            return bytes(document)
        case str():
            return document.encode("utf-8", "surrogatepass")
        case Path():
            try:
                with document.open("rb") as file:
                    return file.read(strict_json.MAX_BYTES + 1)  # one more than is accepted
            except OSError as trouble:
                why = trouble.strerror or trouble
                raise Unreadable(Failure.NO_FILE, f"cannot read {document}: {why}.") from trouble
        case Mapping():
            try:
                return stringify(dict(document))
            except (TypeError, RecursionError) as bad:
                raise InvalidInput("The object holds what JSON has not.", fix="Give what json.load gave.") from bad
    raise InvalidInput(
        f"expected the bytes, the text, the Path or the parsed JSON of a document; got {type(document).__name__}.",
        fix="Read the file: examine(Path(name), …), or examine(file.read(), …).",
    )


def _dissent(moment: Moment) -> Iterator[Noted]:
    """Which nodes said otherwise than those that agreed, or nothing."""
    for block in moment.blocks:
        if block.dissent:
            detail = f"not all nodes of chain {block.chain_id} agreed: {'; '.join(block.dissent)}"
            yield Noted(Group.STATUS, "chain", Remark.NODE_DISSENT, detail)


def _pinned(findings: Sequence[Finding], policy: Policy) -> Iterator[Finding]:
    """A store that the policy pins stands for an issuer of whom the document names nothing else, once it issued the document."""
    for finding in findings:
        claim = finding.claim if isinstance(finding, Failed | Unknown) else None
        if claim is None or _name(claim) != _STORE_ALONE or not policy.pins:
            yield finding
            continue
        from ebl.identity.store_alone import PinnedStore, StoreAlone

        assert isinstance(claim, StoreAlone)
        chains = {pin.chain_id for pin in policy.pins if pin.address == claim.address}
        settled: Finding = finding
        for other in findings:
            if isinstance(other, Noted) or other.claim is None or _name(other.claim) != _STORE:
                continue
            if getattr(other.claim, "address", None) != claim.address or not chains:
                continue
            if isinstance(other, Passed) and (block := getattr(other.fact, "block", None)) is not None:
                if block.chain_id in chains:
                    fact = PinnedStore(claim, block)
                    settled = Passed(claim.group, claim.name, fact, claim)
            elif isinstance(other, Unknown):
                detail = (
                    "the store that the policy takes for the issuer could not be asked whether it issued the document"
                )
                settled = Unknown(claim.group, claim.name, other.doubt, detail, claim)
        yield settled


def _replayed(sources: Sources) -> Iterator[Noted]:
    """That a report rests on kept answers, whatever it says."""
    if sources.replayed:
        detail = (
            f"nobody was asked: the answers are kept ones of {sources.now.isoformat()}, and as good as who kept them"
        )
        yield Noted(Group.DOCUMENT, "sources", Condition.REPLAYED, detail)


def _left_open(whole: Wholeness) -> Iterator[Unknown | Noted]:
    """What nobody can tell of a document that its holder need not have shown whole: absence proves nothing there."""
    yield from (Unknown(Group.STATUS, "whole", Doubt.STATUS_MAY_BE_HIDDEN, doubt) for doubt in whole.doubts)
    if (condition := whole.condition) is not None:
        yield Noted(Group.DOCUMENT, "whole", *condition)


def _proved(document: Document, then: Sources) -> Iterator[tuple[Who, ...]]:
    """Whom answers of another time prove each issuer to have been. Only DNSSEC proves it whoever kept the answers."""
    for issuer in document.issuers:
        facts = (found.fact for claim in issuer.identity for found in _check(claim, then) if isinstance(found, Passed))
        who = (fact.who for fact in facts if isinstance(fact, Identified))
        yield tuple(dict.fromkeys(one for one in who if one.assurance == "dnssec"))


def check_integrity(
    document: Document, *, accepting: Collection[Doubt] = (), sources: Sources = _NOWHERE
) -> frozenset[Doubt]:
    """Require that a document is unaltered; the doubts that are left about it, each of them one that the caller accepts.

    Without ``sources`` nothing is asked outside, so that the signature of a did:web stays a doubt (``source.offline``).

    Raises `Refuted` if it was changed, `ebl.errors.Malformed` if its proof is not well-formed, and `Undetermined` for a doubt
    that is not among ``accepting``: what could not be told must not pass for a yes. Not checked: who issued it, and whether
    it still holds.
    """
    if not document.integrity:
        raise Refuted(Failure.NO_FACT, "the document holds nothing that shows whether it was changed")
    doubts: set[Doubt] = set()
    refused: Undetermined | None = None
    for claim in document.integrity:
        try:
            if _name(claim) not in CHECKS:
                raise Undetermined(Doubt.UNSUPPORTED_CLAIM, f"no check for {type(claim).__name__}")
            check_of(claim)(claim, sources)
        except Undetermined as trouble:
            doubts.add(trouble.doubt)
            if trouble.doubt not in accepting:
                refused = refused or trouble  # a later claim may still say no, and a no beats a doubt
    if refused is not None:
        raise refused
    return frozenset(doubts)


def check_of(claim: Claim) -> Callable[[Any, Sources], Fact]:
    """The check that establishes a claim of this kind. Raises `KeyError` where there is none."""
    check: Callable[[Any, Sources], Fact] = import_module(CHECKS[_name(claim)]).check
    return check


def _name(claim: Claim) -> str:
    return f"{type(claim).__module__}.{type(claim).__qualname__}"


def _established(
    document: Document, policy: Policy, sources: Sources, day: date, deadline: float, *, overlap: bool
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """What was found of every claim, in the document's order; and the registries of titles that nobody vouches for."""
    notes = [Noted(Group.DOCUMENT, "format", note.remark, note.detail) for note in document.notes]
    plan: list[Claim | Failed | Unknown] = [*_plan(document)]
    if not _has_title(document):
        return (*notes, *_flat(_establish(plan, sources, deadline, overlap=overlap))), ()
    from ebl.vouching import judge, titles_of  # most documents are no titles

    titles = titles_of(document)
    asked = list(dict.fromkeys(one.asked for one in titles if one.asked is not None))
    found = [*_establish([*plan, *asked], sources, deadline, overlap=overlap)]
    claims = [*notes, *_flat(found[: len(plan)])]
    judged = judge(
        titles,
        dict(zip(asked, found[len(plan) :], strict=True)),
        claims,
        accepted=policy.accepts,
        registries_of=policy.registries_of,
        day=day,
        sources=sources,
        deadline=deadline,
    )
    return (*claims, *judged.findings), judged.unvouched


def _has_title(document: Document) -> bool:
    claims = (*document.status, *(claim for issuer in document.issuers for claim in issuer.status))
    return any(_name(claim) == _TITLE for claim in claims)


def _flat(found: Iterable[Iterable[Finding]]) -> Iterator[Finding]:
    return (finding for several in found for finding in several)


def _establish(
    plan: Sequence[Claim | Failed | Unknown], sources: Sources, deadline: float, *, overlap: bool
) -> Iterator[list[Finding]]:
    """The findings of each claim, in the order of the plan, however the checks overlap."""
    asking = [at for at, claim in enumerate(plan) if isinstance(claim, Claim) and _name(claim) not in _PURE]
    checks = {at: partial(_check, claim, sources) for at, claim in enumerate(plan) if isinstance(claim, Claim)}
    threads = min(len(asking), _AT_ONCE) if overlap else 0
    with workers(threads, name="ebl check") as submit:
        waiting = {at: submit(checks[at]) for at in asking} if overlap else {}
        for at, claim in enumerate(plan):
            if not isinstance(claim, Claim):
                yield [claim]
            elif at in waiting:
                yield result(waiting[at], deadline=deadline) or [_late(claim)]
            elif at in asking and time.monotonic() > deadline:
                yield [_late(claim)]
            else:
                yield checks[at]()


def _late(claim: Claim) -> Unknown:
    return Unknown(claim.group, claim.name, Doubt.OUT_OF_TIME, "not answered within the time given", claim)


def _plan(document: Document) -> Iterator[Claim | Failed | Unknown]:
    """The claims in the order of the report, and what is missing beside them: a failure, or open if it may be withheld."""
    is_whole = document.whole.extent in (Extent.WHOLE, Extent.UNKNOWN)
    yield from document.integrity
    if (conflict := issuers.conflict_of(document)) is not None:
        yield Failed(Group.STATUS, "issued", Failure.ISSUERS_CONFLICT, conflict)
    yield from document.status
    for number, issuer in enumerate(document.issuers):
        who = issuer.name or f"issuer {number + 1}"
        yield from (*issuer.status, *issuer.identity)
        if not any(claim.settles for claim in (*issuer.status, *document.status)):
            detail = f"{who} names no place where the document was issued"
            if is_whole:
                yield Failed(Group.STATUS, "issued", Failure.NO_STATUS, detail)
            else:
                yield Unknown(Group.STATUS, "issued", Doubt.STATUS_NOT_SHOWN, f"{detail}, and fields are withheld")
        if not any(claim.settles for claim in (*issuer.identity, *document.identity)):
            detail = f"{who} names nothing that proves who they are"
            if is_whole:
                yield Failed(Group.IDENTITY, "issuer", Failure.NO_IDENTITY, detail)
            else:
                yield Unknown(Group.IDENTITY, "issuer", Doubt.IDENTITY_NOT_SHOWN, f"{detail}, and fields are withheld")
    yield from document.identity


def _check(claim: Claim, sources: Sources) -> list[Finding]:
    if _name(claim) not in CHECKS:
        detail = f"no check for {type(claim).__name__}"
        return [Unknown(claim.group, claim.name, Doubt.UNSUPPORTED_CLAIM, detail, claim)]
    try:
        fact = check_of(claim)(claim, sources)
    except Refuted as no:
        return [Failed(claim.group, claim.name, no.failure, no.detail, claim, no.reason)]
    except Malformed as bad:
        return [Failed(claim.group, claim.name, bad.code, str(bad), claim)]
    except Undetermined as trouble:
        return [Unknown(claim.group, claim.name, trouble.doubt, trouble.detail, claim)]
    notes = (Noted(claim.group, claim.name, note.remark, note.detail, claim) for note in fact.notes)
    return [Passed(claim.group, claim.name, fact, claim), *notes]


def _in_circulation(findings: Sequence[Finding], examined: Examined) -> Iterator[Finding]:
    """A title that was returned or taken out is refused, unless the policy says otherwise: it was the original once."""
    if any(isinstance(f, Passed) and f.claim is not None and _name(f.claim) == _TITLE for f in findings):
        yield from _judge(NotReturned(), findings, examined, Group.TITLE)


def _old_lists(findings: Sequence[Finding], examined: Examined) -> Iterator[Finding]:
    """A status list without an end does not hold for ever, unless the policy says otherwise."""
    if any(isinstance(f, Passed) and f.claim is not None and _name(f.claim) == _LISTED for f in findings):
        from ebl.rules import ListsWithin

        judged = _judge(ListsWithin.year(), findings, examined, Group.STATUS)
        yield from (finding for finding in judged if not isinstance(finding, Passed))


def _not_compared(policy: Policy, findings: Sequence[Finding]) -> Iterator[Noted]:
    """What a presentation was made for, if no rule compares it: it may be one for another verifier that is shown again."""
    made_for = (
        ("challenge", policy.compares_challenge, Condition.CHALLENGE_NOT_COMPARED, "one that was sent"),
        ("domain", policy.compares_domain, Condition.DOMAIN_NOT_COMPARED, "the verifier's own"),
    )
    for found in findings:
        if isinstance(found, Passed | Unknown) and found.claim is not None and _name(found.claim) == _HOLDER:
            for what, is_compared, code, with_what in made_for:
                value = found.claim.domains if what == "domain" else found.claim.challenge  # type: ignore[attr-defined]
                if value not in (None, ()) and not is_compared:
                    shown = " and ".join(map(repr, value)) if isinstance(value, tuple) else repr(value)
                    detail = f"presented for the {what} {shown:.100}, which was not compared with {with_what}"
                    yield Noted(Group.IDENTITY, "holder", code, detail, found.claim)


def _judge(policy: Policy, findings: Sequence[Finding], examined: Examined, group: Group) -> Iterator[Finding]:
    """Hold the facts to a policy; to each of its rules, where it has several.

    A policy that lacks a fact fails, unless something unknown could still have supplied it. One that finds the sources
    wanting (too old a block, too weak an answer) leaves it open.
    """
    if isinstance(policy, AllOf):
        for rule in policy.policies:
            yield from _judge(rule, findings, examined, group)
        return
    facts = [f.fact for f in findings if isinstance(f, Passed) and f.fact is not None]
    try:
        notes = policy.check([*facts, examined])
    except Refuted as no:
        yield Failed(group, policy.rule, no.failure, no.detail)
    except Undetermined as trouble:
        if isinstance(trouble, SourceError) or any(isinstance(finding, Unknown) for finding in findings):
            yield Unknown(group, policy.rule, trouble.doubt, trouble.detail)
        else:
            yield Failed(group, policy.rule, Failure.NO_FACT, trouble.detail)
    else:
        yield Passed(group, policy.rule, detail=str(policy))
        yield from (Noted(group, policy.rule, note.remark, note.detail) for note in notes)
