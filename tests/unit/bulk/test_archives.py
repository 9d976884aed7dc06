"""Archives are read as streams, each member has a row, and no archive costs more than its limits."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebl.bulk import archives
from ebl.bulk.inputs import find
from ebl.config import files
from ebl.errors import InvalidInput, Unreadable

CONTENT = {
    "a.json": b"{}",
    "deep/b.json": b'{"b": 1}' * 100,
    "x.pdf": b"%PDF-1.7\n",
    "ü漢.json": b"[1]",
    "l" * 150 + ".json": b"{}",
}


def tar(path: Path, content: dict[str, bytes], *, form: int = tarfile.PAX_FORMAT, mode: str = "w") -> None:
    with tarfile.open(path, mode, format=form) as archive:  # type: ignore[call-overload]
        for name, raw in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))


def zipped(path: Path, content: dict[str, bytes], **how: int) -> None:
    with zipfile.ZipFile(path, "w", **how) as archive:  # type: ignore[arg-type]
        for name, raw in content.items():
            archive.writestr(name, raw)


def read(path: Path, size: int = 2) -> dict[str, object]:
    """The members by name: bytes, or why there are none."""
    out = path.parent / f"run of {path.name}"
    out.mkdir()
    inputs, parts = find(str(path), out, part_size=size)
    found = [item for part in parts for item in inputs.items(part)]
    assert len({name for name, _ in found}) == len(found)
    return {
        name.removeprefix(f"{path}!/"): one
        if isinstance(one, bytes)
        else str(one.code)
        if isinstance(one, Unreadable)
        else one.reason
        for name, one in found
    }


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.tar", lambda path: tar(path, CONTENT)),
        ("gnu.tar", lambda path: tar(path, CONTENT, form=tarfile.GNU_FORMAT)),
        ("a.tar.gz", lambda path: tar(path, CONTENT, mode="w:gz")),
        ("a.tgz", lambda path: tar(path, CONTENT, mode="w:gz")),
        ("a.zip", lambda path: zipped(path, CONTENT, compression=zipfile.ZIP_DEFLATED)),
        ("stored.zip", lambda path: zipped(path, CONTENT)),
    ],
)
def test_each_member_is_read(tmp_path: Path, name: str, make: Callable[[Path], None]) -> None:
    make(tmp_path / name)
    assert read(tmp_path / name) == {**CONTENT, "x.pdf": "pdf"}


@pytest.mark.parametrize("name", ["../a.json", "/etc/a.json", "a/../../b.json", "..\\a.json"])
def test_a_name_that_leads_out_of_the_archive_has_a_row_and_no_content(tmp_path: Path, name: str) -> None:
    tar(tmp_path / "a.tar", {name: b"{}"})
    zipped(tmp_path / "a.zip", {name: b"{}"})
    assert [*read(tmp_path / "a.tar").values()] == ["other"]
    assert [*read(tmp_path / "a.zip").values()] == ["other"]


def test_links_and_devices_in_a_tar_have_a_row(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, kind in (
            ("link", tarfile.SYMTYPE),
            ("hard", tarfile.LNKTYPE),
            ("pipe", tarfile.FIFOTYPE),
            ("dir", tarfile.DIRTYPE),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
    assert read(tmp_path / "a.tar") == {"link": "link", "hard": "link", "pipe": "device"}


def test_encrypted_and_other_members_of_a_zip_have_a_row(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    zipped(path, {"a.json": b"{}", "b.json": b"[]"})
    raw = bytearray(path.read_bytes())
    first = raw.index(b"PK\x01\x02")
    raw[first + 8] |= 1
    second = raw.index(b"PK\x01\x02", first + 1)
    raw[second + 10 : second + 12] = struct.pack("<H", 14)
    path.write_bytes(raw)
    assert read(path) == {"a.json": "encrypted", "b.json": "archive"}


def test_a_member_larger_than_a_document_has_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_DOCUMENT", 100)
    content = {"large.json": b" " * 101, "a.json": b"{}"}
    expected = {"large.json": "document.too_large", "a.json": b"{}"}
    tar(tmp_path / "a.tar", content)
    tar(tmp_path / "a.tgz", content, mode="w:gz")
    zipped(tmp_path / "a.zip", content)
    for name in ("a.tar", "a.tgz", "a.zip"):
        assert read(tmp_path / name) == expected


def test_an_archive_that_grows_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_SMALL", 100_000)
    content = {f"{n}.json": b" " * 1_000_000 for n in range(4)}
    tar(tmp_path / "a.tgz", content, mode="w:gz")
    zipped(tmp_path / "a.zip", content, compression=zipfile.ZIP_DEFLATED)
    for name in ("a.tgz", "a.zip"):
        with pytest.raises(InvalidInput, match="far more than its size"):
            read(tmp_path / name)


def test_a_header_of_many_bytes_is_not_held(tmp_path: Path) -> None:
    member = tarfile.TarInfo("x")
    member.type, member.size = tarfile.XHDTYPE, 50 << 20
    with gzip.open(tmp_path / "a.tgz", "wb") as file:
        file.write(member.tobuf())
        for _ in range(50):
            file.write(bytes(1 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput, match="header of a member is too long"):
            read(tmp_path / "a.tgz")
        assert tracemalloc.get_traced_memory()[1] < 10 << 20
    finally:
        tracemalloc.stop()


def test_a_zip_that_lists_one_content_many_times_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    zipped(path, {"a.json": b"x" * 5000})
    raw = path.read_bytes()
    start = raw.index(b"PK\x01\x02")
    end = raw.index(b"PK\x05\x06")
    entry, tail = raw[start:end], bytearray(raw[end:])
    tail[8:12] = struct.pack("<HH", 50, 50)
    path.write_bytes(raw[:start] + entry * 50 + bytes(tail))
    with pytest.raises(InvalidInput, match="far more than its size"):
        read(path)


@pytest.mark.parametrize("at", [2**63 - 1, 2**64 - 1])
def test_a_zip_that_points_beyond_every_file_is_refused_or_has_a_row(tmp_path: Path, at: int) -> None:
    zipped(tmp_path / "whole.zip", {"a.json": b"{}"})
    raw = (tmp_path / "whole.zip").read_bytes()
    start, end = raw.index(b"PK\x01\x02"), raw.index(b"PK\x05\x06")
    entry = bytearray(raw[start:end])
    entry[30:32], entry[42:46] = struct.pack("<H", 12), b"\xff" * 4
    entry += struct.pack("<HHQ", 1, 8, at)
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(entry), start, 0)
    (tmp_path / "member.zip").write_bytes(raw[:start] + entry + tail)
    assert read(tmp_path / "member.zip") == {"a.json": "document.no_file"}
    wide = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    for directory, record in ((at, start), (start, at)):
        record64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(entry), directory)
        locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, record, 1)
        path = tmp_path / f"{directory}.zip"
        path.write_bytes(raw[:start] + record64 + locator + wide)
        with pytest.raises(InvalidInput, match="directory is damaged"):
            read(path)


@pytest.mark.parametrize(
    "record", [b"5011 size=" + b"1" * 5000 + b"\n", b"9" * 5000 + b" size=1\n", "10 size=²\n".encode()]
)
def test_a_number_of_a_tar_that_is_no_number_of_64_bits_is_refused(tmp_path: Path, record: bytes) -> None:
    header, member = tarfile.TarInfo("header"), tarfile.TarInfo("a.json")
    header.type, header.size, member.size = tarfile.XHDTYPE, len(record), 2
    blocks = [header.tobuf(), record, bytes(-len(record) % 512), member.tobuf(), b"{}".ljust(512, b"\0"), bytes(1024)]
    (tmp_path / "a.tar").write_bytes(b"".join(blocks))
    with pytest.raises(InvalidInput, match="extended header is damaged"):
        read(tmp_path / "a.tar")


def test_a_content_that_differs_from_its_entry_has_a_row(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    zipped(path, {"a.json": b"[1, 2, 3]", "b.json": b"{}"})
    path.write_bytes(path.read_bytes().replace(b"[1, 2, 3]", b"[1, 2, 4]"))
    assert read(path) == {"a.json": "document.no_file", "b.json": b"{}"}


@settings(max_examples=150)
@given(st.sampled_from(["a.tar", "a.tgz", "a.zip"]), st.integers(0, 3000), st.integers(0, 255), st.booleans())
def test_a_damaged_archive_is_refused_or_has_rows(
    tmp_path_factory: pytest.TempPathFactory, name: str, at: int, byte: int, cut: bool
) -> None:
    path = tmp_path_factory.mktemp("damaged") / name
    content = {"a.json": b"{}", "b.json": b"[1]" * 300}
    if name == "a.zip":
        zipped(path, content, compression=zipfile.ZIP_DEFLATED)
    else:
        tar(path, content, mode="w:gz" if name == "a.tgz" else "w")
    raw = bytearray(path.read_bytes())
    at %= len(raw)
    raw[at] = byte
    path.write_bytes(raw[:at] if cut else raw)
    try:
        read(path)
    except InvalidInput:
        pass
    except AssertionError:  # two members may have one name then
        pass
