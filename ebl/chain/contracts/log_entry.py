"""Logs as nodes return them, of ``eth_getLogs`` and in receipts."""

from __future__ import annotations

from ebl.ethereum.json_values import MalformedValue, address, data, hash32, quantity, time
from ebl.model.ports import Log

_MAX_TOPICS = 4
"""The most topics of a log (LOG4)."""


def read(entry: object) -> Log:
    """Reads a log of a block in the chain. Raises `MalformedValue` also if a reorganisation removed it."""
    if not isinstance(entry, dict) or entry.get("removed") is True:
        raise MalformedValue("event")
    topics = entry.get("topics")
    if not isinstance(topics, list) or len(topics) > _MAX_TOPICS:
        raise MalformedValue("event")
    seconds = entry.get("blockTimestamp")
    return Log(
        address=address(entry.get("address")),
        topics=tuple(data(topic, 32) for topic in topics),
        data=data(entry.get("data")),
        block_number=quantity(entry.get("blockNumber")),
        log_index=quantity(entry.get("logIndex")),
        tx_hash=hash32(entry.get("transactionHash")),
        tx_index=quantity(entry.get("transactionIndex")),
        block_hash=hash32(entry.get("blockHash")),
        time=None if seconds is None else time(seconds),
    )
