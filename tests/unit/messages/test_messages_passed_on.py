"""Functions that make a message by a variant that their callers name: every caller names one that the catalogue has."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ebl.messages.catalogue import ENGLISH, placeholders, templates
from tests.unit.messages.test_messages import ROOT, code_of


@dataclass(frozen=True)
class Helper:
    """``variant`` and ``code_at`` are places of positional arguments; ``given`` is what the function itself fills in."""

    variant: int
    code: str
    given: frozenset[str] = frozenset()
    code_at: int = 99


HELPERS = {
    "wrong": Helper(1, "document.schema", frozenset({"at", "came"}), code_at=3),
    "because": Helper(3, "any"),
    "bad": Helper(0, "document.context"),
    "unsigned": Helper(1, "document.unsigned_json", frozenset({"at"})),
    "meaningless": Helper(1, "document.context", frozenset({"at"})),
}
FILES = [
    *(path for room in ("openattestation", "credentials", "jsonld") for path in sorted(ROOT.glob(f"{room}/*.py"))),
    ROOT / "model" / "members.py",
]


def calls(path: Path) -> Iterator[tuple[ast.Call, Helper]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in HELPERS:
                yield node, HELPERS[name]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_catalogue_has_what_callers_name(path: Path) -> None:
    known = templates(ENGLISH)
    for call, helper in calls(path):
        where = f"{path.name}:{call.lineno}"
        variant = call.args[helper.variant]
        assert isinstance(variant, ast.Constant), where
        code = code_of(call.args[helper.code_at]) if len(call.args) > helper.code_at else helper.code
        text = known.get(code or "", {}).get(str(variant.value))
        assert text is not None, f"{where}: the catalogue has no {code}/{variant.value}"
        assert set(placeholders(text)) == helper.given | {str(word.arg) for word in call.keywords}, where


def test_every_helper_is_called() -> None:
    called = {id(helper) for path in FILES for _, helper in calls(path)}
    assert called == {id(helper) for helper in HELPERS.values()}
