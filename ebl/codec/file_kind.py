"""The kind of a file by its first bytes: JSON, a container that may hold a document, or another kind.

File names prove nothing: a bill may be saved as ``.tt``, ``.JSON`` or without a suffix, and an archive with any name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ebl.codec.broken import Reason

HEAD: Final = 4096
"""How many bytes `kind_of` examines; fewer are treated as the whole file."""

_JSON = re.compile(r"[\s\x00-\x1f\x7f-\xa0\xad\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]*+(.?)", re.DOTALL)
_GB18030_MARK = b"\x84\x31\x95\x33"
_MAIL_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*\r?\n")
_LETTERS = re.compile(
    rb"^(?:mime-version|content-type|message-id|received|return-path|delivered-to):", re.IGNORECASE | re.MULTILINE
)
_TOKEN = re.compile(rb"\s*eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]|\Z|[A-Za-z0-9_-]{64})")
_BASE64 = re.compile(rb"\s*(?:eyA|eyJ|ewk|ewo|ew0K|W3s|WwogI)[A-Za-z0-9+/_-]{64}")
"""The first characters of JSON in Base64: a brace and a quotation mark, white space, or a bracket."""
_CMS_OID = bytes.fromhex("06092a864886f70d0107")
_PGP = re.compile(
    rb"(?:\x84[\x5e-\x8c]|\x85..|\xc1(?:[\x5e-\xbf]|[\xc0-\xdf].))\x03"  # encrypted to a key
    rb"|[\x8c\xc3][\x04-\x2e][\x04-\x06][\x01-\x0d]"  # under a password
    rb"|\xa3[\x01-\x03]|[\x90\xc4]\x0d\x03",  # compressed, and signed
    re.DOTALL,
)
"""The first packet of a message in OpenPGP's binary form, in both packet formats of RFC 9580."""


