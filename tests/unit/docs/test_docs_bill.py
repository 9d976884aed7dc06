"""The page on bills: its table is the one of the package, its example of rules is a policy, and its Python runs.

``python tests/unit/docs/test_docs_bill.py`` writes the table.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ebl.bill import table
from ebl.cli import main
from ebl.policy import parse
from ebl.testing.bills import bill as made_up
from ebl.wrap import to_json, wrap

ROOT = Path(__file__).parents[3]
FILE = ROOT / "docs" / "bank" / "bill.md"
MARK = "<!-- The rest is written by tests/unit/docs/test_docs_bill.py. -->\n"
VOCABULARIES = ("trustvc", "sea", "openattestation", "dcsa", "uncefact", "ebl")
DATA = tomllib.loads((ROOT / "ebl" / "bill" / "fields.toml").read_text("utf-8"))


def tables() -> str:
    """The fields by the trade's names, the parts of parties and places, and the vocabularies."""
    return "\n".join(lines()) + "\n"


def lines() -> Iterator[str]:
    yield "| field | what it is | type | TrustVC | our W3C context | OpenAttestation | DCSA | UN/CEFACT | ours | ids |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for row in DATA["field"]:
        kind = row.get("kind")
        name = f"{row['name']}.name" if kind == "place" else row["name"]
        known = table().fields[name]
        several = ", several" if known.many else ""
        cells = [f"`{row['name']}`", row["label"], f"{kind or known.type}{several}", *names(known.names)]
        yield f"| {' | '.join([*cells, ids(row)])} |"
    for kind in ("party", "place"):
        yield ""
        yield (
            f"A {kind} has parts: `shipper.city`, for example."
            if kind == "party"
            else f"So has a {kind}: `port_of_loading.code`."
        )
        yield ""
        yield "| part | what it is | our W3C context | OpenAttestation | DCSA | UN/CEFACT |"
        yield "|---|---|---|---|---|---|"
        for part in DATA["part"]:
            if part["kind"] == kind and part["name"]:
                cells = [", ".join(f"`{one}`" for one in part.get(key, ()) if one) for key in VOCABULARIES[1:5]]
                yield f"| `.{part['name']}` | {part['label']} | {' | '.join(cells)} |"


def names(all_of_them: Any) -> list[str]:
    return [", ".join(f"`{one}`" for one in all_of_them if one.vocabulary == key) for key in VOCABULARIES]


def ids(row: Mapping[str, Any]) -> str:
    return ", ".join(str(row[key]) for key in ("uncefact_id", "untded") if key in row)


def page() -> str:
    return FILE.read_text("utf-8")


def test_the_table_of_the_page_is_the_one_of_the_package() -> None:
    assert page().partition(MARK)[2].strip() == tables().strip()


def test_the_rules_of_the_page_are_a_policy() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", page(), re.DOTALL)
    assert [rule.rule for rule in parse(example).rules][1:] == [
        "content.port_of_discharge",
        "content.shipped_on_board_date",
        "content.goods.hs_code",
        "content.notify_party",
    ]


def test_the_commands_and_the_python_of_the_page_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    raw = to_json(wrap(made_up(1, store="0x" + "11" * 20, domain="carrier.example", chain_id=1337)))
    Path("bill.json").write_bytes(raw)
    (commands,) = re.findall(r"```sh\n(.*?)```", page(), re.DOTALL)
    for line in commands.splitlines():
        done = CliRunner().invoke(main, line.partition("#")[0].split()[1:])
        assert done.exit_code == 0
        assert "port_of_discharge" in done.stdout
    (code,) = re.findall(r"```python\n(.*?)```", page(), re.DOTALL)
    exec(code, {"raw": raw})
    assert capsys.readouterr().out.startswith("present ")


if __name__ == "__main__":
    FILE.write_text(page().partition(MARK)[0] + MARK + "\n" + tables(), "utf-8")
