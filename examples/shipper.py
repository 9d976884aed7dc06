"""A carrier wraps two bills of lading, and issues both with one transaction.

Run it with ``python examples/shipper.py``: it starts a chain of its own.
"""

from pathlib import Path
from typing import Any

from ebl.registry import LocalKey, Store, connect, issue, send
from ebl.wrap import wrap_batch


def issue_bills(bills: list[dict[str, Any]], store: Store, *, node_url: str, key: LocalKey, folder: Path) -> str:
    """Wraps bills into ``folder`` and issues their common root in ``store``. Returns the hash of the transaction."""
    batch = wrap_batch(bills)  # validated, salted, hashed, joined under one root
    for number, text in enumerate(batch.texts()):
        (folder / f"bill-{number}.json").write_bytes(text)
    node = connect(node_url, chain_id=store.chain_id)
    return send(issue(store, batch.root), signer=key, node=node).tx_hash


def main() -> None:
    from tempfile import mkdtemp

    from ebl.registry import deploy_store
    from ebl.testing import LocalChain, bill

    with LocalChain() as chain:
        key = LocalKey.from_hex(chain.account("carrier").key)
        deploy = deploy_store(chain.chain_id, name="Blue Heron Lines", owner=key.address)
        store = Store(chain.chain_id, send(deploy, signer=key, node=connect(chain.url)).contract or "")
        bills = [bill(n, store=store.address, domain="carrier.example", chain_id=chain.chain_id) for n in (1, 2)]
        folder = Path(mkdtemp(prefix="ebl-"))
        issued = issue_bills(bills, store, node_url=chain.url, key=key, folder=folder)
        print(f"issued by the transaction {issued}; the bills are in {folder}")


if __name__ == "__main__":
    main()
