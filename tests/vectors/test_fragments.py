"""Every line of ``oa/fragments.jsonl``: what the official verifier says of a described world, or where we say more."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ebl.codes import Doubt
from ebl.config.networks import pace
from ebl.did import ethr_registry as did_registry
from ebl.errors import InvalidInput, SourceError, Unreadable
from ebl.ethereum import abi
from ebl.ethereum.address import checksummed
from ebl.messages import own_words
from ebl.model.findings import Unknown, Verdict
from ebl.model.ports import Answer, Block, CodeAt, Page, Read, Reverted, Sources, TxtRecords
from ebl.policy import UnsafeAnyIssuer
from ebl.reports.fragments import fragments, is_valid
from ebl.reports.report import Report
from ebl.verify import examine
from tests.unit.chain.titles.registry_chain import DEAD, NOW, RegistryChain, titled

ROOT = Path(__file__).parents[2]
LINES = [
    json.loads(line) for line in (Path(__file__).parent / "oa" / "fragments.jsonl").read_text("utf-8").splitlines()
]

TOKEN, STORE = "OpenAttestationEthereumTokenRegistryStatus", "OpenAttestationEthereumDocumentStoreStatus"
HASH, SIGNED = "OpenAttestationHash", "OpenAttestationDidSignedDocumentStatus"
DNS_DID = "OpenAttestationDnsDidIdentityProof"

# Where ours differ on purpose: note → fragment → our status and code. The same as in docs/integrator/compatibility.md.
DIFFERENT: dict[str, dict[str, tuple[str, int | None]]] = {
    "batchable store": {STORE: ("VALID", None)},
    "token not minted": {TOKEN: ("INVALID", 1)},
    "v3 token not minted": {TOKEN: ("INVALID", 1)},
    "no registry contract": {TOKEN: ("INVALID", 1)},
    "token burnt (0x..dEaD)": {TOKEN: ("INVALID", 1)},
    "token owned by the registry (surrendered)": {TOKEN: ("INVALID", 1)},
    "DNS-DID broken signature": {SIGNED: ("INVALID", 7)},
    "OCSP answers for another hash": {SIGNED: ("ERROR", 11)},
    "key of another DID": {SIGNED: ("ERROR", 4), DNS_DID: ("INVALID", 6)},
    "two leaves with one path": {HASH: ("INVALID", 0)},
}


class World:
    """The world that a line describes: contracts, zones, DID documents, responders."""

    def __init__(self, described: dict[str, Any]) -> None:
        self.id: int = described["chainId"]
        self.block = Block(self.id, 70, "0x" + "00" * 32, NOW)
        self.described = described
        raw = json.loads(described["document_json"])
        self.titles = {address: self._title(address, raw) for address in self._registries(raw)}

    def _registries(self, raw: dict[str, Any]) -> list[str]:
        metadata = raw.get("openAttestationMetadata", {}).get("proof", {})
        v3 = [metadata["value"]] if metadata.get("method") == "TOKEN_REGISTRY" else []
        issuers = raw.get("data", {}).get("issuers", []) if "data" in raw else []
        v2 = [issuer["tokenRegistry"].split(":", 2)[2] for issuer in issuers if "tokenRegistry" in issuer]
        return [address for address in (*v3, *v2) if address.lower() in self.described["state"]]

    def _title(self, address: str, raw: dict[str, Any]) -> RegistryChain:
        tokens = self.described["state"][address.lower()].get("tokens", {})
        root = (raw.get("signature") or raw["proof"])["merkleRoot"]
        owner = tokens.get(f"0x{root}")
        where = {None: "nobody", DEAD.lower(): "dead", address.lower(): "registry"}.get(
            owner.lower() if owner else None, "escrow"
        )
        return titled(owner=where, at=checksummed(address), token=int(root, 16))

    def chain(self, chain_id: int | None) -> World:
        return self

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        return tuple(self._read(read) for read in reads)

    def _read(self, read: Read | CodeAt) -> Answer:
        for title in self.titles.values():
            if read.to in title.codes or any(read.to == to for to, _ in title.says):
                return title.read(read)[0]
        if read.to in (did_registry.address(1), did_registry.address(self.id)):
            return self._did(read)
        store = self.described["state"].get(read.to.lower())
        if store is None or isinstance(read, CodeAt):
            return b"" if store is None else b"\1"
        return self._store(store, read.data)

    def _did(self, read: Read | CodeAt) -> Answer:
        assert isinstance(read, Read)
        account = abi.decode_word("address", read.data[4:])
        known = {did.lower(): document for did, document in self.described["dids"].items()}
        document = known.get(f"did:ethr:{account.lower()}")
        if document is None:
            raise SourceError(Doubt.CHAIN_UNREACHABLE, own_words("no node"))
        if read.data == did_registry.changed(account):
            return bytes(32)
        owner = document["verificationMethod"][0]["blockchainAccountId"].partition("@")[0]
        return abi.encode(["address"], [owner])

    @staticmethod
    def _store(store: dict[str, Any], data: bytes) -> Answer:
        def yes(holds: bool) -> bytes:
            return int(holds).to_bytes(32, "big")

        issued, revoked = set(store.get("issued", ())), set(store.get("revoked", ()))
        match data[:4].hex():
            case "01ffc9a7":
                return yes(store.get("batchable", False)) if store.get("erc165", True) else Reverted(b"")
            case "163aa631" | "3c9b53e0":
                return yes("0x" + data[4:36].hex() in issued)
            case "4294857f":
                return yes("0x" + data[4:36].hex() in revoked)
            case "a5e440d2":
                return yes(bool({"0x" + data[4:36].hex(), "0x" + data[36:68].hex()} & revoked))
        return Reverted(b"")

    def code(self, address: str) -> bytes:
        return b"\1" if address.lower() in self.described["state"] else b""

    def txt(self, name: str) -> TxtRecords:
        return TxtRecords(name, tuple(self.described["zones"].get(name, ())))

    def fetch(self, url: str, *, accept: Sequence[str]) -> Page:
        for place, answers in self.described["ocsp"].items():
            if url.startswith(f"{place}/"):
                return Page(url, "application/json", json.dumps(answers["*"]).encode())
        raise SourceError(Doubt.WEB_UNREACHABLE, own_words("nothing there"))

    def examined(self) -> Report | None:
        sources = Sources(pace=pace, chain=self.chain, dns=self, fetch=self.fetch, now=NOW)  # type: ignore[arg-type]
        try:
            return examine(self.described["document_json"].encode(), UnsafeAnyIssuer(), sources=sources)
        except Unreadable:
            return None


def said(fragment: dict[str, Any]) -> tuple[str, int | None]:
    return fragment["status"], fragment.get("reason", {}).get("code") if fragment["status"] != "VALID" else None


@pytest.mark.parametrize("line", [pytest.param(line, id=f"{line['id']} {line['note']}") for line in LINES])
def test_the_fragments_are_the_official_ones_or_differ_where_it_is_listed(line: dict[str, Any]) -> None:
    report = World(line["input"]).examined()
    ours = fragments(report)
    official = line["output"]["fragments"]
    assert [(f["name"], f["type"]) for f in ours] == [(f["name"], f["type"]) for f in official]
    different = DIFFERENT.get(line["note"], {})
    if report is not None and any(
        isinstance(f, Unknown) and f.doubt is Doubt.UNPROTECTED_FIELD for f in report.findings
    ):
        different = different | {HASH: ("ERROR", 1)}
    unread = report is not None and report.document is None  # broken beyond reading: nothing else is asked
    for mine, theirs in zip(ours, official, strict=True):
        if mine["name"] in different and said(theirs) != said(mine):
            assert said(mine) == different[mine["name"]]
        elif unread:
            assert mine["name"] == HASH or mine["status"] == "SKIPPED"
        else:
            assert mine == theirs
    if not different:
        assert is_valid(ours) is line["output"]["is_valid_default"]
        assert is_valid(ours, with_did=True) is line["output"]["is_valid_with_did"]
    verdict = report.verdict if report is not None else Verdict.INVALID
    if is_valid(ours, with_did=True):
        assert verdict is Verdict.VALID


def test_each_difference_occurs_and_is_listed_for_readers() -> None:
    assert {line["note"] for line in LINES} >= set(DIFFERENT)
    listed = (ROOT / "docs" / "integrator" / "compatibility.md").read_text("utf-8")
    for note in DIFFERENT:
        assert f"| {note} |" in listed


def test_the_rule_of_validity_needs_fragments_and_types() -> None:
    for found, types in (
        ([], ("DOCUMENT_STATUS",)),
        ([{"name": "x", "type": "DOCUMENT_STATUS", "status": "VALID"}], ()),
    ):
        with pytest.raises(InvalidInput):
            is_valid(found, types)
