"""Build what would be released into ``dist/`` and list everything that speaks against releasing it: ``dev.py release-check``.

All distributions are built: `ebl` and `ebl-fonts` (source archive and wheel, each twice, because the bytes must be the same) and
the source archive of `ebl-native`, whose wheels are built on each platform. docs/RELEASE.md has the steps around it.
"""

from __future__ import annotations

import email
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
PLACEHOLDER = re.compile(r"https?://[\w.-]*\.invalid\b")
"""An address that no one can own (RFC 2606), in the place of one that the project has yet to get."""


def main() -> int:
    shutil.rmtree(DIST, ignore_errors=True)
    built = build(DIST)
    found = [*faults_of_addresses(), *faults_of_version(), *faults_of_the_tree(), *faults_of_files(built)]
    with tempfile.TemporaryDirectory() as again:
        found += faults_of_repetition(built, build(Path(again)))
    for path in built:
        print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(ROOT)}")
    for fault in found:
        print(f"NOT READY: {fault}", file=sys.stderr)
    if not found:
        print("ready: sign and publish what is in dist/ (docs/RELEASE.md)")
    return 1 if found else 0


def version() -> str:
    found = re.search(r'__version__ = "([^"]+)"', (ROOT / "ebl" / "__init__.py").read_text("utf-8"))
    assert found
    return found[1]


def build(into: Path) -> list[Path]:
    """The distributions, built with the time of the last commit, so that a second build gives the same bytes."""
    into.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": git("log", "-1", "--format=%ct") or "315532800"}
    native = f"from setuptools import build_meta; build_meta.build_sdist({str(into)!r})"
    for command, folder in (
        (["-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", str(into)], ROOT),
        (["-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", str(into)], ROOT / "fonts"),
        (["-c", native], ROOT / "native"),
    ):
        done = subprocess.run(
            [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"the build failed:\n{done.stderr or done.stdout}")
    for left in ROOT.glob("native/*.egg-info"):
        shutil.rmtree(left)
    return sorted(path for path in into.iterdir() if path.suffix in (".gz", ".whl"))


def faults_of_addresses() -> Iterator[str]:
    """Placeholders among the project's addresses, in the metadata and in what the program prints."""
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"].get("urls", {})
    if missing := {"Homepage", "Documentation", "Source", "Issues", "Changelog"} - urls.keys():
        yield f"pyproject.toml: [project.urls] lacks {', '.join(sorted(missing))}"
    for name, url in urls.items():
        if PLACEHOLDER.match(url):
            yield f"pyproject.toml: {name} is the placeholder {url}: write the project's address there"
    home = re.search(r'HOME: Final = "([^"]*)"', (ROOT / "ebl" / "config" / "documentation.py").read_text("utf-8"))
    if home is None or home[1] != urls.get("Documentation"):
        yield "ebl/config/documentation.py: HOME is not Documentation of pyproject.toml"
    for path in (ROOT / "SECURITY.md", ROOT / "MAINTAINERS.md"):
        if PLACEHOLDER.search(path.read_text("utf-8")):
            yield f"{path.name}: it has a placeholder for an address"


def faults_of_version() -> Iterator[str]:
    """A version that the changelog and the tag do not agree with."""
    now = version()
    if not re.fullmatch(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?", now):
        yield f"ebl/__init__.py: {now} is not a version such as 1.2.3 or 1.2.3rc1"
    if not re.search(rf"(?m)^## {re.escape(now)} \(\d{{4}}-\d\d-\d\d\)$", (ROOT / "CHANGELOG.md").read_text("utf-8")):
        yield f"CHANGELOG.md: there is no section '## {now} (YYYY-MM-DD)'"
    if f"v{now}" not in git("tag", "--points-at", "HEAD").split():
        yield f"the last commit has no tag v{now}"


def faults_of_the_tree() -> Iterator[str]:
    """Files that are not in the commit."""
    if changed := git("status", "--porcelain"):
        yield f"files differ from the last commit: {', '.join(line[3:] for line in changed.splitlines()[:5])}"


def faults_of_files(built: list[Path]) -> Iterator[str]:
    """What a distribution lacks or has too much of, and metadata that an index would refuse or a reader would miss."""
    kinds = {path.name.removesuffix(".gz").removesuffix(".tar").partition("-")[0] + path.suffix for path in built}
    if kinds != {"ebl.gz", "ebl.whl", "ebl_fonts.gz", "ebl_fonts.whl", "ebl_native.gz"}:
        yield f"dist/ has {', '.join(path.name for path in built)}, and not three source archives and two wheels"
    for path in built:
        if path.suffix == ".whl" and not path.name.startswith("ebl-"):
            continue
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as archive:
                files = {name: archive.read(name) for name in archive.namelist()}
            yield from _faults_of_wheel(path.name, files)
        else:
            with tarfile.open(path) as archive:
                names = {name.partition("/")[2] for name in archive.getnames()}
            for needed in ("LICENSE", "NOTICE", "README.md", "pyproject.toml", "PKG-INFO"):
                if needed not in names:
                    yield f"{path.name}: it has no {needed}"


def _faults_of_wheel(wheel: str, files: dict[str, bytes]) -> Iterator[str]:
    tracked = git("ls-files", "ebl", "schemas", "docs/codes").split() or [
        str(path.relative_to(ROOT))
        for folder in ("ebl", "schemas", "docs/codes")
        for path in (ROOT / folder).rglob("*.*")
    ]
    places = {"schemas/": "ebl/schemas/", "docs/codes/": "ebl/code_pages/"}
    expected = set()
    for name in tracked:
        place = next((place for place in places if name.startswith(place)), None)
        expected.add(name if place is None else places[place] + name.removeprefix(place))
    found = {name for name in files if ".dist-info/" not in name}
    yield from (f"{wheel}: it lacks {name}" for name in sorted(expected - found))
    yield from (f"{wheel}: it has {name}, which is not in the commit" for name in sorted(found - expected))
    (about,) = (content for name, content in files.items() if name.endswith(".dist-info/METADATA"))
    fields = email.message_from_bytes(about)
    for field in ("Name", "Version", "Summary", "License-Expression", "Requires-Python", "Description-Content-Type"):
        if not fields.get(field):
            yield f"{wheel}: its metadata have no {field}"
    if fields.get("Version") != version():
        yield f"{wheel}: its version is {fields.get('Version')}, and that of the package {version()}"
    if re.search(r"\]\((?!https?://|#|mailto:)", str(fields.get_payload())):
        yield f"{wheel}: its description, README.md, has relative links, which lead nowhere on an index (see hatch_build.py)"
    if PLACEHOLDER.search(str(fields.get_payload())):
        yield f"{wheel}: the links of its description begin with a placeholder: set tool.hatch.metadata.hooks.custom.files"


def faults_of_repetition(first: list[Path], second: list[Path]) -> Iterator[str]:
    """Files of `ebl` and its fonts that a second build made differently. That of `ebl-native` holds the time of its build."""
    for one, other in zip(first, second, strict=True):
        if not one.name.startswith("ebl_native") and one.read_bytes() != other.read_bytes():
            yield f"{one.name}: a second build gave other bytes"


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.rstrip() if done.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main())
