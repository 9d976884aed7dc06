"""A chain has one number, and one spelling of it."""

from __future__ import annotations

import pytest

from ebl.ethereum.chain_id import END, is_chain_id, parse_chain_id


def test_a_chain_id_is_a_decimal_number_of_one_spelling() -> None:
    assert parse_chain_id("1") == 1
    assert parse_chain_id("80002") == 80002


@pytest.mark.parametrize(
    "text", (None, 1, True, "", "0", "01", "+1", "-1", " 1", "1 ", "1\n", "1_0", "0x1", "1" * 20, "\u0661")
)
def test_nothing_else_is_one(text: object) -> None:
    assert parse_chain_id(text) is None


@pytest.mark.parametrize("value", (0, -1, END, True, 1.0, "1", None))
def test_a_number_that_no_chain_has_is_none(value: object) -> None:
    assert is_chain_id(1)
    assert is_chain_id(END - 1)
    assert not is_chain_id(value)
