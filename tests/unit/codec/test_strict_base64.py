"""Base64 is read in one way only, whichever library reads it."""

from __future__ import annotations

import base64
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.codec import strict_base64


@pytest.fixture(params=["pybase64", "base64"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module as it is with the extra ``fast``, and without."""
    if request.param == "base64":
        monkeypatch.setitem(sys.modules, "pybase64", None)  # as if it were not installed
    yield importlib.reload(strict_base64)
    monkeypatch.undo()
    importlib.reload(strict_base64)


def test_what_is_read_is_what_was_written(reader: ModuleType) -> None:
    @given(st.binary(max_size=300))
    def holds(octets: bytes) -> None:
        assert reader.encode(octets) == base64.b64encode(octets).decode()
        assert reader.decode(reader.encode(octets)) == octets

    holds()


@pytest.mark.parametrize(
    "text",
    ["YQ", "YQ=", "YQ===", "YQ== ", " YQ==", "YQ==\n", "Y Q==", "YR==", "YWI", "YWJ=", "YWJj=", "YWJj====", "=", "====",
     "YQ==YQ==", "_-8=", "YQ=é", "YQ=\ud800", "YQ\0="],
)  # fmt: skip
def test_no_other_text_is_read(reader: ModuleType, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        reader.decode(text)
