"""Whatever stands in a VALID document is covered by its hashes or signature, or is named as not covered: at every level."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from ebl.codes import Remark
from ebl.errors import Unreadable
from ebl.model.findings import Noted, Verdict
from ebl.policy import UnsafeAnyIssuer
from ebl.reports.report import Report
from ebl.verify import examine
from tests.unit.credentials.test_present import PRESENTATION
from tests.unit.hostile.world import chain_of, documents, sources

DOCUMENTS = documents()
WITHIN = sources(chain_of(DOCUMENTS))
ADDED = "FREIGHT PAID"

Step = tuple[str | int, ...]


def report_of(document: dict[str, Any]) -> Report | None:
    try:
        return examine(json.dumps(document).encode(), UnsafeAnyIssuer(), sources=WITHIN)
    except Unreadable:
        return None


def named(report: Report) -> str:
    return " ".join(
        found.detail for found in report.findings if isinstance(found, Noted) and found.remark is Remark.UNSIGNED_MEMBER
    )


def places(node: Any, path: Step = ()) -> Iterator[tuple[Step, Any]]:
    yield path, node
    for step, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from places(value, (*path, step))


def changed(document: dict[str, Any], path: Step, value: Any) -> dict[str, Any]:
    document = copy.deepcopy(document)
    node: Any = document
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return document


def some_places(document: dict[str, Any], kind: type | tuple[type, ...]) -> list[Step]:
    """Every place of a kind outside the content, and some of the content's."""
    found = [path for path, node in places(document) if isinstance(node, kind)]
    inside = [path for path in found if path[:1] in (("data",), ("credentialSubject",)) and len(path) > 2]
    return [path for path in found if path not in inside] + inside[::7]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_object_takes_a_member_unnoticed(name: str) -> None:
    document = DOCUMENTS[name]
    before = report_of(document)
    assert before is not None and before.verdict is Verdict.VALID
    for path in some_places(document, dict):
        report = report_of(changed(document, (*path, "note"), ADDED))
        if report is not None and report.verdict is Verdict.VALID:
            assert "note" in named(report), path


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_text_is_another_unnoticed(name: str) -> None:
    document = DOCUMENTS[name]
    for path in some_places(document, str):
        report = report_of(changed(document, path, ADDED))
        if report is not None and report.verdict is Verdict.VALID:
            assert str(path[-1]) in named(report), path


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_list_takes_an_element_unnoticed(name: str) -> None:
    document = DOCUMENTS[name]
    for path in some_places(document, list):
        value: Any = document
        for step in path:
            value = value[step]
        for more in (ADDED, *value[:1]):
            report = report_of(changed(document, path, [*value, more]))
            if report is not None and report.verdict is Verdict.VALID:
                assert f"{path[-1]}[{len(value)}]" in named(report), path


def test_a_presentation_takes_none_either() -> None:
    for path in some_places(PRESENTATION, dict):
        report = report_of(changed(PRESENTATION, (*path, "note"), ADDED))
        assert report is None or report.verdict is Verdict.INVALID, path


@pytest.mark.parametrize(
    "schema", ["FREIGHT PAID", "tradetrust/v1.0; FREIGHT PAID", "https://schema.example", {"note": ADDED}]
)
def test_the_name_of_a_schema_is_passed_over_in_its_own_form_only(schema: Any) -> None:
    (name, *_) = (name for name in DOCUMENTS if name.startswith("v2"))
    report = report_of({**DOCUMENTS[name], "schema": schema})
    assert report is not None and "schema" in named(report)
    report = report_of({**DOCUMENTS[name], "schema": "tradetrust/v1.0"})
    assert report is not None and "schema" not in named(report)


def test_signatures_that_nobody_checks_are_named() -> None:
    (name, *_) = (name for name, document in DOCUMENTS.items() if name.startswith("v2") and document.get("proof"))
    signed = DOCUMENTS[name]
    twice = {**signed, "proof": [*signed["proof"], signed["proof"][0]]}
    other = {**signed["proof"][0], "verificationMethod": ADDED}
    for document in (twice, {**signed, "proof": [*signed["proof"], other]}):
        report = report_of(document)
        assert report is not None and report.verdict is Verdict.VALID and "'proof[1]'" in named(report)
    (store, *_) = (name for name in DOCUMENTS if name.startswith("v2") and "store" in name)
    report = report_of({**DOCUMENTS[store], "proof": [other]})
    assert report is not None and "'proof[0]'" in named(report)


def test_a_key_beside_a_contract_is_named() -> None:
    (name, *_) = (name for name in DOCUMENTS if name.startswith("v3") and "store" in name)
    document = copy.deepcopy(DOCUMENTS[name])
    document["proof"] |= {"key": ADDED, "signature": ADDED}
    report = report_of(document)
    assert report is not None and "'proof.key', 'proof.signature'" in named(report)
