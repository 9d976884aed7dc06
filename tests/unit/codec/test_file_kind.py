"""What a file is, is told by its first bytes: JSON in any encoding, something that may hold a document, or something else."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.codec.file_kind import HEAD, Holds, kind_of, may_be_json, wide_encoding

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")


def tar(*, format_: int) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=format_) as archive:
        archive.addfile(tarfile.TarInfo("bill.json"), io.BytesIO())
    return made.getvalue()


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("bill.json", "{}")
    return made.getvalue()


def old_tar() -> bytes:
    """The form of before POSIX, which has no magic number."""
    header = bytearray(tar(format_=tarfile.USTAR_FORMAT)[:512])
    header[257:265] = bytes(8)
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    return bytes(header)


HOLDING = {
    "zip": (zipped(), Holds.ARCHIVE),
    "empty zip": (b"PK\x05\x06" + bytes(18), Holds.ARCHIVE),
    "gzip": (gzip.compress(b"{}"), Holds.ARCHIVE),
    "bzip2": (bz2.compress(b"{}"), Holds.ARCHIVE),
    "xz": (lzma.compress(b"{}"), Holds.ARCHIVE),
    "lzma": (lzma.compress(b"{}", format=lzma.FORMAT_ALONE), Holds.ARCHIVE),
    "ustar": (tar(format_=tarfile.USTAR_FORMAT), Holds.ARCHIVE),
    "gnu tar": (tar(format_=tarfile.GNU_FORMAT), Holds.ARCHIVE),
    "old tar": (old_tar(), Holds.ARCHIVE),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", Holds.ARCHIVE),
    "rar": (b"Rar!\x1a\x07\x01\0", Holds.ARCHIVE),
    "lha": (b"\x1f\x2c-lh5-\0", Holds.ARCHIVE),
    "zstd": (b"\x28\xb5\x2f\xfd\x04\0", Holds.ARCHIVE),
    "pdf": (b"%PDF-1.7\n", Holds.PDF),
    "pdf behind other bytes": (b"\r\n\r\nstream of a printer\n%PDF-1.4\n", Holds.PDF),
    "pgp": (b"-----BEGIN PGP MESSAGE-----\n\n", Holds.ENCRYPTED),
    "pgp signed": (b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{}\n", Holds.ENCRYPTED),
    "pgp to a key of 2048 bits": (bytes.fromhex("85010c03565d1682"), Holds.ENCRYPTED),
    "pgp to a key of 3072 bits": (bytes.fromhex("85018c036131faac"), Holds.ENCRYPTED),
    "pgp to a key of 4096 bits": (bytes.fromhex("85020c03d2b80063"), Holds.ENCRYPTED),
    "pgp to a key of cv25519": (bytes.fromhex("845e03f5b120c78a"), Holds.ENCRYPTED),
    "pgp to a key, spelt anew": (bytes.fromhex("c1c04c03565d1682"), Holds.ENCRYPTED),
    "pgp under a password": (bytes.fromhex("8c0d040903027bbc"), Holds.ENCRYPTED),
    "pgp signed and compressed": (bytes.fromhex("a3019bc0cbccc021"), Holds.ENCRYPTED),
    "cms encrypted": (bytes.fromhex("3082018f06092a864886f70d010703a0820180"), Holds.ENCRYPTED),
    "cms signed": (bytes.fromhex("3082057706092a864886f70d010702a0820568"), Holds.ENCRYPTED),
    "cms of unknown length": (bytes.fromhex("308006092a864886f70d010703a080"), Holds.ENCRYPTED),
    "json in base64": (base64.encodebytes(json.dumps({"version": "x" * 99}).encode()), Holds.TOKEN),
    "json in base64, indented": (base64.b64encode(json.dumps([{"version": "x" * 99}], indent=2).encode()), Holds.TOKEN),
    "e-mail of text alone": (b"Received: from x\r\nFrom: a@b.example\r\nSubject: bill\r\n\r\nhi", Holds.MAIL),
    "age": (b"age-encryption.org/v1\n", Holds.ENCRYPTED),
    "e-mail": (b"Received: by mx.example\r\n for x\r\nFrom: a@b.example\r\nMIME-Version: 1.0\r\n\r\nhi", Holds.MAIL),
    "outlook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", Holds.MAIL),
    "jwt": (b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln", Holds.TOKEN),
}


@pytest.mark.parametrize("name", HOLDING)
def test_what_may_hold_a_document_is_told_by_its_content(name: str) -> None:
    raw, holds = HOLDING[name]
    kind = kind_of(raw[:HEAD])
    assert kind is not None and kind.holds is holds
    assert may_be_json(raw[:HEAD]) is False


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Dear Sirs,\n",
        b"a,b,c\n1,2,3\n",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"BL: BHLU0001\nDate: today\n",
        b"From: the carrier\nTo: the bank\nSubject: the bill\n",
        bytes.fromhex("308209cf020103308209"),  # a key store
        bytes.fromhex("308202f9308201e1a003"),  # a certificate
        b"eyewash " * 20,
        bytes(600),
    ],
)
def test_text_images_and_nothing_hold_no_document(raw: bytes) -> None:
    kind = kind_of(raw)
    assert kind is None or kind.holds is Holds.NOTHING


@given(
    st.sampled_from(ENCODINGS),
    st.text(" \t\r\n", max_size=50),
    st.sampled_from(['{"', '["', "{}", "[1", "{\n"]),
    st.text(max_size=20),
)
def test_json_is_told_in_every_encoding_and_behind_any_white_space(
    encoding: str, space: str, first: str, rest: str
) -> None:
    raw = (space + first + rest).encode(encoding, "replace")
    assert may_be_json(raw[:HEAD]) is True
    if not encoding.startswith("utf-8"):
        assert str(wide_encoding(raw)).lower().replace("-", "") in encoding.replace("-", "")


@given(st.text(" \t\r\n", max_size=50), st.text(min_size=1, max_size=20))
def test_what_begins_otherwise_is_not_taken_for_json(space: str, rest: str) -> None:
    first = rest.lstrip("\ufeff\u200b\0").lstrip()
    if first and first[0] not in "{[" and not wide_encoding((space + rest).encode("utf-8", "replace")):
        assert may_be_json((space + rest).encode("utf-8", "replace")) is not True


@given(st.binary(max_size=HEAD))
def test_any_bytes_are_of_some_kind(raw: bytes) -> None:
    assert may_be_json(raw) in (True, False, None)
    kind_of(raw)
