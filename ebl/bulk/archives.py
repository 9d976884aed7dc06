"""Members of archives: tar, tar with gzip, and zip. Read as streams, so that no archive is larger than what its reader holds.

An archive comes from a third party. Refused, each with a row of its own: members that are larger than a document may be, links,
devices, names that lead out of the archive, encryption, and methods other than deflate. Refused as a whole: an archive that
grows by more than `MAX_RATIO` when it is unpacked, or has more members than `MAX_MEMBERS`.
"""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from ebl.bulk.input_part import Item, too_large
from ebl.codes import Failure
from ebl.config import durable_files, files
from ebl.config.folder_files import PassedOver, judged
from ebl.errors import InvalidInput, Unreadable

MAX_RATIO: Final = 200
"""How many times larger than its file an archive may be once it is unpacked. JSON shrinks to a fifth or a twentieth."""
MAX_SMALL: Final = 64 << 20
"""Bytes that any archive may unpack to, however small it is."""
MAX_MEMBERS: Final = 50_000_000

_BLOCK: Final = 512
_CHUNK: Final = 1 << 20
_MAX_HEADER: Final = 64 * 1024
_MAX_NAME: Final = 4096
_MAX_DIGITS: Final = 20
_KINDS: Final = {".tar": "tar", ".tar.gz": "tar.gz", ".tgz": "tar.gz", ".zip": "zip"}
_LOOK: Final = "Look into it, and name what is to be read."


def kind_of(path: str) -> str | None:
    """What kind of archive a file is, by its name; None if it is not one."""
    return next((kind for end, kind in _KINDS.items() if path.lower().endswith(end)), None)


def is_compressed(kind: str) -> bool:
    """Whether the members can only be read one after another, so that they are unpacked into a file of the run first."""
    return kind == "tar.gz"


def members(kind: str, file: BinaryIO, path: str, spool: Path | None) -> Iterator[list[Any]]:
    """A row for each member: its name, and where it is in the file (or in ``spool``), or why it is passed over.

    Raises `InvalidInput` if the archive is damaged or unpacks to too much.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    try:
        if kind == "zip":
            rows = _zip_members(file, size)
        elif spool is None:
            rows = _tar_members(_ForwardOnly(file, size + _BLOCK))
        else:
            rows = _spooled(file, max(MAX_SMALL, size * MAX_RATIO), spool)
        for number, row in enumerate(rows):
            if number >= MAX_MEMBERS:
                raise _Broken(f"it has more than {MAX_MEMBERS:,} members")
            yield row
    except (_Broken, EOFError, zlib.error, gzip.BadGzipFile, tarfile.HeaderError, struct.error) as bad:
        raise InvalidInput(
            f"{path} cannot be unpacked: {bad or 'it ends too early'}.", fix="Ask for it again."
        ) from bad


def item(kind: str, file: BinaryIO, path: str, row: Any) -> Item:
    """The name and the bytes of a member that `members` gave, or why there are none."""
    name = f"{path}!/{row[0]}"
    if isinstance(row[1], list):
        reason, what, is_open, fix = row[1]
        if reason == "large":
            return name, too_large()
        return name, PassedOver(name, reason, what, is_open, fix)
    try:
        raw = _unzipped(file, *row[1:]) if kind == "zip" else _at(file, row[1], row[2])
    except (_Broken, zlib.error, struct.error) as bad:
        return name, Unreadable(Failure.NO_FILE, path=name, fault=str(bad))
    return name, judged(name, io.BytesIO(raw)) or raw


class _Broken(Exception):
    """The archive breaks its format, or is too large."""


def _named(raw: str) -> tuple[str, list[Any] | None]:
    """The name of a member, and why it is passed over if no file should have it."""
    name = raw.replace("\\", "/")
    odd = not name or name.startswith("/") or ".." in name.split("/") or "\0" in name or len(name) > _MAX_NAME
    return raw[:_MAX_NAME], ["other", "a name that leads out of the archive", True, _LOOK] if odd else None


# tar ------------------------------------------------------------------------------------------------------------------


class _ForwardOnly:
    """A stream that is read forward only, by so many bytes at most."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file, self._most, self.at = file, most, 0

    def read(self, count: int) -> bytes:
        """So many bytes. Raises `_Broken` if there are fewer, or too many were read."""
        raw = b""
        while len(raw) < count and (more := self._file.read(count - len(raw))):
            raw += more
        self.at += len(raw)
        if self.at > self._most:
            raise _Broken("it unpacks to far more than its size")
        return raw

    def skip(self, count: int) -> None:
        """Pass over so many bytes."""
        while count > 0:
            count -= len(self.read(min(count, _CHUNK))) or count


