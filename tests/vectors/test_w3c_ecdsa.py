"""The test vectors of the W3C's ECDSA cryptosuites, from beside this repository (they are the W3C's, and not copied)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ebl.codec import cbor
from ebl.codes import Doubt, Failure
from ebl.credentials import data_integrity as di
from ebl.credentials import disclosure, ecdsa_rdfc, ecdsa_sd
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.linked_data import to_statements
from ebl.crypto.multikey import parse_public, parse_secret
from ebl.errors import Refuted, Unsupported
from ebl.jsonld import rdfc
from ebl.sources import offline
from tests.jsonld_reference import SHARED, with_test_contexts

VECTORS = SHARED / "vectors" / "w3c" / "vc-di-ecdsa" / "TestVectors"
SD = VECTORS / "ecdsa-sd-2023"
pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason="the W3C's vectors are not beside this repository")
CASES = {"employ": ("employMandatory", "employSelective"), "prc": ("prCredMandatory", "prCredSelective")}


def load(path: Path) -> Any:
    return json.loads(path.read_text())


def claim(document: dict[str, Any], kind: type[di.Signed]) -> Any:
    contexts = with_test_contexts()
    body = {key: value for key, value in document.items() if key != "proof"}
    proof, value = di.parse_proof(document["proof"])
    return kind(body, to_statements(body, contexts), proof, value, contexts)


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_derived_credential_verifies_and_not_with_a_changed_date(case: str) -> None:
    revealed = load(SD / case / "derivedRevealDocument.json")
    assert claim(revealed, ecdsa_sd.EcdsaSdSigned).check(offline()).derived
    changed = {**revealed, "validFrom": "2018-12-03T00:00:00Z"}
    with pytest.raises(Refuted) as refuted:
        claim(changed, ecdsa_sd.EcdsaSdSigned).check(offline())
    assert refuted.value.failure is Failure.PROOF_SIGNATURE


def test_the_base_credential_verifies_whole(case: str) -> None:
    signed = load(SD / case / "addSignedSDBase.json")
    assert not claim(signed, ecdsa_sd.EcdsaSdSigned).check(offline()).derived


def test_every_step_of_signing_is_as_published(case: str) -> None:
    signed = claim(load(SD / case / "addSignedSDBase.json"), ecdsa_sd.EcdsaSdSigned)
    assert list(rdfc.canonicalise(signed.statements.quads).lines) == load(SD / case / "addBaseDocCanon.json")
    hmac_key = bytes.fromhex(load(SD / "SDKeyMaterial.json")["hmacKeyString"])
    canonical = disclosure.label_replacement_canonicalize(
        signed.statements.quads, disclosure.hmac_id_label_map(hmac_key)
    )
    assert list(canonical.nquads) == load(SD / case / "addBaseDocHMACCanon.json")
    hashes = load(SD / case / "addHashData.json")
    mandatory = load(VECTORS / f"{CASES[case][0]}.json")
    always = canonical.pick(canonical.matching(signed.statements.select(mandatory)))
    assert di.sha256("".join(always)).hex() == hashes["mandatoryHash"]
    assert signed.hash_of_proof().hex() == hashes["proofHash"]


def test_signing_with_the_published_keys_gives_the_published_proof_bit_for_bit(case: str) -> None:
    expected = load(SD / case / "addSignedSDBase.json")
    material = load(SD / "SDKeyMaterial.json")
    _, secret = parse_secret(material["baseKeyPair"]["secretKeyMultibase"])
    key = IssuerKey(
        expected["proof"]["verificationMethod"], parse_public(material["baseKeyPair"]["publicKeyMultibase"]), secret
    )
    _, proof_scoped_key = parse_secret(material["proofKeyPair"]["secretKeyMultibase"])
    drawn = [
        bytes.fromhex(material["hmacKeyString"]),
        (int.from_bytes(proof_scoped_key, "big") - 1).to_bytes(48, "big"),
    ]
    signed = ecdsa_sd.sign(
        {name: value for name, value in expected.items() if name != "proof"},
        key,
        mandatory=load(VECTORS / f"{CASES[case][0]}.json"),
        created=expected["proof"]["created"],
        contexts=with_test_contexts(),
        randomness=lambda count: drawn.pop(0),
    )
    assert signed == expected


def test_deriving_gives_the_published_credential_bit_for_bit(case: str) -> None:
    signed = claim(load(SD / case / "addSignedSDBase.json"), ecdsa_sd.EcdsaSdSigned)
    derived = ecdsa_sd.derive(signed, load(VECTORS / f"{CASES[case][1]}.json"))
    assert derived == load(SD / case / "derivedRevealDocument.json")
    assert disclosure.require_ascending(
        load(SD / case / "derivedAdjMandatoryIndexes.json")["adjMandatoryIndexes"], 99, Failure.PROOF_INDEXES
    ) == list(ecdsa_sd.parse_value(derived["proof"]["proofValue"]).mandatory)


@pytest.mark.parametrize("folder", ["ecdsa-rdfc-2019-p256", "ecdsa-rdfc-2019-p256/employ"])
def test_whole_documents_verify_and_are_signed_as_published(folder: str) -> None:
    document = load(VECTORS / folder / "signedECDSAP256.json")
    signed = claim(document, ecdsa_rdfc.EcdsaRdfcSigned)
    signed.check(offline())
    canonical = rdfc.canonicalise(signed.statements.quads).text
    assert canonical == (VECTORS / folder / "canonDocECDSAP256.txt").read_text()
    assert signed.hash_of_proof().hex() == (VECTORS / folder / "proofHashECDSAP256.txt").read_text().strip()
    pair = load(VECTORS / "p256KeyPair.json")
    key = IssuerKey(
        signed.proof.key_id, parse_public(pair["publicKeyMultibase"]), parse_secret(pair["secretKeyMultibase"])[1]
    )
    options = {name: document["proof"][name] for name in ("created", "proofPurpose")}
    assert ecdsa_rdfc.sign(signed.document, key, options=options, contexts=with_test_contexts()) == document


def test_keys_of_another_curve_are_not_taken() -> None:
    document = load(VECTORS / "ecdsa-rdfc-2019-p384" / "signedECDSAP384.json")
    with pytest.raises(Unsupported, match="P-384") as unknown:
        claim(document, ecdsa_rdfc.EcdsaRdfcSigned).check(offline())
    assert unknown.value.doubt is Doubt.UNSUPPORTED_KEY


def test_a_proof_value_is_read_and_written_the_same(case: str) -> None:
    for name in ("addSignedSDBase", "derivedRevealDocument"):
        text = load(SD / case / f"{name}.json")["proof"]["proofValue"]
        assert str(ecdsa_sd.parse_value(text)) == text
    assert cbor.loads(cbor.dumps([1])) == [1]
