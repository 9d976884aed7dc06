"""The manual as a site that is whole offline: ``dev.py docs`` writes it to ``site/``.

The pages are those of the tree under their own names, so that a link works on a forge and on the site alike. What a door
exports gets a page of its own, made from `__all__`. Search works on a page that is opened from a disk too. Why MkDocs:
docs/adr/0014-the-site.md.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from tests import api_page

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"(?<=\]\()(?!https?://|mailto:|#)([^)#\s]+)")
CODE = re.compile(r"^(```.*?^```$)", re.DOTALL | re.MULTILINE)
READERS = {
    "Shippers and carriers": "shipper",
    "Banks": "bank",
    "Integrators": "integrator",
    "Operators": "operator",
    "Contributors": "contributor",
    "Decisions": "adr",
    "简体中文": "zh",
}


def main(site: Path = ROOT / "site") -> int:
    stage = ROOT / "build" / "site"
    shutil.rmtree(stage, ignore_errors=True)
    pages = stage / "pages"
    write_pages(pages)
    settings_file = stage / "mkdocs.yml"
    settings_file.write_text(json.dumps(settings(pages, site)), "utf-8")  # JSON is YAML too
    command = [sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "--strict", "--clean", "-f", settings_file]
    # Not --quiet: then MkDocs counts no warnings, and strict finds none.
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        print("".join(line for line in done.stderr.splitlines(True) if not line.startswith("INFO")), file=sys.stderr)
        return done.returncode
    make_search_local(site)
    print(f"{site / 'index.html'}: {sum(1 for _ in site.rglob('*.html'))} pages")
    return 0


def write_pages(into: Path) -> None:
    """Copy the pages of the tree and the files that they link to, and write the pages that are made from code."""
    sources = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "native" / "README.md"]
    for path in sources:
        _write(into / path.relative_to(ROOT), _linked(path, into))
    (into / "pygments.css").write_text(_colours(), "utf-8")
    codes = into / "docs" / "codes" / "README.md"
    names = sorted(path.stem for path in (ROOT / "docs" / "codes").glob("*.md") if path.stem != "README")
    _write(
        codes, codes.read_text("utf-8") + "\n## All codes\n\n" + "".join(f"- [{name}]({name}.md)\n" for name in names)
    )
    for door in api_page.doors():
        _write(into / "docs" / "api" / f"{door}.md", "\n".join(_door(door)))


def _linked(path: Path, into: Path) -> str:
    """A page with links to folders led to their page, and with the files of the source that it links to copied."""

    def led(found: re.Match[str]) -> str:
        target = (path.parent / found[1]).resolve()
        if target.is_dir():
            _index(target, into)
            return f"{found[1].rstrip('/')}/README.md"
        if target.is_file() and target.suffix != ".md":
            copy = into / target.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(target, copy)
        return found[0]

    pieces = CODE.split(path.read_text("utf-8"))
    return "".join(piece if number % 2 else LINK.sub(led, piece) for number, piece in enumerate(pieces))


def _index(folder: Path, into: Path) -> None:
    """Write a page with the files of a folder that has none of its own."""
    if (folder / "README.md").exists():
        return
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name[0] not in "._")
    page = into / folder.relative_to(ROOT) / "README.md"
    _write(page, f"# {folder.name.capitalize()}\n\n" + "".join(f"- [{path.name}]({path.name})\n" for path in files))
    for path in files:
        shutil.copy(path, page.parent / path.name)


def _door(door: str) -> Iterator[str]:
    yield f"# {door}\n"
    yield f"{(import_module(door).__doc__ or '').strip()}\n"
    for name in import_module(door).__all__:
        yield f"::: {door}.{name}\n    options:\n      heading_level: 2\n"


def _write(page: Path, text: str) -> None:
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text, "utf-8")


def _colours() -> str:
    from pygments.formatters import HtmlFormatter

    return str(HtmlFormatter(style="friendly").get_style_defs(".highlight"))


def settings(pages: Path, site: Path) -> dict[str, Any]:
    """The configuration of MkDocs. Nothing in it names a server, and whatever a page lacks is an error."""
    of_python = {
        "docstring_style": None,
        "show_source": False,
        "show_root_heading": True,
        "show_root_full_path": False,
        "separate_signature": True,
        "show_signature_annotations": True,
        "members_order": "source",
        "filters": ["!^_"],
        "allow_inspection": False,
    }
    return {
        "site_name": "ebl",
        "docs_dir": str(pages),
        "site_dir": str(site),
        "use_directory_urls": False,
        "theme": {
            "name": "readthedocs",
            "highlightjs": False,
            "navigation_depth": 3,
            "include_homepage_in_sidebar": False,
        },
        "extra_css": ["pygments.css"],
        "plugins": [
            "search",
            {"mkdocstrings": {"handlers": {"python": {"paths": [str(ROOT)], "options": of_python}}}},
        ],
        "markdown_extensions": [
            "admonition",
            "tables",
            "fenced_code",
            {"codehilite": {"guess_lang": False, "css_class": "highlight"}},
        ],
        "validation": {
            "omitted_files": "ignore",
            **dict.fromkeys(("absolute_links", "unrecognized_links", "anchors"), "warn"),
        },
        "nav": list(_navigation(pages)),
    }


def _navigation(pages: Path) -> Iterator[dict[str, Any]]:
    def pages_of(folder: str, pattern: str = "*.md") -> list[str]:
        return sorted(
            path.relative_to(pages).as_posix() for path in (pages / folder).glob(pattern) if path.name != "README.md"
        )

    yield {"ebl": "README.md"}
    yield {"The manual": "docs/README.md"}
    for title, folder in READERS.items():
        yield {title: pages_of(f"docs/{folder}")}
    yield {"Codes": ["docs/codes/README.md"]}
    yield {"Interface": ["docs/api.md", *pages_of("docs/api")]}
    yield {"Project": [*pages_of("."), *pages_of("docs", "[A-Z]*.md")]}


def make_search_local(site: Path) -> None:
    """Put a search in the place of MkDocs' own that also works on pages opened from a disk, where nothing can be fetched."""
    folder = site / "search"
    index = (folder / "search_index.json").read_text("utf-8")
    for left in folder.iterdir():
        if left.name != "lunr.js":
            left.unlink()
    (folder / "pages.js").write_text(f"var ebl_pages = {index};\n", "utf-8")
    shutil.copy(Path(__file__).with_name("site_search.js"), folder / "main.js")


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
