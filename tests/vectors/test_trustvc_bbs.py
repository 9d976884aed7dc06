"""Every bbs-2023 credential in ``trustvc/``, which the official packages made, comes out as it states."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ebl.codes import Failure, Remark
from ebl.credentials import bbs_2023 as bbs
from ebl.credentials import data_integrity as di
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.linked_data import to_statements
from ebl.errors import Error, Malformed, Refuted
from ebl.messages import own_words
from ebl.sources import offline

pytest.importorskip("py_arkworks_bls12381")
CASES = sorted((Path(__file__).parent / "trustvc").glob("bbs-2023-*.json"))
READABLE = [path for path in CASES if "numbers" not in path.name]
MADE = ("signed", "derived", "derivedFullSubject")


def load(path: Path) -> Any:
    return json.loads(path.read_text())


def claim(document: dict[str, Any]) -> bbs.BbsSigned:
    body = {key: value for key, value in document.items() if key != "proof"}
    proof, value = di.parse_proof(document["proof"])
    if proof.cryptosuite != bbs.SUITE:
        raise Malformed(Failure.PROOF_SHAPE, own_words("another suite"))
    return bbs.BbsSigned(body, to_statements(body), proof, value)


def verify(document: dict[str, Any]) -> di.Authentic:
    return claim(document).check(offline())


def body(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "proof"}


def full(case: Any) -> list[str]:
    """The pointers that the official package uses when it shows everything: the subject, where none of it is named."""
    pointers = case["selectivePointers"]
    named = any(pointer.startswith("/credentialSubject") for pointer in [*case["mandatoryPointers"], *pointers])
    return [*pointers] if named else [*pointers, "/credentialSubject"]


@pytest.fixture(params=READABLE, ids=lambda path: path.stem.removeprefix("bbs-2023-"))
def case(request: pytest.FixtureRequest) -> Any:
    return load(request.param)


def test_every_credential_verifies_base_and_derived(case: Any) -> None:
    assert [verify(case[name]).derived for name in MADE] == [False, True, True]


def test_every_tampered_credential_is_refused(case: Any) -> None:
    for tampered in case["tampered"]:
        with pytest.raises((Refuted, Malformed)):
            verify(tampered["document"])


def test_what_we_derive_means_what_the_official_package_derives(case: Any) -> None:
    """The proof is drawn anew each time; the document and everything else in its value are the same."""
    ours = bbs.derive(claim(case["signed"]), full(case))
    assert body(ours) == body(case["derived"])
    assert verify(ours).derived
    made, expected = (bbs.parse_value(document["proof"]["proofValue"]) for document in (ours, case["derived"]))
    assert isinstance(made, bbs.BbsDerivedProof)
    assert isinstance(expected, bbs.BbsDerivedProof)
    assert made.proof != expected.proof
    assert len(made.proof) == len(expected.proof)
    assert (made.mandatory, made.selective) == (expected.mandatory, expected.selective)
    if case["name"] != "identical-packages":  # which of two equal entries is called what is a matter of chance
        assert made.label_map == expected.label_map


def test_signing_again_with_the_same_keys_gives_the_same_proof_bit_for_bit(case: Any) -> None:
    base = bbs.parse_value(case["signed"]["proof"]["proofValue"])
    assert isinstance(base, bbs.BbsBaseProof)
    key = IssuerKey.from_json(json.dumps(case["keypair"]).encode())
    again = bbs.sign(body(case["signed"]), key, mandatory=base.mandatory, hmac_key=base.hmac_key)
    if case["name"] == "unicode-order":  # theirs is in JavaScript's order of text, ours in the standard's
        assert body(again) == body(case["signed"])
        assert verify(again)
    else:
        assert again == case["signed"]


def test_a_proof_value_is_read_and_written_the_same(case: Any) -> None:
    for name in MADE:
        text = case[name]["proof"]["proofValue"]
        assert str(bbs.parse_value(text)) == text


def test_one_statement_less_is_refused(case: Any) -> None:
    subject = case["derived"]["credentialSubject"]
    for name in set(subject if isinstance(subject, dict) else {}) - {"id", "type"}:
        less = {**case["derived"], "credentialSubject": {k: v for k, v in subject.items() if k != name}}
        with pytest.raises(Error):
            verify(less)


def test_javascript_s_order_of_text_is_accepted_and_reported() -> None:
    path = next(path for path in CASES if "unicode-order" in path.name)
    for name in MADE:
        assert Remark.UTF16_ORDER in {note.remark for note in verify(load(path)[name]).notes}
