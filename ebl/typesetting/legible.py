"""Text from anywhere as a PDF file can show it: nothing in it is invisible, reorders the line or is missing from the fonts.

A character that cannot be shown is written as ``U+XXXX``. Arabic and Hebrew letters stay, and typst orders them as Unicode does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

LONGEST: Final = 4_000
"""How many characters of one text are shown."""
_BLANK: Final = {
    0x34F,
    0x115F,
    0x1160,
    0x17B4,
    0x17B5,
    0x2800,
    0x3164,
    0xFFA0,
    *range(0x180B, 0x1810),
    *range(0xFE00, 0xFE10),
}
"""Characters that are drawn as nothing, although they are letters, marks or symbols."""
_HIDDEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_STACKED: Final = 3
"""How many marks above or below one letter are drawn. More of them would cover other lines."""


def is_hidden(code: int) -> bool:
    """Returns whether a character has no look of its own that everyone reads alike: a control, a private or an unknown one."""
    return code in _BLANK or code >= 0xE0000 or unicodedata.category(chr(code)) in _HIDDEN


def named(code: int) -> str:
    """Returns ``U+XXXX``."""
    return f"U+{code:04X}"


def legible(text: str) -> str:
    """Returns a text whose hidden characters are written as ``U+XXXX``, for a page that has every font. Line breaks stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(named(ord(one)) if one != "\n" and is_hidden(ord(one)) else one for one in text)


def characters(data: Any) -> set[int]:
    """Returns every character of the texts in some JSON data, as far as they are shown."""
    found: set[str] = set()
    for text in _texts(data):
        found.update(text[:LONGEST])
    return {ord(one) for one in found}


def shown(data: Any, instead: Mapping[int, str]) -> Any:
    """Returns JSON data in which each text is cut and has its characters replaced by ``instead``."""
    marks = {code for code in characters(data) if code > 0x2FF and unicodedata.combining(chr(code))}
    pattern = f"[{re.escape(''.join(map(chr, marks)))}]" if marks else ""
    stacked = re.compile(f"(?<={pattern}{{{_STACKED}}}){pattern}+") if marks else None

    def one(text: str) -> str:
        cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
        if stacked is not None:
            cut = stacked.sub(lambda found: "".join(named(ord(mark)) for mark in found[0]), cut)
        return cut.translate(instead)

    return _mapped(data, one)


def _texts(data: Any) -> Iterator[str]:
    left = [data]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            left.extend(one.values())
        elif isinstance(one, list | tuple):
            left.extend(one)


def _mapped(data: Any, change: Callable[[str], str]) -> Any:
    if isinstance(data, str):
        return change(data)
    if isinstance(data, Mapping):
        return {name: _mapped(value, change) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_mapped(value, change) for value in data]
    return data
