"""An issuer names the registry of its titles in its DID document or its DNS; nothing else counts, and no answer is no "no"."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.codes import Doubt, Failure, Remark
from ebl.config.networks import pace
from ebl.credentials.issuer_keys import IssuerKey
from ebl.crypto.multikey import KeyType
from ebl.diagnose.dns_setup import expected_records
from ebl.did.document_writer import web_document
from ebl.did.registry_services import registries
from ebl.errors import InvalidInput, Refuted, SourceError
from ebl.ethereum.address import checksummed
from ebl.identity.dns_records import ContractRecord
from ebl.identity.title_registry import NamesRegistry, domain_of
from ebl.messages import own_words
from ebl.model.contract import Contract
from ebl.model.ports import Page, Sources, TxtRecords
from ebl.sources import offline

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REGISTRY = checksummed("0xa50126cc2d6c726de0ca203c3b659f658d356173")
OTHER = "0x" + "77" * 20
WEB, PATH = "did:web:line.example", "did:web:platform.example:line"
RECORD = f"openatts net=ethereum netId=50 addr={REGISTRY}"
SERVICE = {"id": f"{WEB}#token-registry-1", "type": "TokenRegistry", "serviceEndpoint": f"eip155:50:{REGISTRY}"}


@dataclass
class World:
    """Pages and records; what is an exception is raised. ``asked`` is what was asked, in order."""

    pages: dict[str, Any] = field(default_factory=dict)
    records: dict[str, Any] = field(default_factory=dict)
    wildcard: bool = False
    asked: list[str] = field(default_factory=list)

    def txt(self, name: str) -> TxtRecords:
        self.asked.append(name)
        found = self.records.get(name, ())
        if isinstance(found, Exception):
            raise found
        return TxtRecords(name, found, wildcard=self.wildcard, dnssec="secure")

    def fetch(self, url: str, *, accept: Sequence[str]) -> Page:
        self.asked.append(url)
        found = self.pages.get(url, SourceError(Doubt.WEB_UNREACHABLE, own_words("no such page")))
        if isinstance(found, Exception):
            raise found
        return Page(url, "application/json", found if isinstance(found, bytes) else json.dumps(found).encode())

    @property
    def sources(self) -> Sources:
        return Sources(pace=pace, chain=offline().chain, dns=self, fetch=self.fetch, now=NOW)


def page(did: str, *services: Any, **more: Any) -> dict[str, Any]:
    host, _, path = did.removeprefix("did:web:").partition(":")
    url = f"https://{host}/{path or '.well-known'}/did.json"
    return {url: {"id": did, "service": list(services), **more}}


def claim(did: str | None = WEB, chain_id: int = 50, address: str = REGISTRY) -> NamesRegistry:
    return NamesRegistry(did, chain_id, address)


def test_a_service_of_the_did_document_names_it_and_then_the_dns_is_not_asked() -> None:
    world = World(page(WEB, SERVICE), {"line.example": SourceError(Doubt.DNS_TIMEOUT, own_words("late"))})
    fact = claim().check(world.sources)
    assert str(fact) == f"the DID document of {WEB} names the registry {REGISTRY} on chain 50"
    assert world.asked == ["https://line.example/.well-known/did.json"]


def test_a_record_of_the_domain_names_it_whatever_the_document_says() -> None:
    for pages in (
        page(WEB),
        {},
        page("did:web:other.example"),
        {"https://line.example/.well-known/did.json": b"no json"},
    ):
        fact = claim().check(World(pages, {"line.example": ("hello", RECORD)}).sources)
        assert fact.by == "dns" and fact.records is not None


def test_below_a_path_only_the_did_document_counts_since_others_publish_at_the_host_too() -> None:
    records = {"platform.example": (RECORD,)}
    with pytest.raises(Refuted) as no:
        claim(PATH).check(World(page(PATH), records).sources)
    assert no.value.failure is Failure.REGISTRY_NOT_VOUCHED
    assert claim(PATH).check(World(page(PATH, {**SERVICE, "id": "#r"}), records).sources).records is None


@pytest.mark.parametrize(
    "did", [None, "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169", "did:ethr:" + OTHER]
)
def test_what_has_no_document_of_its_own_names_nothing_and_nobody_is_asked(did: str | None) -> None:
    world = World()
    with pytest.raises(Refuted, match="does not name"):
        claim(did).check(world.sources)
    assert world.asked == []


@pytest.mark.parametrize(
    ("service", "texts"),
    [
        ({**SERVICE, "serviceEndpoint": f"eip155:1:{REGISTRY}"}, (RECORD.replace("50", "1", 1),)),
        ({**SERVICE, "serviceEndpoint": f"eip155:50:{OTHER}"}, (RECORD.replace(REGISTRY, OTHER),)),
        ({**SERVICE, "type": "LinkedDomains"}, ("v=spf1 -all",)),
        ({**SERVICE, "serviceEndpoint": {"uri": f"eip155:50:{REGISTRY}"}}, (RECORD.replace("openatts", "OPENATTS"),)),
        ({**SERVICE, "serviceEndpoint": f"https://line.example/eip155:50:{REGISTRY}"}, (f"{RECORD} netId=51",)),
        ({**SERVICE, "serviceEndpoint": f" eip155:50:{REGISTRY}"}, (f" {RECORD}",)),
    ],
)
def test_another_registry_chain_or_form_is_no_naming(service: dict[str, Any], texts: tuple[str, ...]) -> None:
    for world in (World(page(WEB, service)), World(page(WEB), {"line.example": texts})):
        with pytest.raises(Refuted) as no:
            claim().check(world.sources)
        assert no.value.failure is Failure.REGISTRY_NOT_VOUCHED


DOWN = SourceError(Doubt.DNS_SERVFAIL, own_words("servfail"))
GONE = SourceError(Doubt.WEB_TIMEOUT, own_words("late"))
DOCUMENT = "https://line.example/.well-known/did.json"


@pytest.mark.parametrize(
    ("pages", "records", "doubt"),
    [
        (page(WEB), {"line.example": DOWN}, Doubt.DNS_SERVFAIL),
        ({DOCUMENT: GONE}, {}, Doubt.WEB_TIMEOUT),
        ({DOCUMENT: GONE}, {"line.example": DOWN}, Doubt.WEB_TIMEOUT),
        ({DOCUMENT: b"{"}, {}, Doubt.DID_DOCUMENT),
    ],
)
def test_a_source_that_gives_no_answer_is_a_doubt_and_not_nobody(
    pages: dict[str, Any], records: dict[str, Any], doubt: Doubt
) -> None:
    with pytest.raises(SourceError) as open_:
        claim().check(World(pages, records).sources)
    assert open_.value.doubt is doubt


def test_offline_is_a_doubt() -> None:
    with pytest.raises(SourceError):
        claim().check(offline(now=NOW))


def test_a_wildcard_record_is_remarked() -> None:
    fact = claim().check(World(page(WEB), {"line.example": (RECORD,)}, wildcard=True).sources)
    assert [note.remark for note in fact.notes] == [Remark.WILDCARD]


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(["TokenRegistry", f"eip155:50:{REGISTRY}"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "type", "serviceEndpoint", "service", "uri"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(_JSON)
def test_whatever_stands_for_services_is_read_or_passed_over(service: Any) -> None:
    for chain_id, address in registries({"service": service}):
        assert (chain_id, address) == (50, REGISTRY.lower())


def test_thousands_of_services_are_read_within_what_a_page_may_hold() -> None:
    many = [{**SERVICE, "serviceEndpoint": [f"eip155:{n}:{OTHER}" for n in range(1, 40)]} for _ in range(100)]
    assert len(json.dumps(many)) < 256 * 1024
    assert claim().check(World(page(WEB, *many, SERVICE)).sources).by == "did_document"
    with pytest.raises(SourceError):  # the answer is cut off, or refused: never taken for "nobody"
        claim().check(World({DOCUMENT: json.dumps(page(WEB, *many * 4)[DOCUMENT]).encode()}).sources)


def test_what_an_issuer_writes_is_what_a_verifier_reads() -> None:
    key = IssuerKey.generate(KeyType.P256, did=WEB, fragment="token-registry-1")
    named = [Contract(50, REGISTRY), Contract(1, OTHER), Contract(50, REGISTRY.lower())]
    made = web_document(WEB, [(key.id, key.public)], registries=named)
    assert set(registries(made)) == {(50, REGISTRY.lower()), (1, OTHER)}
    ids = [entry["id"] for entry in (*made["service"], *made["verificationMethod"])]
    assert len(set(ids)) == len(ids) == 3
    assert claim().check(World({DOCUMENT: made}).sources)
    assert "service" not in web_document(WEB, [(key.id, key.public)])
    with pytest.raises(InvalidInput, match="did:web"):
        web_document("did:key:z6Mk", [(key.id, key.public)], registries=named)


def test_the_record_to_publish_is_at_the_domain_that_the_did_is() -> None:
    record = ContractRecord(50, REGISTRY.lower())
    assert expected_records([claim(), claim(PATH), claim(None)], None) == [("line.example", record)]
    assert (domain_of(WEB), domain_of(PATH), domain_of("did:key:z6Mk")) == ("line.example", None, None)
