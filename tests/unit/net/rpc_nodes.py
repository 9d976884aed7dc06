"""Nodes for tests: an honest one in a function, and servers that send whatever bytes they are told to."""

from __future__ import annotations

import contextlib
import json
import socketserver
import threading
from collections.abc import Callable, Iterable
from typing import Any, Self

from ebl.chain.rpc.jsonrpc import HttpReply
from ebl.testing.rpc_server import RpcError, respond

ONE = "0x" + "00" * 31 + "01"
STORE = "0x1111111111111111111111111111111111111111"
HASH = "0x" + "ab" * 32
HEAD = {"number": "0x64", "hash": HASH, "timestamp": "0x65000000"}


def honest(method: str, params: list[Any]) -> Any:
    """A chain 1337 at block 100, where every call returns 1."""
    match method, params:
        case "eth_chainId", _:
            return "0x539"
        case "eth_getBlockByNumber", ["latest" | "finalized" | "0x64", _]:
            return HEAD
        case "eth_call" | "eth_getCode", [_, {"blockHash": block_hash}] if block_hash == HASH:
            return ONE
        case "eth_call" | "eth_getCode", [_, "0x64"]:
            return ONE
        case "eth_getLogs", _:
            return []
        case "eth_getProof", [address, slots, _]:
            return {
                "address": address,
                "balance": "0x0",
                "nonce": "0x1",
                "codeHash": HASH,
                "storageHash": HASH,
                "accountProof": ["0xc0"],
                "storageProof": [{"key": slot, "value": "0x7", "proof": ["0xc0"]} for slot in slots],
            }
    raise RpcError(-32601, "the method does not exist/is not available")


class Fake:
    """A `Post` in a function: no socket. ``bodies`` are what was sent."""

    host = "node.example"

    def __init__(self, answer: Callable[[str, list[Any]], Any] = honest, spoil: Callable[[bytes], Any] | None = None):
        self.answer, self.spoil = answer, spoil
        self.bodies: list[Any] = []

    def without_secrets(self, text: str) -> str:
        return text

    def post(self, body: bytes, *, seconds: float) -> HttpReply:
        self.bodies.append(json.loads(body))
        reply = respond(body, self.answer)
        if self.spoil is not None:
            spoilt = self.spoil(reply)
            return spoilt if isinstance(spoilt, HttpReply) else HttpReply(200, spoilt)
        return HttpReply(200, reply)


class RawServer:
    """Reads HTTP requests and sends back the chunks that ``script`` makes of each body; then hangs up if told to."""

    def __init__(self, script: Callable[[bytes], Iterable[bytes]], *, keep_alive: bool = False) -> None:
        self.connections = self.requests = 0
        self.heads: list[bytes] = []
        server = self

        class Handler(socketserver.StreamRequestHandler):
            timeout = 10

            def handle(self) -> None:
                server.connections += 1
                with contextlib.suppress(OSError):
                    while self.once() and keep_alive:
                        pass

            def once(self) -> bool:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    line = self.rfile.readline()
                    if not line:
                        return False
                    head += line
                length = next(
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                )
                server.requests += 1
                server.heads.append(head)
                for chunk in script(self.rfile.read(length)):
                    self.wfile.write(chunk)
                return True

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
