"""A house's rules accept what they say, refuse the rest by name, and leave open what the sources could not show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ebl.codes import Doubt, Failure
from ebl.did.domain import read_domain
from ebl.errors import InvalidInput, Refuted, SourceError, Undetermined
from ebl.identity.did import Did, ListsKey
from ebl.identity.dns_did import DnsDid, KeyVouchedByDomain
from ebl.identity.dns_txt import DnsTxt, VouchedByDomain
from ebl.model.findings import Examined, Fact, Moment
from ebl.model.ports import Block, TxtRecords
from ebl.model.wholeness import UNKNOWN, WHOLE, Extent, Wholeness, of_leaves
from ebl.openattestation.revocation import NotRevoked, StillHolds
from ebl.policy import (
    AgreedBy,
    AnyOf,
    Contract,
    DnsAssured,
    FreshWithin,
    HasTitle,
    InRegistries,
    InStores,
    IssuedBy,
    IssuedByTrusted,
    NothingWithheld,
    NoWildcard,
    OfFormat,
    OnChains,
    Policy,
    Settled,
    ShownWhole,
    StateProved,
    Trusted,
    UnsafeAnyIssuer,
)
from ebl.status.document_store import DocumentStore, Issued

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
STORE = "0x142Ca30e3b78A840a82192529cA047ED759a6F7e"
OTHER = "0x" + "11" * 20
DID = f"did:ethr:{STORE}"


def block(finality: str = "finalized", *, age: timedelta = timedelta(0), chain_id: int = 1) -> Block:
    return Block(chain_id, 100, "0x" + "00" * 32, NOW - age, finality)


def examined(*blocks: Block, whole: Wholeness = WHOLE, kind: str = "oa2", now: datetime = NOW) -> Examined:
    return Examined(Moment(now, blocks), kind, whole)


def domain(
    name: str, assurance: str = "single", dnssec: str = "unchecked", *, said_by: int = 1, wildcard: bool = False
) -> Fact:
    resolvers = tuple(f"udp://192.0.2.{number}" for number in range(said_by))
    records = TxtRecords(name, (), assurance, resolvers, wildcard=wildcard, dnssec=dnssec)
    return VouchedByDomain(DnsTxt(name, 1, STORE), 1, records, read_domain(name))


def did(text: str = DID) -> Fact:
    return ListsKey(Did(text, f"{text}#controller"), STORE)


def issued(address: str = STORE, chain_id: int = 1) -> Fact:
    return Issued(DocumentStore(chain_id, address, b"", b"", ()), block(chain_id=chain_id))


def accepts(policy: Policy, *facts: Fact) -> None:
    assert policy.check(facts) == ()


def refuses(policy: Policy, *facts: Fact) -> tuple[Failure, str]:
    with pytest.raises(Refuted) as no:
        policy.check(facts)
    return no.value.failure, no.value.detail


def leaves_open(policy: Policy, *facts: Fact) -> Doubt:
    with pytest.raises(Undetermined) as doubt:
        policy.check(facts)
    return doubt.value.doubt


def test_an_issuer_on_the_list_is_accepted_by_its_domain_or_its_did() -> None:
    policy = IssuedByTrusted(Trusted(domain="carrier.example"), Trusted(under="line.example"), Trusted(did=DID))
    for fact in (
        domain("carrier.example"),
        domain("line.example"),
        domain("a.b.line.example"),
        did(),
        did(DID.lower()),
    ):
        accepts(policy, fact, examined())


@pytest.mark.parametrize("name", ("other.example", "www.carrier.example", "xline.example", "line.example.evil.example"))
def test_an_issuer_that_is_not_on_the_list_is_refused_and_named(name: str) -> None:
    policy = IssuedByTrusted(Trusted(domain="carrier.example"), Trusted(under="line.example"))
    failure, detail = refuses(policy, domain(name), examined())
    assert failure is Failure.UNEXPECTED_ISSUER
    assert name in detail
    assert "carrier.example" in detail


def test_every_issuer_must_be_on_the_list() -> None:
    policy = IssuedByTrusted(Trusted(domain="carrier.example"))
    assert refuses(policy, domain("carrier.example"), did(), examined())[0] is Failure.UNEXPECTED_ISSUER
    assert leaves_open(policy, examined()) is Doubt.NO_FACT


@pytest.mark.parametrize(
    ("now", "on"),
    (
        (datetime(2026, 5, 31, 23, 59, tzinfo=UTC), False),
        (datetime(2026, 6, 1, tzinfo=UTC), True),
        (datetime(2026, 6, 30, 23, 59, tzinfo=UTC), True),
        (datetime(2026, 7, 1, tzinfo=UTC), False),
    ),
)
def test_trust_holds_from_its_first_to_its_last_day(now: datetime, on: bool) -> None:
    policy = IssuedByTrusted(Trusted(domain="carrier.example", since=date(2026, 6, 1), until=date(2026, 6, 30)))
    if on:
        accepts(policy, domain("carrier.example"), examined(now=now))
    else:
        failure, detail = refuses(policy, domain("carrier.example"), examined(now=now))
        assert failure is Failure.TRUST_LAPSED
        assert "from 2026-06-01 until 2026-06-30" in detail


def test_a_renewed_trust_is_one_of_several_entries() -> None:
    old = Trusted(domain="carrier.example", until=date(2025, 12, 31))
    policy = IssuedByTrusted(old, Trusted(domain="carrier.example", since=date(2026, 1, 1)))
    accepts(policy, domain("carrier.example"), examined())


def test_chains_that_are_not_accepted_are_refused() -> None:
    policy = OnChains(frozenset({1, 137}))
    accepts(policy, domain("carrier.example"), examined(block(), block(chain_id=137)))
    assert refuses(policy, examined(block(chain_id=5)))[0] is Failure.UNEXPECTED_CHAIN


def test_stores_and_registries_are_held_to_the_list_on_their_chain() -> None:
    policy = InStores(frozenset({Contract(1, STORE.lower())}))
    accepts(policy, issued(), examined())
    accepts(policy, examined())  # no document of a store: the rule is not about it
    assert refuses(policy, issued(OTHER), examined())[0] is Failure.UNEXPECTED_STORE
    assert refuses(policy, issued(STORE, 137), examined())[0] is Failure.UNEXPECTED_STORE
    accepts(InRegistries(frozenset()), issued(), examined())
    assert leaves_open(HasTitle(), issued(), examined()) is Doubt.NO_FACT


def test_a_domain_must_be_as_sure_as_the_house_asks() -> None:
    proved = domain("a.example", "dnssec", "secure")
    agreed = domain("a.example", "quorum(3)", "insecure", said_by=3)
    accepts(DnsAssured(dnssec=True), proved, did(), examined())
    accepts(DnsAssured(agree=3), proved, agreed, examined())
    assert refuses(DnsAssured(dnssec=True), agreed, examined())[0] is Failure.DNS_NOT_SIGNED
    assert leaves_open(DnsAssured(dnssec=True), domain("a.example"), examined()) is Doubt.DNS_NOT_VALIDATED
    assert leaves_open(DnsAssured(agree=4), agreed, examined()) is Doubt.DNS_TOO_FEW
    for other in (
        "single",
        "quorum(" + "9" * 5_000 + ")",
    ):  # the latter only in a file of evidence that somebody made up
        assert leaves_open(DnsAssured(agree=2), domain("a.example", other), examined()) is Doubt.DNS_TOO_FEW
    accepts(NoWildcard(), proved, examined())
    assert refuses(NoWildcard(), domain("a.example", wildcard=True), examined())[0] is Failure.WILDCARD


def test_a_block_that_is_not_final_or_too_old_leaves_it_open() -> None:
    accepts(Settled("safe"), examined(block("safe"), block("finalized")))
    assert leaves_open(Settled("finalized"), examined(block("safe"))) is Doubt.CHAIN_NO_FINALITY
    assert leaves_open(Settled("safe"), examined(block("latest"), block("finalized"))) is Doubt.CHAIN_NO_FINALITY


def test_a_chain_may_have_to_be_read_from_several_nodes_that_agree() -> None:
    accepts(AgreedBy(2), examined(replace(block(), agreed=2), replace(block(), agreed=3)))
    assert leaves_open(AgreedBy(2), examined(replace(block(), agreed=2), block())) is Doubt.CHAIN_TOO_FEW
    fresh = FreshWithin(timedelta(minutes=30))
    accepts(fresh, examined(block(age=timedelta(minutes=30)), block(age=timedelta(minutes=-30))))
    with pytest.raises(SourceError) as late:
        fresh.check([examined(block(age=timedelta(minutes=31)))])
    assert late.value.doubt is Doubt.CHAIN_STALE


def test_by_a_clock_that_is_slow_no_block_is_fresh() -> None:
    with pytest.raises(SourceError, match="31 minutes ahead of the clock") as ahead:
        FreshWithin(timedelta(minutes=30)).check([examined(block(age=timedelta(minutes=-31)))])
    assert ahead.value.doubt is Doubt.CHAIN_STALE


def test_withheld_fields_and_formats_are_held_to_the_rule() -> None:
    accepts(NothingWithheld(), examined())
    assert refuses(NothingWithheld(), examined(whole=of_leaves(2))) == (
        Failure.WITHHELD,
        "expected nothing withheld; 2 fields were withheld",
    )
    assert refuses(NothingWithheld(), examined(whole=Wholeness(Extent.DERIVED)))[0] is Failure.WITHHELD
    assert leaves_open(NothingWithheld(), examined(whole=UNKNOWN)) is Doubt.NOT_WHOLE
    accepts(OfFormat(frozenset({"oa2", "oa3"})), examined())
    assert refuses(OfFormat(frozenset({"oa3"})), examined())[0] is Failure.UNEXPECTED_FORMAT


def test_a_document_that_must_be_shown_whole_may_lack_what_bears_on_nothing() -> None:
    accepts(ShownWhole(), examined())
    accepts(ShownWhole(), examined(whole=of_leaves(2)))
    accepts(ShownWhole(), examined(whole=Wholeness(Extent.DERIVED)))
    for open_ in (of_leaves(1, "issuers"), Wholeness(Extent.DERIVED, may_hide=("validUntil",)), UNKNOWN):
        assert leaves_open(ShownWhole(), examined(whole=open_)) is Doubt.NOT_WHOLE
        with pytest.raises(SourceError):  # it stays open though nothing else is unknown
            ShownWhole().check([examined(whole=open_)])


@pytest.mark.parametrize(
    "make",
    (
        lambda: IssuedByTrusted(),
        lambda: Trusted(),
        lambda: Trusted(domain="a.example", did=DID),
        lambda: Trusted(domain="Carrier.example"),
        lambda: Trusted(under="*.example"),
        lambda: Trusted(under="co.uk"),
        lambda: Trusted(did="carrier.example"),
        lambda: Contract(1, "0x12"),
        lambda: Settled("soon"),
    ),
)
def test_a_rule_that_cannot_be_is_the_callers_mistake(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidInput):
        make()


def test_what_only_a_node_says_leaves_a_rule_on_proofs_open() -> None:
    store = NotRevoked("REVOCATION_STORE", STORE, 1, b"", b"", ())
    for fact in (issued(), StillHolds(store, block())):
        assert leaves_open(StateProved(), fact, examined()) is Doubt.CHAIN_UNPROVED
        accepts(StateProved(), replace(fact, proved=True), examined())  # type: ignore[call-arg]
    accepts(StateProved(), StillHolds(replace(store, kind="NONE")), domain("carrier.example"), examined())


def test_a_rule_says_what_it_asks() -> None:
    rules = (
        IssuedByTrusted(Trusted(under="line.example", until=date(2027, 1, 1))), OnChains(frozenset({137, 1})),
        InStores(frozenset({Contract(1, STORE)})), DnsAssured(agree=2), DnsAssured(dnssec=True), NoWildcard(),
        Settled("finalized"), AgreedBy(2), FreshWithin(timedelta(minutes=5)), NothingWithheld(),
        OfFormat(frozenset({"oa2"})), HasTitle(), ShownWhole(), StateProved(),
    )  # fmt: skip
    assert [str(rule) for rule in rules] == [
        "every issuer is one of: line.example and every domain under it until 2027-01-01",
        "every contract is on one of the chains: 1, 137",
        f"every document issued in a store is issued in one of: {STORE} on chain 1",
        "every DNS record that identifies an issuer is verified with DNSSEC, or returned alike by 2 resolvers",
        "every DNS record that identifies an issuer is signed with DNSSEC, and the signatures are valid",
        "no issuer is identified by a wildcard DNS record, as far as DNSSEC shows",
        "each chain is read at its finalized block",
        "chain data is confirmed by 2 nodes that return the same",
        "each chain is read at a block that is at most 5 minutes old",
        "no field is withheld",
        "the document's format is one of: oa2",
        "the document has a title in a registry",
        "nothing that could change the verdict can have been left out, such as a status or an end of validity",
        "the state of stores and titles is verified with storage proofs",
    ]


def test_one_domain_is_expected_of_every_issuer_however_it_is_proved() -> None:
    key = KeyVouchedByDomain(
        DnsDid("carrier.example", DID, f"{DID}#controller"),
        TxtRecords("carrier.example", ()),
        read_domain("carrier.example"),
    )
    accepts(IssuedBy("carrier.example"), domain("carrier.example"), key)
    for other in (did(), domain("other.example")):
        assert refuses(IssuedBy("carrier.example"), key, other)[0] is Failure.UNEXPECTED_ISSUER
    assert leaves_open(IssuedBy("carrier.example"), issued()) is Doubt.NO_FACT


@pytest.mark.parametrize(
    "slip", ["Carrier.example", "carrier.example.", "https://carrier.example", "did:web:a.example", "carrier", ""]
)
def test_a_policy_that_names_no_plain_domain_is_the_callers_mistake_and_not_the_documents(slip: str) -> None:
    with pytest.raises(InvalidInput, match="is not a plain domain name"):
        IssuedBy(slip)


def test_any_of_several_pins_what_one_of_them_takes_if_each_of_them_pins() -> None:
    a, b = Contract(1, "0x" + "11" * 20), Contract(1, "0x" + "22" * 20)
    assert AnyOf(InStores(frozenset({a})), InStores(frozenset({b}))).pins == {a, b}
    assert AnyOf(InStores(frozenset({a})), UnsafeAnyIssuer()).pins == frozenset()
