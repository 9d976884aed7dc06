"""The JSON Schema of policy files has the keys that the reader takes, with its limits, and judges values as it does."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft7Validator

from ebl.bill import table
from ebl.cli import main
from ebl.config.schemas import load
from ebl.config.settings import SETTINGS, NetworkSettings
from ebl.errors import InvalidInput, Problem
from ebl.policies import content_rules
from ebl.policies.policy_file import KEYS, parse
from tests.unit.policies.test_policy_file import WHOLE

ROOT = Path(__file__).parents[3]
SCHEMA = load("policy.schema.json")
VALIDATOR = Draft7Validator(SCHEMA, format_checker=Draft7Validator.FORMAT_CHECKER)
STORE = "0x142Ca30e3b78A840a82192529cA047ED759a6F7e"
DIGEST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
MORE = f"""
[presentation]
challenge = "c-1"
domain = "bank.example"
[credentials]
list_issuers = ["did:web:lists.example"]
contexts = [{{ url = "https://carrier.example/v1", file = "v1.json", sha256 = "{DIGEST}" }}]
[[content]]
field = "port_of_discharge"
equals = "SGSIN"
which = "every"
[[content]]
field = "number"
one_of = ["BL-1", "BL-2"]
[[content]]
field = "total_gross_weight"
matches = "[0-9]+"
[[content]]
field = "vessel"
present = true
"""
SAMPLE = tomllib.loads(
    WHOLE.replace(
        "withheld = false",
        "withheld = false\nwhole = 'require'\nlist_max_age_days = 30\ndcsa = ['schema']\ndcsa_without = ['TD-05']",
    )
    .replace('formats = ["oa2", "oa3"]', 'formats = ["oa2", "vp"]')
    .replace("max_age_minutes = 30", "max_age_minutes = 30\nprove = true")
    .replace("required = true", "required = true\nregistry = 'vouched'\npresented_to = 'bank.example'")
    .replace(
        '"did:web:third.example"', f'"did:web:third.example", registries = [{{ chain = 137, address = "{STORE}" }}]'
    )
    + MORE
)


def as_json(value: Any) -> Any:
    """TOML's data as editors hand it to a schema: a day is its text."""
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def is_valid(data: Any) -> bool:
    return bool(VALIDATOR.is_valid(as_json(data)))


def as_toml(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return "'" + value + "'"
        case dict():
            return "{ " + ", ".join(f"{key} = {as_toml(inner)}" for key, inner in value.items()) + " }"
        case list():
            return "[" + ", ".join(map(as_toml, value)) + "]"
    return str(value)


def problems(data: dict[str, Any], folder: Path) -> tuple[Problem, ...]:
    """What the reader says of a file with these data."""
    text = "\n".join(f"{key} = {as_toml(value)}" for key, value in data.items())
    try:
        parse(text, folder=folder)
    except InvalidInput as bad:
        assert bad.problems, bad
        return bad.problems
    return ()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "v1.json").write_bytes(b"")  # whose digest is right, and which is no context: only `parse` can tell
    return tmp_path


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    for one in (schema, *schema.get("allOf", ())):
        if "$ref" in one:
            return resolved(SCHEMA["definitions"][one["$ref"].rpartition("/")[2]])
    return schema


def tables(schema: dict[str, Any], at: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], set[str]]]:
    """Every table of a policy file, by its place in the sample, with the keys that the schema gives it."""
    schema = resolved(schema)
    if "properties" in schema:
        yield at, set(schema["properties"])
        for key, inner in schema["properties"].items():
            yield from tables(inner, (*at, key))
    elif "items" in schema:
        for number, entry in enumerate(found(SAMPLE, at)):
            if isinstance(entry, dict):
                yield from tables(schema["items"], (*at, number))


def found(data: Any, at: tuple[str | int, ...]) -> Any:
    for step in at:
        data = data[step] if isinstance(step, int) or step in data else []
    return data


def test_the_reader_takes_the_keys_of_the_schema_and_no_others(folder: Path) -> None:
    seen = {}
    for at, keys in tables(SCHEMA):
        if at[-1:] == ("registries",) or not isinstance(found(SAMPLE, at), dict):
            continue
        data = copy.deepcopy(SAMPLE)
        found(data, at)["zzz"] = 1
        pointer = "/".join(["", *map(str, at), "zzz"])
        (wrong,) = (problem for problem in problems(data, folder) if problem.pointer == pointer)
        assert set(re.split(", ", wrong.expected.removeprefix("one of "))) == keys, at
        assert not is_valid(data)
        seen[at[0] if at else ""] = True
    assert seen.keys() == {"", *SCHEMA["properties"]}