class Holds(StrEnum):
    """What a file that is not JSON may contain. Such a file is not read."""

    ARCHIVE = "archive"
    PDF = "pdf"
    ENCRYPTED = "encrypted"
    MAIL = "mail"
    TOKEN = "token"  # noqa: S105
    NOTHING = "other"


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file, and whether it may contain a document."""

    name: str
    holds: Holds = Holds.NOTHING

    @property
    def what(self) -> Reason:
        """The kind in a few words, as `ebl.messages` has them: "a ZIP file"."""
        return Reason.of("file", self.name)


_ARCHIVES = (
    (b"PK\x03\x04", "zip_file"),
    (b"PK\x05\x06", "zip_file"),
    (b"PK\x07\x08", "part_of_a_zip_file"),
    (b"7z\xbc\xaf\x27\x1c", "7z_archive"),
    (b"Rar!\x1a\x07", "rar_archive"),
    (b"\x1f\x8b", "gzip_file"),
    (b"\x1f\x9d", "compressed_file"),
    (b"\x1f\xa0", "compressed_file"),
    (b"BZh", "bzip2_file"),
    (b"\xfd7zXZ\0", "xz_file"),
    (b"\x5d\0\0", "lzma_file"),
    (b"LZIP", "lzip_file"),
    (b"\x28\xb5\x2f\xfd", "zstandard_file"),
    (b"\x04\x22\x4d\x18", "lz4_file"),
    (b"MSCF", "cabinet_archive"),
    (b"xar!", "xar_archive"),
    (b"!<arch>\n", "ar_archive"),
    (b"\x60\xea", "arj_archive"),
    (b"070701", "cpio_archive"),
    (b"070707", "cpio_archive"),
)
_ENCRYPTED = (
    (b"-----BEGIN PGP MESSAGE-----", "pgp_message"),
    (b"-----BEGIN PGP SIGNED MESSAGE-----", "pgp_message"),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", "file_encrypted_by_age"),
    (b"age-encryption.org/", "file_encrypted_by_age"),
    (b"-----BEGIN PKCS7-----", "s_mime_message"),
    (b"-----BEGIN CMS-----", "s_mime_message"),
    (b"Salted__", "file_encrypted_by_openssl"),
)
_MAIL = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"From ", "mailbox"),
)
_OTHER = (
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF87a", "image"),
    (b"GIF89a", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"RIFF", "media"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"SQLite format 3\0", "database"),
)
APPLE_DOUBLE: Final = FileKind("apple_double")
_STARTS: Final = (
    (b"\0\x05\x16\x07", APPLE_DOUBLE),
    *(
        (start, FileKind(name, holds))
        for table, holds in (
            (_ARCHIVES, Holds.ARCHIVE),
            (_ENCRYPTED, Holds.ENCRYPTED),
            (_MAIL, Holds.MAIL),
            (_OTHER, Holds.NOTHING),
        )
        for start, name in table
    ),
)
_PDF = FileKind("pdf_file", Holds.PDF)
_TAR = FileKind("tar_archive", Holds.ARCHIVE)
_LHA = FileKind("lha_archive", Holds.ARCHIVE)
_LETTER = FileKind("e_mail", Holds.MAIL)
_JWT = FileKind("token", Holds.TOKEN)
_IN_BASE64 = FileKind("text_in_base64", Holds.TOKEN)
_CMS = FileKind("s_mime_message", Holds.ENCRYPTED)
_PGP_MESSAGE = FileKind("pgp_message", Holds.ENCRYPTED)


def may_be_json(head: bytes) -> bool | None:
    """Returns whether a file begins as a JSON object or array, after a byte order mark, white space and invisible characters.

    None means that ``head`` has only white space, so more of the file is needed. UTF-16 and UTF-32 count as JSON: such a
    file needs to be converted.
    """
    for first in _JSON.findall(_text(head))[:1]:
        return first in ("{", "[") if first else None
    return None


def kind_of(head: bytes) -> FileKind | None:
    """Returns the kind of a file that is not JSON, by its first `HEAD` bytes; None for text and for an unknown kind."""
    if b"%PDF-" in head[:1024]:  # readers of PDF accept other bytes before it
        return _PDF
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[2:5] in (b"-lh", b"-lz") and head[6:7] == b"-":
        return _LHA
    if _is_tar(head):
        return _TAR
    if head[:1] == b"\x30" and head.find(_CMS_OID, 2, 6 + len(_CMS_OID)) >= 0:
        return _CMS
    if _PGP.match(head):
        return _PGP_MESSAGE
    if _TOKEN.match(head):
        return _JWT
    if _BASE64.match(head):
        return _IN_BASE64
    if _MAIL_HEADER.match(head) and _LETTERS.search(head):
        return _LETTER
    return None


def wide_encoding(raw: bytes) -> str | None:
    """Returns the encoding of a text in UTF-16 or UTF-32, by its mark or the form of its first character; None for any other.

    ``UTF-16`` and ``UTF-32`` have a mark. Without one the result is ``UTF-16LE`` and so on.
    """
    head = raw[:4]
    if head in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return "UTF-32"
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    return _WIDE.get(tuple(map(bool, head)))


_WIDE: Final[Mapping[tuple[bool, ...], str]] = {
    (True, False, False, False): "UTF-32LE",
    (False, False, False, True): "UTF-32BE",
    (True, False, True, False): "UTF-16LE",
    (False, True, False, True): "UTF-16BE",
}


def _text(head: bytes) -> str:
    return head.removeprefix(_GB18030_MARK).decode(wide_encoding(head) or "utf-8", "replace")


def _is_tar(head: bytes) -> bool:
    """Recognises a tar file by the checksum of its first header: the oldest form has no magic number."""
    header = head[:512]
    if len(header) < 512:
        return False
    if header[257:262] == b"ustar":
        return True
    try:
        stated = int(header[148:156].strip(b" \0"), 8)
    except ValueError:
        return False
    return stated == sum(header[:148]) + 8 * 32 + sum(header[156:]) and header[0] != 0
