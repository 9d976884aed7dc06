"""Credentials that are titles, on one chain: whoever signs and mints them, both verifiers say the same of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from people import Ledger, deploy

from ebl.chain.signers import LocalKey
from ebl.codes import Failure
from ebl.credential import Credential, derive, sign, transferable
from ebl.credentials.issuer_keys import IssuerKey
from ebl.crypto.multikey import MULTIKEY_CONTEXT, KeyType
from ebl.did.document_writer import key_document
from ebl.model.findings import Failed, Verdict
from ebl.model.ports import Chain
from ebl.net.connect import connect
from ebl.policy import AllOf, HeldBy, IssuedByTrusted, Trusted
from ebl.registry import Call, Registry, mint, return_to_issuer, send, title
from ebl.sources import online
from ebl.testing.anvil import Anvil
from ebl.verify import examine

pytest.importorskip("py_arkworks_bls12381")
Js = Callable[[str, Any], Any]
SUITES = {"ecdsa-sd-2023": KeyType.P256, "bbs-2023": KeyType.BLS12_381}
SHOWN = ["/credentialSubject/blNumber"]


@dataclass(frozen=True)
class World:
    """A chain, a registry of one make on it, an issuer for each suite, pages of the web, and the official packages."""

    js: Js
    node: Anvil
    registry: Registry
    keys: dict[str, IssuerKey]
    pages: dict[str, Any] = field(default_factory=dict)

    @property
    def chain(self) -> Chain:
        """The chain as of now."""
        return online(rpc={1337: self.node.url}, resolver="system").chain(1337)

    @property
    def shipper(self) -> str:
        return self.node.account("shipper").address

    def unsigned(self, key: IssuerKey) -> dict[str, Any]:
        return Credential(
            issuer=key.did,
            subject={"type": ["BillOfLading"], "blNumber": "BL-1", "vessel": "MV EXAMPLE"},
            status=transferable(chain_id=1337, registry=self.registry.address),
        ).to_dict()

    def ask(self, calls: list[dict[str, Any]]) -> list[Any]:
        """What the official packages answer."""
        known: dict[str, Any] = {**self.pages}
        for key in self.keys.values():
            known |= {key.did: key_document(key.public), key.id: {"@context": MULTIKEY_CONTEXT, **key.to_method()}}
        made: list[Any] = self.js("credentials.cjs", {"known": known, "calls": calls})
        return made

    def theirs(self, documents: list[dict[str, Any]]) -> list[bool]:
        """Whether the official verifier finds each of them valid."""
        calls = [{"op": "fragments", "credential": document, "rpc": self.node.url} for document in documents]
        return [answer["valid"] for answer in self.ask(calls)]

    def ours(self, documents: list[dict[str, Any]]) -> list[Any]:
        """Our verdict, or the failures that say why not, of each; the bank wants the shipper to hold the title."""
        sources = online(rpc={1337: self.node.url}, resolver="system")
        found: list[Any] = []
        for document in documents:
            policy = AllOf(IssuedByTrusted(Trusted(did=document["issuer"])), HeldBy(self.shipper))
            report = examine(json.dumps(document).encode(), policy, sources=sources)
            failures = {finding.failure for finding in report.findings if isinstance(finding, Failed)}
            found.append(failures - {Failure.NO_FACT} or report.verdict)
        return found

    def send(self, call: Call, by: str = "carrier") -> None:
        send(call, signer=LocalKey.from_hex(self.node.account(by).key), node=connect(self.node.url))


def world(js: Js, node: Anvil, make: str, released: dict[str, Any]) -> World:
    node.rpc("anvil_autoImpersonateAccount", True)
    registry = Registry(1337, deploy(make, Ledger(node), released).registry)
    return World(js, node, registry, {suite: IssuerKey.generate(kind) for suite, kind in SUITES.items()})


def changed(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "credentialSubject": {**document["credentialSubject"], "blNumber": "BL-2"}}


def test_titles_signed_and_minted_here_are_valid_for_both(js: Js, anvil: Anvil) -> None:
    here = world(js, anvil, "ours", {})
    signed = [sign(here.unsigned(key), key) for key in here.keys.values()]
    shown = [derive(document, SHOWN) for document in signed]
    altered = [changed(document) for document in shown]
    numbers = [int(document["credentialStatus"]["tokenId"], 16) for document in shown]
    assert here.theirs(shown) == [False, False]
    assert here.ours(shown) == [{Failure.NOT_MINTED}] * 2

    for number in numbers:
        here.send(mint(here.registry, number, beneficiary=here.shipper, holder=here.shipper))
    assert here.theirs([*signed, *shown, *altered]) == [True] * 4 + [False] * 2
    assert here.ours([*signed, *shown, *altered]) == [Verdict.VALID] * 4 + [{Failure.PROOF_SIGNATURE}] * 2

    here.send(return_to_issuer(title(here.chain, here.registry, numbers[0])), by="shipper")
    assert here.ours(shown) == [{Failure.RETURNED}, Verdict.VALID]


def test_titles_signed_and_minted_by_the_official_packages_are_valid_for_both(
    js: Js, anvil: Anvil, released: dict[str, Any]
) -> None:
    there = world(js, anvil, "v5", released)
    calls = []
    for suite, key in there.keys.items():
        unsigned = {name: value for name, value in there.unsigned(key).items() if name != "id"}
        del unsigned["credentialStatus"]["tokenId"]
        call = {"op": "sign", "credential": unsigned, "keyPair": json.loads(key.to_json()), "suite": suite}
        calls.append({**call, "mandatory": ["/credentialStatus"]})
    signed = [answer["signed"] for answer in there.ask(calls)]
    place = {"registry": there.registry.address, "rpc": anvil.url, "chainId": 1337}
    by_carrier = {"op": "mint", "key": anvil.account("carrier").key, "to": there.shipper, **place}
    answers = there.ask(
        [{"op": "derive", "credential": document, "pointers": SHOWN} for document in signed]
        + [{**by_carrier, "tokenId": document["credentialStatus"]["tokenId"]} for document in signed]
    )
    shown = [answer["derived"] for answer in answers[:2]]
    altered = [changed(document) for document in shown]
    assert answers[2:] == [{"status": 1}] * 2
    assert there.theirs([*shown, *altered]) == [True] * 2 + [False] * 2
    assert there.ours([*signed, *shown, *altered]) == [Verdict.VALID] * 4 + [{Failure.PROOF_SIGNATURE}] * 2
