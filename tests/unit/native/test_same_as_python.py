"""The core in C and the code in Python give the same of random and mutated documents, and of odd objects."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.codec import javascript_json as javascript
from ebl.ethereum import keccak, merkle
from ebl.native import core as native
from ebl.openattestation import v2_digest
from ebl.openattestation.salting import NotPlain, salted_and_hashed, unsalted
from ebl.verify import read
from ebl.wrap import to_json, wrap
from tests.differential import Kind, bills, differences, using, without_salts

SALT = "0f8d2c51-63b7-4e0a-9d14-5c7f3a1b2e60"
PURE = native.Pure()


@pytest.fixture(params=[1, 4, 8])
def lanes(core: Any, request: pytest.FixtureRequest) -> Iterator[int]:
    """Every number of leaves at once, as far as this processor has it."""
    yield core.lanes(request.param)
    core.lanes(8)


@pytest.mark.parametrize("count", [250, pytest.param(20_000, marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize("kind", ["oa2", "oa3"])
def test_documents_have_the_same_digests_bytes_findings_and_first_errors(core: Any, kind: Kind, count: int) -> None:
    assert differences(core, kind, count, 1) == []


def test_messages_of_every_length_around_the_blocks_have_the_same_hash(core: Any, lanes: int) -> None:
    for size in (*range(140), 270, 271, 272, 273, 407, 408, 543, 544, 545, 680, 681, 10_000):
        message = Random(size).randbytes(size)
        assert core.keccak256(message) == keccak.keccak256(message)


def test_leaves_of_every_length_have_the_same_digest(core: Any, lanes: int) -> None:
    for most in (1, 7, 8, 9, 17, 700):
        random = Random(most)
        data = {f"k{at}": f"{at:08x}{SALT[8:]}:string:{'é' * random.randrange(most)}" for at in range(most)}
        with using(PURE):
            assert core.oa2_examine(data, ()) == (v2_digest.digest(data), 0)


@pytest.mark.parametrize("size", [20, 60, 300, 3000])
def test_bills_are_plain_and_their_salting_is_undone(core: Any, lanes: int, size: int) -> None:
    raw = bills.oa2(3, size)
    with using(core):
        document = wrap(raw)
        assert read(to_json(document)).data == raw
    with using(PURE):
        assert v2_digest.digest(document["data"]).hex() == document["signature"]["targetHash"]
    assert core.oa2_examine(document["data"], ()) == (bytes.fromhex(document["signature"]["targetHash"]), 0)


@given(number=st.floats() | st.integers(-(2**60), 2**60))
def test_numbers_are_written_as_javascript_writes_them(core: Any, number: float) -> None:
    made = core.oa2_salt({"n": number}, bytes, False)
    kept = math.isfinite(number) and (type(number) is float or abs(number) <= 2**53)
    assert (made and made[0]["n"][37:]) == (f"number:{javascript.number_text(number)}" if kept else None)


@given(text=st.text(st.characters(codec="utf-8")) | st.text('"\\\x00\x1f\x7f\u2028a\u3000 ', max_size=40))
def test_strings_are_escaped_as_javascript_escapes_them(core: Any, text: str) -> None:
    data = {"k" + text.replace(".", ""): f"{SALT}:string:{text}"}
    with using(PURE):
        assert core.oa2_examine(data, ())[0] == v2_digest.digest(data)
    ends = text[-1:] != "" and text[-1] in javascript.WHITE_SPACE
    assert (core.oa2_salt({"k": text}, bytes, False) is None) is ends
    made = core.oa2_salt({"k": text}, bytes, True)
    assert made[0] == {"k": f"00000000-0000-4000-8000-000000000000:string:{text}"}


class Text(str):
    """A string that is not exactly one."""


class Names(dict):  # type: ignore[type-arg]
    """An object that is not exactly one."""


def cyclic() -> dict[str, Any]:
    data: dict[str, Any] = {}
    data["a"] = [data]
    return data


def deep(levels: int) -> dict[str, Any]:
    data: dict[str, Any] = {"a": f"{SALT}:string:x"}
    for _ in range(levels - 1):
        data = {"a": data}
    return data


LEAF = f"{SALT}:string:x"
ODD: dict[str, Any] = {
    "a name that is reserved": {"__proto__": LEAF},
    "a name that is reserved too": {"constructor": LEAF},
    "the third that is reserved": {"prototype": LEAF},
    "an empty name": {"": LEAF},
    "a name that is a number": {1: LEAF},
    "a name of another class": {Text("a"): LEAF},
    "a name with a lone surrogate": {"\ud800": LEAF},
    "a value with a lone surrogate": {"a": LEAF + "\udfff"},
    "a value that is bytes": {"a": b"x"},
    "a value of another class": {"a": Text(LEAF)},
    "an object of another class": {"a": Names(b=LEAF)},
    "an ordered dictionary": {"a": OrderedDict(b=LEAF)},
    "a tuple": {"a": (LEAF,)},
    "a long name": {"a" * 5000: LEAF},
    "a long path": {"a" * 2000: {"b" * 3000: LEAF}},
    "names with escapes that make a path long": {"\x00" * 700: LEAF},
    "65 levels": deep(65),
    "itself": cyclic(),
    "more members than a document may have": {"a": [LEAF] * 200_001},
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_what_is_not_plain_is_left_to_python(core: Any, data: Any) -> None:
    assert core.oa2_examine(data, ()) is None
    if "tuple" not in str(type(data.get("a"))):
        assert core.oa2_salt(data, bytes, True) is None


def test_the_longest_and_deepest_that_is_plain_has_the_same_digest(core: Any) -> None:
    for data in (deep(64), {"é" * 300: LEAF}, {"\x00" * 600: LEAF}, {"a": [{}] * 100_000 + [LEAF]}):
        with using(PURE):
            assert core.oa2_examine(data, ())[0] == v2_digest.digest(data)


@given(text=st.text(st.characters(codec="utf-8")) | st.text("x\u3000\ufeff \x85\u200b", max_size=6))
def test_salted_texts_are_read_back_as_python_reads_them(core: Any, text: str) -> None:
    data = {"k" + text: [f"{SALT}:string:{text}", {}, [{"é": LEAF}]]}
    with using(PURE):
        slow = unsalted(data)
    assert core.oa2_plain(data) == (None if text[-1:] and text[-1] in javascript.WHITE_SPACE else slow)


@pytest.mark.parametrize(
    "leaf",
    [
        *("x", SALT, f"{SALT}:number:1", f"{SALT}:string", f"{SALT.upper()}:string:x", f"{SALT}string::x"),
        *(0, 1.5, True, None, b"x", Text(LEAF), (LEAF,), Names(b=LEAF), f"{SALT}:string:\ud800"),
    ],
)
def test_a_leaf_that_is_no_salted_text_is_left_to_python(core: Any, leaf: object) -> None:
    assert core.oa2_plain({"a": LEAF, "b": [leaf]}) is None


def test_data_nested_too_deep_is_not_read_back(core: Any) -> None:
    assert core.oa2_plain(deep(64)) is not None
    assert core.oa2_plain(cyclic()) is None


@given(nodes=st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=20))
def test_the_path_to_a_root_has_the_same_nodes(core: Any, nodes: list[bytes]) -> None:
    with using(PURE):
        slow = merkle.path(nodes[0], nodes[1:])
    assert core.path(nodes[0], tuple(nodes[1:])) == slow


@pytest.mark.parametrize(("target", "proof"), [(b"", ()), ("a" * 32, ()), (bytes(32), []), (bytes(32), (b"x",))])
def test_a_path_over_what_is_no_hash_is_left_to_python(core: Any, target: object, proof: object) -> None:
    assert core.path(target, proof) is None


@pytest.mark.parametrize("value", [0, 1.5, True, None])
def test_a_leaf_that_is_not_salted_is_left_to_python(core: Any, value: object) -> None:
    assert core.oa2_examine({"a": value}, ()) is None


def test_hashes_that_begin_alike_are_sorted_by_their_ends(core: Any) -> None:
    """Whoever withholds may choose any hashes, those that begin as a leaf's do included."""
    data = dict.fromkeys("abc", LEAF)
    own = [keccak.keccak256(javascript.json_member(name, LEAF)).hex() for name in data]
    for at in (8, 16, 31):
        others = [one[: 2 * at] + end for one in own for end in ("00" * (32 - at), "ff" * (32 - at))] + own
        for withheld in (others, others[::-1]):
            with using(PURE):
                assert core.oa2_examine(data, withheld)[0] == v2_digest.digest(data, withheld)


