"""Markdown as wrapped text for a terminal, as far as the pages of codes use Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ebl.codec.cells import wrapped

_ITEM = re.compile(r"(?:[-*]|\d+\.) ")
_MARKED = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<strong>[^*]+)\*\*|\[(?P<text>[^\]]+)\]\((?P<target>[^)]+)\)", re.DOTALL
)
_SPACE_WITHIN = "\xa0"
"""Keeps a quoted command or value on one line while the lines are made."""

Link = Callable[[str], str]
Strong = Callable[[str], str]


def lines(markdown: str, *, width: int, link: Link, strong: Strong = str) -> Iterator[str]:
    """The lines of headings, paragraphs, lists and blocks of code, with an empty line between them.

    ``link`` returns what to print for the target of a link, or an empty text to print only the words of the link. ``strong``
    marks headings, and bold text at the beginning of a paragraph.
    Tables and everything else of Markdown are printed as they are written.
    """
    first = True
    for block in _blocks(markdown):
        if not first:
            yield ""
        first = False
        if block.startswith("```"):
            yield from (f"    {line}".rstrip() for line in block.splitlines()[1:-1])
        elif block.startswith("#"):
            yield strong(_plain(block.lstrip("#").strip(), link))
        elif block.startswith("|"):
            yield from block.splitlines()
        else:
            for part in _parts(block):
                yield from _wrapped(part, width=width, link=link, strong=strong)


def _blocks(markdown: str) -> Iterator[str]:
    """The blocks that empty lines separate; a block of code may contain empty lines."""
    for number, piece in enumerate(re.split(r"^(```.*?^```)$", markdown, flags=re.DOTALL | re.MULTILINE)):
        if number % 2:
            yield piece
        else:
            yield from filter(None, (block.strip("\n") for block in re.split(r"\n\s*\n", piece)))


def _parts(block: str) -> Iterator[str]:
    """A paragraph, or each item of a list."""
    part = ""
    for line in block.splitlines():
        if _ITEM.match(line) and part:
            yield part
            part = ""
        part += f"{line.strip()} "
    yield part


def _wrapped(part: str, *, width: int, link: Link, strong: Strong) -> Iterator[str]:
    begins = re.match(r"\*\*([^*]+)\*\*", part)
    text = _plain(part, link).strip()
    for number, line in enumerate(wrapped(text, width, then="  " if _ITEM.match(part) else "")):
        shown = line.replace(_SPACE_WITHIN, " ")
        if begins and not number and shown.startswith(begins[1]):
            shown = strong(begins[1]) + shown.removeprefix(begins[1])
        yield shown


def _plain(text: str, link: Link) -> str:
    def shown(found: re.Match[str]) -> str:
        if code := found["code"]:
            code = " ".join(code.split())
            return f"'{code}'".replace(" ", _SPACE_WITHIN) if " " in code else code
        if found["strong"]:
            return found["strong"]
        inner, target = _plain(found["text"], link), link(found["target"])
        target = target.replace(" ", _SPACE_WITHIN)
        return f"{inner} ({target})" if target and target != inner else inner

    return _MARKED.sub(shown, text)
