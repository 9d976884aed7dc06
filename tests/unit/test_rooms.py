"""The arrows between rooms point down, and no modules import each other in a circle: of all imports, with no exceptions.

Imports for typing and imports inside functions count like any other: whoever reads a module has to know what it names.
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS: tuple[tuple[str, ...], ...] = (
    ("native",),
    ("codec",),
    ("crypto", "ethereum"),
    ("jsonld", "dnssec"),
    ("codes", "messages"),
    ("errors",),
    ("model",),
    ("config",),
    ("bill",),
    ("transport_document",),
    ("chain", "did"),
    ("status", "identity", "net"),
    ("openattestation", "credentials"),
    ("sharing", "typesetting"),
    ("reports",),
    ("policies", "forms"),
    ("checking",),
    ("evidence", "diagnose"),
    ("wrap", "verify", "registry", "credential", "policy", "sources"),
    ("testing", "bulk", "trade", "mcp"),
    ("cli",),
    ("__main__",),
)
"""From the ground up. What is on one floor imports lower floors only, and nothing else on its own."""
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
DOORS = 12
"""How many modules may be directly in ``ebl``, at most."""


def name_of(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def room_of(module: str) -> str:
    return module.split(".")[1]


@cache
def modules() -> dict[str, Path]:
    return {name_of(path): path for path in (ROOT / "ebl").rglob("*.py") if path.parent.name != "__pycache__"}


@cache
def arrows() -> dict[str, set[str]]:
    """Which modules of ours each module imports, wherever the import stands."""
    known = modules()
    found: dict[str, set[str]] = {name: set() for name in known}
    for name, path in known.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named: list[str] = []
            if isinstance(node, ast.ImportFrom) and node.module:
                named = [f"{node.module}.{one.name}" for one in node.names]
                named = [one if one in known else node.module for one in named]
            elif isinstance(node, ast.Import):
                named = [one.name for one in node.names]
            found[name] |= {one for one in named if one in known and one not in (name, "ebl")}
    return found


def components(graph: dict[str, set[str]]) -> list[set[str]]:
    """The strongly connected components of a graph (Tarjan)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(node: str) -> None:
        number[node] = low[node] = len(number)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in number:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], number[other])
        if low[node] == number[node]:
            at = stack.index(node)
            found.append(set(stack[at:]))
            del stack[at:]

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 4 * len(graph)))
    try:
        for node in graph:
            if node not in number:
                visit(node)
    finally:
        sys.setrecursionlimit(limit)
    return found


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(name) for name in modules() if name != "ebl"}
    assert rooms == FLOOR.keys()


def test_rooms_import_lower_floors_only() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, others in arrows().items()
        for other in others
        if name != "ebl" and room_of(name) != room_of(other) and FLOOR[room_of(other)] >= FLOOR[room_of(name)]
    ]
    assert sorted(wrong) == []


def test_no_modules_import_each_other() -> None:
    circles = [sorted(one) for one in components(arrows()) if len(one) > 1]
    assert circles == []


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        ({"a": {"b"}, "b": set()}, [{"a"}, {"b"}]),
        ({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, [{"a", "b", "c"}, {"d"}]),
        ({"a": {"b"}, "b": {"a"}, "c": {"d"}, "d": {"c", "a"}}, [{"a", "b"}, {"c", "d"}]),
    ],
)
def test_circles_are_found(graph: dict[str, set[str]], expected: list[set[str]]) -> None:
    assert sorted(components(graph), key=sorted) == sorted(expected, key=sorted)


def test_the_package_itself_imports_nothing() -> None:
    assert arrows()["ebl"] == set()


def test_few_modules_are_directly_in_the_package() -> None:
    direct = [path.name for path in (ROOT / "ebl").glob("*.py") if path.stem not in ("__init__", "__main__")]
    assert len(direct) <= DOORS


@pytest.mark.slow
def test_no_class_and_no_file_has_the_name_of_another() -> None:
    """Private ones too: who reads a name anywhere knows which one is meant. Rooms all have an `__init__`."""
    paths = sorted((ROOT / "ebl").rglob("*.py"))
    names: dict[str, list[str]] = {}
    for path in paths:
        place = path.relative_to(ROOT).as_posix()
        if path.stem != "__init__":
            names.setdefault(path.name, []).append(place)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                names.setdefault(node.name, []).append(f"{place}:{node.lineno}")
    assert {name: places for name, places in names.items() if len(places) > 1} == {}
