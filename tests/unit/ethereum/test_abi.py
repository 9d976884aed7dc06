"""The ABI codec: what the reference library encodes, and nothing that is not canonical."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi import encode as reference
from hypothesis import given
from hypothesis import strategies as st

from ebl.ethereum import abi
from ebl.ethereum.address import checksummed

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "address": st.binary(min_size=20, max_size=20).map(lambda raw: checksummed("0x" + raw.hex())),
    "bool": st.booleans(),
    "uint8": st.integers(0, 2**8 - 1),
    "uint256": st.integers(0, 2**256 - 1),
    "bytes4": st.binary(min_size=4, max_size=4),
    "bytes32": st.binary(min_size=32, max_size=32),
    "bytes": st.binary(max_size=100),
    "string": st.text(max_size=40),
}
for _item in ("bytes32", "address", "bytes"):
    VALUES[f"{_item}[]"] = st.lists(VALUES[_item], max_size=4)

TYPES = st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=5)


@st.composite
def typed_values(draw: st.DrawFn) -> tuple[list[str], list[Any]]:
    types = draw(TYPES)
    return types, [draw(VALUES[type_]) for type_ in types]


def plain(value: Any) -> Any:
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


@given(typed_values())
def test_encoding_is_what_the_reference_library_writes_and_decodes_to_the_same(
    case: tuple[list[str], list[Any]],
) -> None:
    types, values = case
    encoded = abi.encode(types, values)
    assert encoded == reference(types, values)
    assert plain(abi.decode(types, encoded)) == values


@given(typed_values(), st.data())
def test_whatever_decodes_is_exactly_what_its_values_encode_to(
    case: tuple[list[str], list[Any]], data: st.DataObject
) -> None:
    types, values = case
    raw = bytearray(abi.encode(types, values))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = abi.decode(types, bytes(raw))
    except ValueError:
        return
    assert abi.encode(types, decoded) == bytes(raw)


@given(TYPES, st.binary(max_size=300))
def test_noise_is_refused_with_a_value_error_or_is_canonical(types: list[str], raw: bytes) -> None:
    try:
        decoded = abi.decode(types, raw)
    except ValueError:
        return
    assert abi.encode(types, decoded) == raw


@pytest.mark.parametrize(
    ("types", "raw", "complaint"),
    [
        (["address"], b"\1" + bytes(31), "a word of type address"),
        (["bool"], (2).to_bytes(32, "big"), "a word of type bool"),
        (["bytes4"], b"abcde".ljust(32, b"\0"), "a word of type bytes4"),
        (["uint8"], (256).to_bytes(32, "big"), "a word of type uint8"),
        (["uint256"], bytes(31), "32 bytes for uint256; got 31"),
        (["uint256"], bytes(64), "expected 32 bytes"),
        (["bytes"], (64).to_bytes(32, "big") + bytes(64), "the tail of bytes at 32"),
        (["bytes"], (32).to_bytes(32, "big") + (1 << 255).to_bytes(32, "big"), "got the length"),
        (["bytes32[]"], (32).to_bytes(32, "big") + (2).to_bytes(32, "big") + bytes(32), "got the length 2"),
        (["bytes"], (32).to_bytes(32, "big") + (1).to_bytes(32, "big") + b"ab" + bytes(30), "padded with zeros"),
        (["string"], (32).to_bytes(32, "big") + (1).to_bytes(32, "big") + b"\xff" + bytes(31), "utf-8"),
        (["bytes"], bytes(abi.MAX_BYTES + 32), "at most 1048576 bytes"),
    ],
)
def test_what_is_not_canonical_is_refused_and_named(types: list[str], raw: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        abi.decode(types, raw)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("address", "0x1234"),
        ("address", bytes(20)),
        ("bool", 1),
        ("uint8", 256),
        ("uint256", -1),
        ("uint256", True),
        ("bytes4", b"abc"),
        ("bytes32", "00" * 32),
        ("bytes", "text"),
        ("string", b"bytes"),
        ("string", "\ud800"),
        ("bytes32[]", bytes(32)),
        ("bytes32[]", [b"short"]),
    ],
)
def test_a_value_that_does_not_fit_its_type_is_refused(type_: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"expected|surrogates|address/form"):
        abi.encode([type_], [value])
