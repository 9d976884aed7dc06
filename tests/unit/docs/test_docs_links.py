"""Every link of every page leads somewhere, anchors too, and the index leads to every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def prose(page: Path) -> str:
    """The text of a page without its code."""
    return re.sub(r"(?ms)^```.*?^```|`[^`\n]*`", "", page.read_text("utf-8"))


def headings(page: Path) -> set[str]:
    """The anchors of a page, as a forge makes them."""
    text = re.sub(r"(?ms)^```.*?^```", "", page.read_text("utf-8"))
    found = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading) for heading in re.findall(r"(?m)^#+ (.*)$", text))
    return {re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-") for heading in found}


def links(page: Path) -> list[tuple[str, str]]:
    """What a page links to in this tree: a path (empty: the page itself) and an anchor (empty: none)."""
    return re.findall(r"\]\((?!\w+:)([^)#\s]*)#?([^)\s]*)\)", prose(page))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target, anchor in links(page):
        there = page.parent / target if target else page
        assert there.exists(), target
        assert not anchor or anchor in headings(there), f"{target}#{anchor}"


@pytest.mark.parametrize("path", sorted(DOCS.glob("*/*.md")), ids=lambda page: str(page.relative_to(DOCS)))
def test_the_index_leads_to_every_page(path: Path) -> None:
    """Decisions and codes are reached through their folder."""
    reached = {(DOCS / target).resolve() for target, _ in links(DOCS / "README.md")}
    folders = {one if one.is_dir() else one.parent for one in reached if one.is_dir() or one.name == "README.md"}
    assert path.resolve() in reached or path.parent.resolve() in folders


@pytest.mark.slow
def test_a_path_of_a_page_in_code_or_data_is_one() -> None:
    for folder in ("ebl", "schemas", "benchmarks", "tests"):
        for file in (ROOT / folder).rglob("*"):
            if file.suffix in (".py", ".json", ".toml", ".html") and "node_modules" not in file.parts:
                for named in re.findall(r"\bdocs/[\w./-]+\.md\b", file.read_text("utf-8")):
                    assert (ROOT / named).exists(), f"{file.relative_to(ROOT)} names {named}"