@pytest.mark.parametrize(
    "withheld",
    [None, "", {}, ["aa"], ["AA" * 32], ["é" * 64], [b"a" * 64], [None], iter(["aa" * 32]), (" " + "a" * 63,)],
)
def test_withheld_hashes_that_are_none_are_left_to_python(core: Any, withheld: object) -> None:
    assert core.oa2_examine({"a": LEAF}, withheld) is None
    assert core.oa3_examine({"a": "b"}, proof(row("1" * 64, "a")), withheld) is None
    assert core.list_hash(["a"], ["b"], withheld) is None


def row(salt: str, path: str) -> str:
    return f'{{"value":"{salt}","path":"{path}"}}'


def proof(*rows: str) -> bytes:
    return f"[{','.join(rows)}]".encode()


ONE, TWO = "1" * 64, "2" * 64


def test_of_v3_what_is_in_order_has_a_digest(core: Any) -> None:
    assert core.oa3_examine({"a": "b", "c": ["d"]}, proof(row(ONE, "a"), row(TWO, "c[0]")), ()) is not None


@pytest.mark.parametrize(
    ("document", "rows"),
    [
        ({"a": "b"}, [row(ONE, "b")]),
        ({"a": "b"}, []),
        ({"a": "b"}, [row(ONE, "a"), row(TWO, "b")]),
        ({"a": "b", "c": "d"}, [row(ONE, "c"), row(TWO, "a")]),
        ({"a": "b", "c": "d"}, [row(ONE, "a"), row(ONE, "c")]),
        ({"a": "b"}, [row("1" * 63 + "A", "a")]),
        ({"a": "b"}, [row("1" * 63, "a")]),
        ({"a": "b"}, [row(ONE, "a")[:-2] + '""}']),
        ({"a": "b"}, [row(ONE, "a").replace("path", "Path")]),
        ({"a": "b"}, [ONE]),
        ({"a": "b"}, [""]),
        ({"a": "b"}, [row(ONE, "a"), ""]),
        ({"a": "b"}, ["", row(ONE, "a")]),
        ({"a": "b"}, [" " + row(ONE, "a")]),
        ({"a": "b", "c": "d"}, [row(ONE, "a") + " ", row(TWO, "c")]),
        ({"a": ""}, [row(ONE, "a")]),
        ({"a": False}, [row(ONE, "a")]),
        ({"a": -0.0}, [row(ONE, "a")]),
        ({"a": math.nan}, [row(ONE, "a")]),
        ({"a.b": "c"}, [row(ONE, "a.b")]),
        ({"a[0]": "c"}, [row(ONE, "a[0]")]),
        ({"": "c"}, [row(ONE, "")]),
        ({"a": {"": ["c"]}}, [row(ONE, "a.[0]")]),
        ({"__proto__": "c"}, [row(ONE, "__proto__")]),
        ({'"': "c"}, [row(ONE, '"')]),
        ({"a": ("c",)}, [row(ONE, "a[0]")]),
        ({}, []),
        ([], []),
    ],
)
def test_of_v3_only_what_is_in_order_is_plain(core: Any, document: Any, rows: Any) -> None:
    assert core.oa3_examine(document, proof(*rows), ()) is None


