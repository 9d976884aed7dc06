"""The page about limits has every limit, with the value that the code has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ebl.dnssec import Limits

ROOT = Path(__file__).parents[2]
UNITS = {"": 1, " KiB": 2**10, " MiB": 2**20, " GiB": 2**30, " s": 1}
IS_LIMIT = re.compile(r"_?MAX_\w+|\w*SECONDS")


def rows() -> dict[str, str]:
    """The value on the page, by the name of the constant."""
    page = (ROOT / "docs" / "operator" / "limits.md").read_text("utf-8")
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("|")]
    found = [(row[3].strip("`"), row[1]) for row in cells if row[3].startswith("`")]
    assert len(dict(found)) == len(found)
    return dict(found)


def in_code(name: str) -> Any:
    """What the code has under a name below ``ebl.``: a constant of a module, or the default of a field."""
    place, _, last = name.rpartition(".")
    if place.rpartition(".")[2][:1].isupper():  # a class
        kind = in_code(place)
        return next(field.default for field in fields(kind) if field.name == last)
    return getattr(import_module(f"ebl.{place}"), last)


def limits_in_code() -> Iterator[str]:
    for path in sorted((ROOT / "ebl").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT / "ebl").with_suffix("").parts).removesuffix(".__init__")
        if module.startswith("testing."):
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
            for target in targets:
                for one in target.elts if isinstance(target, ast.Tuple) else [target]:
                    if isinstance(one, ast.Name) and IS_LIMIT.fullmatch(one.id):
                        yield f"{module}.{one.id}"


@pytest.mark.parametrize("name", rows())
def test_a_limit_has_the_value_that_the_page_says(name: str) -> None:
    value, unit = re.fullmatch(r"([0-9,]+)(.*)", rows()[name]).groups()  # type: ignore[union-attr]
    assert int(value.replace(",", "")) * UNITS[unit] == in_code(name)


def test_every_limit_is_on_the_page() -> None:
    """A limit is named ``MAX_…`` or ``…SECONDS``: call a new one so, and add its row."""
    assert is_dataclass(Limits)
    of_dnssec = {f"dnssec.Limits.{field.name}" for field in fields(Limits)}
    assert {*limits_in_code(), *of_dnssec} - rows().keys() == set()


def test_the_codes_that_the_page_names_exist() -> None:
    page = (ROOT / "docs" / "operator" / "limits.md").read_text("utf-8")
    pages = {path.stem for path in (ROOT / "docs" / "codes").glob("*.md")}
    assert set(re.findall(r"codes/([a-z_.]+)\.md", page)) <= pages
    codes = {code for row in page.splitlines() for code in re.findall(r", `([a-z]+\.[a-z_]+)` \|", row)}
    assert codes <= pages
