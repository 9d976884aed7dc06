"""Whoever redacts, signs or issues gives a wrapped document, and is told what else came."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ebl.codes import Failure
from ebl.errors import DocumentError, InvalidInput
from ebl.openattestation.anchoring import roots_of
from ebl.openattestation.redact import redact
from ebl.openattestation.wrapped_reader import read_object, read_wrapped
from ebl.testing.bills import bill
from ebl.wrap import to_json, wrap

DATA = bill(1, store="0x" + "11" * 20, domain="carrier.example", chain_id=1337)
WRAPPED = wrap(DATA)
CREDENTIAL = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "issuer": "did:web:carrier.example",
    "credentialSubject": {"blNumber": "BL-1"},
    "proof": {"type": "DataIntegrityProof", "cryptosuite": "ecdsa-sd-2023"},
}


def test_it_reads_what_wrapping_made() -> None:
    assert read_wrapped(to_json(WRAPPED)) == read_object(WRAPPED)
    assert read_object(WRAPPED).data["blNumber"] == DATA["blNumber"]


def test_a_credential_of_another_family_is_a_mistake_of_the_caller() -> None:
    for act in (lambda: redact(CREDENTIAL, ["issuer"]), lambda: roots_of([json.dumps(CREDENTIAL).encode()])):
        with pytest.raises(InvalidInput, match="another family"):
            act()


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ([WRAPPED], Failure.UNSUPPORTED_FORMAT),
        (DATA, Failure.UNSUPPORTED_FORMAT),
        ({"cipherText": "AAAA"}, Failure.UNSUPPORTED_FORMAT),
        (
            {"@context": ["https://schemata.openattestation.com/com/openattestation/4.0/context.json"]},
            Failure.UNSUPPORTED_FORMAT,
        ),
        ({**WRAPPED, "openAttestationMetadata": {}}, Failure.AMBIGUOUS_VERSION),
        ({**WRAPPED, "version": "https://schema.openattestation.com/2.0/schema.json#"}, None),
    ],
)
def test_what_is_no_wrapped_document_of_one_version_is_none(other: Any, code: Failure | None) -> None:
    if code is None:  # a version that is not known here can be shown, and claims what nothing can establish
        assert read_wrapped(json.dumps(other).encode()).digest is None
        return
    with pytest.raises(DocumentError) as refused:
        read_wrapped(json.dumps(other).encode())
    assert refused.value.code is code
