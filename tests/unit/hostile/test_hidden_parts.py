"""Whatever part of a document is hidden, the verdict on the rest is never better than what the whole one says, unsaid."""

from __future__ import annotations

import base64
import copy
import json
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.chain.contracts import document_store_abi as document_store
from ebl.codes import Condition
from ebl.credential import derive, transferable
from ebl.credentials import bbs_2023 as bbs
from ebl.credentials import ecdsa_rdfc, ecdsa_sd, vc, vp
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.present import present
from ebl.credentials.suites import SUITES
from ebl.credentials.vc import token_id
from ebl.crypto.multikey import KeyType
from ebl.errors import Unreadable
from ebl.ethereum import abi
from ebl.ethereum.keccak import keccak256
from ebl.model.findings import Verdict
from ebl.model.ports import Answer, Read, Sources
from ebl.policy import IssuedByTrusted, Trusted, UnsafeAnyIssuer
from ebl.reports.report import Report
from ebl.verify import examine
from ebl.wrap import to_json, wrap
from tests.unit.chain.titles.registry_chain import REGISTRY, titled
from tests.unit.hostile import world
from tests.unit.model.test_wholeness import BILL, ID, KEYS, LISTER, V2, entry, signed
from tests.unit.model.test_wholeness import world as web

pytestmark = pytest.mark.slow

Json = dict[str, Any]

SAID = {Condition.DERIVED, Condition.WITHHELD, Condition.UNKNOWN_EXTENT}
NOW, PAST, FUTURE = world.NOW, "2026-03-01T00:00:00Z", "2027-09-01T00:00:00Z"
HOLDER = IssuerKey.generate(KeyType.P256, randomness=random.Random(14).randbytes)
RECORDS = "https://trustvc.io/context/transferable-records-context.json"
INVOICE = "https://trustvc.io/context/invoice.json"
SECOND = "0x" + "7c" * 20


def says_nothing(report: Report) -> bool:
    """Whether it is VALID, and no condition says that something may be hidden."""
    return report.verdict is Verdict.VALID and not {one.remark for one in report.conditions} & SAID


def hold(whole: Report, shown: Report) -> None:
    """What is VALID and says nothing is VALID when it is whole; a no to a part is one to the whole."""
    if says_nothing(shown):
        assert whole.verdict is Verdict.VALID, whole.summary
    if shown.verdict is Verdict.INVALID:
        assert whole.verdict is Verdict.INVALID, shown.summary


# W3C credentials -----------------------------------------------------------------------------------------------------


@st.composite
def credentials(draw: st.DrawFn) -> tuple[Json, list[str], Sources]:
    """The members of a credential, all pointers that can be chosen among them, and the world around it."""
    statuses: list[Any] = draw(
        st.lists(st.sampled_from(["revocation", "suspension"]), max_size=3).map(
            lambda purposes: [entry(purpose, 10 + at) for at, purpose in enumerate(purposes)]
        )
    )
    as_title = draw(st.booleans()) and not statuses
    if as_title:
        statuses = [{**transferable(chain_id=world.CHAIN, registry=REGISTRY), "tokenId": token_id(ID).hex()}]
    status: Any = statuses[0] if len(statuses) == 1 else statuses
    is_bill = draw(st.booleans())
    more: Json = {
        "@context": [V2, BILL if is_bill else INVOICE, RECORDS],
        "credentialSubject": {"type": ["BillOfLading"], "blNumber": "BL-1", "vessel": "MV N"}
        if is_bill
        else {"type": ["Invoice"], "invoiceId": "1", "total": "2"},
        "validFrom": draw(st.sampled_from([..., PAST, FUTURE])),
        "validUntil": draw(st.sampled_from([..., PAST, FUTURE])),
        "credentialStatus": status if statuses else ...,
    }
    if more["validFrom"] == FUTURE and more["validUntil"] == PAST:
        more["validFrom"] = ...
    places = [f"/{name}" for name in ("validFrom", "validUntil", "credentialStatus") if more[name] is not ...]
    for at, one in enumerate(statuses):
        base = "/credentialStatus" if len(statuses) == 1 else f"/credentialStatus/{at}"
        places += [base, *(f"{base}/{name}" for name in one if name not in ("id", "type"))]
    subject = more["credentialSubject"]
    places += [f"/credentialSubject/{name}" for name in subject if name != "type"]
    revoked = {
        purpose: [
            one["statusListIndex"] for one in statuses if one.get("statusPurpose") == purpose and draw(st.booleans())
        ]
        for purpose in ("revocation", "suspension")
    }
    around = web(**{purpose: [int(index) for index in indexes] for purpose, indexes in revoked.items()})
    chain = world.OneChain()
    if draw(st.booleans()):
        chain.titles[token_id(ID)] = titled(at=REGISTRY, token=int.from_bytes(token_id(ID), "big"))
    else:
        chain.titles[bytes(32)] = titled(at=REGISTRY, token=0)
    return more, list(dict.fromkeys(places)), replace(world.sources(chain), fetch=around.fetch, now=NOW)


