"""JSON from strangers has one meaning and bounded size, or a code that says why not."""

from __future__ import annotations

import sys
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.codec.strict_json import MAX_DEPTH, MAX_NODES, shown
from ebl.codes import Failure
from ebl.errors import Unreadable
from ebl.model.broken_input import read_json as parse


def refused(raw: bytes, **options: Any) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        parse(raw, **options)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b'{"a": 1', "cut off"),
        (b'{"a": "x', "not"),
        (b"{]", "line 1, column 2"),
        (b"\xef\xbb\xbf\xef\xbb\xbf{}", "more than one byte order mark"),
        (b" \xef\xbb\xbf{}", "not JSON"),
        (b"{} \xef\xbb\xbf", "not JSON"),
        (b"\xef\xbb\xbf", "empty"),
        ("{}".encode("utf-16"), "iconv -f UTF-16 -t UTF-8"),
        ("{}".encode("utf-16-le"), "iconv -f UTF-16LE -t UTF-8"),
        (' {"a": 1}'.encode("utf-16-be"), "UTF-16BE"),
        ("{}".encode("utf-32"), "UTF-32"),
        ("[]".encode("utf-32-be"), "UTF-32BE"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln", "JWT"),
        ('{"承运人":"上海"}'.encode("gb18030"), "GB18030"),
        ('{"carrier":"Müller"}'.encode("cp1252"), "WINDOWS-1252"),
        (b"%PDF-1.7\n...", "PDF"),
        (b"PK\x03\x04....", "ZIP"),
        (bytes(range(256)), "binary"),
        (b'{"a": NaN}', "NaN"),
        (b"[Infinity]", "Infinity"),
        (b"[-Infinity]", "Infinity"),
        (b"{'a': 1}", "not JSON"),
        (b"{} {}", "not JSON"),
        (b'"\xed\xa0\x80"', "UTF-8"),
    ],
)
def test_what_is_not_json_is_refused_and_the_message_says_why(raw: bytes, word: str) -> None:
    error = refused(raw)
    assert error.code is Failure.NOT_JSON
    assert word in str(error)


@pytest.mark.parametrize("text", ['{"a":[1,"x"]}', ' {\n  "a": [1, "x"]\n}\n', '{"a":[1,"\\u0078"]}'])
@pytest.mark.parametrize("any_number", [True, False])
def test_one_mark_of_utf8_at_the_start_is_no_part_of_the_text(text: str, any_number: bool) -> None:
    assert parse(text.encode("utf-8-sig"), any_number=any_number) == {"a": [1, "x"]}
    with pytest.raises(Unreadable, match="byte order mark"):
        parse(text.encode("utf-8-sig"), any_number=any_number, with_mark=False)


@pytest.mark.parametrize("text", [' {"a":"%PDF-1.7"}', '\n["%PDF-"]', '"%PDF-1.7"', '{"a":"%PDF-","b":1.50}'])
def test_what_stands_in_a_text_makes_no_other_file_of_it(text: str) -> None:
    assert "%PDF-" in str(parse(text.encode(), any_number=True))


@pytest.mark.parametrize("raw", [b'{"a":1,"a":1}', b'{"x":[{"b":1,"c":2,"b":3}]}', b'{"\\u0061":1,"a":2}'])
def test_a_member_that_is_there_twice_is_refused(raw: bytes) -> None:
    assert refused(raw).code is Failure.DUPLICATE_KEY


def test_nesting_is_refused_whatever_recursion_the_process_allows() -> None:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(10**6)
    try:
        for raw in (
            b"[" * 150_000,
            b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
            b'[["' + b"[" * 99 + b'"],' + b"[" * 99_000,
        ):
            assert refused(raw).code is Failure.TOO_DEEP
            assert refused(raw, any_number=True).code is Failure.TOO_DEEP
    finally:
        sys.setrecursionlimit(before)


def test_nesting_is_accepted_to_the_limit_and_refused_beyond_it_without_recursion() -> None:
    def nested(depth: int) -> bytes:
        return b'{"a":' * (depth - 1) + b"[]" + b"}" * (depth - 1)

    assert parse(nested(MAX_DEPTH))
    assert refused(nested(MAX_DEPTH + 1)).code is Failure.TOO_DEEP
    assert refused(b"[" * 100_000 + b"]" * 100_000).code is Failure.TOO_DEEP
    assert refused(b"[" * 100_000).code is Failure.TOO_DEEP
    assert parse(b'"' + b"[" * 100_000 + b'"') == "[" * 100_000


