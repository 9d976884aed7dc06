"""An issuer's act rests on a file that is the issuer's own, and what was not established of its domain is said."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ebl.checking.formats import read
from ebl.checking.own_documents import require_own
from ebl.codes import Doubt, Failure
from ebl.errors import InvalidInput, Refuted, SourceError, Undetermined
from ebl.identity.did_issuer import DidIssuer
from ebl.messages import own_words
from ebl.model.document import Document, Issuer
from ebl.model.ports import Page, Sources, TxtRecords
from ebl.registry import Registry, Store
from ebl.sources import offline
from ebl.status.token_registry import TokenRegistry
from ebl.wrap import to_json, wrap
from tests.unit.chain.titles.registry_chain import REGISTRY
from tests.unit.hostile.world import CHAIN, DOMAIN, STORE, documents
from tests.unit.wrapped import wrapped_v2

OTHER = "0x" + "99" * 20
DOCUMENTS = documents()
OF_STORE = {"v2 in a store", "v2 of two issuers", "v3 in a store"}
OF_REGISTRY = {"v2 with a title", "v3 with a title"}


def record(address: str, chain: int = CHAIN) -> str:
    return f"openatts net=ethereum netId={chain} addr={address}"


def sources(*texts: str, trouble: Doubt | None = None) -> Sources:
    class Dns:
        def txt(self, name: str) -> TxtRecords:
            if trouble is not None:
                raise SourceError(trouble, own_words("no answer"))
            return TxtRecords(name, texts)

    return replace(offline(), dns=Dns())


def contract_of(name: str) -> Any:
    return Store(CHAIN, STORE) if name in OF_STORE else Registry(CHAIN, REGISTRY)


def document(name: str) -> Document:
    return read(to_json(DOCUMENTS[name]))


ALL = pytest.mark.parametrize("name", sorted(OF_STORE | OF_REGISTRY))


@ALL
def test_a_domain_that_names_the_contract_is_proved(name: str) -> None:
    contract = contract_of(name)
    own = require_own(document(name), contract, sources=sources("v=spf1", record(OTHER), record(contract.address)))
    assert [who.domain for who in own.issuers] == [DOMAIN]
    assert own.doubts == ()


@ALL
def test_a_missing_record_is_a_doubt_and_so_is_no_answer(name: str) -> None:
    for told, said in ((sources(), "has no TXT record"), (sources("v=spf1"), "has no TXT record")):
        (doubt,) = require_own(document(name), contract_of(name), sources=told).doubts
        assert said in str(doubt) and DOMAIN in str(doubt)
    for trouble in (Doubt.DNS_TIMEOUT, Doubt.DNS_BOGUS, Doubt.OFFLINE):
        own = require_own(document(name), contract_of(name), sources=sources(trouble=trouble))
        assert own.issuers == () and trouble in str(own.doubts[0])


@ALL
def test_records_of_other_contracts_are_a_no(name: str) -> None:
    contract = contract_of(name)
    for text, failure in (
        (record(OTHER), Failure.NO_DNS_RECORD),
        (record(OTHER, 1), Failure.NO_DNS_RECORD),
        (record(contract.address, 1), Failure.WRONG_CHAIN),
    ):
        with pytest.raises(Refuted) as refused:
            require_own(document(name), contract, sources=sources(text))
        assert refused.value.failure is failure


@ALL
def test_another_contract_or_chain_is_not_acted_on(name: str) -> None:
    for contract in (Store(CHAIN, OTHER), Registry(CHAIN, OTHER), replace(contract_of(name), chain_id=1)):
        with pytest.raises(InvalidInput, match="does not name the"):
            require_own(document(name), contract, sources=sources(record(contract.address)))


@ALL
def test_what_was_changed_is_not_acted_on(name: str) -> None:
    raw = to_json(DOCUMENTS[name]).replace(b"BL-1", b"BL-2")
    with pytest.raises(Refuted):
        require_own(read(raw), contract_of(name), sources=sources(record(contract_of(name).address)))


def test_a_field_that_no_hash_covers_is_a_doubt_that_nothing_is_issued_on() -> None:
    from ebl.wrap import Options
    from tests.unit.hostile.world import v3

    raw = v3({"method": "DOCUMENT_STORE", "value": STORE}, {"type": "DNS-TXT", "identifier": DOMAIN})
    raw["credentialSubject"]["freeDays"] = 0
    wrapped = wrap(raw, Options(dialect="tradetrust", allow_unprotected=True))
    with pytest.raises(Undetermined) as refused:
        require_own(read(to_json(wrapped)), Store(CHAIN, STORE), sources=sources(record(STORE)))
    assert refused.value.doubt is Doubt.UNPROTECTED_FIELD


def test_of_several_issuers_each_that_names_the_contract_is_asked_about() -> None:
    proof = {"type": "DNS-TXT", "location": DOMAIN}
    agent = {"name": "Agent", "documentStore": STORE, "identityProof": {**proof, "location": "agent.example"}}
    carrier = {"name": "Carrier", "documentStore": STORE, "identityProof": proof}
    network = {"chain": "local", "chainId": str(CHAIN)}
    both = read(to_json(wrap({"issuers": [carrier, agent], "network": network, "blNumber": "BL-1"})))
    assert len(require_own(both, Store(CHAIN, STORE), sources=sources()).doubts) == 2


def test_a_signed_document_is_revoked_where_it_says_and_only_if_it_is_signed() -> None:
    signed = document("v2 signed")
    own = require_own(signed, Store(CHAIN, STORE), sources=sources())
    assert any("could not query" in str(doubt) for doubt in own.doubts)  # the DID's own document is on a chain
    raw = {name: value for name, value in DOCUMENTS["v2 signed"].items() if name != "proof"}
    with pytest.raises(Refuted) as refused:
        require_own(read(to_json(raw)), Store(CHAIN, STORE), sources=sources())
    assert refused.value.failure is Failure.UNSIGNED


@pytest.mark.parametrize("proof", [None, {"type": "DNS-DID", "location": DOMAIN}, {"type": "DNS-TXT"}])
def test_an_issuer_who_names_nothing_that_proves_them_is_a_doubt(proof: dict[str, Any] | None) -> None:
    issuer: dict[str, Any] = {"name": "Carrier", "tokenRegistry": REGISTRY}
    network = {"chain": "local", "chainId": str(CHAIN)}
    for more in ({}, {} if proof is None else {"identityProof": proof}):
        raw = read(to_json(wrapped_v2({"issuers": [issuer | more], "network": network, "blNumber": "BL-1"})))
        own = require_own(raw, Registry(CHAIN, REGISTRY), sources=sources(record(REGISTRY)))
        assert own.issuers == () and "has no identity proof" in str(own.doubts[0])


def test_a_did_document_that_names_other_registries_is_a_no() -> None:
    did = f"did:web:{DOMAIN}"
    title = TokenRegistry(CHAIN, REGISTRY, b"\1" * 32, b"\1" * 32, (), by_id=True)
    issuer = Issuer("Line", did, identity=(DidIssuer(did, f"{did}#k"),))
    bill = Document("vc", None, (issuer,), (), {}, {}, status=(title,))

    def asked(*named: str) -> Sources:
        services = [{"type": "TokenRegistry", "serviceEndpoint": f"eip155:{CHAIN}:{address}"} for address in named]
        page = json.dumps({"id": did, "service": services}).encode()
        return replace(sources(), fetch=lambda url, *, accept: Page(url, "application/json", page))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ebl.checking.own_documents.check_integrity", lambda *_, **__: frozenset())
        patch.setattr("ebl.checking.own_documents._signatures", lambda _: iter(()))
        contract = Registry(CHAIN, REGISTRY)
        assert require_own(bill, contract, sources=asked(OTHER, REGISTRY)).doubts == ()
        (doubt,) = require_own(bill, contract, sources=asked()).doubts
        assert "check that the registry is yours, and publish it" in str(doubt)
        with pytest.raises(Refuted) as refused:
            require_own(bill, contract, sources=asked(OTHER))
        assert refused.value.failure is Failure.REGISTRY_NOT_VOUCHED
