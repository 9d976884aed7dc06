"""Wrapping: good data come out wrapped, and every problem of the others is named."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from ebl.checking.formats import read
from ebl.codes import Failure, Remark
from ebl.errors import InvalidInput, Malformed, Problem
from ebl.ethereum.merkle import path
from ebl.model.findings import Failed
from ebl.openattestation import v2_integrity as oa2
from ebl.policy import UnsafeAnyIssuer
from ebl.sources import offline
from ebl.testing.bills import bill
from ebl.verify import examine
from ebl.wrap import Options, to_json, unwrap, wrap, wrap_batch

STORE = "0x" + "11" * 20


def raw(number: int = 1) -> dict[str, Any]:
    return bill(number, store=STORE, domain="carrier.example", chain_id=1337)


def problems(data: Any) -> tuple[Problem, ...]:
    with pytest.raises(InvalidInput) as refused:
        wrap(data)
    return refused.value.problems


def test_what_is_wrapped_unwraps_to_the_same_data_and_the_input_is_untouched() -> None:
    data = raw()
    before = copy.deepcopy(data)
    wrapped = wrap(data)
    assert data == before
    assert unwrap(wrapped) == before
    assert list(wrapped) == ["version", "data", "signature"]


def test_the_schema_id_of_the_caller_is_stored() -> None:
    wrapped = wrap(raw(), Options(schema_id="https://example.org/bill.json"))
    assert list(wrapped) == ["version", "data", "schema", "signature"]
    (note,) = read(json.dumps(wrapped).encode()).notes  # no hash covers it
    assert note.remark is Remark.UNSIGNED_MEMBER and "schema" in note.detail


def test_the_same_data_wrapped_twice_have_different_hashes_since_the_salts_differ() -> None:
    assert wrap(raw())["signature"]["targetHash"] != wrap(raw())["signature"]["targetHash"]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 64, 65])
def test_every_document_of_a_batch_proves_its_place_under_the_one_root(count: int) -> None:
    batch = wrap_batch(raw(number) for number in range(count))
    assert [unwrap(wrapped)["blNumber"] for wrapped in batch.documents] == [raw(n)["blNumber"] for n in range(count)]
    for wrapped in batch.documents:
        (claim,) = read(json.dumps(wrapped).encode()).integrity
        assert isinstance(claim, oa2.UnalteredV2)
        assert path(claim.target, claim.proof)[-1] == claim.root == batch.root
        claim.check(offline())


def test_a_batch_names_every_bad_document_and_wraps_none() -> None:
    with pytest.raises(InvalidInput) as refused:
        wrap_batch([raw(), {}, raw(), {"issuers": []}])
    assert [problem.pointer for problem in refused.value.problems] == ["/1/issuers", "/3/issuers"]


def test_a_batch_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at least one"):
        wrap_batch([])


@pytest.mark.parametrize(
    ("member", "pointer"),
    [
        ({"": 1}, "/"),
        ({"__proto__": {}}, "/__proto__"),
        ({"a": {"b.c": 1}}, "/a/b.c"),
        ({"a": [1.5, float("nan")]}, "/a/1"),
        ({"a": float("inf")}, "/a"),
        ({"a": 2**53 + 1}, "/a"),
        ({"a": 10**400}, "/a"),
        ({"a": b"x"}, "/a"),
        ({"a": {1, 2}}, "/a"),
    ],
)
def test_what_would_not_verify_or_is_not_json_is_refused_by_its_pointer(member: dict[str, Any], pointer: str) -> None:
    (problem,) = problems({**raw(), **member})
    assert problem.pointer == pointer


def test_an_integer_that_keeps_its_text_is_wrapped_however_large() -> None:
    data = {**raw(), "n": 311659532366320500, "m": 10**20}
    assert unwrap(wrap(data)) == data


def test_data_nested_without_end_are_refused() -> None:
    deep: dict[str, Any] = {}
    inner = deep
    for _ in range(100_000):
        inner["a"] = inner = {}
    assert problems({**raw(), "deep": deep})[0].expected == "at most 64 levels"
    loop: list[Any] = []
    loop.append(loop)
    assert problems({**raw(), "loop": loop})[0].expected == "at most 64 levels"


@pytest.mark.parametrize("data", [None, [], "x", 5])
def test_data_that_are_no_object_are_refused(data: Any) -> None:
    assert problems(data)[0].expected == "an object (a dict)"


def test_every_problem_of_the_schema_is_named_in_one_line() -> None:
    issuer = {"name": 5, "documentStore": "0x12", "identityProof": {"type": "DNS-TXT"}}
    found = problems({"issuers": [issuer], "network": {}, "attachments": [{"filename": "a", "odd": 1}]})
    assert {str(problem) for problem in found} == {
        "/issuers/0/name: expected a string; got a number",
        '/issuers/0/documentStore: expected 0x and 40 hex digits; got "0x12"',
        "/issuers/0/identityProof/location: expected a value; got nothing",
        "/network/chain: expected a value; got nothing",
        "/attachments/0/type: expected a value; got nothing",
        "/attachments/0/data: expected a value; got nothing",
        "/attachments/0/odd: expected no such member; got one",
    }


def test_what_is_not_wrapped_cannot_be_unwrapped() -> None:
    with pytest.raises(Malformed):
        unwrap(raw())


@pytest.mark.parametrize("text", ["N/M ", "箱番号\u3000", "KEEP DRY\ufeff", " ", "a\n", "\u00a0"])
def test_white_space_that_every_reader_drops_is_refused_with_its_place(text: str) -> None:
    data = {**bill(1, store="0x" + "11" * 20, domain="carrier.example", chain_id=1), "marks": [{"text": text}]}
    with pytest.raises(InvalidInput, match="white space") as refused:
        wrap(data)
    assert [problem.pointer for problem in refused.value.problems] == ["/marks/0/text"]
    allowed = wrap(data, Options(allow_white_space=True))
    assert unwrap(allowed)["marks"][0]["text"] != text
    for kept in (" a", "a\x85", "a\x1c", ""):
        data["marks"] = [{"text": kept}]
        assert unwrap(wrap(data))["marks"][0]["text"] == kept


def issuer(**changes: Any) -> dict[str, Any]:
    proof = {"type": "DNS-TXT", "location": "carrier.example"}
    whole = {"name": "Blue Heron Lines", "documentStore": "0x" + "11" * 20, "identityProof": proof, **changes}
    return {name: value for name, value in whole.items() if value is not None}


LOCATION = "/issuers/0/identityProof/location"


def located(domain: str) -> dict[str, Any]:
    return {"identityProof": {"type": "DNS-TXT", "location": domain}}


@pytest.mark.parametrize(
    ("changes", "place", "says"),
    [
        ({"documentStore": None, "documentStor": "0x" + "11" * 20}, "/issuers/0", "documentStor"),
        ({"documentStore": None, "tokenregistry": "0x" + "11" * 20}, "/issuers/0", "tokenregistry"),
        ({"documentStore": None}, "/issuers/0", "none of these"),
        (located("https://carrier.example"), LOCATION, "https"),
        (located("carrier.example."), LOCATION, "example"),
        (located("Carrier.example"), LOCATION, "Carrier"),
        (located("承运人.example"), LOCATION, "xn--"),
    ],
)  # fmt: skip
def test_what_verifying_would_refuse_of_an_issuer_is_refused_before_it_is_wrapped(
    changes: dict[str, Any], place: str, says: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        wrap({"issuers": [issuer(**changes)], "blNumber": "BL-1"})
    (problem,) = refused.value.problems
    assert problem.pointer == place and says in str(problem)


DID = "did:ethr:0x" + "11" * 20


def by_did(did: Any = DID, kind: Any = "DID", key: Any = f"{DID}#controller", revocation: Any = None) -> dict[str, Any]:
    proof = {"type": kind, "key": key, "location": "carrier.example"}
    return {"name": "A", "id": did, "identityProof": proof, "revocation": revocation or {"type": "NONE"}}


def swept() -> Iterator[dict[str, Any]]:
    """Issuers as people may write them, right and wrong."""
    kinds = ("DNS-TXT", "DNS-DID", "DID", "dns-txt", "", None, 5)
    places = ("carrier.example", "https://x.example", "localhost", "a b", "", None, 5, ["x"])
    for member, kind, place in product(
        ("documentStore", "tokenRegistry", "certificateStore", "documentstore"), kinds, places
    ):
        yield {"name": "A", member: "0x" + "11" * 20, "identityProof": {"type": kind, "location": place}}
    store = {"type": "REVOCATION_STORE", "location": "0x" + "22" * 20}
    ways = (
        None,
        store,
        {"type": "REVOCATION_STORE"},
        {"type": "OCSP_RESPONDER"},
        {"location": "x"},
        {"type": "CUSTOM"},
    )
    dids = (
        DID,
        "did:web:carrier.example",
        "did:ethr:0x12",
        "did:key:zDnaeavQCMWWzbU3wNzD7sBVbvNnQwXHVY4nQ2iTiJDem79dA",
        "x",
        None,
    )
    for did, kind, way in product(dids, kinds, ways):
        yield by_did(did, kind, f"{did}#controller", way)
        yield by_did(did, kind, revocation=way)
    for key in ("", "controller", None, f"{DID}#", "did:ethr:0x" + "22" * 20 + "#controller"):
        yield by_did(key=key)
    yield {name: value for name, value in by_did().items() if name != "revocation"}


def test_whatever_is_wrapped_is_refused_by_no_verifier_offline() -> None:
    sources, taken = offline(), 0
    for one in swept():
        data = {"issuers": [one], "network": {"chain": "ETH", "chainId": "1"}}
        try:
            document = wrap(data)
        except InvalidInput:
            continue
        taken += 1
        found = examine(to_json(document), UnsafeAnyIssuer(), sources=sources)
        assert {f.failure for f in found.findings if isinstance(f, Failed)} <= {Failure.UNSIGNED}, (one, found.summary)
    assert taken >= 10


def test_a_store_alone_is_wrapped_as_a_policy_may_know_it() -> None:
    assert wrap({"issuers": [{"name": "A", "certificateStore": "0x" + "11" * 20}]})


def test_a_title_is_refused_in_a_batch_and_wrapped_alone() -> None:
    title = {"issuers": [issuer(documentStore=None, tokenRegistry="0x" + "11" * 20)], "blNumber": "BL-1"}
    plain = {"issuers": [issuer()], "blNumber": "BL-2"}
    assert wrap(title) and wrap_batch([title]) and wrap_batch([plain, plain])
    with pytest.raises(InvalidInput) as refused:
        wrap_batch([plain, title, title])
    assert [problem.pointer for problem in refused.value.problems] == ["/1", "/2"]
    assert "--each" in str(refused.value)
