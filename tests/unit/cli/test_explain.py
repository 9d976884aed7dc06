"""``ebl explain``: every code, as text for a terminal, from wherever it was copied."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from ebl import codes
from ebl.cli import main, markdown_text
from ebl.codec.cells import cells
from ebl.codes import Condition, Doubt, Failure, Remark
from ebl.config import documentation

ROOT = Path(__file__).parents[3]
CODES = sorted({str(code) for kind in (Failure, Doubt, Condition, Remark) for code in kind})


def ebl(*words: str, columns: int = 80) -> Result:
    return CliRunner().invoke(main, words, env={"COLUMNS": str(columns)})


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained_in_plain_text(code: str, columns: int) -> None:
    done = ebl("explain", code, columns=columns)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == code
    assert any(line.startswith("What it means. ") for line in lines)
    assert any(line.startswith("What to do. ") for line in lines)
    assert not re.search(r"\*\*|`|\]\(|^#|\\x|^\|", done.stdout, re.MULTILINE)
    long = [line for line in lines if len(line) > min(columns, 100)]
    assert all(" " not in line.strip() or "'" in line or "(" in line for line in long), long


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (Failure.REVOKED, "failed: the verdict is NOT VALID"),
        (Doubt.CHAIN_STALE, "unknown: the verdict CANNOT BE DETERMINED"),
        (Condition.ANY_ISSUER, "condition: changes no verdict unless"),
        (Remark.PAUSED, "note: changes no verdict"),
    ],
)
def test_a_page_begins_with_what_the_code_does_to_the_verdict(code: str, expected: str) -> None:
    assert ebl("explain", code).stdout.splitlines()[2].startswith(f"- {expected}")


@pytest.mark.parametrize("written", ["status.revoked:", "STATUS.REVOKED", " status.revoked, "])
def test_a_code_is_taken_as_it_was_copied(written: str) -> None:
    assert ebl("explain", written).stdout.startswith("status.revoked\n")


def test_several_codes_are_explained_one_after_the_other_and_each_once() -> None:
    done = ebl("explain", "status.revoked", "dns.timeout", "status.revoked")
    assert [line for line in done.stdout.splitlines() if line in CODES] == ["status.revoked", "dns.timeout"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("status.revokd", "'status.revoked'"),
        ("revoked", "'status.revoked'"),
        ("chain.unreachble", "'chain.unreachable'"),
    ],
)
def test_what_is_not_a_code_is_a_mistake_of_usage_with_what_may_have_been_meant(word: str, meant: str) -> None:
    done = ebl("explain", word)
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"Did you mean {meant}" in done.stderr


@pytest.mark.parametrize("words", [("zzz",), ("",), (), ("../README",), ("README",), ("status.revoked", "zzz")])
def test_what_names_nothing_is_a_mistake_of_usage(words: tuple[str, ...]) -> None:
    done = ebl("explain", *words)
    assert (done.exit_code, done.stdout) == (2, "")


def test_the_list_has_every_code_with_its_kinds() -> None:
    rows = [line for line in ebl("explain", "--list", columns=100).stdout.splitlines() if line[0] != " "]
    assert sorted(row.split()[0] for row in rows) == CODES
    narrow = [line for line in ebl("explain", "--list", columns=40).stdout.splitlines() if line[0] != " "]
    assert sorted(narrow) == CODES


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("status", {code for code in CODES if code.startswith("status.")}),
        ("condition", {str(code) for code in Condition}),
        ("note", {str(code) for code in Remark}),
        ("failed", {str(code) for code in Failure}),
        ("unknown", {str(code) for code in Doubt}),
    ],
)
def test_the_first_part_of_codes_and_the_mark_of_a_kind_give_a_list(word: str, expected: set[str]) -> None:
    rows = [line for line in ebl("explain", word).stdout.splitlines() if line[0] != " "]
    assert {row.split()[0] for row in rows} == expected


def test_as_json_a_code_is_one_object_with_its_page() -> None:
    (row,) = map(json.loads, ebl("explain", "identity.registry_not_vouched", "--json").stdout.splitlines())
    assert row["outcomes"] == ["failed", "unknown", "condition"]
    assert row["page"] == codes.page("identity.registry_not_vouched")


def test_a_page_of_what_is_not_a_code_is_refused() -> None:
    for wrong in ("README", "../codes/README", "status.revoked.md", "", "status"):
        with pytest.raises(ValueError, match="is not a code"):
            codes.page(wrong)


def test_errors_and_reports_name_the_command(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    expected = "What this means, and what to do: ebl explain document.unsupported_format"
    assert ebl("verify", "--offline", str(tmp_path / "a.json")).stderr.splitlines() == [expected]
    assert ebl("inspect", str(tmp_path / "a.json")).stderr.splitlines()[-1] == expected
    assert "ebl explain" not in ebl("verify", "--offline", "--json", str(tmp_path / "a.json")).output


def test_links_name_what_can_be_typed_or_opened() -> None:
    assert text("[the key](proof.shape.md)", link=lambda _: "ebl explain proof.shape").endswith(
        "\n(ebl explain proof.shape)"
    )
    assert text("see [`a b`](x) there", link=lambda _: "") == "see 'a b' there"
    assert text("[x](x)", link=str) == "x"


def text(markdown: str, *, width: int = 30, link: markdown_text.Link = str) -> str:
    return "\n".join(markdown_text.lines(markdown, width=width, link=link))


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("# A `b`\n\n**C.** d", "A b\n\nC. d"),
        ("- one\n  more\n- two", "- one more\n- two"),
        ("1. a long line that is wrapped here\n2. b", "1. a long line that is wrapped\n  here\n2. b"),
        ("a\n\n```sh\nx  `y`\n\n  **z**\n```\n\nb", "a\n\n    x  `y`\n\n      **z**\n\nb"),
        ("type `ebl verify FILE --rpc 1=URL` there now", "type\n'ebl verify FILE --rpc 1=URL'\nthere now"),
        ("well-known words do not break at hyphens", "well-known words do not break\nat hyphens"),
    ],
)
def test_markdown_becomes_text(markdown: str, expected: str) -> None:
    assert text(markdown) == expected


def test_headings_and_leading_words_are_bold_where_there_are_colours() -> None:
    marked = markdown_text.lines(
        "# A\n\n**B.** c **d**", width=30, link=str, strong=lambda word: click.style(word, bold=True)
    )
    assert "\n".join(marked) == "\x1b[1mA\x1b[0m\n\n\x1b[1mB.\x1b[0m c d"


def test_every_page_that_the_program_names_is_there() -> None:
    for name in documentation._PAGES:
        assert (ROOT / documentation.page(name)).exists(), name
    paths = {
        path
        for source in [*(ROOT / "ebl").rglob("*.py"), *(ROOT / "schemas").glob("*.json")]
        for path in re.findall(r"docs/[\w/.-]*\w", source.read_text("utf-8"))
    }
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_help_and_messages_take_the_place_of_a_page_from_one_module() -> None:
    """Comments and docstrings may name a file of the tree; what is printed may not, or it would be wrong once it is published."""
    literal = re.compile(r"""f?"[^"\n]*docs/\w[^"\n]*\"""")
    named = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "ebl").rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if literal.search(line) and '"""' not in line
    }
    assert named == {"ebl/config/documentation.py", "ebl/cli/explain_command.py"}


