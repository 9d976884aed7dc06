"""The identity checks, rule by rule. The tests of the section below stand for the rows of the rules on identity."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import dns.rrset
import pytest

from ebl.codes import Condition, Doubt, Failure, Remark
from ebl.config.networks import pace
from ebl.errors import Refuted, SourceError, Undetermined
from ebl.ethereum import secp256k1
from ebl.identity.did import Did
from ebl.identity.did_issuer import DidIssuer
from ebl.identity.dns_did import DnsDid
from ebl.identity.dns_txt import DnsTxt
from ebl.messages import own_words
from ebl.messages.catalogue import word
from ebl.model.findings import Fact, Verdict
from ebl.model.ports import Page, Sources, TxtRecords
from ebl.openattestation.did_signature import DidSigned
from ebl.openattestation.ocsp import REASONS
from ebl.openattestation.revocation import NotRevoked
from ebl.policy import UnsafeAnyIssuer
from ebl.sources import offline
from ebl.testing.dns import DnsServer, Fault, spoof
from ebl.verify import examine
from tests.patience import IMPATIENT, PATIENT
from tests.unit.did.ethr_registry import ALICE, BOB, NOW, Registry

SECRET = b"\x07" * 32
SIGNER = secp256k1.address_of(SECRET)
DID = f"did:ethr:{SIGNER}"
KEY = f"{DID}#controller"
ROOT = b"\x11" * 32
STORE = "0x142Ca30e3b78A840a82192529cA047ED759a6F7e"
RECORD = f"openatts net=ethereum netId=1 addr={STORE}"
WEB = "did:web:carrier.example"


@dataclass
class World:
    """DNS, web and one chain, as dictionaries."""

    zone: dict[str, TxtRecords | SourceError] = field(default_factory=dict)
    pages: dict[str, Any] = field(default_factory=dict)
    chain: Any = field(default_factory=Registry)
    fetched: list[str] = field(default_factory=list)

    def txt(self, name: str) -> TxtRecords:
        found = self.zone.get(name, TxtRecords(name, ()))
        if isinstance(found, SourceError):
            raise found
        return found

    def fetch(self, url: str, *, accept: Sequence[str]) -> Page:
        self.fetched.append(url)
        found = self.pages.get(url)
        if found is None:
            raise SourceError(Doubt.WEB_BAD_ANSWER, own_words("404"))
        assert "application/json" in accept
        return Page(url, "application/json", found if isinstance(found, bytes) else json.dumps(found).encode())

    @property
    def sources(self) -> Sources:
        return Sources(pace=pace, chain=lambda chain_id: self.chain, dns=self, fetch=self.fetch, now=NOW)


def refused(act: Callable[[], object]) -> Failure:
    with pytest.raises(Refuted) as no:
        act()
    return no.value.failure


def doubted(act: Callable[[], object]) -> Doubt:
    with pytest.raises(Undetermined) as doubt:
        act()
    return doubt.value.doubt


def remarks(fact: Fact) -> list[Remark]:
    return [note.remark for note in fact.notes]


def signed(key: str = KEY, did_: str = DID, secret: bytes = SECRET) -> DidSigned:
    signature = secp256k1.sign(secp256k1.personal_digest(ROOT), secret)
    return DidSigned(did_, key, "0x" + signature.hex(), ROOT)


def web_document(**changes: Any) -> dict[str, Any]:
    key = f"{WEB}#key-1"
    method = {
        "id": key,
        "type": "EcdsaSecp256k1RecoveryMethod2020",
        "controller": WEB,
        "blockchainAccountId": f"eip155:1:{SIGNER}",
    }
    made = {"id": WEB, "verificationMethod": [method], "assertionMethod": [key]}
    method.update({name: value for name, value in changes.items() if name in method and name != "id"})
    return made | {name: value for name, value in changes.items() if name not in method or name == "id"}


def on_the_web(document: Any) -> World:
    return World(pages={"https://carrier.example/.well-known/did.json": document})


# A row each, by its name. Elsewhere: status list (test_status_list.py), re-registered domain (test_evidence.py), and what any
# fetch refuses (net/test_http.py).


def test_key_and_did__the_key_is_the_dids_own_and_neither_carries_anything_else() -> None:
    world = World()
    assert signed().check(world.sources).address == SIGNER
    for key, issuer in (
        (KEY, f"did:ethr:{BOB}"),
        (f"did:ethr:{BOB}#controller", DID),
        (f"did:ethr:{BOB}?versionId=1#controller", DID),
        (DID, DID),
        ("#controller", DID),
        (f"{DID}%00#controller", DID),
        ("did:key:zDnaE#zDnaE", "did:key:zDnae"),  # only an account's digits may be in any case
    ):
        for act in (
            lambda key=key, issuer=issuer: signed(key, issuer).check(world.sources),
            lambda key=key, issuer=issuer: Did(issuer, key).check(world.sources),
            lambda key=key, issuer=issuer: DnsDid("carrier.example", issuer, key).check(world.sources),
        ):
            assert refused(act) is Failure.KEY_NOT_OF_DID
    for key, issuer in (
        (f"{DID}?versionId=1#controller", DID),
        (KEY, f"{DID}?versionId=1"),
        (KEY, f"{DID};service=x"),
        (KEY, f"{DID}/path"),
        (f"{DID}#controller#controller", DID),
        (f"{DID}#", DID),
    ):
        for act in (
            lambda key=key, issuer=issuer: signed(key, issuer).check(world.sources),
            lambda key=key, issuer=issuer: Did(issuer, key).check(world.sources),
            lambda key=key, issuer=issuer: DnsDid("carrier.example", issuer, key).check(world.sources),
        ):
            assert doubted(act) is Doubt.UNSUPPORTED_DID_URL


@pytest.mark.parametrize(
    "changes",
    (
        {"id": "did:web:other.example"},
        {"controller": "did:web:other.example"},
        {"assertionMethod": []},
        {"assertionMethod": [f"{WEB}#key-2"]},
        {"verificationMethod": []},
        {"verificationMethod": web_document()["verificationMethod"] * 2},
        {"blockchainAccountId": "carrier"},
        {"blockchainAccountId": None},
    ),
)
def test_key_and_did__the_document_is_of_the_did_and_lists_the_key_for_assertions(changes: dict[str, Any]) -> None:
    world = on_the_web(web_document(**changes))
    claim = signed(f"{WEB}#key-1", WEB)
    assert refused(lambda: claim.check(world.sources)) in (Failure.KEY_NOT_OF_DID, Failure.DID_MISMATCH)


def test_key_and_did__a_historical_block_is_the_verifiers_choice_and_not_the_documents() -> None:
    world = World()
    world.chain.own(SIGNER, BOB, block=10)
    assert refused(lambda: signed().check(world.sources)) is Failure.WRONG_SIGNATURE


def test_dnssec__the_assurance_of_the_answer_is_in_the_fact() -> None:
    for assurance in ("dnssec", "quorum(3)", "single"):
        world = World({"carrier.example": TxtRecords("carrier.example", (RECORD,), assurance)})
        fact = DnsTxt("carrier.example", 1, STORE).check(world.sources)
        assert fact.who.assurance == assurance
        assert assurance in str(fact)


def test_dnssec__is_required_preferred_or_off_and_validated_here() -> None:
    from ebl.net import resolvers as lookup
    from tests.unit.net.test_resolvers import FORGED, world

    claim = DnsTxt("carrier.example", 1, "0x" + "11" * 20)
    server, anchors = world()
    with server:

        def checked(mode: str, domain: str = "carrier.example") -> str | None:
            resolver = lookup.resolver(server.url, mode=mode, anchors=anchors)
            return replace(claim, domain=domain).check(replace(World().sources, dns=resolver)).who.assurance

        assert (checked("require"), checked("prefer"), checked("off")) == ("dnssec", "dnssec", "single")
        assert checked("prefer", "plain.example") == "single"
        assert doubted(lambda: checked("require", "plain.example")) is Doubt.DNS_NOT_VALIDATED
        server.fail("carrier.example", spoof(FORGED), "TXT")
        assert {doubted(lambda mode=mode: checked(mode)) for mode in ("require", "prefer")} == {Doubt.DNS_BOGUS}
        assert refused(lambda: checked("off")) is Failure.NO_DNS_RECORD  # a lie that nobody was to look through


def test_no_answer__of_a_real_server_is_a_doubt_in_good_time() -> None:
    from ebl.net import resolvers as lookup

    with DnsServer() as server:
        server.zone.txt("carrier.example", RECORD)
        for fault, doubt in (
            (Fault.SERVFAIL, Doubt.DNS_SERVFAIL),
            (Fault.TIMEOUT, Doubt.DNS_TIMEOUT),
            (Fault.REFUSED, Doubt.DNS_REFUSED),
            (Fault.GARBAGE, Doubt.DNS_TIMEOUT),
        ):
            server.fail("carrier.example", fault)
            patience = IMPATIENT if doubt is Doubt.DNS_TIMEOUT else PATIENT
            sources = replace(World().sources, dns=lookup.resolver(server.url, seconds=patience))
            assert doubted(partial(DnsTxt("carrier.example", 1, STORE).check, sources)) is doubt


@pytest.mark.parametrize("doubt", (Doubt.DNS_SERVFAIL, Doubt.DNS_TIMEOUT, Doubt.DNS_BOGUS, Doubt.DNS_DISAGREEMENT))
def test_no_answer__is_neither_a_pass_nor_a_failure(doubt: Doubt) -> None:
    world = World({"carrier.example": SourceError(doubt, own_words("carrier.example"))})
    assert doubted(lambda: DnsTxt("carrier.example", 1, STORE).check(world.sources)) is doubt
    assert doubted(lambda: DnsDid("carrier.example", DID, KEY).check(world.sources)) is doubt


def test_record_owner_and_type__only_the_txt_records_at_the_name_asked_count() -> None:
    from ebl.net import resolvers as lookup

    def elsewhere(message: Any) -> None:
        message.answer.append(dns.rrset.from_text("other.example.", 60, "IN", "TXT", f'"{RECORD}"'))
        message.answer.append(dns.rrset.from_text("carrier.example.", 60, "IN", "SPF", f'"{RECORD}"'))

    with DnsServer() as server:
        server.zone.txt("carrier.example", "v=spf1 -all")
        server.zone.txt("vouching.example", RECORD)
        server.zone.add("alias.example", "CNAME", "vouching.example.")
        server.fail("carrier.example", elsewhere, "TXT")
        sources = replace(World().sources, dns=lookup.resolver(server.url))
        claim = DnsTxt("carrier.example", 1, STORE)
        assert refused(lambda: claim.check(sources)) is Failure.NO_DNS_RECORD
        assert replace(claim, domain="alias.example").check(sources).who.domain == "alias.example"


def test_several_character_strings__are_one_text() -> None:
    from ebl.net import resolvers as lookup

    with DnsServer() as server:
        server.zone.add("carrier.example", "TXT", f'"{RECORD[:30]}" "{RECORD[30:]}"')
        sources = replace(World().sources, dns=lookup.resolver(server.url))
        DnsTxt("carrier.example", 1, STORE).check(sources)


def test_wildcard__is_noted() -> None:
    world = World({"carrier.example": TxtRecords("carrier.example", (RECORD,), wildcard=True, dnssec="secure")})
    fact = DnsTxt("carrier.example", 1, STORE).check(world.sources)
    assert remarks(fact) == [Remark.WILDCARD]
    assert fact.who.wildcard


@pytest.mark.parametrize("name", ("CARRIER.example", "cаrrier.example", "carrier.example.", "carrier", "xn--a.example"))
def test_homographs__a_name_that_is_not_in_a_labels_is_refused_without_asking(name: str) -> None:
    world = World({name: SourceError(Doubt.DNS_TIMEOUT, own_words("asked"))})
    assert refused(lambda: DnsTxt(name, 1, STORE).check(world.sources)) is Failure.BAD_DOMAIN
    assert refused(lambda: DnsDid(name, DID, KEY).check(world.sources)) is Failure.BAD_DOMAIN


def test_homographs__both_forms_and_the_registered_part_are_shown_and_mixed_scripts_flagged() -> None:
    name = "shop.xn--pypal-4ve.example"
    world = World({name: TxtRecords(name, (RECORD,), dnssec="insecure")})
    fact = DnsTxt(name, 1, STORE).check(world.sources)
    assert (fact.who.domain, fact.who.shown, fact.who.registered) == (name, "shop.pаypal.example", name[5:])
    assert remarks(fact) == [Remark.MIXED_SCRIPT]


def test_homographs__the_host_of_a_did_web_is_held_to_the_same() -> None:
    for issuer in ("did:web:xn--a.example", "did:web:ab--cd.example", "did:web:xn--a.example:bills"):
        world = World()
        claim = signed(f"{issuer}#key-1", issuer)
        assert refused(lambda claim=claim, world=world: claim.check(world.sources)) is Failure.BAD_DOMAIN
        assert world.fetched == []
    for path, who in (
        ("", ("xn--pypal-4ve.example", "pаypal.example", "xn--pypal-4ve.example")),
        (":bills", (None, None, None)),
    ):
        issuer = f"did:web:xn--pypal-4ve.example{path}"
        method = web_document(id=issuer, controller=issuer)["verificationMethod"][0] | {"id": f"{issuer}#key-1"}
        document = {"id": issuer, "verificationMethod": [method], "assertionMethod": [method["id"]]}
        place = "bills" if path else ".well-known"
        world = World(pages={f"https://xn--pypal-4ve.example/{place}/did.json": document})
        fact = Did(issuer, f"{issuer}#key-1").check(world.sources)
        assert remarks(fact) == [Remark.MIXED_SCRIPT]
        assert (fact.who.domain, fact.who.shown, fact.who.registered) == who
        assert fact.who.did == issuer


def test_did_web__is_fetched_over_https_at_the_standard_place_and_from_nowhere_else() -> None:
    world = on_the_web(web_document())
    assert signed(f"{WEB}#key-1", WEB).check(world.sources).address == SIGNER
    assert world.fetched == ["https://carrier.example/.well-known/did.json"]
    for issuer in (
        "did:web:carrier.example%2Fpath", "did:web:carrier.example%3Fx",
        "did:web:CARRIER.example", "did:web:carrier.example:..:x", "did:web:carrier.example%3A0",
        "did:web:127.0.0.1", "did:web:localhost", "did:web:localhost%3A8443", "did:web:127.0.0.1%3A80:x",
    ):  # fmt: skip
        claim = signed(f"{issuer}#key-1", issuer)
        assert doubted(lambda claim=claim: claim.check(world.sources)) is Doubt.WEB_REFUSED
    assert len(world.fetched) == 1


def test_did_web__a_port_is_for_the_guard_to_take_or_refuse_and_proves_no_domain() -> None:
    issuer = "did:web:carrier.example%3A8443:bills"
    world = World(pages={"https://carrier.example:8443/bills/did.json": web_document(id=issuer, controller=issuer)})
    document = world.pages["https://carrier.example:8443/bills/did.json"]
    document["verificationMethod"][0]["id"] = f"{issuer}#key-1"
    document["assertionMethod"] = [f"{issuer}#key-1"]
    fact = Did(issuer, f"{issuer}#key-1").check(world.sources)
    assert world.fetched == ["https://carrier.example:8443/bills/did.json"]
    assert (fact.who.did, fact.who.domain) == (issuer, None)
    plain = "did:web:carrier.example%3A8443"
    world = World(pages={"https://carrier.example:8443/.well-known/did.json": {**document, "id": plain}})
    assert refused(lambda: Did(plain, f"{plain}#key-1").check(world.sources)) is Failure.KEY_NOT_OF_DID


def test_any_fetch__goes_through_the_one_door() -> None:
    """What that door refuses is in the tests of the safe fetch; here, that nothing is asked by another."""
    sources = offline(now=NOW)
    for issuer in (WEB, DID):
        claim = signed(f"{issuer}#key-1", issuer)
        assert doubted(lambda claim=claim: claim.check(sources)) is Doubt.OFFLINE


def test_json_ld_contexts__never_come_from_the_network() -> None:
    document = web_document() | {"@context": ["https://evil.example/context.json"]}
    world = on_the_web(document)
    Did(WEB, f"{WEB}#key-1").check(world.sources)
    assert world.fetched == ["https://carrier.example/.well-known/did.json"]


def test_json_ld_contexts__that_are_not_known_are_refused_and_not_fetched() -> None:
    from tests.unit.credentials.test_vc import credential

    world = World()
    document = credential(**{"@context": ["https://www.w3.org/ns/credentials/v2", "https://evil.example/context.json"]})
    document["proof"] = {"type": "DataIntegrityProof", "cryptosuite": "ecdsa-sd-2023"}
    report = examine(json.dumps(document).encode(), UnsafeAnyIssuer(), sources=world.sources)
    assert report.verdict is Verdict.INVALID
    assert world.fetched == []


def test_did_key__and_did_ethr_prove_a_key_and_not_who_has_it() -> None:
    from tests.unit.credentials.test_vc import KEY as ISSUER

    issued = DidIssuer(ISSUER.did, ISSUER.id).check(offline(now=NOW))
    assert remarks(issued) == [Remark.SELF_CERTIFIED]
    assert (issued.who.domain, issued.who.did) == (None, ISSUER.did)
    fact = Did(DID, KEY).check(World().sources)
    assert remarks(fact) == [Remark.SELF_CERTIFIED]
    assert (fact.who.domain, fact.who.did) == (None, DID)
    web = Did(WEB, f"{WEB}#key-1").check(on_the_web(web_document()).sources)
    assert remarks(web) == []
    assert web.who.domain == "carrier.example"


# DNS-TXT --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", (RECORD.replace(STORE, STORE.lower()), RECORD.replace("netId=1", "netId=1;"), f"{RECORD} x=y")
)
def test_a_record_of_the_contract_vouches_for_it(text: str) -> None:
    world = World({"carrier.example": TxtRecords("carrier.example", ("v=spf1", text, "openatts broken"))})
    fact = DnsTxt("carrier.example", 1, STORE.lower()).check(world.sources)
    assert (fact.who.domain, str(fact.who)) == ("carrier.example", "carrier.example")


def test_a_record_of_the_same_address_on_another_chain_vouches_for_another_contract() -> None:
    texts = (RECORD.replace("netId=1", "netId=137"), RECORD.replace("netId=1", "netId=2"), RECORD[:-1] + "0")
    world = World({"carrier.example": TxtRecords("carrier.example", texts)})
    with pytest.raises(Refuted, match="on chain 2, 137; expected chain 1") as no:
        DnsTxt("carrier.example", 1, STORE).check(world.sources)
    assert no.value.failure is Failure.WRONG_CHAIN
    here = World({"carrier.example": TxtRecords("carrier.example", (*texts, RECORD))})
    assert DnsTxt("carrier.example", 1, STORE).check(here.sources).chain_id == 1


@pytest.mark.parametrize("text", (RECORD[:-1] + "0", RECORD.upper()))
def test_a_record_of_another_contract_does_not(text: str) -> None:
    world = World({"carrier.example": TxtRecords("carrier.example", (text,))})
    assert refused(lambda: DnsTxt("carrier.example", 1, STORE).check(world.sources)) is Failure.NO_DNS_RECORD


def test_a_document_without_a_chain_is_of_the_only_one_that_is_configured() -> None:
    world = World({"carrier.example": TxtRecords("carrier.example", (RECORD,))})
    assert DnsTxt("carrier.example", None, STORE).check(world.sources).chain_id == 1


def test_resolvers_that_said_otherwise_are_named() -> None:
    found = TxtRecords(
        "carrier.example", (RECORD,), "quorum(2)", dissent=(own_words("udp://192.0.2.1 said otherwise"),)
    )
    fact = DnsTxt("carrier.example", 1, STORE).check(World({"carrier.example": found}).sources)
    assert remarks(fact) == [Remark.RESOLVER_DISSENT, Remark.DNS_NOT_CHECKED]
    assert "192.0.2.1" in fact.notes[0].detail


@pytest.mark.parametrize(("dnssec", "said"), [("secure", False), ("insecure", False), ("unchecked", True)])
@pytest.mark.parametrize("assurance", ["single", "quorum(2)"])
def test_that_nobody_found_out_whether_a_domain_is_signed_is_remarked(dnssec: str, assurance: str, said: bool) -> None:
    key = TxtRecords("carrier.example", (f"openatts a=dns-did; p={KEY}; v=1.0;",), assurance, dnssec=dnssec)
    contract = TxtRecords("carrier.example", (RECORD,), assurance, dnssec=dnssec)
    for fact in (
        DnsTxt("carrier.example", 1, STORE).check(World({"carrier.example": contract}).sources),
        DnsDid("carrier.example", DID, KEY).check(World({"carrier.example": key}).sources),
    ):
        assert remarks(fact) == [Remark.DNS_NOT_CHECKED] * said
        assert all("carrier.example" in note.detail and assurance in note.detail for note in fact.notes)


# DNS-DID --------------------------------------------------------------------------------------------------------------


def key_zone(key: str) -> World:
    return World(
        {"carrier.example": TxtRecords("carrier.example", (f"openatts a=dns-did; p={key}; v=1.0;",), "dnssec")}
    )


def test_a_record_of_the_key_vouches_for_it() -> None:
    for written in (KEY, KEY.lower()):
        fact = DnsDid("carrier.example", DID, KEY).check(key_zone(written).sources)
        assert (fact.who.domain, fact.who.did, fact.who.assurance) == ("carrier.example", DID, "dnssec")


@pytest.mark.parametrize("key", (f"did:ethr:{BOB}#controller", f"{DID}#delegate-1", f"{DID}#CONTROLLER", DID))
def test_a_record_of_another_key_does_not(key: str) -> None:
    world = key_zone(key)
    assert refused(lambda: DnsDid("carrier.example", DID, KEY).check(world.sources)) is Failure.NO_DNS_RECORD


# DIDs and signatures --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("account", (f"eip155:1:{SIGNER}", f"{SIGNER}@eip155:1", f"eip155:137:{SIGNER.lower()}"))
def test_account_ids_of_both_kinds_are_read(account: str) -> None:
    world = on_the_web(web_document(blockchainAccountId=account))
    assert signed(f"{WEB}#key-1", WEB).check(world.sources).address == SIGNER


def test_a_signature_by_another_key_is_wrong() -> None:
    claim = signed(secret=b"\x08" * 32)
    assert refused(lambda: claim.check(World().sources)) is Failure.WRONG_SIGNATURE


def test_what_the_document_alone_refutes_is_refuted_though_the_node_is_down() -> None:
    world = World(chain=Registry(down=True))
    assert refused(lambda: replace(signed(), signature=None).check(world.sources)) is Failure.UNSIGNED
    broken = replace(signed(), signature="0x" + "00" * 65)
    assert refused(lambda: broken.check(world.sources)) is Failure.WRONG_SIGNATURE
    assert doubted(lambda: signed().check(world.sources)) is Doubt.CHAIN_UNREACHABLE


def test_a_key_of_another_kind_and_a_did_of_another_method_are_doubts() -> None:
    world = on_the_web(web_document(type="JsonWebKey2020"))
    assert doubted(lambda: Did(WEB, f"{WEB}#key-1").check(world.sources)) is Doubt.UNSUPPORTED_KEY
    other = "did:ion:EiA"
    assert doubted(lambda: Did(other, f"{other}#k").check(world.sources)) is Doubt.UNSUPPORTED_METHOD


def test_a_document_that_names_no_key_identifies_nobody() -> None:
    assert refused(lambda: Did(DID, None).check(World().sources)) is Failure.KEY_NOT_OF_DID


def test_a_did_document_that_is_not_json_says_nothing() -> None:
    assert doubted(lambda: Did(WEB, f"{WEB}#k").check(on_the_web(b"<html>").sources)) is Doubt.DID_DOCUMENT
    assert doubted(lambda: Did(WEB, f"{WEB}#k").check(World().sources)) is Doubt.WEB_BAD_ANSWER


# revocation -----------------------------------------------------------------------------------------------------------

TARGET, SIBLING = b"\x21" * 32, b"\x22" * 32


def not_revoked(kind: str | None, location: str | None = None, proof: tuple[bytes, ...] = ()) -> NotRevoked:
    return NotRevoked(kind, location, 1, ROOT, TARGET, proof)


def responder(**answers: dict[str, Any]) -> World:
    return World(pages={f"https://ocsp.example/{hash_}": answer for hash_, answer in answers.items()})


def hex_(node: bytes) -> str:
    return "0x" + node.hex()


def test_an_issuer_who_revokes_nothing_says_so_and_it_is_noted() -> None:
    fact = not_revoked("NONE").check(offline(now=NOW))
    assert remarks(fact) == [Condition.NO_STATUS]


def test_a_document_that_does_not_say_how_it_could_be_revoked_is_refused() -> None:
    sources = offline(now=NOW)
    for claim in (not_revoked(None), not_revoked("OCSP_RESPONDER"), not_revoked("REVOCATION_STORE", "")):
        assert refused(lambda claim=claim: claim.check(sources)) is Failure.NO_STATUS
    assert refused(lambda: not_revoked("REVOCATION_STORE", "store.eth").check(sources)) is Failure.BAD_ADDRESS
    assert doubted(lambda: not_revoked("CARRIER_PIGEON", "x").check(sources)) is Doubt.UNSUPPORTED_STATUS


def test_a_revocation_store_whose_chain_may_be_withheld_is_not_looked_for_on_another() -> None:
    claim = replace(not_revoked("REVOCATION_STORE", STORE), chain_id=None, chain_may_be_withheld=True)
    assert doubted(lambda: claim.check(World().sources)) is Doubt.CHAIN_NOT_NAMED


def test_a_responder_is_asked_about_every_hash_up_to_the_root() -> None:
    from ebl.ethereum.merkle import path

    nodes = path(TARGET, (SIBLING,))
    world = responder(**{hex_(node): {"revoked": False, "documentHash": hex_(node)} for node in nodes})
    not_revoked("OCSP_RESPONDER", "https://ocsp.example/", (SIBLING,)).check(world.sources)
    assert world.fetched == [f"https://ocsp.example/{hex_(node)}" for node in nodes]
    world.pages[f"https://ocsp.example/{hex_(nodes[1])}"] = {"revoked": True, "documentHash": hex_(nodes[1])}
    claim = not_revoked("OCSP_RESPONDER", "https://ocsp.example", (SIBLING,))
    assert refused(lambda: claim.check(world.sources)) is Failure.REVOKED


@pytest.mark.parametrize("code", (*REASONS, 7, None, "1", True))
def test_revoked_is_revoked_whatever_the_reason(code: object) -> None:
    world = responder(**{hex_(TARGET): {"revoked": True, "documentHash": hex_(TARGET), "reasonCode": code}})
    claim = not_revoked("OCSP_RESPONDER", "https://ocsp.example")
    with pytest.raises(Refuted) as no:
        claim.check(world.sources)
    assert no.value.failure is Failure.REVOKED
    if type(code) is int and code in REASONS:
        assert no.value.message.params["why"] == REASONS[code]
        assert word("word", REASONS[code]) in no.value.detail


def test_an_answer_about_another_hash_is_not_bound_to_the_document() -> None:
    claim = not_revoked("OCSP_RESPONDER", "https://ocsp.example")
    for revoked in (False, True):
        world = responder(**{hex_(TARGET): {"revoked": revoked, "documentHash": hex_(SIBLING)}})
        assert doubted(lambda world=world: claim.check(world.sources)) is Doubt.UNBOUND_ANSWER
    for about in (None, 5, ""):
        world = responder(**{hex_(TARGET): {"revoked": False, "documentHash": about}})
        expected = Doubt.UNBOUND_ANSWER if about == "" else Doubt.WEB_BAD_ANSWER
        assert doubted(lambda world=world: claim.check(world.sources)) is expected
    for plain in ("http://ocsp.example", "ftp://ocsp.example", "ocsp.example"):
        asked = not_revoked("OCSP_RESPONDER", plain)
        assert doubted(lambda asked=asked: asked.check(world.sources)) is Doubt.WEB_REFUSED
    assert not any(plain.startswith("http:") for plain in world.fetched)


def test_a_hash_is_the_same_with_and_without_its_prefix() -> None:
    claim = not_revoked("OCSP_RESPONDER", "https://ocsp.example")
    for spelt in (TARGET.hex(), TARGET.hex().upper()):
        claim.check(responder(**{hex_(TARGET): {"revoked": False, "documentHash": spelt}}).sources)
        world = responder(**{hex_(TARGET): {"revoked": True, "documentHash": spelt}})
        assert refused(lambda world=world: claim.check(world.sources)) is Failure.REVOKED


def test_a_no_about_one_hash_beats_a_doubt_about_another() -> None:
    from ebl.ethereum.merkle import path

    first, root = path(TARGET, (SIBLING,))[:2]
    pages = {hex_(first): {"revoked": "?"}, hex_(root): {"revoked": True, "documentHash": hex_(root)}}
    claim = not_revoked("OCSP_RESPONDER", "https://ocsp.example", (SIBLING,))
    assert refused(lambda: claim.check(responder(**pages).sources)) is Failure.REVOKED


@pytest.mark.parametrize("answer", (None, b"not json", [], {}, {"revoked": "false"}, {"revoked": None}, "false"))
def test_what_is_no_answer_of_a_responder_says_nothing(answer: Any) -> None:
    world = responder(**{hex_(TARGET): answer})
    claim = not_revoked("OCSP_RESPONDER", "https://ocsp.example")
    assert doubted(lambda: claim.check(world.sources)) is Doubt.WEB_BAD_ANSWER


@dataclass
class StoreChain:
    """A document store of the older kind (or the batchable one) in which some hashes are revoked."""

    revoked: set[bytes]
    batchable: bool = False
    there: bool = True
    id: int = 1
    block: Any = Registry().block

    def read(self, *reads: Any) -> tuple[bytes, ...]:
        return tuple(self._read(read.data) for read in reads)

    def _read(self, data: bytes) -> bytes:
        if not self.there:
            return b""
        if data[:4].hex() == "01ffc9a7":
            return int(self.batchable).to_bytes(32, "big")
        if data[:4].hex() == "4294857f":
            return int(data[4:36] in self.revoked).to_bytes(32, "big")
        assert data[:4].hex() == "a5e440d2"
        return int(data[36:68] in self.revoked).to_bytes(32, "big")

    def code(self, address: str) -> bytes:
        return b"\1" if self.there else b""


@pytest.mark.parametrize("batchable", (False, True))
def test_a_revocation_store_is_asked_as_any_document_store(batchable: bool) -> None:
    claim = not_revoked("REVOCATION_STORE", STORE, (SIBLING,))
    fact = claim.check(World(chain=StoreChain(set(), batchable)).sources)
    assert fact.block is not None
    assert "as of block 1000" in str(fact)
    world = World(chain=StoreChain({TARGET}, batchable))
    assert refused(lambda: claim.check(world.sources)) is Failure.REVOKED
    nowhere = World(chain=StoreChain(set(), batchable, there=False))
    assert refused(lambda: claim.check(nowhere.sources)) is Failure.NO_CONTRACT


def test_a_whole_batch_is_revoked_with_its_root_in_a_store_of_the_older_kind() -> None:
    from ebl.ethereum.merkle import path

    claim = not_revoked("REVOCATION_STORE", STORE, (SIBLING,))
    world = World(chain=StoreChain({path(TARGET, (SIBLING,))[-1]}))
    assert refused(lambda: claim.check(world.sources)) is Failure.REVOKED


def test_the_addresses_here_are_different() -> None:
    assert len({ALICE, BOB, SIGNER}) == 3
