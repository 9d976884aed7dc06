"""Whatever a server does to the connection, there is an answer within the deadline, or a reason."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from rpc_nodes import Fake, RawServer, honest, http

from ebl.chain.rpc.jsonrpc import JsonRpc, RpcCall
from ebl.codes import Doubt
from ebl.errors import InvalidInput, SourceError
from ebl.net.endpoint import Endpoint, proxy_for
from ebl.testing.rpc_server import RpcServer, respond
from tests.patience import IMPATIENT, PATIENT


def drip(body: bytes) -> Iterator[bytes]:
    for byte in http(b"x" * 1000):
        yield bytes([byte])
        time.sleep(0.02)


def silent(body: bytes) -> Iterator[bytes]:
    time.sleep(PATIENT)
    yield b""


@pytest.mark.parametrize(
    "script, doubt",
    [
        (lambda _: [], Doubt.CHAIN_UNREACHABLE),
        (lambda _: [b"\x00\xff\x00\xff\r\n\r\n"], Doubt.CHAIN_BAD_ANSWER),
        (lambda _: [b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n{}"], Doubt.CHAIN_BAD_ANSWER),
        (lambda _: [b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n{}"], Doubt.CHAIN_BAD_ANSWER),
        (lambda _: [b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}"], Doubt.CHAIN_BAD_ANSWER),
        (lambda _: [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}"], Doubt.CHAIN_BAD_ANSWER),
        (lambda _: [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"5\r\nabcde\r\n" * 500], Doubt.CHAIN_BAD_ANSWER),
        (lambda _: [http(b"x" * 2000)], Doubt.CHAIN_BAD_ANSWER),
        (lambda _: [b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 200_000], Doubt.CHAIN_BAD_ANSWER),
        (drip, Doubt.CHAIN_TIMEOUT),
        (silent, Doubt.CHAIN_TIMEOUT),
    ],
    ids=["hangs up", "no http", "many headers", "long header", "cut off", "bad chunk", "endless chunks", "too long",
         "endless", "drip", "silent"],
)  # fmt: skip
def test_a_hostile_server_gets_no_answer_across(script: Callable[[bytes], Iterable[bytes]], doubt: Doubt) -> None:
    with RawServer(script) as server, pytest.raises(SourceError) as found:
        Endpoint(server.url, max_bytes=1000).post(b"{}", seconds=IMPATIENT if doubt is Doubt.CHAIN_TIMEOUT else PATIENT)
    assert found.value.doubt is doubt


def test_a_port_where_nobody_listens_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v3/secret?key=secret"
        with pytest.raises(SourceError) as found:
            Endpoint(url).post(b"{}", seconds=PATIENT)
    assert found.value.doubt is Doubt.CHAIN_UNREACHABLE
    assert "secret" not in str(found.value)


def test_redirects_are_not_followed() -> None:
    with RpcServer(lambda body: respond(body, honest)) as target:
        moved = http(b"", "307 Temporary Redirect", f"Location: {target.url}")
        with RawServer(lambda _: [moved]) as server, pytest.raises(SourceError, match="redirects"):
            JsonRpc(Endpoint(server.url)).ask(RpcCall("eth_chainId"))
        assert target.requests == 0


def test_connections_are_kept_and_a_stale_one_is_replaced() -> None:
    with RawServer(lambda body: [http(b"{}")], keep_alive=True) as server:
        endpoint = Endpoint(server.url)
        for _ in range(3):
            assert endpoint.post(b"{}", seconds=PATIENT).body == b"{}"
        assert (server.connections, server.requests) == (1, 3)
    replies = iter([http(b"{}"), http(b"{}")])
    with RawServer(lambda body: [next(replies)]) as server:  # hangs up without a word after each answer
        endpoint = Endpoint(server.url)
        assert endpoint.post(b"{}", seconds=PATIENT).status == endpoint.post(b"{}", seconds=PATIENT).status == 200
        assert server.connections == 2
        endpoint.close()


def test_many_threads_share_an_endpoint() -> None:
    with RpcServer(lambda body: respond(body, lambda method, params: params[0])) as server:
        rpc = JsonRpc(Endpoint(server.url))
        with ThreadPoolExecutor(8) as pool:
            found = list(
                pool.map(lambda number: rpc.ask(RpcCall("echo", (number,)), RpcCall("echo", (-number,))), range(200))
            )
    assert found == [[number, -number] for number in range(200)]


def test_a_user_and_password_in_the_url_are_sent_as_a_header_only() -> None:
    with RawServer(lambda _: [http(b"{}")]) as server:
        Endpoint(server.url.replace("http://", "http://user:p%40ss@")).post(b"{}", seconds=PATIENT)
    assert b"Authorization: Basic dXNlcjpwQHNz\r\n" in server.heads[0]
    assert b"p%40ss" not in server.heads[0]


def test_a_proxy_is_asked_for_the_whole_url_and_never_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(lambda _: [http(b"{}")]) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert proxy_for("http://127.0.0.1:8545") is proxy_for("http://localhost:8545") is None
        url = "http://node.example:8545/path"
        Endpoint(url, proxy=proxy_for(url)).post(b"{}", seconds=PATIENT)
    assert proxy.heads[0].startswith(b"POST http://node.example:8545/path HTTP/1.1\r\nHost: node.example:8545\r\n")


def test_a_proxy_that_refuses_a_tunnel_is_unreachable() -> None:
    def refuse(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as pool:
        pool.submit(refuse, listening)
        endpoint = Endpoint("https://node.example", proxy=f"http://127.0.0.1:{listening.getsockname()[1]}")
        with pytest.raises(SourceError, match="407") as found:
            endpoint.post(b"{}", seconds=PATIENT)
    assert found.value.doubt is Doubt.CHAIN_UNREACHABLE


@pytest.mark.parametrize(
    "url", ["ftp://x", "http://", "//x", "https://x:99999", "http://x/a b", "http://x\r\nA: b/", "x"]
)
def test_what_is_no_http_url_is_the_callers_mistake(url: str) -> None:
    with pytest.raises(InvalidInput):
        Endpoint(url)


def test_the_body_is_sent_as_it_is() -> None:
    fake = Fake()
    JsonRpc(fake).ask(RpcCall("eth_chainId"))
    assert fake.bodies == [json.loads('{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}')]