@given(cut=st.integers(0, 1000), more=st.sampled_from([b"", b"]", b",", b"\n", b"\xff"]))
def test_of_v3_salts_that_are_cut_or_followed_by_anything_are_left_to_python(core: Any, cut: int, more: bytes) -> None:
    document, whole = {"a": "b", "c": {"d": "e"}}, proof(row(ONE, "a"), row(TWO, "c.d"))
    salts = whole[: cut % len(whole)] + more if cut else whole + more
    assert (core.oa3_examine(document, salts, ()) is None) == (salts != whole)


@pytest.mark.parametrize("salts", [None, 1, "[]", [], bytearray(b"[]"), memoryview(b"[]")])
def test_of_v3_salts_that_are_not_bytes_are_left_to_python(core: Any, salts: Any) -> None:
    assert core.oa3_examine({"a": "b"}, salts, ()) is None


@given(number=st.floats() | st.integers(-(2**60), 2**60))
def test_numbers_are_canonical_where_python_and_javascript_write_them_alike(core: Any, number: float) -> None:
    alike = repr(number) == javascript.number_text(number) and math.isfinite(number) and abs(number) != 2**53 + 1
    kept = type(number) is float or abs(number) <= 2**53
    assert core.is_canonical({"a": [number]}) is (True if alike and kept else None)