def test_a_setting_has_its_limits_words_and_default_in_the_schema() -> None:
    for place, keys in KEYS.items():
        for key, name in keys.items():
            row, default = SCHEMA["properties"][place]["properties"][key], getattr(NetworkSettings(), name)
            assert row.get("default") == (list(default) if isinstance(default, tuple) else default)
            if (setting := SETTINGS.get(name)) is not None and setting.words:
                assert tuple(row["enum"]) == setting.words
            elif setting is not None:
                assert (row["minimum"], row["maximum"]) == (setting.least, setting.most)


def test_an_editor_completes_the_fields_of_a_bill() -> None:
    content = SCHEMA["definitions"]["content"]["properties"]
    assert content["field"]["enum"] == [*table().fields], "the table of fields has changed: change the schema"
    assert content["one_of"]["maxItems"] == content_rules._MAX_WANTED


def test_the_schema_is_one_and_every_key_says_what_it_is() -> None:
    Draft7Validator.check_schema(SCHEMA)
    for name, place in SCHEMA["properties"].items():
        assert place["description"]
        for key, row in resolved(place["items"] if name == "content" else place)["properties"].items():
            assert row.get("description"), key


def test_the_samples_are_good_to_both(folder: Path) -> None:
    assert is_valid(SAMPLE)
    only_the_context = [problem.pointer for problem in problems(SAMPLE, folder)]
    assert only_the_context == ["/credentials/contexts/0"]
    page = (ROOT / "docs" / "bank" / "policies.md").read_text("utf-8")
    for example in re.findall(r"```toml\n(.*?)```", page, re.DOTALL):
        assert is_valid(tomllib.loads(example))


@pytest.mark.parametrize(
    "words",
    [
        ("--issuer", "carrier.example"),
        ("--any-issuer", "--dnssec", "off", "--agree", "1", "--resolver", "system", "--no-wildcard", "--whole", "prefer"),
        ("--issuer", "did:web:a.example", "--until", "did:web:a.example", "2030-12-31", "--under", "line.example", "--title",
         "--registry", "line.example", "mainnet", STORE, "--chain", "polygon", "--state", "held", "--holder", STORE,
         "--format", "oa2", "--nodes-agree", "20", "--max-age", "5"),
    ],
)  # fmt: skip
def test_the_file_that_policy_new_writes_is_good(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, ["policy", "new", "-", *words])
    assert done.exit_code == 0, done.output
    assert [error.message for error in VALIDATOR.iter_errors(as_json(tomllib.loads(done.stdout)))] == []


def test_the_command_writes_the_schema_for_an_editor(tmp_path: Path) -> None:
    at = tmp_path / "policy.schema.json"
    assert CliRunner().invoke(main, ["policy", "schema", "-o", str(at)]).exit_code == 0
    assert at.read_bytes() == (ROOT / "schemas" / at.name).read_bytes()


VALUES: tuple[Any, ...] = (
    True, False, 0, 1, 2, 19, 20, 21, 99_999, 100_000, 10**8, 10**8 + 1, 2**63, -1, 1.5, "", " ", "x", "held", "safe", "oa2",
    "require", "vouched", "carrier.example", "Carrier.example", "did:web:a.example", "did:", "0x12", STORE, [], ["x"], [1],
    ["oa2"], ["did:web:a.example"], [[]], {}, {"x": 1}, [{}], [{"chain": 1}], [{"chain": 1, "address": STORE}], date(2026, 1, 1),
    [{"domain": "a.example"}], [{"domain": "a.example", "did": "did:web:a.example"}],
)  # fmt: skip

# What a schema cannot know, or an editor need not: everything else that the reader refuses is refused by both.
ONLY_THE_READER = (
    "contradict each other",
    "have the SHA-256",
    "are not a JSON object",
    "a file that can be read",
    "no network is called",
    "a day from",
    "public suffix",
    "for a field that has one value",
    "a pattern",
)


def places(data: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, inner in inside:
        yield (*at, step)
        yield from places(inner, (*at, step))


@pytest.mark.slow
@pytest.mark.parametrize("at", [*places(SAMPLE)], ids=lambda at: ".".join(map(str, at)))
def test_a_value_is_judged_as_the_reader_judges_it(at: tuple[str | int, ...], folder: Path) -> None:
    *above, last = at
    for value in VALUES:
        if isinstance(value, date) and last not in ("since", "until"):
            continue  # an editor takes a day for a text
        data = copy.deepcopy(SAMPLE)
        found(data, tuple(above))[last] = value
        refused = [str(problem) for problem in problems(data, folder)]
        refused = [one for one in refused if not any(words in one for words in ONLY_THE_READER)]
        assert is_valid(data) is (not refused), (value, refused)
