"""Bits are read left to right, in both spellings, and never unpacked without limit."""

from __future__ import annotations

import gzip
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.codec.bitstring import MAX_BITS, MIN_BITS, Bitstring, NotABitstring
from tests.broken import is_broken

indexes = st.integers(0, MIN_BITS - 1)


def packed(octets: bytes) -> str:
    return urlsafe_b64encode(gzip.compress(octets)).rstrip(b"=").decode()


def test_bit_zero_is_the_leftmost() -> None:
    assert Bitstring(b"\x80" + bytes(16383))[0]
    assert Bitstring(b"\x01" + bytes(16383))[7]
    assert Bitstring(b"\x00\x40" + bytes(16382))[9]
    assert Bitstring.zeros().with_bits({9: True}).octets[:3] == b"\x00\x40\x00"


@settings(max_examples=40)
@given(st.sets(indexes, max_size=20), st.booleans())
def test_what_is_set_is_what_is_read(chosen: set[int], multibase: bool) -> None:
    text = Bitstring.zeros().with_bits(dict.fromkeys(chosen, True)).encode(multibase=multibase)
    assert text.startswith("uH4sI" if multibase else "H4sI")
    read = Bitstring.decode(text)
    assert len(read) == MIN_BITS
    assert all(read[index] for index in chosen)
    assert sum(octet.bit_count() for octet in read.octets) == len(chosen)


@given(indexes, indexes)
def test_a_bit_can_be_cleared_and_its_neighbours_stay(first: int, second: int) -> None:
    full = Bitstring(b"\xff" * (MIN_BITS // 8))
    changed = full.with_bits({first: False, second: True})
    assert changed[second]
    assert sum(octet.bit_count() for octet in changed.octets) == MIN_BITS - (first != second)
    assert full[first]


def test_padding_is_read_and_the_same_bits_give_the_same_text() -> None:
    bits = Bitstring.zeros().with_bits({5: True})
    text = urlsafe_b64encode(gzip.compress(bits.octets)).decode()
    assert Bitstring.decode(text) == bits
    assert bits.encode() == Bitstring(bytes(bits.octets)).encode()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not one whole gzip member"),
        ("u", "not one whole gzip member"),
        ("H4sI!", "not base64url"),
        ("H4sI\n", "not base64url"),
        ("H4sI+/AA", "not base64url"),
        ("H4sIA", "not base64url"),
        ("QUJD", "not gzip"),
        ("zH4sIAAA", "not gzip"),
        (packed(bytes(16384))[:-8], "not one whole gzip member"),
        (packed(bytes(16384)) + "AAAA", "not one whole gzip member"),
        (packed(bytes(16383)), "131064 entries; at least 131072"),
        pytest.param(packed(b""), "0 entries", id="none"),
        (packed(bytes(MAX_BITS // 8 + 1)), "more than"),
        ("A" * (MAX_BITS // 4 + 1), "too long"),
    ],
)
def test_anything_else_is_refused(text: str, why: str) -> None:
    with is_broken(NotABitstring, match=why):
        Bitstring.decode(text)


def test_a_broken_checksum_is_refused() -> None:
    broken = bytearray(gzip.compress(bytes(16384)))
    broken[-8] ^= 1
    with is_broken(NotABitstring, match="not gzip"):
        Bitstring.decode(urlsafe_b64encode(broken).decode())


def test_the_largest_list_is_still_read() -> None:
    assert len(Bitstring.decode(packed(bytes(MAX_BITS // 8)))) == MAX_BITS


def test_two_members_are_not_one_list() -> None:
    half = gzip.compress(bytes(16384))
    with is_broken(NotABitstring, match="one whole gzip member"):
        Bitstring.decode(urlsafe_b64encode(half + half).decode())


@pytest.mark.parametrize("index", [-1, MIN_BITS, 2**70])
def test_there_is_nothing_outside_the_list(index: int) -> None:
    with pytest.raises(IndexError):
        Bitstring.zeros()[index]
    with pytest.raises(IndexError):
        Bitstring.zeros().with_bits({index: True})


@pytest.mark.parametrize("bits", [0, 8, MIN_BITS - 8, MIN_BITS + 1, MAX_BITS + 8])
def test_lists_have_a_least_and_a_greatest_length(bits: int) -> None:
    with pytest.raises(ValueError, match="entries"):
        Bitstring.zeros(bits)
