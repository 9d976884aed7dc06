"""The words that the style guide bans are not written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import plain_words

WORDS, PENDING = plain_words.rows()
FILES = [file for path in plain_words.READ for file in plain_words.files(plain_words.HERE / path)]


def _is_pending(file: Path) -> bool:
    name = file.relative_to(plain_words.HERE)
    return any(name.is_relative_to(path) for path in PENDING)


def test_no_text_has_a_banned_word() -> None:
    assert [hit for file in FILES if not _is_pending(file) for hit in plain_words.found(file, WORDS)] == []


def test_what_is_pending_exists() -> None:
    assert [path for path in PENDING if not (plain_words.HERE / path).exists()] == []


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("a.md", "Nobody\n\n```\nnobody\n```\n\n    nobody\n\n`nobody` is\nnot one.\n", [1]),
        ("a.py", '"""Raises `X` where\n`told` is set."""\n# it is\n# no answer\nx = f"{said} was said"\n', [1, 3, 5]),
        ("messages/en.json", '{\n  "a": "told {x}"\n}\n', [2]),
    ],
)
def test_what_is_read_of_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, text: str, lines: list[int]
) -> None:
    monkeypatch.setattr(plain_words, "HERE", tmp_path)
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8")
    assert [int(hit.split(":")[1]) for hit in plain_words.found(file, WORDS)] == lines
