"""Files and folders that a command line names: every file is read, or passed over by name and with a reason.

`ebl.config.folder_files` decides which file of a folder is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Final

import click

from ebl.cli import own_files as files
from ebl.cli.output import Exit, printable, result_json, say
from ebl.cli.progress import Progress
from ebl.codes import Doubt
from ebl.config.files import whole
from ebl.config.folder_files import PassedOver, entries, judged
from ebl.errors import InvalidInput, Undetermined, Unreadable
from ebl.messages import Message
from ebl.messages.catalogue import phrase, render
from ebl.messages.languages import Language

NOTHING: Final = "None of these files could be a document."

with_only_documents = click.option(
    "--only-documents",
    is_flag=True,
    help="Ignore archives, PDFs and e-mails in a folder: they do not count as open.",
)


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that an argument means. A file that was named is always read; a file of a folder may be passed over."""

    name: str
    is_named: bool = True
    skipped: PassedOver | None = None

    def load(self) -> bytes | PassedOver:
        """Returns its bytes, or why it is passed over. Raises `Unreadable` as `ebl.cli.own_files.load` does."""
        if self.is_named or self.skipped:
            return self.skipped or files.load(self.name)
        with files.reading(self.name) as file:
            if skipped := judged(self.name, file):
                return skipped
            file.seek(0)
            return whole(file)

    def passed_over(self) -> PassedOver | None:
        """Why it is passed over. None if it is to be read, or cannot be opened: reading it then raises the error."""
        if self.is_named or self.skipped:
            return self.skipped
        try:
            with files.reading(self.name) as file:
                return judged(self.name, file)
        except Unreadable:
            return None


def named(words: tuple[str, ...]) -> list[FoundFile]:
    """The files that the arguments mean: ``-`` is stdin, a folder is every file below it, sorted. None is opened yet.

    Raises `InvalidInput` if a folder has no file.
    """
    found: list[FoundFile] = []
    for word in words:
        if word == "-" or not Path(word).is_dir():
            found.append(FoundFile(word))
            continue
        below = [
            FoundFile(name, is_named=False, skipped=skipped)
            for name, skipped in sorted(entries(word), key=itemgetter(0))
        ]
        if not below:
            raise InvalidInput(f"{word}: no file in this folder.", fix="Name the files themselves.")
        found += below
    return found


def documents(
    words: tuple[str, ...], *, only_documents: bool, partly: bool = False, as_json: bool = False
) -> tuple[list[str], Exit]:
    """The files to process, and the exit code if all of them succeed.

    Files that are passed over in a folder are named on stderr (``as_json``: in a line of JSON on stdout), and counted. Raises
    `InvalidInput` if nothing is left. Raises `Undetermined` if a file that may contain a document was not read, because a batch
    must be known completely before it is issued. With ``partly``, the rest may be processed, and the exit code shows that it is
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
                result_json(one.to_dict()) if as_json else say(line(one))
    if not skipped:
        return names, Exit.DONE
    say(tally(skipped))
    left = sum(one.is_left(only_documents=only_documents) for one in skipped)
    if left and not (partly and names):
        raise Undetermined(Doubt.NOT_LOOKED_AT, "nothing_done", count=left)
    if not names:
        raise InvalidInput(NOTHING, fix="Name the files themselves.")
    return names, Exit.INDETERMINATE if left else Exit.DONE


def line(one: PassedOver, language: Language = "en") -> str:
    """A file that was passed over, in one line for people."""
    told = phrase("run", "open_file" if one.is_open else "other_file", language)
    colon, stop = (": ", ". ") if language == "en" else ("：", "。")
    what, fix = (render(text, language) if isinstance(text, Message) else text for text in (one.what, one.fix))
    shown = click.style(told, fg="yellow") if one.is_open else told
    return f"{shown}  {printable(one.name)}{colon}{printable(what)}{f'{stop}{fix}' if fix else ''}"


def tally(skipped: Sequence[PassedOver], language: str = "en") -> str:
    """The number of files that were passed over, in words."""
    left = sum(one.is_open for one in skipped)
    return phrase("run", "may_contain" if left else "passed_over", language, n=len(skipped), left=left)
