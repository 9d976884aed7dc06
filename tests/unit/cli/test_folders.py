"""Every file of a folder is accounted for: read, or named and counted; and no folder is good while somebody should still look."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ebl.checking.formats import read
from ebl.cli import main
from ebl.cli import print_reports as reports
from ebl.cli.folders import named
from ebl.config.schemas import load
from ebl.errors import Malformed, Unreadable
from ebl.model.findings import Group, Moment, Passed
from ebl.openattestation.wrap_files import JOURNAL, MANIFEST, wrap_files
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.testing.bills import bill
from ebl.wrap import to_json, wrap
from tests.unit.codec.test_file_kind import HOLDING

SCHEMA = jsonschema.Draft202012Validator(load("report.schema.json"))
STORE = "0x" + "11" * 20
RAW = bill(1, store=STORE, domain="carrier.example", chain_id=1337)
BILL = to_json(wrap(RAW))
PRETTY = json.dumps(json.loads(BILL), indent=2).encode()
KEYSTORE = json.dumps({"crypto": {}, "version": 3}).encode()
ENCRYPTED = json.dumps({"cipherText": "AAAA", "iv": "AAAA", "tag": "AAAA", "type": "OPEN-ATTESTATION-TYPE-1"}).encode()
MAIL = HOLDING["e-mail"][0]
ZIP = HOLDING["zip"][0]
IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))

GOOD, BAD, LEFT, ANY = "a bill", "unreadable", "not looked at", "passed over"

PEOPLE: dict[str, tuple[bytes, str]] = {
    "bill.json": (BILL, GOOD),
    "bill.JSON": (BILL, GOOD),
    "bill.Json": (PRETTY, GOOD),
    "bill.tt": (BILL, GOOD),
    "bill.TT": (BILL, GOOD),
    "bill.oa": (BILL, GOOD),
    "bill.opencert": (BILL, GOOD),
    "bill.jsonld": (BILL, GOOD),
    "bill": (BILL, GOOD),
    "bill.txt": (BILL, GOOD),
    "bill.json.txt": (BILL, GOOD),
    "bill.json.bak": (BILL, GOOD),
    "bill.json~": (BILL, GOOD),
    "bill (1).json": (BILL, GOOD),
    "bill.json.1": (BILL, GOOD),
    "bill.pdf": (BILL, GOOD),
    "bill.zip": (BILL, GOOD),
    ".bill.json": (BILL, GOOD),
    ".hidden/bill.json": (BILL, GOOD),
    ".git/objects/ab": (BILL, GOOD),
    "a/b/c/d/e/bill.json": (BILL, GOOD),
    "提单.json": (BILL, GOOD),
    "bill\nof lading.json": (BILL, GOOD),
    "with mark.json": (b"\xef\xbb\xbf" + BILL, GOOD),
    "with mark, pretty": (b"\xef\xbb\xbf" + PRETTY, GOOD),
    "behind lines.txt": (b"\r\n" * 3000 + BILL, GOOD),
    "utf16.txt": (BILL.decode().encode("utf-16"), BAD),
    "utf16be.txt": (BILL.decode().encode("utf-16-be"), BAD),
    "utf32.txt": (BILL.decode().encode("utf-32"), BAD),
    "two marks": (b"\xef\xbb\xbf\xef\xbb\xbf" + BILL, BAD),
    "behind what cannot be seen": ("\u2060\u00a0\u3000".encode() + BILL, BAD),
    "a JSON text sequence": (b"\x1e" + BILL, BAD),
    "gb18030 with a mark": (b"\x84\x31\x95\x33" + BILL, BAD),
    "mark behind space": (b"  \xef\xbb\xbf" + BILL, BAD),
    "cut.tt": (BILL[: len(BILL) // 2], BAD),
    "array of bills": (b"[" + BILL + b"]", BAD),
    "bills.jsonl": (BILL + b"\n" + BILL, BAD),
    "package.json": (b'{"name": "x"}', BAD),
    "keystore": (KEYSTORE, BAD),
    "encrypted.json": (ENCRYPTED, BAD),
    "encrypted.bin": (ENCRYPTED, BAD),
    "empty.json": (b"", BAD),
    "blank.tt": (b"  \n", BAD),
    "text.json": (b"see the attached bill", BAD),
    "zip.json": (ZIP, BAD),
    "image.tt": (IMAGE, BAD),
    "huge.json": (b'{"a":"' + b"x" * (33 << 20) + b'"}', BAD),
    "huge": (b'{"a":"' + b"x" * (33 << 20) + b'"}', BAD),
    "settings.ini": (b"[general]\nx=1\n", BAD),
    "letter.rtf": (b"{\\rtf1 Dear Sirs}", BAD),
    **{f"{name}.bin": (raw, LEFT) for name, (raw, _) in HOLDING.items()},
    "invoice.pdf": (HOLDING["pdf"][0], LEFT),
    "bills.ZIP": (ZIP, LEFT),
    "invoice.docx": (ZIP, LEFT),
    "no ending": (ZIP, LEFT),
    "zip as image.png": (ZIP, LEFT),
    "fwd.eml": (MAIL, LEFT),
    JOURNAL: (b'{"wrapping":["2.0",null,"tradetrust",false]}\n', LEFT),
    MANIFEST: (b'{"file":"a","wrapped":"b","hash":"0x","root":"0x","proof_length":0}\n' * 2, ANY),
    "scan.png": (IMAGE, ANY),
    "photo.jpg": (b"\xff\xd8\xff\xe0" + bytes(20), ANY),
    "readme.txt": (b"Dear Sirs,\n", ANY),
    "list.csv": (b"bl,consignee\n1,x\n", ANY),
    "page.html": (b"<!doctype html><title>{</title>", ANY),
    "data.xml": (b"<?xml version='1.0'?><a/>", ANY),
    "empty": (b"", ANY),
    "blank.txt": (b" \n\t", ANY),
    ".DS_Store": (b"\0\0\0\1Bud1" + bytes(40), ANY),
    "._bill.json": (b"\0\5\x16\7\0\2\0\0Mac OS X", ANY),
    "Thumbs": (bytes(4096), ANY),
    "zeros": (bytes(100_000), ANY),
    "key.pem": (b"-----BEGIN PUBLIC KEY-----\nAAAA\n", ANY),
    "quoted.txt": (json.dumps(BILL.decode()).encode(), ANY),
    "not utf-8": (b"\xfe\xfdab", ANY),
}


def ebl(*words: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, words, input=stdin)


def put(folder: Path, files: Iterable[str]) -> None:
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PEOPLE[name][0])


@pytest.fixture
def readable_is_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever can be read is VALID, so that the exit code is of the folder and not of the network."""

    def pretend(documents: Iterable[bytes], *_: object, **__: object) -> Iterator[Report | Unreadable]:
        for raw in documents:
            try:
                document = read(raw)
            except Unreadable as bad:
                yield bad
            except Malformed as bad:
                yield Unreadable(bad.code, bad.detail)
            else:
                yield Report(document, Moment(offline().now), (Passed(Group.INTEGRITY, "hash"),))

    monkeypatch.setattr(reports, "examine_all", pretend)


