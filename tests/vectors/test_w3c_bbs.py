"""The test vectors of the W3C's BBS cryptosuites, from beside this repository (they are the W3C's, and not copied)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ebl.codes import Failure
from ebl.credentials import bbs_2023 as bbs
from ebl.credentials import data_integrity as di
from ebl.credentials import disclosure
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.linked_data import to_statements
from ebl.crypto import bbs_signatures as primitive
from ebl.crypto.multikey import KeyType, PublicKey
from ebl.errors import Refuted, Unsupported
from ebl.jsonld import rdfc
from ebl.jsonld.contexts import Contexts
from ebl.sources import offline
from tests.jsonld_reference import SHARED, with_test_contexts

pytest.importorskip("py_arkworks_bls12381")
VECTORS = SHARED / "vectors" / "w3c" / "vc-di-bbs" / "TestVectors"
pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason="the W3C's vectors are not beside this repository")
CASES = {"windsurf": ("", "windMandatory", "windSelective"), "prc": ("prc", "prCredMandatory", "prCredSelective")}
INLINE = {"@vocab": "https://windsurf.grotto-networking.com/selective#"}
NAMED = "https://windsurf.example/context"


def load(case: str, name: str) -> Any:
    return named(json.loads((VECTORS / CASES[case][0] / f"{name}.json").read_text()))


def shared(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text())


def named(value: Any) -> Any:
    """The same with the one inline context, which we do not take, under a name. Contexts make no statements themselves."""
    if isinstance(value, dict):
        return NAMED if value == INLINE else {key: named(inner) for key, inner in value.items()}
    return [named(inner) for inner in value] if isinstance(value, list) else value


def contexts() -> Contexts:
    raw = json.dumps({"@context": INLINE}).encode()
    return with_test_contexts().adding(NAMED, raw, sha256=hashlib.sha256(raw).hexdigest())


def claim(document: dict[str, Any]) -> bbs.BbsSigned:
    body = {key: value for key, value in document.items() if key != "proof"}
    proof, value = di.parse_proof(document["proof"])
    return bbs.BbsSigned(body, to_statements(body, contexts()), proof, value, contexts())


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_derived_credential_verifies_and_not_with_another_issuer(case: str) -> None:
    revealed = load(case, "derivedRevealDocument")
    assert claim(revealed).check(offline()).derived
    with pytest.raises(Refuted) as no:
        claim({**revealed, "issuer": "https://vc.example/other"}).check(offline())
    assert no.value.failure in (Failure.PROOF_SIGNATURE, Failure.BBS_INDEXES, Failure.LABEL_MAP)


def test_the_base_credential_verifies_whole(case: str) -> None:
    assert not claim(load(case, "addSignedSDBase")).check(offline()).derived


def test_every_step_of_signing_is_as_published(case: str) -> None:
    signed = claim(load(case, "addSignedSDBase"))
    assert list(rdfc.canonicalise(signed.statements.quads).lines) == load(case, "addBaseDocCanon")
    canonical = disclosure.label_replacement_canonicalize(
        signed.statements.quads,
        disclosure.shuffled_id_label_map(bytes.fromhex(shared("BBSKeyMaterial")["hmacKeyString"])),
    )
    assert list(canonical.nquads) == load(case, "addBaseDocHMACCanon")
    hashes = load(case, "addHashData")
    always = canonical.pick(canonical.matching(signed.statements.select(shared(CASES[case][1]))))
    assert signed.hash_of_proof().hex() == hashes["proofHash"]
    assert di.sha256("".join(always)).hex() == hashes["mandatoryHash"]
    transform = load(case, "addBaseTransform")
    assert always == [line for _, line in transform["mandatory"]["value"]]


def test_signing_with_the_published_keys_gives_the_published_proof_bit_for_bit(case: str) -> None:
    expected = load(case, "addSignedSDBase")
    material = shared("BBSKeyMaterial")
    public = PublicKey(KeyType.BLS12_381, bytes.fromhex(material["publicKeyHex"]))
    key = IssuerKey(expected["proof"]["verificationMethod"], public, bytearray.fromhex(material["privateKeyHex"]))
    base = bbs.parse_value(expected["proof"]["proofValue"])
    assert isinstance(base, bbs.BbsBaseProof)
    transform = load(case, "addBaseTransform")
    messages = [line.encode() for _, line in transform["nonMandatory"]["value"]]
    assert primitive.sign(key.secret, public.octets, messages, header=base.header) == base.signature
    assert base.signature.hex() == load(case, "addRawBaseSignatureInfo")["bbsSignature"]
    assert (base.hmac_key.hex(), list(base.mandatory)) == (material["hmacKeyString"].lower(), shared(CASES[case][1]))
    assert str(base) == expected["proof"]["proofValue"]


def test_deriving_gives_the_published_credential_but_for_the_drawn_proof(case: str) -> None:
    expected = load(case, "derivedRevealDocument")
    header = bytes.fromhex(shared("BBSDeriveMaterial")["presentationHeaderHex"])
    derived = bbs.derive(claim(load(case, "addSignedSDBase")), shared(CASES[case][2]), presentation_header=header)
    assert {**derived, "proof": None} == {**expected, "proof": None}
    made, published = (bbs.parse_value(document["proof"]["proofValue"]) for document in (derived, expected))
    assert isinstance(made, bbs.BbsDerivedProof)
    assert isinstance(published, bbs.BbsDerivedProof)
    assert published.proof.hex() == load(case, "derivedDisclosureData")["bbsProof"]
    assert made == bbs.BbsDerivedProof(
        made.proof, published.label_map, published.mandatory, published.selective, published.presentation_header
    )
    assert claim(derived).check(offline()).derived


@pytest.mark.parametrize("folder", ["HolderBinding", "Pseudonym", "PseudonymHB"])
def test_features_beyond_the_baseline_are_refused_by_name(folder: str) -> None:
    paths = sorted(Path(VECTORS / folder).glob("**/*SignedSDBase.json")) + sorted(
        Path(VECTORS / folder).glob("**/derivedRevealDocument.json")
    )
    assert paths
    for path in paths:
        with pytest.raises(Unsupported, match="holder binding or pseudonyms"):
            bbs.parse_value(json.loads(path.read_text())["proof"]["proofValue"])
