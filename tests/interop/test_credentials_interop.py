"""Credentials and status lists of both suites go to and fro between us and the official packages."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ebl.codes import Failure
from ebl.credential import derive, sign
from ebl.credentials import data_integrity as di
from ebl.credentials import status_list, vc
from ebl.credentials import status_list_credential as list_credential
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.status_list_credential import ListKind
from ebl.crypto.multikey import MULTIKEY_CONTEXT, KeyType
from ebl.did.document_writer import key_document
from ebl.errors import Refuted
from ebl.model.ports import Page
from ebl.sources import offline

pytest.importorskip("py_arkworks_bls12381")
Js = Callable[[str, Any], Any]
VECTORS = Path(__file__).parents[1] / "vectors" / "trustvc"
SUITES = {"ecdsa-sd-2023": KeyType.P256, "bbs-2023": KeyType.BLS12_381}
NAMES = ("01-tr-qr-render", "03-select-one-package", "08-carrier-bl", "12-v1-model")
CASES = [f"{suite}-{name}" for suite in SUITES for name in (*NAMES, "with-json")]
SCHEMA = {
    "id": "https://carrier.example/schema",
    "type": "JsonSchema",
    "jsonSchema": {
        "type": "object",
        "required": ["\ue000", "😀"],
        "😀": {"maximum": 10.50, "default": None},
        "\ue000": [],
    },
}
NOW = datetime.now(UTC).replace(microsecond=0)
URL = "https://carrier.example/status/1"


def known(key: IssuerKey) -> dict[str, Any]:
    """What the official document loader must find, as it cannot read a did:key itself."""
    return {key.did: key_document(key.public), key.id: {"@context": MULTIKEY_CONTEXT, **key.to_method()}}


def ours(document: dict[str, Any]) -> di.Authentic:
    (signed,) = vc.read(document).integrity
    fact: di.Authentic = signed.check(offline(now=NOW))
    return fact


def shown(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "proof": None}


def pointers(case: Any) -> list[str]:
    """What the official package shows: the subject, where neither list of pointers names anything of it."""
    chosen = list(case["selectivePointers"])
    named = any(pointer.startswith("/credentialSubject") for pointer in [*case["mandatoryPointers"], *chosen])
    return chosen if named else [*chosen, "/credentialSubject"]


def case_of(name: str) -> Any:
    """A case of the official package's, or the first of them with a schema beside it, which is JSON as one value."""
    with_json = name.endswith("-with-json")
    case = json.loads((VECTORS / f"{name.replace('with-json', NAMES[0])}.json").read_text())
    if with_json:
        case["input"]["credentialSchema"] = SCHEMA
        case["selectivePointers"] = [*pointers(case), "/credentialSchema/jsonSchema"]
    return case


@pytest.fixture(scope="module")
def exchange(js: Js) -> dict[str, Any]:
    """By case: what we signed and derived, what they did, and what they say of ours. Two runs of node, as each is slow."""
    cases = {name: case_of(name) for name in CASES}
    found: dict[str, Any] = {}
    world: dict[str, Any] = {}
    calls = []
    for name, case in cases.items():
        key = IssuerKey.from_json(json.dumps(case["keypair"]).encode())
        world |= known(key)
        mandatory, chosen = case["mandatoryPointers"], case["selectivePointers"]
        signed = sign(case["input"], key, mandatory=mandatory)
        derived = derive(signed, pointers(case))
        found[name] = {"signed": signed, "derived": derived}
        date = "validFrom" if "validFrom" in signed else "issuanceDate"
        calls += [
            {"op": "derive", "credential": signed, "pointers": chosen},
            {"op": "verify", "credential": derived},
            {"op": "verify", "credential": {**derived, date: "2020-01-01T00:00:00Z"}},
            {"op": "fragments", "credential": derived},
            {"op": "sign", "credential": case["input"], "keyPair": case["keypair"], "suite": case["suite"],
             "mandatory": mandatory},
        ]  # fmt: skip
    answers = iter(js("credentials.cjs", {"known": world, "calls": calls}))
    calls = []
    for name, case in cases.items():
        row = found[name]
        row["derived by them"] = next(answers)["derived"]
        row["verified by them"], row["changed"], row["fragments"] = next(answers), next(answers), next(answers)
        row["signed by them"] = theirs = next(answers)["signed"]
        row["derived from theirs"] = derive(theirs, pointers(case))
        calls += [
            {"op": "derive", "credential": theirs, "pointers": case["selectivePointers"]},
            {"op": "verify", "credential": row["derived from theirs"]},
        ]
    answers = iter(js("credentials.cjs", {"known": world, "calls": calls}))
    for row in found.values():
        row["derived by them from theirs"], row["verified by them again"] = next(answers)["derived"], next(answers)
    return found


