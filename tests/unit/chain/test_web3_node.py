"""A node behind a `Web3` object is asked through all of its middleware, and answers and fails in our words."""

from __future__ import annotations

import contextlib
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from requests import ConnectTimeout
from rpc_nodes import HASH, HEAD, STORE, honest
from web3 import AsyncHTTPProvider, AsyncWeb3, EthereumTesterProvider, HTTPProvider, IPCProvider, Web3
from web3.datastructures import AttributeDict
from web3.exceptions import ContractCustomError, TransactionNotFound, Web3RPCError
from web3.middleware import StalecheckMiddlewareBuilder, Web3Middleware
from web3.providers import BaseProvider
from web3.types import RPCEndpoint

from ebl.chain.sending import status
from ebl.chain.signers import LocalKey
from ebl.chain.titles.title_state import State, Title
from ebl.chain.web3_node import Web3Node, Web3NodeError
from ebl.codes import Doubt
from ebl.config.networks import pace
from ebl.errors import Error, InvalidInput, SourceError
from ebl.model.ports import Read, Sources
from ebl.net.connect import connect
from ebl.registry import (
    Journals,
    Registry,
    Store,
    appointments,
    capabilities,
    history,
    issue,
    plan,
    plan_cancel,
    plan_speed_up,
    prove,
    registry_at,
    registry_status,
    resume,
    send,
    store_at,
    store_status,
    title,
    unissued,
    unrevoked,
)
from ebl.sources import offline, online
from ebl.testing.rpc_server import RpcError, respond

ROOT = Path(__file__).parents[3]
NOW = datetime.fromtimestamp(int(HEAD["timestamp"], 16), UTC)
KEY = LocalKey(b"\5" * 32)
MOVE = issue(Store(1337, STORE), b"\1" * 32)


class Scripted(BaseProvider):
    """A provider in a function: ``answer`` gives a result or raises. ``asked`` is what came through to it."""

    def __init__(self, answer: Callable[[str, list[Any]], Any] = honest) -> None:
        super().__init__()
        self.answer = answer
        self.asked: list[str] = []

    def make_request(self, method: RPCEndpoint, params: Any) -> Any:
        self.asked.append(method)
        try:
            return {"jsonrpc": "2.0", "id": 1, "result": self.answer(method, list(params))}
        except RpcError as no:
            error = {"code": no.code, "message": no.message, "data": no.data}
            return {"jsonrpc": "2.0", "id": 1, "error": error}


def raising(trouble: Exception) -> Web3Node:
    def answer(method: str, params: list[Any]) -> Any:
        raise trouble

    return Web3Node(Web3(Scripted(answer)))


def answering(value: Any) -> Any:
    return Web3Node(Web3(Scripted(lambda method, params: value))).request("eth_blockNumber", [])


def trouble(node: Web3Node) -> SourceError:
    with pytest.raises(SourceError) as found:
        node.request("eth_blockNumber", [])
    return found.value


# what is asked and answered -------------------------------------------------------------------------------------------


class Outer(Web3Middleware):
    """Wraps each request whole, as middleware may that retries or logs."""

    seen: list[str] = []

    def wrap_make_request(self, make_request: Any) -> Any:
        def through(method: Any, params: Any) -> Any:
            self.seen.append(f"outer {method}")
            return make_request(method, params)

        return through


class Inner(Web3Middleware):
    def request_processor(self, method: Any, params: Any) -> Any:
        Outer.seen.append(f"inner {method}")
        return method, params


def test_every_request_of_a_batch_goes_through_all_middleware_outermost_first() -> None:
    w3 = Web3(Scripted())
    w3.middleware_onion.inject(Inner, layer=0)
    w3.middleware_onion.add(Outer)
    Outer.seen.clear()
    chain = online(rpc={1337: w3}, now=NOW).chain(1337)
    chain.read(Read(STORE, b"1234"), Read(STORE, b"5678"))
    calls = [line for line in Outer.seen if line.endswith("eth_call")]
    assert calls == ["outer eth_call", "inner eth_call"] * 2
    assert Outer.seen[:2] == ["outer eth_chainId", "inner eth_chainId"]


