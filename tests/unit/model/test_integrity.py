"""A check of integrity lets no doubt pass that its caller did not name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.checking.formats import read
from ebl.codes import Doubt, Failure
from ebl.errors import Refuted, SourceError, Undetermined
from ebl.messages import own_words
from ebl.model.document import Document
from ebl.model.findings import Claim, Fact, Group
from ebl.model.ports import Sources
from ebl.testing.bills import bill
from ebl.verify import check_integrity
from ebl.wrap import to_json, wrap

WHOLE = read(to_json(wrap(bill(1, store="0x" + "11" * 20, domain="carrier.example", chain_id=1337))))


@dataclass(frozen=True, slots=True)
class Told(Claim):
    """A claim whose check ends as it says."""

    group: ClassVar[Group] = Group.INTEGRITY
    name: ClassVar[str] = "told"

    end: Any = None

    def check(self, sources: Sources) -> Fact:
        if self.end is not None:
            raise self.end
        return Fact()


def told(*ends: Any) -> Document:
    return replace(WHOLE, integrity=tuple(map(Told, ends)))


ENDS = st.lists(st.sampled_from([None, *Doubt]), min_size=1, max_size=4)


@given(ends=ENDS, accepted=st.sets(st.sampled_from(list(Doubt)), max_size=3))
def test_a_doubt_passes_only_if_it_is_named(ends: list[Doubt | None], accepted: set[Doubt]) -> None:
    document = told(*(end and SourceError(end, own_words("no answer")) for end in ends))
    doubts = {end for end in ends if end is not None}
    if doubts <= accepted:
        assert check_integrity(document, accepting=accepted) == doubts
    else:
        with pytest.raises(Undetermined) as refused:
            check_integrity(document, accepting=accepted)
        assert refused.value.doubt not in accepted


def test_a_no_beats_a_doubt_whichever_comes_first() -> None:
    doubt, no = (
        SourceError(Doubt.OFFLINE, own_words("not asked")),
        Refuted(Failure.PROOF_SIGNATURE, own_words("another key")),
    )
    for ends in ((doubt, no), (no, doubt)):
        for accepting in ((), {Doubt.OFFLINE}):
            with pytest.raises(Refuted):
                check_integrity(told(*ends), accepting=accepting)


def test_what_shows_nothing_of_its_integrity_is_not_taken_for_whole() -> None:
    with pytest.raises(Refuted):
        check_integrity(replace(WHOLE, integrity=()))


def test_a_claim_without_a_check_is_a_doubt() -> None:
    @dataclass(frozen=True, slots=True)
    class Odd(Claim):
        group: ClassVar[Group] = Group.INTEGRITY
        name: ClassVar[str] = "odd"

    with pytest.raises(Undetermined) as refused:
        check_integrity(replace(WHOLE, integrity=(Odd(),)))
    assert refused.value.doubt is Doubt.UNSUPPORTED_CLAIM


def test_a_whole_document_leaves_no_doubt() -> None:
    assert check_integrity(WHOLE) == frozenset()
