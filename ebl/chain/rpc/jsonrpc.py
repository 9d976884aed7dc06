"""JSON-RPC 2.0 client, with batches that shrink if a node requires it, and retries after a pause if a node limits its rate."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from ebl.chain.rpc.request_rate import RequestRate
from ebl.codec import fast_json
from ebl.codec.strict_json import depth
from ebl.codes import Doubt
from ebl.errors import SourceError

SECONDS = 20.0
MAX_BATCH = 200
"""Some nodes take 100, which is the half: they are asked once in vain."""
_TRIES = 4
_PAUSE = re.compile(r"rate.?limit|too many requests|per second|throttl|capacity|request limit|try again", re.IGNORECASE)
REMEMBERED_SECONDS = (
    3600.0  # how long a node's limit is remembered: it may be temporary, and a process may run for a year
)
_BUSY_STATUS = frozenset({429, 502, 503, 504})
_NO_BATCH_STATUS = frozenset({*range(400, 500), 500, 501}) - _BUSY_STATUS
_NO_KEY_STATUS = frozenset({401, 403})
_MAX_DEPTH = 64
# Limits for all responses to one `JsonRpc.ask`, so that a node without batches may not send more than one with batches. The
# values are twice those of events that fill the longest response: empty ones take thirty times their bytes.
_MAX_BYTES = 64 * 1024 * 1024
_MAX_VALUES = 1_500_000


@dataclass(frozen=True, slots=True)
class RpcCall:
    """One request: a method and its parameters."""

    method: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class RpcFault:
    """The error that the node returned for this request. ``data`` is the data in it."""

    code: int
    message: str
    data: Any = None

    @property
    def wants_a_pause(self) -> bool:
        """Whether the error is a rate limit, so that a retry after a pause may succeed."""
        return self.code == 429 or bool(_PAUSE.search(self.message))


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An HTTP response. ``retry_after`` is in seconds, if the server sent it in this form."""

    status: int
    body: bytes
    retry_after: float | None = None


class Post(Protocol):
    """The transport of requests to a node: over HTTP, `ebl.net.endpoint.Endpoint`."""

    @property
    def host(self) -> str:
        """The node's host, as messages may name it."""

    def post(self, body: bytes, *, seconds: float) -> HttpReply:
        """Sends a body and returns the response, or raises `SourceError`."""

    def without_secrets(self, text: str) -> str:
        """Returns a text of the node without the parts of its URL, for example a key, that the text repeats."""


@dataclass(slots=True)
class _Budget:
    """The remaining budget of one `ask`: the deadline (monotonic clock), and the size of its responses."""

    until: float
    bytes: int = _MAX_BYTES
    values: int = _MAX_VALUES