def _tar_members(stream: _ForwardOnly, out: Any = None) -> Iterator[list[Any]]:
    """Rows ``[name, start, size]``; the content is copied to ``out`` if there is one, and ``start`` is of that file then."""
    following: dict[str, str] = {}
    while True:
        header = stream.read(_BLOCK)
        if len(header) < _BLOCK or not header.strip(b"\0"):
            if header and len(header) < _BLOCK:
                raise _Broken("it ends within a header")
            return
        try:
            member = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
        except ValueError as bad:
            raise _Broken("a header is damaged") from bad
        padding = -member.size % _BLOCK
        if member.size < 0:
            raise _Broken("a member has a size below 0")
        if member.type in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE):
            if member.size > _MAX_HEADER:
                raise _Broken("the header of a member is too long")
            raw = stream.read(member.size)
            stream.skip(padding)
            if member.type == tarfile.GNUTYPE_LONGNAME:
                following["path"] = raw.rstrip(b"\0").decode("utf-8", "surrogateescape")
            elif member.type == tarfile.XHDTYPE:
                following |= _pax(raw)
            continue
        name, odd = _named(following.get("path", member.name))
        size = int(following.get("size", member.size))
        following = {}
        padding = -size % _BLOCK
        if not member.isreg():
            stream.skip(size + padding)
            if not member.isdir():
                is_link = member.issym() or member.islnk()
                what = "a link" if is_link else "not a file (a pipe or a device)"
                yield [name, ["link" if is_link else "device", what, is_link, _LOOK if is_link else ""]]
            continue
        if odd is not None or size > files.MAX_DOCUMENT:
            stream.skip(size + padding)
            yield [name, odd or ["large", "", True, ""]]
            continue
        start = stream.at
        if out is None:
            stream.skip(size)
        else:
            start = out.tell()
            raw = stream.read(size)
            if len(raw) < size:
                raise _Broken("it ends within a member")
            out.write(raw)
        stream.skip(padding)
        yield [name, start, size]


def _pax(raw: bytes) -> dict[str, str]:
    """The path and the size of an extended header (POSIX 1003.1-2001, pax): lines of ``LENGTH KEY=VALUE``."""
    found: dict[str, str] = {}
    while raw:
        length, _, _ = raw.partition(b" ")
        if not _is_number(length) or not len(length) < int(length) <= len(raw):
            raise _Broken("an extended header is damaged")
        key, _, value = raw[len(length) + 1 : int(length)].rstrip(b"\n").partition(b"=")
        if key in (b"path", b"size"):
            found[key.decode()] = value.decode("utf-8", "surrogateescape")
        raw = raw[int(length) :]
    if not _is_number(found.get("size", "0").encode("utf-8", "surrogateescape")):
        raise _Broken("an extended header is damaged")
    return found


def _is_number(digits: bytes) -> bool:
    """Whether these are digits in ASCII, and no more of them than a number of 64 bits has."""
    return digits.isdigit() and len(digits) <= _MAX_DIGITS


def _spooled(file: BinaryIO, most: int, spool: Path) -> Iterator[list[Any]]:
    with gzip.GzipFile(fileobj=file) as unpacked, durable_files.replacing(spool) as out:
        yield from _tar_members(_ForwardOnly(unpacked, most), out)  # type: ignore[arg-type]


def _at(file: BinaryIO, start: int, size: int) -> bytes:
    file.seek(start)
    raw = file.read(size)
    if len(raw) < size:
        raise _Broken("the archive ends within this member")
    return raw


# zip (PKWARE APPNOTE 6.3) ---------------------------------------------------------------------------------------------

