"""Rows as text."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from ebl.bulk import result_rows
from ebl.codec import fast_json


@given(name=st.text() | st.text('\x7f\x00\ud800é"\\', max_size=5), number=st.integers(0, 2**53))
def test_a_row_has_the_same_bytes_with_and_without_orjson(name: str, number: int) -> None:
    row = {"file": name, "codes": [name], "block": number, "holder": None}
    plain = json.dumps(row, separators=(",", ":")).encode() + b"\n"
    for _ in range(fast_json._PAYS_AFTER):
        fast_json.orjson()
    assert result_rows.text(row) == plain
    assert plain.isascii()
    assert plain.count(b"\n") == 1
