"""A carrier wraps two bills of lading, and issues both with one transaction.

Run it as it is: ``python examples/shipper.py`` makes itself a chain to issue on.
"""

from pathlib import Path
from typing import Any

from ebl.chain.signers import LocalKey
from ebl.net.connect import connect
from ebl.registry import Receipt, Store, issue, send
from ebl.wrap import to_json, wrap_batch


def issue_bills(bills: list[dict[str, Any]], store: Store, *, node_url: str, key: LocalKey, folder: Path) -> Receipt:
    """Wrap bills into ``folder`` and issue their common root in ``store``."""
    batch = wrap_batch(bills)  # validated, salted, hashed, joined under one root
    for number, document in enumerate(batch.documents):
        (folder / f"bill-{number}.json").write_bytes(to_json(document))
    node = connect(node_url, chain_id=store.chain_id)
    return send(issue(store, batch.root), signer=key, node=node)


def main() -> None:
    from tempfile import mkdtemp

    from ebl.registry import deploy_store
    from ebl.testing.bills import bill
    from ebl.testing.chain import LocalChain

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