_END: Final = struct.Struct("<4s4H2LH")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR: Final = struct.Struct("<4sLQL")
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_FULL: Final = 0xFFFFFFFF
_LINK: Final = 0o120000


def _zip_members(file: BinaryIO, size: int) -> Iterator[list[Any]]:
    """Rows ``[name, offset, packed, size, method, crc]``, read one by one from the directory at the end."""
    at, count = _directory(file, size)
    unpacked, overlapping = 0, 0
    for _ in range(count):
        file.seek(at)
        head = file.read(_ENTRY.size)
        sign, _, _, flags, method, _, _, crc, packed, full, *lengths, _, _, attributes, offset = _ENTRY.unpack(head)
        if sign != b"PK\x01\x02":
            raise _Broken("its directory is damaged")
        rest = file.read(sum(lengths))
        at += _ENTRY.size + len(rest)
        raw, extra = rest[: lengths[0]], rest[lengths[0] : lengths[0] + lengths[1]]
        text = raw.decode("utf-8" if flags & 0x800 else "cp437", "replace")
        full, packed, offset = _wide(extra, full, packed, offset)
        offset = min(offset, size)  # no file can be read at every number of 64 bits
        if text.endswith("/") and not full:
            continue
        name, odd = _named(text)
        unpacked, overlapping = unpacked + full, overlapping + packed
        if unpacked > max(MAX_SMALL, size * MAX_RATIO) or overlapping > size:
            raise _Broken("it unpacks to far more than its size")
        if (attributes >> 16) & 0o170000 == _LINK:
            odd = ["link", "a link", True, _LOOK]
        elif flags & 1:
            odd = ["encrypted", "an encrypted member", True, "Decrypt it, and name what was in it."]
        elif method not in (_STORED, _DEFLATED):
            odd = [
                "archive",
                f"packed with method {method}, which is not read",
                True,
                "Unpack it, and name what was in it.",
            ]
        elif full > files.MAX_DOCUMENT:
            odd = ["large", "", True, ""]
        yield [name, odd] if odd is not None else [name, offset, packed, full, method, crc]


def _directory(file: BinaryIO, size: int) -> tuple[int, int]:
    """Where the directory is, and how many members it lists."""

    def inside(at: int) -> int:
        if at > size:
            raise _Broken("its directory is damaged")
        return at

    tail_at = max(0, size - _END.size - 0xFFFF)
    file.seek(tail_at)
    tail = file.read(size - tail_at)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < _END.size:
        raise _Broken("it has no directory")
    *_, count, _, start, _ = _END.unpack_from(tail, end)
    if (count == 0xFFFF or start == _FULL) and tail_at + end >= _LOCATOR.size:
        file.seek(tail_at + end - _LOCATOR.size)
        sign, _, at, _ = _LOCATOR.unpack(file.read(_LOCATOR.size))
        if sign == b"PK\x06\x07":
            file.seek(inside(at))
            sign, *_, count, _, start = _END64.unpack(file.read(_END64.size))
            if sign != b"PK\x06\x06":
                raise _Broken("its directory is damaged")
    return inside(start), count


def _wide(extra: bytes, full: int, packed: int, offset: int) -> tuple[int, int, int]:
    """The three numbers, from the field of zip64 if they do not fit into 32 bits."""
    values = [full, packed, offset]
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == 1:
            for at, value in enumerate(values):
                if value == _FULL:
                    (values[at],), field = struct.unpack_from("<Q", field), field[8:]
    return values[0], values[1], values[2]


def _unzipped(file: BinaryIO, offset: int, packed: int, full: int, method: int, crc: int) -> bytes:
    sign, *_, name, extra = _LOCAL.unpack(_at(file, offset, _LOCAL.size))
    if sign != b"PK\x03\x04":
        raise _Broken("its header is damaged")
    raw = _at(file, offset + _LOCAL.size + name + extra, packed)
    if method == _DEFLATED:
        unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
        raw = unpacking.decompress(raw, full + 1)
    if len(raw) != full or zlib.crc32(raw) != crc:
        raise _Broken("its content differs from its entry in the directory")
    return raw