@pytest.mark.parametrize("name", CASES)
def test_what_we_sign_and_derive_they_derive_and_verify(exchange: dict[str, Any], name: str) -> None:
    row = exchange[name]
    assert row["verified by them"] == {"verified": True}
    assert row["changed"]["verified"] is False
    assert ours(row["derived by them"]).derived
    assert shown(row["derived by them"]) == shown(row["derived"])
    if name.startswith("ecdsa"):  # the other suite draws its proof anew each time
        assert row["derived by them"] == row["derived"]


@pytest.mark.parametrize("name", CASES)
def test_what_they_sign_and_derive_we_derive_and_verify(exchange: dict[str, Any], name: str) -> None:
    row = exchange[name]
    assert not ours(row["signed by them"]).derived
    assert row["verified by them again"] == {"verified": True}
    theirs = row["derived by them from theirs"]
    assert ours(theirs).derived
    assert shown(theirs) == shown(row["derived from theirs"])


@pytest.mark.parametrize("name", CASES)
def test_their_whole_pipeline_finds_ours_unaltered_and_of_its_issuer(exchange: dict[str, Any], name: str) -> None:
    said = {entry["name"]: entry["status"] for entry in exchange[name]["fragments"]["fragments"]}
    integrity = "EcdsaW3CSignatureIntegrity" if name.startswith("ecdsa") else "Bbs2023W3CSignatureIntegrity"
    assert (said[integrity], said["W3CIssuerIdentity"]) == ("VALID", "VALID")


ENTRIES = {ListKind.BITSTRING: "BitstringStatusListEntry", ListKind.STATUS_2021: "StatusList2021Entry"}


def entry(kind: ListKind, url: str, index: int) -> dict[str, str]:
    names = {"id": f"{url}#{index}", "type": ENTRIES[kind], "statusPurpose": "revocation"}
    return {**names, "statusListIndex": str(index), "statusListCredential": url}


def revoked(listed: dict[str, Any], key: IssuerKey, kind: ListKind, url: str, index: int) -> bool:
    page = Page(url, "application/json", json.dumps(listed).encode())
    later = datetime.now(UTC) + timedelta(minutes=5)  # than their lists, and not than when this module was imported
    sources = replace(offline(now=later), fetch=lambda url, *, accept: page)
    try:
        status_list.entry(entry(kind, url, index), [f"{kind}Entry"], issuer=key.did).check(sources)
    except Refuted as no:
        assert no.failure is Failure.REVOKED
        return True
    return False


def test_both_believe_each_others_status_lists(js: Js) -> None:
    pairs = [(kind, IssuerKey.generate(SUITES[suite]), suite) for kind in ListKind for suite in SUITES]
    world: dict[str, Any] = {}
    calls: list[Any] = []
    lists = []
    for number, (kind, key, suite) in enumerate(pairs):
        url = f"{URL}/{number}"
        made = list_credential.new_list(
            url=url, issuer=key.did, purpose="revocation", valid_from=NOW - timedelta(days=1), kind=kind
        )
        made = list_credential.updated(made, {33: True}, valid_from=NOW - timedelta(days=1))
        lists.append((url, list_credential.signed(made, key, created=NOW)))
        world |= {**known(key), url: lists[-1][1]}
        spelt = {"subject": str(kind), "type": f"{kind}Credential", "purpose": "revocation", "suite": suite, "url": url}
        calls += [{"op": "status", "entry": entry(kind, url, index)} for index in (33, 34)]
        calls += [{"op": "list", "length": 131072, "set": [33], "keyPair": json.loads(key.to_json()), **spelt}]
    answers = js("credentials.cjs", {"known": world, "calls": calls})
    assert [answer["status"] for answer in answers if "status" in answer] == [True, False] * len(pairs)
    calls = [
        {"op": "sign", "credential": payload, "keyPair": json.loads(key.to_json()), "suite": suite}
        for payload, (_, key, suite) in zip(answers[2::3], pairs, strict=True)
    ]
    theirs = js("credentials.cjs", {"known": world, "calls": calls})
    for (kind, key, _), (url, listed), answer in zip(pairs, lists, theirs, strict=True):
        for credential in (listed, answer["signed"]):
            assert [revoked(credential, key, kind, url, index) for index in (33, 34)] == [True, False]
