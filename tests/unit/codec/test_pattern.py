"""A pattern matches what Python's own would, and takes no more time for a hostile text."""

from __future__ import annotations

import re
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.codec.pattern import NotAPattern, Pattern

ATOM = st.sampled_from(["a", "b", "c", "1", ".", "[ab]", "[^a]", "[a-c1]", r"\d", r"\w", r"\s", r"\.", "上"])
PATTERN = st.recursive(
    ATOM,
    lambda inner: (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})")
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{2,}", "{0,1}"])).map(
            lambda two: f"({two[0]}){two[1]}"
        )
    ),
    max_leaves=8,
)


@given(source=PATTERN, text=st.text("abc1. 上_", max_size=9), fold=st.booleans())
@settings(deadline=None, max_examples=400)
def test_it_matches_as_python_does(source: str, text: str, fold: bool) -> None:
    source = f"(?i){source}" if fold else source
    assert Pattern(source).matches(text) is (re.fullmatch(source, text, re.ASCII) is not None)


@pytest.mark.parametrize(
    ("source", "yes", "no"),
    [
        ("SG.*", "SGSIN Singapore", "xSGSIN"),
        ("^SG[A-Z]{3}$", "SGSIN", "SGSINX"),
        ("(?i)bank of .*", "BANK OF STRAITS", "The Bank of Straits"),
        (r"0901\d{2}(\d{2})?", "09011100", "0901"),
        (r"a\$", "a$", "a"),
        ("[^0-9]+", "Hamburg", "Hamburg 1"),
        (r"[\]\-a]+", "a]-", "b"),
        ("x{2,}", "xxx", "x"),
        ("", "", "a"),
        ("(a|)b", "b", "c"),
    ],
)
def test_what_matches(source: str, yes: str, no: str) -> None:
    assert Pattern(source).matches(yes)
    assert not Pattern(source).matches(no)


@pytest.mark.parametrize(
    "source",
    [
        "(",
        ")",
        "(a",
        "a)",
        "*a",
        "a**",
        "a{",
        "a{2,1}",
        "a{x}",
        "[",
        "[]",
        "[b-a]",
        "a^b",
        "a$b",
        "\\",
        "\\q",
        r"\1",
        "(?=a)",
        "(?P<n>a)",
        "[[a]",
        "x" * 201,
        "((((((((((((((((((((((a))))))))))))))))))))))",
        "(a{99}){99}",
    ],
)
def test_what_is_no_pattern_is_refused(source: str) -> None:
    with pytest.raises(NotAPattern):
        Pattern(source)


@given(source=st.text("ab(|)*+?{},12[]^-$\\.d", max_size=30))
@settings(deadline=None)
def test_any_text_is_a_pattern_or_is_refused(source: str) -> None:
    with suppress(NotAPattern):
        Pattern(source).matches("ab12")


@pytest.mark.parametrize(
    "source", ["(a*)*b", "(a|a)*b", "(a|aa)+b", "(.*)(.*)(.*)(.*)b", "(a?){50}(a){50}b", "(.{0,9}){0,9}b"]
)
def test_no_pattern_is_slow(source: str) -> None:
    start = time.process_time()
    assert not Pattern(source).matches("a" * 9_999 + "c")
    assert time.process_time() - start < 2
