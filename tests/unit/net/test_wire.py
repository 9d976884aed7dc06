"""A host of several addresses is tried at each of them, and each has its share of the time."""

from __future__ import annotations

import time

import pytest

from ebl.net.wire import MAX_ADDRESSES, connected

V4 = [f"192.0.2.{n}" for n in range(1, 9)]
V6 = ["2001:db8::1", "2001:db8::2"]


def tried(addresses: list[str], good: str | None) -> list[str]:
    seen: list[str] = []

    def attempt(address: str, until: float) -> str:
        seen.append(address)
        if address != good:
            raise ConnectionRefusedError(address)
        return address

    if good is None:
        with pytest.raises(ConnectionRefusedError, match=addresses[0]):
            connected(addresses, attempt, deadline=time.monotonic() + 60)
    else:
        assert connected(addresses, attempt, deadline=time.monotonic() + 60) == good
    return seen


def test_the_next_address_is_tried_and_the_first_trouble_is_told() -> None:
    assert tried(V4[:3], V4[1]) == V4[:2]
    assert tried(V4[:3], None) == V4[:3]


def test_both_kinds_of_address_get_a_turn_and_their_number_is_bounded() -> None:
    assert tried([*V4, *V6], V6[0]) == [V4[0], V6[0]]
    assert tried([*V6, *V4], None) == [V6[0], V4[0], V6[1], V4[1], V4[2], V4[3]]
    assert len(tried(V4, None)) == MAX_ADDRESSES


def test_an_address_that_swallows_connections_costs_its_share_and_no_more() -> None:
    shares: list[float] = []

    def attempt(address: str, until: float) -> str:
        shares.append(until - time.monotonic())
        if address == V4[2]:
            return address
        raise TimeoutError

    assert connected(V4[:3], attempt, deadline=time.monotonic() + 9) == V4[2]
    assert [round(share) for share in shares] == [3, 4, 9], "what one does not use is the next one's"


def test_no_address_and_no_time_are_trouble() -> None:
    with pytest.raises(OSError, match="no address"):
        connected([], lambda address, until: None, deadline=time.monotonic() + 9)
    with pytest.raises(TimeoutError):
        connected(V4, lambda address, until: None, deadline=time.monotonic() - 1)