def rows(done: Result) -> dict[str, dict[str, Any]]:
    parsed = [json.loads(line) for line in done.stdout.splitlines()]
    for row in parsed:
        SCHEMA.validate(row)
    return {row["file"]["name"]: row for row in parsed}


def fate(row: dict[str, Any]) -> str:
    if row["verdict"]:
        return GOOD
    if "error" in row:
        return BAD
    return LEFT if row["passed_over"]["may_hold_document"] else ANY


def test_there_are_as_many_kinds_of_files_as_people_have() -> None:
    assert len(PEOPLE) > 80


@pytest.mark.slow
@pytest.mark.usefixtures("readable_is_valid")
def test_every_file_of_a_folder_has_its_line(tmp_path: Path) -> None:
    put(tmp_path, PEOPLE)
    done = ebl("verify", str(tmp_path), "--json", "--offline")
    found = {str(Path(name).relative_to(tmp_path)): fate(row) for name, row in rows(done).items()}
    assert found == {name: what for name, (_, what) in PEOPLE.items()}
    assert done.exit_code == 5
    text = ebl("verify", str(tmp_path), "--offline")
    heads = [line for line in text.stdout.splitlines() if not line.startswith(" ")]
    assert len(heads) == len(PEOPLE)
    fates = [what for _, what in PEOPLE.values()]
    read_, skipped, left = sum(f in (GOOD, BAD) for f in fates), sum(f in (LEFT, ANY) for f in fates), fates.count(LEFT)
    last = text.stderr.splitlines()[-1]
    assert last.startswith(f"{read_} files: ") and last.endswith(
        f"; {skipped} passed over, of which {left} may contain documents"
    )


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.sampled_from(sorted(PEOPLE)), min_size=1, max_size=8), st.booleans())
def test_no_folder_is_good_while_somebody_should_still_look(
    readable_is_valid: None, tmp_path_factory: pytest.TempPathFactory, files: set[str], only: bool
) -> None:
    files -= {"huge", "huge.json"} if len(files) > 2 else set()
    folder = tmp_path_factory.mktemp("folder")
    put(folder, files)
    done = ebl("verify", str(folder), "--json", "--offline", *(["--only-documents"] if only else []))
    found = rows(done)
    assert len(found) == len(files) and done.stdout.count("\n") == len(files)
    fates = [PEOPLE[name][1] for name in files]
    left = [name for name in files if PEOPLE[name][1] == LEFT and (not only or name == JOURNAL)]
    expected = 5 if BAD in fates else 3 if left else 0 if GOOD in fates else 5
    assert done.exit_code == expected, sorted(files)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["", ".json", ".JSON", ".tt", ".txt", ".pdf"]), st.binary(max_size=40))
