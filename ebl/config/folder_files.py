"""Entries of a folder: which may be a document, and why each of the others is passed over.

No file is passed over because of its name. A file is read if its content begins like JSON, or if it is named like a document,
whatever it contains. An archive, a PDF, an encrypted file or an e-mail may contain a document and is not read: it counts as open.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from ebl.config.files import MAX_DOCUMENT
from ebl.errors import Unreadable
from ebl.messages import Message, say
from ebl.model.broken_input import read_json

_NAMED_AS_ONE: Final = (".json", ".jsonld", ".tt", ".oa", ".opencert")
_CHUNK: Final = 2**20
_MANIFEST: Final = {"file", "wrapped", "hash", "root", "proof_length"}
_OUR_LINES: Final = (b'{"file":', b'{"wrapping":')
_SECTION: Final = "passed_over"
"""The section of the catalogue that has the reasons, and what to do."""
_FIX: Final = frozenset(("archive", "pdf", "encrypted", "mail", "token"))
"""The reasons for which a file is open that have their own advice."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file that was not read. ``reason`` is a word for programs, ``what`` the kind of file, and ``fix`` what to do.

    ``is_open``: it may be, or contain, a document. Texts of a bulk run are in English only.
    """

    name: str
    reason: str
    what: Message | str
    is_open: bool = False
    fix: Message | str = ""

    def is_left(self, *, only_documents: bool) -> bool:
        """Whether it leaves the whole undetermined. ``only_documents``: the caller ignores archives and the like."""
        return self.is_open and not (only_documents and self.reason in _FIX)

    def to_dict(self) -> dict[str, Any]:
        """The file and its reason as JSON data."""
        return {"file": self.name, "passed_over": self.about()}

    def about(self) -> dict[str, Any]:
        """Why it was passed over, as JSON data."""
        return {"reason": self.reason, "message": str(self.what), "may_hold_document": self.is_open}


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
            what = say(_SECTION, "folder", fault=str(trouble.strerror))
            yield here, PassedOver(here, "folder", what, True, say(_SECTION, "look"))


def _not_a_file(entry: os.DirEntry[str], inside: str) -> PassedOver | None:
    if entry.is_file(follow_symlinks=False):
        return None
    if not entry.is_symlink():
        return PassedOver(entry.path, "device", say(_SECTION, "device"))
    try:
        mode = entry.stat().st_mode
    except OSError as trouble:
        what = say(_SECTION, "link_to_nothing", fault=str(trouble.strerror))
        return PassedOver(entry.path, "link", what, True, say(_SECTION, "restore"))
    if stat.S_ISREG(mode):
        return None
    if not stat.S_ISDIR(mode):
        return PassedOver(entry.path, "device", say(_SECTION, "link_to_device"))
    if Path(os.path.realpath(entry.path)).is_relative_to(inside):
        return PassedOver(entry.path, "link", say(_SECTION, "link_within"))
    return PassedOver(entry.path, "link", say(_SECTION, "link_elsewhere"), True, say(_SECTION, "name_folder"))


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
        return PassedOver(name, "empty", say(_SECTION, "white_space" if head else "empty"))
    if kind is None or kind.holds is Holds.NOTHING:
        what = say(_SECTION, "kind", kind=kind.what) if kind else say(_SECTION, "not_json")
        return PassedOver(name, "other", what)
    what = say(_SECTION, "may_contain", kind=kind.what)
    return PassedOver(name, str(kind.holds), what, True, say(_SECTION, str(kind.holds)))


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
        return PassedOver(name, "manifest", say(_SECTION, "manifest"))
    if row.keys() == {"wrapping"}:
        return PassedOver(name, "journal", say(_SECTION, "journal"), True, say(_SECTION, "finish"))
    return None
