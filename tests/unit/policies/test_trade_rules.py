"""The rule on DCSA's schema and rules: what it refuses, what it leaves open, and its keys in a policy file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ebl.codes import Doubt, Failure
from ebl.errors import InvalidInput, Refuted, SourceError, Undetermined
from ebl.messages.catalogue import render
from ebl.model.document import Document
from ebl.model.wholeness import WHOLE, Extent, Wholeness
from ebl.policies.contents import Contents
from ebl.policy import MeetsDcsa, parse
from ebl.verify import read
from ebl.wrap import to_json, wrap
from tests.unit.trade.made_up import changed

PAGE = Path(__file__).parents[3] / "docs" / "bank" / "trade-data.md"
STORE = {
    "name": "A",
    "documentStore": "0x" + "11" * 20,
    "identityProof": {"type": "DNS-TXT", "location": "a.example"},
}
BOTH = MeetsDcsa("schema", "rules")


def contents(*changes: tuple[str, Any], whole: Wholeness = WHOLE, data: dict[str, Any] | None = None) -> Contents:
    raw = {"issuers": [STORE], **(changed(*changes) if data is None else data)}
    return Contents(read(to_json(wrap(raw))), whole)


def test_a_document_that_meets_both_is_accepted() -> None:
    assert BOTH.check([contents()]) == ()


@pytest.mark.parametrize(
    ("change", "policy", "said"),
    [
        (("termsAndConditions", None), BOTH, "schema, first at /: expected the member 'termsAndConditions'"),
        (("issueDate", None), BOTH, "does not meet TD-08, first at /issueDate: expected: an issued document has"),
        (("carrierCode", "TOOLONG"), MeetsDcsa("schema"), "first at /carrierCode: expected at most 4 characters"),
    ],
)
def test_a_fault_is_refused_with_its_place(change: tuple[str, Any], policy: MeetsDcsa, said: str) -> None:
    with pytest.raises(Refuted) as no:
        policy.check([contents(change)])
    assert no.value.failure is Failure.DCSA
    assert said in str(no.value.message)
    assert "TD-08" in render(no.value.message, "zh-Hans") or change[0] != "issueDate"


def test_what_is_not_asked_for_is_not_refused() -> None:
    assert MeetsDcsa("schema").check([contents(("issueDate", None))]) == ()
    assert MeetsDcsa("rules").check([contents(("termsAndConditions", None))]) == ()
    assert MeetsDcsa("rules", without=["TD-08"]).check([contents(("issueDate", None))]) == ()
    wrong_digit = ("utilizedTransportEquipments.0.equipment.ISOEquipmentCode", "22G1")
    assert BOTH.check([contents(wrong_digit)]) == ()


def test_what_may_be_withheld_and_other_names_leave_it_open() -> None:
    for facts in (contents(("issueDate", None), whole=Wholeness(Extent.WITHHELD, 1)), contents(data={"blNumber": "1"})):
        with pytest.raises(SourceError) as open_:
            BOTH.check([facts])
        assert open_.value.doubt is Doubt.DCSA_OPEN
    with pytest.raises(Undetermined):
        BOTH.check([])


def test_several_transport_documents_leave_it_open_and_are_no_mistake_of_the_policy() -> None:
    two = Document("vc", None, (), (), {"credentialSubject": [changed(), changed()]}, {})
    with pytest.raises(SourceError) as open_:
        BOTH.check([Contents(two, WHOLE)])
    assert open_.value.doubt is Doubt.DCSA_OPEN


@pytest.mark.parametrize(("parts", "without"), [((), ()), (("shape",), ()), (("rules",), ("TD-24",))])
def test_a_part_or_rule_that_does_not_exist_is_a_mistake(parts: tuple[str, ...], without: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput):
        MeetsDcsa(*parts, without=without)


def test_the_example_of_the_page_trade_data_md_is_a_policy() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    found = parse(example)
    assert [rule.rule for rule in found.rules] == ["issuers.trusted", "document.dcsa"]
    assert found.explain()[1] == "[document.dcsa] the transport document meets DCSA's schema, rules, without TD-05."
    assert found.explain("zh-Hans")[1].startswith("[document.dcsa] 运输单证符合行业标准的数据结构、条件规则")


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ("dcsa = []", "/document/dcsa"),
        ('dcsa = ["shape"]', "/document/dcsa"),
        ('dcsa_without = ["TD-05"]', "/document/dcsa"),
        ('dcsa = ["rules"]\ndcsa_without = ["TD-99"]', "/document/dcsa_without"),
    ],
)
def test_mistakes_in_a_policy_file_are_listed_with_their_place(keys: str, place: str) -> None:
    with pytest.raises(InvalidInput) as bad:
        parse(f"[issuers]\nany = true\n[document]\n{keys}\n")
    assert bad.value.problems[0].pointer.startswith(place)
