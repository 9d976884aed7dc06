"""The site that ``dev.py docs`` builds is whole offline: every link leads somewhere, and nothing is loaded from elsewhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests import api_page, needs
from tools import site as site_builder

ROOT = Path(__file__).parents[3]
LOADED = {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("link", "href"), ("object", "data")}


class Page(HTMLParser):
    """The addresses that a page loads, those that it links to, and the places in it that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("id", "name") and value:
                self.places.add(value)
            if (tag, name) in LOADED and value:
                self.loaded.append(value)
            if (tag, name) == ("a", "href") and value:
                self.linked.append(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "site"
    assert site_builder.main(folder) == 0
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text("utf-8")) for path in site.rglob("*.html")}


@pytest.mark.exhaustive
def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    assert len(pages) > 200
    for path, page in pages.items():
        assert [url for url in page.loaded if urlsplit(url).netloc] == [], path
    for path in site.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)[\"'\s]*(?:https?:)?//", path.read_text("utf-8")), path
    for path in (site / "search").iterdir():
        assert path.name == "pages.js" or not re.search(
            r"fetch\(|XMLHttpRequest|importScripts|Worker", path.read_text("utf-8")
        )


@pytest.mark.exhaustive
def test_every_link_and_every_file_that_is_loaded_is_there(site: Path, pages: dict[Path, Page]) -> None:
    missing = []
    for path, page in pages.items():
        if path.name in ("404.html", "search.html"):  # made for a server's root
            continue
        for url in [*page.loaded, *page.linked]:
            parts = urlsplit(url)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            place = unquote(parts.fragment)
            if not target.is_file() or (place and target in pages and place not in pages[target].places):
                missing.append(f"{path.relative_to(site)}: {url}")
    assert missing == []


@pytest.mark.exhaustive
def test_every_public_name_has_its_place(pages: dict[Path, Page], site: Path) -> None:
    for door in api_page.doors():
        places = pages[site / "docs" / "api" / f"{door}.html"].places
        assert [name for name in import_module(door).__all__ if f"{door}.{name}" not in places] == [], door


@pytest.mark.exhaustive
def test_the_search_finds_pages_without_a_server(site: Path) -> None:
    needs.need(node := shutil.which("node"), "node is not installed")
    program = """
const fs = require('fs'), vm = require('vm'), folder = process.argv[1];
global.lunr = require(folder + '/lunr.js');
for (const name of ['pages.js', 'main.js']) vm.runInThisContext(fs.readFileSync(folder + '/' + name, 'utf8'));
const search = searcher(ebl_pages), asked = ['status.revoked', 'surrend', 'examine', 'zzzzzz', ''];
console.log(JSON.stringify(asked.map(text => search(text).map(page => page.location))));
"""
    done = subprocess.run([str(node), "-e", program, str(site / "search")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    code, begun, name, nothing, empty = json.loads(done.stdout)
    assert code[0] == "docs/codes/status.revoked.html"
    assert any(place.startswith("docs/shipper/titles.html") for place in begun)
    assert any(place.endswith("#ebl.verify.examine") for place in name)
    assert nothing == empty == []


@pytest.mark.exhaustive
def test_a_broken_link_fails_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("docs", "native", "examples", "schemas", "ebl"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for page in ROOT.glob("*.md"):
        shutil.copy(page, tmp_path)
    with (tmp_path / "CONTRIBUTING.md").open("a") as page:
        page.write("\n[nowhere](nowhere.md)\n")
    monkeypatch.setattr(site_builder, "ROOT", tmp_path)
    assert site_builder.main(tmp_path / "site") != 0


def test_links_in_examples_of_code_are_left_as_they_are(tmp_path: Path) -> None:
    page = ROOT / "README.md"
    assert site_builder.LINK.findall("[a](b.md#c) [d](https://e.example) [f](#g) [h](i)") == ["b.md", "i"]
    assert "](docs/codes/README.md)" in site_builder._linked(page, tmp_path)
