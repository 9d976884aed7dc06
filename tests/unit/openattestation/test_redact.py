"""What is withheld leaves a document that verifies and claims what it claimed; everything else is refused."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.checking.formats import read
from ebl.codes import Failure, Remark
from ebl.errors import InvalidInput, Refuted
from ebl.model.paths import at, find, leaves, text
from ebl.openattestation import v2_digest as digests
from ebl.openattestation.redact import Redaction, redact
from ebl.verify import check_integrity
from ebl.wrap import Options, to_json, wrap

STORE = "0x" + "11" * 20
DATA: dict[str, Any] = {
    "$template": {"name": "BILL", "type": "EMBEDDED_RENDERER", "url": "https://show.example"},
    "issuers": [
        {
            "name": "Carrier",
            "documentStore": STORE,
            "identityProof": {"type": "DNS-TXT", "location": "carrier.example"},
            "revocation": {"type": "NONE"},
        }
    ],
    "network": {"chain": "ETH", "chainId": "1"},
    "number": "BL-1",
    "shipper": {"name": "Shipper", "tax": {"id": "T-1"}},
    "packages": [{"weight": 12.5, "marks": ["a", "b", "c"]}, {"weight": 7}, {"weight": 1e21, "fragile": False}],
    "attachments": [{"filename": "a.pdf", "type": "application/pdf", "data": "AAAA"}],
    "empty": {},
    "note": None,
}
WRAPPED = wrap(DATA)


def shown(redaction: Redaction) -> Any:
    """What a reader of the redacted file sees, after the file was written and read."""
    document = read(to_json(redaction.document))
    assert not check_integrity(document)
    return document.data


def refusal(*paths: str, document: Any = WRAPPED) -> InvalidInput:
    with pytest.raises(InvalidInput) as refused:
        redact(document, paths)
    return refused.value


def test_a_withheld_field_is_gone_and_counted_and_the_rest_stays() -> None:
    redaction = redact(WRAPPED, ["shipper.name", "packages[0].weight"])
    assert redaction.withheld == ("shipper.name", "packages[0].weight")
    assert (redaction.total, redaction.emptied) == (2, ())
    expected = deepcopy(DATA)
    del expected["shipper"]["name"], expected["packages"][0]["weight"]
    assert shown(redaction) == expected
    assert "Shipper" not in json.dumps(redaction.document)


def test_the_file_is_not_changed_in_place() -> None:
    before = deepcopy(WRAPPED)
    redact(WRAPPED, ["shipper", "number"])
    assert before == WRAPPED


def test_an_object_goes_with_every_leaf_below_it() -> None:
    redaction = redact(WRAPPED, ["packages"])
    assert redaction.total == 7
    assert "packages" not in shown(redaction)


def test_several_passes_add_up_and_the_same_twice_is_no_more() -> None:
    first = redact(WRAPPED, ["number"])
    second = redact(first.document, ["packages[2]", "number"], missing_ok=True)
    assert second.withheld == ("packages[2].weight", "packages[2].fragile")
    assert second.total == 3
    assert len(shown(second)["packages"]) == 2
    once = redact(WRAPPED, ["number", "packages[2]"])
    assert once.document == second.document


def test_a_path_and_what_is_below_it_count_once() -> None:
    assert redact(WRAPPED, ["shipper.tax.id", "shipper", "shipper.name"]).total == 2


def test_an_object_that_was_emptied_goes_too() -> None:
    redaction = redact(WRAPPED, ["shipper.tax.id"])
    assert (redaction.withheld, redaction.emptied) == (("shipper.tax.id",), ("shipper.tax",))
    assert shown(redaction)["shipper"] == {"name": "Shipper"}


def test_emptied_objects_go_all_the_way_up() -> None:
    redaction = redact(WRAPPED, ["shipper.tax.id", "shipper.name"])
    assert redaction.emptied == ("shipper.tax", "shipper")
    assert "shipper" not in shown(redaction)


def test_elements_go_from_the_end_of_an_array() -> None:
    assert shown(redact(WRAPPED, ["packages[0].marks[2]"]))["packages"][0]["marks"] == ["a", "b"]
    assert shown(redact(WRAPPED, ["packages.0.marks.1", "packages[0].marks[2]"]))["packages"][0]["marks"] == ["a"]
    assert "marks" not in shown(redact(WRAPPED, [f"packages[0].marks[{at}]" for at in (0, 1, 2)]))["packages"][0]


@pytest.mark.parametrize(
    ("paths", "pointer"),
    [
        (["packages[0]"], "/packages/0"),
        (["packages[1].weight"], "/packages/1"),
        (["packages[0].marks[0]"], "/packages/0/marks/0"),
        (["packages[0].marks[0]", "packages[0].marks[2]"], "/packages/0/marks/0"),
    ],
)
def test_an_element_before_others_stays(paths: list[str], pointer: str) -> None:
    assert [problem.pointer for problem in refusal(*paths).problems] == [pointer]


@pytest.mark.parametrize(
    "path",
    [
        "issuers",
        "issuers[0]",
        "issuers[0].name",
        "issuers[0].documentStore",
        "issuers[0].identityProof",
        "issuers[0].identityProof.location",
        "issuers[0].identityProof.type",
        "network",
        "network.chainId",
        "network.chain",
        "$template.name",
        "attachments[0].data",
    ],
)
def test_what_the_document_claims_and_what_its_schema_asks_for_cannot_be_withheld(path: str) -> None:
    assert "Without these fields" in refusal(path).message


def test_where_a_signed_document_is_revoked_cannot_be_withheld() -> None:
    did = "did:ethr:" + STORE
    proof = {"type": "DID", "key": f"{did}#controller"}
    revocation = {"type": "REVOCATION_STORE", "location": STORE}
    data = {"issuers": [{"id": did, "name": "Carrier", "identityProof": proof, "revocation": revocation}], "a": 1}
    wrapped = wrap({**data, "network": {"chain": "local", "chainId": "1337"}})
    assert redact(wrapped, ["a"]).total == 1
    for path in ("issuers[0].revocation", "issuers[0].revocation.location", "issuers[0].identityProof.key", "network"):
        assert "Without these fields" in refusal(path, document=wrapped).message
    assert "Without these fields" in refusal("a", document=wrap(data)).message  # the chain could have been withheld


def test_one_of_two_issuers_cannot_be_withheld() -> None:
    two = wrap({**DATA, "issuers": [DATA["issuers"][0], {**DATA["issuers"][0], "name": "Second"}]})
    for path in ("issuers[0]", "issuers[1]"):
        assert refusal(path, document=two)


def test_nothing_is_withheld_where_a_path_leads_nowhere() -> None:
    refused = refusal("number", "nowhere", "packages[9]", "packages.x")
    assert [problem.pointer for problem in refused.problems] == ["nowhere", "packages[9]", "packages.x"]
    assert redact(WRAPPED, ["nowhere"], missing_ok=True).document == WRAPPED


@pytest.mark.parametrize(
    "words", ["", ".", "a..b", "a[", "a[x]", "a]", "a.", ".a", "a[0]b", "a" * 5000, 'a["x]', 'a["\\x"]']
)
def test_what_is_no_path_is_refused(words: str) -> None:
    assert "is not a path" in refusal(words).message


def test_a_document_that_was_changed_is_not_redacted() -> None:
    changed = deepcopy(WRAPPED)
    changed["data"]["number"] += "0"
    with pytest.raises(Refuted) as refused:
        redact(changed, ["shipper"])
    assert refused.value.failure is Failure.HASH_MISMATCH


def resealed(data: Any) -> Any:
    target = digests.digest(data).hex()
    signature = {"type": "SHA3MerkleProof", "targetHash": target, "proof": [], "merkleRoot": target}
    return {"version": WRAPPED["version"], "data": data, "signature": signature}


def test_a_field_without_a_salt_of_its_own_is_not_withheld_for_it_could_be_guessed() -> None:
    data = deepcopy(WRAPPED["data"])
    data["number"] = "BL-1"
    data["shipper"]["name"] = data["shipper"]["tax"]["id"]
    for path in ("number", "shipper.name", "shipper.tax"):
        assert "guessed" in refusal(path, document=resealed(data)).message
    assert redact(resealed(data), ["note"]).total == 1


def test_the_order_of_the_hashes_tells_nothing() -> None:
    hashes = redact(WRAPPED, ["packages"]).document["privacy"]["obfuscatedData"]
    assert hashes == sorted(hashes)


def test_a_reader_is_told_how_many_are_withheld() -> None:
    document = read(to_json(redact(WRAPPED, ["packages"]).document))
    notes = [note.detail for note in document.notes if note.remark is Remark.REDACTED]
    assert len(notes) == 1
    assert notes[0].startswith("7 ")


keys = st.text(st.characters(exclude_characters="."), min_size=1, max_size=6).filter(
    lambda key: (
        key not in {"__proto__", "constructor", "prototype", "issuers", "network", "attachments", "recipient"}
        and key not in {"id", "$template", "documentUrl"}
    )
)
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=6)
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


@pytest.mark.slow
@settings(max_examples=80)
@given(st.dictionaries(keys, trees, max_size=5), st.data())
def test_every_redaction_verifies_hides_what_was_chosen_and_keeps_the_rest(extra: dict[str, Any], data: Any) -> None:
    """Several passes over random data: whatever is not refused verifies, and the leaves add up."""
    wrapped = wrap({"issuers": DATA["issuers"], **extra}, Options(allow_white_space=True))
    every = [path for path, _ in leaves(wrapped["data"])]
    total = 0
    for _ in range(data.draw(st.integers(1, 3))):
        content = wrapped["data"]
        places = sorted({path[:end] for path, _ in leaves(content) for end in range(1, len(path) + 1)}, key=repr)
        chosen = data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=4))
        if not {text(path) for path in chosen} & content.keys():  # else a path may name two places, which is refused
            assert all(find(content, text(path)) == path for path in chosen)
        try:
            redaction = redact(wrapped, [text(path) for path in chosen])
        except InvalidInput:
            continue
        written = json.loads(to_json(redaction.document))
        document = read(to_json(written))
        assert not check_integrity(document)
        left = dict(leaves(written["data"]))
        gone = {path: value for path, value in leaves(content) if any(path[: len(c)] == c for c in chosen)}
        assert left == {path: value for path, value in leaves(content) if path not in gone}
        total += len(gone)
        assert redaction.total == total == len(every) - len(left)
        assert sorted(redaction.withheld) == sorted(text(path) for path in gone)
        wrapped = written


@settings(max_examples=100)
@given(st.dictionaries(st.text(max_size=5), trees, min_size=1, max_size=5))
def test_every_place_has_a_path_that_leads_back_to_it(tree: dict[str, Any]) -> None:
    for path, value in leaves(tree):
        if path and text(path) not in tree:
            assert find(tree, text(path)) == path, value


def test_a_path_that_names_two_places_is_refused_and_each_has_another_spelling() -> None:
    for tree, words, name, path in (
        ({"a[0]": 1, "a": [2]}, "a[0]", '["a[0]"]', '["a"][0]'),
        ({"a.b": 1, "a": {"b": 2}}, "a.b", '["a.b"]', '["a"]["b"]'),
    ):
        with pytest.raises(InvalidInput, match="names two places") as refused:
            find(tree, words)
        assert name in refused.value.fix and path in refused.value.fix
        assert find(tree, name) == (words,)
        assert at(tree, find(tree, path) or ()) == 2
    assert find({"a[0]": 1}, "a[0]") == ("a[0]",)
    assert find({"a": {"0": 2}}, "a[0]") == ("a", "0")
    assert find({"]odd[": 1}, "]odd[") == ("]odd[",)
