"""Code is known as a whole or not at all."""

from __future__ import annotations

import pytest

from ebl.chain.contracts import builds
from ebl.chain.contracts import known_code as known

OURS = {
    "registry": builds.load("TokenRegistry").runtime,
    "factory": builds.load("TitleEscrowFactory").runtime,
    "escrow": builds.load("TitleEscrow").runtime,
}
FACTORY = "0x" + "ab" * 20


def test_our_own_contracts_are_known() -> None:
    assert known.family(**OURS) == known.OURS
    assert known.store(builds.load("DocumentStore").runtime) == known.OURS


@pytest.mark.parametrize("part", OURS)
@pytest.mark.parametrize("change", [lambda code: b"", lambda code: code[:-1], lambda code: code[:-1] + b"\xff"])
def test_one_part_that_is_not_known_makes_the_family_unknown(part: str, change: object) -> None:
    assert known.family(**OURS | {part: change(OURS[part])}) is None  # type: ignore[operator]


def test_code_known_in_one_role_is_not_known_in_another() -> None:
    assert known.family(**OURS | {"registry": OURS["escrow"]}) is None
    assert known.store(OURS["registry"]) is None


@pytest.mark.parametrize(
    ("length", "factories", "genesis"), [(15_993, (2014,), 3645), (8_442, (684, 2277, 3647, 4204, 5944), 957)]
)
def test_constants_are_taken_out_where_each_is_what_the_registry_says(
    length: int, factories: tuple[int, ...], genesis: int
) -> None:
    blank = b"\x5b" * length
    for place in (*factories, genesis):
        blank = blank[:place] + bytes(32) + blank[place + 32 :]
    code = blank
    address = bytes(12) + bytes.fromhex(FACTORY[2:])
    for place in factories:
        code = code[:place] + address + code[place + 32 :]
    code = code[:genesis] + (9).to_bytes(32, "big") + code[genesis + 32 :]
    assert known.without_constants(code, factory=FACTORY, genesis=9) == blank
    assert known.without_constants(code, factory=FACTORY, genesis=8) == code
    for place in (*factories, genesis):
        other = code[:place] + (7).to_bytes(32, "big") + code[place + 32 :]
        assert known.without_constants(other, factory=FACTORY, genesis=9) == other
    assert known.without_constants(code + b"\0", factory=FACTORY, genesis=9) == code + b"\0"