def test_json_is_canonical_to_the_depth_that_the_reader_takes(core: Any) -> None:
    assert core.is_canonical(deep(64)) is True
    assert core.is_canonical(deep(65)) is None
    assert core.is_canonical([object()]) is None


def test_salting_takes_what_python_takes_and_nothing_else(core: Any) -> None:
    for value in (math.inf, math.nan, 2**53 + 2, b"x", object(), "x ", "x\u00a0", "x\ufeff", "x\u200a", ("a",)):
        assert core.oa2_salt({"a": [value]}, bytes, False) is None
    for value in ("", "x\u200b", "x\u0085", "\x1f", 2**53, -(2**53), 5e-324, [], {}, [[]], {"b": {}}):
        with using(core):
            fast, _ = salted_and_hashed({"a": [value]})
        with using(PURE):
            slow, _ = salted_and_hashed({"a": [value]})
        assert without_salts(fast) == without_salts(slow)


def test_texts_may_end_in_every_character_but_white_space(core: Any) -> None:
    refused = {
        character
        for character in map(chr, (*range(0xD800), *range(0xE000, 0x11000)))
        if core.oa2_salt({"a": "x" + character}, bytes, False) is None
    }
    assert refused == set(javascript.WHITE_SPACE)


@pytest.mark.parametrize("path", ["a.b", "constructor", "prototype", "__proto__", ""])
def test_names_that_python_refuses_are_left_to_it(core: Any, path: str) -> None:
    assert core.oa2_salt({path: "x"}, bytes, True) is None


def test_what_the_source_of_randomness_raises_is_raised_and_a_short_answer_refused(core: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        core.oa2_salt({"a": "b"}, lambda count: 1 / 0, True)
    with pytest.raises(ValueError, match="another number of bytes"):
        core.oa2_salt({"a": "b"}, lambda count: b"short", True)
    with pytest.raises(TypeError):
        core.oa2_salt({"a": "b"}, lambda count: "text", True)


def test_the_source_of_randomness_cannot_change_what_is_being_salted(core: Any) -> None:
    inner: dict[str, Any] = {str(at): "x" for at in range(100)}
    data: dict[str, Any] = {"a": {"b": inner, "c": [1, 2, 3]}, "d": "e"}

    def meddling(count: int) -> bytes:
        data.clear()
        inner.clear()
        inner["new"] = "y" * 1000
        return bytes(range(256)) * (count // 256)

    copy, digest = core.oa2_salt(data, meddling, True)
    with using(PURE):
        assert v2_digest.digest(copy) == digest


def test_not_plain_is_raised_by_python_with_the_core_too(core: Any) -> None:
    with using(core), pytest.raises(NotPlain):
        salted_and_hashed({"a.b": 1})
