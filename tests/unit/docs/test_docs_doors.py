"""Programs go through the doors: what README, pages and examples import, how much of it, and the page that lists it all."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path

import pytest

from tests import api_page

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
DOORS = list(api_page.doors())


def imports(code: str) -> list[tuple[str, str]]:
    """Each name of ours that a piece of Python imports, with its module."""
    return [
        (str(node.module), name.name)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] == "ebl"
        for name in node.names
    ]


def pieces() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for number, code in enumerate(re.findall(r"```py(?:thon)?\n(.*?)```", page.read_text("utf-8"), re.DOTALL)):
            yield f"{page.name} {number}", code
    for path in EXAMPLES:
        yield path.name, path.read_text("utf-8")


SHOWN = dict(pieces())
OTHERS = {"Path", "dns", "ebl", "json"}
"""Names of other packages, and our own package, which docstrings may link to."""


def test_at_most_twelve_modules_lie_directly_in_the_package() -> None:
    assert len(list((ROOT / "ebl").glob("*.py"))) <= 12


@pytest.mark.parametrize("door", DOORS)
def test_everything_that_a_door_exports_is_there_and_sorted(door: str) -> None:
    names = import_module(door).__all__
    for name in names:
        assert hasattr(import_module(door), name), name
    assert len(set(names)) == len(names)


def signatures(value: object) -> Iterator[str]:
    """The annotations of what is called: a function, or a class and its public methods."""
    called = [value] if inspect.isroutine(value) else []
    if inspect.isclass(value) and value.__module__.startswith("ebl."):
        called = [one for name, one in vars(value).items() if inspect.isfunction(one) and name[0] != "_"]
        called += [value.__init__] if is_dataclass(value) else []
    for one in called:
        yield from map(str, getattr(one, "__annotations__", {}).values())


@pytest.mark.parametrize("door", DOORS)
def test_every_class_that_a_public_signature_names_is_at_a_door(door: str) -> None:
    ours = {
        name
        for path in (ROOT / "ebl").rglob("*.py")
        for name in re.findall(r"(?m)^class (\w+)", path.read_text("utf-8"))
    }
    public = {name for one in DOORS for name in import_module(one).__all__}
    for name in import_module(door).__all__:
        for annotation in signatures(getattr(import_module(door), name)):
            assert not (set(re.findall(r"\w+", annotation)) & ours) - public, f"{name}: {annotation}"


@pytest.mark.parametrize("place", SHOWN)
def test_what_is_shown_imports_what_doors_export_and_nothing_else(place: str) -> None:
    for module, name in imports(SHOWN[place]):
        assert module in DOORS, f"{module} is no door"
        assert name in import_module(module).__all__, f"{module} does not export {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_names_in_sentences_are_of_doors_too(page: Path) -> None:
    text = page.read_text("utf-8")
    inside = ("api.md", "design.md", "limits.md", "dependencies.md", "performance.md")  # or quoted from there
    if page.name in inside or page.parent.name == "adr":
        pytest.skip("about the inside")
    for dotted in re.findall(r"`(ebl\.\w+(?:\.\w+)*)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        door = ".".join(dotted.split(".")[:2])
        assert door in DOORS, dotted
        if rest := dotted.split(".")[2:]:
            assert hasattr(import_module(door), rest[0]) and rest[0] in import_module(door).__all__, dotted


@pytest.mark.parametrize(
    ("place", "names", "modules"),
    [("README.md 1", 4, 3), ("README.md 0", 6, 3), ("titles.md 0", 8, 3)],
    ids=["verify", "wrap and issue", "transfer a title"],
)
def test_a_task_needs_few_imports(place: str, names: int, modules: int) -> None:
    needed = imports(SHOWN[place])
    assert 0 < len(needed) <= names
    assert len({module for module, _ in needed}) <= modules


def test_every_public_name_is_explained_in_a_line() -> None:
    rows = [line for line in api_page.page().splitlines() if line.startswith("- ")]
    assert len(rows) == sum(len(import_module(door).__all__) for door in DOORS)
    assert [row for row in rows if not re.search(r"`: \S.*[.:)]$|`: \S.{20,}$", row)] == []


def docstrings(door: str) -> Iterator[tuple[str, str, set[str]]]:
    """Each public docstring with its place, and the names of parameters and members that it may use."""
    module = import_module(door)
    yield door, module.__doc__ or "", set()
    for name in module.__all__:
        value = getattr(module, name)
        if not str(getattr(value, "__module__", "")).startswith("ebl."):
            continue
        if inspect.isroutine(value):
            yield f"{door}.{name}", inspect.getdoc(value) or "", set(inspect.signature(value).parameters)
        if inspect.isclass(value):
            own = set(dir(value)) | set(getattr(value, "__annotations__", {}))
            yield f"{door}.{name}", value.__doc__ or "", own
            for member, one in vars(value).items():
                function = one.fget if isinstance(one, property) else getattr(one, "__func__", one)
                if member[0] != "_" and inspect.isfunction(function):
                    names = own | set(inspect.signature(function).parameters)
                    yield f"{door}.{name}.{member}", function.__doc__ or "", names


@pytest.mark.parametrize("door", DOORS)
def test_public_docstrings_link_to_public_names_only(door: str) -> None:
    """In single backticks is what the manual has a place for; what is private is in double ones."""
    public = {name for one in DOORS for name in import_module(one).__all__}
    sources = [path.read_text("utf-8") for path in (ROOT / "ebl").rglob("*.py")]
    ours = {name for text in sources for name in re.findall(r"(?m)^(?:class |def |(?=[A-Z]+\b))(\w+)", text)}
    wrong = []
    for place, text, own in docstrings(door):
        for name in re.findall(r"(?<!`)`([A-Za-z_][\w.]*)`(?!`)", text):
            first, *rest = name.split(".")
            if first == "ebl" and name not in DOORS:
                if ".".join(["ebl", *rest[:1]]) not in DOORS or (rest[1:] and rest[1] not in public):
                    wrong.append(f"{place} names {name}")
            elif first in ours - public - own and first not in OTHERS and not hasattr(builtins, first):
                wrong.append(f"{place} names {name}")
    assert wrong == []


def test_the_page_of_the_interface_is_written_from_the_doors() -> None:
    assert api_page.PAGE.read_text("utf-8") == api_page.page(), "run python3 dev.py docs"