def test_a_page_is_named_by_its_address_once_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert documentation.located("docs/bank/bill.md#dates") == "docs/bank/bill.md#dates"
    monkeypatch.setattr(documentation, "HOME", "https://ebl.example/")
    assert documentation.located("docs/bank/bill.md#dates") == "https://ebl.example/bank/bill/#dates"
    assert documentation.page("verifying") == "https://ebl.example/bank/verifying/"


def test_a_page_is_explained_in_chinese_if_it_is_asked_for() -> None:
    lines = ebl("explain", "status.revoked", "--lang", "zh").stdout.splitlines()
    assert lines == [
        "status.revoked",
        "",
        "- 不通过（failed）：核验结论为核验不通过（NOT VALID）",
        "",
        "说明：该文件（或其所属批次）已被签发人撤销。",
        "",
        "处理建议：请勿接受该文件，并向签发人询问原因。",
    ]


def test_both_languages_are_one_after_the_other() -> None:
    shown = ebl("explain", "dns.timeout", "--lang", "both").stdout
    assert shown.index("处理建议：请重试，或换用其他解析器。此项不构成对文件的判断。") < shown.index(
        "What to do. Retry"
    )


@pytest.mark.parametrize("locale", ["zh_CN.UTF-8", "zh_SG"])
def test_without_a_choice_the_locale_counts(locale: str) -> None:
    done = CliRunner().invoke(main, ["explain", "--list", "status.revoked"], env={"LC_ALL": locale, "COLUMNS": "120"})
    assert done.stdout == "status.revoked                   该文件（或其所属批次）已被签发人撤销。 (failed)\n"


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained_in_chinese(code: str, columns: int) -> None:
    lines = ebl("explain", code, "--lang", "zh", columns=columns).stdout.splitlines()
    assert lines[0] == code
    assert any(line.startswith("说明：") for line in lines)
    assert any(line.startswith("处理建议：") for line in lines)
    wide = [line for line in lines if cells(line) > min(columns, 100) and not re.search(r"[!-~]{30}", line)]
    assert wide == []
