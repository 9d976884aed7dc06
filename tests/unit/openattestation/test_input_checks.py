"""The quick look at data before wrapping says yes to nothing that the thorough one objects to."""

from __future__ import annotations

import enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.codec.strict_json import MAX_DEPTH
from ebl.openattestation import input_checks as fit

RESERVED = ("", "__proto__", "proof")


class Text(str):
    __slots__ = ()


class Level(enum.IntEnum):
    ONE = 1


LEAVES = st.one_of(
    st.text(max_size=3),
    st.integers(-(2**60), 2**60),
    st.floats(),
    st.booleans(),
    st.none(),
    st.sampled_from([Text("x"), Level.ONE, b"x", 1j]),
)
NAMES = st.sampled_from(["a", "b", "", ".", "a.b", "[", "x]", "proof", "__proto__", Text("t"), 1, None])
DATA = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)


def is_plain(data: object) -> bool:
    return fit.is_plain(data, reserved=RESERVED, signs=".[]")


def problems(data: object) -> list[Any]:
    return list(fit.problems(data, reserved=RESERVED, signs=".[]"))


def kinds(node: Any) -> Any:
    if isinstance(node, dict):
        return dict, [(type(key), key, kinds(value)) for key, value in node.items()]
    return (list, list(map(kinds, node))) if type(node) in (list, tuple) else (type(node), node)


@given(data=DATA)
def test_what_is_plain_has_no_problems_and_need_not_be_copied(data: Any) -> None:
    if is_plain(data):
        assert problems(data) == []
        assert kinds(fit.to_exact_json(data)) == kinds(data)


def test_usual_data_are_plain() -> None:
    assert is_plain({"a": [{"b": "x", "c": 1}, 1.5, None, True], "d": {}})


@pytest.mark.parametrize(("levels", "good"), [(MAX_DEPTH, True), (MAX_DEPTH + 1, False)])
def test_the_quick_look_and_the_thorough_one_go_as_deep(levels: int, good: bool) -> None:
    data: Any = {}
    for _ in range(levels - 1):
        data = {"a": data}
    assert is_plain(data) is good
    assert (problems(data) == []) is good
