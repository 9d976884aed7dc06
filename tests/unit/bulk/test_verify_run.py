"""A run goes on where it stopped, with the same rows, and with nothing but the same plan."""

from __future__ import annotations

import json
import shutil
import sys
import warnings
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ebl.bulk import BulkOptions, Piece, Processes, verify
from ebl.bulk.result_rows import flat
from ebl.config import file_lock
from ebl.errors import InvalidInput
from ebl.policy import IssuedBy, parse
from tests.unit.bulk.conftest import Here

POLICY = IssuedBy("carrier.example")
OPTIONS = BulkOptions(part_size=5, now=lambda: datetime(2026, 1, 1, tzinfo=UTC))
SCHEMA = json.loads((Path(__file__).parents[3] / "schemas" / "report.schema.json").read_text())


def content(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((out / "rows").iterdir())}


class StoppedError(Exception):
    """The driver stops."""


def test_rows_are_reports_by_the_schema_and_flat_rows_say_the_same(lines: Path, tmp_path: Path) -> None:
    with lines.open("ab") as file:
        file.write(b"nonsense\n")
    verify(lines, tmp_path / "a", POLICY, options=OPTIONS, engine=Here())
    verify(lines, tmp_path / "b", POLICY, options=replace(OPTIONS, reports=False), engine=Here())
    reports = [json.loads(line) for one in content(tmp_path / "a").values() for line in one.splitlines()]
    rows = [json.loads(line) for one in content(tmp_path / "b").values() for line in one.splitlines()]
    assert len(rows) == 13
    for report in reports:
        jsonschema.validate(report, SCHEMA)
    assert [*map(flat, reports)] == rows
    assert rows[0]["bill_number"]


def test_a_run_that_was_interrupted_has_the_rows_of_one_that_was_not(lines: Path, tmp_path: Path) -> None:
    def stop_at_second(piece: Piece) -> bool:
        if piece.part.number == 1:
            raise StoppedError
        return False

    verify(lines, tmp_path / "whole", POLICY, options=OPTIONS, engine=Here())
    out = tmp_path / "out"
    with pytest.raises(StoppedError):
        verify(lines, out, POLICY, options=OPTIONS, engine=Here(stop_at_second))
    assert json.loads((out / "summary.json").read_text())["state"] == "running"
    again = Here()
    summary = verify(lines, out, POLICY, options=OPTIONS, engine=again)
    assert [number for number, _, _ in again.pieces] == [1, 2]
    assert content(out) == content(tmp_path / "whole")
    assert summary.counts.documents == 12
    assert json.loads((out / "summary.json").read_text())["state"] == "done"


def test_a_run_is_not_gone_on_with_after_a_day_though_it_reads_no_chain(lines: Path, tmp_path: Path) -> None:
    def stop_at_second(piece: Piece) -> bool:
        if piece.part.number == 1:
            raise StoppedError
        return False

    def at(**later: int) -> BulkOptions:
        return replace(OPTIONS, now=lambda: OPTIONS.now() + timedelta(**later))

    out = tmp_path / "out"
    with pytest.raises(StoppedError):
        verify(lines, out, POLICY, options=OPTIONS, engine=Here(stop_at_second))
    kept = content(out)
    with pytest.raises(InvalidInput, match=r"planned at 2026-01-01T00:00:00Z, more than 24 hours ago.*--renew"):
        verify(lines, out, POLICY, options=at(hours=24, seconds=1), engine=Here())
    assert content(out) == kept
    verify(lines, out, POLICY, options=at(hours=24), engine=Here())
    verify(lines, out, POLICY, options=at(days=400), engine=Here())  # which is finished


def test_a_retry_is_not_gone_on_with_after_a_day_either(lines: Path, tmp_path: Path) -> None:
    def at(**later: int) -> BulkOptions:
        return replace(OPTIONS, now=lambda: OPTIONS.now() + timedelta(**later))

    def stop_at_second(piece: Piece) -> bool:
        if piece.part.number == 1:
            raise StoppedError
        return False

    out = tmp_path / "out"
    verify(lines, out, POLICY, options=OPTIONS, engine=Here())
    with pytest.raises(StoppedError):
        verify(lines, out, POLICY, options=at(days=9), engine=Here(stop_at_second), retry_unknown=True)
    with pytest.raises(InvalidInput, match=r"planned at 2026-01-10.*--retry-unknown"):
        verify(lines, out, POLICY, options=at(days=11), engine=Here())
    verify(lines, out, POLICY, options=at(days=11), engine=Here(), retry_unknown=True)
    assert {row["as_of"]["time"][:10] for row in read_all(out)} == {"2026-01-12"}


def read_all(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for one in content(out).values() for line in one.splitlines()]


