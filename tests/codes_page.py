"""The page of all codes in Chinese, written from the catalogue: ``python -m tests.codes_page``."""

from __future__ import annotations

from pathlib import Path

from ebl.codes import Condition, Doubt, Failure, Remark
from ebl.messages.catalogue import templates

PAGE = Path(__file__).parents[1] / "docs" / "zh" / "codes.md"
_KINDS = {
    "不通过": (
        Failure,
        "核验结论为核验不通过（NOT VALID）。文件无法作为电子单证读取的，为无法读取（UNREADABLE），没有核验结论。",
    ),
    "未能判定": (Doubt, "没有其他核验项不通过的，核验结论为无法判定（CANNOT BE DETERMINED）。"),
    "条件": (Condition, "核验规则没有要求的，不改变核验结论。依据“核验通过”办理业务前，请先阅读。"),
    "提示": (Remark, "不改变核验结论。"),
}


def text() -> str:
    """The page in Markdown."""
    said = templates("zh-Hans")
    lines = [
        "# 每个代码的含义和处理建议",
        "",
        "`ebl explain CODE --lang zh` 显示其中一条。代码不随版本改变，程序应以代码判断。",
    ]
    for heading, (kind, effect) in _KINDS.items():
        lines += ["", f"## {heading}", "", effect, "", "| 代码 | 说明 | 处理建议 |", "|---|---|---|"]
        lines += [
            f"| `{code}` | {_cell(said['means'][code])} | {_cell(said['to_do'][code])} |" for code in map(str, kind)
        ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("[[", "\\[\\[").replace("_", "\\_").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(text(), "utf-8")
