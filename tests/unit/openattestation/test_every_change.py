"""For every leaf of any document: a change of value, type, key, place or order, and a leaf that is added, removed, moved or
hidden, is refused, left open, or listed in the report."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ebl.checking.formats import read
from ebl.codec.javascript_json import json_member, ordered, text
from ebl.codes import Doubt, Failure, Remark
from ebl.errors import DocumentError
from ebl.ethereum.keccak import keccak256
from ebl.model.findings import Failed, Group, Noted, Unknown
from ebl.openattestation import v3_integrity as oa3
from ebl.policy import UnsafeAnyIssuer
from ebl.sources import offline
from ebl.verify import examine
from ebl.wrap import Options, to_json, wrap

pytestmark = pytest.mark.slow

STORE = "0x" + "11" * 20
ISSUERS = [{"name": "A", "documentStore": STORE, "identityProof": {"type": "DNS-TXT", "location": "carrier.example"}}]
CREDENTIAL = {
    "@context": ["https://www.w3.org/2018/credentials/v1", {"@vocab": "https://example.org/vocab#"}],
    "type": ["VerifiableCredential"],
    "issuanceDate": "2024-05-01T00:00:00Z",
    "issuer": {"id": "https://carrier.example", "name": "Carrier"},
    "openAttestationMetadata": {
        "proof": {"type": "OpenAttestationProofMethod", "method": "DOCUMENT_STORE", "value": STORE},
        "identityProof": {"type": "DNS-TXT", "identifier": "carrier.example"},
    },
}

NAMES = st.text(st.sampled_from("ab01é漢😀-"), min_size=1, max_size=3)
LEAVES = st.one_of(
    st.text(max_size=6),
    st.integers(-5, 5),
    st.floats(-10, 10),
    st.booleans(),
    st.none(),
    st.sampled_from(["1", "true", "0"]),
)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=12
)
CONTENTS = st.dictionaries(NAMES, TREES, min_size=1, max_size=4)
Draw = Callable[[st.SearchStrategy[Any]], Any]
ANY = Options(allow_white_space=True)
SETTINGS = settings(max_examples=250, suppress_health_check=list(HealthCheck))


def answer(document: dict[str, Any]) -> set[Any]:
    """Everything that reading and checking the integrity say: failures, doubts and remarks."""
    try:
        found = read(to_json(document))
    except DocumentError as bad:
        return {bad.code}
    report = examine(found, UnsafeAnyIssuer(), sources=offline())
    said: set[Any] = set()
    for finding in report.findings:
        if finding.group in (Group.INTEGRITY, Group.DOCUMENT):
            match finding:
                case Failed():
                    said.add(finding.failure)
                case Unknown():
                    said.add(finding.doubt)
                case Noted():
                    said |= {finding.remark, (finding.remark, finding.detail)}
    return said


def is_noticed(altered: dict[str, Any], document: dict[str, Any]) -> bool:
    """Whether a change is refused, leaves integrity open, or adds to what is listed."""
    after = answer(altered)
    if any(isinstance(code, Failure | Doubt) for code in after):
        return True
    if texts(altered) == texts(document):  # v3 says of every such place that its type is loose, or that it is empty
        return bool(after & {Remark.TYPE_NOT_BOUND, Remark.EMPTY_CONTAINER})
    return bool(after - answer(document))


def texts(node: Any) -> Any:
    """A document with its leaves as text, and no difference between empty containers."""
    if isinstance(node, dict | list):
        members = node.items() if isinstance(node, dict) else enumerate(node)
        return (type(node), {key: texts(value) for key, value in members}) if node else "empty"
    return (text(node),)


def containers(node: Any) -> Iterator[Any]:
    if isinstance(node, dict | list):
        yield node
        for inner in node.values() if isinstance(node, dict) else node:
            yield from containers(inner)


def leaves(node: Any) -> list[tuple[Any, Any]]:
    """The holder and the key of every leaf."""
    return [
        (holder, key)
        for holder in containers(node)
        for key, value in (holder.items() if isinstance(holder, dict) else enumerate(holder))
        if not isinstance(value, dict | list)
    ]


def change(root: Any, draw: Draw, new: st.SearchStrategy[Any]) -> None:
    """One change of one leaf, of the kinds that the title names (hiding apart)."""
    places = leaves(root)
    holder, key = draw(st.sampled_from(places))
    arrays = [node for node in containers(root) if isinstance(node, list) and len(node) > 1]
    match draw(st.sampled_from(["value", "key", "remove", "add", "move", "swap", "order", "wrap", "empty"])):
        case "value":
            holder[key] = draw(new)
        case "key" if isinstance(holder, dict):
            holder[draw(NAMES)] = holder.pop(key)
        case "remove":
            del holder[key]
        case "add":
            where = draw(st.sampled_from(list(containers(root))))
            if isinstance(where, dict):
                where[draw(NAMES)] = draw(new)
            else:
                where.insert(draw(st.integers(0, len(where))), draw(new))
        case "move":
            value = holder[key]
            del holder[key]
            where = draw(st.sampled_from(list(containers(root))))
            if isinstance(where, dict):
                where[draw(NAMES)] = value
            else:
                where.insert(draw(st.integers(0, len(where))), value)
        case "swap":
            other, name = draw(st.sampled_from(places))
            holder[key], other[name] = other[name], holder[key]
        case "order" if arrays:
            array = draw(st.sampled_from(arrays))
            array[:] = draw(st.permutations(array))
        case "wrap":
            holder[key] = draw(st.sampled_from([[holder[key]], {"0": holder[key]}, {"a": holder[key]}]))
        case _:
            holder[key] = draw(st.sampled_from([{}, []]))


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are one value, of one type; the order of members says nothing."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@SETTINGS
@given(contents=CONTENTS, data=st.data())
def test_no_leaf_of_v2_can_be_changed_unseen(contents: dict[str, Any], data: st.DataObject) -> None:
    document = wrap({"issuers": ISSUERS, **contents}, ANY)
    altered = copy.deepcopy(document)
    salted = document["data"]["issuers"][0]["name"]
    new = LEAVES | st.text(max_size=3).map(lambda end: salted[:36] + ":string:" + end) | st.just(salted)
    change(altered["data"], data.draw, new)
    if not same(altered, document):
        assert is_noticed(altered, document)


@SETTINGS
@given(contents=CONTENTS, data=st.data())
def test_no_type_of_v2_can_be_changed_unseen(contents: dict[str, Any], data: st.DataObject) -> None:
    altered = wrap({"issuers": ISSUERS, **contents}, ANY)
    holder, key = data.draw(st.sampled_from(leaves(altered["data"])))
    salt, kind, value = holder[key].split(":", 2)
    other = data.draw(st.sampled_from(["string", "number", "boolean", "null"]).filter(lambda one: one != kind))
    holder[key] = f"{salt}:{other}:{value}"
    assert any(isinstance(code, Failure) for code in answer(altered))


@SETTINGS
@given(contents=CONTENTS, data=st.data())
def test_a_hidden_leaf_of_v2_is_counted(contents: dict[str, Any], data: st.DataObject) -> None:
    document = wrap({"issuers": ISSUERS, **contents}, ANY)
    name = data.draw(st.sampled_from(sorted(contents)))
    value = document["data"].pop(name)
    hashes = [keccak256(json_member(path, leaf)).hex() for path, leaf in flat2(value, name)]
    document["privacy"] = {"obfuscatedData": hashes}
    said = answer(document)
    assert Remark.REDACTED in said
    assert not any(isinstance(code, Failure | Doubt) for code in said)


@SETTINGS
@given(contents=CONTENTS, data=st.data())
def test_no_leaf_of_v2_can_be_hidden_unseen(contents: dict[str, Any], data: st.DataObject) -> None:
    document = wrap({"issuers": ISSUERS, **contents}, ANY)
    altered = copy.deepcopy(document)
    paths = {id(holder): path for path, holder in places(altered["data"])}
    holder, key = data.draw(st.sampled_from(leaves(altered["data"])))
    path = f"{paths[id(holder)]}{key}"
    altered["privacy"] = {"obfuscatedData": [keccak256(json_member(path, holder[key])).hex()]}
    hide(holder, key, data.draw)
    assert is_noticed(altered, document)


def places(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every object and array with what the paths of its leaves start with."""
    if isinstance(node, dict | list):
        yield path, node
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from places(value, f"{path}{key}.")


