"""The row of the README's table that a node can tell: how often it is queried for one bill, and at which block."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ebl.chain.signers import LocalKey
from ebl.net.connect import connect
from ebl.policy import IssuedBy
from ebl.registry import Store, deploy_store, issue, send
from ebl.sources import online
from ebl.testing.anvil import Anvil
from ebl.testing.bills import bill
from ebl.testing.dns import DnsServer
from ebl.testing.rpc_server import RpcServer
from ebl.verify import Verdict, examine
from ebl.wrap import to_json, wrap

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
DOMAIN = "carrier.example"


def test_how_often_a_node_is_queried_for_one_bill(js: Callable[[str, Any], Any], anvil: Anvil) -> None:
    bodies: list[Any] = []

    def forward(body: bytes) -> bytes:
        bodies.append(json.loads(body))
        request = urllib.request.Request(anvil.url, body, {"content-type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return bytes(answer.read())

    key, node = LocalKey.from_hex(anvil.account("carrier").key), connect(anvil.url)
    deployed = send(deploy_store(1337, name="Counted", owner=key.address), signer=key, node=node)
    store = Store(1337, deployed.contract or "")
    document = wrap(bill(1, store=store.address, domain=DOMAIN, chain_id=1337))
    send(issue(store, bytes.fromhex(document["signature"]["merkleRoot"])), signer=key, node=node)
    record = f"openatts net=ethereum netId=1337 addr={store.address}"
    with RpcServer(forward) as counted, DnsServer() as dns:
        dns.zone.txt(DOMAIN, record)
        sources = online(rpc={1337: counted.url}, resolver=dns.url)
        assert examine(to_json(document), IssuedBy(DOMAIN), sources=sources).verdict is Verdict.VALID
        ours, bodies[:] = list(bodies), []
        asked = {"document": document, "zone": {DOMAIN: [record]}, "rpc": counted.url}
        assert js("verify.cjs", asked)["valid"]
        theirs = list(bodies)

    print(json.dumps(ours), json.dumps(theirs), sep="\n")
    assert blocks_of(theirs) == {"latest"} and not any(isinstance(body, list) for body in theirs)
    assert all(block != "latest" for block in blocks_of(ours))
    (row,) = re.findall(r"(?m)^\| HTTP requests to a node for one bill \| (\d+), .* \| (\d+), .* \|$", README)
    assert row == (str(len(ours)), str(len(theirs)))


def blocks_of(bodies: list[Any]) -> set[str]:
    """The blocks that contracts were read at."""
    calls = [call for body in bodies for call in (body if isinstance(body, list) else [body])]
    return {json.dumps(call["params"][1]).strip('"') for call in calls if call["method"] == "eth_call"}
