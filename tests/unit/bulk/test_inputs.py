"""Every input has one place in one part, whatever the form of the source."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebl.bulk.input_part import InputPart, Item
from ebl.bulk.inputs import Inputs, find
from ebl.config import files
from ebl.config.folder_files import PassedOver
from ebl.errors import InvalidInput, Unreadable


def all_of(inputs: Inputs, parts: list[InputPart]) -> list[Item]:
    return [item for part in parts for item in inputs.items(part)]


@given(
    st.lists(st.sampled_from([b"{}", b'{"a":1}', b"", b"  ", b'"' + b"x" * 50 + b'"'])),
    st.integers(1, 7),
    st.booleans(),
)
def test_each_line_that_is_not_white_is_read_once_in_order(
    tmp_path_factory: pytest.TempPathFactory, content: list[bytes], size: int, ends: bool
) -> None:
    path = tmp_path_factory.mktemp("lines") / "a.jsonl"
    path.write_bytes(b"\n".join(content) + (b"\n" if ends and content else b""))
    expected = [(f"{path}:{number}", line) for number, line in enumerate(content, 1) if line.strip()]
    try:
        inputs, parts = find(str(path), path.parent, part_size=size)
    except InvalidInput:
        assert expected == []
        return
    assert all_of(inputs, parts) == expected
    assert [part.number for part in parts] == [*range(len(parts))]


def test_a_piece_is_the_same_inputs_as_in_its_part(lines: Path, tmp_path: Path) -> None:
    inputs, parts = find(str(lines), tmp_path, part_size=5)
    for part in parts:
        whole = [*inputs.items(part)]
        for start in range(part.count):
            assert [*inputs.items(part, start, start + 1)] == [whole[start]]


def test_a_line_longer_than_any_document_is_passed_without_being_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_DOCUMENT", 100)
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"{}\n" + b"x" * 5000 + b"\n{}\n")
    inputs, parts = find(str(path), tmp_path)
    (_, first), (name, large), (_, last) = all_of(inputs, parts)
    assert first == last == b"{}"
    assert name == f"{path}:2"
    assert isinstance(large, Unreadable)
    assert large.code == "document.too_large"


def test_every_entry_of_a_folder_has_a_place(tmp_path: Path) -> None:
    folder, run = tmp_path / "bills", tmp_path / "run"
    (folder / "sub").mkdir(parents=True)
    run.mkdir()
    (folder / "b.json").write_text("{}")
    (folder / "sub" / "a.txt").write_text("[1]")
    (folder / "x.pdf").write_bytes(b"%PDF-1.7\n")
    (folder / "gone").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe")
    (folder / "\udcff.json").write_text("{}")
    found = all_of(*find(str(folder), run, part_size=2))
    kinds = {
        name.removeprefix(f"{folder}/"): one if isinstance(one, bytes) else one.reason
        for name, one in found
        if not isinstance(one, Unreadable)
    }
    assert kinds == {
        "b.json": b"{}",
        "gone": "link",
        "pipe": "device",
        "sub/a.txt": b"[1]",
        "x.pdf": "pdf",
        "\udcff.json": b"{}",
    }
    assert [name for name, _ in found] == sorted((name for name, _ in found), key=os.fsencode)


def test_a_file_that_is_gone_since_it_was_listed_has_its_row(tmp_path: Path) -> None:
    folder, run = tmp_path / "bills", tmp_path / "run"
    folder.mkdir()
    run.mkdir()
    (folder / "a.json").write_text("{}")
    inputs, parts = find(str(folder), run)
    (folder / "a.json").unlink()
    ((name, bad),) = all_of(inputs, parts)
    assert name == f"{folder}/a.json"
    assert isinstance(bad, Unreadable)
    assert bad.code == "document.no_file"


@pytest.mark.parametrize("name", ["bill.json", "bills.gz", "nothing.jsonl", "http://carrier.example/a.jsonl"])
def test_what_is_not_a_source_of_many_documents_is_refused(tmp_path: Path, name: str) -> None:
    for one in ("bill.json", "bills.gz"):
        (tmp_path / one).write_text("{}")
    with pytest.raises(InvalidInput):
        find(name if "://" in name else str(tmp_path / name), tmp_path)


def test_passed_over_is_told_from_read(tmp_path: Path) -> None:
    folder, run = tmp_path / "bills", tmp_path / "run"
    folder.mkdir()
    run.mkdir()
    (folder / "empty").write_text("")
    ((_, one),) = all_of(*find(str(folder), run))
    assert isinstance(one, PassedOver)
    assert one.reason == "empty"
