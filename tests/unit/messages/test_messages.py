"""What findings and errors say is data: every message has its template, filled by what the template names."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

import pytest

from ebl import codes
from ebl.codec import strict_json
from ebl.messages import parse, say
from ebl.messages.catalogue import ENGLISH, KINDS, languages, phrase, placeholders, render, templates
from ebl.model.broken_input import ERRORS

ROOT = Path(__file__).parents[3] / "ebl"
MAKERS = {"say", "Refuted", "SourceError", "Undetermined", "Unsupported", "Malformed", "Unreadable"}
"""What makes a message of a code, a variant and parameters; beside `Note.of`, `Reason.of` and the kinds of `Broken`."""


def kinds_of_broken() -> dict[str, str]:
    """The subject of each kind of `Broken`, by the name of its class."""
    text = "".join(path.read_text(encoding="utf-8") for path in ROOT.rglob("*.py"))
    return dict(re.findall(r'^class (\w+)\(Broken\):\n(?:.*\n){2,6}?    subject = "(\w+)"$', text, re.MULTILINE))


BROKEN = kinds_of_broken()


def makers(path: Path) -> Iterator[ast.Call]:
    nodes = [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    printing = {
        name.asname or name.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == "ebl.cli.output"
        for name in node.names
    }
    own = MAKERS - (printing if path.parent.name == "cli" else set()) - ({"say"} if path.name == "output.py" else set())
    for node in nodes:
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name) if name in own:
                    yield node
                case ast.Attribute(value=ast.Name(id="Note" | "Reason"), attr="of"):
                    yield node
                case ast.Name(id=name) | ast.Attribute(attr=name) if name in BROKEN:
                    yield ast.copy_location(
                        ast.Call(node.func, [ast.Constant(BROKEN[name]), *node.args], node.keywords), node
                    )


def code_of(node: ast.expr) -> str | None:
    """The code that is named there; None if it is known at run time only."""
    match node:
        case ast.Attribute(value=ast.Name(id=kind), attr=name) if kind in ("Failure", "Doubt", "Remark", "Condition"):
            return str(getattr(codes, kind)[name])
        case ast.Constant(value=str(section)):
            return section
    return None


def code_of_subject(subject: str) -> str | None:
    return (
        "document.unsupported_context"
        if subject == "unknown_context"
        else ERRORS[subject][1]
        if subject in ERRORS
        else None
    )


def variants_of(call: ast.Call) -> list[str]:
    """The variant that is named there, or the two of which it is one; none if the message was made elsewhere."""
    if len(call.args) < 2:
        return [""]
    match call.args[1]:
        case ast.Constant(value=str(variant)):
            return [variant]
        case ast.IfExp(body=ast.Constant(value=str(one)), orelse=ast.Constant(value=str(other))):
            return [one, other]
        case ast.JoinedStr():
            raise AssertionError("a sentence where it is raised")
    return []


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sentence_is_written_where_it_is_raised(path: Path) -> None:
    known = templates(ENGLISH)
    for call in makers(path):
        where = f"{path.name}:{call.lineno}"
        assert call.args, where
        if any(word.arg is None for word in call.keywords):
            continue  # what passes parameters on
        code, variants = code_of(call.args[0]), variants_of(call)
        named = {word.arg for word in call.keywords} - {"reason"}
        assert variants or not named, where
        for variant in variants:
            assert " " not in variant, where
            texts = [
                text
                for one in ([code, code_of_subject(code), "any"] if code else known)
                if (text := known.get(one or "", {}).get(variant)) is not None
            ]
            assert texts, f"{where}: the catalogue has no {code or '?'}/{variant}"
            assert any(set(placeholders(text)) == named for text in texts), f"{where}: {sorted(map(str, named))}"


@pytest.mark.parametrize("kind", [codes.Failure, codes.Doubt, codes.Remark, codes.Condition])
def test_every_code_has_a_template(kind: type[StrEnum]) -> None:
    assert [code for code in kind if code not in templates(ENGLISH)] == []


@pytest.mark.parametrize("code", sorted(templates(ENGLISH)))
def test_placeholders_are_of_known_kinds(code: str) -> None:
    for text in templates(ENGLISH)[code].values():
        for kind in placeholders(text).values():
            inner = kind.removeprefix("[").removesuffix("]")
            assert inner.partition(" ")[0] in KINDS or (code == "style" and not kind), f"{code}: {kind!r}"


@pytest.mark.parametrize("number", [0, 2**53 - 1, 2**53, -(2**53), 2**255])
def test_numbers_come_back_from_json_as_they_were(number: int) -> None:
    made = say("chain.reorganised", host="node.example", block=number)
    assert f"block {number} was replaced" in str(made)
    assert parse(strict_json.parse(json.dumps(made.to_dict()).encode())) == made


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (0.3, "0.3 s"),
        (8.0, "8 s"),
        (8.000_001, "8 s"),
        (60, "1 minute"),
        (300, "5 minutes"),
        (90, "0:01:30"),
        (172_801, "2 days, 0:00:01"),
    ],
)
def test_lengths_of_time_have_their_unit(seconds: float, shown: str) -> None:
    made = say("web.timeout", host="n.example", within=timedelta(seconds=seconds))
    assert str(made).endswith(f" within {shown}")
    assert parse(strict_json.parse(json.dumps(made.to_dict()).encode())) == made


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("carrier.example", "'carrier.example'"),
        ("a'; all was checked, and 'b", r"'a\'; all was checked, and \'b'"),
        ("ends in \\", r"'ends in \\'"),
        ("a\\' b", r"'a\\\' b'"),
        ("a\n✔ status \u202e\ud800", r"'a\n✔ status \u202e\ud800'"),
        ("{text.__class__} {0} {", "'{text.__class__} {0} {'"),
    ],
)
def test_a_text_from_outside_cannot_end_its_quotation(text: str, shown: str) -> None:
    assert str(say("value", "text", text=text)) == shown


def test_a_path_that_reads_like_a_sentence_is_quoted() -> None:
    for path, shown in (("/a/0/b", "/a/0/b"), ("/a is fine", "'/a is fine'"), ("/a\u202e", r"'/a\u202e'")):
        made = str(say("document.schema", "object", at=path, came=say("value", "nothing")))
        assert made == f"{shown}: expected an object; got nothing."


def test_a_text_that_was_kept_is_cut_as_one_that_is_made() -> None:
    made = say("any", "own_words", text="a" * 1000)
    assert parse(made.to_dict()) == made
    assert parse({"key": "any/own_words", "params": {"text": "a" * 1000}}) == made


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("age", [float("inf"), float("-inf"), float("nan"), -1e300, 10**400])
def test_odd_times_and_numbers_are_shown_in_every_language(language: str, time: str, age: float) -> None:
    params = {"block": 1, "chain": 1, "time": time, "age": age, "most": 1}
    assert render(parse({"key": "chain.stale/too_old", "params": params}), language)
    assert phrase("report", "as_of", language, time=time)
