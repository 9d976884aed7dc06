"""Chinese text on a terminal: two cells a character, and lines that end where a line of Chinese may end."""

from __future__ import annotations

import pytest

from ebl.codec.cells import cells, wrapped


@pytest.mark.parametrize(("text", "width"), [("", 0), ("abc", 3), ("提单", 4), ("提单 a，", 8), ("…“”", 3), ("𠮷", 2)])
def test_a_chinese_character_is_two_cells_wide(text: str, width: int) -> None:
    assert cells(text) == width


@pytest.mark.parametrize("width", range(8, 60))
def test_no_line_is_too_wide_or_begins_with_a_closing_mark(width: int) -> None:
    text = "请勿接受该文件，并向签发人询问原因（代码为 status.revoked）。“提单”、“仓单”和 TXT 记录：请用 ebl dns check 查看。"
    lines = [*wrapped(text, width)]
    assert all(cells(line) <= max(width, len("status.revoked）。”") + 2) for line in lines)
    assert not any(line[0] in "，。：；、）”》" or line[-1] in "（“《" for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert any("status.revoked" in line for line in lines)


def test_lines_after_the_first_are_indented() -> None:
    assert [*wrapped("提单已交回签发人", 10, indent="- ", then="  ")] == ["- 提单已交", "  回签发人"]


def test_an_empty_text_has_no_lines() -> None:
    assert [*wrapped("", 10)] == []