def hide(holder: Any, key: Any, draw: Draw) -> None:
    """Take a leaf away, or (in an array) leave a hole where it was."""
    if isinstance(holder, list) and draw(st.booleans()):
        holder[key] = None
    else:
        del holder[key]


def flat2(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict | list) and node:
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from flat2(value, f"{path}.{key}")
    else:
        yield path, node


@SETTINGS
@given(contents=CONTENTS, data=st.data())
def test_no_leaf_of_v3_can_be_changed_unseen(contents: dict[str, Any], data: st.DataObject) -> None:
    credential = {**CREDENTIAL, "credentialSubject": contents}
    dialect = data.draw(st.sampled_from(["tradetrust", "govtech"]))
    document = wrap(credential, Options(allow_unprotected=True, dialect=dialect))
    altered = copy.deepcopy(document)
    proof = altered.pop("proof")
    change(altered, data.draw, LEAVES)
    if data.draw(st.booleans()):  # whoever changes leaves may write salts for them
        known = dict(oa3.decode_salts(proof["salts"]))
        try:
            paths = oa3.flatten(altered).paths
        except TypeError:
            paths = []
        proof["salts"] = oa3.encode_salts((path, known.get(path, "ab" * 32)) for path in paths)
    altered["proof"] = proof
    if not same(altered, document):
        assert is_noticed(altered, document)


