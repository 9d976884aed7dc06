"""``ebl report`` writes reports to print and keep: one, or a folder of them with a cover sheet, and goes on after a stop."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ebl.cli import main, report_command, report_folder
from ebl.reports import to_html
from ebl.testing.bills import bill
from ebl.wrap import to_json, wrap, wrap_batch
from tests.pdf_files import attachment_of, check, text_of

STORE = "0x" + "11" * 20


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def inbox() -> Path:
    folder = Path("inbox")
    (folder / "sub").mkdir(parents=True)
    made = wrap_batch([bill(number, store=STORE, domain="carrier.example", chain_id=1) for number in range(1, 5)])
    for number, document in enumerate(made.documents, 1):
        (folder / f"bill-{number}.json").write_bytes(to_json(document))
    shutil.move(folder / "bill-4.json", folder / "sub" / "bill-4.json")
    changed = json.loads((folder / "bill-2.json").read_bytes())
    changed["data"]["blNumber"] = changed["data"]["blNumber"][:-1] + "X"
    (folder / "bill-2.json").write_bytes(to_json(changed))
    (folder / "broken.json").write_text("{", "utf-8")
    (folder / "readme.txt").write_text("hello", "utf-8")
    shutil.copy(folder / "bill-1.json", folder / "copy.json")
    return folder


def run(*words: object, code: int = 0) -> Result:
    done = CliRunner().invoke(main, ["report", *map(str, words)])
    assert done.exit_code == code, done.output
    return done


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


# one file -------------------------------------------------------------------------------------------------------------


def test_a_file_gives_a_report_in_the_form_that_its_name_has(inbox: Path) -> None:
    name = inbox / "bill-1.json"
    done = run(name, "--offline", "-o", "a.pdf", code=3)
    assert done.stdout == f"CANNOT BE DETERMINED  {name}\n"
    pdf = Path("a.pdf").read_bytes()
    check(pdf)
    assert "CANNOT BE DETERMINED" in text_of(pdf) and "source.offline" in text_of(pdf)
    run(name, "--offline", "-o", "a.html", code=3)
    assert Path("a.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    run(name, "--offline", "-o", "a.json", code=3)
    kept = json.loads(Path("a.json").read_bytes())
    inside = json.loads(attachment_of(pdf, "report.json"))
    assert kept | {"as_of": None} == inside | {"as_of": None}
    assert kept["file"]["name"] == str(name)


def test_the_exit_code_is_that_of_verify(inbox: Path) -> None:
    run(inbox / "bill-2.json", "--offline", "-o", "a.html", code=1)
    run(inbox / "broken.json", "--offline", "-o", "b.html", code=5)
    assert "UNREADABLE" in Path("b.html").read_text("utf-8")
    run("nowhere.json", "--offline", "-o", "c.html", code=5)


def test_a_report_can_go_to_stdout(inbox: Path) -> None:
    done = run(inbox / "bill-1.json", "--offline", "-o", "-", "--format", "json", code=3)
    assert json.loads(done.stdout)["verdict"] == "indeterminate"
    assert done.stderr.startswith("CANNOT BE DETERMINED")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["inbox/bill-1.json", "-o", "a.txt"], "name a file that ends in .pdf, .html or .json"),
        (["inbox", "-o", "a.pdf"], "several files give a folder of reports"),
        (["inbox/bill-1.json", "inbox/bill-2.json", "-o", "a.pdf"], "several files give a folder of reports"),
        (["inbox", "-o", "inbox/reports"], "a later run would read the reports"),
        (["inbox/bill-1.json", "-o", "a.pdf", "--utc-offset", "8"], "expected an offset from UTC such as +08:00"),
        (["inbox/bill-1.json", "-o", "a.pdf", "--replay", "x"], "Give --offline or --replay, not both"),
        (["inbox/bill-1.json", "-o", "inbox/bill-2.json"], "exists already"),
        (["inbox/bill-1.json", "inbox/sub/../bill-1.json", "-o", "x"], "would both become bill-1.json.pdf"),
    ],
)
def test_what_does_not_go_together_is_refused(inbox: Path, words: list[str], expected: str) -> None:
    done = run(*words, "--offline", code=5 if "both become" in expected else 2)
    assert expected in " ".join(done.stderr.split())
    assert files_in(inbox) == files_in(inbox) and not Path("a.pdf").exists()


def test_characters_that_no_font_has_are_told(inbox: Path) -> None:
    shutil.copy(inbox / "bill-1.json", "a\ue000.json")
    done = run("a\ue000.json", "--offline", "-o", "a.pdf", code=3)
    assert "no font has U+E000, so the report shows the number" in done.stderr
    assert "aU+E000.json" in text_of(Path("a.pdf").read_bytes())


# a folder -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pdf", "html", "json"])
def test_a_folder_gives_a_report_for_each_file_and_a_cover_sheet(inbox: Path, kind: str) -> None:
    done = run(inbox, "--offline", "-o", "out", "--format", kind, code=1)
    names = ["bill-1.json", "bill-2.json", "bill-3.json", "broken.json", "copy.json", "sub/bill-4.json"]
    covers = ["index.html", "index.json", *(["index.pdf"] if kind == "pdf" else [])]
    assert files_in(Path("out")) == sorted([*covers, *(f"{name}.{kind}" for name in names)])
    cover = json.loads(Path("out/index.json").read_bytes())
    assert cover["counts"] == {"invalid": 1, "unreadable": 1, "indeterminate": 4, "passed_over": 1, "valid": 0}
    assert [row["name"] for row in cover["files"]] == sorted([*names, "readme.txt"])
    page = Path("out/index.html").read_text("utf-8")
    for name in names:
        assert f'href="{name}.{kind}"' in page
    assert "readme.txt" in page
    assert "6 reports: 1 not valid, 4 undetermined, 1 unreadable. Cover sheet: out/index.html" in done.stderr
    shown = Path(f"out/copy.json.{kind}").read_bytes()
    assert "document.repeated" in (text_of(shown) if kind == "pdf" else shown.decode())


def test_the_reports_of_a_folder_are_those_of_its_files(inbox: Path) -> None:
    run(inbox, "--offline", "-o", "out", "--format", "json", code=1)
    kept = json.loads(Path("out/bill-1.json.json").read_bytes())
    assert "2026" in to_html(kept) or kept["as_of"]["time"][:4] in to_html(kept)
    alone = CliRunner().invoke(main, ["verify", "--offline", "--json", str(inbox / "bill-1.json")])
    assert json.loads(alone.stdout) | {"as_of": 0} == kept | {"as_of": 0}


def test_several_folders_keep_their_names_apart(inbox: Path) -> None:
    shutil.copytree(inbox, "other")
    run(inbox, "other", "--offline", "-o", "out", "--format", "html", code=1)
    assert {"inbox/bill-1.json.html", "other/bill-1.json.html"} <= set(files_in(Path("out")))


def test_a_folder_without_documents_is_refused() -> None:
    Path("inbox").mkdir()
    Path("inbox/readme.txt").write_text("hello", "utf-8")
    assert "could be a document" in run("inbox", "--offline", "-o", "out", code=5).stderr


def test_a_folder_that_is_not_empty_is_not_written_to(inbox: Path) -> None:
    Path("out").mkdir()
    Path("out/mine.txt").write_text("mine", "utf-8")
    assert "is not empty" in run(inbox, "--offline", "-o", "out", code=2).stderr
    assert files_in(Path("out")) == ["mine.txt"]


# stopped and run again ------------------------------------------------------------------------------------------------


class Stop(Exception):
    pass


def stopped_after(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the next run stop when this many reports are finished."""
    real, left = report_folder.ReportFolder.finish, [count]

    def finish(*words: Any) -> None:
        if not left[0]:
            raise Stop
        left[0] -= 1
        real(*words)

    with monkeypatch.context() as patched:
        patched.setattr(report_folder.ReportFolder, "finish", finish)
        done = CliRunner().invoke(main, ["report", "inbox", "--offline", "-o", "out", "--format", "html"])
        assert isinstance(done.exception, Stop)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    names: list[str] = []
    real = report_command._ReportForm.written

    def noted(self: Any, report: Any, *rest: Any) -> Any:
        names.append(report["file"]["name"])
        return real(self, report, *rest)

    monkeypatch.setattr(report_command._ReportForm, "written", noted)
    yield names


