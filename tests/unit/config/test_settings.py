"""Each network setting is declared once: every door has it, with one default, one set of limits, and one way to merge."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from ebl.cli import main
from ebl.cli.verify_command import verify
from ebl.config.settings import SETTINGS, NetworkSettings, Setting, merged
from ebl.errors import InvalidInput
from ebl.model.ports import Sources
from ebl.net.resolvers import Dnssec
from ebl.policies.policy_file import KEYS, parse
from ebl.sources import offline, online

NAMES = [one.name for one in fields(NetworkSettings)]
FLAGS = {name: option for option in verify.params if isinstance(option, click.Option) for name in [option.name]}
PAGE = (Path(__file__).parents[3] / "docs" / "bank" / "policies.md").read_text("utf-8")
PLACES = {name: (table, key) for table, keys in KEYS.items() for key, name in keys.items()}
NO_KEYS = {"rpc", "batch", "rps", "multicall"}
"""They are about a node, and not about what is accepted."""
LIMITED = [setting for setting in SETTINGS.values() if not setting.words]

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "rpc": st.dictionaries(st.integers(1, 9), st.just(("https://a.example",)), max_size=2),
    "resolver": st.sampled_from([("system",), ("public", "udp://192.0.2.1")]),
    "dnssec": st.sampled_from(["require", "prefer", "off"]),
    "resolvers_agree": st.integers(1, 20),
    "nodes_agree": st.integers(1, 20),
    "finality": st.sampled_from(["latest", "safe", "finalized"]),
    "max_age": st.integers(1, 10**8).map(lambda minutes: timedelta(minutes=minutes)),
    "prove": st.booleans(),
    "batch": st.integers(1, 1000),
    "rps": st.integers(0, 10_000),
    "multicall": st.booleans(),
}
LAYERS = st.lists(
    st.fixed_dictionaries({}, optional={name: st.none() | made for name, made in VALUES.items()}), max_size=4
)


def test_every_setting_is_here() -> None:
    assert VALUES.keys() == set(NAMES)


@given(LAYERS)
def test_the_first_layer_that_says_a_setting_decides_it_and_the_default_where_none_does(
    layers: list[dict[str, Any]],
) -> None:
    found, default = merged(*layers), NetworkSettings()
    for name in NAMES:
        said = [layer[name] for layer in layers if layer.get(name) is not None]
        assert getattr(found, name) == (said[0] if said else getattr(default, name))


def test_a_layer_may_not_say_what_is_no_setting() -> None:
    with pytest.raises(TypeError, match="agree"):
        merged({"agree": 2})
    with pytest.raises(TypeError, match="agree"):
        online(agree=2)


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_an_option_a_key_and_a_row_of_the_page(name: str) -> None:
    assert name in FLAGS
    flag = FLAGS[name].opts[0]
    key = "–" if name in NO_KEYS else "[{}] {}".format(*PLACES[name])
    row = next((line for line in PAGE.splitlines() if f"`{flag}" in line and f"| `{name}`" in line), "")
    assert key in row, f"docs/bank/policies.md has no row for {flag} with {key}"
    default = getattr(NetworkSettings(), name)
    if name in SETTINGS and default is not None:
        assert f"| {default} |" in row.replace("`", "")
        assert FLAGS[name].help and f"[{default}]" in str(FLAGS[name].help)
    for limit in SETTINGS[name].words if name in SETTINGS else ():
        assert f"`{limit}`" in row


def in_python(setting: Setting, number: int) -> bool:
    value: Any = timedelta(minutes=number) if setting.default is None else number
    try:
        NetworkSettings(**{setting.name: value})
    except InvalidInput:
        return False
    return True


def in_a_file(setting: Setting, number: int) -> bool:
    table, key = PLACES[setting.name]
    try:
        return setting.name in parse(f"[issuers]\nany = true\n[{table}]\n{key} = {number}").said
    except InvalidInput:
        return False


def on_the_command_line(setting: Setting, number: int) -> bool:
    option = FLAGS[setting.name]
    try:
        option.type.convert(str(number), option, None)
    except click.BadParameter:
        return False
    return True


@pytest.mark.parametrize("setting", LIMITED, ids=[setting.name for setting in LIMITED])
@pytest.mark.parametrize("door", [in_python, in_a_file, on_the_command_line])
def test_the_limits_are_the_same_at_every_door(door: Any, setting: Setting) -> None:
    if door is in_a_file and setting.name in NO_KEYS:
        assert setting.name not in PLACES
        return
    at = (setting.least - 1, setting.least, setting.most, setting.most + 1)
    assert [door(setting, number) for number in at] == [False, True, True, False]


@pytest.mark.parametrize("command", [("policy", "new"), ("title", "show"), ("store", "status"), ("title", "transfer")])
def test_other_commands_have_the_same_limits(command: tuple[str, ...]) -> None:
    group: Any = main
    for word in command:
        group = group.get_command(click.Context(main), word)
    for option in group.params:
        setting = SETTINGS.get(option.name)
        if setting is not None and isinstance(option.type, click.IntRange):
            assert (option.type.min, option.type.max) == (setting.least, setting.most), option.name
        if setting is not None and isinstance(option.type, click.Choice):
            assert tuple(option.type.choices) == setting.words


def test_the_words_are_the_same_at_every_door() -> None:
    for setting in SETTINGS.values():
        if setting.words:
            kind: Any = FLAGS[setting.name].type
            assert tuple(kind.choices) == setting.words
            table, key = PLACES[setting.name]
            for word in setting.words:
                assert NetworkSettings(**{setting.name: word})  # type: ignore[arg-type]
                assert parse(f"[issuers]\nany = true\n[{table}]\n{key} = '{word}'").said
            with pytest.raises(InvalidInput, match=setting.expected):
                parse(f"[issuers]\nany = true\n[{table}]\n{key} = 'no'")


def test_every_mistake_is_named_at_once_and_no_password_is_shown() -> None:
    wrong: dict[str, Any] = {
        "rpc": {1: [7]},
        "resolver": [b"https://user:secret@a.example"],
        "dnssec": "maybe",
        "resolvers_agree": True,
        "nodes_agree": 1.5,
        "finality": "soon",
        "max_age": 30,
        "prove": "yes",
    }
    with pytest.raises(InvalidInput) as caught:
        NetworkSettings(**wrong)
    assert [problem.pointer for problem in caught.value.problems if problem.pointer in NAMES] == [
        "rpc", "resolver", "dnssec", "resolvers_agree", "nodes_agree", "finality", "max_age", "prove",
    ]  # fmt: skip
    assert "secret" not in str(caught.value)
    url = "https://user:secret@a.example"
    assert "secret" not in repr(NetworkSettings(rpc={1: url}, resolver=url))


def test_one_text_is_a_list_of_one_and_what_was_given_is_not_shared() -> None:
    urls = ["https://a.example"]
    settings = NetworkSettings(rpc={1: urls, 2: "https://b.example"}, resolver="system")
    urls.append("https://c.example")
    assert settings.rpc == {1: ("https://a.example",), 2: ("https://b.example",)}
    assert settings.resolver == ("system",)
    assert settings == NetworkSettings(rpc={1: ["https://a.example"], 2: ["https://b.example"]})
    assert hash(settings) == hash(NetworkSettings())  # the nodes are left out of it
    assert pickle.loads(pickle.dumps(settings)) == settings == NetworkSettings(**asdict(settings))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[NetworkSettings]]:
    """The settings of every online sources that a command makes."""
    found: list[NetworkSettings] = []

    def online(settings: NetworkSettings, **more: Any) -> Sources:
        found.append(settings)
        return offline()

    monkeypatch.setattr("ebl.sources.online", online)
    own = tmp_path / "own.toml"
    own.write_text('[mine]\nchain_id = 7\nrpc = ["https://mine.example"]\n', "utf-8")
    monkeypatch.setenv("EBL_NETWORKS", str(own))
    yield found


def run(*words: object) -> None:
    done = CliRunner().invoke(main, ["verify", "-", *map(str, words)], input=b"{}")
    assert done.exit_code == 5, done.output


FILE = """
[issuers]
any = true
[dns]
dnssec = "off"
agree = 2
resolvers = ["public"]
[blocks]
agree = 2
max_age_minutes = 30
prove = true
"""


def test_the_command_line_goes_before_the_policy_file_which_goes_before_the_defaults(
    asked: list[NetworkSettings], tmp_path: Path
) -> None:
    mine = {7: ("https://mine.example",)}
    run()
    assert asked.pop() == NetworkSettings(rpc=mine)
    file = tmp_path / "bank.toml"
    file.write_text(FILE, "utf-8")
    of_file = {"dnssec": "off", "resolvers_agree": 2, "nodes_agree": 2, "resolver": ("public",), "prove": True}
    half_an_hour = timedelta(minutes=30)
    run("--policy", file)
    assert asked.pop() == NetworkSettings(rpc=mine, max_age=half_an_hour, **of_file)  # type: ignore[arg-type]
    words = ("--dnssec", "prefer", "--agree", "1", "--resolver", "udp://192.0.2.1", "--resolver", "system")
    run("--policy", file, *words, "--max-age", 5, "--finality", "safe", "--rpc", "1=http://a", "--rpc", "1=http://b")
    assert asked.pop() == NetworkSettings(
        rpc={1: ("http://a", "http://b")},
        resolver=("udp://192.0.2.1", "system"),
        nodes_agree=2,
        finality="safe",
        max_age=timedelta(minutes=5),
        prove=True,
    )


def test_no_other_module_lists_the_words_of_a_setting_again() -> None:
    root = Path(__file__).parents[3] / "ebl"
    lists = "|".join(
        r",\s*".join(f'"{word}"' for word in setting.words) for setting in SETTINGS.values() if setting.words
    )
    again = re.compile(lists)
    at = {path.relative_to(root).as_posix() for path in root.rglob("*.py") if again.search(path.read_text("utf-8"))}
    assert at == {
        "config/settings.py",
        "diagnose/node_doctor.py",
    }  # which asks a node for each tag, and tells the three answers apart
    assert tuple(Dnssec) == SETTINGS["dnssec"].words
