"""The page on policies: its commands run, its example is a policy, and it names every key that there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ebl.cli import main
from ebl.model.ports import Sources
from ebl.policies import policy_file
from ebl.policy import load, parse

PAGE = (Path(__file__).parents[3] / "docs" / "bank" / "policies.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_every_command_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for line in (line for block in blocks("sh") for line in block.splitlines()):
        words = shlex.split(line)
        assert words[0] == "ebl"
        assert CliRunner().invoke(main, words[1:]).exit_code == 0, line
    assert {"title.registry", "document.whole"} <= {rule.rule for rule in load(Path("bank.toml")).rules}


def test_the_example_is_a_policy() -> None:
    example, in_editor, presentations = blocks("toml")
    assert [rule.rule for rule in parse(in_editor).rules] == ["issuers.trusted"]
    assert [rule.rule for rule in parse(example).rules] == ["issuers.trusted", "title.registry", "document.whole"]
    found = parse(presentations)
    assert [rule.rule for rule in found.rules] == ["issuers.trusted", "presentation.domain"]
    assert found.accepted.list_issuers


def test_the_program_makes_sources_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test_every_command_of_the_page_runs(tmp_path, monkeypatch)
    program = blocks("python")[0]
    names: dict[str, Any] = {}
    exec(program.replace("bank.toml", (tmp_path / "bank.toml").as_posix()), names)
    assert names["bank"].settings.nodes_agree == 2 and isinstance(names["sources"], Sources)


def test_every_key_of_a_policy_file_is_named() -> None:
    keys = re.findall(r"^    (?:    \{ )?\[?(\w+)\]?(?: =|$)", policy_file.__doc__ or "", re.MULTILINE)
    assert len(keys) > 20
    assert [key for key in keys if f"`{key}" not in PAGE and f"`[{key}]`" not in PAGE] == []
