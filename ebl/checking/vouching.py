"""Whether the issuer of a title names its registry, and what follows from that under a policy.

Each title is judged by the claims of its issuer. The DNS record that identifies the issuer of an OpenAttestation title names the
registry too, so no further query is needed. For a W3C title, it is (`ebl.identity.title_registry`). The registries in the policy
override what issuers publish.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from ebl.checking.threads import result, workers
from ebl.codes import Condition, Doubt, Failure
from ebl.errors import Refuted, Undetermined
from ebl.identity.dns_txt import DnsTxt
from ebl.identity.title_registry import NamesRegistry, RegistryNamed
from ebl.identity.trusted import Trusted
from ebl.messages import Message, say
from ebl.model.contract import Contract
from ebl.model.document import Document, Issuer
from ebl.model.findings import Claim, Failed, Finding, Group, Identified, Noted, Passed, Unknown, Who
from ebl.model.ports import Sources
from ebl.status.token_registry import Titled, TokenRegistry

MAX_OTHERS = 16
"""The most other accepted issuers that are queried for whether a registry is theirs. It decides between a doubt and a failure."""

_CHECK = NamesRegistry.name


@dataclass(frozen=True, slots=True)
class IssuersTitle:
    """A title that a document claims, and the issuer that claims it. ``asked`` is the claim to check with the sources, if any."""

    issuer: Issuer
    title: TokenRegistry
    asked: NamesRegistry | None

    @property
    def is_named_in_dns(self) -> bool:
        """Whether the record that identifies the issuer's domain is for this contract."""
        return any(_names(claim, self.title) for claim in self.issuer.identity)


def titles_of(document: Document) -> tuple[IssuersTitle, ...]:
    """Every title of every issuer of a document."""
    return tuple(
        IssuersTitle(issuer, claim, _asked(issuer, claim))
        for issuer in document.issuers
        for claim in (*issuer.status, *document.status)
        if isinstance(claim, TokenRegistry)
    )


def _asked(issuer: Issuer, title: TokenRegistry) -> NamesRegistry | None:
    if title.chain_id is None or any(_names(claim, title) for claim in issuer.identity):
        return None
    did = issuer.id if issuer.id is not None and issuer.id.startswith("did:") else None
    return NamesRegistry(did, title.chain_id, title.address)


def _names(claim: Claim, title: TokenRegistry) -> bool:
    return isinstance(claim, DnsTxt) and (claim.chain_id, claim.address) == (title.chain_id, title.address)


@dataclass(frozen=True, slots=True)
class VouchingResult:
    """The result for all titles: findings for the report, and the registries that no verified issuer names."""

    findings: tuple[Finding, ...]
    unvouched: tuple[Message, ...]


def judge(
    titles: Sequence[IssuersTitle],
    answers: Mapping[NamesRegistry, Sequence[Finding]],
    established: Sequence[Finding],
    *,
    accepted: frozenset[Trusted] | None,
    registries_of: frozenset[Trusted],
    day: date,
    sources: Sources,
    deadline: float,
) -> VouchingResult:
    """Judges each title by what was established, and by the issuers that the policy accepts (None: any) on a day.

    ``registries_of`` are the issuers whose registries the policy names, whether it accepts them on that day or not: a registry
    does not become another's because the trust in its issuer has lapsed. ``answers`` are the findings about the queries.

    A registry that only another accepted issuer names is a failure. A registry that no issuer names is a doubt; or a condition,
    if exactly one issuer is accepted, because no other can be taken for them. No answer is a doubt. A title whose issuer is not
    verified is not judged: that is a failure or a doubt already.
    """
    findings: list[Finding] = []
    unvouched: list[Message] = []
    for one in titles:
        if who := _proved(one.issuer, established):
            about = _About(one, who, accepted, registries_of, day, _contract(one.title, established))
            found = about.settled(answers.get(one.asked, ()) if one.asked else ())
            if not found and not one.is_named_in_dns:
                unvouched.append(about.where)
                found = (about.named_by_none(sources, deadline),)
            findings += found
    findings += _twice(titles)
    return VouchingResult(tuple(dict.fromkeys(findings)), tuple(dict.fromkeys(unvouched)))


def _twice(titles: Sequence[IssuersTitle]) -> Iterator[Noted]:
    """A condition for a title that several credentials of one presentation name: it may not belong to each of them."""
    named = {(one.title.chain_id, one.title.address, one.title.root): one.title for one in titles}
    for title, count in Counter((one.title.chain_id, one.title.address, one.title.root) for one in titles).items():
        if count > 1:
            _, registry, root = title
            message = say(Condition.TITLE_TWICE, "in_presentation", credentials=count, title=root, registry=registry)
            yield Noted(Group.TITLE, TokenRegistry.name, Condition.TITLE_TWICE, message, named[title])


