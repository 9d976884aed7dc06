"""The page for those who come from TrustVC names everything that the official package exports, and only what is there here."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click import Command, Context, Group

import ebl.testing
from ebl.cli import main
from ebl.registry import Store, connect, deploy_store, deployed, send
from ebl.testing import LocalChain
from tests import api_page

PAGE = (Path(__file__).parents[2] / "docs" / "from-trustvc.md").read_text("utf-8")
HEADS = {"@trustvc/trustvc", "trustvc", "ebl"}


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


LINES = [line for line in PAGE.splitlines() if line.startswith("| `") and set(names(line)) - HEADS]
ROWS = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in LINES]
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
DOORS = tuple(api_page.doors())
DOMAIN = "carrier.example"


def test_every_export_of_the_official_package_is_named(js: Any) -> None:
    named = {name for left, *_ in ROWS for name in names(left)}
    exported = js("exports.cjs", None)
    assert len(exported) >= 12 and len(exported["."]) > 150
    assert {name for entry in exported.values() for name in entry} - named == set()


def test_no_export_is_named_that_is_not_there(js: Any) -> None:
    exported = {name for entry in js("exports.cjs", None).values() for name in entry}
    assert {name for left, *_ in ROWS for name in names(left) if not name.startswith("trustvc ")} - exported == set()


@pytest.mark.parametrize("name", sorted({n for _, right in ROWS for n in names(right) if n.startswith("ebl.")}))
def test_every_name_of_ours_is_exported(name: str) -> None:
    door = next((one for one in DOORS if name.startswith(f"{one}.")), None)
    if door is None:
        assert name in DOORS
        return
    value: Any = import_module(door)
    first, *rest = re.match(r"[\w.]+", name.removeprefix(f"{door}."))[0].split(".")  # type: ignore[index]
    assert first in value.__all__
    for part in (first, *rest):
        value = getattr(value, part)


@pytest.mark.parametrize("name", sorted({n for _, right in ROWS for n in names(right) if n.startswith("ebl ")}))
def test_every_command_of_ours_is_there(name: str) -> None:
    command: Command = main
    for word in name.split()[1:]:
        if not isinstance(command, Group):
            options = {option for parameter in command.params for option in parameter.opts}
            assert not word.startswith("--") or word in options, word
            continue
        found = command.get_command(Context(command), word)
        assert found is not None, word
        command = found


@pytest.mark.parametrize("program", PROGRAMS[1:])
def test_a_program_of_the_page_runs(program: str) -> None:
    exec(compile(program, "from-trustvc.md", "exec"), {})


def test_what_is_wrapped_and_issued_as_the_page_shows_is_valid(ebl_accounts: Any, ebl_dns: Any) -> None:
    with LocalChain() as chain:
        key, node = ebl_accounts["carrier"], connect(chain.url)
        address = deployed(send(deploy_store(1337, name="Carrier", owner=key.address), signer=key, node=node))
        ebl_dns.zone.txt(DOMAIN, f"openatts net=ethereum netId=1337 addr={address}")
        module: dict[str, Any] = {}
        exec(compile(PROGRAMS[0], "from-trustvc.md", "exec"), module)
        assert module["wrap_issue_verify"](
            ebl.testing.bill(1, chain_id=1337, store=address, domain=DOMAIN),
            store=Store(1337, address),
            node_url=chain.url,
            key=key,
            resolver=ebl_dns.url,
            domain=DOMAIN,
        )