def test_a_run_goes_on_where_it_stopped(inbox: Path, monkeypatch: pytest.MonkeyPatch, written: list[str]) -> None:
    stopped_after(3, monkeypatch)
    first = {name: (Path("out") / name).read_bytes() for name in files_in(Path("out")) if name.endswith(".html")}
    assert len(first) == 3
    written.clear()
    done = run(inbox, "--offline", "-o", "out", "--format", "html", code=1)
    assert "3 reports of an earlier start were kept" in done.stderr
    assert len(written) == 3
    assert all((Path("out") / name).read_bytes() == content for name, content in first.items())
    assert "document.repeated" in Path("out/copy.json.html").read_text("utf-8")
    assert json.loads(Path("out/index.json").read_bytes())["counts"]["indeterminate"] == 4
    assert not any(path.name.startswith(".") for path in Path("out").iterdir())


def test_a_report_is_made_again_if_its_file_or_it_was_changed(
    inbox: Path, monkeypatch: pytest.MonkeyPatch, written: list[str]
) -> None:
    stopped_after(3, monkeypatch)
    made = [name for name in files_in(Path("out")) if name.endswith(".html")]
    (Path("out") / made[0]).write_text("torn", "utf-8")
    (inbox / made[1].removesuffix(".html")).write_bytes(
        to_json(wrap(bill(9, store=STORE, domain="a.example", chain_id=1)))
    )
    written.clear()
    run(inbox, "--offline", "-o", "out", "--format", "html", code=5)
    assert len(written) == 5


