"""The Chinese texts are Chinese: terms of the trade, no English but names and codes, and no sentence of a report left out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from ebl import codes
from ebl.codes import Condition, Doubt, Failure, Remark
from ebl.errors import Unreadable
from ebl.messages import parse
from ebl.messages.catalogue import ENGLISH, render, templates
from ebl.policy import HeldBy, IssuedBy, UnsafeAnyIssuer
from ebl.reports import html, text
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.verify import examine
from ebl.wrap import to_json
from tests.unit.chain.titles.registry_chain import CAROL
from tests.unit.hostile.world import NOW, chain_of, sources
from tests.unit.messages.test_languages import SHARED, parameters, values
from tests.unit.reports.test_fragments import DOCUMENTS, WORLDS

CHINESE = "zh-Hans"
LISTS = tomllib.loads(Path(__file__).with_name("chinese.toml").read_text(encoding="utf-8"))
IN_LATIN = sorted(LISTS["in_latin_letters"], key=len, reverse=True)
ENGLISH_WORD = re.compile(r"[A-Za-z]{2,}")
ALL = {f"{code}/{variant}": said for code, variants in templates(CHINESE).items() for variant, said in variants.items()}


def literals(template: str) -> str:
    """A template with one character for each placeholder."""
    return "".join(
        literal + ("" if name is None else "\N{OBJECT REPLACEMENT CHARACTER}")
        for literal, name, _, _ in Formatter().parse(template)
    )


def english_words(line: str) -> list[str]:
    """The words in Latin letters that are not in the list of those that stay."""
    for word in IN_LATIN:
        line = re.sub(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", " ", line)
    return ENGLISH_WORD.findall(line)


def test_a_template_has_no_english_but_names_and_codes() -> None:
    assert {key: found for key, said in ALL.items() if (found := english_words(literals(said)))} == {}


@pytest.mark.parametrize("word", LISTS["not_written"])
def test_words_with_another_meaning_are_not_written(word: str) -> None:
    found = {}
    for key, said in ALL.items():
        left = said
        for right in LISTS["not_written"][word]:
            left = left.replace(right, "")
        if word in left:
            found[key] = said
    assert found == {}


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("punctuation is full-width", r"[一-鿿] ?[,;:!?()]|[,;:!?()] ?[一-鿿]"),
        ("a space is between Chinese and Latin or a placeholder", r"[一-鿿][A-Za-z0-9\ufffc]|[A-Za-z0-9\ufffc][一-鿿]"),
        ("no other space is there", r"[一-鿿] [一-鿿]|[，。：；、（）“”] | [，。：；、（）“”]|  "),
    ],
)
def test_punctuation_and_spaces_are_those_of_chinese(rule: str, wrong: str) -> None:
    own = ("style/", "any/in_rule")
    bare = {
        key: literals(said).replace("(s)", "").replace("(address)", "")
        for key, said in ALL.items()
        if not key.startswith(own)
    }
    assert {key: said for key, said in bare.items() if re.search(wrong, said)} == {}, rule


def test_a_text_from_outside_cannot_end_its_quotation() -> None:
    kept = {"key": "value/text", "params": {"text": "a”；各核验项均通过。“\\b\u202e"}}
    assert render(parse(kept), CHINESE) == r"“a\”；各核验项均通过。\“\\b\u202e”"


def test_a_code_has_a_full_stop_where_english_has_one() -> None:
    english = {f"{code}/{variant}": said for code, one in templates(ENGLISH).items() for variant, said in one.items()}
    labels = ("code_page/means", "code_page/to_do")
    both = {key: said for key, said in ALL.items() if key in english and key not in labels}
    differ = {key: said for key, said in both.items() if said.endswith("。") != english[key].endswith(".")}
    assert differ == {}  # messages are put into each other, so a stop in the middle would be wrong


def test_every_code_has_its_meaning_and_what_to_do() -> None:
    known = {str(code) for kind in (Failure, Doubt, Condition, Remark) for code in kind}
    catalogue = templates(CHINESE)
    assert set(catalogue["means"]) == set(catalogue["to_do"]) == known
    assert all(said.endswith("。") for part in ("means", "to_do") for said in catalogue[part].values())


def test_what_to_do_says_that_a_source_says_nothing_where_english_does() -> None:
    for code, chinese in templates(CHINESE)["to_do"].items():
        english = " ".join(codes.page(code).partition("**What to do.**")[2].split())
        assert "This says nothing about the document" not in english or chinese.endswith("此项不构成对文件的判断。"), (
            code
        )


def left_in_english(report: Report) -> Iterator[str]:
    """Words of ours in a report that are not Chinese: what is left when codes and quoted content are taken out."""
    shown = report._shown()
    told = {
        *(one for row in shown["findings"] for one in parameters({"key": row["key"], "params": row["params"]})),
        *(row["code"] or "" for row in shown["findings"]),
        *values(shown["issuers"]),
        *values(shown["file"] or {}),
    }
    page = re.sub(r"<[^>]*>|&[#a-z0-9]+;", " ", html.part(shown, language=CHINESE).replace("<br>", " "))
    for line in (*report.lines(language=CHINESE), *text.lines(shown, brief=True, language=CHINESE), page):
        bare = line
        for one in sorted(told, key=len, reverse=True):
            bare = bare.replace(one, " ")
        if found := english_words(bare):
            yield f"{found} in: {line}"


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_report_in_chinese_has_no_sentence_in_english(name: str, world: str) -> None:
    for policy in (UnsafeAnyIssuer(), IssuedBy("other.example"), HeldBy(CAROL)):
        within = WORLDS[world](sources(chain_of(DOCUMENTS)))
        assert [*left_in_english(examine(to_json(DOCUMENTS[name]), policy, sources=within))] == []


@pytest.mark.parametrize(
    "path", sorted(SHARED.glob("fixtures/**/*.json")), ids=lambda path: str(path.relative_to(SHARED))
)
def test_a_report_of_a_published_document_has_no_sentence_in_english(path: Path) -> None:
    try:
        report = examine(path.read_bytes(), IssuedBy("carrier.example"), sources=offline(now=NOW))
    except Unreadable as bad:
        said = render(bad.message, CHINESE)
        for one in sorted(parameters(bad.message.to_dict()), key=len, reverse=True):
            said = said.replace(one, " ")
        assert english_words(said) == []
    else:
        assert [*left_in_english(report)] == []


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (
            {"key": "status.revoked/in_store", "params": {"store": "0x8f", "chain": 1}},
            "已在链 1 的存证合约 0x8f 被撤销",
        ),
        (
            {"key": "chain.timeout/no_answer", "params": {"host": "n.example", "within": 8.0}},
            "n.example 未在 8 秒内答复",
        ),
        (
            {
                "key": "policy.content_differs",
                "params": {
                    "field": "port_of_discharge",
                    "values": [{"key": "value/text", "params": {"text": "Rotterdam"}}],
                    "expected": {"key": "rule/one_of", "params": {"values": ["上海", "宁波"]}},
                },
            },
            "“卸货港”为“Rotterdam”；预期：“上海”、“宁波”之一",
        ),
        (
            {
                "key": "fact/vouched_by_domain",
                "params": {"domain": "carrier.example", "address": "0x8f", "chain": 1, "assurance": "quorum(2)"},
            },
            "域名 carrier.example 的 DNS 记录指认链 1 的合约 0x8f（证实程度：2 个解析器一致）",
        ),
        (
            {"key": "status.expired", "params": {"end": "2026-11-30T15:04:05Z"}},
            "文件有效期已于 2026-11-30 15:04:05 UTC（UTC+08:00 2026-11-30 23:04:05）届满",
        ),
    ],
)
def test_a_message_that_was_kept_is_shown_in_chinese(kept: dict[str, Any], said: str) -> None:
    assert render(parse(kept), CHINESE) == said