@pytest.mark.parametrize(
    ("given", "json"),
    (
        (0, "0x0"),
        (255, "0xff"),
        (True, True),
        (None, None),
        ("0xAB", "0xAB"),
        (b"\x01\xff", "0x01ff"),
        (bytearray(2), "0x0000"),
        (AttributeDict({"number": 7, "hash": b"\x01", "deep": ({"x": [1]},)}), None),
    ),
)
def test_values_that_middleware_turned_into_pythons_are_those_of_json_rpc_again(given: Any, json: Any) -> None:
    if isinstance(given, AttributeDict):
        json = {"number": "0x7", "hash": "0x01", "deep": [{"x": ["0x1"]}]}
    found = answering(given)
    assert found == json
    assert type(found) is type(json)


def test_a_value_that_json_rpc_does_not_have_is_no_answer() -> None:
    with pytest.raises(SourceError, match=r"chain\.bad_answer.*Scripted"):
        answering(datetime.now(UTC))
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(SourceError, match=r"chain\.bad_answer"):
        answering(deep)


@pytest.mark.parametrize(
    "response",
    (
        *(None, [], "x", {}, {"error": "no"}, {"error": []}, {"error": {"code": "x"}}, {"error": {"code": None}}),
        *({"jsonrpc": "2.0", "id": 1}, {"jsonrpc": "2.0", "id": [], "result": "0x1"}, {"jsonrpc": "1.0", "result": 1}),
        {"jsonrpc": "2.0", "id": 1, "error": {"code": 2**200, "message": 5, "data": object()}},
        {"jsonrpc": "2.0", "id": 1, "error": None, "result": "0x1"},
    ),
)
def test_what_is_no_response_of_json_rpc_is_no_answer(response: Any) -> None:
    class Provider(BaseProvider):
        def make_request(self, method: Any, params: Any) -> Any:
            return response

    w3 = Web3(Provider())
    with pytest.raises(Error):
        connect(w3)
    with pytest.raises(SourceError):
        online(rpc={1337: w3}).chain(1337)


def test_strictness_is_that_of_any_node() -> None:
    for value in (-1, 1.5, "7", True, {}, [], 2**256):
        w3 = Web3(
            Scripted(lambda method, params, value=value: value if method == "eth_chainId" else honest(method, params))
        )
        with pytest.raises(SourceError, match=r"chain\.bad_answer"):
            online(rpc={1337: w3}, now=NOW).chain(1337)


# exceptions -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raised", "code", "message", "data"),
    (
        (Web3RPCError("no", {"error": {"code": -32000, "message": "nonce too low"}}), -32000, "nonce too low", None),
        (Web3RPCError("no", {"error": {"code": 3, "message": "r", "data": b"\xab"}}), 3, "r", "0xab"),
        (Web3RPCError("no", {"error": "busy"}), -32000, "busy", None),
        (TransactionNotFound("not found"), -32000, "not found", None),
        (ContractCustomError("0x1234", data="0x1234"), 3, "0x1234", "0x1234"),
    ),
)
def test_an_exception_that_stands_for_a_nodes_error_is_that_error(
    raised: Exception, code: int, message: str, data: Any
) -> None:
    with pytest.raises(Web3NodeError) as no:
        raising(raised).request("eth_blockNumber", [])
    assert (no.value.code, no.value.message, no.value.data) == (code, message, data)


class Overdue(Exception):
    """As web3's own Timeout, which is no OSError."""


class IpcTimeout(Overdue):
    pass


class ConnectionClosed(Exception):
    """As that of websockets."""


