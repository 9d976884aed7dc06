"""What is said of a document that breaks its format: where, what was expected, and what came, none of it its own opposite."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from ebl.checking.formats import read
from ebl.cli import main
from ebl.credential import sign
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.present import present
from ebl.crypto.multikey import KeyType
from ebl.errors import DocumentError, InvalidInput
from ebl.testing.bills import bill
from ebl.wrap import to_json, wrap

STORE = "0x142Ca30e3b78A840a82192529cA047ED759a6F7e"
DID = f"did:ethr:{STORE}"
NOW = datetime(2026, 6, 15, tzinfo=UTC)
KEY = IssuerKey.generate(KeyType.P256)
RAW: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://w3id.org/security/data-integrity/v2"],
    "type": ["VerifiableCredential"],
    "issuer": KEY.did,
    "validFrom": "2026-01-01T00:00:00Z",
    "validUntil": "2026-12-31T00:00:00Z",
    "credentialSubject": {"id": KEY.did},
}
V3 = {
    "version": "https://schema.openattestation.com/3.0/schema.json",
    "@context": ["https://www.w3.org/2018/credentials/v1", {"@vocab": "https://carrier.example/terms#"}],
    "type": ["VerifiableCredential"],
    "issuanceDate": "2026-01-01T00:00:00Z",
    "issuer": {"id": "https://carrier.example", "name": "Carrier", "type": "OpenAttestationIssuer"},
    "credentialSubject": {"blNumber": "X-1"},
    "openAttestationMetadata": {
        "template": {"type": "EMBEDDED_RENDERER", "name": "BILL", "url": "https://renderer.example"},
        "proof": {
            "type": "OpenAttestationProofMethod",
            "method": "DID",
            "value": DID,
            "revocation": {"type": "NONE"},
        },
        "identityProof": {"type": "DID", "identifier": DID},
    },
}


def documents() -> dict[str, Any]:
    credential = sign(RAW, KEY, created=NOW)
    presentation = present([credential], KEY, created=NOW, expires=NOW + timedelta(days=1))
    v2 = wrap(bill(1, store=STORE, domain="carrier.example", chain_id=1))
    return {name: json.loads(to_json(one)) for name, one in (("v2", v2), ("v3", wrap(V3)))} | {
        "credential": credential,
        "presentation": presentation,
    }


def broken(document: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], Any, bytes]]:
    """The document with each value of it replaced by each kind of value that it may not be, and without it."""

    def places(inner: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        rows = inner.items() if isinstance(inner, dict) else enumerate(inner) if isinstance(inner, list) else ()
        for key, value in rows:
            yield (*at, key)
            yield from places(value, (*at, key))

    for at in places(document):
        for wrong in (None, True, 3, "?", "", [], [[]], {}, {"odd": 1}, ["x"], KeyError):
            changed = copy.deepcopy(document)
            place: Any = changed
            for key in at[:-1]:
                place = place[key]
            if wrong is KeyError:
                del place[at[-1]]
            else:
                place[at[-1]] = wrong
            yield at, wrong, json.dumps(changed).encode()


@pytest.mark.parametrize("name", ["v2", "v3", "credential", "presentation"])
def test_every_refusal_names_a_place_and_says_nothing_that_is_its_own_opposite(name: str) -> None:
    told = 0
    for at, wrong, raw in broken(documents()[name]):
        try:
            read(raw)
        except DocumentError as bad:
            said, what = bad.detail, (at, wrong, bad.detail)
            told += 1
            assert said.rstrip(".").strip(), what
            assert "/" in said or said.startswith(("This is ", "It has ", "A salted value ")), what
            assert not re.search(r"(^|: )\s*: |NoneType|\b(bool|dict|int|str|float)\b", said), what
            if (pair := re.search(r"expected (.*); got (.*?)\.?$", said)) is not None:
                expected, came = pair.groups()
                assert not expected.startswith(came), what
    assert told > 50


def refused(**members: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        sign({**RAW, **members}, KEY, created=NOW)
    return str(caught.value)


def test_a_credential_that_would_not_verify_is_told_what_is_missing_where_and_what_to_do() -> None:
    assert "/credentialSubject: expected an object with at least one member" in refused(credentialSubject={})
    assert "got an empty object" in refused(credentialSubject={})
    said = refused(type=["Invoice", "BillOfLading"])
    assert '/type: expected "VerifiableCredential" among the types; got a list of' in said
    assert "'Invoice', 'BillOfLading'" in said
    said = refused(validFrom="2026-12-31T00:00:01Z")
    assert "/validUntil: expected a date that is not before /validFrom (2026-12-31T00:00:01Z); got" in said
    assert "'2026-12-31T00:00:00Z'" in said
    said = refused(type=["VerifiableCredential", "PackingSlip"])
    assert "/type: no context of the document defines 'PackingSlip'" in said and "Name a context" in said


def test_a_v3_document_of_a_did_that_is_not_signed_yet_is_unsigned_as_one_of_v2_is(tmp_path: Any) -> None:
    (tmp_path / "draft.json").write_bytes(to_json(wrap(V3)))
    done = CliRunner().invoke(main, ["verify", "--offline", str(tmp_path / "draft.json")])
    assert done.exit_code == 1
    assert f"status.unsigned: the document is a draft: it has no signature by a key of {DID}" in done.stdout
    assert f"identity.missing: the document is not signed by a key of {DID}" in done.stdout
    assert "status.missing" not in done.stdout and "names no store" not in done.stdout
    shown = CliRunner().invoke(main, ["inspect", str(tmp_path / "draft.json")])
    assert shown.exit_code == 0 and DID in shown.stdout


def test_what_is_no_bill_is_told_what_it_is_and_what_to_do(tmp_path: Any) -> None:
    for value, said in (
        ({"id": "did:web:a.example", "verificationMethod": []}, "This is a DID document"),
        ({"a": 1}, "Supported are OpenAttestation v2, OpenAttestation v3, W3C credentials, W3C presentations"),
    ):
        (tmp_path / "odd.json").write_text(json.dumps(value))
        done = CliRunner().invoke(main, ["verify", "--offline", str(tmp_path / "odd.json")])
        assert done.exit_code == 5 and said in done.output
