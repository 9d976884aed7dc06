"""The Chinese pages: every code is in the page of codes, and what is written is Chinese in the terms of the trade."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.codes_page import PAGE, text
from tests.unit.messages.test_chinese import LISTS

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.zh-CN.md", *sorted((ROOT / "docs" / "zh").glob("*.md"))]


def prose(page: Path) -> str:
    """What a page says, without code, the targets of links and the words in English in a glossary."""
    bare = re.sub(r"(?ms)^```.*?^```|`[^`\n]*`", " ", page.read_text("utf-8"))
    return re.sub(r"\]\([^)]*\)", "]", bare)


def test_the_page_of_codes_is_that_of_the_catalogue() -> None:
    assert PAGE.read_text("utf-8") == text(), "run: python -m tests.codes_page"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_words_with_another_meaning_are_not_written(page: Path) -> None:
    said = prose(page)
    found = []
    for word, right in LISTS["not_written"].items():
        left = said
        for one in (*right, "请勿凭此付款或放货"):
            left = left.replace(one, "")
        if word in left and word not in ("放货", "？"):
            found.append(word)
    assert found == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_sentence_is_in_english(page: Path) -> None:
    assert re.findall(r"(?:[A-Za-z]{2,}[ ,]+){4,}[A-Za-z]{2,}", prose(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_punctuation_is_full_width_next_to_chinese(page: Path) -> None:
    assert re.findall(r"[一-鿿] ?[,;:!?](?!\w)|[一-鿿]\((?!http)", prose(page)) == []
