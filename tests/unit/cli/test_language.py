"""``--lang``: what `ebl verify` prints, in English, in Chinese or in both; JSON does not change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ebl.cli import main
from ebl.wrap import to_json
from tests.unit.messages.test_chinese import english_words
from tests.unit.reports.test_fragments import DOCUMENTS


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "a.json").write_bytes(to_json(DOCUMENTS["v2 in a store"]))
    (tmp_path / "b.json").write_bytes(b"[]")
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.7\n")
    (tmp_path / "d.txt").write_bytes(b"notes")
    return tmp_path


def verify(*words: str, locale: str = "C.UTF-8") -> Result:
    return CliRunner().invoke(main, ["verify", "--offline", *words], env={"LC_ALL": locale})


def bare(text: str, folder: Path) -> str:
    """The text without what is not ours: paths, names and codes."""
    for word in (str(folder), "Carrier", "1337", "13.0", "json", "pdf", "txt", "source.offline", "policy.any_issuer"):
        text = text.replace(word, " ")
    return (
        text.replace("document.unsupported_format", " ").replace("dns.not_checked", " ").replace("carrier.example", " ")
    )


def test_a_folder_is_verified_in_chinese(inbox: Path) -> None:
    done = verify(str(inbox), "--lang", "zh")
    assert done.exit_code == 5
    lines = done.stdout.splitlines()
    assert lines[0] == f"无法判定（CANNOT BE DETERMINED）  {inbox / 'a.json'}"
    assert f"无法读取（UNREADABLE）  {inbox / 'b.json'}" in lines
    assert f"未读取  {inbox / 'c.pdf'}：PDF 文件，可能含有电子单证。有附件的，请保存附件，并核验这些文件。" in lines
    assert f"略过  {inbox / 'd.txt'}：不是 JSON 的文本或数据" in lines
    assert (
        done.stderr.splitlines()[-1]
        == "共 2 份：无法判定 1 份、无法读取 1 份；略过 2 个文件，其中 1 个可能含有电子单证"
    )
    assert english_words(bare(done.output.replace("ebl explain", ""), inbox)) == []


def test_both_languages_are_one_below_the_other(inbox: Path) -> None:
    lines = verify(str(inbox / "a.json"), "--lang", "both").stdout.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [
        f"无法判定（CANNOT BE DETERMINED）  {inbox / 'a.json'}",
        f"CANNOT BE DETERMINED  {inbox / 'a.json'}",
    ]


def test_the_locale_chooses_unless_the_option_is_given(inbox: Path) -> None:
    file = str(inbox / "a.json")
    assert verify(file, locale="zh_CN.UTF-8").stdout.startswith("无法判定")
    assert verify(file, "--lang", "en", locale="zh_CN.UTF-8").stdout.startswith("CANNOT BE DETERMINED")
    assert verify(file).stdout.startswith("CANNOT BE DETERMINED")


def test_json_is_the_same_in_every_language(inbox: Path) -> None:
    english, chinese = (
        json.loads(verify(str(inbox / "a.json"), "--json", "--lang", one).stdout) for one in ("en", "zh")
    )
    for report in (english, chinese):
        report["as_of"].pop("time")
    assert english == chinese
