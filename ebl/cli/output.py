"""What the commands print: results on stdout, other output on stderr, one colour scheme, one set of exit codes."""

from __future__ import annotations

import json
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from enum import IntEnum
from typing import Any, Protocol

import click

from ebl.codec.finite_json import json_dumps as json_dumps
from ebl.codec.printable import printable as printable  # with the rest of what the commands print
from ebl.errors import DocumentError, Error, InvalidInput, TransactionError, Undetermined
from ebl.messages.catalogue import phrase
from ebl.messages.languages import Language


class Exit(IntEnum):
    """Exit codes of every command. For many files the worst counts: 1, then 5, then 3, then 0."""

    DONE = 0
    INVALID = 1
    USAGE = 2
    INDETERMINATE = 3
    TRANSACTION = 4
    UNREADABLE = 5
    INTERRUPTED = 130


class OwnInput(InvalidInput):
    """Raised if a file of the caller's own cannot be read, used or written: a policy, a key, evidence, an output. Exit code 2."""


GO_ON = "Run the same command again to go on: what it had finished or sent by then is found again."


class Stopped(KeyboardInterrupt):
    """The command was interrupted. The message states what is kept, and how to go on."""


class LastLine(Protocol):
    """What occupies the last line of the terminal while a command works: `ebl.cli.progress.Progress`."""

    def above(self, stream: Any) -> AbstractContextManager[None]:
        """Makes room for a line that is printed to ``stream`` meanwhile."""


last_line: LastLine | None = None

_WORST_FIRST = (Exit.INVALID, Exit.UNREADABLE, Exit.INDETERMINATE, Exit.DONE)


def worst(codes: list[Exit]) -> Exit:
    """The exit code for many files."""
    return min(codes, key=_WORST_FIRST.index, default=Exit.DONE)


def result(text: str) -> None:
    """Prints a line of the result."""
    _echo(text)


def result_json(value: Any) -> None:
    """Prints one JSON object on one line. Characters that a terminal or a reader of lines could misread are escaped."""
    text = json_dumps(value, ensure_ascii=False)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    _echo(text.encode())


def say(text: str) -> None:
    """Prints a line that is not part of the result."""
    _echo(text, err=True)


def explained_by(*codes: str, language: Language = "en") -> str:
    """A line with the command that explains codes."""
    return phrase("run", "codes", language, codes=" ".join(codes))


def complain(error: Error) -> None:
    """Prints an error: its code, what is wrong, how to fix it, and the command that explains the code."""
    fix = getattr(error, "fix", "")
    code = getattr(error, "code", None) or getattr(error, "doubt", None)
    match error:
        case DocumentError(code=code, detail=detail):
            lines = [f"{code}: {detail}"]
        case InvalidInput(message=message, problems=problems):
            lines = [message, *(f"  {problem}" for problem in problems)]
        case Undetermined(doubt=doubt, detail=detail):
            lines = [f"{doubt}: {detail}"]
        case TransactionError(message=message, tx_hash=tx_hash):
            lines = [message, *([f"  transaction {tx_hash}"] if tx_hash else [])]
        case _:
            lines = [str(error)]
    say(f"{click.style('error', fg='red', bold=True)} {printable(lines[0])}")
    for line in lines[1:]:
        say(printable(line))
    if fix:
        say(f"{click.style('Fix:', bold=True)} {printable(fix)}")
    if code:
        say(explained_by(code))


def escaped(content: bytes) -> str:
    """Text for a terminal, with its line breaks. Other control characters are written as JSON escapes."""
    text = content.decode("utf-8", "backslashreplace")
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else json.dumps(c)[1:-1] for c in text)


def _echo(content: str | bytes, *, err: bool = False) -> None:
    stream = sys.stderr if err else sys.stdout
    with nullcontext() if last_line is None else last_line.above(stream):
        click.echo(content, err=err, color=_colour(stream))


def _colour(stream: Any) -> bool:
    return not os.environ.get("NO_COLOR") and stream is not None and stream.isatty()  # it is None if it was closed
