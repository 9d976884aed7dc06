"""Files inside a document: what they are called there, and their bytes.

They are the document's own words: whether it is unaltered is for `ebl.verify`. No attachment is opened or run.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from ebl.bill.mapping import scopes
from ebl.codes import Failure
from ebl.errors import Malformed
from ebl.model import paths
from ebl.model.document import Document

MAX_ATTACHMENTS: Final = 500
"""The most attachments that a document may have."""

_MEMBER: Final = "attachments"
_NAMES: Final = ("filename", "fileName", "name")
_TYPES: Final = ("mimeType", "type", "mediaType", "encodingFormat")
_WHITE: Final = re.compile(r"[\t\n\r ]+")
_DATA_URL: Final = re.compile(r"data:[\w.+-]*/?[\w.+-]*(?:;[\w=.+-]+)*;base64,", re.ASCII)

_LONGEST_NAME: Final = 120
"""In bytes of UTF-8, for every file system."""
_LONGEST_SUFFIX: Final = 12
_NOT_IN_NAMES: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)", re.IGNORECASE)
_UNNAMED: Final = "attachment"

_SIGNATURES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment. ``path`` is its place in the document; ``claimed_name`` and ``claimed_type`` are as written there.

    ``content`` is None if it has no Base64 data, or is not an object at all.
    """

    path: str
    claimed_name: str | None
    claimed_type: str | None
    content: bytes | None

    @property
    def size(self) -> int | None:
        """The number of bytes; None without content."""
        return None if self.content is None else len(self.content)

    @property
    def sha256(self) -> bytes | None:
        """The SHA-256 of the content; None without content."""
        return None if self.content is None else sha256(self.content).digest()

    @property
    def found_type(self) -> str | None:
        """The media type by the first bytes; ``text/plain`` if it is UTF-8 text, and None if it is not recognised."""
        return None if self.content is None else _type_of(self.content)

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data, without the content."""
        digest = self.sha256
        return {
            "path": self.path,
            "claimed_name": self.claimed_name,
            "claimed_type": self.claimed_type,
            "size": self.size,
            "sha256": None if digest is None else digest.hex(),
            "found_type": self.found_type,
        }


def attachments(document: Document) -> tuple[Attachment, ...]:
    """Returns the attachments of a document, of a presentation those of every credential in it, in their order.

    The forms of OpenAttestation v2 and v3 and of the TrustVC context are read. Raises `ebl.errors.Malformed` if there are more
    than 500. Not checked: that a document is unaltered, or that an attachment is what its name or type claims.
    """
    subjects, roots = scopes(document.data, document.format)
    found: dict[str, Attachment] = {}
    for path, node in (*roots, *subjects):
        if not isinstance(node, Mapping) or (value := node.get(_MEMBER)) is None:
            continue
        for at, one in enumerate(value if isinstance(value, list) else [value]):
            place = paths.text((*path, _MEMBER, at))
            found[place] = _attachment(place, one if isinstance(one, Mapping) else {})
            if len(found) > MAX_ATTACHMENTS:
                raise Malformed(Failure.TOO_LARGE, "attachments", limit=MAX_ATTACHMENTS)
    return tuple(found.values())


def _attachment(path: str, node: Mapping[str, Any]) -> Attachment:
    name, kind = _text(node, _NAMES), _text(node, _TYPES)
    data = node.get("data")
    return Attachment(path, name, kind, _decoded(data) if isinstance(data, str) else None)


def _text(node: Mapping[str, Any], names: Iterable[str]) -> str | None:
    return next((value for name in names if isinstance(value := node.get(name), str) and value), None)


def _decoded(text: str) -> bytes | None:
    """The bytes of Base64, which may be in lines, without padding, or in a ``data:`` URL. None if it is not that."""
    if (url := _DATA_URL.match(text)) is not None:
        text = text[url.end() :]
    plain = _WHITE.sub("", text).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _type_of(content: bytes) -> str | None:
    for start, kind in _SIGNATURES:
        if content.startswith(start):
            return kind
    try:
        content.decode()
    except UnicodeDecodeError:
        return None
    return "text/plain" if content and b"\x00" not in content else None


def file_names(several: Iterable[Attachment]) -> Iterator[str]:
    """Yields a name for the file of each attachment, that is safe on Linux, macOS and Windows and different from the others.

    Nothing of a path is left, no control character and none that reorders text, no name of a device; a name that occurs
    again gets a number.
    """
    taken: set[str] = set()
    for one in several:
        stem, suffix = _safe(one.claimed_name or "")
        name, number = f"{stem}{suffix}", 1
        while _folded(name) in taken:
            number += 1
            name = f"{stem} ({number}){suffix}"
        taken.add(_folded(name))
        yield name


def _folded(name: str) -> str:
    """A name as file systems compare it that ignore case or normalise."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _safe(claimed: str) -> tuple[str, str]:
    """The stem and the suffix of a safe name."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", claimed[-4 * _LONGEST_NAME :]))[-1]
    spaced = "".join(" " if letter.isspace() and letter not in "\t\n\v\f\r" else letter for letter in last)
    kept = "".join(letter for letter in spaced if letter.isprintable())
    name = _NOT_IN_NAMES.sub("_", kept).strip(". ")
    stem, dot, suffix = name.rpartition(".")
    suffix = _trimmed(suffix.strip(), _LONGEST_SUFFIX) if dot and stem else ""
    stem = _trimmed((stem if dot and stem else name).strip(". "), _LONGEST_NAME) or _UNNAMED
    if _DEVICES.match(f"{stem}."):
        stem = f"_{stem}"
    return stem, f".{suffix}" if suffix else ""


def _trimmed(text: str, most: int) -> str:
    return text.encode()[:most].decode("utf-8", "ignore").rstrip(". ")
