"""The page of the programming interface, written from what the doors export: ``python -m tests.api_page``."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "api.md"
_HEAD = """# The programming interface

Public is what a door exports (its `__all__`): the modules directly in `ebl/`, and the packages directly in it whose
`__init__` has an `__all__`. Everything else is private, and may change without a word. [What is stable](../CHANGELOG.md).

<!-- Written by `python3 dev.py docs` from the doors. -->
"""


def doors() -> Iterator[str]:
    """The names of the doors, those that programs begin with first."""
    modules = {f"ebl.{path.stem}" for path in (ROOT / "ebl").glob("[!_]*.py")}
    packages = {
        f"ebl.{path.parent.name}"
        for path in (ROOT / "ebl").glob("*/__init__.py")
        if "\n__all__" in path.read_text("utf-8")
    }
    first = [f"ebl.{name}" for name in ("wrap", "verify", "policy", "sources", "registry", "credential")]
    yield from first
    yield from sorted(modules - {*first})
    yield from sorted(packages)


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(line for door in doors() for line in _door(door))])


def _door(name: str) -> Iterator[str]:
    door = import_module(name)
    yield f"## `{name}`\n"
    yield f"{_first_line(door)}\n"
    for one in door.__all__:
        value = getattr(door, one)
        is_defined = (inspect.isclass(value) and value.__module__.startswith("ebl.")) or inspect.isroutine(value)
        shown, text = (_signature(value), _first_line(value)) if is_defined else _alias(name, one)
        yield f"- `{one}{shown}`: {text}"
        if is_defined and inspect.isclass(value):
            yield from _members(value)
    yield ""


def _members(owner: type) -> Iterator[str]:
    """The methods and properties that a class defines itself and that have a docstring."""
    if issubclass(owner, Enum | BaseException):
        return
    for name, raw in vars(owner).items():
        is_property = isinstance(raw, property)
        value = raw.fget if is_property else raw.__func__ if isinstance(raw, classmethod | staticmethod) else raw
        if name.startswith("_") or not inspect.isfunction(value) or not value.__doc__:
            continue
        shown = "" if is_property else _signature(getattr(owner, name)).replace("(self, ", "(").replace("(self)", "()")
        yield f"  - `.{name}{shown}`: {_first_line(value)}"


def _alias(module: str, name: str) -> tuple[str, str]:
    """How an alias or a constant is defined, if that is short, and the first line of the string after its definition.

    Raises `LookupError` if there is no such string.
    """
    found = import_module(module)
    tree = ast.parse(Path(str(found.__file__)).read_text("utf-8"))
    for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id == name and isinstance(node, ast.Assign | ast.AnnAssign):
            value = ast.unparse(node.value) if node.value else ""
            if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
                value = node.value.value  # a type in quotes
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                text = str(after.value.value).partition("\n")[0]
                return (f" = {value}" if len(value) <= _SHORT else ""), text
            raise LookupError(f"{module}.{name} has no text: write it in a string under its definition")
    for imported in ast.walk(tree):  # also what is imported for typing only, and loaded when it is used
        if isinstance(imported, ast.ImportFrom):
            for one in imported.names:
                if (one.asname or one.name) == name:
                    return _alias(str(imported.module), one.name)
    raise LookupError(f"{module} neither defines nor imports {name}")


def _first_line(value: Any) -> str:
    return (inspect.getdoc(value) or "").partition("\n")[0]


def _signature(value: Any) -> str:
    if inspect.isclass(value):
        if issubclass(value, Enum):
            return "".join(f" {member.value}" for member in value) if len(value) <= _FEW else ""
        if issubclass(value, BaseException) or getattr(value, "_is_protocol", False) or inspect.isabstract(value):
            return ""
    elif not inspect.isroutine(value):
        return ""
    try:
        signature = inspect.signature(value)
    except ValueError:  # of a type that C makes
        return ""
    made = [
        parameter.replace(default=_default(parameter.default), annotation=_annotation(parameter.annotation))
        for parameter in signature.parameters.values()
    ]
    returns = inspect.Signature.empty if inspect.isclass(value) else _annotation(signature.return_annotation)
    return str(signature.replace(parameters=made, return_annotation=returns))


_FEW = 12
_SHORT = 80


class _Shown:
    """A default value, as the page shows it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _annotation(value: Any) -> Any:
    return _Shown(value) if isinstance(value, str) else value


def _default(value: Any) -> Any:
    if value is inspect.Parameter.empty or value is None or type(value) in (bool, int, float, str, bytes):
        return value
    if isinstance(value, Enum):
        return _Shown(f"{type(value).__name__}.{value.name}")
    return _Shown("()" if value == () else "…")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
