"""Whatever is done to a document, it is read or refused in words; and no change of what it says is VALID."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.cli.print_reports import lines
from ebl.codes import Doubt, Failure
from ebl.config.schemas import problems
from ebl.errors import Unreadable
from ebl.model.findings import Failed, Unknown, Verdict
from ebl.openattestation import redaction
from ebl.policy import IssuedBy
from ebl.verify import examine
from tests.unit.hostile.mutation import content, mutated, written
from tests.unit.hostile.world import DOMAIN, Json, chain_of, documents, root, sources

DOCUMENTS = documents()
SAYING = [content(document) for document in DOCUMENTS.values()]
CHAIN = chain_of(DOCUMENTS)
WORLD = sources(CHAIN)


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_each_document_of_this_world_is_valid(document: Json) -> None:
    report = examine(json.dumps(document).encode(), IssuedBy(DOMAIN), sources=WORLD)
    assert report.verdict is Verdict.VALID, report.summary


@pytest.mark.parametrize("document", [d for name, d in DOCUMENTS.items() if "v2" in name and "title" not in name])
def test_a_revoked_document_is_not(document: Json) -> None:
    chain = chain_of(DOCUMENTS)
    chain.revoked.add(root(document))
    report = examine(json.dumps(document).encode(), IssuedBy(DOMAIN), sources=sources(chain))
    assert any(isinstance(found, Failed) and found.failure is Failure.REVOKED for found in report.findings)


@pytest.mark.slow
@settings(max_examples=1_000)
@given(st.integers(0, 2**64), st.sampled_from(sorted(DOCUMENTS)))
def test_no_change_of_what_a_document_says_is_valid_and_none_is_a_crash(seed: int, name: str) -> None:
    random = Random(seed)
    changed = mutated(DOCUMENTS[name], random, [*DOCUMENTS.values()])
    try:
        report = examine(written(changed, random), IssuedBy(DOMAIN), sources=WORLD)
    except Unreadable as refused:
        assert str(refused)
        return
    assert problems("report.schema.json", json.loads(json.dumps(report.to_dict()))) == ()
    assert list(lines("bill.json", report, brief=False))
    if report.verdict is Verdict.VALID:
        assert content(changed) in SAYING


@settings(max_examples=300)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_bytes_that_are_no_document_are_unreadable_or_invalid(raw: bytes) -> None:
    try:
        assert examine(raw, IssuedBy(DOMAIN), sources=WORLD).verdict is Verdict.INVALID
    except Unreadable as refused:
        assert str(refused)


def test_a_revocation_store_is_not_asked_on_another_chain_once_the_documents_own_is_withheld() -> None:
    document = DOCUMENTS["v2 signed"]
    network = document["data"]["network"]
    kept = {name: value for name, value in document["data"].items() if name != "network"}
    gone = [(("network", name), value) for name, value in network.items()]
    shown = redaction.of("oa2").replace(document, kept, gone)
    report = examine(json.dumps(shown).encode(), IssuedBy(DOMAIN), sources=WORLD)
    assert [f.doubt for f in report.findings if isinstance(f, Unknown)] == [Doubt.CHAIN_NOT_NAMED]
    assert report.verdict is Verdict.INDETERMINATE
