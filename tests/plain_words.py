"""The style guide's word list, held against the text of this project: ``python -m tests.plain_words PATH…`` lists what it bans.

Read are the comments and string literals of Python, the prose of Markdown without its code, and the words of the catalogues of
messages. Names in backticks are passed over. The words are data: ``tests/unit/docs/plain_words.toml``.
"""

from __future__ import annotations

import io
import json
import re
import sys
import token
import tokenize
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
LIST = HERE / "tests" / "unit" / "docs" / "plain_words.toml"
READ = (
    "ebl",
    "docs",
    "examples",
    "benchmarks",
    "contracts",
    "dev.py",
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
)
LITERALS = {token.STRING, token.COMMENT, getattr(token, "FSTRING_MIDDLE", token.STRING)}


@dataclass(frozen=True, slots=True)
class Word:
    """A row of the list: what is banned, what to write, and the kinds of text that it is for."""

    pattern: re.Pattern[str]
    instead: str
    only: frozenset[str]


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of prose with the line (from 1) that it begins on."""

    kind: str
    line: int
    text: str


def rows(table: Path = LIST) -> tuple[tuple[Word, ...], frozenset[str]]:
    """The words of the list, and the paths that are not rewritten yet."""
    data: dict[str, Any] = tomllib.loads(table.read_text("utf-8"))
    kinds = ["code", "docs", "messages"]
    words = (
        Word(
            re.compile(row["pattern"].replace(" ", r"\s+"), re.IGNORECASE),
            row["instead"],
            frozenset(row.get("only", kinds)),
        )
        for row in data["word"]
    )
    return tuple(words), frozenset(data["pending"])


def files(path: Path) -> Iterator[Path]:
    """The files below a path whose text is read."""
    if path.is_file():
        yield path
        return
    for below in sorted(path.rglob("*")):
        if below.suffix in (".py", ".md") or (below.suffix == ".json" and below.parent.name == "messages"):
            yield below


def texts(path: Path) -> Iterator[Text]:
    """The prose of one file."""
    content = path.read_text("utf-8")
    if path.suffix == ".py":
        yield from _python(content)
    elif path.suffix == ".md":
        yield Text("docs", 1, _without_code(content))
    else:
        for number, line in enumerate(content.splitlines(), 1):
            if found := re.match(r'\s*"[^"]*":\s*(".*"),?$', line):
                yield Text("messages", number, json.loads(found[1]))


def _python(content: str) -> Iterator[Text]:
    comment: list[str] = []
    began = 0
    for found in tokenize.generate_tokens(io.StringIO(content).readline):
        if found.type == token.COMMENT:
            began = began if comment else found.start[0]
            comment.append(found.string.lstrip("# "))
            continue
        if comment and found.type not in (token.NL, token.INDENT, token.DEDENT):
            yield Text("code", began, "\n".join(comment))
            comment = []
        if found.type in LITERALS:
            yield Text("code", found.start[0], found.string)
    if comment:
        yield Text("code", began, "\n".join(comment))


def _without_code(content: str) -> str:
    """Markdown with the same lines, its fenced and indented code left empty."""
    lines, fence = [], ""
    for line in content.splitlines():
        mark = re.match(r"\s*(```+|~~~+)", line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence):
            fence = ""
        elif not fence and not line.startswith("    "):
            lines.append(re.sub(r"\]\([^)]*\)", "]", line))
            continue
        lines.append("")
    return "\n".join(lines)


def _without_names(text: str) -> str:
    """The text with names in backticks and placeholders in braces made illegible, everything at its place."""
    return re.sub(
        r"``[^`\n]+``|`[^`\n]*`|\{[^{}\n]*\}", lambda name: name[0][0] + "x" * (len(name[0]) - 2) + name[0][-1], text
    )


def found(path: Path, words: tuple[Word, ...]) -> Iterator[str]:
    """A line for every banned word of a file: place, word, and what to write instead."""
    for piece in texts(path):
        plain = _without_names(piece.text)
        for word in words:
            if piece.kind not in word.only:
                continue
            for hit in word.pattern.finditer(piece.text if "`" in word.pattern.pattern else plain):
                line = piece.line + piece.text.count("\n", 0, hit.start())
                yield f"{path.relative_to(HERE)}:{line}: {' '.join(hit[0].split())!r}: write {word.instead}"


def main(paths: list[str]) -> int:
    words, _ = rows()
    hits = [hit for path in paths or READ for file in files(HERE / path) for hit in found(file, words)]
    print(*hits, sep="\n")
    print(f"{len(hits)} found", file=sys.stderr)
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