def test_a_summary_has_the_time_of_this_process_if_the_system_does_not_count_for_others(
    lines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    verify(lines, tmp_path / "out", POLICY, options=OPTIONS, engine=Here())
    timings = json.loads((tmp_path / "out" / "summary.json").read_bytes())["timings"]
    assert "driver_cpu_seconds" in timings and "workers_cpu_seconds" not in timings


def test_processes_give_the_same_rows(lines: Path, tmp_path: Path) -> None:
    verify(lines, tmp_path / "here", POLICY, options=OPTIONS, engine=Here())
    verify(lines, tmp_path / "there", POLICY, options=OPTIONS, engine=Processes(2))
    assert content(tmp_path / "here") == content(tmp_path / "there")


def test_a_policy_file_with_a_pattern_goes_to_the_workers(lines: Path, tmp_path: Path) -> None:
    policy = parse('[issuers]\nany = true\n[[content]]\nfield = "number"\nmatches = "X.*"\n').policy
    summary = verify(lines, tmp_path / "out", policy, options=OPTIONS, engine=Processes(1))
    assert summary.counts.codes["policy.content_differs"] == 12


def test_another_policy_or_option_does_not_go_on_with_a_run(lines: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    verify(lines, out, POLICY, options=OPTIONS, engine=Here())
    with pytest.raises(InvalidInput, match="policy"):
        verify(lines, out, IssuedBy("other.example"), options=OPTIONS, engine=Here())
    with pytest.raises(InvalidInput, match="part_size"):
        verify(lines, out, POLICY, options=replace(OPTIONS, part_size=4), engine=Here())
    before = content(out)
    verify(lines, out, POLICY, options=replace(OPTIONS, part_size=4), engine=Here(), renew=True)
    assert content(out) != before


def test_a_source_that_has_changed_does_not_go_on(lines: Path, tmp_path: Path) -> None:
    verify(lines, tmp_path / "out", POLICY, options=OPTIONS, engine=Here())
    with lines.open("ab") as file:
        file.write(b"{}\n")
    with pytest.raises(InvalidInput, match="has changed"):
        verify(lines, tmp_path / "out", POLICY, options=OPTIONS, engine=Here())


@pytest.mark.parametrize("change", ["added", "removed", "changed", "none"])
def test_a_folder_whose_files_have_changed_does_not_go_on(lines: Path, tmp_path: Path, change: str) -> None:
    folder = tmp_path / "bills"
    out = folder / "run"  # what a run writes itself is no change
    folder.mkdir()
    for number, line in enumerate(lines.read_bytes().splitlines()[:4]):
        (folder / f"{number}.json").write_bytes(line)
    verify(folder, out, POLICY, options=OPTIONS, engine=Here())
    match change:
        case "added":
            (folder / "x.json").write_bytes(b"{}")
        case "removed":
            (folder / "0.json").unlink()
        case "changed":
            (folder / "0.json").write_bytes(b"{}")
    if change == "none":
        assert sum(verify(folder, out, POLICY, options=OPTIONS, engine=Here()).counts.verdicts.values()) == 4
        return
    with pytest.raises(InvalidInput, match="files were added, removed or changed"):
        verify(folder, out, POLICY, options=OPTIONS, engine=Here())


def test_a_folder_with_other_files_is_refused(lines: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(InvalidInput, match=r"mine\.txt"):
        verify(lines, tmp_path / "out", POLICY, options=OPTIONS, engine=Here())
    with pytest.raises(InvalidInput, match=r"mine\.txt"):
        verify(lines, tmp_path / "out", POLICY, options=OPTIONS, engine=Here(), renew=True)
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"


def test_two_runs_do_not_write_to_one_folder(lines: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with file_lock.locked(out / ".lock"), pytest.raises(InvalidInput, match="Another run"):
        verify(lines, out, POLICY, options=OPTIONS, engine=Here())


def test_duplicates_are_counted_over_the_whole_run(lines: Path, tmp_path: Path, wrapped: list[bytes]) -> None:
    with lines.open("ab") as file:
        file.write(wrapped[0] + b"\n" + wrapped[0] + b"\n")
    found = verify(lines, tmp_path / "out", POLICY, options=OPTIONS, engine=Here()).duplicates
    assert found["counts"] == {"document": 1}
    assert found["listed"] == [{"kind": "document", "count": 3, "files": [f"{lines}:{at}" for at in (1, 13, 14)]}]


def test_only_what_was_unknown_is_verified_again(lines: Path, tmp_path: Path) -> None:
    with lines.open("ab") as file:
        file.write(b"nonsense\n")
    out = tmp_path / "out"
    verify(lines, out, POLICY, options=OPTIONS, engine=Here())
    before = [json.loads(line) for one in content(out).values() for line in one.splitlines()]
    later = replace(OPTIONS, now=lambda: datetime(2026, 1, 2, tzinfo=UTC))
    summary = verify(lines, out, POLICY, options=later, engine=Here(), retry_unknown=True)
    after = [json.loads(line) for one in content(out).values() for line in one.splitlines()]
    assert summary.counts.documents == 13
    assert after[-1] == before[-1]
    assert {row["as_of"]["time"][:10] for row in after[:-1]} == {"2026-01-02"}
    assert json.loads((out / "summary.json").read_text())["plan"]["earlier"][0]["time"].startswith("2026-01-01")


def test_members_of_one_name_keep_their_own_rows_when_what_was_unknown_is_verified_again(
    tmp_path: Path, wrapped: list[bytes]
) -> None:
    changed = wrapped[0].replace(b"carrier.example", b"another.example", 1)
    path, out = tmp_path / "bills.zip", tmp_path / "out"
    with zipfile.ZipFile(path, "w") as archive:
        for raw in (changed, wrapped[1], b"nonsense"):
            with warnings.catch_warnings(action="ignore"):
                archive.writestr("a.json", raw)
    verify(path, out, POLICY, options=OPTIONS, engine=Here())
    before = content(out)
    found = [flat(json.loads(line)) for line in before["000000.jsonl"].splitlines()]
    assert [row["verdict"] for row in found] == ["invalid", "indeterminate", "unreadable"]
    assert verify(path, out, POLICY, options=OPTIONS, engine=Here(), retry_unknown=True).duplicates["counts"] == {}
    assert content(out) == before


def test_what_is_not_finished_is_not_retried(lines: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    verify(lines, out, POLICY, options=OPTIONS, engine=Here())
    shutil.rmtree(out / "parts")
    with pytest.raises(InvalidInput, match="not finished"):
        verify(lines, out, POLICY, options=OPTIONS, engine=Here(), retry_unknown=True)
