"""The width of text in cells of a terminal, and lines of such a width: a Chinese character is two cells wide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_PIECE: Final = re.compile(r"[!-~\xa0-\u024f…]+| +|.", re.DOTALL)
"""What is never broken: a run of Latin letters, digits and ASCII punctuation (a code, a command), or one other character."""
_NOT_FIRST: Final = frozenset("，。：；、）”》")
_NOT_LAST: Final = frozenset("（“《")


def cells(text: str) -> int:
    """Returns the width of a text in cells."""
    if text.isascii():
        return len(text)
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def wrapped(text: str, width: int, *, indent: str = "", then: str = "") -> Iterator[str]:
    """Breaks a paragraph into lines of at most ``width`` cells, the first after ``indent`` and the others after ``then``.

    Chinese is broken between any two characters, except before a closing mark and after an opening one (clreq 3.1.6).
    Words and codes are not broken: a longer one has a line of its own.
    """
    line, used = indent, cells(indent)
    is_empty = True
    for piece in _unbroken(" ".join(text.split(" "))):
        wide = cells(piece)
        if not is_empty and used + cells(piece.rstrip()) > width:
            yield line.rstrip()
            line, used, is_empty = then, cells(then), True
        if is_empty and not piece.strip():
            continue
        line, used, is_empty = line + piece, used + wide, False
    if not is_empty:
        yield line.rstrip()


def _unbroken(text: str) -> Iterator[str]:
    """The parts of a text between which a line may end."""
    part = ""
    for piece in _PIECE.findall(text):
        if part and (piece[0] in _NOT_FIRST or part[-1] in _NOT_LAST):
            part += piece
            continue
        if part:
            yield part
        part = piece
    if part:
        yield part


def padded(text: str, column: int) -> str:
    """Returns a text with spaces after it, so that it fills a column of a terminal."""
    return text + " " * (column - cells(text))
