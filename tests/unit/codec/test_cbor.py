"""Proof values are read in one form only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.codec.cbor import MAX_ITEMS, dumps, loads

numbers = st.integers(0, 2**64 - 1)
leaves = st.one_of(numbers, st.binary(max_size=300), st.text(max_size=20))
values = st.one_of(
    leaves,
    st.lists(leaves, max_size=30),
    st.dictionaries(numbers, leaves, max_size=30),
    st.lists(st.lists(leaves, max_size=3)),
)


@given(values)
def test_what_is_written_is_read(value: object) -> None:
    assert loads(dumps(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [  # RFC 8949, appendix A
        (0, "00"), (1, "01"), (10, "0a"), (23, "17"), (24, "1818"), (25, "1819"), (100, "1864"), (1000, "1903e8"),
        (1000000, "1a000f4240"), (1000000000000, "1b000000e8d4a51000"), (18446744073709551615, "1bffffffffffffffff"),
        (b"", "40"), (bytes([1, 2, 3, 4]), "4401020304"), ("", "60"), ("IETF", "6449455446"), ("水", "63e6b0b4"),
        ([], "80"), ([1, [2, 3], [4, 5]], "8301820203820405"), ({}, "a0"), ({1: 2, 3: 4}, "a201020304"),
    ],
)  # fmt: skip
def test_it_is_written_as_the_rfc_does(value: object, text: str) -> None:
    assert dumps(value).hex() == text
    assert loads(bytes.fromhex(text)) == value


def test_maps_are_written_in_order_and_read_in_any() -> None:
    assert dumps({24: 1, 3: 2}).hex() == "a20302181801"
    assert loads(bytes.fromhex("a21818010302")) == {3: 2, 24: 1}


@pytest.mark.parametrize(
    "text",
    [
        "", "18", "1817", "1900ff", "1a0000ffff", "1b00000000ffffffff", "5803010203", "580101", "19", "190f",
        "20", "f4", "f6", "f90000", "fb0000000000000000", "d84041ff", "c000", "5f4101ff", "9f01ff", "bf0102ff", "1c", "ff",
        "0000", "8201", "820102ff", "a101", "a201020103", "a1616101", "a1410101", "8181818181800000",
        "81818181818100", "61ff", "44010203", "9b0fffffffffffffff", "bbffffffffffffffff", "5bffffffffffffffff",
    ],
)  # fmt: skip
def test_nothing_else_is_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"CBOR|utf-8"):
        loads(bytes.fromhex(text))


def test_more_items_than_any_document_needs_are_refused_however_they_are_nested() -> None:
    half = b"\x9a" + (MAX_ITEMS // 2).to_bytes(4, "big") + b"\0" * (MAX_ITEMS // 2)
    assert isinstance(loads(half), list)
    with pytest.raises(ValueError, match="items"):
        loads(b"\x82" + half + half)


@given(st.binary(max_size=40))
def test_what_is_read_was_written_so_but_for_the_order_of_maps(octets: bytes) -> None:
    try:
        value = loads(octets)
    except ValueError:
        return
    assert sorted(dumps(value)) == sorted(octets)


@pytest.mark.parametrize("value", [True, None, 1.5, {"a": 1.0}, object()])
def test_nothing_else_is_written(value: object) -> None:
    with pytest.raises(TypeError):
        dumps(value)


@pytest.mark.parametrize("value", [-1, 2**64])
def test_numbers_have_their_bounds(value: int) -> None:
    with pytest.raises(ValueError, match="number"):
        dumps(value)
