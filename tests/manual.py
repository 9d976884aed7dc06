"""The code in the README and the manual: each fenced block, in the order of its page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = {
    page.relative_to(ROOT).as_posix(): page
    for page in (ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted(DOCS.rglob("*.md")))
    if page.parent.name not in ("codes", "adr")
}
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page: its language (as written behind the fence), its text, and its line (from 1)."""

    language: str
    text: str
    line: int


def blocks(markdown: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [
        Block(found["language"], found["text"], markdown.count("\n", 0, found.start()) + 1)
        for found in _FENCE.finditer(markdown)
    ]


def page(name: str) -> str:
    """The text of a page, by its path in the tree."""
    return PAGES[name].read_text("utf-8")
