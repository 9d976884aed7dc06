"""Two runs are compared input by input, by their names within the source."""

from __future__ import annotations

import shutil
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from ebl.bulk import BulkOptions, diff, verify
from ebl.errors import InvalidInput
from ebl.policy import IssuedBy
from tests.unit.bulk.conftest import Here, documents

POLICY = IssuedBy("carrier.example")
OPTIONS = BulkOptions(part_size=3)


@pytest.fixture
def folder(tmp_path: Path, wrapped: list[bytes]) -> Path:
    path = tmp_path / "bills"
    path.mkdir()
    for number, raw in enumerate(wrapped[:6]):
        (path / f"{number}.json").write_bytes(raw)
    return path


def test_nothing_differs_between_two_runs_of_the_same(folder: Path, tmp_path: Path) -> None:
    verify(folder, tmp_path / "old", POLICY, options=OPTIONS, engine=Here())
    verify(folder, tmp_path / "new", POLICY, options=replace(OPTIONS, reports=False, part_size=4), engine=Here())
    assert [*diff(tmp_path / "old", tmp_path / "new")] == []


def test_what_is_added_removed_and_changed_is_named(folder: Path, tmp_path: Path) -> None:
    verify(folder, tmp_path / "old", POLICY, options=OPTIONS, engine=Here())
    moved = tmp_path / "elsewhere"
    shutil.copytree(folder, moved)
    (moved / "1.json").unlink()
    (moved / "2.json").write_bytes(documents(1, first=100)[0])
    (moved / "3.json").write_bytes((moved / "3.json").read_bytes().replace(b"BILL", b"BULL"))
    (moved / "9.json").write_bytes(b"nonsense")
    verify(moved, tmp_path / "new", POLICY, options=OPTIONS, engine=Here())
    found = {one.file: one for one in diff(tmp_path / "old", tmp_path / "new")}
    assert {name: one.kind for name, one in found.items()} == {
        "1.json": "removed",
        "2.json": "changed",
        "3.json": "changed",
        "9.json": "added",
    }
    assert set(found["2.json"].columns) == {"bill_number", "sha256", "document_hash"}
    assert {"verdict", "codes", "sha256"} <= set(found["3.json"].columns)


def test_members_of_one_name_are_compared_in_their_order(tmp_path: Path, wrapped: list[bytes]) -> None:
    for name, raws in {"old": wrapped[:3], "same": wrapped[:3], "new": [wrapped[0], wrapped[3]]}.items():
        (tmp_path / name).mkdir()
        with zipfile.ZipFile(tmp_path / name / "bills.zip", "w") as archive:
            for raw in raws:
                with warnings.catch_warnings(action="ignore"):
                    archive.writestr("a.json", raw)
        verify(tmp_path / name / "bills.zip", tmp_path / f"run {name}", POLICY, options=OPTIONS, engine=Here())
    assert [*diff(tmp_path / "run old", tmp_path / "run same")] == []
    found = [*diff(tmp_path / "run old", tmp_path / "run new")]
    assert [one.kind for one in found] == ["changed", "removed"]


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        list(diff(tmp_path, tmp_path))
