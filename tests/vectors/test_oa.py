"""Every line of ``oa/*.jsonl``, which the official packages made, comes out as it states."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ebl.checking.formats import read
from ebl.codec import javascript_json as javascript
from ebl.errors import DocumentError, InvalidInput, Malformed
from ebl.ethereum import merkle
from ebl.ethereum.keccak import keccak256
from ebl.model.findings import Failed, Group, Passed, Unknown
from ebl.openattestation import issuer_checks as refused_of_issuers
from ebl.openattestation import salting, v2_digest
from ebl.openattestation import v3_integrity as oa3
from ebl.policy import UnsafeAnyIssuer
from ebl.sources import offline
from ebl.verify import examine
from ebl.wrap import Options, to_json, unwrap, wrap

HERE = Path(__file__).parent / "oa"


def lines(name: str) -> Iterator[Any]:
    for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def cases(name: str) -> list[Any]:
    return [pytest.param(line["input"], line.get("output", line), id=line["id"]) for line in lines(name)]


def outcome(text: str) -> tuple[str, str | None]:
    """What reading the document and its integrity finding say: passed, failed or unknown, and the code."""
    try:
        document = read(text.encode())
    except DocumentError as bad:
        return "failed", str(bad.code)
    report = examine(document, UnsafeAnyIssuer(), sources=offline())
    findings = [finding for finding in report.findings if finding.group is Group.INTEGRITY]
    for finding in findings:
        match finding:
            case Failed():
                return "failed", str(finding.failure)
            case Unknown():
                return "unknown", str(finding.doubt)
    assert any(isinstance(finding, Passed) for finding in findings)
    return "passed", None


NOT_KNOWN = (("unknown", "document.unsupported_version"), ("unknown", "proof.unsupported_suite"))


def stated(line: Any, came: tuple[str, str | None]) -> bool:
    """Some lines state no code; then any will do. What is not known here is a doubt, where the official verifier says no."""
    if line["expected"] == "failed" and came in NOT_KNOWN:
        return True
    return came[0] == line["expected"] and line.get("code", came[1]) == came[1]


def raw(text: str) -> Any:
    """Raw data as ``JSON.parse`` reads them: every number a float64, the last of equal members."""
    return json.loads(text, parse_int=float)


@pytest.mark.parametrize("line", [pytest.param(line, id=line["id"]) for line in lines("verify")])
def test_a_document_is_found_intact_or_not_as_is_stated(line: Any) -> None:
    came = outcome(line["input"]["document_json"])
    assert stated(line, came), (line["note"], came)


def loses_ends(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(loses_ends, value.values() if isinstance(value, dict) else value))
    return isinstance(value, str) and value.rstrip(javascript.WHITE_SPACE) != value


@pytest.mark.parametrize("line", [pytest.param(line, id=line["id"]) for line in lines("v2_wrap")])
def test_v2_data_have_the_official_digest_and_read_back_or_are_refused(line: Any) -> None:
    data, output = raw(line["input"]["raw_json"]), line["output"]
    if "error" in output:
        with pytest.raises(InvalidInput) as refused:
            wrap(data)
        assert refused.value.problems
        return
    official = json.loads(output["wrapped_json"])
    assert v2_digest.digest(official["data"]).hex() == output["target_hash"]
    assert stated(line, outcome(output["wrapped_json"]))
    if "Infinity" not in output["wrapped_json"]:
        assert without_salts(salting.salted(data, no_salts, any_end=True).data) == without_salts(official["data"])
    if line["expected"] == "failed" or "Infinity" in output["wrapped_json"]:
        with pytest.raises(InvalidInput):  # what would not verify, or is not JSON, is refused at once
            wrap(data)
        return
    if not all(
        {"documentStore", "certificateStore", "tokenRegistry", "id"} & issuer.keys() for issuer in data["issuers"]
    ):
        with pytest.raises(InvalidInput, match="/issuers/0"):  # verifying would refuse it whatever is on chain
            wrap(data, Options(allow_white_space=True))
        return
    wrapped = wrap(data, Options(allow_white_space=True))
    assert outcome(text_of(wrapped)) == ("passed", None)
    if loses_ends(data):
        with pytest.raises(
            InvalidInput, match="white space"
        ):  # what readers would drop is refused, unless it may be lost
            wrap(data)
    else:
        wrap(data)
    read_back = raw(json.dumps(unwrap(wrapped)))
    assert read_back == (data if output["get_data_equals_input"] else raw(output["get_data_json"]))


@pytest.mark.parametrize(("given", "output"), cases("v2_batch"))
def test_a_v2_batch_has_the_official_root_and_proofs(given: Any, output: Any) -> None:
    documents = [json.loads(text) for text in output["wrapped_json"]]
    targets = [v2_digest.digest(document["data"]) for document in documents]
    tree = merkle.Tree(targets)
    assert tree.root.hex() == output["merkle_root"]
    for text, document, target, verifies in zip(
        output["wrapped_json"], documents, targets, output["verifies"], strict=True
    ):
        assert [sibling.hex() for sibling in tree.proof(target)] == document["signature"]["proof"]
        assert (outcome(text)[0] == "passed") is verifies


@pytest.mark.parametrize("line", [pytest.param(line, id=line["id"]) for line in lines("v3_wrap")])
def test_v3_data_have_the_official_digests_and_salts_or_are_refused(line: Any) -> None:
    data, output = raw(line["input"]["raw_json"]), line["output"]
    if "error" in output:
        with pytest.raises(InvalidInput) as refused:
            wrap(data, Options(allow_unprotected=True))
        assert refused.value.problems
        return
    official = json.loads(output["wrapped_json"], parse_int=float)
    proof = official.pop("proof")
    salts = oa3.decode_salts(proof["salts"])
    flat = oa3.flatten(official)
    assert flat.paths == [path for path, _ in salts] == output.get("salt_paths", [p for p, _ in salts])
    assert oa3.encode_salts(salts) == proof["salts"]
    assert oa3.digest(flat, dict(salts)).hex() == output["target_hash"]
    assert oa3.digest(flat, dict(salts), dialect="govtech").hex() == output["govtech_target_hash_for_same_salts"]
    assert stated(line, outcome(output["wrapped_json"]))
    if refused_of_issuers.problems(official, "v3"):
        with pytest.raises(InvalidInput):  # wrapped there, and INVALID for ever
            wrap(data, Options(allow_unprotected=True))
        return
    wrapped = wrap(data, Options(allow_unprotected=True, salts=lambda count: [salt for _, salt in salts]))
    assert json.loads(text_of(wrapped), parse_int=float) == {**official, "proof": proof}
    if line["expected"] == "unknown":
        with pytest.raises(InvalidInput, match="No hash would cover"):
            wrap(data)
        assert outcome(text_of(wrap(data, Options(dialect="govtech")))) == ("passed", None)
    else:
        assert outcome(text_of(wrap(data))) == ("passed", None)


@pytest.mark.parametrize(("given", "output"), cases("v3_batch"))
def test_a_v3_batch_has_the_official_root_and_proofs(given: Any, output: Any) -> None:
    documents = [json.loads(text) for text in output["wrapped_json"]]
    targets = [bytes.fromhex(document["proof"]["targetHash"]) for document in documents]
    tree = merkle.Tree(targets)
    assert tree.root.hex() == output["merkle_root"]
    for text, document, target, verifies in zip(
        output["wrapped_json"], documents, targets, output["verifies"], strict=True
    ):
        assert [sibling.hex() for sibling in tree.proof(target)] == document["proof"]["proofs"]
        assert (outcome(text)[0] in ("passed", "unknown")) is verifies


@pytest.mark.parametrize(("given", "output"), cases("merkle"))
def test_a_tree_has_the_official_root_and_proofs_and_a_path_leads_to_its_root(given: Any, output: Any) -> None:
    if "leaves" not in given:
        *_, root = merkle.path(node_bytes(given["element"]), [node_bytes(sibling) for sibling in given["proof"]])
        assert (root == node_bytes(given["root"])) is output["valid"]
        return
    tree = merkle.Tree(bytes.fromhex(leaf) for leaf in given["leaves"])
    assert tree.root.hex() == output["root"]
    for row in output["proofs"]:
        assert [sibling.hex() for sibling in tree.proof(bytes.fromhex(row["leaf"]))] == row["proof"]


@pytest.mark.parametrize(("given", "output"), cases("primitives"))
def test_hashes_and_texts_are_the_official_ones(given: Any, output: Any) -> None:
    if "json_text" in given:
        value = raw(given["json_text"])
        assert javascript.text(value) == output["string"]
        assert javascript.json_leaf(value) == output["json"]
        assert f"number:{javascript.text(value)}" == output["typed"]
    elif "utf16" in given:
        text = b"".join(unit.to_bytes(2, "little") for unit in given["utf16"]).decode("utf-16-le", "surrogatepass")
        assert javascript.json_string(text) == output["json"]
        pair = javascript.json_member(text, text)
        assert (pair.decode(), keccak256(pair).hex()) == (output["json_of_pair"], output["keccak_of_json_pair"])
        assert javascript.trim(text) == output["trimmed"]
    elif "error" in output:
        with pytest.raises(Malformed):
            salting.unsalted_leaf(given["value"])
    else:
        value = salting.unsalted_leaf(given["value"])
        if isinstance(value, float) and not math.isfinite(value):
            assert javascript.text(value) == output["string"]
        elif output["type"] != "undefined":
            assert javascript.json_leaf(value) == output["json"]
        else:
            assert value is None


def text_of(document: Any) -> str:
    return to_json(document).decode()


def no_salts(count: int) -> list[str]:
    return ["salt"] * count


def without_salts(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: without_salts(value) for key, value in node.items()}
    if isinstance(node, list):
        return [without_salts(value) for value in node]
    return node.partition(":")[2]


def node_bytes(text: str) -> bytes:
    """Hex as the packages decode it: up to the first pair that is none."""
    return bytes.fromhex(re.match("(?:[0-9a-fA-F]{2})*", text)[0])  # type: ignore[index]
