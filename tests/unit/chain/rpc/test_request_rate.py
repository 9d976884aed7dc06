"""How many calls go into a request, how often a node is queried, and what it gets when it wants less."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ebl.chain.rpc.jsonrpc import HttpReply, JsonRpc, RpcCall
from ebl.codes import Doubt
from ebl.errors import InvalidInput, SourceError
from ebl.net.endpoint import _seconds
from ebl.sources import NetworkSettings
from tests.unit.net.rpc_nodes import Fake

CALL = RpcCall("eth_chainId")


def test_a_request_has_as_many_calls_as_the_setting_says() -> None:
    node = Fake()
    JsonRpc(node, batch=7).ask(*[CALL] * 20)
    assert [len(body) for body in node.bodies] == [7, 7, 6]


def test_what_a_node_refuses_is_halved_and_remembered() -> None:
    class Picky(Fake):
        def post(self, body: bytes, *, seconds: float) -> HttpReply:
            found = super().post(body, seconds=seconds)
            return replace(found, status=413, body=b"") if len(self.bodies[-1]) > 10 else found

    node = Picky()
    rpc = JsonRpc(node, batch=40)
    assert rpc.ask(*[CALL] * 40) == ["0x539"] * 40
    assert rpc.batch == 10
    node.bodies.clear()
    rpc.ask(*[CALL] * 40)
    assert [len(body) for body in node.bodies] == [10] * 4


def test_requests_of_all_threads_together_keep_to_the_rate() -> None:
    slept: list[float] = []
    rpc = JsonRpc(Fake(), rps=1, sleep=slept.append)
    threads = [threading.Thread(target=rpc.ask, args=(CALL,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A second for each that came before, less what has passed since the first, on however busy a machine.
    assert len(slept) == 4
    assert all(second - 0.95 < pause <= second for second, pause in enumerate(sorted(slept), 1))


class Busy(Fake):
    """A node that wants a pause once."""

    def __init__(self, pause: float) -> None:
        super().__init__()
        self.pause: float | None = pause

    def post(self, body: bytes, *, seconds: float) -> HttpReply:
        if (pause := self.pause) is not None:
            self.pause = None
            return HttpReply(429, b"", pause)
        return super().post(body, seconds=seconds)


def test_the_pause_that_a_node_asks_for_is_kept_by_every_thread() -> None:
    slept: list[float] = []
    rpc = JsonRpc(Busy(3.0), sleep=slept.append)
    assert rpc.ask(CALL) == ["0x539"]
    assert [round(pause) for pause in slept] == [3]
    rpc.ask(CALL)  # what sleeps here does not, so that the pause is not over yet
    assert [round(pause) for pause in slept] == [3, 3]


def test_a_pause_longer_than_there_is_time_is_no_answer() -> None:
    rpc = JsonRpc(Busy(600.0), sleep=lambda _: pytest.fail("waited"))
    for _ in range(2):
        with pytest.raises(SourceError) as found:
            rpc.ask(CALL)
        assert found.value.doubt is Doubt.CHAIN_REFUSED


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("-7", None),
        ("soon", None),
        ("99999", None),
        ("Wed, 21 Oct 9999 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_a_number_of_seconds_or_a_time(text: str | None, seconds: float | None) -> None:
    found = _seconds(text)
    assert found is None if seconds is None else found == pytest.approx(seconds, abs=120)


@pytest.mark.parametrize(("later", "seconds"), [(900, 900), (-900, None)])
def test_retry_after_may_be_a_date(later: int, seconds: float | None) -> None:
    found = _seconds(format_datetime(datetime.now(UTC) + timedelta(seconds=later), usegmt=True))
    assert found is None if seconds is None else found == pytest.approx(seconds, abs=120)


@pytest.mark.parametrize("wrong", [{"batch": 0}, {"batch": 1001}, {"rps": -1}, {"rps": True}, {"rps": 1.5}])
def test_settings_out_of_their_limits_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        NetworkSettings(**wrong)  # type: ignore[arg-type]


def test_settings_reach_the_node(monkeypatch: pytest.MonkeyPatch) -> None:
    from ebl.net import nodes

    made: list[dict[str, int]] = []
    monkeypatch.setattr(nodes, "JsonRpc", lambda endpoint, **named: made.append(named))
    nodes.Nodes({1: ["http://127.0.0.1:1"]}, batch=5, rps=3)
    assert [(one["batch"], one["rps"]) for one in made] == [(5, 3)]


def test_the_wait_for_a_turn_does_not_count_as_the_nodes_time() -> None:
    rpc = JsonRpc(Fake(), rps=1, seconds=0.5, sleep=lambda _: None)
    begun = time.monotonic()
    assert [rpc.ask(CALL) for _ in range(4)] == [["0x539"]] * 4
    assert time.monotonic() - begun < 5
