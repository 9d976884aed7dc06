"""The check before a release finds what is not ready, first of all addresses that are still placeholders."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ebl.config import documentation
from tools import release_check

ROOT = Path(__file__).parents[2]
FILES = (
    "pyproject.toml",
    "CHANGELOG.md",
    "SECURITY.md",
    "MAINTAINERS.md",
    "ebl/__init__.py",
    "ebl/config/documentation.py",
)
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the files that the check reads, with addresses, a changelog and a tag as they are in a release."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
        text = (
            (tmp_path / name).read_text("utf-8").replace('"https://documentation.invalid/"', '"https://ebl.example/"')
        )
        (tmp_path / name).write_text(text.replace(".invalid/", ".example/"), "utf-8")
    project = (
        (tmp_path / "pyproject.toml")
        .read_text("utf-8")
        .replace("https://documentation.example/", "https://ebl.example/")
    )
    (tmp_path / "pyproject.toml").write_text(project, "utf-8")
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n## {release_check.version()} (2027-01-31)\n", "utf-8")
    monkeypatch.setattr(release_check, "ROOT", tmp_path)
    words = ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "a"]
    for command in (["init", "-q"], ["add", "."], words, ["tag", f"v{release_check.version()}"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def faults() -> list[str]:
    return [
        *release_check.faults_of_addresses(),
        *release_check.faults_of_version(),
        *release_check.faults_of_the_tree(),
    ]


def test_a_tree_that_is_ready_has_no_faults(tree: Path) -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("pyproject.toml", "https://home.example/", "https://home.invalid/", "Homepage is the placeholder"),
        ("pyproject.toml", "Issues = ", "Other = ", "lacks Issues"),
        ("MAINTAINERS.md", "https://source.example/", "https://source.invalid/", "placeholder for an address"),
        ("ebl/config/documentation.py", "https://ebl.example/", "https://else.example/", "HOME is not Documentation"),
        ("CHANGELOG.md", "(2027-01-31)", "", "there is no section"),
        ("ebl/__init__.py", "0.1.0", "0.1", "is not a version"),
        ("ebl/__init__.py", "0.1.0", "0.1.1", "has no tag v0.1.1"),
        ("SECURITY.md", "# Security", "# Safety", "files differ from the last commit: SECURITY.md"),
    ],
)
def test_what_is_not_ready_is_named(tree: Path, file: str, old: str, new: str, expected: str) -> None:
    text = (tree / file).read_text("utf-8")
    assert old in text
    (tree / file).write_text(text.replace(old, new), "utf-8")
    assert any(expected in fault for fault in faults()), faults()


def test_the_program_names_the_manual_where_the_metadata_have_it() -> None:
    assert URLS["Documentation"] == documentation.HOME


def test_addresses_are_placeholders_until_they_are_the_projects_own() -> None:
    """Once they are, this test goes; until then nothing may be made up."""
    assert all(release_check.PLACEHOLDER.match(url) for url in URLS.values())
    assert documentation.HOME.endswith(documentation.PLACEHOLDER)


@pytest.mark.exhaustive
def test_a_build_for_release_is_refused_while_placeholders_are_there_and_finds_nothing_else(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", ROOT, clone], check=True)
    done = subprocess.run(
        [sys.executable, clone / "tools" / "release_check.py"], cwd=clone, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout
    found = done.stderr.splitlines()
    meant = ("placeholder", "there is no section", "has no tag")
    assert [line for line in found if not any(words in line for words in meant)] == []
    assert sum("is the placeholder" in line for line in found) == len(URLS)
    assert len(list((clone / "dist").iterdir())) == 5  # ebl and its fonts as wheels and sources, the core as sources
