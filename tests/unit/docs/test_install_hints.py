"""Every command that the project names for installing something works in a clone: no package index has ``ebl``."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebl.errors import MissingExtra, install_command

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = set(PROJECT["optional-dependencies"])
LOCKED = set(re.findall(r"(?m)^([A-Za-z0-9_.-]+)==", (ROOT / "requirements.lock").read_text("utf-8")))
READ = (
    "ebl",
    "docs",
    "fonts",
    "native",
    "examples",
    "benchmarks",
    "contracts",
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "dev.py",
)
COMMAND = re.compile(r"pip3? install ([^`\n#]*)")


def texts() -> Iterator[tuple[str, str]]:
    for place in READ:
        for path in [ROOT / place] if (ROOT / place).is_file() else sorted((ROOT / place).rglob("*")):
            if path.suffix in (".py", ".md", ".json", ".toml", ".c", ".h"):
                yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def hints() -> Iterator[tuple[str, str]]:
    for name, text in texts():
        for words in COMMAND.findall(text.replace('\\"', '"')):
            yield name, words.split("  ")[0]


HINTS = sorted(set(hints()))


def faults(words: str) -> Iterator[str]:
    """What a newcomer in a clone would stumble over."""
    found = re.findall(r"""\"[^"]*"|'[^']*'|[^\s"']+""", words)
    arguments = [shlex.split(word)[0].rstrip(").,;:") or "." for word in found]
    for argument in arguments:
        path, _, extras = argument.rstrip("]").partition("[")
        if argument.startswith("-"):
            continue
        if path.startswith("."):
            if not (ROOT / path / "pyproject.toml").exists():
                yield f"{path} is not a project of the clone"
            if wrong := set(filter(None, extras.split(","))) - EXTRAS - {"{extra}"}:
                yield f"there are no extras {wrong}"
        elif re.sub(r"[-_.]+", "-", path).lower() not in LOCKED:
            yield f"{path} is not a package that is known to be on an index"
    if not arguments:
        yield "nothing is named"


@pytest.mark.parametrize(("name", "words"), HINTS)
def test_a_command_that_installs_works_from_a_clone(name: str, words: str) -> None:
    assert list(faults(words)) == []


@pytest.mark.parametrize(
    "words", ["'ebl[fast]'", "ebl", "./natif", "'.[nothing]'", "./native ebl[local]", "", "some-unheard-of-package"]
)
def test_a_command_that_does_not_work_is_found(words: str) -> None:
    assert list(faults(words))


@pytest.mark.parametrize("words", ['./native ".[fast]"', "'.[bbs,kms]'", ".", "eth-tester", "-e ."])
def test_a_command_that_works_is_let_through(words: str) -> None:
    assert list(faults(words)) == []


def test_no_text_speaks_of_extras_of_a_package_that_is_on_no_index() -> None:
    assert [name for name, text in texts() if re.search(r"\bebl\[", text)] == []


@pytest.mark.parametrize("extra", sorted(EXTRAS))
def test_the_message_about_a_missing_part_has_the_command_of_the_one_function(extra: str) -> None:
    assert list(faults(install_command(extra).partition("pip install ")[2])) == []
    if extra in ("bbs", "kms", "local"):
        assert str(MissingExtra(extra)).endswith(f"in a clone of ebl, with: {install_command(extra)}")
