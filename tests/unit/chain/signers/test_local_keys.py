"""Signers give wallets' signatures, keep their secrets, and are checked."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.chain.signers import CallableSigner, LocalKey, Signer
from ebl.errors import InvalidInput
from ebl.ethereum import secp256k1

SECRET = bytes.fromhex("b2814366b4669ce89f6deebc8ce5e7cff3cbfbc14f93bdc02ea3635e2bf202fd")
ADDRESS = "0x2d4870d28bf369cfd4cCa4D5af4cB8B2f96c13C4"
ROOT = bytes.fromhex("e346f2a482924b0c71b624dce313815daab878dfb029983746e00b89b870a2a7")
SIGNATURE = bytes.fromhex(
    "cdcdac54e7072a7b44bdcda182f789de729b9e6f5463b0c596207c517141b96f"
    "040b9cb941a415872aab7b7d5c2092dc6de4c48625fe8b22790aa237915b036a1b"
)


def test_a_local_key_signs_as_wallets_do() -> None:
    signer: Signer = LocalKey(SECRET)
    assert signer.address == ADDRESS
    assert signer.sign_message(ROOT) == SIGNATURE


@pytest.mark.parametrize("text", ["0x" + SECRET.hex(), SECRET.hex(), f" {SECRET.hex().upper()}\n"])
def test_a_key_is_read_from_hex_with_or_without_its_prefix(text: str) -> None:
    assert LocalKey.from_hex(text).address == ADDRESS


@pytest.mark.parametrize("text", ["", "0x", "00" * 32, "ff" * 32, "zz" * 32, SECRET.hex()[:-1], SECRET.hex() + "0"])
def test_what_is_no_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        LocalKey.from_hex(text)
    assert len(text) < 3 or text not in str(refused.value)


def test_a_secret_is_not_in_the_repr() -> None:
    assert SECRET.hex() not in repr(LocalKey(SECRET))
    assert str(SECRET) not in repr(LocalKey(SECRET))


def test_a_keystore_opens_with_its_password_only() -> None:
    from eth_keyfile import create_keyfile_json

    keystore = json.dumps(create_keyfile_json(SECRET, b"open", kdf="pbkdf2", iterations=2)).encode()
    assert LocalKey.from_keystore(keystore, "open").address == ADDRESS
    with pytest.raises(InvalidInput, match="password does not open"):
        LocalKey.from_keystore(keystore, "wrong")


@pytest.mark.parametrize(
    "keystore",
    [b"", b"[]", b"{}", b'{"version":4,"crypto":{"kdfparams":{}}}', b"[" * 70_000, b'{"version":3,"crypto":{}}'],
)
def test_what_is_no_keystore_is_refused(keystore: bytes) -> None:
    with pytest.raises(InvalidInput, match="keystore"):
        LocalKey.from_keystore(keystore, "open")


def test_a_keystore_whose_key_is_not_of_the_address_that_it_names_is_damaged() -> None:
    keystore = json.loads(LocalKey(SECRET).to_keystore("open", work=2))
    keystore["crypto"]["cipherparams"]["iv"] = "00" * 16
    with pytest.raises(InvalidInput, match="not that of 2d4870d28bf369cfd4cca4d5af4cb8b2f96c13c4"):
        LocalKey.from_keystore(json.dumps(keystore).encode(), "open")


def test_a_keystore_of_an_unknown_kind_is_refused() -> None:
    from eth_keyfile.keyfile import create_keyfile_json

    keystore = create_keyfile_json(SECRET, b"open", kdf="pbkdf2", iterations=2)
    keystore["crypto"]["kdfparams"]["prf"] = "cmac-sha256"
    with pytest.raises(InvalidInput, match="damaged or of an unknown kind"):
        LocalKey.from_keystore(json.dumps(keystore).encode(), "open")


def test_a_keystore_that_would_eat_the_memory_is_refused() -> None:
    greedy = {"version": 3, "crypto": {"kdf": "scrypt", "kdfparams": {"n": 1 << 30, "r": 8, "p": 1, "dklen": 32}}}
    with pytest.raises(InvalidInput, match="1024 MiB"):
        LocalKey.from_keystore(json.dumps(greedy).encode(), "open")


@pytest.mark.parametrize(
    ("kdf", "params", "said"),
    [
        ("scrypt", {"n": 1 << 18, "r": 8, "p": 1 << 14}, "more work"),
        ("pbkdf2", {"c": 1 << 40, "prf": "hmac-sha256"}, "more work"),
        ("pbkdf2", {"c": 1, "prf": "hmac-sha256", "dklen": 1 << 31}, "expected 32"),
        ("scrypt", {"n": 1 << 40, "r": -8, "p": 1}, "v3 kind"),
        ("scrypt", {"n": 1024.5, "r": 8, "p": True}, "v3 kind"),
    ],
)
def test_a_keystore_that_would_take_hours_is_refused_before_it_is_begun(
    kdf: str, params: dict[str, Any], said: str
) -> None:
    endless = {"version": 3, "crypto": {"kdf": kdf, "kdfparams": {"salt": "00" * 32, "dklen": 32, **params}}}
    with pytest.raises(InvalidInput, match=said):
        LocalKey.from_keystore(json.dumps(endless).encode(), "open")


def test_a_function_is_a_signer_and_its_v_may_be_0_or_1() -> None:
    raw = SIGNATURE[:64] + bytes([SIGNATURE[64] - 27])
    assert CallableSigner(ADDRESS.lower(), lambda message: raw).sign_message(ROOT) == SIGNATURE


@pytest.mark.parametrize("answer", [b"", bytes(65), SIGNATURE[:64] + b"\x1c", SIGNATURE[:64] + b"\x02"])
def test_a_function_which_signs_as_somebody_else_is_caught(answer: bytes) -> None:
    with pytest.raises(InvalidInput, match=ADDRESS):
        CallableSigner(ADDRESS, lambda message: answer).sign_message(ROOT)


@settings(max_examples=25)
@given(st.integers(1, 1 << 255), st.binary(max_size=100), st.binary(min_size=65, max_size=65))
def test_a_signature_recovers_to_its_signer_and_noise_to_nobody_or_another(
    number: int, message: bytes, noise: bytes
) -> None:
    signer = LocalKey(number.to_bytes(32))
    digest = secp256k1.personal_digest(message)
    assert secp256k1.recover(digest, signer.sign_message(message)) == signer.address
    with contextlib.suppress(ValueError):
        assert secp256k1.recover(digest, noise) != signer.address


def test_a_new_key_goes_into_a_keystore_and_comes_out_again() -> None:
    made = LocalKey.generate()
    keystore = made.to_keystore("open", work=2)
    assert LocalKey.from_keystore(keystore, "open") == made
    assert made.secret.hex().encode() not in keystore
    assert json.loads(keystore)["address"] == made.address[2:].lower()
    with pytest.raises(InvalidInput, match="needs a password"):
        made.to_keystore("", work=2)
