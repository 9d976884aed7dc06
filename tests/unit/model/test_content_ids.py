"""A document is found again by its bytes, or by what it says however it was formatted."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ebl.checking.formats import read
from ebl.codec import cid, jcs
from ebl.codec.javascript_json import stringify
from ebl.codec.strict_json import parse
from ebl.model.content_ids import canonical_bytes, content_ids
from ebl.wrap import to_json, wrap

STORE = "0x" + "11" * 20
ISSUER = {"name": "C", "documentStore": STORE, "identityProof": {"type": "DNS-TXT", "location": "carrier.example"}}
WRAPPED = wrap({"issuers": [ISSUER], "weight": 1e-7, "ship": "東海之星"})


def ids(raw: bytes) -> Any:
    return content_ids(raw, read(raw))


def test_another_format_is_another_file_and_the_same_document() -> None:
    compact, pretty = to_json(WRAPPED), json.dumps(WRAPPED, indent=2, sort_keys=True).encode()
    assert ids(compact).file == cid.of_bytes(compact) != ids(pretty).file
    assert ids(compact).document == ids(pretty).document


def test_the_canonical_bytes_are_the_document_and_answer_to_its_id() -> None:
    raw = to_json(WRAPPED)
    canonical = canonical_bytes(read(raw))
    assert parse(canonical) == WRAPPED
    assert ids(canonical).file == ids(raw).document


def test_another_salt_is_another_document() -> None:
    assert ids(to_json(WRAPPED)).document != ids(to_json(wrap({"issuers": [ISSUER]}))).document


def test_text_without_a_canonical_form_leaves_the_file_its_id() -> None:
    raw = json.dumps(wrap({"issuers": [ISSUER], "odd": "\ud800"})).encode()
    assert ids(raw).document is None
    assert ids(raw).file == cid.of_bytes(raw)


def test_the_canonical_form_is_the_one_of_the_rfc() -> None:
    numbers = [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001]
    text = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/"
    value = {"numbers": numbers, "string": text, "literals": [None, True, False]}
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert jcs.canonical(value).decode() == expected
    keys = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert [*json.loads(jcs.canonical(keys))] == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


@given(values)
def test_what_is_written_reads_back_as_it_was(value: Any) -> None:
    for raw in (stringify(value), jcs.canonical(value)):
        assert jcs.canonical(parse(raw)) == jcs.canonical(value)
        assert stringify(json.loads(raw, parse_int=float)) == raw