def test_values_are_counted_exactly_whatever_strings_hold() -> None:
    def many(count: int) -> bytes:
        return b"[" + b",".join([b"1"] * (count - 1)) + b"]"

    assert len(parse(many(MAX_NODES))) == MAX_NODES - 1
    assert refused(many(MAX_NODES + 1)).code is Failure.TOO_LARGE
    assert parse(b'["' + b",[{" * MAX_NODES + b'"]')
    assert len(parse(b"[" + b",".join([b"[ ]"] * (MAX_NODES - 1)) + b"]")) == MAX_NODES - 1
    singles = MAX_NODES // 2
    assert refused(b"[" + b",".join([b'[ ""]'] * singles) + b"]").code is Failure.TOO_LARGE
    assert len(parse(b"[" + b",".join([b'[ ""]'] * (singles - 1)) + b"]")) == singles - 1


def test_many_strings_take_no_more_memory_than_a_few_times_their_text() -> None:
    raw = b'{"a":[' + b'"",' * 2_000_000 + b'""]}'
    tracemalloc.start()
    try:
        assert refused(raw).code is Failure.TOO_LARGE
        assert tracemalloc.get_traced_memory()[1] < 20 * len(raw)
    finally:
        tracemalloc.stop()


def test_a_file_over_the_limit_is_refused_before_it_is_looked_at() -> None:
    assert refused(b"\xff" * 101, max_bytes=100).code is Failure.TOO_LARGE
    assert "33554432" in str(refused(b" " * (32 * 2**20 + 1)))


@pytest.mark.parametrize(
    "raw",
    [
        b'"' + b'\\"' * 500_000,
        b'["' + b"\\" * 1_000_001,
        b"[1," * 1_000_000,
        b"{}" * 500_000,
        b"]" * 1_000_000,
        b"1" * 1_000_000,
        b"[1e-" + b"9" * 4_000 + b"]",
    ],
    ids=["quotes", "backslashes", "open", "pairs", "closed", "digits", "exponent"],
)
def test_hostile_texts_are_refused_at_once(raw: bytes) -> None:
    start = time.process_time()
    refused(raw)
    refused(raw, any_number=True)
    assert time.process_time() - start < 10  # far from it; what would fail this takes hours


@pytest.mark.parametrize(
    "text", ["0", "-1", "1.5", "1e+21", "1e-7", "9007199254740992", "100000000000000000000", "5e-324"]
)
def test_a_number_in_its_canonical_text_is_read(text: str) -> None:
    assert parse(text.encode()) == float(text)


@pytest.mark.parametrize(
    "text", ["1.0", "-0", "0.0", "1e3", "1E-7", "0.10", "12345678901234567890", "1e400", "9007199254740993", "1e21"]
)
def test_a_number_spelt_otherwise_is_refused_in_documents_of_others(text: str) -> None:
    assert refused(b'{"n":' + text.encode() + b"}").code is Failure.AMBIGUOUS_NUMBER


@pytest.mark.parametrize(("text", "value"), [("1.0", 1), ("1.50", 1.5), ("1e3", 1000), ("-0", 0), ("1E-7", 1e-7)])
def test_in_ones_own_data_any_spelling_that_keeps_the_value_will_do(text: str, value: float) -> None:
    assert parse(text.encode(), any_number=True) == value


@pytest.mark.parametrize(
    "text", ["12345678901234567890", "0.12345678901234567890", "1e400", "-1e400", "1e-999999999999"]
)
def test_in_ones_own_data_a_number_that_would_change_is_refused(text: str) -> None:
    assert refused(text.encode(), any_number=True).code is Failure.AMBIGUOUS_NUMBER


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float64_in_its_canonical_text_is_read_as_itself(value: float) -> None:
    from ebl.codec.javascript_json import number_text

    assert float(parse(number_text(value).encode())) == value


@given(st.text())
def test_what_is_shown_of_a_text_is_short_printable_and_one_line(text: str) -> None:
    said = shown(text)
    assert said.isprintable()
    assert len(said) < 800
