"""Transactions are encoded, hashed and signed exactly as the network's own libraries do it."""

from __future__ import annotations

import pytest
from eth_account import Account
from eth_account.typed_transactions import TypedTransaction
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.chain.sending.transaction import Fees, Unsigned
from ebl.chain.signers import LocalKey
from ebl.ethereum import rlp

KEY = LocalKey(bytes.fromhex("b2814366b4669ce89f6deebc8ce5e7cff3cbfbc14f93bdc02ea3635e2bf202fd"))
NUMBERS = st.one_of(st.integers(0, 300), st.integers(0, (1 << 64) - 1))
ADDRESSES = st.none() | st.just(KEY.address)


@pytest.mark.slow
@settings(max_examples=60)
@given(st.integers(1, 1 << 40), NUMBERS, ADDRESSES, st.binary(max_size=400), NUMBERS, NUMBERS, st.none() | NUMBERS)
def test_eth_account_reads_the_same_sender_and_fields(
    chain: int, nonce: int, to: str | None, data: bytes, gas: int, limit: int, tip: int | None
) -> None:
    unsigned = Unsigned(chain, nonce, to, data, gas, Fees(limit, tip))
    raw = unsigned.signed(KEY.sign_transaction(unsigned))
    assert Account.recover_transaction(raw) == KEY.address
    fields = {"nonce": nonce, "data": data, "gas": gas, "value": 0, "chainId": chain, "to": to or b""}
    if tip is None:
        signed = Account.sign_transaction(fields | {"gasPrice": limit}, KEY.secret)
    else:
        signed = Account.sign_transaction(
            fields | {"maxFeePerGas": limit, "maxPriorityFeePerGas": tip, "type": 2}, KEY.secret
        )
        assert TypedTransaction.from_bytes(signed.raw_transaction)
    assert raw == signed.raw_transaction
    assert Unsigned.of(raw) == unsigned


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (b"dog", "83646f67"),
        ([b"cat", b"dog"], "c88363617483646f67"),
        (b"", "80"),
        ([], "c0"),
        (0, "80"),
        (15, "0f"),
        (1024, "820400"),
        ([[], [[]], [[], [[]]]], "c7c0c1c0c3c0c1c0"),
        (b"Lorem ipsum dolor sit amet, consectetur adipisicing elit", "b8384c6f72656d20697073756d20646f6c6f722073697420616d65"
         "742c20636f6e7365637465747572206164697069736963696e6720656c6974"),
    ],
)  # fmt: skip
def test_rlp_is_that_of_the_yellow_paper(item: rlp.Item, expected: str) -> None:
    assert rlp.encode(item).hex() == expected
    assert rlp.encode(rlp.decode(bytes.fromhex(expected))).hex() == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "81",
        "8100",
        "b800",
        "b83700",
        "b90000",
        "b90038" + "00" * 56,
        "c1",
        "83646f",
        "c883636174",
        "8080",
        "f838",
        "c0" * 2,
        "c1" * 900 + "c0",
    ],
)
def test_rlp_that_is_cut_short_or_not_in_its_shortest_form_is_refused(raw: str) -> None:
    with pytest.raises(ValueError):
        rlp.decode(bytes.fromhex(raw))


@pytest.mark.parametrize("raw", [b"", b"\x02", b"\x01\xc0", b"\xc0", b"\x02\xc0", b"\x02\xc3\x01\x02\x03"])
def test_what_is_no_transaction_of_ours_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        Unsigned.of(raw)