@SETTINGS
@given(contents=CONTENTS, data=st.data())
def test_a_type_of_v3_is_listed(contents: dict[str, Any], data: st.DataObject) -> None:
    document = wrap({**CREDENTIAL, "credentialSubject": contents}, Options(dialect="govtech"))
    places = leaves(document["credentialSubject"])
    if not places:
        return
    holder, key = data.draw(st.sampled_from(places))
    value = holder[key]
    holder[key] = text(value)
    if not same(value, holder[key]):
        assert Remark.TYPE_NOT_BOUND in answer(document)


@SETTINGS
@given(contents=CONTENTS, data=st.data())
def test_a_hidden_leaf_of_v3_is_counted(contents: dict[str, Any], data: st.DataObject) -> None:
    document = wrap({**CREDENTIAL, "credentialSubject": {**contents, "left": "x"}}, Options(dialect="govtech"))
    name = data.draw(st.sampled_from(sorted(contents)))
    salts = dict(oa3.decode_salts(document["proof"]["salts"]))
    gone = oa3.flatten({"credentialSubject": {name: document["credentialSubject"].pop(name)}})
    pairs = zip(gone.paths, gone.values, strict=True)
    hashes = [keccak256(json_member(path, f"{salts.pop(path)}:{text(value)}")).hex() for path, value in pairs]
    document["proof"] |= {"salts": oa3.encode_salts(salts.items()), "privacy": {"obfuscated": hashes}}
    said = answer(document)
    assert not any(isinstance(code, Failure | Doubt) for code in said)
    assert (Remark.REDACTED in said) is bool(hashes)


@SETTINGS
@given(contents=CONTENTS, data=st.data())
def test_no_leaf_of_v3_can_be_hidden_unseen(contents: dict[str, Any], data: st.DataObject) -> None:
    document = wrap({**CREDENTIAL, "credentialSubject": contents}, Options(dialect="govtech"))
    altered = copy.deepcopy(document)
    proof = altered.pop("proof")
    salts = dict(oa3.decode_salts(proof["salts"]))
    flat = oa3.flatten(altered)
    at = data.draw(st.integers(0, len(flat.paths) - 1))
    path, value = flat.paths[at], flat.values[at]
    holder, key = list(leaves_in_order(altered))[at]
    assert holder[key] is value
    obfuscated = [keccak256(json_member(path, f"{salts.pop(path)}:{text(value)}")).hex()]
    hide(holder, key, data.draw)
    altered["proof"] = {**proof, "salts": oa3.encode_salts(salts.items()), "privacy": {"obfuscated": obfuscated}}
    assert is_noticed(altered, document)


def leaves_in_order(node: Any) -> Iterator[tuple[Any, Any]]:
    """The holder and the key of every leaf, in the order of `ebl.openattestation.v3_integrity.flatten`."""
    for key, value in ordered(node) if isinstance(node, dict) else enumerate(node):
        if isinstance(value, dict | list):
            yield from leaves_in_order(value)
        else:
            yield node, key
