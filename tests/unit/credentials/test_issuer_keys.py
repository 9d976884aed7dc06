"""Issuers' keys come back from their files, and nothing secret shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ebl.credentials.issuer_keys import IssuerKey
from ebl.crypto.multikey import KeyType, did_key, format_secret
from ebl.did.did_syntax import NotADid, is_did, split_key_id, web_url
from ebl.did.document_writer import document, key_document, web_document
from ebl.errors import InvalidInput
from tests.broken import is_broken

pytest.importorskip("py_arkworks_bls12381")
VECTORS = Path(__file__).parents[3].parent / "shared/vectors/trustvc"
DID = "did:web:carrier.example"


def fixed(length: int) -> bytes:
    return bytes(range(1, length + 1))


def new(kind: KeyType, **named: Any) -> IssuerKey:
    return IssuerKey.generate(kind, randomness=fixed, **named)


@pytest.mark.parametrize("kind", list(KeyType))
def test_a_key_comes_back_from_its_file(kind: KeyType) -> None:
    key = new(kind, did=DID, fragment="keys-2")
    again = IssuerKey.from_json(key.to_json())
    assert again == key
    assert (again.id, again.did) == (f"{DID}#keys-2", DID)


@pytest.mark.parametrize("kind", list(KeyType))
def test_without_a_did_a_key_goes_by_itself(kind: KeyType) -> None:
    key = new(kind)
    assert key.id == f"did:key:{key.public}#{key.public}"
    assert key.did == did_key(key.public)


def test_keys_are_not_made_twice() -> None:
    assert IssuerKey.generate(KeyType.P256) != IssuerKey.generate(KeyType.P256)
    assert IssuerKey.generate(KeyType.BLS12_381) != IssuerKey.generate(KeyType.BLS12_381)


@pytest.mark.parametrize("kind", list(KeyType))
def test_the_secret_shows_nowhere_but_in_the_file(kind: KeyType) -> None:
    key = new(kind, did=DID)
    secret = format_secret(kind, key.secret)
    assert secret in key.to_json().decode()
    assert "secret" not in repr(key)
    assert bytes(key.secret).hex() not in repr(key)
    assert "secretKeyMultibase" not in key.to_method()


def test_a_wiped_key_holds_zeros() -> None:
    with new(KeyType.P256) as key:
        assert any(key.secret)
    assert not any(key.secret)
    assert len(key.secret) == 32


@pytest.mark.skipif(not VECTORS.exists(), reason="the vectors are not beside the project")
def test_key_pairs_of_the_official_packages_are_read() -> None:
    for path in VECTORS.glob("*.json"):
        pair = json.loads(path.read_text())["keypair"]
        key = IssuerKey.from_json(json.dumps(pair).encode())
        assert key.to_method()["publicKeyMultibase"] == pair["publicKeyMultibase"]
        assert json.loads(key.to_json()) == pair


@pytest.mark.parametrize(
    "change",
    [
        {"secretKeyMultibase": None},
        {"secretKeyMultibase": "z1"},
        {"secretKeyMultibase": format_secret(KeyType.BLS12_381, fixed(32))},
        {"secretKeyMultibase": format_secret(KeyType.P256, bytes(32))},
        {"secretKeyMultibase": format_secret(KeyType.P256, b"\xff" * 32)},
        {"secretKeyMultibase": format_secret(KeyType.P256, fixed(32))},
        {"publicKeyMultibase": str(new(KeyType.BLS12_381).public)},
        {"publicKeyMultibase": 7},
        {"type": "JsonWebKey2020"},
        {"id": "keys-1"},
        {"id": DID},
        {"id": f"{DID}?a#b"},
        {"id": None},
        {"controller": "did:web:other.example"},
    ],
)
def test_a_file_that_contradicts_itself_is_refused_without_repeating_it(change: dict[str, Any]) -> None:
    pair = json.loads(new(KeyType.P256, did=DID).to_json())
    with pytest.raises(InvalidInput) as bad:
        IssuerKey.from_json(json.dumps({**pair, **change}).encode())
    assert pair["secretKeyMultibase"] not in str(bad.value)
    assert str(change.get("secretKeyMultibase")) not in str(bad.value)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff", b"[" * 60_000, b"[" * 70_000, b'"' + b"a" * 70_000 + b'"'])
def test_a_file_that_is_no_key_file_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput, match="not a Multikey pair"):
        IssuerKey.from_json(raw)


def test_a_did_must_be_one() -> None:
    with pytest.raises(InvalidInput, match="not a DID"):
        IssuerKey.generate(KeyType.P256, did="carrier.example")
    with pytest.raises(InvalidInput, match="not a DID URL"):
        IssuerKey.generate(KeyType.P256, did=DID, fragment="a#b")


# ---------------------------------------------------------------- DIDs and their documents


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:carrier.example", "https://carrier.example/.well-known/did.json"),
        ("did:web:ebl.carrier.example", "https://ebl.carrier.example/.well-known/did.json"),
        ("did:web:xn--bcher-kva.example:bills:2026", "https://xn--bcher-kva.example/bills/2026/did.json"),
        ("did:web:carrier.example:..a", "https://carrier.example/..a/did.json"),
    ],
)
def test_a_did_web_is_found_where_the_method_says(did: str, url: str) -> None:
    assert web_url(did) == url


@pytest.mark.parametrize(
    "did",
    [
        "did:web:",
        "did:web",
        "did:key:zDna",
        "x did:web:carrier.example",
        "did:web:Carrier.example",
        "did:web:carrier.example%3A08443",
        "did:web:carrier.example%3A",
        "did:web:carrier.example%2Fother",
        "did:web:carrier.example:..",
        "did:web:carrier.example:.",
        "did:web:carrier.example::a",
        "did:web:carrier.example:a/b",
        "did:web:carrier.example/a",
        "did:web:carrier.example?x",
        "did:web:carrier.example#x",
        "did:web:user@carrier.example",
        "did:web:carrier..example",
        "did:web:-carrier.example",
        "did:web:carrier_.example",
        "did:web:kär.example",
        "did:web:carrier.example\n",
        "did:web:" + "a." * 130 + "example",
        "did:web:carrier.example:" + "a" * 3000,
    ],
)
def test_no_other_did_web_is_looked_for(did: str) -> None:
    with is_broken(NotADid, match="did:web"):
        web_url(did)


def test_a_did_web_with_a_port_is_looked_for_at_that_port() -> None:
    assert web_url("did:web:carrier.example%3A8443") == "https://carrier.example:8443/.well-known/did.json"
    assert web_url("did:web:carrier.example%3a443:bills:1") == "https://carrier.example/bills/1/did.json"
    assert web_url("did:web:localhost") == "https://localhost/.well-known/did.json"  # for the guard to refuse


@pytest.mark.parametrize(
    "text", ["did:web:a.example#", "#a", "did:web:a.example", "did:web:a.example#a#b", "did:a#b", "did:web:a%2#b"]
)
def test_a_key_id_is_a_did_and_a_fragment(text: str) -> None:
    with is_broken(NotADid, match="FRAGMENT"):
        split_key_id(text)
    assert split_key_id("did:web:a.example#keys-1") == ("did:web:a.example", "keys-1")


def test_a_did_has_no_path_and_no_query() -> None:
    assert is_did("did:ethr:0xe712878f6E8d5d4F9e87E10DA604F9cB564C9a89")
    assert not any(
        map(
            is_did,
            ["did:web:a.example/b", "did:web:a?b", "did:web:a;b", "did:web:a#b", "did:web:a%2", "did:web:a:", "web:a"],
        )
    )


def test_a_did_json_lets_its_keys_sign() -> None:
    first, second = new(KeyType.P256, did=DID), new(KeyType.BLS12_381, did=DID, fragment="keys-2")
    made = web_document(DID, [(first.id, first.public), (second.id, second.public)])
    assert made["id"] == DID
    assert made["verificationMethod"] == [first.to_method(), second.to_method()]
    assert made["assertionMethod"] == made["authentication"] == [f"{DID}#keys-1", f"{DID}#keys-2"]
    assert "secret" not in json.dumps(made)


def test_a_did_key_document_is_made_of_the_key() -> None:
    key = new(KeyType.BLS12_381)
    made = key_document(key.public)
    assert made["verificationMethod"] == [key.to_method()]
    assert made["id"] == key.did


def test_a_did_document_holds_only_its_own_keys_and_each_once() -> None:
    key = new(KeyType.P256, did=DID)
    mine = (key.id, key.public)
    with pytest.raises(InvalidInput, match="not of did:web:other"):
        web_document("did:web:other.example", [mine])
    with pytest.raises(InvalidInput, match="same id"):
        web_document(DID, [mine, mine])
    with pytest.raises(InvalidInput, match="at least one key"):
        web_document(DID, [])
    with pytest.raises(InvalidInput, match="did:web"):
        web_document("did:key:z1", [mine])
    for hidden in ("did:web:carrier", "did:web:127.0.0.1", "did:web:carrier.example%3A8443"):
        with pytest.raises(InvalidInput, match="does not name a public site"):
            web_document(hidden, [mine])
    with pytest.raises(InvalidInput, match="DID URL"):
        document(DID, [("keys-1", key.public)])
