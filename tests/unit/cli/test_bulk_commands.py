"""``ebl bulk verify`` and ``ebl bulk diff``: exit codes, what is printed, and what does not go together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ebl.cli import main
from ebl.testing.bills import bill
from ebl.wrap import to_json, wrap


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "bills.jsonl"
    made = [to_json(wrap(bill(n, store="0x" + "11" * 20, domain="a.example", chain_id=1))).rstrip() for n in range(3)]
    path.write_bytes(b"\n".join(made))
    return path


def ebl(*words: object) -> Result:
    return CliRunner().invoke(main, ["bulk", *map(str, words)])


@pytest.mark.slow
def test_a_run_prints_its_counts_and_ends_by_the_worst_row(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = ebl("verify", source, "-o", out, "--offline", "--workers", 1)
    assert done.exit_code == 3
    assert "3  undetermined" in done.stdout
    again = ebl("verify", source, "-o", out, "--offline", "--workers", 1, "--json")
    assert "This run is finished, as of" in again.stderr
    assert json.loads(again.stdout)["verdicts"] == {"indeterminate": 3}
    other = ebl("verify", source, "-o", out, "--offline", "--workers", 1, "--issuer", "b.example")
    assert other.exit_code == 5
    assert "another policy" in other.stderr
    with source.open("ab") as file:
        file.write(b"\nnonsense")
    renewed = ebl("verify", source, "-o", out, "--offline", "--workers", 1, "--renew", "--rows", "flat")
    assert renewed.exit_code == 5
    assert "1  unreadable" in renewed.stdout
    assert ebl("diff", out, out).exit_code == 0


@pytest.mark.slow
def test_wrapping_ends_with_5_if_a_document_has_no_place(tmp_path: Path) -> None:
    source, out = tmp_path / "raw.jsonl", tmp_path / "out"
    made = [json.dumps(bill(n, store="0x" + "11" * 20, domain="a.example", chain_id=1)) for n in range(3)]
    source.write_text("\n".join(made))
    done = ebl("wrap", source, "-o", out, "--workers", 1)
    assert done.exit_code == 0
    assert "3  wrapped" in done.stdout
    assert len((out / "roots.txt").read_text().split()) == 1
    source.write_text("\n".join([*made, "nonsense"]))
    again = ebl("wrap", source, "-o", tmp_path / "other", "--workers", 1, "--json")
    assert again.exit_code == 5
    assert json.loads(again.stdout)["verdicts"] == {"unreadable": 1, "wrapped": 3}


@pytest.mark.slow
def test_a_dry_run_writes_nothing(source: Path, tmp_path: Path) -> None:
    done = ebl("verify", source, "--offline", "--dry-run", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["documents"] == 3
    assert [*tmp_path.iterdir()] == [source]


@pytest.mark.parametrize(
    "words",
    [
        ["--offline"],
        ["--offline", "--rpc", "1=http://127.0.0.1:1", "-o", "out"],
        ["--offline", "-o", "out", "--renew", "--retry-unknown"],
        ["--offline", "-o", "out", "--address", "auto"],
        ["-o", "out", "--rpc", "1=http://127.0.0.1:1", "--nodes-agree", "2"],
    ],
)
def test_what_does_not_go_together_is_a_mistake_of_usage(
    source: Path, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ebl("verify", source, *words).exit_code == 2
    assert not (tmp_path / "out").exists()
