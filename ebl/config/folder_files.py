"""Entries of a folder: which may be a document, and why each of the others is passed over.

No file is passed over because of its name. A file is read if its content begins like JSON, or if it is named like a document,
whatever it contains. An archive, a PDF, an encrypted file or an e-mail may contain a document and is not read: it counts as open.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from ebl.config.files import MAX_DOCUMENT
from ebl.errors import Unreadable
from ebl.messages import explained
from ebl.model.broken_input import read_json

_NAMED_AS_ONE: Final = (".json", ".jsonld", ".tt", ".oa", ".opencert")
_CHUNK: Final = 2**20
_MANIFEST: Final = {"file", "wrapped", "hash", "root", "proof_length"}
_OUR_LINES: Final = (b'{"file":', b'{"wrapping":')
_RESTORE: Final = "Restore what it leads to, or remove the link."
_LOOK: Final = "Look into it, and name what is to be read."
_FIX: Final[Mapping[str, str]] = {
    "archive": "Unpack it, and verify the files that were in it.",
    "pdf": "Save its attachments, if any, and verify those files.",
    "encrypted": "Decrypt it, and verify what was in it.",
    "mail": "Save its attachments, and verify those files.",
    "token": "Ask the sender for the document as JSON.",
}


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file that was not read. ``reason`` is a word for programs, ``what`` the kind of file, and ``fix`` what to do.

    ``is_open``: it may be, or contain, a document.
    """

    name: str
    reason: str
    what: str
    is_open: bool = False
    fix: str = ""

    def is_left(self, *, only_documents: bool) -> bool:
        """Whether it leaves the whole undetermined. ``only_documents``: the caller ignores archives and the like."""
        return self.is_open and not (only_documents and self.reason in _FIX)

    def to_dict(self) -> dict[str, Any]:
        """The file and its reason as JSON data."""
        return {"file": self.name, "passed_over": self.about()}

    def about(self) -> dict[str, Any]:
        """Why it was passed over, as JSON data."""
        return {"reason": self.reason, "message": self.what, "may_hold_document": self.is_open}


def entries(folder: str) -> Iterator[tuple[str, PassedOver | None]]:
    """The path of everything below a folder, hidden files and folders included, and why it is passed over if it is not a file.

    Nothing is opened. A link to a file is a file. A link to a folder is not followed.
    """
    inside = os.path.realpath(folder)
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as listed:
                for entry in listed:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        yield entry.path, _not_a_file(entry, inside)
        except OSError as trouble:
            what = f"a folder that cannot be read ({trouble.strerror})"
            yield here, PassedOver(here, "folder", what, True, _LOOK)


def _not_a_file(entry: os.DirEntry[str], inside: str) -> PassedOver | None:
    if entry.is_file(follow_symlinks=False):
        return None
    if not entry.is_symlink():
        return PassedOver(entry.path, "device", "not a file (a pipe, a socket or a device)")
    try:
        mode = entry.stat().st_mode
    except OSError as trouble:
        return PassedOver(entry.path, "link", f"a link that leads to no file ({trouble.strerror})", True, _RESTORE)
    if stat.S_ISREG(mode):
        return None
    if not stat.S_ISDIR(mode):
        return PassedOver(entry.path, "device", "a link to a pipe, a socket or a device")
    if Path(os.path.realpath(entry.path)).is_relative_to(inside):
        return PassedOver(entry.path, "link", "a link to a folder whose files are read where they are")
    return PassedOver(entry.path, "link", "a link to a folder elsewhere", True, "Name that folder, if it is meant.")


def judged(name: str, file: BinaryIO) -> PassedOver | None:
    """Why an open file of a folder is passed over; None if it is to be read. This changes its position."""
    from ebl.codec.file_kind import (
        APPLE_DOUBLE,
        HEAD,
        Holds,
        kind_of,
        may_be_json,
    )  # not needed for a named file

    head = file.read(HEAD)
    is_json = may_be_json(head)
    while is_json is None and file.tell() <= MAX_DOCUMENT and (more := file.read(_CHUNK)):
        is_json = may_be_json(more)
    kind = None if is_json else kind_of(head)
    if is_json:
        return _ours(name, head)
    if Path(name).suffix.lower() in _NAMED_AS_ONE and kind is not APPLE_DOUBLE:
        return None
    if is_json is None:
        return PassedOver(name, "empty", "only white space" if head else "empty")
    if kind is None or kind.holds is Holds.NOTHING:
        return PassedOver(name, "other", str(explained(kind.what)) if kind else "text or data that is not JSON")
    return PassedOver(
        name, str(kind.holds), f"{explained(kind.what)}, which may contain a document", True, _FIX[kind.holds]
    )


def _ours(name: str, head: bytes) -> PassedOver | None:
    """JSON lines that `ebl wrap` writes next to its documents: a file that begins with one is not a document."""
    line, end, _ = head.partition(b"\n")
    if not end or not line.startswith(_OUR_LINES):
        return None
    try:
        row = read_json(line, any_number=True)
    except Unreadable:
        return None
    if row.keys() == _MANIFEST:
        return PassedOver(name, "manifest", "the list of documents that `ebl wrap` wrote")
    if row.keys() == {"wrapping"}:
        fix = "Run the same `ebl wrap` again, which finishes it."
        return PassedOver(name, "journal", "the journal of an `ebl wrap` that was interrupted", True, fix)
    return None
