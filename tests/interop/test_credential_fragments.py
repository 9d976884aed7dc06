"""What the official verifier says of W3C credentials, fragment by fragment, we say too; or we say more, where it is listed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from test_transferable_records import SHOWN, World, changed, world

from ebl.codes import Doubt
from ebl.credential import Credential, derive, listed, sign, transferable
from ebl.credentials import ecdsa_rdfc, ecdsa_sd
from ebl.credentials import status_list_credential as list_credential
from ebl.credentials.issuer_keys import IssuerKey
from ebl.crypto.multikey import MULTIKEY_CONTEXT, KeyType
from ebl.did.did_syntax import web_url
from ebl.did.document_writer import web_document
from ebl.errors import SourceError
from ebl.messages import own_words
from ebl.model.findings import Verdict
from ebl.model.ports import Page
from ebl.policy import IssuedByTrusted, Policy, Trusted, UnsafeAnyIssuer
from ebl.registry import accept_return, mint, return_to_issuer, title
from ebl.reports.fragments import fragments, is_valid
from ebl.reports.report import Report
from ebl.sources import online
from ebl.testing.anvil import Anvil
from ebl.verify import examine
from ebl.wrap import to_json

pytest.importorskip("py_arkworks_bls12381")
Document = dict[str, Any]
ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "vectors" / "trustvc"
NOW = datetime.now(UTC).replace(microsecond=0)
BEFORE, AFTER = NOW - timedelta(days=2), NOW + timedelta(days=2)
LISTS = {name: f"https://carrier.example/{name}" for name in ("revocation", "suspension", "foreign", "standard")}
SET, CLEAR = 33, 34
DATE = "2026-01-01T00:00:00Z"
INVOICE = {"type": ["Invoice"], "invoiceId": "1"}
BILL = {"type": ["BillOfLading"], "blNumber": "BL-1"}
NOBODY = "http://127.0.0.1:1"

HASHED, LIST, TITLE = "EcdsaW3CSignatureIntegrity", "W3CCredentialStatus", "TransferableRecords"
NONE, WHO = "W3CEmptyCredentialStatus", "W3CIssuerIdentity"
VALID, INVALID, ERROR, SKIPPED = (("VALID", None), ("INVALID", None), ("ERROR", None), ("SKIPPED", 0))
NOT_MINTED, NO_SERVER, NO_LIST = ("INVALID", 1), ("ERROR", 500), ("ERROR", 4)

ANYBODY = {"held, by any issuer"}  # verified under a policy that accepts anybody
# Where ours differ on purpose: case → fragment → our status and code. The same as in docs/integrator/compatibility.md.
DIFFERENT: dict[str, dict[str, tuple[str, int | None]]] = {
    "returned": {TITLE: NOT_MINTED},
    "taken out": {TITLE: NOT_MINTED},
    "held, by any issuer": {TITLE: NO_SERVER},
    "title on another chain": {TITLE: NO_SERVER},
    "list of another issuer": {LIST: NO_LIST},
    "list in the standard's encoding": {LIST: VALID},
    "bill of lading without a status": {NONE: ERROR},
    "derived bill of lading without a status": {NONE: ERROR},
    "suspension and no revocation": {LIST: NO_LIST},
    "expired": {HASHED: INVALID},
    "not yet valid": {NONE: VALID},
    "number that no statement holds": {HASHED: ERROR, TITLE: NO_SERVER},
    "issuer with a name": {WHO: VALID},
    "key that its DID does not list": {WHO: INVALID},
    "issuer that cannot be asked": {HASHED: ERROR, WHO: ERROR},
    "unknown suite": {NONE: ERROR, WHO: ERROR},
    "older kind of proof": {"W3CSignatureIntegrity": ERROR, NONE: ERROR, WHO: ERROR},
    "no proof": {NONE: SKIPPED, WHO: SKIPPED},
}
# Cases of one status and code in which the message is ours. (It is wherever a credential breaks the rules of its format.)
OUR_WORDS = {
    "no node", "no list", "list for another purpose", "place beyond the list", "not yet valid",
    "key that its DID does not list",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """What the official verifier and we say of one credential."""

    theirs: list[dict[str, Any]]
    they_say_valid: bool
    ours: list[dict[str, Any]]
    report: Report


def titles(here: World) -> dict[str, Document]:
    """Titles at each stage of their life, whole and in part and altered."""
    keys = {"held": "ecdsa-sd-2023", "held, bbs": "bbs-2023", "returned": "ecdsa-sd-2023", "taken out": "ecdsa-sd-2023"}
    whole = {name: sign(here.unsigned(here.keys[suite]), here.keys[suite]) for name, suite in keys.items()}
    found = {name: derive(document, SHOWN) for name, document in whole.items()}
    for name, document in whole.items():
        number = int(document["credentialStatus"]["tokenId"], 16)
        here.send(mint(here.registry, number, beneficiary=here.shipper, holder=here.shipper))
        if name in ("returned", "taken out"):
            here.send(return_to_issuer(title(here.chain, here.registry, number)), by="shipper")
        if name == "taken out":
            here.send(accept_return(title(here.chain, here.registry, number)))
    for name in ("held", "held, bbs"):
        found |= {f"{name}: whole": whole[name], f"{name}: whole, altered": changed(whole[name])}
        found |= {f"{name}: altered": changed(found[name])}
    found["held, by any issuer"] = found["held"]
    found["not minted"] = found["no node"] = shown(
        here, status=transferable(chain_id=1337, registry=here.registry.address)
    )
    found["no registry"] = shown(here, status=transferable(chain_id=1337, registry=here.shipper))
    found["title on another chain"] = shown(here, status=transferable(chain_id=50, registry=here.registry.address))
    return found


def in_lists(here: World) -> dict[str, Document]:
    """Credentials that are in status lists, which are put on the web."""
    for name, url in LISTS.items():
        key = here.keys["bbs-2023" if name == "foreign" else "ecdsa-sd-2023"]
        dated: dict[str, Any] = {"valid_from": BEFORE}
        made = list_credential.new_list(
            url=url, issuer=key.did, purpose=purpose_of(name), multibase=name == "standard", **dated
        )
        here.pages[url] = list_credential.signed(list_credential.updated(made, {SET: True}, **dated), key, created=NOW)
    entries = {
        "listed": [("revocation", CLEAR)],
        "revoked": [("revocation", SET)],
        "suspended": [("suspension", SET)],
        "suspension and no revocation": [("suspension", CLEAR)],
        "in two lists": [("revocation", CLEAR), ("suspension", CLEAR)],
        "in two lists, suspended": [("revocation", CLEAR), ("suspension", SET)],
        "list of another issuer": [("foreign", CLEAR)],
        "list in the standard's encoding": [("standard", CLEAR)],
        "place beyond the list": [("revocation", 10**7)],
        "no list": [("nowhere", CLEAR)],
    }
    found = {}
    for name, named in entries.items():
        status = [
            listed(url=LISTS.get(at, f"https://127.0.0.1:1/{at}"), index=index, purpose=purpose_of(at))
            for at, index in named
        ]
        found[name] = shown(here, status=status if len(status) > 1 else status[0])
    other = listed(url=LISTS["revocation"], index=CLEAR, purpose="suspension")
    return {**found, "list for another purpose": shown(here, status=other)}


def purpose_of(name: str) -> str:
    return "suspension" if name == "suspension" else "revocation"


def others(here: World) -> dict[str, Document]:
    """Credentials without a status, and what can be wrong with those."""
    web, stranger = (IssuerKey.generate(KeyType.P256, did="did:web:carrier.example") for _ in range(2))
    here.pages[web.did] = here.pages[web_url(web.did)] = web_document(web.did, [(f"{web.did}#other", stranger.public)])
    here.pages[web.id] = {"@context": MULTIKEY_CONTEXT, **web.to_method()}
    lost = IssuerKey.generate(KeyType.P256, did="did:web:nobody.invalid")
    key, plain = here.keys["ecdsa-sd-2023"], shown(here, subject=INVOICE)
    proof = plain["proof"]
    theirs = Credential(issuer=here.keys["bbs-2023"].did, subject=INVOICE).to_dict()
    options = {"proofPurpose": "assertionMethod", "created": DATE}
    return {
        "no status": plain,
        "issuer with a name": shown(here, subject=INVOICE, issuer_name="Carrier"),
        "not yet valid": shown(here, subject=INVOICE, valid_from=AFTER),
        "expired": shown(here, subject=INVOICE, valid_from=BEFORE, valid_until=BEFORE),
        "key of another issuer": derive(
            ecdsa_sd.sign(theirs, key, mandatory=["/issuer"], created=DATE), ["/credentialSubject"]
        ),
        "key that its DID does not list": shown(here, web, subject=INVOICE),
        "issuer that cannot be asked": shown(here, lost, subject=INVOICE),
        "bill of lading without a status": vector(here, "ecdsa-sd-2023-00-min-no-status", "signed"),
        "derived bill of lading without a status": vector(here, "ecdsa-sd-2023-00-min-no-status"),
        "number that no statement holds": vector(here, "ecdsa-sd-2023-06-numbers"),
        "signed whole": ecdsa_rdfc.sign(Credential(issuer=key.did, subject=INVOICE).to_dict(), key, options=options),
        "unknown suite": {**plain, "proof": {**proof, "cryptosuite": "ecdsa-of-our-own"}},
        "older kind of proof": {**plain, "proof": {**proof, "type": "BbsBlsSignature2020"}},
        "no proof": {name: value for name, value in plain.items() if name != "proof"},
    }


def shown(here: World, key: IssuerKey | None = None, **parts: Any) -> Document:
    key = key or here.keys["ecdsa-sd-2023"]
    made = Credential(**{"issuer": key.did, "subject": BILL, **parts}).to_dict()
    return derive(sign(made, key), ["/credentialSubject"])


def vector(here: World, name: str, form: str = "derivedFullSubject") -> Document:
    """A credential that the official packages made, whose key the world gets to know."""
    kept = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    here.keys[name] = IssuerKey.from_json(json.dumps(kept["keypair"]).encode())
    document: Document = kept[form]
    return document


@pytest.fixture(scope="module")
def cases(js: Callable[[str, Any], Any], anvil: Anvil, released: dict[str, Any]) -> dict[str, Case]:
    here = world(js, anvil, "v5", released)
    documents = titles(here) | in_lists(here) | others(here)
    nodes = {name: NOBODY if name == "no node" else anvil.url for name in documents}
    calls = [{"op": "fragments", "credential": one, "rpc": nodes[name]} for name, one in documents.items()]

    def fetch(url: str, *, accept: Sequence[str]) -> Page:
        if url not in here.pages:
            raise SourceError(Doubt.WEB_UNREACHABLE, own_words("nothing there"))
        return Page(url, "application/json", json.dumps(here.pages[url]).encode())

    found = {}
    for (name, document), answer in zip(documents.items(), here.ask(calls), strict=True):
        sources = replace(online(rpc={1337: nodes[name]}, resolver="system"), fetch=fetch)
        report = examine(to_json(document), UnsafeAnyIssuer() if name in ANYBODY else only(document), sources=sources)
        found[name] = Case(answer["fragments"], answer["valid"], fragments(report, document), report)
    return found


def only(document: Document) -> Policy:
    """Accepts the issuer that the document names, and no other: the registry of a title can be nobody else's then."""
    issuer = document["issuer"]
    return IssuedByTrusted(Trusted(did=issuer["id"] if isinstance(issuer, dict) else issuer))


