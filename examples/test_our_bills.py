"""How an integrator tests against a local chain and DNS: the fixtures come with ebl's pytest plugin.

``pytest examples/test_our_bills.py``; the chain runs in this process, or with ``--ebl-node anvil`` in anvil.
"""

from __future__ import annotations

import json
from typing import Any

from ebl.policy import IssuedBy
from ebl.registry import issue, send
from ebl.testing.bills import bill
from ebl.verify import examine
from ebl.wrap import wrap


def test_a_bill_is_undetermined_while_the_dns_is_broken(
    ebl_chain: Any, ebl_store: Any, ebl_dns: Any, ebl_accounts: Any, ebl_transactions: Any, ebl_sources: Any
) -> None:
    store, domain = ebl_store.address, "carrier.example"
    document = wrap(bill(1, store=store, domain=domain, chain_id=ebl_chain.chain_id))
    raw = json.dumps(document).encode()

    root = bytes.fromhex(document["signature"]["merkleRoot"])
    send(issue(ebl_store, root), signer=ebl_accounts["carrier"], **ebl_transactions)
    ebl_dns.zone.txt(domain, f"openatts net=ethereum netId={ebl_chain.chain_id} addr={store}")
    assert examine(raw, IssuedBy(domain), sources=ebl_sources).verdict == "valid"

    ebl_dns.fail(domain, "servfail")
    assert examine(raw, IssuedBy(domain), sources=ebl_sources).verdict == "indeterminate"
