"""Encrypted documents open with their key, and with nothing else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.codes import Failure
from ebl.errors import InvalidInput, Unreadable
from ebl.sharing.encryption import TYPE, Encrypted, decrypt, encrypt, key_from_hex, new_key

KEY = bytes(range(32))
texts = st.text(st.characters(exclude_categories=["Cs"]))


def members(**changed: object) -> bytes:
    whole = {**json.loads(encrypt("bill", KEY).to_json()), **changed}
    return json.dumps({name: value for name, value in whole.items() if value is not None}).encode()


@given(texts, st.binary(min_size=32, max_size=32))
def test_what_was_encrypted_comes_back_through_the_file(text: str, key: bytes) -> None:
    assert decrypt(Encrypted.read(encrypt(text, key).to_json()), key) == text


@given(st.data())
def test_any_changed_bit_keeps_the_file_shut(data: st.DataObject) -> None:
    sealed = encrypt("bill of lading", KEY)
    whole = bytearray(sealed.cipher_text + sealed.iv + sealed.tag)
    at = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[at // 8] ^= 1 << at % 8
    size = len(sealed.cipher_text)
    changed = Encrypted(bytes(whole[:size]), bytes(whole[size : size + 12]), bytes(whole[size + 12 :]))
    with pytest.raises(Unreadable) as refused:
        decrypt(changed, KEY)
    assert refused.value.code is Failure.ENCRYPTION_NOT_OPENED


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(Unreadable) as refused:
        decrypt(encrypt("bill", KEY), bytes(32))
    assert refused.value.code is Failure.ENCRYPTION_NOT_OPENED


def test_no_iv_is_used_twice() -> None:
    assert len({encrypt("bill", KEY).iv for _ in range(50)}) == 50
    assert len({new_key() for _ in range(50)}) == 50


def test_the_key_is_not_in_the_file() -> None:
    assert KEY.hex().encode() not in encrypt("bill", KEY).to_json()
    assert set(json.loads(encrypt("bill", KEY).to_json())) == {"cipherText", "iv", "tag", "type"}


def test_the_answer_of_a_storage_is_read_too() -> None:
    stored = b'{"document":' + encrypt("bill", KEY).to_json() + b"}"
    assert decrypt(Encrypted.read(stored), KEY) == "bill"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", Failure.ENCRYPTION_MALFORMED),
        (b"[]", Failure.ENCRYPTION_MALFORMED),
        (b"[" * 100_000, Failure.ENCRYPTION_MALFORMED),
        (b'{"type":"a","type":"b"}', Failure.ENCRYPTION_MALFORMED),
        (b"{}", Failure.ENCRYPTION_TYPE),
        (members(type="OPEN-ATTESTATION-TYPE-2"), Failure.ENCRYPTION_TYPE),
        (members(type=5), Failure.ENCRYPTION_TYPE),
        (members(cipherText=None), Failure.ENCRYPTION_MALFORMED),
        (members(cipherText=5), Failure.ENCRYPTION_MALFORMED),
        (members(cipherText="%%%%"), Failure.ENCRYPTION_MALFORMED),
        (members(cipherText="é"), Failure.ENCRYPTION_MALFORMED),
        (members(iv="AAAA"), Failure.ENCRYPTION_MALFORMED),
        (members(tag="AAAA"), Failure.ENCRYPTION_MALFORMED),
    ],
)
def test_what_is_no_encrypted_document_is_refused_by_code(raw: bytes, code: Failure) -> None:
    with pytest.raises(Unreadable) as refused:
        Encrypted.read(raw)
    assert refused.value.code is code


def test_an_encrypted_thing_that_is_no_text_is_refused() -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    for plain in (b"no base64!", b"/w=="):
        sealed = AESGCM(KEY).encrypt(bytes(12), plain, None)
        with pytest.raises(Unreadable) as refused:
            decrypt(Encrypted(sealed[:-16], bytes(12), sealed[-16:]), KEY)
        assert refused.value.code is Failure.ENCRYPTION_MALFORMED


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "00" * 33, "0x" + "00" * 31])
def test_a_key_is_64_hex_digits(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        key_from_hex(text)
    assert not text or text not in str(refused.value)
    assert key_from_hex(f"{KEY.hex()}\n") == KEY


def test_a_lone_surrogate_is_refused_at_its_place() -> None:
    with pytest.raises(InvalidInput, match="character 3"):
        encrypt("abc\ud800", KEY)


def test_the_limits_hold_on_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ebl.sharing.encryption.MAX_BYTES", 2000)
    with pytest.raises(InvalidInput, match="larger"):
        encrypt("a" * 2000, KEY)
    with pytest.raises(Unreadable) as refused:
        Encrypted.read(b" " * 2001)
    assert refused.value.code is Failure.TOO_LARGE
    assert TYPE.encode() in encrypt("a" * 200, KEY).to_json()
