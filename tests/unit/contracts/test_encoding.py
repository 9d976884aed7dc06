"""Calldata equals that of a full ABI library."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.contracts import encoding

VALUES = {
    "address": st.binary(min_size=20, max_size=20).map(lambda raw: f"0x{raw.hex()}"),
    "uint256": st.integers(0, (1 << 256) - 1),
    "uint8": st.integers(0, 255),
    "bool": st.booleans(),
    "bytes32": st.binary(min_size=32, max_size=32),
    "bytes4": st.binary(min_size=4, max_size=4),
    "bytes": st.binary(max_size=100),
    "string": st.text(max_size=40),
    "bytes32[]": st.lists(st.binary(min_size=32, max_size=32), max_size=4),
    "bytes[]": st.lists(st.binary(max_size=70), max_size=4),
}
ARGUMENTS = st.lists(st.sampled_from(sorted(VALUES)), max_size=5).flatmap(
    lambda kinds: st.tuples(st.just(kinds), st.tuples(*(VALUES[kind] for kind in kinds)))
)


@settings(max_examples=100, deadline=None)
@given(ARGUMENTS)
def test_encoding_agrees_with_eth_abi(arguments: tuple[list[str], tuple[object, ...]]) -> None:
    from eth_abi import encode

    kinds, values = arguments
    assert encoding.encode(kinds, values) == encode(kinds, values)


def test_selectors_and_topics_are_those_of_the_released_contracts() -> None:
    assert encoding.selector("mint(address,address,uint256,bytes)").hex() == "6010a5e7"
    assert encoding.topic("Transfer(address,address,uint256)").hex().startswith("ddf252ad")


@pytest.mark.parametrize(("kind", "value"), [("uint8", 256), ("uint256", -1), ("bytes32", b"\1"), ("address", "0x12")])
def test_a_value_that_does_not_fit_is_refused(kind: str, value: object) -> None:
    with pytest.raises(ValueError):
        encoding.encode([kind], [value])


def test_a_missing_argument_is_refused() -> None:
    with pytest.raises(ValueError):
        encoding.call("issue(bytes32)")
