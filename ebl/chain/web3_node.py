"""A node behind a caller's `Web3` object: IPC, middleware, eth-tester, or any other setup of the caller.

Every request goes through `web3.manager.RequestManager.request_blocking`, so through all middleware, outermost first. Responses
are converted back to the values of JSON-RPC (hex text), because middleware and eth-tester return Python's; exceptions are
converted to those of this library.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import RLock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from ebl.codec.uri import without_secrets
from ebl.codes import Doubt
from ebl.config.node_name import require_web3
from ebl.errors import SourceError
from ebl.ethereum import abi
from ebl.ethereum.json_values import MalformedValue, as_written

if TYPE_CHECKING:
    from web3 import Web3

SECONDS = 20.0
_REVERTED = 3
_INVALID_PARAMS = -32602
_SERVER_ERROR = -32000
_NO_KEY_STATUS = frozenset({401, 403, 429})
_PREFIX = "execution reverted: "
_BYTES = re.compile(r"b(['\"]).*\1", re.DOTALL)
_SHORT = 200
_NO_PLACE = "an address that web3 does not name"

_locks: WeakKeyDictionary[object, RLock] = WeakKeyDictionary()
"""One for each provider: eth-tester and middleware are not thread-safe in general."""


class Web3NodeError(Exception):
    """The node returned an error: what JSON-RPC has as ``error``."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(f"{message} ({code})")
        self.code, self.message, self.data = code, message, data


@dataclass(frozen=True, slots=True)
class Web3Node:
    """Queries the node behind ``w3``, one request at a time. Thread-safe.

    Timeout and retries of a request are set in the provider and the middleware of ``w3``. Raises `ebl.errors.InvalidInput` if
    ``w3`` is not a `Web3` with a synchronous provider.
    """

    w3: Web3

    def __post_init__(self) -> None:
        require_web3(self.w3)

    @property
    def host(self) -> str:
        """The name of the node in messages: the host of the provider's URL, or the kind of the provider."""
        parts = urlsplit(self.place)
        if not parts.hostname:
            return type(self.w3.provider).__name__
        return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname

    @property
    def place(self) -> str:
        """The address of the provider: its URL, which may hold a key, or the path of its socket; or that it names neither.

        In a quorum, nodes with the same address count once, and so do all that name none.
        """
        provider = self.w3.provider
        url, path = getattr(provider, "endpoint_uri", None), getattr(provider, "ipc_path", None)
        try:
            named = urlsplit(str(url)) if url else None
            if named is not None and named.hostname and named.port != 0:
                return str(url)
        except ValueError:  # for example a port that is not a number
            return _NO_PLACE
        return f"ipc:{path}" if path else _NO_PLACE

    def request(self, method: str, params: Sequence[Any], *, seconds: float = SECONDS) -> Any:
        """Returns the result of one request, in the values of JSON-RPC. ``seconds`` limits the wait for earlier requests.

        Raises `Web3NodeError` if the node returns an error. Raises `SourceError` with ``chain.unreachable``, ``chain.timeout``,
        ``chain.refused``, ``chain.stale`` (by the middleware that detects stale blocks), or ``chain.bad_answer``.
        """
        from web3.types import RPCEndpoint

        if _is_tester(self.w3) and any(isinstance(param, Mapping) and "blockHash" in param for param in params):
            raise Web3NodeError(_INVALID_PARAMS, "eth-tester takes a block by its number only, and gives no proofs")
        lock = _locks.setdefault(self.w3.provider, RLock())
        if seconds <= 0 or not lock.acquire(timeout=seconds):
            raise SourceError(Doubt.CHAIN_TIMEOUT, "web3_busy", host=self.host)
        try:
            return as_written(self.w3.manager.request_blocking(RPCEndpoint(method), list(params)))
        except OSError as trouble:  # not chained: its text may hold the whole URL
            raise self._no_answer(trouble) from None
        except Exception as trouble:  # anything that a caller's middleware raises
            refused = _refusal(trouble, tester=_is_tester(self.w3))
            if refused is None:
                raise self._no_answer(trouble) from trouble
            raise Web3NodeError(refused.code, without_secrets(refused.message, self.place), refused.data) from trouble
        finally:
            lock.release()

    def _no_answer(self, trouble: Exception) -> SourceError:
        from web3.exceptions import ExtraDataLengthError, StaleBlockchain

        host, kind = self.host, type(trouble).__name__
        status = getattr(getattr(trouble, "response", None), "status_code", None)
        if isinstance(status, int):
            doubt = Doubt.CHAIN_REFUSED if status in _NO_KEY_STATUS else Doubt.CHAIN_BAD_ANSWER
            return SourceError(
                doubt if status < 500 else Doubt.CHAIN_UNREACHABLE, "web3_status", host=host, status=status
            )
        if any("Timeout" in base.__name__ for base in type(trouble).__mro__):
            return SourceError(Doubt.CHAIN_TIMEOUT, "web3_provider", host=host)
        if isinstance(trouble, OSError) or "Connection" in kind:  # for example a closed WebSocket
            reason = next((cause.strerror for cause in _causes(trouble) if cause.strerror), kind)
            return SourceError(Doubt.CHAIN_UNREACHABLE, "web3_fault", host=host, fault=reason)
        if isinstance(trouble, StaleBlockchain):
            return SourceError(Doubt.CHAIN_STALE, "web3_middleware", host=host)
        if isinstance(trouble, ExtraDataLengthError):
            return SourceError(Doubt.CHAIN_BAD_ANSWER, "web3_authority", host=host)
        if isinstance(trouble, MalformedValue):
            return SourceError(Doubt.CHAIN_BAD_ANSWER, "web3_value", host=host)
        return SourceError(Doubt.CHAIN_BAD_ANSWER, "web3_raised", host=host, fault=kind)