def judged(document: Json, sources: Sources) -> Report:
    presented = document.get("verifiableCredential")
    reader, first = (vp.read, presented[0]) if presented else (vc.read, document)
    policy = IssuedByTrusted(Trusted(did=first["issuer"]))  # of one issuer, who need not vouch for the registry
    try:
        return examine(reader(document, list_issuers=(LISTER.did,)), policy, sources=sources)
    except Unreadable:
        return examine(to_json(document), policy, sources=sources)


@pytest.mark.parametrize("presented", (False, True))
@pytest.mark.parametrize("suite", KEYS)
@settings(max_examples=150)
@given(st.data())
def test_what_is_derived_is_never_better_than_the_whole_credential(
    suite: str, presented: bool, data: st.DataObject
) -> None:
    more, places, sources = data.draw(credentials())
    some = st.just(places) | st.lists(st.sampled_from(places), unique=True)
    bound, chosen = data.draw(some), data.draw(some)
    base = signed(suite, *(place[1:] for place in bound), **more)
    about = next(place for place in places if place.startswith("/credentialSubject"))
    shown = derive(base, [about, *chosen])
    whole = judged(base, sources)
    if presented:
        shown = present([shown], HOLDER, expires=NOW + timedelta(hours=1), created=NOW)
    found = judged(shown, sources)
    hold(whole, found)


@pytest.mark.parametrize("suite", KEYS)
def test_a_title_whose_issuer_bound_all_that_counts_hides_nothing(suite: str) -> None:
    """So that the sweep above is about something: there are derived credentials with nothing to say against."""
    status = {**transferable(chain_id=world.CHAIN, registry=REGISTRY), "tokenId": token_id(ID).hex()}
    more: Json = {"@context": [V2, BILL, RECORDS], "credentialStatus": status}
    base = signed(suite, "validFrom", "validUntil", "credentialStatus", **more)
    chain = world.OneChain()
    chain.titles[token_id(ID)] = titled(at=REGISTRY, token=int.from_bytes(token_id(ID), "big"))
    found = judged(derive(base, ["/credentialSubject/blNumber"]), replace(world.sources(chain), now=NOW))
    assert says_nothing(found), found.summary


def test_a_credential_signed_whole_is_whole() -> None:
    body = {
        "@context": [V2, BILL],
        "id": ID,
        "type": ["VerifiableCredential"],
        "issuer": LISTER.did,
        "credentialStatus": entry("revocation"),
        "credentialSubject": {"type": ["BillOfLading"], "blNumber": "BL-1"},
    }
    options = {"created": "2026-05-31T00:00:00Z", "proofPurpose": "assertionMethod"}
    document = ecdsa_rdfc.sign(body, LISTER, options=options)
    assert says_nothing(judged(document, web()))
    less = {member: value for member, value in document.items() if member != "credentialStatus"}
    assert judged(less, web()).verdict is Verdict.INVALID
    assert {ecdsa_rdfc.SUITE, ecdsa_sd.SUITE, bbs.SUITE} == set(SUITES)  # a suite that is added is swept too


# OpenAttestation -----------------------------------------------------------------------------------------------------


class TwoStores(world.OneChain):
    """A chain with a second store, in which the document was issued, and revoked."""

    def _code(self, address: str) -> bytes:
        return b"\x60" if address.lower() == SECOND else super()._code(address)

    def _call(self, read: Read) -> Answer:
        if read.to.lower() == SECOND:
            known = (document_store.IS_ISSUED.selector, document_store.IS_REVOKED.selector)
            return abi.encode_word("bool", read.data[:4] in known)
        return super()._call(read)


def documents() -> dict[str, Json]:
    found = world.documents()
    second = {**world._IN_STORE, "documentStore": SECOND}
    found["v2 revoked by the second"] = wrap(world.v2(world._IN_STORE, second))
    in_store = {"method": "DOCUMENT_STORE", "value": world.STORE}
    by_domain = {"type": "DNS-TXT", "identifier": world.DOMAIN}
    for name, dates in {
        "v3 expired": {"expirationDate": "2026-03-01T00:00:00Z"},
        "v3 over": {"validUntil": "2026-03-01T00:00:00Z"},
        "v3 to come": {"validFrom": "2029-01-01T00:00:00Z"},
    }.items():
        found[name] = wrap({**world.v3(in_store, by_domain), **dates})
    return found


