"""Every ecdsa-sd-2023 credential in ``trustvc/``, which the official packages made, comes out as it states."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ebl.codes import Doubt, Failure, Remark
from ebl.credentials import data_integrity as di
from ebl.credentials import ecdsa_sd
from ebl.credentials.linked_data import to_statements
from ebl.errors import Error, Malformed
from ebl.messages import own_words
from ebl.model.findings import Failed, Passed, Unknown
from ebl.policy import UnsafeAnyIssuer
from ebl.sources import offline
from ebl.verify import examine

CASES = sorted((Path(__file__).parent / "trustvc").glob("ecdsa-sd-2023-*.json"))
READABLE = [path for path in CASES if "numbers" not in path.name]


def load(path: Path) -> Any:
    return json.loads(path.read_text())


def claim(document: dict[str, Any]) -> ecdsa_sd.EcdsaSdSigned:
    body = {key: value for key, value in document.items() if key != "proof"}
    proof, value = di.parse_proof(document["proof"])
    if proof.cryptosuite != ecdsa_sd.SUITE:
        raise Malformed(Failure.PROOF_SHAPE, own_words("another suite"))
    return ecdsa_sd.EcdsaSdSigned(body, to_statements(body), proof, value)


def verify(document: dict[str, Any]) -> di.Authentic:
    return claim(document).check(offline())


@pytest.fixture(params=READABLE, ids=lambda path: path.stem.removeprefix("ecdsa-sd-2023-"))
def case(request: pytest.FixtureRequest) -> Any:
    return load(request.param)


def test_every_credential_verifies_base_and_derived(case: Any) -> None:
    assert not verify(case["signed"]).derived
    assert verify(case["derived"]).derived
    assert verify(case["derivedFullSubject"]).derived


def test_every_tampered_credential_is_refused(case: Any) -> None:
    for tampered in case["tampered"]:
        with pytest.raises(Error):
            verify(tampered["document"])


def test_what_we_derive_is_what_the_official_package_derives_bit_for_bit(case: Any) -> None:
    pointers = case["selectivePointers"]
    if not any(pointer.startswith("/credentialSubject") for pointer in [*case["mandatoryPointers"], *pointers]):
        pointers = [*pointers, "/credentialSubject"]
    assert ecdsa_sd.derive(claim(case["signed"]), pointers) == case["derived"]


def test_one_statement_more_or_less_is_refused(case: Any) -> None:
    derived = case["derived"]
    for name in set(derived["credentialSubject"] if isinstance(derived["credentialSubject"], dict) else {}) - {
        "id",
        "type",
    }:
        less = {**derived, "credentialSubject": {k: v for k, v in derived["credentialSubject"].items() if k != name}}
        with pytest.raises(Error):
            verify(less)


def test_javascript_s_order_of_text_is_accepted_and_reported() -> None:
    path = next(path for path in CASES if "unicode-order" in path.name)
    notes = verify(load(path)["signed"]).notes
    assert Remark.UTF16_ORDER in {note.remark for note in notes}


def test_every_credential_is_read_and_found_signed_by_its_issuer(case: Any) -> None:
    for name in ("signed", "derived", "derivedFullSubject"):
        raw = json.dumps(case[name], ensure_ascii=False).encode()
        report = examine(raw, UnsafeAnyIssuer(), sources=offline())
        passed = {finding.check for finding in report.findings if isinstance(finding, Passed)}
        assert {"signature", "did_issuer", "validity"} <= passed
        failures = {finding.failure for finding in report.findings if isinstance(finding, Failed)}
        has_status = "credentialStatus" in case[name] or "BillOfLading" not in json.dumps(case[name])
        doubts = {finding.doubt for finding in report.findings if isinstance(finding, Unknown)}
        assert failures == set()
        assert (Doubt.STATUS_NOT_SHOWN in doubts) is not has_status
