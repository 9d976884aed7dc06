"""Status lists are made, changed and read in both kinds and both spellings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ebl.codec.bitstring import MIN_BITS
from ebl.codec.broken import Broken
from ebl.credentials.status_list_credential import ListKind, is_list_url, new_list, parse, read_status_list, updated
from ebl.errors import InvalidInput, Unsupported
from ebl.messages import explained

NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = "https://carrier.example/status/1"


def made(**named: Any) -> dict[str, Any]:
    standard = {"url": URL, "issuer": "did:web:carrier.example", "purpose": "revocation", "valid_from": NOW}
    return new_list(**{**standard, **named})


@pytest.mark.parametrize("kind", list(ListKind))
@pytest.mark.parametrize("multibase", [False, True])
def test_a_list_is_read_as_it_was_made_and_changed(kind: ListKind, multibase: bool) -> None:
    first = made(kind=kind, multibase=multibase, valid_until=NOW + timedelta(days=7))
    later = NOW + timedelta(days=1)
    second = updated({**first, "proof": {"type": "DataIntegrityProof"}}, {94: True, 95: True}, valid_from=later)
    third = updated(second, {95: False}, valid_from=later)
    assert "proof" not in second
    for credential in (first, second, third):
        assert credential["credentialSubject"]["encodedList"].startswith("uH4sI" if multibase else "H4sI")
        assert (credential["id"], credential["credentialSubject"]["id"]) == (URL, f"{URL}#list")
    lists = [parse(credential) for credential in (first, second, third)]
    assert [(held.bits[94], held.bits[95]) for held in lists] == [(False, False), (True, True), (True, False)]
    assert [held.valid_from for held in lists] == [NOW, later, later]
    assert [held.valid_until for held in lists] == [NOW + timedelta(days=7), None, None]
    assert {(h.kind, h.url, h.issuer, h.purposes, len(h.bits)) for h in lists} == {
        (kind, URL, "did:web:carrier.example", ("revocation",), MIN_BITS)
    }


def test_the_kinds_are_written_as_their_specifications_have_them() -> None:
    new, old = made(valid_until=NOW + timedelta(1)), made(kind=ListKind.STATUS_2021, valid_until=NOW + timedelta(1))
    assert new["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert new["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert (new["validFrom"], new["validUntil"]) == ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    assert old["@context"][0] == "https://www.w3.org/2018/credentials/v1"
    assert "https://w3id.org/vc/status-list/2021/v1" in old["@context"]
    assert old["type"] == ["VerifiableCredential", "StatusList2021Credential"]
    assert (old["issuanceDate"], old["expirationDate"]) == ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    assert "validFrom" not in old
    assert old["credentialSubject"]["type"] == "StatusList2021"


def test_a_list_whose_id_is_no_url_is_bound_by_its_subject() -> None:
    """So do lists come that were given a fresh urn:uuid when they were signed."""
    listed = {**made(), "id": "urn:uuid:019bd4de-17ba-7a7e-a2c2-16b6ea4b7e43"}
    assert parse(listed).url == URL
    named = {**listed, "issuer": {"id": "did:web:carrier.example", "name": "Carrier"}}
    assert parse(named).issuer == "did:web:carrier.example"
    assert parse({**made(), "id": "https://other.example/1"}).url == "https://other.example/1"


def test_the_narrowest_dates_count() -> None:
    wide = {**made(kind=ListKind.STATUS_2021, valid_until=NOW + timedelta(9)), "validFrom": "2026-01-03T00:00:00Z"}
    held = parse({**wide, "validUntil": "2026-01-04T00:00:00Z"})
    assert (held.valid_from, held.valid_until) == (NOW + timedelta(2), NOW + timedelta(3))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"type": ["VerifiableCredential"]}, "StatusListCredential"),
        ({"type": "BitstringStatusListCredential"}, "StatusListCredential"),
        ({"issuer": "https://carrier.example"}, "issuer"),
        ({"issuer": None}, "issuer"),
        ({"issuer": {"name": "Carrier"}}, "issuer"),
        ({"id": None, "credentialSubject": {"id": None}}, "URL of the list"),
        ({"validFrom": "2026-01-01"}, "expected a date"),
        ({"validFrom": None}, "to be a date"),
        ({"validUntil": 7}, "to be a date"),
        ({"credentialSubject": []}, "one credentialSubject"),
        ({"credentialSubject": {"type": "StatusList2021"}}, "the subject to match"),
        ({"credentialSubject": {"type": None}}, "the subject to match"),
        ({"credentialSubject": {"statusPurpose": []}}, "a statusPurpose"),
        ({"credentialSubject": {"statusPurpose": ["revocation", 5]}}, "a statusPurpose"),
        ({"credentialSubject": {"encodedList": None}}, "one encodedList"),
        ({"credentialSubject": {"encodedList": "H4sI"}}, "gzip"),
    ],
)
def test_what_is_no_list_is_not_read_as_one(change: dict[str, Any], why: str) -> None:
    whole = made()
    if isinstance(change.get("credentialSubject"), dict):
        change = {**change, "credentialSubject": {**whole["credentialSubject"], **change["credentialSubject"]}}
    with pytest.raises(Broken) as found:
        parse({**whole, **change})
    assert why in str(explained(found.value.reason))
    with pytest.raises(InvalidInput, match=f"cannot be changed: .*{why}"):
        updated({**whole, **change}, {}, valid_from=NOW)


def test_entries_of_several_bits_are_not_supported() -> None:
    whole = made()
    whole["credentialSubject"]["statusSize"] = 2
    with pytest.raises(Unsupported, match="'2' bits"):
        parse(whole)
    with pytest.raises(InvalidInput, match="cannot be changed"):
        updated(whole, {}, valid_from=NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://carrier.example/1"},
        {"url": "https://carrier.example/1#list"},
        {"url": "carrier.example/1"},
        {"issuer": "https://carrier.example"},
        {"purpose": "message"},
        {"entries": 8},
        {"valid_until": NOW},
    ],
)
def test_what_would_not_verify_is_not_made(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        made(**change)


def test_a_list_has_no_entry_beyond_its_end() -> None:
    with pytest.raises(InvalidInput, match="no such entry"):
        updated(made(), {MIN_BITS: True}, valid_from=NOW)


def test_lists_are_found_at_https_urls() -> None:
    assert is_list_url(URL)
    bad = [
        "",
        "https://",
        "https:///1",
        "HTTP://a.example",
        "http://a.example/",
        "ftp://a.example/",
        "https://[",
        f"{URL}#",
        "https://a.example/\n",
    ]
    assert not any(map(is_list_url, bad))


def test_a_credential_of_something_else_is_refused_in_words() -> None:
    with pytest.raises(InvalidInput, match="This is not a status list: "):
        read_status_list({"credentialSubject": []})