@dataclass(frozen=True, slots=True)
class _About:
    """One title, the verified identities of its issuer, and the issuers that the policy accepts (None: any)."""

    one: IssuersTitle
    who: Sequence[Who]
    everyone: frozenset[Trusted] | None
    registries_of: frozenset[Trusted]
    day: date
    contract: Contract | None

    @property
    def accepted(self) -> list[Trusted]:
        """The issuers that the policy names and trusts on the day; empty if it accepts any issuer."""
        return [one for one in self.everyone or () if one.is_on(self.day)]

    @property
    def claim(self) -> NamesRegistry | None:
        """The claim of a finding about the registry; None if its chain is unknown."""
        return self.one.asked or (None if self.contract is None else self._claim_about(self.contract))

    @property
    def where(self) -> Message:
        """The registry, within another message."""
        if self.contract is None:
            return say("rule", "contract_on_any_chain", address=self.one.title.address)
        return self.contract.message

    def _claim_about(self, contract: Contract) -> NamesRegistry:
        return NamesRegistry(self.who[0].did, contract.chain_id, contract.address)

    def settled(self, answer: Sequence[Finding]) -> tuple[Finding, ...]:
        """The findings from the policy's registries, else from the answer; empty if the answer is negative."""
        listed = self._listed()
        own = [one for one in listed if self._is_the_issuer(one)]
        if self.contract is not None and any(one.is_on(self.day) for one in own):
            named = self._claim_about(self.contract)
            return (Passed(Group.TITLE, _CHECK, RegistryNamed(named, "policy"), named),)
        if listed and (not own or any(one.is_on(self.day) for one in listed)):
            message = say(
                Failure.REGISTRY_OF_ANOTHER,
                "listed",
                registry=self.where,
                owner=_named(listed, own),
                issuer=self.who[0].message,
            )
            return (Failed(Group.TITLE, _CHECK, Failure.REGISTRY_OF_ANOTHER, message, self.claim),)
        asked = self.one.asked
        if asked is None or asked.did not in (None, *(who.did for who in self.who)):
            return ()  # the queried DID is not the verified issuer of the document
        return () if any(isinstance(finding, Failed) for finding in answer) else tuple(answer)

    def named_by_none(self, sources: Sources, deadline: float) -> Finding:
        """The finding if neither the policy nor the issuer names the registry."""
        issuer = self.who[0].message
        if (other := self._other(sources, deadline)) is not None:
            message = say(Failure.REGISTRY_OF_ANOTHER, "named_by_other", other=other.message, issuer=issuer)
            return Failed(Group.TITLE, _CHECK, Failure.REGISTRY_OF_ANOTHER, message, self.claim)
        if self._is_the_only_one():
            message = say(Condition.REGISTRY_NOT_VOUCHED, "only_issuer", issuer=issuer, registry=self.where)
            return Noted(Group.TITLE, _CHECK, Condition.REGISTRY_NOT_VOUCHED, message, self.claim)
        message = say(Doubt.REGISTRY_NOT_VOUCHED, "perhaps_of_another", issuer=issuer, registry=self.where)
        return Unknown(Group.TITLE, _CHECK, Doubt.REGISTRY_NOT_VOUCHED, message, self.claim)

    def _is_the_issuer(self, trusted: Trusted) -> bool:
        return any(trusted.names(who) for who in self.who)

    def _listed(self) -> list[Trusted]:
        """The issuers whose registry this is by the policy, sorted."""
        return sorted((one for one in self.registries_of if self.contract in one.registries), key=lambda one: one.name)

    def _is_the_only_one(self) -> bool:
        accepted = self.accepted
        parties = {one.party for one in accepted}
        return len(parties) == 1 and None not in parties and all(map(self._is_the_issuer, accepted))

    def _other(self, sources: Sources, deadline: float) -> RegistryNamed | None:
        """The fact that another accepted issuer names the registry, if one does.

        No query is sent for issuers that are not accepted, nor if very many are accepted.
        """
        accepted = self.accepted
        if self.contract is None or not any(map(self._is_the_issuer, accepted)):
            return None
        dids = {one.web for one in accepted if one.web is not None and not self._is_the_issuer(one)}
        if not 0 < len(dids) <= MAX_OTHERS:
            return None
        claims = [NamesRegistry(did, self.contract.chain_id, self.contract.address) for did in sorted(dids)]
        with workers(len(claims), name="ebl registry") as submit:
            waiting = [submit(partial(_answer, claim, sources)) for claim in claims]
            return next((found for future in waiting if (found := result(future, deadline=deadline))), None)


def _named(listed: Sequence[Trusted], own: Sequence[Trusted]) -> str:
    """The names of the issuers, other than this one, whose registry it is by the policy."""
    return next(one.name for one in listed if one not in own)


def _answer(claim: NamesRegistry, sources: Sources) -> RegistryNamed | None:
    """The fact, if the answer is positive. A negative answer and none have the same effect: the title is not VALID."""
    try:
        return claim.check(sources)
    except (Refuted, Undetermined):
        return None


def _proved(issuer: Issuer, established: Sequence[Finding]) -> list[Who]:
    return [fact.who for fact in _facts(established) if isinstance(fact, Identified) and fact.claim in issuer.identity]


def _contract(title: TokenRegistry, established: Sequence[Finding]) -> Contract | None:
    """The registry on its chain; None if the document names no chain and none was queried."""
    read = (fact.title.chain_id for fact in _facts(established) if isinstance(fact, Titled) and fact.claim == title)
    chain_id = title.chain_id or next(read, None)
    return None if chain_id is None else Contract(chain_id, title.address)


def _facts(established: Sequence[Finding]) -> Iterator[object]:
    return (finding.fact for finding in established if isinstance(finding, Passed))
