"""Files are wrapped all or none, interrupted runs go on, and nothing that may have been issued is replaced."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ebl.checking.formats import read
from ebl.errors import InvalidInput
from ebl.ethereum import merkle
from ebl.openattestation import v2_integrity as oa2
from ebl.openattestation import wrap_files as module
from ebl.openattestation.wrap_files import JOURNAL, MANIFEST, Job, wrap_files
from ebl.sources import offline
from ebl.testing.bills import bill
from ebl.wrap import unwrap

STORE = "0x" + "11" * 20


def raw(number: int) -> dict[str, Any]:
    return bill(number, store=STORE, domain="carrier.example", chain_id=1337)


@pytest.fixture
def jobs(tmp_path: Path) -> list[Job]:
    folder = tmp_path / "raw"
    folder.mkdir()
    for number in range(7):
        (folder / f"{number}.json").write_text(json.dumps(raw(number)), "utf-8")
    return [(str(folder / f"{number}.json"), f"{number}.json") for number in range(7)]


def left(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir())


def check_all(out: Path, numbers: range, *, one_root: bool = True) -> set[str]:
    roots = set()
    for number in numbers:
        text = (out / f"{number}.json").read_bytes()
        (claim,) = read(text).integrity
        assert isinstance(claim, oa2.UnalteredV2)
        claim.check(offline())
        assert merkle.path(claim.target, claim.proof)[-1] == claim.root
        assert unwrap(json.loads(text)) == raw(number)
        roots.add(claim.root.hex())
    assert (len(roots) == 1) is one_root
    return roots


def test_a_folder_is_wrapped_under_one_root_and_the_manifest_lists_it(jobs: list[Job], tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    done = wrap_files(jobs, tmp_path / "out", progress=lambda *step: told.append(step))
    assert done.root is not None
    assert check_all(tmp_path / "out", range(7)) == {done.root.hex()}
    rows = [json.loads(line) for line in done.manifest.read_text("utf-8").splitlines()]
    assert [row["wrapped"] for row in rows] == [name for _, name in jobs]
    assert [row["file"] for row in rows] == [source for source, _ in jobs]
    assert {row["root"] for row in rows} == {f"0x{done.root.hex()}"}
    for row in rows:
        signature = json.loads((tmp_path / "out" / row["wrapped"]).read_bytes())["signature"]
        assert (row["hash"], row["proof_length"]) == (f"0x{signature['targetHash']}", len(signature["proof"]))
    assert told == [("wrapped", n, 7) for n in range(1, 8)] + [("written", n, 7) for n in range(1, 8)]
    assert left(tmp_path / "out") == [*(f"{n}.json" for n in range(7)), MANIFEST]


def test_each_may_have_a_root_of_its_own(jobs: list[Job], tmp_path: Path) -> None:
    done = wrap_files(jobs, tmp_path / "out", each=True)
    assert done.root is None
    assert len(check_all(tmp_path / "out", range(7), one_root=False)) == 7


def spoil(jobs: list[Job]) -> None:
    Path(jobs[2][0]).write_text("{", "utf-8")
    Path(jobs[4][0]).write_text(json.dumps({**raw(4), "issuers": [], "a.b": 1}), "utf-8")
    Path(jobs[5][0]).unlink()


def test_every_bad_file_is_named_and_nothing_is_written(jobs: list[Job], tmp_path: Path) -> None:
    spoil(jobs)
    with pytest.raises(InvalidInput) as refused:
        wrap_files(jobs, tmp_path / "out")
    pointers = [problem.pointer for problem in refused.value.problems]
    assert pointers == [jobs[2][0], f"{jobs[4][0]}: /a.b", f"{jobs[4][0]}: /issuers", jobs[5][0]]
    assert not (tmp_path / "out").exists()


def test_the_good_ones_are_written_where_each_is_wrapped_for_itself(jobs: list[Job], tmp_path: Path) -> None:
    spoil(jobs)
    done = wrap_files(jobs, tmp_path / "out", each=True)
    assert (done.count, len(done.problems)) == (4, 4)
    assert left(tmp_path / "out") == ["0.json", "1.json", "3.json", "6.json", MANIFEST]


class Stop(Exception):
    pass


@pytest.mark.parametrize("at", [("wrapped", 3), ("wrapped", 7), ("written", 1), ("written", 6)])
def test_an_interrupted_run_goes_on_where_it_stopped(jobs: list[Job], tmp_path: Path, at: tuple[str, int]) -> None:
    def stop(what: str, done: int, total: int) -> None:
        if (what, done) == at:
            raise Stop

    out = tmp_path / "out"
    with pytest.raises(Stop):
        wrap_files(jobs, out, progress=stop)
    begun = {name: (out / name).read_bytes() for name in left(out) if name.endswith(".json")}
    rows = [json.loads(line) for line in (out / JOURNAL).read_text("utf-8").splitlines()[1:]]
    staged = {row["name"]: row["target"] for row in rows}
    assert len(staged) == (at[1] if at[0] == "wrapped" else 7)
    done = wrap_files(jobs, out)
    assert done.count == 7
    check_all(out, range(7))
    for name, target in staged.items():
        assert json.loads((out / name).read_bytes())["signature"]["targetHash"] == target
    for name, content in begun.items():
        assert (out / name).read_bytes() == content
    assert JOURNAL not in left(out)


def test_a_line_that_was_cut_off_is_dropped_and_files_that_changed_are_wrapped_anew(
    jobs: list[Job], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with pytest.raises(Stop):
        wrap_files(jobs, out, progress=lambda what, done, total: interrupt(done == 5))
    journal = (out / JOURNAL).read_bytes()
    (out / JOURNAL).write_bytes(journal[:-40] + b"\n" + b'{"name":' * 100_000 + b"\n")
    Path(jobs[1][0]).write_text(json.dumps(raw(11)), "utf-8")
    assert wrap_files(jobs[:6], out).count == 6
    assert unwrap(json.loads((out / "1.json").read_bytes())) == raw(11)
    assert (out / MANIFEST).read_text("utf-8").count('"1.json"') == 1
    check_all(out, range(2, 6))


def interrupt(now: bool) -> None:
    if now:
        raise Stop


def test_other_options_start_anew(jobs: list[Job], tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(Stop):
        wrap_files(jobs, out, progress=lambda what, done, total: interrupt(done == 5))
    wrap_files(jobs, out, options=module.Options(schema_id="x"))
    assert {json.loads((out / name).read_bytes())["schema"] for _, name in jobs} == {"x"}


def test_other_options_do_not_give_up_a_run_of_which_documents_are_written(jobs: list[Job], tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(Stop):
        wrap_files(jobs, out, progress=lambda what, done, total: interrupt((what, done) == ("written", 3)))
    before = (out / JOURNAL).read_bytes()
    for others in (jobs, jobs[5:]):
        with pytest.raises(InvalidInput, match="of an interrupted run with other options"):
            wrap_files(others, out, options=module.Options(schema_id="x"))
        assert (out / JOURNAL).read_bytes() == before
    assert wrap_files(jobs, out).count == 7
    check_all(out, range(7))


def test_the_documents_are_on_the_disk_before_the_journal_that_could_make_them_again_is_removed(
    jobs: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, seen = tmp_path / "out", []
    monkeypatch.setattr(module.durable, "sync_files", lambda paths, folders: seen.append((left(out), sorted(paths))))
    wrap_files(jobs, out)
    ((there, flushed),) = seen
    assert JOURNAL in there
    assert flushed == sorted(out / name for name in there if name != JOURNAL)


def test_a_folder_that_cannot_be_locked_is_not_said_to_be_in_use(
    jobs: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object, **__: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(module.file_lock, "lock", none)
    with pytest.raises(InvalidInput, match="No locks available"):
        wrap_files(jobs, tmp_path / "out")


def test_documents_of_a_finished_run_are_never_replaced(jobs: list[Job], tmp_path: Path) -> None:
    out = tmp_path / "out"
    wrap_files(jobs[:2], out)
    before = (out / "0.json").read_bytes()
    for again in (jobs[:1], jobs[3:4]):
        with pytest.raises(InvalidInput, match="may have been issued"):
            wrap_files(again, out)
    assert (out / "0.json").read_bytes() == before
    assert left(out) == ["0.json", "1.json", MANIFEST]


def test_two_runs_cannot_write_to_one_folder(jobs: list[Job], tmp_path: Path) -> None:
    out = tmp_path / "out"

    def again(what: str, done: int, total: int) -> None:
        with pytest.raises(InvalidInput, match="Another run"):
            wrap_files(jobs, out)

    assert wrap_files(jobs[:1], out, progress=again).count == 1


@pytest.mark.parametrize("name", ["../a.json", "/a.json", "", MANIFEST, JOURNAL])
def test_documents_stay_inside_the_folder(jobs: list[Job], tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="does not name"):
        wrap_files([(jobs[0][0], name)], tmp_path / "out")


def test_two_files_cannot_become_one(jobs: list[Job], tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="would both become"):
        wrap_files([(jobs[0][0], "a.json"), (jobs[1][0], "a.json")], tmp_path / "out")


def test_no_file_is_no_batch(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="No file"):
        wrap_files([], tmp_path / "out")


def test_the_journal_is_for_its_owner_only(jobs: list[Job], tmp_path: Path) -> None:
    modes = []
    out = tmp_path / "out"
    wrap_files(jobs, out, progress=lambda what, done, total: modes.append((out / JOURNAL).stat().st_mode & 0o077))
    assert set(modes) == {0}


def test_an_interrupted_run_that_cannot_go_on_now_is_not_given_up(jobs: list[Job], tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(Stop):
        wrap_files(jobs, out, progress=lambda what, done, total: interrupt((what, done) == ("written", 3)))
    source = Path(jobs[-1][0])
    kept = source.read_bytes()
    source.write_bytes(b"{}")
    with pytest.raises(InvalidInput, match="was not resumed"):
        wrap_files(jobs, out)
    source.write_bytes(kept)
    assert wrap_files(jobs, out).count == len(jobs)
