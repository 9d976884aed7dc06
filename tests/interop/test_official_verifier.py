"""What is issued from Python on a real node, the official verifier calls valid; and both agree when it is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ebl.chain.signers import LocalKey
from ebl.model.findings import Verdict
from ebl.net.connect import connect
from ebl.policy import IssuedBy
from ebl.registry import Store, deploy_store, issue, revoke, send
from ebl.sources import online
from ebl.testing.anvil import Anvil
from ebl.testing.bills import bill
from ebl.testing.dns import DnsServer
from ebl.verify import examine
from ebl.wrap import wrap_batch

Js = Callable[[str, Any], Any]
DOMAIN = "carrier.example"


@pytest.fixture(scope="module")
def issued(anvil: Anvil) -> dict[str, Any]:
    """Two bills under one root on a store of ours; the second one revoked."""
    key = LocalKey.from_hex(anvil.account("carrier").key)
    node = connect(anvil.url)
    receipt = send(deploy_store(1337, name="Interop", owner=key.address), signer=key, node=node)
    store = Store(1337, receipt.contract or "")
    batch = wrap_batch(bill(n, store=store.address, domain=DOMAIN, chain_id=1337) for n in range(3))
    send(issue(store, batch.root), signer=key, node=node)
    revoked = bytes.fromhex(batch.documents[1]["signature"]["targetHash"])
    send(revoke(store, revoked), signer=key, node=node)
    record = f"openatts net=ethereum netId=1337 addr={store.address}"
    return {"documents": batch.documents, "record": record, "rpc": anvil.url}


def both(js: Js, issued: dict[str, Any], document: Any, zone: dict[str, list[str]]) -> tuple[bool, Verdict]:
    theirs = js("verify.cjs", {"document": document, "zone": zone, "rpc": issued["rpc"]})
    with DnsServer() as dns:
        for name, texts in zone.items():
            for text in texts:
                dns.zone.txt(name, text)
        sources = online(rpc={1337: issued["rpc"]}, resolver=dns.url)
        ours = examine(json.dumps(document).encode(), IssuedBy(DOMAIN), sources=sources)
    return theirs["valid"], ours.verdict


def test_a_bill_issued_from_python_is_valid_for_both(js: Js, issued: dict[str, Any]) -> None:
    assert both(js, issued, issued["documents"][0], {DOMAIN: [issued["record"]]}) == (True, Verdict.VALID)


def test_a_revoked_bill_is_invalid_for_both(js: Js, issued: dict[str, Any]) -> None:
    assert both(js, issued, issued["documents"][1], {DOMAIN: [issued["record"]]}) == (False, Verdict.INVALID)


def test_a_changed_bill_is_invalid_for_both(js: Js, issued: dict[str, Any]) -> None:
    text = json.dumps(issued["documents"][2])
    changed = json.loads(text.replace(":string:BHLU", ":string:BHLX", 1))
    assert both(js, issued, changed, {DOMAIN: [issued["record"]]}) == (False, Verdict.INVALID)


@pytest.mark.parametrize("change", [("addr=0x", "addr=0x11"), ("netId=1337", "netId=1")])
def test_a_domain_that_does_not_name_the_store_is_invalid_for_both(
    js: Js, issued: dict[str, Any], change: tuple[str, str]
) -> None:
    other = issued["record"].replace(*change)[: len(issued["record"])]
    assert both(js, issued, issued["documents"][0], {DOMAIN: [other]}) == (False, Verdict.INVALID)