@pytest.mark.parametrize(
    ("raised", "doubt"),
    (
        (ConnectionRefusedError(111, "Connection refused"), Doubt.CHAIN_UNREACHABLE),
        (FileNotFoundError(2, "No such file or directory"), Doubt.CHAIN_UNREACHABLE),
        (TimeoutError("late"), Doubt.CHAIN_TIMEOUT),
        (ConnectTimeout("late"), Doubt.CHAIN_TIMEOUT),
        (IpcTimeout(), Doubt.CHAIN_TIMEOUT),
        (ConnectionClosed(), Doubt.CHAIN_UNREACHABLE),
        (ValueError("a bug in somebody's middleware: https://node.example/SECRET"), Doubt.CHAIN_BAD_ANSWER),
        (KeyError("result"), Doubt.CHAIN_BAD_ANSWER),
        (RecursionError(), Doubt.CHAIN_BAD_ANSWER),
    ),
)
def test_any_other_exception_is_no_answer_and_never_a_no(raised: Exception, doubt: Doubt, tmp_path: Path) -> None:
    node = raising(raised)
    found = trouble(node)
    assert found.doubt is doubt
    assert "SECRET" not in str(found)
    with pytest.raises(SourceError):
        send(MOVE, signer=KEY, node=node.w3, journals=Journals(tmp_path))
    with pytest.raises(SourceError):
        title(node.w3, Registry(1337, STORE), 1)


def test_nothing_that_ends_the_program_is_kept_back() -> None:
    with pytest.raises(KeyboardInterrupt):
        raising(KeyboardInterrupt()).request("eth_chainId", [])  # type: ignore[arg-type]


@pytest.fixture
def http_status() -> Iterator[Callable[[int], str]]:
    """Starts servers that answer one HTTP status; gives their URL, with a key in it."""
    servers = []

    def start(status: int) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://user:SECRET@127.0.0.1:{server.server_address[1]}/v3/SECRET?key=SECRET"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "doubt"),
    (
        (401, Doubt.CHAIN_REFUSED),
        (403, Doubt.CHAIN_REFUSED),
        (429, Doubt.CHAIN_REFUSED),
        (404, Doubt.CHAIN_BAD_ANSWER),
        (200, Doubt.CHAIN_BAD_ANSWER),
        (503, Doubt.CHAIN_UNREACHABLE),
        (0, Doubt.CHAIN_UNREACHABLE),
    ),
)
def test_no_error_holds_more_of_the_url_than_its_host(
    status: int, doubt: Doubt, http_status: Callable[[int], str]
) -> None:
    url = http_status(status) if status else "http://user:SECRET@127.0.0.1:9/v3/SECRET?key=SECRET"
    found = trouble(Web3Node(Web3(HTTPProvider(url, exception_retry_configuration=None))))
    assert found.doubt is doubt
    assert "127.0.0.1:" in found.detail
    assert found.__cause__ is None or isinstance(found.__cause__, ValueError)
    assert "SECRET" not in f"{found!r} {found} {found.__cause__!r}"
    assert status or "Connection refused" in found.detail


def test_middleware_that_looks_for_stale_blocks_is_a_doubt_of_its_own_kind() -> None:
    w3 = Web3(Scripted())
    w3.middleware_onion.add(StalecheckMiddlewareBuilder.build(60))
    assert trouble(Web3Node(w3)).doubt is Doubt.CHAIN_STALE


def test_a_chain_with_proof_of_authority_is_told_which_middleware_it_needs() -> None:
    head = HEAD | {"extraData": "0x" + "00" * 97}
    w3 = Web3(Scripted(lambda method, params: head if method == "eth_getBlockByNumber" else honest(method, params)))
    with pytest.raises(SourceError, match="ExtraDataToPOAMiddleware"):
        online(rpc={1337: w3}, now=NOW).chain(1337)


# who is asked ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "host"),
    (
        (HTTPProvider("https://node.example/v3/SECRET"), "node.example"),
        (HTTPProvider("https://u:SECRET@node.example:8443/"), "node.example:8443"),
        (HTTPProvider("node.example/SECRET"), "HTTPProvider"),
        (HTTPProvider("http://node.example:SECRET/"), "HTTPProvider"),
        (IPCProvider("/run/node.ipc"), "IPCProvider"),
        (EthereumTesterProvider(), "EthereumTesterProvider"),
    ),
)
def test_a_node_is_named_by_its_host_or_by_its_kind(provider: BaseProvider, host: str) -> None:
    node = Web3Node(Web3(provider))
    assert node.host == host