def said(fragment: dict[str, Any]) -> tuple[str, int | None]:
    return fragment["status"], fragment.get("reason", {}).get("code")


def test_the_fragments_are_the_official_ones_or_differ_where_it_is_listed(cases: dict[str, Case]) -> None:
    different: dict[str, Any] = {}
    our_words = set()
    for name, case in cases.items():
        assert [(one["name"], one["type"]) for one in case.ours] == [(one["name"], one["type"]) for one in case.theirs]
        for ours, theirs in zip(case.ours, case.theirs, strict=True):
            if said(ours) != said(theirs):
                different.setdefault(name, {})[ours["name"]] = said(ours)
            elif ours != theirs and case.report.document is not None:
                assert ours["status"] in ("INVALID", "ERROR")
                our_words.add(name)
    assert different == DIFFERENT
    assert our_words == OUR_WORDS


def test_what_is_called_valid_is_so_for_both_but_where_it_is_listed(cases: dict[str, Case]) -> None:
    for name, case in cases.items():
        if name not in DIFFERENT:
            assert is_valid(case.ours) is case.they_say_valid, name
        if name != "signed whole":  # by a suite that the official verifier takes in presentations only
            assert is_valid(case.ours) is (case.report.verdict is Verdict.VALID), name
    assert {is_valid(case.ours) for case in cases.values()} == {True, False}


def test_each_difference_is_listed_for_readers() -> None:
    text = (ROOT / "docs" / "integrator" / "compatibility.md").read_text("utf-8")
    for case in DIFFERENT:
        assert f"| {case} |" in text