@pytest.mark.parametrize("more", [["--issuer", "carrier.example"], ["--paper", "letter"], ["--fail-on-conditions"]])
def test_a_run_with_another_plan_does_not_go_on(inbox: Path, monkeypatch: pytest.MonkeyPatch, more: list[str]) -> None:
    stopped_after(2, monkeypatch)
    done = run(inbox, "--offline", "-o", "out", "--format", "html", *more, code=2)
    assert "begun with other options" in done.stderr


def test_a_finished_run_is_not_taken_for_a_new_one(inbox: Path) -> None:
    run(inbox, "--offline", "-o", "out", "--format", "html", code=1)
    assert "is not empty" in run(inbox, "--offline", "-o", "out", "--format", "html", code=2).stderr


def test_two_commands_do_not_write_into_one_folder(inbox: Path) -> None:
    Path("out").mkdir()
    folder = report_folder.ReportFolder.begin(Path("out"), {})
    with folder.held(), pytest.raises(report_folder.OwnInput, match="Another command writes"), folder.held():
        pass


# many -----------------------------------------------------------------------------------------------------------------


@pytest.mark.exhaustive
def test_three_hundred_files_of_all_kinds_give_three_hundred_reports_and_a_cover_sheet() -> None:
    """Published documents of every format, and bills of ours."""
    shared = Path(__file__).parents[4] / "shared" / "fixtures"
    Path("inbox").mkdir()
    published = sorted(shared.glob("*.json"))
    for path in published:
        shutil.copy(path, Path("inbox"))
    made = wrap_batch(
        [bill(number, store=STORE, domain="carrier.example", chain_id=1) for number in range(300 - len(published))]
    )
    for number, document in enumerate(made.documents):
        Path(f"inbox/bill-{number:04}.json").write_bytes(to_json(document))
    done = CliRunner().invoke(main, ["report", "inbox", "--offline", "--lang", "both", "-o", "out"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    cover = json.loads(Path("out/index.json").read_bytes())
    reports = [row["report"] for row in cover["files"] if row["report"]]
    assert len(cover["files"]) == 300
    assert len(reports) + cover["counts"]["passed_over"] == 300
    assert sorted(files_in(Path("out"))) == sorted([*reports, "index.html", "index.json", "index.pdf"])
    for name in reports[::10]:
        check((Path("out") / name).read_bytes())
    check(Path("out/index.pdf").read_bytes())