def test_any_bytes_under_any_name_have_a_line(
    readable_is_valid: None, tmp_path_factory: pytest.TempPathFactory, ending: str, raw: bytes
) -> None:
    folder = tmp_path_factory.mktemp("folder")
    (folder / f"x{ending}").write_bytes(raw)
    (folder / "good.json").write_bytes(BILL)
    done = ebl("verify", str(folder), "--json", "--offline")
    assert len(rows(done)) == 2
    assert done.exit_code != 0 or not raw.lstrip().startswith((b"{", b"["))


def _loop(folder: Path) -> None:
    (folder / "again").symlink_to(folder)


def _elsewhere(folder: Path) -> None:
    other = folder.parent / f"{folder.name}-other"
    other.mkdir()
    (other / "forged.json").write_bytes(b"{}")
    (folder / "other").symlink_to(other)


def _socket(folder: Path) -> None:
    held, here = socket.socket(socket.AF_UNIX), os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder)  # a socket's path has at most 108 bytes
        held.bind("s")
    finally:
        os.fchdir(here)
        os.close(here)
        held.close()


def _link_to_itself(folder: Path) -> None:
    (folder / "self").symlink_to(folder / "self")


def _link_to_bill(folder: Path) -> None:
    target = folder.parent / f"{folder.name}.oa"
    target.write_bytes(BILL)
    (folder / "linked").symlink_to(target)


def _deep(folder: Path) -> None:
    for _ in range(60):
        folder /= "d" * 50
        folder.mkdir()
    (folder / "x").write_bytes(BILL)


ODD: dict[str, tuple[Callable[[Path], Any], int, str]] = {
    "a pipe": (lambda folder: os.mkfifo(folder / "pipe"), 0, "device"),
    "a socket": (_socket, 0, "device"),
    "a link to a device": (lambda folder: (folder / "null").symlink_to("/dev/zero"), 0, "device"),
    "a link to nothing": (lambda folder: (folder / "gone.json").symlink_to("/nowhere/x"), 3, "link"),
    "a link to itself": (_link_to_itself, 3, "link"),
    "a link to a folder above": (lambda folder: (folder / "up").symlink_to(folder.parent), 3, "link"),
    "a loop of links": (_loop, 0, "link"),
    "a link to a folder elsewhere": (_elsewhere, 3, "link"),
    "a link to a bill": (_link_to_bill, 0, ""),
    "a deep folder": (_deep, 0, ""),
}


@pytest.mark.usefixtures("readable_is_valid")
@pytest.mark.parametrize("only", [False, True])
@pytest.mark.parametrize("name", ODD)
def test_what_is_no_file_is_named_and_neither_hangs_nor_crashes(name: str, only: bool, tmp_path: Path) -> None:
    make, code, reason = ODD[name]
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "good.json").write_bytes(BILL)
    make(folder)
    done = ebl("verify", str(folder), "--json", "--offline", *(["--only-documents"] if only else []))
    assert done.exit_code == code, done.output
    found = rows(done)
    assert len(found) == 2
    assert [row["passed_over"]["reason"] for row in found.values() if "passed_over" in row] == (
        [reason] if reason else []
    )


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
@pytest.mark.usefixtures("readable_is_valid")
def test_what_may_not_be_opened_is_not_taken_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_bytes(BILL)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    assert ebl("verify", str(tmp_path), "--offline").exit_code == 3
    closed.chmod(0o700)
    (closed / "x").write_bytes(b"")
    (closed / "x").chmod(0)
    assert ebl("verify", str(tmp_path), "--offline").exit_code == 5


