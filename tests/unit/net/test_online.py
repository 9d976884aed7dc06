"""Sources over the network ask only whom they were told to ask."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from rpc_nodes import STORE, honest

from ebl.checking.memo import Run
from ebl.codes import Doubt
from ebl.errors import InvalidInput, SourceError
from ebl.model.ports import Read, Sources, TxtRecords
from ebl.sources import online
from ebl.testing.dns import DnsServer
from ebl.testing.rpc_server import RpcServer, respond

NOW = datetime.fromtimestamp(int(honest("eth_getBlockByNumber", ["latest", False])["timestamp"], 16), UTC)


@pytest.fixture
def node() -> Iterator[RpcServer]:
    with RpcServer(lambda body: respond(body, honest)) as running:
        yield running


@pytest.fixture
def dead_url() -> Iterator[str]:
    """Where nobody listens, and nobody else can begin to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def doubt(sources: Sources, chain_id: int | None) -> Doubt:
    with pytest.raises(SourceError) as found:
        sources.chain(chain_id)
    return found.value.doubt


def test_a_chain_is_opened_at_its_node_and_none_means_the_only_one(node: RpcServer) -> None:
    sources = online(rpc={1337: node.url}, resolver="udp://127.0.0.1:1", now=NOW)
    assert sources.chain(1337).block.number == sources.chain(None).block.number == 100
    assert sources.now.tzinfo is UTC


def test_one_run_opens_a_chain_once(node: RpcServer) -> None:
    sources = Run(online(rpc={1337: [node.url]}, resolver="udp://127.0.0.1:1", now=NOW)).once
    for chain_id in (None, 1337, None):
        sources.chain(chain_id).read(Read(STORE, b"1234"))
    assert node.requests == 2


def test_a_chain_that_is_not_named_is_not_asked_for_elsewhere(node: RpcServer) -> None:
    sources = online(rpc={1337: node.url}, resolver="udp://127.0.0.1:1", now=NOW)
    with pytest.raises(SourceError, match="--rpc 1=URL") as found:
        sources.chain(1)
    assert found.value.doubt is Doubt.CHAIN_NOT_CONFIGURED
    assert node.requests == 0
    assert (
        doubt(online(rpc={1: node.url, 1337: node.url}, resolver="udp://127.0.0.1:1", now=NOW), None)
        is Doubt.CHAIN_NOT_NAMED
    )
    assert doubt(online(rpc={}, resolver="udp://127.0.0.1:1", now=NOW), None) is Doubt.CHAIN_NOT_NAMED


def test_the_next_node_stands_in_for_one_that_is_down_but_not_for_one_of_another_chain(
    node: RpcServer, dead_url: str
) -> None:
    up = online(rpc={1337: [dead_url, node.url]}, resolver="udp://127.0.0.1:1", now=NOW)
    assert up.chain(1337).id == 1337
    assert (
        doubt(online(rpc={1: [node.url, node.url]}, resolver="udp://127.0.0.1:1", now=NOW), 1) is Doubt.CHAIN_WRONG_ID
    )
    assert node.requests == 2
    down = online(rpc={1337: [dead_url, dead_url]}, resolver="udp://127.0.0.1:1", now=NOW)
    assert doubt(down, 1337) is Doubt.CHAIN_UNREACHABLE


def test_a_resolver_is_a_word_or_an_object() -> None:
    class Zone:
        def txt(self, name: str) -> TxtRecords:
            return TxtRecords(name, ("here",))

    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert online(dns=Zone(), now=now).dns.txt("x").texts == ("here",)
    with DnsServer() as server:
        server.zone.txt("carrier.example", "there")
        assert online(rpc={}, resolver=[server.url]).dns.txt("carrier.example").texts == ("there",)


def test_mistakes_are_named_before_anybody_is_asked() -> None:
    for rpc in ({0: "http://x"}, {1: []}, {1: "ws://x"}):
        with pytest.raises(InvalidInput):
            online(rpc=rpc, resolver="udp://127.0.0.1:1", now=NOW)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        online(rpc={}, resolver="nonsense")