def _is_tester(w3: Web3) -> bool:
    from web3 import EthereumTesterProvider

    return isinstance(w3.provider, EthereumTesterProvider)


def _refusal(trouble: Exception, *, tester: bool) -> Web3NodeError | None:
    """Returns the node's error for an exception; None if the exception is not a response of the node."""
    from web3.exceptions import ContractLogicError, Web3RPCError

    if isinstance(trouble, Web3RPCError):
        error = (trouble.rpc_response or {}).get("error")
        if not isinstance(error, Mapping):
            return Web3NodeError(_SERVER_ERROR, str(error or trouble.message)[:_SHORT])
        code, message = error.get("code"), error.get("message")
        return Web3NodeError(
            code if type(code) is int and abs(code) < 2**63 else 0,
            message if isinstance(message, str) else "",
            _plain(error.get("data")),
        )
    if isinstance(trouble, ContractLogicError):
        return Web3NodeError(_REVERTED, trouble.message or "execution reverted", _plain(trouble.data))
    if tester and type(trouble).__module__.partition(".")[0] in ("eth_tester", "eth", "eth_utils"):
        return _of_tester(trouble)
    return None


def _of_tester(trouble: Exception) -> Web3NodeError:
    """Returns the error for an exception of eth-tester or its virtual machine: all of them are the node's response."""
    from eth_tester.exceptions import TransactionFailed

    text = str(trouble)
    if not isinstance(trouble, TransactionFailed):
        return Web3NodeError(_SERVER_ERROR, f"{type(trouble).__name__}: {text}"[:_SHORT])
    reason = text.removeprefix(_PREFIX)
    if reason.startswith("Out of gas"):
        return Web3NodeError(_SERVER_ERROR, reason[:_SHORT])
    # It returns the text of Error(string), or Python's notation of the bytes of any other error.
    data = _literal(reason)
    if data is None:
        data = abi.selector("Error(string)") + abi.encode(["string"], [reason])
    return Web3NodeError(_REVERTED, text, f"0x{data.hex()}")


def _literal(text: str) -> bytes | None:
    """Returns the bytes that a text denotes in Python's notation; None if it is another text."""
    if not _BYTES.fullmatch(text):
        return None
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    return found if isinstance(found, bytes) else None


def _plain(data: Any) -> Any:
    try:
        return as_written(data)
    except MalformedValue:
        return None


def _causes(trouble: BaseException | None) -> Iterator[OSError]:
    """Yields an exception and its causes, as far as they are the system's."""
    for _ in range(10):
        if trouble is None:
            return
        if isinstance(trouble, OSError):
            yield trouble
        trouble = trouble.__cause__ or trouble.__context__
