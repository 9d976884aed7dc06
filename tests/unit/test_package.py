"""What gets published: the source archive builds the wheel, and the wheel is all that a user needs."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from configparser import ConfigParser
from pathlib import Path
from pkgutil import resolve_name

import pytest

from ebl.testing import plugin

ROOT = Path(__file__).parents[2]


def build(kind: str, source: Path, into: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(into)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(into.iterdir())


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the source archive builds, unpacked."""
    folder = tmp_path_factory.mktemp("package")
    with tarfile.open(build("sdist", ROOT, folder / "sdist")) as archive:
        archive.extractall(folder / "source", filter="data")
    wheel = build("wheel", next((folder / "source").iterdir()), folder / "wheel")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_has_the_package_with_its_data_and_nothing_else(installed: Path) -> None:
    package = {path.relative_to(ROOT) for path in (ROOT / "ebl").rglob("*") if path.is_file() and path.suffix != ".pyc"}
    schemas = {Path("ebl") / path.relative_to(ROOT) for path in (ROOT / "schemas").iterdir()}
    pages = {Path("ebl") / "code_pages" / path.name for path in (ROOT / "docs" / "codes").iterdir()}
    found = {path.relative_to(installed) for path in installed.rglob("*") if path.is_file()}
    assert {path for path in found if not path.parts[0].endswith(".dist-info")} == package | schemas | pages
    assert Path("ebl/py.typed") in found


def test_what_is_installed_wraps_and_verifies_away_from_the_sources(installed: Path, tmp_path: Path) -> None:
    program = """
from ebl import __file__ as where
from ebl.testing.bills import bill
from ebl.wrap import to_json, wrap
open("bill.json", "wb").write(to_json(wrap(bill(1, store="0x" + "11" * 20, domain="a.example", chain_id=1))))
print(where)
"""
    environment = {"PYTHONPATH": str(installed), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"}  # it stays as it was built
    run = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True, "check": False}
    done = subprocess.run([sys.executable, "-c", program], **run)
    assert Path(done.stdout.strip()).is_relative_to(installed), done.stderr
    said = subprocess.run([sys.executable, "-m", "ebl", "verify", "--offline", "bill.json"], **run)
    assert said.returncode == 3
    assert "unaltered since it was wrapped" in said.stdout


def test_the_metadata_name_the_program_and_the_plugin(installed: Path) -> None:
    points = ConfigParser()
    points.read(next(installed.glob("*.dist-info")) / "entry_points.txt")
    assert callable(resolve_name(points["console_scripts"]["ebl"]))
    assert resolve_name(points["pytest11"]["ebl.testing.plugin"].strip()) is plugin


def test_the_lock_has_every_package_that_the_project_names() -> None:
    """How it is made is at the end of `docs/contributor/dependencies.md`; a lock that is older than a change lacks a package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    ours = {
        _canonical(found[1])
        for found in re.finditer(r"^(\S+?)==(?:.|\n(?=\s))*", lock, re.MULTILINE)
        if "ebl (pyproject.toml)" in found[0]
    }
    in_this_tree = {"ebl", "ebl-fonts", "ebl-native"}
    assert ours == {_canonical(re.match(r"[\w.-]+", line)[0]) for line in named} - in_this_tree  # type: ignore[index]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