class JsonRpc:
    """Queries one endpoint. Thread-safe; it remembers for an hour how large a batch the node accepts.

    ``batch`` is how many calls go into one request, unless the node accepts fewer. ``rps`` is the most HTTP requests in a
    second (0: no limit).
    """

    def __init__(
        self,
        endpoint: Post,
        *,
        seconds: float = SECONDS,
        sleep: Callable[[float], None] = time.sleep,
        batch: int = MAX_BATCH,
        rps: int = 0,
    ) -> None:
        self._endpoint = endpoint
        self._seconds = seconds
        self._sleep = sleep
        self._most = batch
        self._batch, self._smaller_until = batch, 0.0
        self._rate = RequestRate(rps, sleep)

    @property
    def host(self) -> str:
        """The node's host, as messages may name it."""
        return self._endpoint.host

    @property
    def batch(self) -> int:
        """How many calls go into one request now."""
        self._grow()
        return self._batch

    @property
    def takes_batches(self) -> bool:
        """Whether the node accepts more than one request at once, as far as is known."""
        return self._batch > 1

    def ask(self, *calls: RpcCall) -> list[Any]:
        """Returns one result or `RpcFault` for each call, in order, in as few HTTP requests as the node allows.

        ``seconds`` limits the whole; the total size of the responses is limited too. Raises `SourceError` if there is no usable
        response.
        """
        room = _Budget(time.monotonic() + self._seconds)
        answers: list[Any] = []
        self._grow()
        while len(answers) < len(calls):
            size = min(self._batch, len(calls) - len(answers))
            try:
                answers += self._with_retries(calls[len(answers) : len(answers) + size], room)
            except _TooLarge as refused:
                smaller = 1 if refused.by_key else max(1, size // 2)
                self._batch, self._smaller_until = smaller, time.monotonic() + REMEMBERED_SECONDS
        return answers

    def _grow(self) -> None:
        """Restores the batch size after an hour, in case the node's limit has changed."""
        if self._batch < self._most and time.monotonic() > self._smaller_until:
            self._batch = self._most

    def _with_retries(self, calls: Sequence[RpcCall], room: _Budget) -> list[Any]:
        """Sends the requests, and after a pause retries those that the node deferred."""
        answers: dict[int, Any] = {}
        waiting = list(range(len(calls)))
        for attempt in range(_TRIES):
            pause, trouble, told = 0.2 * 2**attempt, None, False
            try:
                answers |= zip(waiting, self._once([calls[number] for number in waiting], room), strict=True)
            except _Busy as busy:
                pause, trouble = busy.pause or pause, busy.trouble
                if told := bool(busy.pause):  # then every thread waits, and so does the next request
                    self._rate.pause(pause, trouble)
            waiting = [number for number in range(len(calls)) if _is_deferred(answers.get(number, _UNANSWERED))]
            if not waiting or attempt == _TRIES - 1 or time.monotonic() + pause > room.until:
                break
            if not told:
                self._sleep(pause)
        if len(answers) < len(calls) and trouble is not None:
            raise trouble
        return [answers[number] for number in range(len(calls))]

    def _once(self, calls: Sequence[RpcCall], room: _Budget) -> list[Any]:
        """Sends one HTTP request. Raises `_TooLarge` if the node refuses the batch as a batch, `_Busy` if it limits its rate."""
        requests = [
            {"jsonrpc": "2.0", "id": number, "method": call.method, "params": call.params}
            for number, call in enumerate(calls, 1)
        ]
        body = _written(requests if len(requests) > 1 else requests[0])
        room.until += self._rate.wait(room.until)
        reply = self._endpoint.post(body, seconds=max(0.001, room.until - time.monotonic()))
        room.bytes -= len(reply.body)
        if room.bytes < 0:
            raise SourceError(Doubt.CHAIN_BAD_ANSWER, "too_large", host=self.host, most=_MAX_BYTES)
        value = self._value(reply, room, batch=len(calls) > 1)
        if len(calls) == 1:
            return [self._result(value, 1)]
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) and "error" in value[0]:
            value = value[0]  # Geth refuses a batch in a list
        if isinstance(value, dict):  # one response to many requests means that they are refused as a batch
            try:
                fault = self._fault(value.get("error"))
            except SourceError:
                raise _TooLarge from None
            if fault.wants_a_pause:
                refused = SourceError(
                    Doubt.CHAIN_REFUSED, "busy", host=self.host, fault=fault.message, number=fault.code
                )
                raise _Busy(refused, reply.retry_after)
            raise _TooLarge
        return self._in_order(value, len(calls))

    def _value(self, reply: HttpReply, room: _Budget, *, batch: bool) -> Any:
        """Returns the JSON of a reply, regardless of its HTTP status if it is JSON-RPC."""
        value = self._json(reply, room)
        spoken = isinstance(value, list) or (isinstance(value, dict) and ("result" in value or "error" in value))
        if spoken and reply.status not in _BUSY_STATUS | _NO_KEY_STATUS:
            return value
        if batch and reply.status in _NO_BATCH_STATUS:
            raise _TooLarge(by_key=reply.status in _NO_KEY_STATUS)
        if reply.status in _BUSY_STATUS:
            doubt = Doubt.CHAIN_REFUSED if reply.status == 429 else Doubt.CHAIN_UNREACHABLE
            raise _Busy(SourceError(doubt, "status", host=self.host, status=reply.status), reply.retry_after)
        if reply.status in _NO_KEY_STATUS:
            raise SourceError(Doubt.CHAIN_REFUSED, "key", host=self.host, status=reply.status)
        if 300 <= reply.status < 400:
            raise SourceError(Doubt.CHAIN_BAD_ANSWER, "redirects", host=self.host, status=reply.status)
        if reply.status != 200:
            raise SourceError(Doubt.CHAIN_BAD_ANSWER, "status", host=self.host, status=reply.status)
        raise SourceError(Doubt.CHAIN_BAD_ANSWER, "json_rpc", host=self.host)

    @staticmethod
    def _json(reply: HttpReply, room: _Budget) -> Any:
        opened = reply.body.count(b"[") + reply.body.count(b"{")
        room.values -= opened + reply.body.count(b",")
        if room.values < 0 or (opened > _MAX_DEPTH and depth(reply.body) > _MAX_DEPTH):
            return None
        try:
            return json.loads(reply.body.decode())  # UTF-8 only, because its depth was counted in UTF-8
        except ValueError:
            return None

    def _in_order(self, value: Any, count: int) -> list[Any]:
        if not isinstance(value, list) or len(value) != count:
            raise SourceError(Doubt.CHAIN_BAD_ANSWER, "batch", host=self.host, size=count)
        by_id: dict[int, Any] = {}
        for item in value:
            number = item.get("id") if isinstance(item, dict) else None
            if type(number) is not int or not 1 <= number <= count or number in by_id:
                raise SourceError(Doubt.CHAIN_BAD_ANSWER, "ids", host=self.host)
            by_id[number] = self._result(item, number)
        return [by_id[number] for number in range(1, count + 1)]

    def _result(self, item: Any, number: int) -> Any:
        if not isinstance(item, dict):
            raise SourceError(Doubt.CHAIN_BAD_ANSWER, "object", host=self.host)
        if item.get("error") is not None:
            return self._fault(item["error"])
        if type(item.get("id")) is not int or item["id"] != number:
            raise SourceError(Doubt.CHAIN_BAD_ANSWER, "id", host=self.host)
        if "result" not in item:
            raise SourceError(Doubt.CHAIN_BAD_ANSWER, "result", host=self.host)
        return item["result"]

    def _fault(self, error: Any) -> RpcFault:
        if not isinstance(error, dict) or type(error.get("code")) is not int or abs(error["code"]) >= 2**63:
            raise SourceError(Doubt.CHAIN_BAD_ANSWER, "error", host=self.host)
        message = error.get("message")
        text = self._endpoint.without_secrets(message) if isinstance(message, str) else ""
        return RpcFault(error["code"], text, error.get("data"))


class _TooLarge(Exception):
    """The node does not accept this many requests at once. ``by_key``: or it accepts none, which a single request will show."""

    def __init__(self, *, by_key: bool = False) -> None:
        super().__init__()
        self.by_key = by_key


class _Busy(Exception):
    """The node requires a pause; ``trouble`` is the error if no retry succeeds."""

    def __init__(self, trouble: SourceError, pause: float | None) -> None:
        super().__init__(str(trouble))
        self.trouble, self.pause = trouble, pause


_UNANSWERED = RpcFault(429, "")


def _written(value: Any) -> bytes:
    if (orjson := fast_json.orjson()) is not None:
        with suppress(TypeError):  # a number that is too large for it
            body: bytes = orjson.dumps(value)
            return body
    return json.dumps(value, separators=(",", ":")).encode()


def _is_deferred(answer: Any) -> bool:
    return isinstance(answer, RpcFault) and answer.wants_a_pause
