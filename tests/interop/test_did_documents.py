"""Documents that a DID signed, on a real node with the released registry of did:ethr, a real DNS and a real document store."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ebl.chain.signers import LocalKey
from ebl.did import ethr_registry as did_registry
from ebl.ethereum import abi
from ebl.model.findings import Verdict
from ebl.net.connect import connect
from ebl.openattestation.sign import sign
from ebl.policy import IssuedBy, parse
from ebl.registry import Store, deploy_store, deployed, revoke, send
from ebl.reports.fragments import fragments, is_valid
from ebl.reports.report import Report
from ebl.sources import online
from ebl.testing.anvil import Anvil
from ebl.testing.dns import DnsServer
from ebl.verify import examine
from ebl.wrap import to_json, wrap

BUILD = Path(__file__).parent / "node_modules/ethr-did-registry/build/contracts/EthereumDIDRegistry.json"
DOMAIN = "carrier.example"


@dataclass
class World:
    anvil: Anvil
    dns: DnsServer

    def key(self, role: str) -> LocalKey:
        return LocalKey.from_hex(self.anvil.account(role).key)

    def did(self, role: str) -> str:
        return f"did:ethr:0x539:{self.key(role).address}"

    def change(self, role: str, signature: str, *values: Any) -> None:
        """Change an identity in the registry, as its owner."""
        data = "0x" + abi.call(signature, *values).hex()
        sender, place = self.key(role).address, did_registry.address(1337)
        sent = self.anvil.rpc("eth_sendTransaction", {"from": sender, "to": place, "data": data, "gas": "0x7a120"})
        assert self.anvil.receipt(sent)["status"] == "0x1"

    def document(
        self, role: str, kind: str, *, fragment: str = "controller", by: str | None = None, **more: Any
    ) -> bytes:
        """A document of a DID, signed by its key."""
        key = f"{self.did(role)}#{fragment}"
        proof = {"type": kind, "key": key} | ({"location": DOMAIN} if kind == "DNS-DID" else {})
        issuer = {
            "id": self.did(role),
            "name": "Carrier",
            "identityProof": proof,
            "revocation": {"type": "NONE"},
            **more,
        }
        wrapped = wrap({"issuers": [issuer], "network": {"chain": "ETH", "chainId": "1337"}})
        return to_json(sign(wrapped, self.key(by or role), now=datetime.now(UTC), key_id=key))

    def publish(self, key: str) -> None:
        self.dns.zone.txt(DOMAIN, f"openatts a=dns-did; p={key}; v=1.0;")

    def examined(self, raw: bytes, policy: Any) -> Report:
        sources = online(rpc={1337: self.anvil.url}, resolver=self.dns.url)
        return examine(raw, policy, sources=sources)


@pytest.fixture
def world(anvil: Anvil, js: Callable[[str, Any], Any]) -> Any:
    anvil.rpc("anvil_setCode", did_registry.address(1337), json.loads(BUILD.read_text("utf-8"))["deployedBytecode"])
    anvil.rpc("anvil_autoImpersonateAccount", True)
    snapshot = anvil.snapshot()
    with DnsServer() as dns:
        yield World(anvil, dns)
    anvil.revert(snapshot)


def codes(report: Report) -> set[str | None]:
    return {row["code"] for row in report.to_dict()["findings"] if row["outcome"] in ("failed", "unknown")}


def test_a_domain_that_names_the_key_stands_behind_what_it_signed(world: World) -> None:
    raw = world.document("carrier", "DNS-DID")
    assert codes(world.examined(raw, IssuedBy(DOMAIN))) == {"identity.no_dns_record", "policy.no_fact"}
    world.publish(f"{world.did('carrier')}#controller")
    report = world.examined(raw, IssuedBy(DOMAIN))
    assert report.verdict is Verdict.VALID, report.summary
    (issuer,) = report.to_dict()["issuers"]
    assert (issuer["identity_now"][0]["domain"], issuer["identity_now"][0]["did"]) == (DOMAIN, world.did("carrier"))
    assert is_valid(fragments(report))


def test_a_did_stands_for_itself_where_the_bank_lists_it(world: World) -> None:
    raw = world.document("carrier", "DID")
    trusted, other = (
        parse(f"[issuers]\ntrusted = [{{ did = '{world.did(role)}' }}]").policy for role in ("carrier", "stranger")
    )
    report = world.examined(raw, trusted)
    assert report.verdict is Verdict.VALID, report.summary
    assert is_valid(fragments(report), with_did=True)
    assert codes(world.examined(raw, other)) == {"policy.unexpected_issuer"}
    assert codes(world.examined(raw, IssuedBy(DOMAIN))) == {"policy.unexpected_issuer"}


def test_an_identity_that_changed_hands_no_longer_stands_behind_its_old_key(world: World) -> None:
    world.publish(f"{world.did('carrier')}#controller")
    raw = world.document("carrier", "DNS-DID")
    world.change("carrier", "changeOwner(address,address)", world.key("carrier").address, world.key("bank").address)
    assert "status.wrong_signature" in codes(world.examined(raw, IssuedBy(DOMAIN)))


def test_a_delegate_signs_until_it_is_revoked(world: World) -> None:
    owner, delegate = world.key("carrier").address, world.key("agent").address
    key = f"{world.did('carrier')}#delegate-1"
    world.publish(key)
    kind = b"veriKey".ljust(32, b"\0")
    raw = world.document("carrier", "DNS-DID", fragment="delegate-1", by="agent")
    assert "identity.key_not_of_did" in codes(world.examined(raw, IssuedBy(DOMAIN)))
    world.change("carrier", "addDelegate(address,bytes32,address,uint256)", owner, kind, delegate, 10**6)
    report = world.examined(raw, IssuedBy(DOMAIN))
    assert report.verdict is Verdict.VALID, report.summary
    world.change("carrier", "revokeDelegate(address,bytes32,address)", owner, kind, delegate)
    world.anvil.mine()
    assert "identity.key_not_of_did" in codes(world.examined(raw, IssuedBy(DOMAIN)))


def test_a_revocation_store_on_the_chain_is_asked(world: World) -> None:
    node, carrier = connect(world.anvil.url), world.key("carrier")
    store = deployed(send(deploy_store(1337, name="Revocations", owner=carrier.address), signer=carrier, node=node))
    world.publish(f"{world.did('carrier')}#controller")
    raw = world.document("carrier", "DNS-DID", revocation={"type": "REVOCATION_STORE", "location": store})
    assert world.examined(raw, IssuedBy(DOMAIN)).verdict is Verdict.VALID
    target = bytes.fromhex(json.loads(raw)["signature"]["targetHash"])
    send(revoke(Store(1337, store), target), signer=carrier, node=node)
    assert codes(world.examined(raw, IssuedBy(DOMAIN))) == {"status.revoked"}
