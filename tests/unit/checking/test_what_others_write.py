"""Documents as other software rightly writes them are read for what they say, and altering them is still found."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ebl.chain.contracts import document_store_abi as document_store
from ebl.chain.contracts import obligation_registry
from ebl.checking.formats import read
from ebl.codes import Condition, Doubt, Failure, Remark
from ebl.credential import Credential, derive, sign
from ebl.credentials import ecdsa_rdfc
from ebl.credentials.issuer_keys import IssuerKey
from ebl.credentials.linked_data import to_statements
from ebl.credentials.present import present
from ebl.crypto.multikey import KeyType
from ebl.errors import Malformed, Undetermined, Unreadable
from ebl.ethereum import abi
from ebl.jsonld.contexts import ENVELOPE_DATES, known
from ebl.model.findings import Failed, Noted, Unknown, Verdict
from ebl.model.ports import Answer, Block, CodeAt, Read, Reverted
from ebl.policy import AllOf, Contract, InStores, IssuedBy, PresentedTo, UnsafeAnyIssuer
from ebl.registry import Registry, title
from ebl.reports.fragments import fragments, is_valid
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.verify import examine
from ebl.wrap import wrap
from tests.unit.chain.titles.registry_chain import FACTORY, REGISTRY, TOKEN, escrow_of, titled

Json = dict[str, Any]

NOW = datetime(2026, 1, 1, tzinfo=UTC)
V2, DI = "https://www.w3.org/ns/credentials/v2", "https://w3id.org/security/data-integrity/v2"


def key(seed: int) -> IssuerKey:
    return IssuerKey.generate(KeyType.P256, randomness=random.Random(seed).randbytes)


ISSUER, HOLDER = key(1), key(2)


def examined(document: Json | bytes, now: datetime = NOW, policy: Any = None) -> Report:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return examine(raw, policy or UnsafeAnyIssuer(), sources=offline(now=now))


def failures(document: Json | bytes, **options: Any) -> set[Failure]:
    return {f.failure for f in examined(document, **options).findings if isinstance(f, Failed)}


def doubts(document: Json | bytes, **options: Any) -> set[Doubt]:
    return {f.doubt for f in examined(document, **options).findings if isinstance(f, Unknown)}


def credential(subject: Json | None = None, **more: Any) -> Json:
    body = {"id": HOLDER.did, "name": "a certificate", **(subject or {})}
    return sign(Credential(issuer=ISSUER.did, subject=body, valid_from=NOW).to_dict() | more, ISSUER, created=NOW)


# Presentations that date their envelope --------------------------------------------------------------------------------


def enveloped(context: Any = None, options: Json | None = None, **members: Any) -> Json:
    """As TrustVC makes them: one context written in, dates on the envelope, no end in the proof."""
    dates = dict(ENVELOPE_DATES) if context is None else context
    document = {
        "@context": [V2, DI, dates],
        "type": ["VerifiablePresentation"],
        "holder": HOLDER.did,
        "verifiableCredential": [derive(credential(), [""])],
        "validFrom": "2026-01-01T00:00:00.000Z",
        "validUntil": "2026-01-02T00:00:00.000Z",
        **members,
    }
    asked = {
        "created": "2026-01-01T00:00:00Z",
        "proofPurpose": "authentication",
        "challenge": "c",
        "domain": "bank.example",
    }
    kept = {name: value for name, value in {**asked, **(options or {})}.items() if value is not None}
    return ecdsa_rdfc.sign({n: v for n, v in document.items() if v is not ...}, HOLDER, options=kept)


def test_the_dates_of_an_envelope_are_held_to() -> None:
    shown = enveloped()
    to_us = AllOf(UnsafeAnyIssuer(), PresentedTo("c", "bank.example"))
    assert examined(shown, policy=to_us).verdict is Verdict.VALID
    assert failures(shown, now=NOW + timedelta(days=2)) == {Failure.EXPIRED}
    assert failures(shown, now=NOW - timedelta(hours=1)) >= {Failure.NOT_YET_VALID}
    assert Failure.PROOF_SIGNATURE in failures({**shown, "validUntil": "2036-01-02T00:00:00.000Z"})


def test_without_any_end_a_presentation_is_refused() -> None:
    assert failures(enveloped(validUntil=...)) == {Failure.PROOF_SHAPE}
    assert failures(enveloped(validUntil=..., expirationDate="2026-01-02T00:00:00Z")) == set()
    assert examined(enveloped(validUntil=..., options={"expires": "2026-01-02T00:00:00Z"})).verdict is Verdict.VALID


def test_only_that_one_context_may_be_written_in() -> None:
    shown = enveloped()
    reordered = json.loads(json.dumps(shown, sort_keys=True))
    assert examined(reordered).verdict is Verdict.VALID
    for change in (
        {"validUntil": {"@id": "https://schema.org/name", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"}},
        {"validFrom": {"@id": "https://www.w3.org/2018/credentials#validFrom"}},
        {"colour": "https://x.example/colour"},
        {"@vocab": "https://x.example/"},
    ):
        altered = copy.deepcopy(shown)
        altered["@context"][2] = {**altered["@context"][2], **change}
        assert examined(altered).verdict is Verdict.INDETERMINATE
        assert Doubt.UNSUPPORTED_CONTEXT in doubts(altered)
    less = {name: value for name, value in ENVELOPE_DATES.items() if name != "expirationDate"}
    assert Doubt.UNSUPPORTED_CONTEXT in doubts({**shown, "@context": [V2, DI, less]})


def test_a_domain_may_be_a_list_of_which_the_verifiers_is_one() -> None:
    made = json.loads(json.dumps(enveloped(options={"domain": ["a.example", "bank.example"]})))
    for domain, verdict in (
        ("bank.example", Verdict.VALID),
        ("a.example", Verdict.VALID),
        ("b.example", Verdict.INVALID),
    ):
        assert examined(made, policy=AllOf(UnsafeAnyIssuer(), PresentedTo("c", domain))).verdict is verdict
    found = examined(made)
    (note,) = [f for f in found.findings if isinstance(f, Noted) and f.remark is Condition.DOMAIN_NOT_COMPARED]
    assert "a.example" in note.detail and "bank.example" in note.detail
    for wrong in ([], [5], {"a": 1}):
        assert failures({**made, "proof": {**made["proof"], "domain": wrong}}) == {Failure.PROOF_SHAPE}
    taken_out = copy.deepcopy(made)
    taken_out["proof"]["domain"] = ["bank.example"]
    assert Failure.PROOF_SIGNATURE in failures(taken_out)


def test_a_presentation_without_a_holder_is_its_signers_and_says_so() -> None:
    found = examined(enveloped(holder=...))
    assert found.verdict is Verdict.VALID
    assert Condition.HOLDER_NOT_BOUND in {note.remark for note in found.conditions}
    stranger = present([credential({"id": HOLDER.did})], HOLDER, expires=NOW + timedelta(1), created=NOW)
    body = {name: value for name, value in stranger.items() if name not in ("proof", "holder")}
    options = {"created": "2026-01-01T00:00:00Z", "expires": "2026-01-02T00:00:00Z", "proofPurpose": "assertionMethod"}
    assert failures(ecdsa_rdfc.sign(body, ISSUER, options=options)) == {Failure.HOLDER_MISMATCH}


def test_fragments_of_presentations_follow_the_report() -> None:
    good, late = enveloped(), NOW + timedelta(days=2)
    assert is_valid(fragments(examined(good), good))
    for report, name in (
        (examined(good, now=late), "W3CVpCredentialStatus"),
        (examined({**good, "validUntil": "2036-01-02T00:00:00.000Z"}), "W3CVpSignatureIntegrity"),
        (examined(enveloped(holder=ISSUER.did)), "W3CVpSignatureIntegrity"),
    ):
        found = {one["name"]: one for one in fragments(report, good)}
        assert found[name]["status"] == "INVALID" and found[name]["reason"]["message"]
        assert not is_valid(list(found.values()))
    other = copy.deepcopy(good)
    other["verifiableCredential"][0]["issuer"] = HOLDER.did
    found = {one["name"]: one for one in fragments(examined(other), other)}
    assert found["W3CVpIssuerIdentity"]["data"]["unresolved"] == [{"did": HOLDER.did, "credentialIndex": 0}]
    assert found["W3CVpSignatureIntegrity"]["data"]["credentialResults"] == [{"verified": False}]


# Texts with a language ---------------------------------------------------------------------------------------------------

TAGGED: tuple[tuple[Any, str], ...] = (
    ({"@value": "Bill", "@language": "en"}, '"Bill"@en'),
    ({"@value": "提单", "@language": "zh-Hans"}, '"提单"@zh-hans'),
    ({"@value": "x", "@direction": "rtl"}, '"x"^^<https://www.w3.org/ns/i18n#_rtl>'),
    ({"@value": "x", "@language": "AR-eg", "@direction": "rtl"}, '"x"^^<https://www.w3.org/ns/i18n#ar-eg_rtl>'),
)


@pytest.mark.parametrize(("value", "term"), TAGGED)
def test_a_text_with_a_language_is_a_statement_that_the_proof_covers(value: Any, term: str) -> None:
    unsigned = {"@context": [V2, DI], "type": ["VerifiableCredential"], "name": value}
    assert term in {quad[2] for quad in to_statements(unsigned, known()).quads}
    for several in (value, [value, {"@value": "other", "@language": "fr"}]):
        for where in ("name", "description"):
            made = credential({"description": several}, **{where: several})
            assert examined(made).verdict is Verdict.VALID
            shown = derive(made, [f"/{where}", "/credentialSubject/description"])
            assert shown[where] == several
            assert examined(shown).verdict is Verdict.VALID
    made = credential(name=value)
    for change in ({"@value": "Other"}, {"@language": "de"}, {"@direction": "ltr"}):
        assert examined({**made, "name": {**value, **change}}).verdict is Verdict.INVALID


@pytest.mark.parametrize(
    "value",
    [
        {"@value": "x"},
        {"@value": "x", "@language": "english language"},
        {"@value": "x", "@language": None},
        {"@value": "x", "@direction": "up"},
        {"@value": 5, "@language": "en"},
        {"@value": "x", "@language": "en", "@type": "https://x.example/t"},
        {"@value": "x", "@language": "en", "colour": "red"},
        {"@language": "en"},
    ],
)
def test_no_other_value_object_is_read(value: Any) -> None:
    with pytest.raises(Malformed) as refused:
        to_statements({"@context": [V2, DI], "type": ["VerifiableCredential"], "name": value}, known())
    assert refused.value.code is Failure.UNSIGNED_JSON


def test_an_issuer_may_have_a_name_with_a_language() -> None:
    made = Credential(issuer=ISSUER.did, subject={"name": "x"}, valid_from=NOW).to_dict()
    name = [{"@value": "Linie", "@language": "de"}, {"@value": "Line", "@language": "en"}]
    document = examined(sign({**made, "issuer": {"id": ISSUER.did, "name": name}}, ISSUER, created=NOW)).document
    assert document is not None and document.issuers[0].name == "Linie"


# Numbers -----------------------------------------------------------------------------------------------------------------

WEIGHED = "https://x.example/weight"


@pytest.mark.parametrize(
    ("signed", "spelt", "good"),
    [
        ("21150", "21150.0", True),
        ("21150", "2.115e4", True),
        ("21150", "2115E1", True),
        ("0.1", "0.10", True),
        ("0", "-0", True),
        ("21150", "21150.1", False),
        ("21150", "21151.0", False),
        ("0.1", "0.1000000000000000055511151231257827", False),
    ],
)
def test_a_number_may_be_spelt_in_any_way_that_keeps_its_value(signed: str, spelt: str, good: bool) -> None:
    import hashlib

    raw = json.dumps({"@context": {"weight": WEIGHED}}).encode()
    url = "https://x.example/weights"
    contexts = known().adding(url, raw, sha256=hashlib.sha256(raw).hexdigest())
    body = Credential(
        issuer=ISSUER.did,
        subject={"weight": json.loads(signed)},
        contexts=[url],
        known_contexts=contexts,
        valid_from=NOW,
    ).to_dict()
    text = json.dumps(sign(body, ISSUER, created=NOW, contexts=contexts))
    assert f'"weight": {signed}' in text
    respelt = text.replace(f'"weight": {signed}', f'"weight": {spelt}').encode()

    def verdict(raw: bytes) -> Verdict:
        from ebl.checking.formats import parse
        from ebl.credentials import vc

        document = vc.read(parse(raw), contexts=contexts)
        return examine(document, UnsafeAnyIssuer(), sources=offline(now=NOW)).verdict

    assert verdict(text.encode()) is Verdict.VALID
    if good:
        assert verdict(respelt) is Verdict.VALID
    else:
        try:
            assert verdict(respelt) is Verdict.INVALID
        except Unreadable as refused:
            assert refused.code in (Failure.AMBIGUOUS_NUMBER, Failure.NOT_JSON)


def test_where_spellings_are_hashed_a_second_one_stays_unreadable() -> None:
    wrapped = wrap({"issuers": [{"name": "A", "certificateStore": "0x" + "12" * 20}], "id": "1"})
    for document in ({**wrapped, "privacy": {"obfuscatedData": [], "x": 1}}, {**wrapped, "data": {"x": 1}}):
        raw = json.dumps(document).replace('"x": 1', '"x": 1.0').encode()
        with pytest.raises(Unreadable):
            read(raw)


# A store that the policy pins --------------------------------------------------------------------------------------------

STORE, OTHER_STORE = "0x" + "12" * 20, "0x" + "34" * 20


class StoreChain:
    """A chain on which one store issued everything, or nothing, or revoked it."""

    id = 1337
    block = Block(1337, 70, "0x" + "00" * 32, NOW)

    def __init__(self, issued: bool = True, revoked: bool = False) -> None:
        self.answers = {document_store.IS_ISSUED.selector: issued, document_store.IS_REVOKED.selector: revoked}

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        return tuple(b"\x60" if isinstance(one, CodeAt) else self._call(one) for one in reads)

    def code(self, address: str) -> bytes:
        return b"\x60"

    def _call(self, asked: Read) -> Answer:
        found = self.answers.get(asked.data[:4])
        return Reverted(b"") if found is None else abi.encode_word("bool", found)


def certificate(**issuer: Any) -> bytes:
    data = {"issuers": [{"name": "School", "certificateStore": STORE, **issuer}], "id": "1"}
    return json.dumps(wrap({**data, "network": {"chain": "local", "chainId": "1337"}})).encode()


def by_policy(raw: bytes, *rules: Any, chain: Any = None) -> Report:
    sources = offline(now=NOW)
    if chain is not None:
        sources = replace(sources, chain=lambda chain_id: chain)
    return examine(raw, AllOf(*rules), sources=sources)


def pinned(*stores: Contract) -> InStores:
    return InStores(frozenset(stores))


def test_a_pinned_store_stands_for_an_issuer_of_whom_nothing_else_is_named() -> None:
    ours, raw = pinned(Contract(1337, STORE)), certificate()
    found = by_policy(raw, UnsafeAnyIssuer(), ours, chain=StoreChain())
    assert found.verdict is Verdict.VALID, found.summary
    assert found.document is not None and found.who(found.document.issuers[0]) == ()  # it proves no domain
    assert not is_valid(fragments(found))


@pytest.mark.parametrize(
    ("rules", "chain", "verdict"),
    [
        ((UnsafeAnyIssuer(),), StoreChain(), Verdict.INVALID),
        ((pinned(Contract(1337, OTHER_STORE)), UnsafeAnyIssuer()), StoreChain(), Verdict.INVALID),
        ((pinned(Contract(1, STORE)), UnsafeAnyIssuer()), StoreChain(), Verdict.INVALID),
        ((pinned(Contract(1337, STORE)), IssuedBy("school.example")), StoreChain(), Verdict.INVALID),
        ((pinned(Contract(1337, STORE)), UnsafeAnyIssuer()), StoreChain(issued=False), Verdict.INVALID),
        ((pinned(Contract(1337, STORE)), UnsafeAnyIssuer()), StoreChain(revoked=True), Verdict.INVALID),
        ((pinned(Contract(1337, STORE)), UnsafeAnyIssuer()), None, Verdict.INDETERMINATE),
        (
            (pinned(Contract(1337, STORE)), pinned(Contract(1337, OTHER_STORE)), UnsafeAnyIssuer()),
            StoreChain(),
            Verdict.INVALID,
        ),
    ],
)
def test_no_other_store_stands_for_an_issuer(rules: Any, chain: Any, verdict: Verdict) -> None:
    assert by_policy(certificate(), *rules, chain=chain).verdict is verdict


def test_what_an_issuer_does_name_is_asked_though_its_store_is_pinned() -> None:
    raw = certificate(identityProof={"type": "DNS-TXT", "location": "school.example"})
    found = by_policy(raw, UnsafeAnyIssuer(), pinned(Contract(1337, STORE)), chain=StoreChain())
    assert found.verdict is Verdict.INDETERMINATE  # nobody is asked for the domain's records here


# Titles of obligation registries -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("owner", ["escrow", "registry", "dead"])
def test_a_title_of_an_obligation_registry_is_not_called_hostile(owner: str) -> None:
    chain = titled(owner=owner)
    escrow = escrow_of()
    for asked in [pair for pair in chain.says if pair[0] == escrow and isinstance(pair[1], bytes)]:
        del chain.says[asked]  # its escrow denies to be one of version 5
    assert title(chain, Registry(chain.id, REGISTRY), TOKEN).state == "hostile"
    chain.says[REGISTRY, obligation_registry.OBLIGATION_ESCROW_FACTORY] = FACTORY
    with pytest.raises(Undetermined) as unknown:
        title(chain, Registry(chain.id, REGISTRY), TOKEN)
    assert unknown.value.doubt is Doubt.OBLIGATION
    chain.says[REGISTRY, obligation_registry.OBLIGATION_ESCROW_FACTORY] = "0x" + "99" * 20
    assert title(chain, Registry(chain.id, REGISTRY), TOKEN).state == "hostile"  # it does not even say the same twice


def test_a_proof_may_have_an_id_and_stand_in_a_list() -> None:
    body = {name: value for name, value in credential().items() if name != "proof"}
    options = {"id": "urn:uuid:0192f9a0-0000-7000-8000-000000000009", "proofPurpose": "assertionMethod"}
    made = ecdsa_rdfc.sign(body, ISSUER, options=options)
    assert examined(made).verdict is Verdict.VALID
    assert examined({**made, "proof": [made["proof"]]}).verdict is Verdict.VALID
    altered = {**made, "proof": {**made["proof"], "id": "urn:x"}}
    assert failures(altered) == {Failure.PROOF_SIGNATURE}


def test_a_proof_from_the_future_is_remarked_and_a_fast_clock_is_not() -> None:
    for ahead, remarked in ((timedelta(minutes=4), False), (timedelta(minutes=6), True), (timedelta(days=4000), True)):
        found = examined(credential(), now=NOW - ahead)
        assert (Remark.CREATED_LATER in {f.remark for f in found.findings if isinstance(f, Noted)}) is remarked


@pytest.mark.parametrize("name", ["validFrom", "validUntil"])
def test_a_date_without_a_zone_is_told_from_what_is_no_date(name: str) -> None:
    body = {**credential(), name: "2026-01-01T09:00:00"}
    found = examined(body)
    assert found.verdict is Verdict.INVALID and "time zone is missing" in found.summary
    assert "time zone" not in examined({**body, name: "yesterday"}).summary
