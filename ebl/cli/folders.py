"""Folders as people have them: every file in one is read, or passed over by name and with a reason.

What a file is named decides nothing against it. Read is what begins as JSON does, and what is named as a document is,
whatever it holds. An archive, a PDF, an encrypted file or an e-mail may hold a document and is not looked into: it counts
as open until somebody has looked.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import click

from ebl.cli import own_files as files
from ebl.cli.output import Exit, printable, result_json, say
from ebl.cli.progress import Progress
from ebl.codes import Doubt
from ebl.config.files import MAX_DOCUMENT, whole
from ebl.errors import InvalidInput, Undetermined, Unreadable
from ebl.messages import explained
from ebl.model.broken_input import read_json

NOTHING: Final = "Of all these files none could be a document."

with_only_documents = click.option(
    "--only-documents",
    is_flag=True,
    help="Archives, PDFs and e-mails in a folder are not meant: nobody has to look into them.",
)

_NAMED_AS_ONE: Final = (".json", ".jsonld", ".tt", ".oa", ".opencert")
_CHUNK: Final = 2**20
_MANIFEST: Final = {"file", "wrapped", "hash", "root", "proof_length"}
_OUR_LINES: Final = (b'{"file":', b'{"wrapping":')
_RESTORE: Final = "Restore what it leads to, or remove the link."
_LOOK: Final = "Look into it, and name what is to be read."
_FIX: Final[Mapping[str, str]] = {
    "archive": "Unpack it, and name what was in it.",
    "pdf": "Save what is attached to it, if anything is, and name that.",
    "encrypted": "Decrypt it, and name what was in it.",
    "mail": "Save what is attached to it, and name that.",
    "token": "Ask the sender for the document as JSON.",
}


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file that was not read. ``reason`` is a word for programs, ``what`` is what it is, and ``fix`` what to do about it.

    ``is_open``: it may be, or hold, a document.
    """

    name: str
    reason: str
    what: str
    is_open: bool = False
    fix: str = ""

    def is_left(self, *, only_documents: bool) -> bool:
        """Whether it leaves the whole undetermined. ``only_documents``: the caller wants nothing out of archives and the like."""
        return self.is_open and not (only_documents and self.reason in _FIX)

    def line(self) -> str:
        """It in one line for people."""
        word = click.style("NOT LOOKED AT", fg="yellow") if self.is_open else "passed over"
        return f"{word}  {printable(self.name)}: {printable(self.what)}{f'. {self.fix}' if self.fix else ''}"

    def to_dict(self) -> dict[str, Any]:
        """It as JSON data."""
        return {"file": self.name, "passed_over": self.about()}

    def about(self) -> dict[str, Any]:
        """Why it was passed over, as JSON data."""
        return {"reason": self.reason, "message": self.what, "may_hold_document": self.is_open}


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that a word on the command line means. One that was named is read whatever it is; one of a folder may not be."""

    name: str
    is_named: bool = True
    skipped: PassedOver | None = None

    def load(self) -> bytes | PassedOver:
        """Its bytes, or why it is passed over. Raises `Unreadable` as `ebl.cli.own_files.load` does."""
        if self.is_named or self.skipped:
            return self.skipped or files.load(self.name)
        with files.reading(self.name) as file:
            if skipped := _judged(self.name, file):
                return skipped
            file.seek(0)
            return whole(file)

    def passed_over(self) -> PassedOver | None:
        """Why it is passed over. None if it is to be read, and if it cannot be opened: reading it will say so."""
        if self.is_named or self.skipped:
            return self.skipped
        try:
            with files.reading(self.name) as file:
                return _judged(self.name, file)
        except Unreadable:
            return None


def named(words: tuple[str, ...]) -> list[FoundFile]:
    """The files that the words mean: ``-`` is stdin, a folder is every file below it, sorted. None is opened yet.

    Raises `InvalidInput` for a folder without any file.
    """
    found: list[FoundFile] = []
    for word in words:
        if word == "-" or not Path(word).is_dir():
            found.append(FoundFile(word))
            continue
        below = sorted(_entries(word), key=lambda one: one.name)
        if not below:
            raise InvalidInput(f"{word}: no file in this folder.", fix="Name the files themselves.")
        found += below
    return found


def documents(
    words: tuple[str, ...], *, only_documents: bool, partly: bool = False, as_json: bool = False
) -> tuple[list[str], Exit]:
    """The files to work on that the words mean, and the exit code if all goes well with them.

    What is passed over in a folder is named on stderr (``as_json``: in a line of JSON on stdout), and counted. Raises
    `InvalidInput` if nothing is left, and `Undetermined` if something that may hold a document was not looked into: a batch of
    which not all is known is not to be issued. With ``partly`` the rest may be worked on, and the exit code says that it is
    not all.
    """
    names: list[str] = []
    skipped: list[PassedOver] = []
    all_of_them = named(words)
    with Progress("look at", len(all_of_them)) as progress:
        for found in all_of_them:
            progress.step()
            if (one := found.passed_over()) is None:
                names.append(found.name)
            else:
                skipped.append(one)
                result_json(one.to_dict()) if as_json else say(one.line())
    if not skipped:
        return names, Exit.DONE
    say(tally(skipped))
    left = sum(one.is_left(only_documents=only_documents) for one in skipped)
    if left and not (partly and names):
        raise Undetermined(Doubt.NOT_LOOKED_AT, "nothing_done", count=left)
    if not names:
        raise InvalidInput(NOTHING, fix="Name the files themselves.")
    return names, Exit.INDETERMINATE if left else Exit.DONE


def tally(skipped: Sequence[PassedOver]) -> str:
    """How many were passed over, in a line."""
    left = sum(one.is_open for one in skipped)
    return f"{len(skipped)} passed over{f', of which {left} may hold documents' if left else ''}"


def _entries(folder: str) -> Iterator[FoundFile]:
    """Everything below a folder. Nothing is opened.

    Hidden files and folders are among them. A link to a file is a file. A link to a folder is not followed.
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
                        yield FoundFile(entry.path, is_named=False, skipped=_not_a_file(entry, inside))
        except OSError as trouble:
            what = f"a folder that cannot be read ({trouble.strerror})"
            yield FoundFile(here, is_named=False, skipped=PassedOver(here, "folder", what, True, _LOOK))


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


def _judged(name: str, file: BinaryIO) -> PassedOver | None:
    from ebl.codec.file_kind import (
        APPLE_DOUBLE,
        HEAD,
        Holds,
        kind_of,
        may_be_json,
    )  # a named file needs none of it

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
        name, str(kind.holds), f"{explained(kind.what)}, which may hold a document", True, _FIX[kind.holds]
    )


def _ours(name: str, head: bytes) -> PassedOver | None:
    """JSON lines that `ebl wrap` leaves beside its documents: whatever follows such a line, it is no document."""
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
