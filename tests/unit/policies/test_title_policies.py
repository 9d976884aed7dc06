"""A verification establishes the title, refuses one that is not in circulation, and asks who holds it where told to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ebl.chain.contracts import title_escrow_v5, token_registry_v5
from ebl.codes import Condition, Failure, Remark
from ebl.config.networks import pace
from ebl.errors import InvalidInput
from ebl.identity.dns_txt import DnsTxt
from ebl.model.document import Document, Issuer
from ebl.model.findings import Failed, Noted, Unknown, Verdict
from ebl.model.ports import Sources, TxtRecords
from ebl.model.wholeness import WHOLE
from ebl.policy import (
    AllOf,
    AnyOf,
    Contract,
    FreshWithin,
    HasTitle,
    HeldBy,
    InRegistries,
    IssuedBy,
    IssuedByTrusted,
    NotReturned,
    OfFormat,
    OnChains,
    OwnedBy,
    Policy,
    PresentedTo,
    Rule,
    ThroughRegistry,
    TitleIn,
    Trusted,
    UnsafeAnyIssuer,
    contradiction,
)
from ebl.registry import State
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.status.token_registry import TokenRegistry
from ebl.verify import examine
from tests.unit.chain.titles.registry_chain import ALICE, BOB, NOW, REGISTRY, TOKEN, RegistryChain, escrow_of, titled

ROOT = TOKEN.to_bytes(32)
ANY = UnsafeAnyIssuer()


class Zone:
    def txt(self, name: str) -> TxtRecords:
        return TxtRecords(name, (f"openatts net=ethereum netId=1337 addr={REGISTRY}",))


def bill(proof: tuple[bytes, ...] = (), root: bytes = ROOT) -> Document:
    claim = TokenRegistry(1337, REGISTRY, root, ROOT, proof)
    issuer = Issuer("Carrier", status=(claim,), identity=(DnsTxt("carrier.example", 1337, REGISTRY),))
    return Document("oa2", ROOT, (issuer,), (), {}, {}, whole=WHOLE)


def examined(chain: RegistryChain, policy: Policy, document: Document | None = None) -> Report:
    world: Any = Sources(pace=pace, chain=lambda _: chain, dns=Zone(), fetch=offline().fetch, now=NOW)  # type: ignore[arg-type,return-value]
    return examine(document or bill(), policy, sources=world)


def failures(report: Report) -> set[Failure]:
    return {finding.failure for finding in report.findings if isinstance(finding, Failed)}


def test_a_title_in_circulation_is_valid_and_says_who_holds_it() -> None:
    report = examined(titled(holder=BOB), ANY)
    assert report.verdict is Verdict.VALID
    assert any(f"held by {BOB}; the beneficiary is {ALICE}" in str(fact) for fact in report.facts)


@pytest.mark.parametrize(("owner", "failure"), [("registry", Failure.RETURNED), ("dead", Failure.TAKEN_OUT)])
@pytest.mark.parametrize("policy", [ANY, AllOf(ANY, ThroughRegistry(REGISTRY)), HeldBy(ALICE), NotReturned()])
def test_a_title_that_is_not_in_circulation_fails_whatever_the_policy_asks(
    owner: str, failure: Failure, policy: Policy
) -> None:
    report = examined(titled(owner=owner), policy)
    assert report.verdict is Verdict.INVALID
    assert failures(report) == {failure}


@pytest.mark.parametrize(("owner", "state"), [("registry", State.RETURNED), ("dead", State.TAKEN_OUT)])
def test_who_wants_a_returned_title_says_so(owner: str, state: State) -> None:
    assert examined(titled(owner=owner), AllOf(ANY, TitleIn(state))).verdict is Verdict.VALID
    assert examined(titled(), AllOf(ANY, TitleIn(state))).verdict is Verdict.INVALID
    assert failures(examined(titled(), TitleIn(state))) == {Failure.IN_CIRCULATION}


def test_what_the_sources_leave_open_stays_open_in_any_order_of_the_alternatives() -> None:
    stale, lacking = FreshWithin(timedelta(0)), PresentedTo("challenge")
    later = Sources(pace=pace, chain=lambda _: titled(), dns=Zone(), fetch=offline().fetch, now=NOW + timedelta(days=1))  # type: ignore[arg-type,return-value]
    for either in (AnyOf(stale, lacking), AnyOf(lacking, stale)):
        assert examine(bill(), either, sources=later).verdict is Verdict.INDETERMINATE
    for both in (AllOf(stale, lacking), AllOf(lacking, stale)):
        assert failures(examine(bill(), AnyOf(both), sources=later)) == {Failure.NO_FACT}


def test_alternatives_must_all_speak_of_circulation() -> None:
    assert failures(examined(titled(owner="dead"), AnyOf(ANY, TitleIn(State.RETURNED)))) == {Failure.TAKEN_OUT}
    either = AnyOf(TitleIn(State.RETURNED), TitleIn(State.HELD))
    assert examined(titled(owner="registry"), either).verdict is Verdict.VALID
    assert examined(titled(), either).verdict is Verdict.VALID
    assert examined(titled(owner="dead"), either).verdict is Verdict.INVALID


def test_holder_beneficiary_and_registry_are_held_to_the_policy() -> None:
    chain = titled(holder=BOB)
    for good in (HeldBy(BOB.lower()), OwnedBy(ALICE), ThroughRegistry(REGISTRY, 1337)):
        assert examined(chain, good).verdict is Verdict.VALID
    assert failures(examined(chain, HeldBy(ALICE))) == {Failure.UNEXPECTED_HOLDER}
    assert failures(examined(chain, OwnedBy(BOB))) == {Failure.UNEXPECTED_OWNER}
    assert failures(examined(chain, ThroughRegistry(BOB))) == {Failure.UNEXPECTED_REGISTRY}
    assert failures(examined(chain, ThroughRegistry(REGISTRY, 1))) == {Failure.UNEXPECTED_REGISTRY}


@pytest.mark.parametrize("rule", [HeldBy, OwnedBy, ThroughRegistry])
@pytest.mark.parametrize("slip", ["0x12", ALICE[:-1], ALICE.swapcase(), "carrier.example", ""])
def test_a_policy_that_names_no_address_is_the_callers_mistake_and_not_the_documents(
    rule: Callable[[str], Policy], slip: str
) -> None:
    with pytest.raises(InvalidInput, match=r"expected 0x and 40 hex digits|wrong EIP-55 checksum"):
        rule(slip)


def test_without_an_answer_nobody_is_said_to_hold_the_title() -> None:
    report = examine(bill(), HeldBy(ALICE), sources=offline(now=NOW))
    assert report.verdict is Verdict.INDETERMINATE
    assert not any(isinstance(finding, Failed) for finding in report.findings)
    assert all(isinstance(finding, Unknown) for finding in report.findings)


def test_a_document_without_a_title_cannot_be_held() -> None:
    bare = Document(
        "oa2",
        ROOT,
        (Issuer("Carrier", identity=(DnsTxt("carrier.example", 1337, REGISTRY),)),),
        (),
        {},
        {},
        whole=WHOLE,
    )
    assert Failure.NO_FACT in failures(examined(titled(), HeldBy(ALICE), bare))
    assert Failure.NO_FACT not in failures(examined(titled(), NotReturned(), bare))


def test_a_token_that_stands_for_a_batch_is_refused_without_asking_the_chain() -> None:
    chain = titled()
    for document in (bill(proof=(b"\1" * 32,)), bill(root=b"\3" * 32)):
        assert failures(examined(chain, ANY, document)) == {Failure.SHARED_TOKEN}
    assert chain.trips == 0


def test_a_title_that_was_never_minted_and_a_hostile_registry_have_codes_of_their_own() -> None:
    assert failures(examined(titled(owner="nobody"), ANY)) == {Failure.NOT_MINTED}
    hostile = titled()
    hostile.says[REGISTRY, token_registry_v5.OWNER_OF] = BOB
    assert failures(examined(hostile, AllOf(ANY, TitleIn(State.RETURNED)))) >= {Failure.HOSTILE_REGISTRY}


def test_a_pause_and_unknown_code_are_remarked() -> None:
    chain = titled()
    chain.says[REGISTRY, token_registry_v5.PAUSED] = True
    chain.codes[REGISTRY] += b"\0"
    report = examined(chain, ANY)
    assert report.verdict is Verdict.VALID
    remarks = {finding.remark for finding in report.findings if isinstance(finding, Noted)}
    assert remarks >= {Remark.PAUSED, Condition.UNKNOWN_CODE}


def test_the_parties_of_a_returned_title_do_not_hold_it() -> None:
    chain = titled(owner="registry", holder=BOB)
    report = examined(chain, AllOf(HeldBy(BOB), TitleIn(State.RETURNED)))
    assert failures(report) == {Failure.RETURNED}
    assert chain.says[escrow_of(), title_escrow_v5.HOLDER] == BOB


ELSEWHERE = Contract(1, "0x" + "33" * 20)
HERE = Contract(1337, REGISTRY)
SINGLE = (
    HeldBy(ALICE), HeldBy(BOB), OwnedBy(ALICE), OwnedBy(BOB), NotReturned(), HasTitle(),
    TitleIn(State.HELD), TitleIn(State.RETURNED), TitleIn(State.HELD, State.TAKEN_OUT), TitleIn(State.TAKEN_OUT),
    ThroughRegistry(REGISTRY), ThroughRegistry(REGISTRY, 1337), ThroughRegistry(REGISTRY, 1), ThroughRegistry(BOB),
    OnChains(frozenset({1337})), OnChains(frozenset({1})), InRegistries(frozenset({HERE})), InRegistries(frozenset({ELSEWHERE})),
    IssuedBy("carrier.example"), IssuedBy("other.example"), IssuedByTrusted(Trusted("carrier.example")),
    IssuedByTrusted(Trusted(under="example.org")), IssuedByTrusted(Trusted(did="did:web:carrier.example")),
    OfFormat(frozenset({"oa2"})), OfFormat(frozenset({"vc"})), PresentedTo("one"), PresentedTo("two"),
)  # fmt: skip


def test_what_is_called_a_contradiction_is_met_by_no_title() -> None:
    """Two policies that a title meets never contradict each other, alone nor inside of others."""
    met = 0
    for chain in (titled(holder=BOB), titled(), titled(owner="registry"), titled(owner="dead")):
        accepted = [
            one for one in SINGLE if examined(chain, AllOf(ANY, one, TitleIn(*STATES))).verdict is Verdict.VALID
        ]
        met += len(accepted)
        for one in accepted:
            for other in accepted:
                for wrapped in (
                    other,
                    Rule("a.rule", other),
                    AllOf(ANY, other),
                    AnyOf(other, OnChains(frozenset({1}))),
                ):
                    assert contradiction(one, wrapped) is None is contradiction(wrapped, one)
    assert met > 30


STATES = (State.HELD, State.RETURNED, State.TAKEN_OUT)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (HeldBy(ALICE), HeldBy(BOB)),
        (OwnedBy(ALICE), OwnedBy(BOB)),
        (HeldBy(ALICE), TitleIn(State.RETURNED, State.TAKEN_OUT)),
        (OwnedBy(ALICE), TitleIn(State.RETURNED)),
        (NotReturned(), TitleIn(State.RETURNED)),
        (TitleIn(State.HELD), TitleIn(State.RETURNED)),
        (ThroughRegistry(REGISTRY, 1), ThroughRegistry(REGISTRY, 1337)),
        (ThroughRegistry(REGISTRY), InRegistries(frozenset({ELSEWHERE}))),
        (ThroughRegistry(REGISTRY, 1), OnChains(frozenset({1337}))),
        (OnChains(frozenset({1})), OnChains(frozenset({2}))),
        (InRegistries(frozenset({HERE})), InRegistries(frozenset({ELSEWHERE}))),
        (InRegistries(frozenset({HERE})), OnChains(frozenset({1}))),
        (IssuedBy("a.example"), IssuedBy("b.example")),
        (IssuedBy("a.example"), IssuedByTrusted(Trusted("b.example"), Trusted(under="c.example"))),
        (IssuedByTrusted(Trusted("a.example", registries=frozenset({HERE}))), InRegistries(frozenset({ELSEWHERE}))),
        (OfFormat(frozenset({"oa2"})), OfFormat(frozenset({"vc", "vp"}))),
        (OfFormat(frozenset({"oa2", "vc"})), PresentedTo("one")),
        (PresentedTo("one"), PresentedTo("two")),
        (AnyOf(HeldBy(ALICE), OwnedBy(BOB)), TitleIn(State.TAKEN_OUT)),
    ],
)
def test_two_policies_that_nothing_can_meet_are_told_whichever_comes_first(one: Policy, other: Policy) -> None:
    for first, second in ((one, other), (other, one)):
        assert contradiction(first, second)
        assert contradiction(Rule("a.rule", first), Rule("b.rule", AllOf(ANY, second)))
    assert contradiction(one, AnyOf(other, ANY)) is None
