"""Sending through any provider of web3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ebl.errors import SourceError
from ebl.report import Doubt
from ebl.transactions.node import Node, NodeRefused


@dataclass(frozen=True, slots=True)
class Web3Transport:
    """A `ebl.transactions.node.Transport` over a JSON-RPC provider of web3 (HTTP, IPC)."""

    provider: Any
    host: str = ""

    def request(self, method: str, params: Sequence[Any]) -> Any:
        """The result of one request."""
        try:
            response = self.provider.make_request(method, list(params))
        except (OSError, ValueError) as trouble:
            raise SourceError(Doubt.CHAIN_UNREACHABLE, f"no answer from the node {self.host}".rstrip()) from trouble
        error = response.get("error")
        if error is None:
            return response.get("result")
        if not isinstance(error, dict):
            raise NodeRefused(0, str(error))
        raise NodeRefused(int(error.get("code", 0)), str(error.get("message", "")), _data(error.get("data")))


def connect(url: str, *, chain_id: int | None = None, timeout: float = 20.0) -> Node:
    """A node over HTTP, which must serve ``chain_id`` where that is given. ``timeout`` is in seconds, for each request."""
    from requests import Session
    from web3 import HTTPProvider

    host = urlsplit(url).hostname or ""
    session = Session()
    session.trust_env = host not in ("127.0.0.1", "localhost", "::1")  # a proxy must not catch loopback
    kwargs = {"timeout": timeout}
    provider = HTTPProvider(url, request_kwargs=kwargs, session=session, exception_retry_configuration=None)
    return Node.over(Web3Transport(provider, host), chain_id=chain_id)


def _data(value: Any) -> bytes | None:
    """What the contract reverted with; nodes put it in ``data`` as hex, or one level deeper."""
    if isinstance(value, dict):
        value = value.get("data")
    try:
        return bytes.fromhex(value.removeprefix("0x"))
    except (AttributeError, ValueError):
        return None
