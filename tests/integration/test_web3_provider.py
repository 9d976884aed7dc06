"""A program that has a Web3 object already can send through it."""

from __future__ import annotations

import pytest

from ebl.errors import SourceError, TransactionError
from ebl.net.web3_transport import through
from ebl.registry import Outbox, Store, deploy_store, issue, send
from ebl.signers import LocalKey
from ebl.testing.chain import LocalNode


def test_calls_are_sent_and_refusals_told_through_web3(chain: LocalNode, outbox: Outbox, carrier: LocalKey) -> None:
    from web3 import HTTPProvider, Web3

    node = through(Web3(HTTPProvider(chain.url)), chain_id=1337)
    receipt = send(
        deploy_store(1337, name="Pacific Line", owner=carrier.address), signer=carrier, node=node, outbox=outbox
    )
    store = Store(1337, str(receipt.contract))
    send(issue(store, b"\1" * 32), signer=carrier, node=node, outbox=outbox)
    with pytest.raises(TransactionError, match="already issued"):
        send(issue(store, b"\1" * 32), signer=carrier, node=node, outbox=outbox)


def test_a_dead_node_behind_web3_is_an_outage() -> None:
    from web3 import HTTPProvider, Web3

    with pytest.raises(SourceError, match=r"chain\.unreachable"):
        through(Web3(HTTPProvider("http://127.0.0.1:9", exception_retry_configuration=None)))
