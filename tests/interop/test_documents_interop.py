"""What we withhold, sign, encrypt and draw, the official packages take; and we take what they made."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from ebl.chain.signers import LocalKey
from ebl.checking.formats import read
from ebl.errors import InvalidInput
from ebl.model.paths import leaves, text
from ebl.openattestation.did_signature import DidSigned, confirm
from ebl.openattestation.redact import redact
from ebl.openattestation.sign import sign, sign_batch
from ebl.sharing.encryption import Encrypted, decrypt, encrypt
from ebl.sharing.links import ActionLink, qr_png
from ebl.testing.bills import bill
from ebl.verify import check_integrity
from ebl.wrap import to_json, wrap, wrap_batch

Js = Callable[[str, Any], Any]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = LocalKey(b"\x07" * 32)
DID = f"did:ethr:{KEY.address}"
KEY_ID = f"{DID}#controller"
DOMAIN = "carrier.example"
ZONE = {DOMAIN: [f"openatts a=dns-did; p={KEY_ID}; v=1.0;"]}

GOODS: dict[str, Any] = {
    "blNumber": "BL-漢字-1",
    "weight": 12.5,
    "shipper": {"name": "Müller", "tax": {"id": "T-1"}},
    "packages": [{"what": "tea", "count": 3}, {"what": "silk"}, {"what": "jade", "seals": ["s1", "s2"]}],
    "marks": ["a", "b", "c"],
}
V2: dict[str, Any] = {
    "issuers": [
        {
            "id": DID,
            "name": "Carrier",
            "identityProof": {"type": "DNS-DID", "key": KEY_ID, "location": DOMAIN},
            "revocation": {"type": "NONE"},
        }
    ],
    **GOODS,
}
V3: dict[str, Any] = {
    "@context": ["https://www.w3.org/2018/credentials/v1", {"@vocab": "https://example.com/terms#"}],
    "type": ["VerifiableCredential"],
    "issuanceDate": "2025-01-01T00:00:00Z",
    "issuer": {"id": "https://carrier.example", "name": "Carrier"},
    "credentialSubject": GOODS,
    "openAttestationMetadata": {
        "template": {"name": "BILL", "type": "EMBEDDED_RENDERER", "url": "https://show.example"},
        "proof": {
            "type": "OpenAttestationProofMethod",
            "method": "DID",
            "value": DID,
            "revocation": {"type": "NONE"},
        },
        "identityProof": {"type": "DNS-DID", "identifier": DOMAIN},
    },
}
CHOSEN = [
    ["weight"],
    ["shipper"],
    ["shipper.name", "blNumber"],
    ["shipper.tax.id"],
    ["packages"],
    ["packages[0].what"],
    ["packages[2].seals"],
    ["packages[2].seals[1]"],
    ["packages[2]"],
    ["marks[2]", "marks[1]"],
    ["marks"],
]


def ask(js: Js, jobs: list[dict[str, Any]]) -> list[Any]:
    rows = js("documents.cjs", jobs)
    for row in rows:
        assert "error" not in row, row
    return [row["answer"] for row in rows]


def below(prefix: str, paths: list[str]) -> list[str]:
    return [f"{prefix}{path}" for path in paths]


def test_what_is_withheld_here_verifies_there(js: Js) -> None:
    documents = []
    for data, prefix in ((V2, ""), (V3, "credentialSubject.")):
        batch = wrap_batch([data, data])
        documents += [redact(batch.documents[0], below(prefix, chosen)).document for chosen in CHOSEN]
    first = redact(wrap(V2), ["weight"]).document
    documents += [redact(first, ["shipper.name"]).document]
    answers = ask(js, [{"job": "integrity", "document": document} for document in documents])
    assert answers == [{"tradetrust": True, "govtech": True, "wrapped": True}] * len(documents)


def test_whatever_is_not_refused_here_verifies_there(js: Js) -> None:
    """Random fields of a hundred bills, in two passes."""
    random = Random(1)
    documents = []
    for number in range(100):
        goods = bill(number, store="0x" + "11" * 20, domain=DOMAIN, chain_id=1337)
        data = (
            goods
            if number % 2
            else {**V3, "credentialSubject": {**GOODS, "number": number + 1, "shipper": goods["shipper"]}}
        )
        document = wrap(data)
        for _ in range(2):
            content = document.get("data") or {"credentialSubject": document["credentialSubject"]}
            places = sorted({path[:end] for path, _ in leaves(content) for end in range(1, len(path) + 1)}, key=repr)
            with suppress(InvalidInput):
                document = redact(document, map(text, random.sample(places, 3))).document
        documents.append(json.loads(to_json(document)))
    withheld = [read(to_json(document)).notes for document in documents]
    assert sum(map(bool, withheld)) > 50
    answers = ask(js, [{"job": "integrity", "document": document} for document in documents])
    assert answers == [{"tradetrust": True, "govtech": True, "wrapped": True}] * 100


def test_a_reader_there_sees_what_a_reader_here_sees(js: Js) -> None:
    documents = [redact(wrap(V2), chosen).document for chosen in CHOSEN]
    answers = ask(js, [{"job": "data", "document": document} for document in documents])
    assert answers == [dict(read(to_json(document)).data) for document in documents]


@pytest.mark.parametrize(("data", "prefix"), [(V2, ""), (V3, "credentialSubject.")], ids=["v2", "v3"])
def test_what_is_withheld_there_verifies_here_with_the_same_number(js: Js, data: dict[str, Any], prefix: str) -> None:
    wrapped = wrap(data)
    chosen = [["weight"], ["shipper"], ["packages"], ["packages[1].what"] if prefix else ["packages[0].what"]]
    jobs = [{"job": "obfuscate", "document": wrapped, "fields": below(prefix, paths)} for paths in chosen]
    for paths, theirs in zip(chosen, ask(js, jobs), strict=True):
        ours = redact(wrapped, below(prefix, paths))
        document = read(to_json(theirs))
        assert not check_integrity(document)
        visible = {text(path) for path, _ in leaves(document.data)}
        assert visible == {text(path) for path, _ in leaves(read(to_json(ours.document)).data)}
        assert f"{ours.total} field" in document.notes[0].detail


@pytest.mark.parametrize("data", [V2, V3], ids=["v2", "v3"])
def test_what_is_signed_here_is_valid_there(js: Js, data: dict[str, Any]) -> None:
    batch = wrap_batch([data, {**data, "id": "urn:uuid:2"}])
    signed = list(sign_batch(batch.documents, KEY, now=NOW))
    redacted = redact(signed[0], ["credentialSubject.weight" if data is V3 else "weight"]).document
    documents = [*signed, redacted, batch.documents[0]]
    jobs = [{"job": "verify", "document": d, "zone": ZONE, "dids": {DID: KEY.address}} for d in documents]
    answers = ask(js, jobs)
    assert [answer["valid"] for answer in answers] == [True, True, True, False], answers


@pytest.mark.parametrize("data", [V2, V3], ids=["v2", "v3"])
def test_what_is_signed_there_holds_here_and_is_the_same_signature(js: Js, data: dict[str, Any]) -> None:
    wrapped = wrap(data)
    (theirs,) = ask(js, [{"job": "sign", "document": wrapped, "key": KEY_ID, "secret": "0x" + KEY.secret.hex()}])
    (claim,) = (c for c in read(to_json(theirs)).issuers[0].status if isinstance(c, DidSigned))
    assert confirm(claim, KEY.address).address == KEY.address
    ours = sign(wrapped, KEY, now=NOW)
    if data is V2:
        ours["proof"][0]["created"] = theirs["proof"][0]["created"]
    assert json.dumps(theirs) == json.dumps(ours)


TEXTS = ["", "a", "漢字 🚢 ü", '{"json": "\\u0000"}', "x" * 10_000]


def test_what_is_encrypted_here_opens_there_and_the_other_way_round(js: Js) -> None:
    key = bytes(range(32))
    sealed = [json.loads(encrypt(text, key).to_json()) for text in TEXTS]
    opened = ask(js, [{"job": "decrypt", "encrypted": one, "key": key.hex()} for one in sealed])
    assert opened == TEXTS
    theirs = ask(js, [{"job": "encrypt", "text": text, "key": key.hex()} for text in TEXTS])
    assert [decrypt(Encrypted.read(json.dumps(one).encode()), key) for one in theirs] == TEXTS


def test_a_camera_reads_the_link_from_the_qr_code(js: Js) -> None:
    link = ActionLink(
        uri="https://storage.example/document/9f0c", key=bytes(range(32)), chain_id=1337, more={"note": "漢字"}
    )
    urls = [link.to_url(), link.to_url("https://any.example/open", key_in_fragment=True)]
    answers = ask(js, [{"job": "qr", "png": b64encode(qr_png(url)).decode()} for url in urls])
    assert answers == urls
    assert [ActionLink.parse(url) for url in answers] == [link, link]
