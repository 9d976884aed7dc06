"""An attacker has keys too: whatever they sign, derive and present of their own is read without a fault.

Mutations of a signed document end at its signature. Here odd values are put in first and signed then, so that what comes after
the signature sees them.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from ebl.credential import derive
from ebl.credentials import bbs_2023 as bbs
from ebl.credentials import ecdsa_rdfc, ecdsa_sd
from ebl.credentials.present import present
from ebl.errors import Error
from ebl.model.findings import Verdict
from ebl.policy import UnsafeAnyIssuer
from ebl.reports.fragments import fragments, is_valid
from ebl.sources import offline
from ebl.verify import check_integrity, examine
from tests.unit.hostile import world
from tests.unit.model.test_wholeness import BILL, ID, KEYS, LISTER, REGISTRY, V2, entry, title

Json = dict[str, Any]

ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 2**70, "", "x", "\ud800", "\u202e", [], {}, [[]], [{}], ["a", "b"], {"a": 1},
    "did:key:z", "https://a.example/x", "2026-01-01T00:00:00Z", "99999999999999999999",
    {"@value": "x"}, {"@id": "urn:x:y"}, {"id": "urn:x:1"}, {"@set": [1]}, {"@list": [1]},
    ["revocation", "suspension"], [["revocation"]], {"type": "BitstringStatusListEntry", "statusPurpose": ["a"]},
    "BitstringStatusListEntry", ["BitstringStatusListEntry"], ["TransferableRecords"], "TransferableRecords",
)  # fmt: skip
NAMES = ("id", "type", "statusPurpose", "statusListIndex", "x", "@id", "@type", "tokenNetwork", "name")
STATUSES: tuple[Any, ...] = (
    None,
    entry("revocation"),
    entry("suspension"),
    title(),
    {**title(), "obligationRegistry": REGISTRY},
    [entry("revocation"), entry("suspension", 8)],
    {"type": "Madeup", "id": "urn:s:1", "statusPurpose": "revocation"},
)
CREATED = "2026-01-02T00:00:00Z"
OFFLINE = offline(now=world.NOW)


def places(node: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield at
    if isinstance(node, dict | list):
        for step, inner in node.items() if isinstance(node, dict) else enumerate(node):
            yield from places(inner, (*at, step))


def changed(document: Json, rnd: random.Random) -> Json:
    """A copy with an odd value at one place, or without it."""
    document = copy.deepcopy(document)
    at = rnd.choice([place for place in places(document) if place])
    holder: Any = document
    for step in at[:-1]:
        holder = holder[step]
    if rnd.random() < 0.15:
        del holder[at[-1]]
    elif isinstance(holder[at[-1]], dict) and rnd.random() < 0.5:
        holder[at[-1]][rnd.choice(NAMES)] = rnd.choice(ODD)
    else:
        holder[at[-1]] = rnd.choice(ODD)
    return document


def made(rnd: random.Random) -> Json:
    """A credential that was signed with odd values in it; raises `Error` if the signer refuses."""
    suite = rnd.choice([*KEYS, ecdsa_rdfc.SUITE])
    key = KEYS.get(suite, LISTER)
    document: Json = {
        "@context": [V2, BILL],
        "id": ID,
        "type": ["VerifiableCredential"],
        "issuer": key.did,
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2027-01-01T00:00:00Z",
        "credentialSubject": {"type": ["BillOfLading"], "blNumber": "BL-1", "vessel": "MV Nordlicht"},
    }
    if (status := rnd.choice(STATUSES)) is not None:
        document["credentialStatus"] = status
    for _ in range(rnd.randint(0, 2)):
        document = changed(document, rnd)
    mandatory = [f"/{name}" for name in document if name != "@context" and rnd.random() < 0.5]
    if suite == ecdsa_rdfc.SUITE:
        return ecdsa_rdfc.sign(document, key, options={"proofPurpose": "assertionMethod", "created": CREATED})
    if suite == bbs.SUITE:
        return bbs.sign(document, key, mandatory=mandatory)
    return ecdsa_sd.sign(document, key, mandatory=mandatory, created=CREATED)


def shown(document: Json, rnd: random.Random) -> Iterator[Json]:
    """What can be made of it: itself, something derived, and a presentation of either."""
    forms = [document]
    pointers = ["/" + "/".join(map(str, at)) for at in places(document) if at and at[0] not in ("@context", "proof")]
    some = rnd.sample(pointers, min(len(pointers), rnd.randint(1, 6)))
    for make in (
        lambda: derive(document, some),
        lambda: present([forms[-1]], LISTER, expires=world.NOW + timedelta(days=1), created=world.NOW),
    ):
        try:
            forms.append(make())
        except Error:
            continue
    return iter(forms)


def try_one(rnd: random.Random) -> int:
    try:
        document = made(rnd)
    except Error:
        return 0
    tried = 0
    for form in shown(document, rnd):
        try:
            report = examine(json.dumps(form).encode(), UnsafeAnyIssuer(), sources=OFFLINE)
        except Error:  # the bytes are no document
            continue
        assert str(report) and report.to_dict()
        assert report.verdict is Verdict.VALID or not is_valid(fragments(report, form)), report.summary
        if report.document is not None:
            with suppress(Error):
                check_integrity(report.document)
        tried += 1
    return tried


@pytest.mark.slow
def test_whatever_was_signed_is_examined_without_a_fault_and_told_alike_by_its_fragments() -> None:
    rnd = random.Random(1)
    assert sum(try_one(rnd) for _ in range(500)) > 50


@pytest.mark.exhaustive
def test_whatever_was_signed_is_examined_without_a_fault_many_times() -> None:
    rnd = random.Random(2)
    assert sum(try_one(rnd) for _ in range(20_000)) > 2000


@pytest.mark.parametrize("suite", KEYS)
@pytest.mark.parametrize(
    "purpose", [["revocation", "suspension"], ["suspension"], [], {"@value": "suspension"}, [["x"]]]
)
@pytest.mark.parametrize("binds", [(), ("/credentialStatus",)])
def test_a_purpose_that_is_no_text_is_no_fault_in_what_is_derived(
    suite: str, purpose: Any, binds: tuple[str, ...]
) -> None:
    key = KEYS[suite]
    document = {
        "@context": [V2, BILL],
        "id": ID,
        "type": ["VerifiableCredential"],
        "issuer": key.did,
        "credentialSubject": {"type": ["BillOfLading"], "blNumber": "BL-1"},
        "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": purpose},
    }
    try:
        if suite == bbs.SUITE:
            signed = bbs.sign(document, key, mandatory=["/issuer", *binds])
        else:
            signed = ecdsa_sd.sign(document, key, mandatory=["/issuer", *binds], created=CREATED)
        part = derive(signed, ["/credentialSubject", "/credentialStatus"])
    except Error:
        pytest.skip("not signed, so that it cannot be shown")
    report = examine(json.dumps(part).encode(), UnsafeAnyIssuer(), sources=OFFLINE)
    assert report.verdict is Verdict.INDETERMINATE
