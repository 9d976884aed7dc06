"""What a policy says of itself, and how wrappers and combinations pass it on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.chain.titles.title_state import State
from ebl.codes import Failure
from ebl.errors import InvalidInput, Refuted, Unreadable
from ebl.messages import own_words
from ebl.model.document import Document
from ebl.model.findings import Fact, Note, Passed
from ebl.policy import (
    AllOf,
    AnyOf,
    Contract,
    HasTitle,
    HeldBy,
    IssuedBy,
    IssuedByTrusted,
    NotReturned,
    Policy,
    PresentedTo,
    Rule,
    TitleIn,
    Trusted,
    UnsafeAnyIssuer,
)
from ebl.sources import offline
from ebl.verify import examine, examine_all

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NOTHING = Document("oa2", None, (), (), {}, {})
A, B, C = (Trusted(domain=f"{name}.example") for name in "abc")
ACCOUNT = "0x" + "11" * 20


@dataclass(frozen=True, slots=True)
class Said(Policy):
    """A policy that says these things of itself; it accepts a document if one of ``issuers`` is who issued it."""

    issuers: frozenset[Trusted] | None = None
    challenge: bool = False
    domain: bool = False
    circulation: bool = False

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        return ()

    @property
    def accepts(self) -> frozenset[Trusted] | None:
        return self.issuers

    @property
    def compares_challenge(self) -> bool:
        return self.challenge

    @property
    def compares_domain(self) -> bool:
        return self.domain

    @property
    def speaks_of_circulation(self) -> bool:
        return self.circulation

    @property
    def speaks_of_lists(self) -> bool:
        return self.circulation  # it is passed on as that is


class Own(Policy):
    """The least that a policy of one's own may be."""

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        return ()


def said(policy: Policy) -> tuple[bool, bool, bool]:
    return policy.compares_challenge, policy.compares_domain, policy.speaks_of_circulation


def test_a_policy_of_ones_own_assumes_the_least() -> None:
    own = Own()
    assert said(own) == (False, False, False) and own.accepts is None and not own.speaks_of_lists
    assert own.rule == "Own" and str(own) == ""


def test_the_parts_of_a_class_that_are_said_plainly_are_taken() -> None:
    class Ours(Own):
        rule = "house.rule"
        compares_challenge = compares_domain = True
        speaks_of_circulation = True
        accepts = frozenset({A})

    assert said(Ours()) == (True, True, True)
    assert (Ours().accepts, Ours().rule) == ({A}, "house.rule")


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (PresentedTo("c"), (True, False, False)),
        (PresentedTo("c", "bank.example"), (True, True, False)),
        (NotReturned(), (False, False, True)),
        (TitleIn(State.RETURNED), (False, False, True)),
        (HeldBy(ACCOUNT), (False, False, False)),
        (UnsafeAnyIssuer(), (False, False, False)),
        (HasTitle(), (False, False, False)),
    ],
)
def test_each_policy_says_itself_what_it_compares(policy: Policy, expected: tuple[bool, bool, bool]) -> None:
    assert said(policy) == expected
    assert said(Rule("a.name", policy)) == expected
    assert policy.accepts is None


def test_policies_that_name_issuers_say_whom() -> None:
    assert IssuedBy("a.example").accepts == {A}
    assert IssuedByTrusted(A, B).accepts == {A, B}
    assert Rule("issuers.trusted", IssuedByTrusted(A, B)).accepts == {A, B}
    assert (Rule("issuers.trusted", IssuedByTrusted(A)).rule, IssuedByTrusted(A).rule) == (
        "issuers.trusted",
        "IssuedByTrusted",
    )


_LEAVES = st.builds(
    Said,
    st.none() | st.frozensets(st.sampled_from([A, B, C])),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
_POLICIES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: AllOf(*parts)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: AnyOf(*parts)),
        inner.map(lambda part: Rule("a.rule", part)),
    ),
    max_leaves=8,
)


def accepted(policy: Policy, who: Trusted) -> bool:
    """What the combination means for an issuer, told apart from what it says."""
    match policy:
        case AllOf():
            return all(accepted(part, who) for part in policy.policies)
        case AnyOf():
            return any(accepted(part, who) for part in policy.policies)
        case Rule():
            return accepted(policy.policy, who)
        case Said():
            return policy.issuers is None or who in policy.issuers
    raise AssertionError(policy)


def compared(policy: Policy) -> bool:
    """Whether every way to be accepted compares the challenge."""
    match policy:
        case AllOf():
            return any(map(compared, policy.policies))
        case AnyOf():
            return all(map(compared, policy.policies))
        case Rule():
            return compared(policy.policy)
    return policy.compares_challenge


@given(_POLICIES)
def test_no_combination_names_fewer_issuers_than_it_accepts_or_says_more_than_it_compares(policy: Policy) -> None:
    for who in (A, B, C):
        assert policy.accepts is None or who in policy.accepts or not accepted(policy, who)
    assert policy.compares_challenge is compared(policy)
    assert policy.speaks_of_lists is policy.speaks_of_circulation  # both are passed on in one way