@pytest.mark.usefixtures("readable_is_valid")
def test_what_cannot_be_opened_is_unreadable_and_a_folder_that_cannot_be_listed_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "good.json").write_bytes(BILL)
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "x").write_bytes(BILL)
    opened, listed = Path.open, os.scandir

    def refuse(path: Path, *words: Any, **options: Any) -> Any:
        if path.name == "x":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *words, **options)

    monkeypatch.setattr(Path, "open", refuse)
    done = ebl("verify", str(tmp_path), "--json", "--offline")
    assert done.exit_code == 5 and "document.no_file" in done.stdout
    wrapped = ebl("wrap", str(tmp_path), "-o", str(tmp_path / "out"))
    assert wrapped.exit_code == 5 and "Permission denied" in wrapped.stderr

    def unlisted(path: Any) -> Any:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", unlisted)
    done = ebl("verify", str(tmp_path), "--json", "--offline", "--only-documents")
    assert done.exit_code == 3 and rows(done)[str(tmp_path / "closed")]["passed_over"]["reason"] == "folder"


def test_a_folder_without_any_file_or_without_any_document_says_so(tmp_path: Path) -> None:
    done = ebl("verify", str(tmp_path), "--offline")
    assert done.exit_code == 5 and "no file in this folder" in done.stderr
    put(tmp_path, ["readme.txt"])
    for words in (("verify", "--offline"), ("wrap", "-o", str(tmp_path / "out"))):
        done = ebl(*words, str(tmp_path))
        assert done.exit_code == 5 and "None of these files could be a document" in done.stderr
        assert "readme.txt: text or data" in done.output


def test_what_is_named_is_read_whatever_it_is(tmp_path: Path) -> None:
    put(tmp_path, ["invoice.pdf", "readme.txt", "scan.png", "bills.ZIP", "fwd.eml"])
    for path in tmp_path.iterdir():
        done = ebl("verify", "--offline", str(path))
        assert done.exit_code == 5 and done.stdout.startswith("UNREADABLE"), path
        assert ebl("verify", "--offline", "-", stdin=path.read_bytes()).exit_code == 5


@pytest.mark.parametrize("each", [False, True])
def test_nothing_is_wrapped_beside_what_may_hold_a_bill(each: bool, tmp_path: Path) -> None:
    folder, out = tmp_path / "drafts", tmp_path / "out"
    folder.mkdir()
    (folder / "a.JSON").write_text(json.dumps(RAW), "utf-8")
    put(folder, ["readme.txt", "bills.ZIP"])
    words = ["wrap", str(folder), "-o", str(out), *(["--each"] if each else [])]
    done = ebl(*words)
    assert done.exit_code == 3
    assert out.exists() is each
    assert "NOT LOOKED AT" in done.stderr and "readme.txt" in done.stderr
    assert "2 passed over, of which 1 may contain documents" in done.stderr
    if not each:
        assert "document.not_looked_at" in done.stderr
        assert ebl(*words, "--only-documents").exit_code == 0
    assert (out / "a.JSON").exists() and (out / MANIFEST).exists()


def test_wrapping_names_what_it_passes_over_in_its_json_too(tmp_path: Path) -> None:
    folder = tmp_path / "drafts"
    folder.mkdir()
    (folder / "a").write_text(json.dumps(RAW), "utf-8")
    put(folder, ["readme.txt", "bills.ZIP"])
    words = ["wrap", str(folder), "-o", str(tmp_path / "out"), "--json"]
    done = ebl(*words)
    left = [json.loads(line)["passed_over"] for line in done.stdout.splitlines()]
    assert {(row["reason"], row["may_hold_document"]) for row in left} == {("archive", True), ("other", False)}
    done = ebl(*words, "--only-documents")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [Path(row["file"]).name for row in found] == ["bills.ZIP", "readme.txt", "a"]
    assert "2 passed over" in done.stderr


def test_signing_and_issuing_a_folder_stop_beside_what_may_hold_a_bill(tmp_path: Path) -> None:
    put(tmp_path, ["bill.tt", "bills.ZIP"])
    done = ebl("sign", str(tmp_path), "-o", str(tmp_path / "out"))
    assert done.exit_code == 3 and "document.not_looked_at" in done.stderr and not (tmp_path / "out").exists()


def test_what_wrap_leaves_beside_its_documents_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(RAW), "utf-8")
    out = tmp_path / "out"
    wrap_files([(str(tmp_path / "a.json"), "a.json")], out)
    (skipped,) = (one for found in named((str(out),)) if (one := found.passed_over()))
    assert (skipped.reason, skipped.is_open) == ("manifest", False)
    (out / MANIFEST).write_bytes(BILL)  # a name alone decides nothing
    assert not any(found.passed_over() for found in named((str(out),)))
    (out / MANIFEST).write_bytes(b'{"file":"a","wrapped":"b","hash":"0x","root":"0x","proof_length":0,"data":{}}\n')
    assert not any(found.passed_over() for found in named((str(out),)))
