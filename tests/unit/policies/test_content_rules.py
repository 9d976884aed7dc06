"""A rule on a field refuses what the document shows otherwise, and leaves open what it does not show."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.bill import FieldState, bill, table
from ebl.cli import main
from ebl.codes import Doubt, Failure
from ebl.errors import InvalidInput, Refuted, SourceError, Undetermined
from ebl.messages.catalogue import templates
from ebl.model.document import Document
from ebl.model.findings import Failed, Unknown
from ebl.model.wholeness import WHOLE, Extent, Wholeness
from ebl.openattestation.redact import redact
from ebl.policies import policy_file
from ebl.policy import AllOf, AnyOf, Contents, HasField, Policy, UnsafeAnyIssuer
from ebl.sources import offline
from ebl.testing.bills import bill as made_up
from ebl.verify import examine
from ebl.wrap import to_json, wrap

WITHHELD = Wholeness(Extent.WITHHELD, 1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def outcome(rule: Policy, content: dict[str, Any], whole: Wholeness = WHOLE) -> str:
    document = Document("oa2", None, (), (), content, {}, whole=whole)
    try:
        rule.check([Contents(document, whole)])
    except Refuted as no:
        return str(no.failure).removeprefix("policy.content_")
    except SourceError as doubt:
        return str(doubt.doubt).removeprefix("policy.content_")
    return "fits"


@pytest.mark.parametrize(
    ("rule", "content", "whole", "part"),
    [
        (HasField("vessel", present=True), {"vessel": "MV A"}, "fits", "fits"),
        (HasField("vessel", present=True), {}, "absent", "unknown"),
        (HasField("vessel", present=True), {"vessel": [["MV A"]]}, "unknown", "unknown"),
        (HasField("number", equals="A1"), {"blNumber": "A1"}, "fits", "fits"),
        (HasField("number", equals="A1"), {"blNumber": "a1"}, "differs", "differs"),
        (HasField("number", equals="A1"), {}, "absent", "unknown"),
        (HasField("number", equals="A1"), {"blNumber": "A1", "documentNumber": "B"}, "ambiguous", "ambiguous"),
        (HasField("number", equals="A1"), {"blNumber": "C", "documentNumber": "B"}, "differs", "differs"),
        (HasField("number", one_of=["A1", "B"]), {"blNumber": "A1", "documentNumber": "B"}, "fits", "fits"),
        (HasField("number", equals="A1"), {"blNumber": "A1", "documentNumber": {"x": 1}}, "ambiguous", "ambiguous"),
        (HasField("number", equals="A1"), {"blNumber": "C", "documentNumber": {"x": 1}}, "ambiguous", "ambiguous"),
        (HasField("number", equals=" A  1 "), {"blNumber": "A\u00a01\n"}, "fits", "fits"),
        (HasField("number", equals="7"), {"blNumber": 7}, "fits", "fits"),
        (HasField("number", matches="A[0-9]+"), {"blNumber": "A77"}, "fits", "fits"),
        (HasField("number", matches="A[0-9]+"), {"blNumber": "xA77"}, "differs", "differs"),
        (HasField("number", matches=".*"), {"blNumber": "x" * 10_001}, "unknown", "unknown"),
        (HasField("originals", equals=1), {"originals": "1"}, "fits", "fits"),
        (HasField("originals", equals=1), {"originals": "one"}, "differs", "differs"),
        (HasField("total_gross_weight", equals=1000), {"totalGrossWeight": 1000.0}, "fits", "fits"),
        (HasField("to_order", equals=True), {"toOrder": True}, "fits", "fits"),
        (HasField("to_order", equals=True), {"toOrder": "yes"}, "differs", "differs"),
        (HasField("issue_date", equals=date(2026, 1, 2)), {"issueDate": "2026-01-02"}, "fits", "fits"),
        (HasField("issue_date", equals=date(2026, 1, 2)), {"issueDate": "2026-01-02T00:00:00Z"}, "differs", "differs"),
        (HasField("issue_date", equals=date(2026, 1, 2)), {"issueDate": "2 Jan 2026"}, "differs", "differs"),
        (HasField("notify_party", equals="B"), {"notifyParties": ["B", "B"]}, "fits", "unknown"),
        (HasField("notify_party", equals="B"), {"notifyParties": ["B", "C"]}, "differs", "differs"),
        (HasField("notify_party", equals="B", which="any"), {"notifyParties": ["B", "C"]}, "fits", "fits"),
        (HasField("notify_party", equals="B", which="any"), {"notifyParties": ["C"]}, "differs", "unknown"),
        (HasField("notify_party", equals="B", which="any"), {"notifyParties": ["C", [["B"]]]}, "unknown", "unknown"),
        (HasField("goods.hs_code", matches="09.*"), {"packages": [{"hsCode": "0901"}, {}]}, "fits", "unknown"),
        (
            HasField("goods.hs_code", matches="09.*"),
            {"packages": [{"hsCode": "0901"}, {"hsCode": "52"}]},
            "differs",
            "differs",
        ),
        (HasField("goods.hs_code", matches="09.*"), {"packages": "coffee"}, "unknown", "unknown"),
        (
            HasField("port_of_loading", equals="DEHAM"),
            {"portOfLoading": {"code": "DEHAM", "name": "Hamburg"}},
            "fits",
            "fits",
        ),
        (
            HasField("port_of_loading", equals="Hamburg"),
            {"portOfLoading": {"code": "DEHAM", "name": "Hamburg"}},
            "fits",
            "fits",
        ),
        (
            HasField("port_of_loading", equals="X"),
            {"portOfLoading": {"code": "DEHAM", "name": "Hamburg"}},
            "differs",
            "differs",
        ),
        (HasField("port_of_loading", equals="X"), {"portOfLoading": "Hamburg"}, "differs", "unknown"),
        (HasField("port_of_loading", equals="X"), {}, "absent", "unknown"),
        (HasField("port_of_loading", present=True), {"portOfLoading": "Hamburg"}, "fits", "fits"),
        (HasField("port_of_loading.code", equals="DEHAM"), {"portOfLoading": "DEHAM"}, "absent", "unknown"),
    ],
)
def test_what_a_rule_says_of_a_whole_document_and_of_a_part(
    rule: HasField, content: dict[str, Any], whole: str, part: str
) -> None:
    assert outcome(rule, content) == whole
    assert outcome(rule, content, WITHHELD) == part


def test_what_the_vocabulary_has_no_name_for_is_left_open_and_the_message_says_so() -> None:
    trustvc = {"credentialSubject": {"type": "BillOfLading", "portOfLoading": "Hamburg", "consigneeName": "TO ORDER"}}
    document = Document("vc", None, (), (), trustvc, {})
    for name in ("to_order", "shipped_on_board_date", "freight_terms", "port_of_loading.code"):
        with pytest.raises(SourceError, match="the vocabulary of the document has no name") as doubt:
            HasField(name, present=True).check([Contents(document, WHOLE)])
        assert doubt.value.doubt is Doubt.CONTENT_UNKNOWN
    with pytest.raises(Refuted) as no:
        HasField("place_of_receipt", present=True).check([Contents(document, WHOLE)])
    assert no.value.failure is Failure.CONTENT_ABSENT


def test_a_place_whose_vocabulary_has_no_codes_is_held_to_its_name() -> None:
    content = {"credentialSubject": {"type": "BillOfLading", "portOfLoading": "Hamburg"}}
    document = Document("vc", None, (), (), content, {})
    HasField("port_of_loading", one_of=["DEHAM", "Hamburg"]).check([Contents(document, WHOLE)])
    with pytest.raises(Refuted) as no:
        HasField("port_of_loading", equals="Rotterdam").check([Contents(document, WHOLE)])
    assert no.value.failure is Failure.CONTENT_DIFFERS
    with pytest.raises(SourceError, match="may be withheld"):
        HasField("port_of_loading", equals="Rotterdam").check([Contents(document, WITHHELD)])


def test_texts_are_compared_in_one_normal_form_and_no_more_leniently() -> None:
    rule = HasField("shipper", equals="Société")
    assert outcome(rule, {"shipper": unicodedata.normalize("NFD", "Société")}) == "fits"
    for other in ("Societe", "SOCIÉTÉ", "Société\u200b", "Ｓociété"):
        assert outcome(rule, {"shipper": other}) == "differs"


@given(text=st.text(min_size=1, max_size=30), other=st.text(min_size=1, max_size=30))
@settings(deadline=None)
def test_a_text_fits_itself_and_one_that_reads_otherwise_does_not(text: str, other: str) -> None:
    def read_as(one: str) -> str:
        return " ".join(unicodedata.normalize("NFC", one).split())

    if read_as(text) and read_as(other):
        assert outcome(HasField("vessel", equals=text), {"vessel": text}) == "fits"
        expected = "fits" if read_as(text) == read_as(other) else "differs"
        assert outcome(HasField("vessel", equals=text), {"vessel": other}) == expected


@given(name=st.sampled_from(sorted(table().fields)), whole=st.sampled_from([WHOLE, WITHHELD]))
@settings(deadline=None)
def test_a_rule_never_refuses_what_may_be_withheld(name: str, whole: Wholeness) -> None:
    for rule in (HasField(name, present=True), HasField(name, equals="x"), HasField(name, matches="x+")):
        expected = "absent" if whole is WHOLE and bill({})[name].sayable else "unknown"
        assert outcome(rule, {}, whole) == expected


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "one of equals"),
        ({"equals": "a", "present": True}, "equals and present"),
        ({"one_of": "abc"}, "a list"),
        ({"equals": 1.5}, "whole number"),
        ({"equals": datetime(2026, 1, 1, tzinfo=UTC)}, "a day"),
        ({"equals": " "}, "present = true"),
        ({"one_of": ["a", None]}, "a text"),
        ({"one_of": ["a"] * 1001}, "1000 values"),
        ({"matches": "(a"}, "missing"),
        ({"equals": "a", "which": "some"}, "every or any"),
        ({"equals": "a", "which": "any"}, "one value"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(given: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        HasField("number", **given)


def test_a_refusal_says_what_was_expected_what_is_there_and_where() -> None:
    rule = HasField("vessel", one_of=[f"MV {letter}" for letter in "ABCDEFG"])
    with pytest.raises(Refuted) as no:
        rule.check([Contents(Document("oa2", None, (), (), {"vessel": "MV X" * 100_000}, {}), WHOLE)])
    assert no.value.failure is Failure.CONTENT_DIFFERS
    assert "(vessel)" in no.value.detail
    assert "one of 'MV A', 'MV B'" in no.value.detail
    assert len(no.value.detail) < 400


def test_without_the_fact_it_cannot_tell() -> None:
    with pytest.raises(Undetermined) as doubt:
        HasField("vessel", present=True).check([])
    assert doubt.value.doubt is Doubt.NO_FACT


FILE = """
[issuers]
any = true
[[content]]
field = "port_of_discharge"
equals = "SGSIN"
[[content]]
field = "shipped_on_board_date"
one_of = [2026-01-02, "2026-01-03"]
[[content]]
field = "notify_party"
matches = '(?i)bank of \\w+'
which = "any"
[[content]]
field = "goods.hs_code"
present = true
"""


def test_a_policy_file_has_rules_on_fields_and_says_them_in_words() -> None:
    assert policy_file.parse(FILE).explain()[1:] == (
        "[content.port_of_discharge] the port of discharge is 'SGSIN'.",
        "[content.shipped_on_board_date] the shipped on board date is one of '2026-01-02', '2026-01-03'.",
        "[content.notify_party] some notify party matches '(?i)bank of \\w+'.",
        "[content.goods.hs_code] the HS code of the goods is present.",
    )


def test_the_words_for_every_field_are_in_the_catalogue() -> None:
    rows = table()
    assert templates("en")["field"] == {
        name: row.label if row.record is None else f"{row.label} of {rows.records[row.record][0]}"
        for name, row in rows.fields.items()
    }


@pytest.mark.parametrize(
    ("rule", "place", "named"),
    [
        ('field = "port_of_dischage"\nequals = "X"', "/content/0/field", "port_of_discharge"),
        ('equals = "X"', "/content/0/field", "nothing"),
        ('field = "vessel"', "/content/0", "one of equals"),
        ('field = "vessel"\nequals = 1.5', "/content/0/equals", "whole number"),
        ('field = "vessel"\nequals = []', "/content/0/equals", "a text"),
        ('field = "vessel"\none_of = "a"', "/content/0/one_of", "a list"),
        ('field = "vessel"\none_of = []', "/content/0", "one of equals"),
        ('field = "vessel"\nmatches = "(a"', "/content/0/matches", "a ) is missing"),
        ('field = 7\nequals = "a"', "/content/0/field", "port_of_discharge"),
        ('field = ""\nequals = "a"', "/content/0/field", "port_of_discharge"),
        ('field = "vessel"\nmatches = 1', "/content/0/matches", "text"),
        ('field = "vessel"\npresent = false', "/content/0/present", "true"),
        ('field = "vessel"\nequals = "a"\nwhich = 1', "/content/0/which", "every or any"),
        ('field = "vessel"\nequals = "a"\nhow = "any"', "/content/0/how", "which"),
    ],
)
def test_a_mistake_in_a_rule_is_named_with_its_place(rule: str, place: str, named: str) -> None:
    with pytest.raises(InvalidInput) as bad:
        policy_file.parse(f"[issuers]\nany = true\n[[content]]\n{rule}\n")
    (problem,) = bad.value.problems
    assert problem.pointer == place
    assert named in str(problem)
    assert "got expected" not in str(problem)


def test_rules_that_no_bill_can_meet_are_a_mistake() -> None:
    two = FILE + '[[content]]\nfield = "number"\nequals = "A"\n[[content]]\nfield = "number"\none_of = ["B", "C"]\n'
    with pytest.raises(InvalidInput, match="number cannot be one of 'B', 'C', and 'A' as well"):
        policy_file.parse(two)
    for other in (
        'field = "number"\nmatches = "B"',
        'field = "notify_party"\nequals = "B"',
        'field = "vessel"\npresent = true',
    ):
        policy_file.parse(FILE + f'[[content]]\nfield = "number"\nequals = "A"\n[[content]]\n{other}\n')
    place = '[[content]]\nfield = "port_of_loading"\nequals = "{}"\n'
    policy_file.parse(FILE + place.format("DEHAM") + place.format("Hamburg"))


def test_a_table_where_a_list_is_meant_is_answered_with_the_form_of_one() -> None:
    with pytest.raises(InvalidInput, match="/content: expected a list of tables, such as"):
        policy_file.parse('[issuers]\nany = true\n[content]\nfield = "number"\n')


def wrapped() -> dict[str, Any]:
    return wrap(made_up(1, store="0x" + "11" * 20, domain="carrier.example", chain_id=1337))


def codes(document: Any, policy: Policy) -> set[str]:
    report = examine(to_json(document), policy, sources=offline(now=NOW))
    found = {str(one.failure) for one in report.findings if isinstance(one, Failed)}
    return found | {str(one.doubt) for one in report.findings if isinstance(one, Unknown)}


def test_a_verification_holds_the_content_to_the_rules() -> None:
    bill = wrapped()
    port = made_up(1, store="0x" + "11" * 20, domain="carrier.example", chain_id=1337)["portOfDischarge"]
    assert not any("content" in code for code in codes(bill, HasField("port_of_discharge", equals=port)))
    assert "policy.content_differs" in codes(bill, AllOf(UnsafeAnyIssuer(), HasField("port_of_discharge", equals="X")))
    assert "policy.content_absent" in codes(bill, HasField("credit_number", present=True))
    part = redact(bill, ["portOfDischarge"]).document
    assert "policy.content_unknown" in codes(part, HasField("port_of_discharge", equals=port))
    either = AnyOf(HasField("port_of_discharge", equals="X"), HasField("port_of_discharge", equals=port))
    assert not any("content" in code for code in codes(bill, either))


def test_a_list_that_was_reshaped_without_changing_its_hash_is_not_taken_for_nothing() -> None:
    """OpenAttestation hashes a list and an object with the keys 0, 1, … alike (`integrity.shape_not_bound`)."""
    bill = wrapped()
    bill["data"]["packages"] = {str(at): one for at, one in enumerate(bill["data"]["packages"])}
    found = codes(bill, HasField("goods.hs_code", equals="X"))
    assert "policy.content_unknown" in found
    assert not any(code.startswith("integrity") or code == "policy.content_absent" for code in found)


def test_the_command_line_reports_a_rule_by_its_place_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "bill.json").write_bytes(to_json(wrapped()))
    (tmp_path / "bank.toml").write_text(FILE, "utf-8")
    words = ("verify", str(tmp_path / "bill.json"), "--offline", "--policy", str(tmp_path / "bank.toml"), "--json")
    done = CliRunner().invoke(main, words)
    findings = {one["check"]: one for one in json.loads(done.stdout)["findings"] if one["group"] == "policy"}
    assert done.exit_code == 1
    assert findings["content.port_of_discharge"]["code"] == "policy.content_differs"
    assert findings["content.goods.hs_code"]["outcome"] == "passed"


def test_a_verification_without_a_rule_on_content_reads_no_table() -> None:
    code = (
        "import sys, json\n"
        "from datetime import UTC, datetime\n"
        "from ebl.policy import IssuedBy\nfrom ebl.sources import offline\nfrom ebl.verify import examine\n"
        "sources = offline(now=datetime(2026, 1, 1, tzinfo=UTC))\n"
        f"examine({to_json(wrapped())!r}, IssuedBy('carrier.example'), sources=sources)\n"
        "print([name for name in sys.modules if name.startswith('ebl.bill') or name == 'ebl.codec.pattern'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_bill_is_read_once_for_all_rules() -> None:
    fact = Contents(Document("oa2", None, (), (), {"vessel": "MV A"}, {}), WHOLE)
    assert fact.bill is fact.bill
    assert fact.bill["vessel"].state is FieldState.PRESENT