DOCUMENTS = documents()


def world_of() -> Sources:
    chain = world.chain_of(DOCUMENTS)
    two = TwoStores(issued=chain.issued, revoked=chain.revoked, titles=chain.titles)
    return world.sources(two)


def without(document: Json, gone: list[str]) -> Json:
    """The document with all below these places replaced by hashes, by none of the rules of `ebl.openattestation.redact`."""
    less = copy.deepcopy(document)
    is_v2 = "data" in less
    salts = {} if is_v2 else {one["path"]: one["value"] for one in json.loads(base64.b64decode(less["proof"]["salts"]))}
    hidden = []
    for place in gone:
        for path, leaf in _cut(less["data"] if is_v2 else less, place):
            if is_v2:
                hidden.append(_hash({path: leaf}))
            elif path in salts:
                hidden.append(_hash({path: f"{salts.pop(path)}:{_text(leaf)}"}))
    if is_v2:
        less["privacy"] = {"obfuscatedData": hidden}
    else:
        kept = json.dumps([{"value": salt, "path": path} for path, salt in salts.items()], separators=(",", ":"))
        less["proof"] |= {"salts": base64.b64encode(kept.encode()).decode(), "privacy": {"obfuscated": hidden}}
    return less


def _cut(data: Any, place: str) -> list[tuple[str, Any]]:
    """Take a member, or the last element of a list, out of the data; gives its leaves. Nothing if it is no longer there."""
    *way, last = place.split(".")
    holder = data
    try:
        for step in way:
            holder = holder[int(step) if isinstance(holder, list) else step]
        if isinstance(holder, list) and int(last) != len(holder) - 1:
            return []
        return _leaves(holder.pop(int(last) if isinstance(holder, list) else last), place)
    except (LookupError, TypeError):
        return []


def _text(leaf: Any) -> str:
    return leaf if isinstance(leaf, str) else json.dumps(leaf)


def _hash(value: Any) -> str:
    return keccak256(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()).hex()


def _leaves(value: Any, at: str) -> list[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        return [leaf for name, inner in value.items() for leaf in _leaves(inner, f"{at}.{name}")]
    if isinstance(value, list) and value:
        return [leaf for number, inner in enumerate(value) for leaf in _leaves(inner, f"{at}.{number}")]
    return [(at, value)]


def _places(value: Any, at: str = "") -> list[str]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = []
    for name, one in inner:
        place = f"{at}.{name}" if at else str(name)
        found += [place, *_places(one, place)]
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
@settings(max_examples=60)
@given(st.data())
def test_what_is_withheld_never_makes_a_document_better_than_the_whole_one(name: str, data: st.DataObject) -> None:
    document = DOCUMENTS[name]
    content = document.get("data") or {name: value for name, value in document.items() if name != "proof"}
    gone = data.draw(st.lists(st.sampled_from(_places(content)), min_size=1, max_size=4, unique=True))
    sources = world_of()
    whole = examine(to_json(document), UnsafeAnyIssuer(), sources=sources)
    try:
        shown = examine(to_json(without(document, sorted(gone, reverse=True))), UnsafeAnyIssuer(), sources=sources)
    except Unreadable:
        return
    if says_nothing(shown):
        assert whole.verdict is Verdict.VALID, whole.summary


@pytest.mark.parametrize(
    ("name", "gone"),
    (
        ("v2 revoked by the second", "issuers.1"),
        ("v3 expired", "expirationDate"),
        ("v3 over", "validUntil"),
        ("v3 to come", "validFrom"),
    ),
)
def test_hiding_what_made_it_invalid_leaves_a_valid_that_says_what_it_rests_on(name: str, gone: str) -> None:
    sources = world_of()
    assert examine(to_json(DOCUMENTS[name]), UnsafeAnyIssuer(), sources=sources).verdict is Verdict.INVALID
    shown = examine(to_json(without(DOCUMENTS[name], [gone])), UnsafeAnyIssuer(), sources=sources)
    assert shown.verdict is Verdict.VALID, shown.summary
    assert not says_nothing(shown)
    assert shown.whole is not None
    assert gone.partition(".")[0] in shown.whole.may_hide
