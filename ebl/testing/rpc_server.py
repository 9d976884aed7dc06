"""A JSON-RPC 2.0 server over HTTP on the loopback, for the embedded chain and for nodes that misbehave on purpose."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

MAX_BODY = 10 * 1024 * 1024
MAX_BATCH = 1000

Answer = Callable[[str, list[Any]], Any]


class RpcError(Exception):
    """An error that a node returns instead of a result. ``data`` is hex if a contract reverted."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data

    def to_dict(self) -> dict[str, Any]:
        """The ``error`` member of a response."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        return error if self.data is None else error | {"data": self.data}


def respond(body: bytes, answer: Answer) -> bytes:
    """The response to the body of one request or one batch."""
    try:
        asked = json.loads(body)
    except ValueError:
        return _dump(_failed(None, RpcError(-32700, "parse error")))
    if not isinstance(asked, list):
        return _dump(_one(asked, answer))
    if not 0 < len(asked) <= MAX_BATCH:
        return _dump(_failed(None, RpcError(-32600, f"expected 1 to {MAX_BATCH} requests in a batch")))
    return _dump([_one(request, answer) for request in asked])


def _one(request: Any, answer: Answer) -> dict[str, Any]:
    if not isinstance(request, dict) or not isinstance(request.get("method"), str):
        return _failed(None, RpcError(-32600, "invalid request"))
    number, params = request.get("id"), request.get("params") or []
    if not isinstance(params, list):
        return _failed(number, RpcError(-32602, "expected an array of params"))
    try:
        return {"jsonrpc": "2.0", "id": number, "result": answer(request["method"], params)}
    except RpcError as error:
        return _failed(number, error)


def _failed(number: Any, error: RpcError) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "error": error.to_dict()}


def _dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


class RpcServer:
    """Serves ``handle(body) -> body`` from threads on a free port of the loopback, at ``url``.

    ``requests`` counts the HTTP requests, for which public nodes charge.
    """

    def __init__(self, handle: Callable[[bytes], bytes]) -> None:
        self.handle = handle
        self.requests = 0
        self._http = _Http(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True, name="ebl rpc")
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Closes the port and the connections; may be called twice."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()
        self._http.hang_up()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, *arguments: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Ends the kept-alive connections too, so that a stopped server answers no request."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores a client that closes its connection."""


def _handler(server: RpcServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1
        timeout = 60

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > MAX_BODY:
                self.close_connection = True
                return self.send_error(413)
            server.requests += 1
            body = server.handle(self.rfile.read(int(length)))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return None

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Logs nothing: the library never prints."""

    return Handler