@pytest.mark.skipif(sys.platform == "win32", reason="there IPC is a named pipe")
def test_a_node_is_asked_through_its_socket(tmp_path: Path) -> None:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                self.wfile.write(respond(line, honest) + b"\n")

    class Server(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True
        block_on_close = False

    where = tmp_path / "node.ipc"
    with Server(str(where), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        w3 = Web3(IPCProvider(where))
        chain = online(rpc={1337: w3}, now=NOW).chain(1337)
        assert chain.read(Read(STORE, b"1234")) == (bytes(31) + b"\1",)
        w3.provider._socket.sock.close()  # type: ignore[attr-defined] # web3 has no other way
        server.shutdown()


def agreeing(*nodes: Any) -> Sources:
    return online(rpc={1337: nodes}, nodes_agree=2, now=NOW)


def test_nodes_that_must_agree_are_at_different_places_and_those_without_a_place_are_one() -> None:
    url = "https://node.example/SECRET"
    for twice in (
        (url, Web3(HTTPProvider(url))),
        (Web3(HTTPProvider(url)), Web3(HTTPProvider("https://node.example/another"))),
        (Web3(IPCProvider("/run/node.ipc")), Web3(IPCProvider("/run/node.ipc"))),
        (Web3(Scripted()), Web3(Scripted())),
    ):
        with pytest.raises(InvalidInput, match="which counts once") as no:
            agreeing(*twice)
        assert "SECRET" not in str(no.value)
    agreeing("https://one.example", Web3(HTTPProvider(url)), Web3(IPCProvider("/run/node.ipc")), Web3(Scripted()))


def test_a_node_that_dissents_is_named(tmp_path: Path) -> None:
    other = HEAD | {"hash": "0x" + "cd" * 32}

    class Ipc(Scripted):
        def __init__(self, path: str, answer: Callable[[str, list[Any]], Any] = honest) -> None:
            super().__init__(answer)
            self.ipc_path = path

    def lying(method: str, params: list[Any]) -> Any:
        return other if method == "eth_getBlockByNumber" else honest(method, params)

    nodes = [Web3(Ipc("/a")), Web3(Ipc("/b")), Web3(Scripted(lying))]
    block = agreeing(*nodes).chain(1337).block
    assert block.hash == HASH
    (dissent,) = block.dissent
    assert "Scripted" in str(dissent)


def test_a_provider_is_asked_one_thing_at_a_time_whatever_asks() -> None:
    at_once = most = 0

    def slow(method: str, params: list[Any]) -> Any:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        time.sleep(0.01)
        at_once -= 1
        return honest(method, params)

    w3 = Web3(Scripted(slow))
    sources = online(rpc={1337: w3}, now=NOW)
    asking = [lambda: sources.chain(1337).read(Read(STORE, b"1")), lambda: Web3Node(w3).request("eth_chainId", [])] * 4
    threads = [threading.Thread(target=ask) for ask in asking]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_waiting_for_other_requests_ends() -> None:
    held, go_on = threading.Event(), threading.Event()

    def stuck(method: str, params: list[Any]) -> Any:
        held.set()
        go_on.wait(30)
        return "0x1"

    node = Web3Node(Web3(Scripted(stuck)))
    first = threading.Thread(target=node.request, args=("eth_chainId", []))
    first.start()
    held.wait(30)
    with pytest.raises(SourceError, match=r"chain\.timeout"):
        node.request("eth_chainId", [], seconds=0.05)
    go_on.set()
    first.join()


# every door -----------------------------------------------------------------------------------------------------------

WHERE = Store(1337, STORE)
TITLE = Title(
    chain_id=1337,
    paused=False,
    code=None,
    registry=STORE,
    token_id=7,
    state=State.NOT_MINTED,
    version=5,
    factory=STORE,
    implementation=STORE,
    genesis=1,
    escrow=STORE,
    block=online(rpc={1337: Web3(Scripted())}, now=NOW).chain(1337).block,
)
DOORS: dict[str, Callable[[Any], Any]] = {
    "connect": connect,
    "plan": lambda w3: plan(MOVE, sender=KEY.address, node=w3),
    "send": lambda w3: send(MOVE, signer=KEY, node=w3),
    "resume": lambda w3: resume(MOVE, sender=KEY.address, node=w3),
    "plan_cancel": lambda w3: plan_cancel(HASH, sender=KEY.address, node=w3),
    "plan_speed_up": lambda w3: plan_speed_up(HASH, sender=KEY.address, node=w3),
    "status": lambda w3: status(HASH, node=w3),
    "online": lambda w3: online(rpc={1337: w3}),
    "online, of several": lambda w3: online(rpc={1337: ["https://node.example", w3]}),
    "title": lambda w3: title(w3, Registry(1337, STORE), 7),
    "history": lambda w3: history(w3, Registry(1337, STORE), 7),
    "store_at": lambda w3: store_at(w3, STORE),
    "store_status": lambda w3: store_status(w3, WHERE, b"\1" * 32),
    "unissued": lambda w3: unissued(w3, WHERE, [b"\1" * 32]),
    "unrevoked": lambda w3: unrevoked(w3, WHERE, [b"\1" * 32]),
    "registry_at": lambda w3: registry_at(w3, STORE),
    "registry_status": lambda w3: registry_status(w3, Registry(1337, STORE)),
    "appointments": lambda w3: appointments(w3, Registry(1337, STORE), [STORE]),
    "capabilities": lambda w3: capabilities(TITLE, STORE, chain=w3),
}


@pytest.mark.parametrize("door", DOORS)
def test_what_cannot_be_asked_is_refused_at_every_door_with_what_to_pass_instead(door: str) -> None:
    url = "http://127.0.0.1:9"
    for given, name in (
        (AsyncWeb3(AsyncHTTPProvider(url)), "AsyncWeb3"),
        (HTTPProvider(url), "HTTPProvider"),
        (AsyncHTTPProvider(url), "AsyncHTTPProvider"),
    ):
        with pytest.raises(InvalidInput, match=rf"got an? {name}|got {name}") as no:
            DOORS[door](given)
        assert "Web3(HTTPProvider(URL))" in no.value.fix


@pytest.mark.parametrize("door", [door for door in DOORS if not door.startswith("online")])
def test_a_web3_object_is_asked_at_every_door(door: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    provider = Scripted()
    with contextlib.suppress(Error):  # the chain of the script is no more than a few numbers
        DOORS[door](Web3(provider))
    assert "eth_chainId" in provider.asked


def test_what_opens_chains_is_no_web3_object_and_says_what_to_use() -> None:
    with pytest.raises(InvalidInput, match=r"ebl\.sources\.online\(rpc="):
        Sources(pace=pace, chain=Web3(Scripted()), dns=offline().dns, fetch=offline().fetch)  # type: ignore[arg-type]


def test_a_proof_is_of_the_block_that_the_title_was_read_at() -> None:
    with pytest.raises(InvalidInput, match="the chain that the title was read from"):
        prove(Web3(Scripted()), TITLE)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", ("http://127.0.0.1:9", 7, None))
def test_what_is_no_node_is_told_to_be_made_one(given: Any) -> None:
    with pytest.raises(InvalidInput, match=r"ebl\.registry\.connect|Web3\(HTTPProvider"):
        plan(MOVE, sender=KEY.address, node=given)
    with pytest.raises(InvalidInput, match=r"ebl\.sources\.online\(rpc=\{chain_id: url"):
        title("http://127.0.0.1:9", Registry(1337, STORE), 7)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        connect(given if isinstance(given, int) else 1.5)  # type: ignore[arg-type]


def test_whoever_has_no_web3_object_does_not_pay_for_web3() -> None:
    code = (
        "import sys, ebl.registry, ebl.verify, ebl.sources, ebl.net.connect, ebl.net.nodes\n"
        "ebl.sources.online(rpc={1: 'https://node.example'})\n"
        "try: ebl.net.connect.connect('http://127.0.0.1:9')\n"
        "except ebl.errors.SourceError: print([name for name in sys.modules if 'web3' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
