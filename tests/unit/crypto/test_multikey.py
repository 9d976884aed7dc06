"""Keys and proofs have one text each, and nothing else is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.codec.multibase import decode_base58btc, decode_base64url, encode_base58btc, encode_base64url
from ebl.crypto.multikey import (
    KeyType,
    PublicKey,
    UnknownKind,
    format_secret,
    parse_public,
    parse_secret,
    public_from_multikey,
)

P256 = "zDnaekEQsZdGVCT1YPEGkJCPVJnuW2DmywsXDt4TjU7G9f7ih"


@given(st.binary(max_size=100))
def test_bytes_come_back_from_both_bases(octets: bytes) -> None:
    assert decode_base58btc(encode_base58btc(octets)) == octets
    assert decode_base64url(encode_base64url(octets)) == octets


@pytest.mark.parametrize(
    ("octets", "text"), [(b"", "z"), (b"\0", "z1"), (b"\0\0\1", "z112"), (b"hello world", "zStV1DL6CwTryKyV")]
)
def test_base58_is_as_it_is_known(octets: bytes, text: str) -> None:
    assert encode_base58btc(octets) == text
    assert decode_base58btc(text) == octets


@given(st.text(max_size=20))
def test_a_text_that_is_read_is_the_only_one_for_its_bytes(text: str) -> None:
    for prefix, decode, encode in (
        ("z", decode_base58btc, encode_base58btc),
        ("u", decode_base64url, encode_base64url),
    ):
        try:
            octets = decode(prefix + text)
        except ValueError:
            continue
        assert encode(octets) == prefix + text


@pytest.mark.parametrize("text", ["", "u", "Z1", "z0", "zO", "zI", "zl", "z ", "z1\n", "z" + "2" * 257])
def test_base58_reads_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match="base58btc"):
        decode_base58btc(text)


@pytest.mark.parametrize("text", ["", "z", "uA", "uAA=", "uAA==", "uA+", "uA/", "uAAA\n", "u AAA", "uAB", "uAAB="])
def test_base64url_reads_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        decode_base64url(text)


def test_keys_are_read_and_written_as_multikey() -> None:
    key = parse_public(P256)
    assert (key.kind, len(key.octets), str(key)) == (KeyType.P256, 33, P256)
    assert public_from_multikey(key.multikey) == key
    for kind in KeyType:
        secret = bytes(range(32))
        assert parse_secret(format_secret(kind, secret)) == (kind, secret)
    assert format_secret(KeyType.P256, bytes(32)).startswith("z42t")
    assert str(PublicKey(KeyType.BLS12_381, b"\xa0" + bytes(95))).startswith("zUC7")


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x80",
        b"\x80\x24",
        b"\x80\x24" + bytes(32),
        b"\x80\x24" + bytes(34),
        b"\xeb\x01" + bytes(95),
        b"\xed\x01" + bytes(32),
    ],
)
def test_other_kinds_and_lengths_are_refused(octets: bytes) -> None:
    with pytest.raises(ValueError, match="key"):
        public_from_multikey(octets)
    with pytest.raises(ValueError, match="key"):
        parse_secret(encode_base58btc(octets))


@pytest.mark.parametrize(
    ("code", "name"),
    [(b"\xed\x01", "Ed25519"), (b"\x81\x24", "P-384"), (b"\xe7\x01", "secp256k1"), (b"\xff\x3f", "0x1fff")],
)
def test_a_key_of_another_kind_is_told_from_a_broken_one_and_named(code: bytes, name: str) -> None:
    with pytest.raises(UnknownKind, match=name):
        public_from_multikey(code + bytes(32))
    with pytest.raises(UnknownKind, match="'u'"):
        parse_public("uAAAA")
    for broken in (b"", b"\x80", b"\x80" * 12, b"\x80\x24" + bytes(32)):
        with pytest.raises(ValueError, match="key") as bad:
            public_from_multikey(broken)
        assert not isinstance(bad.value, UnknownKind)


def test_an_error_about_a_secret_does_not_repeat_it() -> None:
    secret = format_secret(KeyType.P256, bytes(range(33)))
    with pytest.raises(ValueError, match="32 bytes") as bad:
        parse_secret(secret)
    assert secret not in str(bad.value)
