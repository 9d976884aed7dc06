"""A world in which seven documents are VALID: a chain with a store, a registry and DIDs, and the DNS of their issuer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ebl.chain.contracts import document_store_abi as document_store
from ebl.chain.contracts import token_registry_v5
from ebl.chain.signers import LocalKey
from ebl.codes import Doubt
from ebl.config.networks import pace
from ebl.did import ethr_registry as did_registry
from ebl.errors import SourceError
from ebl.ethereum import abi
from ebl.ethereum.address import checksummed
from ebl.messages import own_words
from ebl.model.ports import Answer, Page, Read, Reverted, Sources, TxtRecords
from ebl.openattestation.sign import sign
from ebl.wrap import wrap, wrap_batch
from tests.unit.chain.titles.registry_chain import FACTORY, NEVER_MINTED, REGISTRY, RegistryChain, titled

Json = dict[str, Any]

CHAIN = 1337
NOW = datetime(2026, 11, 22, tzinfo=UTC)
DOMAIN = "carrier.example"
STORE = checksummed("0x" + "5a" * 20)
KEY = LocalKey(b"\x01" * 32)
DID = f"did:ethr:0x539:{KEY.address}"
KEY_ID = f"{DID}#controller"
RECORDS = (
    f"openatts net=ethereum netId={CHAIN} addr={STORE}",
    f"openatts net=ethereum netId={CHAIN} addr={REGISTRY}",
    f"openatts a=dns-did; p={KEY_ID}; v=1.0;",
)
_NETWORK = {"chain": "local", "chainId": str(CHAIN)}
_IN_STORE = {"name": "Carrier", "documentStore": STORE, "identityProof": {"type": "DNS-TXT", "location": DOMAIN}}
_SIGNER = {
    "name": "Carrier",
    "id": DID,
    "identityProof": {"type": "DNS-DID", "key": KEY_ID, "location": DOMAIN},
    "revocation": {"type": "REVOCATION_STORE", "location": STORE},
}


def documents() -> dict[str, Json]:
    """One of each kind, by name."""
    registered = {"name": "Carrier", "tokenRegistry": REGISTRY, "identityProof": _IN_STORE["identityProof"]}
    by_domain = {"type": "DNS-TXT", "identifier": DOMAIN}
    by_key = {"type": "DNS-DID", "identifier": DOMAIN}
    by_did = {"method": "DID", "value": DID, "revocation": {"type": "NONE"}}
    in_store = v3({"method": "DOCUMENT_STORE", "value": STORE}, by_domain)
    return {
        "v2 in a store": wrap_batch([v2(_IN_STORE)] * 3).documents[0],
        "v2 of two issuers": wrap(v2(_IN_STORE, {**_IN_STORE, "name": "Agent"})),
        "v2 with a title": wrap(v2(registered)),
        "v2 signed": _signed(wrap(v2(_SIGNER))),
        "v3 in a store": wrap_batch([in_store] * 2).documents[1],
        "v3 with a title": wrap(v3({"method": "TOKEN_REGISTRY", "value": REGISTRY}, by_domain)),
        "v3 signed": _signed(wrap(v3(by_did, by_key))),
    }


def v2(*issuers: Json) -> Json:
    """The data of a v2 document."""
    content = {"blNumber": "BL-1", "count": 3, "weight": 12.5, "toOrder": True, "none": None}
    nested = {"nested": {"a": {"b": ["x", {"c": "y"}]}, "list": [1, "two", True]}}
    return {"issuers": list(issuers or [_IN_STORE]), "network": _NETWORK, **content, **nested}


def v3(method: Json, identity: Json) -> Json:
    """The data of a v3 document."""
    template = {"name": "A", "type": "EMBEDDED_RENDERER", "url": "https://renderer.example"}
    proof = {"type": "OpenAttestationProofMethod", **method}
    return {
        "@context": ["https://www.w3.org/2018/credentials/v1", {"@vocab": "https://carrier.example/terms#"}],
        "type": ["VerifiableCredential"],
        "issuer": {"id": "https://carrier.example", "name": "Carrier"},
        "issuanceDate": "2026-01-01T00:00:00Z",
        "expirationDate": "2030-01-01T00:00:00Z",
        "network": _NETWORK,
        "credentialSubject": {"blNumber": "BL-1", "packages": [{"weight": 5}, {"weight": 7.5}]},
        "openAttestationMetadata": {"template": template, "proof": proof, "identityProof": identity},
    }


def root(document: Json) -> bytes:
    """The Merkle root of a wrapped document."""
    return bytes.fromhex((document.get("signature") or document["proof"])["merkleRoot"])


@dataclass
class OneChain(RegistryChain):
    """The chain. ``issued`` and ``revoked`` are the store's; ``titles`` are by token."""

    issued: set[bytes] = field(default_factory=set)
    revoked: set[bytes] = field(default_factory=set)
    titles: dict[bytes, RegistryChain] = field(default_factory=dict)

    def _code(self, address: str) -> bytes:
        if address == STORE:
            return b"\x60"
        return next((code for title in self.titles.values() if (code := title.code(address))), b"")

    def _call(self, read: Read) -> Answer:
        if read.to == STORE:
            return self._store(read.data)
        if read.to == did_registry.address(CHAIN):
            account = abi.decode_word("address", read.data[4:])
            if read.data == did_registry.identity_owner(account):
                return abi.encode(["address"], [account])
            return abi.encode(["uint256"], [0])
        for token, title in self.titles.items():
            if token in read.data or read.to in {to for to, _ in title.says} - {REGISTRY, FACTORY}:
                return title.read(read)[0]
        if read.data[:4] == token_registry_v5.OWNER_OF.selector and read.to == REGISTRY:
            return NEVER_MINTED
        return next(iter(self.titles.values())).read(read)[0]

    def _store(self, data: bytes) -> Answer:
        known = {document_store.IS_ISSUED.selector: self.issued, document_store.IS_REVOKED.selector: self.revoked}
        if data[:4] not in known:
            return Reverted(b"")
        return abi.encode_word("bool", data[4:] in known[data[:4]])


class Zone:
    """The DNS, in which nobody but the carrier has records."""

    def txt(self, name: str) -> TxtRecords:
        return TxtRecords(name, RECORDS if name == DOMAIN else ())


def chain_of(known: Mapping[str, Json]) -> OneChain:
    """The chain on which these documents were issued, each in its own way."""
    found = OneChain()
    for name, document in known.items():
        if "title" in name:
            found.titles[root(document)] = titled(at=REGISTRY, token=int.from_bytes(root(document), "big"))
        elif "signed" not in name:
            found.issued.add(root(document))
    return found


def sources(chain: OneChain) -> Sources:
    """The world around the chain."""

    def opened(chain_id: int | None) -> OneChain:
        if chain_id not in (None, CHAIN):
            raise SourceError(Doubt.CHAIN_NOT_CONFIGURED, own_words(f"chain {chain_id}"))
        return chain

    def fetch(url: str, *, accept: object) -> Page:
        raise SourceError(Doubt.WEB_UNREACHABLE, own_words("there is no web here"))

    return Sources(pace=pace, chain=opened, dns=Zone(), fetch=fetch, now=NOW)


def _signed(document: Json) -> Json:
    return sign(document, KEY, key_id=KEY_ID, now=datetime(2026, 6, 1, tzinfo=UTC))
