"""Fees follow the rules of the chain, and never more than its ceiling."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from ebl.chain.sending.fees import outbid, suggest
from ebl.chain.sending.transaction import Fees
from ebl.codes import Doubt
from ebl.config.networks import GWEI, Gas
from ebl.errors import SourceError, TransactionError
from ebl.messages import own_words
from ebl.model.ports import Page
from tests.unit.chain.sending.fake import block, told

MODERN = {"eth_getBlockByNumber": block(5, base_fee=10 * GWEI), "eth_maxPriorityFeePerGas": hex(2 * GWEI)}
OLD = {"eth_getBlockByNumber": block(5, base_fee=None), "eth_gasPrice": hex(7 * GWEI)}


def test_a_chain_with_a_base_fee_pays_twice_the_base_fee_and_the_tip() -> None:
    assert suggest(told(**MODERN)) == Fees(22 * GWEI, 2 * GWEI)


def test_a_chain_without_a_base_fee_pays_the_old_gas_price() -> None:
    assert suggest(told(**OLD)) == Fees(7 * GWEI, None)


def test_the_least_tip_of_a_chain_is_paid() -> None:
    assert suggest(told(Gas(min_tip=30 * GWEI), **MODERN)) == Fees(50 * GWEI, 30 * GWEI)
    assert suggest(told(Gas(min_tip=30 * GWEI), **OLD)) == Fees(30 * GWEI, None)


def test_a_chain_where_gas_is_free_pays_nothing_of_either_kind() -> None:
    assert suggest(told(Gas("zero"), **MODERN)) == Fees(0, 0)
    assert suggest(told(Gas("zero"), **OLD)) == Fees(0, None)


def test_a_node_that_does_not_know_tips_gets_one_gwei() -> None:
    assert suggest(told(eth_getBlockByNumber=block(5, base_fee=0))) == Fees(GWEI, GWEI)


def test_nothing_is_sent_above_the_ceiling() -> None:
    with pytest.raises(TransactionError, match=r"22 gwei now; the limit is 5 gwei"):
        suggest(told(Gas(ceiling=5 * GWEI), **MODERN))


class Station:
    def __init__(self, body: Any) -> None:
        self.body = body

    def __call__(self, url: str, *, accept: Sequence[str]) -> Page:
        if isinstance(self.body, Exception):
            raise self.body
        return Page(url, "application/json", json.dumps(self.body).encode())


def advised(body: Any) -> Fees:
    node = told(Gas(station="https://gas.example/v2"), **MODERN)
    return suggest(replace(node, fetch=Station(body)))


def test_a_gas_station_that_recommends_more_is_followed_with_decimals_rounded_up() -> None:
    advice = {"standard": {"maxPriorityFee": 30.0000000011, "maxFee": 60.5}}
    assert advised(advice) == Fees(60_500_000_000, 30_000_000_002)


@pytest.mark.parametrize(
    "body",
    [
        SourceError(Doubt.CHAIN_UNREACHABLE, own_words("down")),
        [],
        {},
        {"standard": {"maxPriorityFee": "x", "maxFee": 1}},
        {"standard": {"maxPriorityFee": 5, "maxFee": 1}},
        {"standard": {"maxPriorityFee": -5, "maxFee": 1}},
        {"standard": {"maxPriorityFee": 1e9, "maxFee": 1e9}},
        {"standard": {"maxPriorityFee": 0, "maxFee": 0}},
        {"standard": {"maxPriorityFee": "1e999999999", "maxFee": "1e999999999"}},
        {"standard": {"maxPriorityFee": "NaN", "maxFee": "Infinity"}},
    ],
)
def test_a_gas_station_that_is_down_wrong_or_absurd_is_done_without(body: Any) -> None:
    assert advised(body) == Fees(22 * GWEI, 2 * GWEI)


def test_a_replacement_pays_at_least_a_tenth_more_in_both_parts() -> None:
    more = outbid(Fees(20 * GWEI, 2 * GWEI), Fees(1, 1), Gas())
    assert more.limit >= 22 * GWEI and (more.tip or 0) >= 2.2 * GWEI
    assert outbid(Fees(10, None), Fees(50, None), Gas()) == Fees(50, None)
    assert outbid(Fees(0, 0), Fees(0, 0), Gas("zero")) == Fees(1, 1)
