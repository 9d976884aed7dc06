"""Text as JavaScript writes it, the same with orjson and without."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.codec import fast_json as bulk
from ebl.codec import javascript_json as javascript
from ebl.codec.javascript_json import is_index, json_leaf, json_member, number_text, one_member, ordered, stringify
from ebl.errors import Unreadable
from ebl.model.broken_input import read_json

TEXT = st.text(st.characters(), max_size=12)
LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | TEXT
)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=20
)

COMPACT = JSON.map(lambda value: stringify(value).decode())


@pytest.fixture(params=[False, True], ids=["stdlib", "orjson"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Both ways, whatever was asked before; the second only where orjson is installed."""
    monkeypatch.setattr(bulk, "_asked", 10**9)
    found = pytest.importorskip("orjson") if request.param else None
    monkeypatch.setattr(bulk, "_orjson", found)
    return bool(request.param)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e21, "1e+21"),
        (1e-07, "1e-7"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (1.2345678901234568e20, "123456789012345680000"),
        (1e-06, "0.000001"),
        (1.5, "1.5"),
        (-1e-10, "-1e-10"),
        (2**53 + 1, "9007199254740992"),
        (1e16, "10000000000000000"),
    ],
)
def test_numbers_have_ecmascripts_text(value: float, text: str) -> None:
    assert number_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_number_reads_back_as_itself_and_is_the_shortest(value: float) -> None:
    text = number_text(value)
    assert float(text) == value
    digits = text.lstrip("-").partition("e")[0].replace(".", "").strip("0")
    assert len(digits) <= len(repr(abs(value)).partition("e")[0].replace(".", "").strip("0"))


@given(JSON)
def test_what_is_written_is_json_and_says_the_same(value: Any) -> None:
    text = stringify(value)
    assert text.decode().isprintable() or text
    assert json.loads(text, parse_int=float) == json.loads(json.dumps(value), parse_int=float)


@given(value=JSON)
def test_orjson_writes_what_we_write_without_it(value: Any) -> None:
    orjson = pytest.importorskip("orjson")
    before = bulk._asked, bulk._orjson
    try:
        bulk._asked, bulk._orjson = 10**9, None
        plain = stringify(value)
        bulk._orjson = orjson
        assert stringify(value) == plain
    finally:
        bulk._asked, bulk._orjson = before


@given(name=TEXT, value=TEXT)
def test_a_member_is_written_alike_by_every_engine(name: str, value: str) -> None:
    expected = json_member(name, value)
    orjson = pytest.importorskip("orjson")
    for dumps in (orjson.dumps, javascript._one_member):
        try:
            assert dumps({name: value}) == expected
        except (TypeError, UnicodeEncodeError):
            assert any("\ud800" <= c <= "\udfff" for c in name + value)


@given(
    text=st.one_of(
        JSON.map(json.dumps),
        JSON.map(lambda v: json.dumps(v, indent=2)),
        st.text(max_size=40),
        JSON.map(lambda v: stringify(v).decode()),
    )
)
def test_every_engine_reads_the_same_or_refuses_for_the_same_reason(text: str) -> None:
    orjson = pytest.importorskip("orjson")
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        return
    before, results = (bulk._asked, bulk._orjson), []
    try:
        for found in (None, orjson):
            bulk._asked, bulk._orjson = 10**9, found
            try:
                results.append(repr(read_json(raw)))
            except Unreadable as bad:
                results.append(str(bad.code))
    finally:
        bulk._asked, bulk._orjson = before
    assert results[0] == results[1]


def test_each_engine_is_used(engine: bool) -> None:
    assert (one_member() is javascript._one_member) is not engine
    assert one_member()({"a": 'é"\n'}) == '{"a":"é\\"\\n"}'.encode()


@pytest.mark.parametrize(
    ("raw", "same"),
    [
        (b'{"a":1,"b":2.5}\n', True),
        (b'{"a":1,"a":1}', False),
        (b'{"a":1.0}', False),
        (b'{"a":-0.0}', False),
        (b'{"a":12345678901234567890}', False),
        (b'{"a":1e21}', False),
        (b'{"a":"\\ud800"}', True),
        (b'{ "a" : 1 }', True),
    ],
)
def test_strictness_does_not_depend_on_the_engine(raw: bytes, same: bool, engine: bool) -> None:
    if same:
        read_json(raw)
    else:
        with pytest.raises(Unreadable):
            read_json(raw)


def test_orjson_is_loaded_only_once_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_asked", 0)
    monkeypatch.setattr(bulk, "_orjson", None)
    assert {bulk.orjson() for _ in range(bulk._PAYS_AFTER - 1)} == {None}
    assert bulk.orjson() is pytest.importorskip("orjson")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("\x7f\u2028/é😀", '"\x7f\u2028/é😀"'),
        ('\x08\x0c\n\r\t"\\\x00\x1f', '"\\b\\f\\n\\r\\t\\"\\\\\\u0000\\u001f"'),
        (chr(0xD800) + "x", '"\\ud800x"'),
        (chr(0xD83D) + chr(0xDE00), '"😀"'),
        (None, "null"),
        (True, "true"),
        ({}, "{}"),
        ([], "[]"),
        (math.inf, "null"),
    ],
)
def test_leaves_are_written_as_javascript_does(value: Any, text: str) -> None:
    assert json_leaf(value) == text


def test_what_is_no_json_is_no_leaf() -> None:
    for value in (b"x", object()):
        with pytest.raises(TypeError):
            json_leaf(value)
        with pytest.raises(TypeError):
            javascript.text(value)


def test_members_come_in_javascripts_order() -> None:
    members = {"b": 1, "10": 2, "01": 3, "2": 4, "4294967295": 5, "4294967294": 6, "-1": 7, "a": 8, "0": 9}
    assert [name for name, _ in ordered(members)] == ["0", "2", "10", "4294967294", "b", "01", "4294967295", "-1", "a"]
    assert list(ordered({"$x": 1, "b": 2})) == [("$x", 1), ("b", 2)]
    assert list(ordered({})) == []
    assert not any(map(is_index, ("", "01", "1.0", "4294967295", "٣")))


@pytest.mark.parametrize("end", ["x", ".x", ".1x", "e", "e+", "e1x"])
def test_a_text_that_only_starts_like_a_number_is_found_out_in_one_pass(end: str) -> None:
    assert math.isnan(javascript.number("1" * 3_000_000 + end))


class Release:
    """An orjson of another release, which differs in one thing."""

    def __init__(self, **changes: Any) -> None:
        import orjson

        self.dumps, self.loads = orjson.dumps, orjson.loads
        self.__dict__.update(changes)


def test_an_orjson_that_writes_otherwise_than_we_is_left_alone() -> None:
    orjson = pytest.importorskip("orjson")
    assert bulk.writes_ecmascript(orjson)
    short = Release(dumps=lambda value: orjson.dumps(value).replace(b"e+", b"e"))
    escapes = Release(dumps=lambda value: orjson.dumps(value).replace("\u2028".encode(), b"\\u2028"))
    lenient = Release(loads=lambda text: None if text == b"NaN" else orjson.loads(text))
    for release in (short, escapes, lenient):
        assert not bulk.writes_ecmascript(release)  # type: ignore[arg-type]


def test_an_orjson_that_differs_is_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_asked", 0)
    monkeypatch.setattr(bulk, "_orjson", None)
    monkeypatch.setattr(bulk, "import_module", lambda name: Release(dumps=lambda value: b"1e21"))
    assert {bulk.orjson() for _ in range(120)} == {None}
