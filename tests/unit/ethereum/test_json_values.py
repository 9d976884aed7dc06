"""JSON-RPC has one spelling of numbers and one of bytes, and one reader here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ebl.chain.contracts import log_entry
from ebl.ethereum.json_values import MalformedValue, address, as_written, data, hash32, quantity, time
from tests.broken import is_broken

HASH = "0x" + "ab" * 32
ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
LOG: dict[str, Any] = {
    "address": ADDRESS.lower(),
    "topics": [HASH],
    "data": "0x",
    "blockNumber": "0x5",
    "logIndex": "0x0",
    "transactionHash": HASH,
    "transactionIndex": "0x1",
    "blockHash": HASH,
}


def test_a_quantity_is_hex_after_0x_of_32_bytes_at_the_most() -> None:
    assert quantity("0x0") == 0
    assert quantity("0x05") == 5
    assert quantity("0xFf") == 255
    assert quantity("0x" + "f" * 64) == 2**256 - 1


@pytest.mark.parametrize(
    "value",
    (None, True, 0, 5, 1.0, "", "5", "0x", "0X5", " 0x5", "0x5 ", "0x_5", "-0x5", "0x5g", "0x" + "0" * 65, b"\5", []),
)
def test_no_other_spelling_is_a_quantity(value: Any) -> None:
    with is_broken(MalformedValue, match="a number in hex"):
        quantity(value)


def test_data_is_hex_after_0x_in_whole_bytes() -> None:
    assert data("0x") == b""
    assert data("0xAb01") == b"\xab\1"
    assert data("0xab01", 2) == b"\xab\1"
    with is_broken(MalformedValue, match="3 bytes; got 2"):
        data("0xab01", 3)


@pytest.mark.parametrize(
    "value", (None, True, 0, b"\1", "", "ab", "0xa", "0xzz", "0x ab", "0xab ", "0X00", "0x\ud800", "0x\u0660\u0660")
)
def test_no_other_spelling_is_data(value: Any) -> None:
    with is_broken(MalformedValue, match="bytes in hex"):
        data(value)


def test_hashes_addresses_and_times_are_made_of_them() -> None:
    assert hash32(HASH.upper().replace("X", "x")) == HASH
    assert address(ADDRESS.lower()) == ADDRESS
    assert time("0x6ab13b80").year == 2026
    for reader, value in ((hash32, "0xab"), (address, HASH), (time, hex(2**37))):
        with pytest.raises(MalformedValue):
            reader(value)


def test_what_a_library_has_read_already_is_written_again() -> None:
    read = {
        "number": 5,
        "hash": bytes.fromhex("ab" * 32),
        "full": True,
        "logs": ({"topics": [b"\1"]},),
        "to": None,
        "x": "0x1",
    }
    written = {"number": "0x5", "hash": HASH, "full": True, "logs": [{"topics": ["0x01"]}], "to": None, "x": "0x1"}
    assert as_written(read) == written
    with pytest.raises(MalformedValue):
        quantity(as_written(-5))
    deep: list[Any] = []
    for _ in range(100):
        deep = [deep]
    for value in (object(), {1}, datetime.now(UTC), deep):  # of no kind that JSON-RPC has
        with pytest.raises(MalformedValue):
            as_written(value)


def test_a_log_is_read_whole_or_not() -> None:
    log = log_entry.read(LOG)
    assert (log.address, log.block_number, log.topics, log.time) == (ADDRESS, 5, (bytes.fromhex(HASH[2:]),), None)
    assert log_entry.read(LOG | {"blockTimestamp": "0x6ab13b80"}).time == time("0x6ab13b80")
    assert log_entry.read(LOG | {"removed": False}) == log


@pytest.mark.parametrize(
    "change",
    (
        *({name: value} for name in LOG for value in (None, 5, "0x1g", [])),
        {"topics": [HASH] * 5},
        {"topics": ["0xab"]},
        {"removed": True},
        {"blockTimestamp": 5},
    ),
)
def test_a_log_that_a_node_garbled_is_none(change: dict[str, Any]) -> None:
    if change == {"topics": []}:
        return  # an anonymous event
    with pytest.raises(MalformedValue):
        log_entry.read(LOG | change)
