"""A carrier wraps two bills of lading, and issues both with one transaction.

Run as it is, it makes itself a chain to issue on: ``python examples/shipper.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from ebl.net.node import connect
from ebl.registry import Receipt, Store, deploy_store, issue, send
from ebl.signers import LocalKey
from ebl.testing.bills import bill
from ebl.testing.chain import LocalChain
from ebl.wrap import wrap_batch


def issue_bills(bills: list[dict[str, Any]], store: Store, *, node_url: str, key: LocalKey, folder: Path) -> Receipt:
    """Wrap bills into ``folder`` and issue their common root in ``store``."""
    batch = wrap_batch(bills)  # validated, salted, hashed, joined under one root
    for number, document in enumerate(batch.documents):
        (folder / f"bill-{number}.json").write_text(json.dumps(document, ensure_ascii=False), "utf-8")

    node = connect(node_url, chain_id=store.chain_id)
    return send(issue(store, batch.root), signer=key, node=node)


def main() -> None:
    with LocalChain() as chain:
        key = LocalKey.from_hex(chain.account("carrier").key)
        deploy = deploy_store(chain.chain_id, name="Blue Heron Lines", owner=key.address)
        store = Store(chain.chain_id, send(deploy, signer=key, node=connect(chain.url)).contract or "")
        bills = [bill(n, store=store.address, domain="carrier.example", chain_id=chain.chain_id) for n in (1, 2)]
        folder = Path(mkdtemp(prefix="ebl-"))
        receipt = issue_bills(bills, store, node_url=chain.url, key=key, folder=folder)
        print(f"issued in block {receipt.block_number} for {receipt.gas_used:,} gas; the bills are in {folder}")


if __name__ == "__main__":
    main()
