"""Tests of an integrator against a local chain and DNS, with the fixtures of ebl's pytest plugin.

``pytest examples/test_our_bills.py``; the chain runs in this process, or with ``--ebl-node anvil`` in anvil.
"""

from ebl.policy import IssuedBy
from ebl.registry import issue, send
from ebl.testing import bill
from ebl.verify import examine
from ebl.wrap import to_json, wrap


def test_a_bill_is_undetermined_while_the_dns_is_broken(
    ebl_chain, ebl_store, ebl_dns, ebl_accounts, ebl_transactions, ebl_sources
):
    ours, chain_id = "carrier.example", ebl_chain.chain_id
    document = wrap(bill(1, store=ebl_store.address, domain=ours, chain_id=chain_id))
    root = bytes.fromhex(document["signature"]["merkleRoot"])
    send(issue(ebl_store, root), signer=ebl_accounts["carrier"], **ebl_transactions)
    ebl_dns.zone.txt(ours, f"openatts net=ethereum netId={chain_id} addr={ebl_store.address}")
    assert examine(to_json(document), IssuedBy(ours), sources=ebl_sources).verdict == "valid"

    ebl_dns.fail(ours, "servfail")
    assert examine(to_json(document), IssuedBy(ours), sources=ebl_sources).verdict == "indeterminate"