def test_a_combination_of_all_names_the_issuers_of_the_narrowest() -> None:
    known = Trusted(domain="a.example", registries=frozenset({Contract(1, ACCOUNT)}))
    assert AllOf(IssuedBy("a.example"), IssuedByTrusted(known)).accepts == {known}
    assert AllOf(UnsafeAnyIssuer(), IssuedByTrusted(A, B), IssuedBy("a.example")).accepts == {A}
    assert AnyOf(IssuedBy("a.example"), IssuedBy("b.example")).accepts == {A, B}
    assert AnyOf(IssuedBy("a.example"), HasTitle()).accepts is None
    for policy in (
        AllOf(IssuedBy("a.example"), IssuedByTrusted(known, B)),
        AnyOf(HasTitle(), Rule("r", IssuedByTrusted(known))),
    ):
        assert policy.registries_of == {known}


class Foreign:
    """Has the method, and is no policy."""

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        return ()


class Answering(Policy):
    """A rule of a newcomer: what its check returns is not what was asked for."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def check(self, facts: Any) -> Any:
        return self.answer


@pytest.mark.parametrize("answer", [True, False, None, "", "no", {}, 0, [True], (None,), Failure.REVOKED])
def test_a_check_that_returns_something_else_than_notes_accepts_nothing(answer: object) -> None:
    for policy in (Answering(answer), AllOf(UnsafeAnyIssuer(), Answering(answer)), AnyOf(Answering(answer))):
        for use in (
            lambda policy=policy: examine(NOTHING, policy, sources=offline(now=NOW)),
            lambda policy=policy: list(examine_all([NOTHING], policy, sources=offline(now=NOW))),
        ):
            with pytest.raises(InvalidInput, match=r"Answering.check returned .*; expected \(\)"):
                use()


def test_a_check_that_returns_no_notes_accepts() -> None:
    for answer in ((), []):
        found = examine(NOTHING, Answering(answer), sources=offline(now=NOW)).findings
        assert [one for one in found if isinstance(one, Passed) and one.check == "Answering"]


@pytest.mark.parametrize("one", [b"{}", "{}", {"a": 1}, Path("bill.json"), NOTHING])
def test_one_document_is_not_taken_for_several(one: Any) -> None:
    with pytest.raises(InvalidInput, match="Give a list of documents, or use examine for one"):
        next(examine_all(one, UnsafeAnyIssuer(), sources=offline(now=NOW)))


def test_a_path_that_is_given_as_text_is_said_to_be_one() -> None:
    with pytest.raises(Unreadable, match=r"give Path\(name\)") as bad:
        examine("out/bill.json", UnsafeAnyIssuer(), sources=offline(now=NOW))
    assert bad.value.code is Failure.NOT_JSON


@pytest.mark.parametrize("wrong", [Foreign(), UnsafeAnyIssuer, None, "carrier.example"])
def test_what_is_no_policy_is_refused_with_what_to_do_before_anything_is_asked(wrong: object) -> None:
    sources = offline(now=NOW)
    for use in (
        lambda: examine(NOTHING, wrong, sources=sources),  # type: ignore[arg-type]
        lambda: examine(b"{}", wrong, sources=sources),  # type: ignore[arg-type]
        lambda: list(examine_all([NOTHING], wrong, sources=sources)),  # type: ignore[arg-type]
        lambda: AllOf(UnsafeAnyIssuer(), wrong),  # type: ignore[arg-type]
        lambda: AnyOf(wrong),  # type: ignore[arg-type]
        lambda: Rule("a.rule", wrong),  # type: ignore[arg-type]
    ):
        with pytest.raises(InvalidInput, match=r"Expected a policy; got .*(inherit from|Give an object)"):
            use()


def test_a_policy_without_a_check_cannot_be_made() -> None:
    class Empty(Policy):
        pass

    with pytest.raises(TypeError, match="check"):
        Empty()  # type: ignore[abstract]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Trusted(domain="a.example"), Trusted(did="did:web:a.example"), True),
        (Trusted(domain="a.example"), Trusted(domain="a.example", until=date(2030, 1, 1)), True),
        (Trusted(did=f"did:ethr:{ACCOUNT}"), Trusted(did=f"did:ethr:{ACCOUNT.upper().replace('X', 'x')}"), True),
        (Trusted(domain="a.example"), Trusted(did="did:web:a.example:line"), False),
        (Trusted(did="did:web:a.example:one"), Trusted(did="did:web:a.example:two"), False),
    ],
)
def test_a_party_is_one_however_it_is_named(one: Trusted, other: Trusted, same: bool) -> None:
    assert (one.party == other.party) is same


def test_registries_may_be_given_as_a_list() -> None:
    known = Trusted(domain="a.example", registries=[Contract(1, ACCOUNT)])  # type: ignore[arg-type]
    assert IssuedByTrusted(known).accepts == {Trusted(domain="a.example", registries=frozenset({Contract(1, ACCOUNT)}))}


def test_everything_under_a_domain_may_be_several_parties() -> None:
    assert Trusted(under="a.example").party is None


def test_a_rule_passes_on_the_answer_of_the_policy_that_it_names() -> None:
    with pytest.raises(Refuted, match=r"\[issuers.trusted\]") as no:
        Rule("issuers.trusted", _No()).check([])
    assert no.value.failure is Failure.UNEXPECTED_ISSUER


class _No(Policy):
    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        raise Refuted(Failure.UNEXPECTED_ISSUER, own_words("no"))
