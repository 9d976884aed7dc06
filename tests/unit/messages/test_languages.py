"""Every word of ours in a report comes from the catalogue, and a language is one file of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from ebl.errors import Unreadable
from ebl.messages import catalogue, own_words, say
from ebl.messages.catalogue import ENGLISH
from ebl.model.findings import Fact
from ebl.policy import HeldBy, IssuedBy, UnsafeAnyIssuer
from ebl.reports import PageOptions, html
from ebl.reports.report import Report
from ebl.sources import offline
from ebl.verify import examine
from ebl.wrap import to_json
from tests.unit.chain.titles.registry_chain import CAROL
from tests.unit.hostile.world import NOW, chain_of, sources
from tests.unit.reports.test_fragments import DOCUMENTS, WORLDS

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared"
PSEUDO = "xx"
LETTERS = {ord(letter): chr(0x24D0 + at) for at, letter in enumerate("abcdefghijklmnopqrstuvwxyz")} | {
    ord(letter): chr(0x24B6 + at) for at, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}
WORD = re.compile(r"[A-Za-z]{2,}")


def pseudo(text: str) -> str:
    """A template with every word of it in letters that nobody writes."""
    made = ""
    for literal, name, kind, _ in Formatter().parse(text):
        made += literal.translate(LETTERS).replace("{", "{{").replace("}", "}}")
        if name is not None:
            first, space, words = (kind or "").partition(" ")
            made += f"{{{name}:{first}{space}{words.translate(LETTERS)}}}" if kind else f"{{{name}}}"
    return made


@pytest.fixture(autouse=True)
def _pseudo(monkeypatch: pytest.MonkeyPatch) -> None:
    real = catalogue.templates
    made = {
        code: {variant: text if code == "style" else pseudo(text) for variant, text in variants.items()}
        for code, variants in real(ENGLISH).items()
    }
    monkeypatch.setattr(catalogue, "templates", lambda language: made if language == PSEUDO else real(language))


@cache
def our_source() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "ebl").rglob("*.py"))


def values(found: Any) -> Iterator[str]:
    """Every text in some JSON data."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, Mapping):
        for one in found.values():
            yield from values(one)
    elif isinstance(found, list):
        for one in found:
            yield from values(one)


def parameters(found: Any) -> Iterator[str]:
    """Every text that fills a placeholder, also of the messages within."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, list):
        for one in found:
            yield from parameters(one)
    elif isinstance(found, Mapping) and found.get("key") != "any/own_words":  # of a test's own source
        for one in found.get("params", found).values():
            yield from parameters(one)


def ours(report: Report) -> Iterator[str]:
    """Words of ours that are left in a report of the pseudo-locale, and sentences among its parameters."""
    shown = report._shown()
    document = json.dumps(report.document.raw if report.document else {}, ensure_ascii=False)
    fillings = {text for row in shown["findings"] for text in parameters({"key": row["key"], "params": row["params"]})}
    for text in fillings:
        if " " in text and text not in document and text in our_source():
            yield f"a parameter of ours: {text}"
    told = {
        *fillings,
        *values(shown["issuers"]),
        *values(shown["as_of"]),
        *(row["code"] or "" for row in shown["findings"]),
    }
    page = re.sub(r"<[^>]*>|&[#a-z0-9]+;", " ", html.part(shown, language=PSEUDO).replace("<br>", " "))
    for line in (*report.lines(language=PSEUDO), page):
        for value in sorted(told, key=len, reverse=True):
            line = line.replace(value, " ")
        if left := WORD.findall(line.replace("UTC", "")):
            yield f"{left} in: {line}"


def ours_on_page(report: dict[str, Any]) -> Iterator[str]:
    """Words of ours that are left on a page of the pseudo-locale."""
    told = {*values(report), *(f"ebl {report['made_by']['version']}", "SHA-256", "UTC", html.text.MARKS["note"])}
    page = html.to_html(report, PageOptions(languages=(PSEUDO,)))
    body = re.sub(r"<(style|title)>.*?</\1>|<[^>]*>|&[#a-z0-9]+;", "\n", page, flags=re.DOTALL)
    for line in body.splitlines():
        line = re.sub(r"\b(0x)?[0-9a-f]{16,}\b", " ", line)
        for value in sorted(told, key=len, reverse=True):
            line = line.replace(value, " ").replace(value.capitalize(), " ")
        if left := WORD.findall(line):
            yield f"{left} in: {line}"


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_page_in_another_language_has_no_english(name: str, world: str) -> None:
    for policy in (UnsafeAnyIssuer(), IssuedBy("other.example"), HeldBy(CAROL)):
        within = WORLDS[world](sources(chain_of(DOCUMENTS)))
        assert [*ours_on_page(examine(to_json(DOCUMENTS[name]), policy, sources=within).to_dict())] == []


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_report_in_another_language_has_no_english(name: str, world: str) -> None:
    for policy in (UnsafeAnyIssuer(), IssuedBy("other.example"), HeldBy(CAROL)):
        within = WORLDS[world](sources(chain_of(DOCUMENTS)))
        assert [*ours(examine(to_json(DOCUMENTS[name]), policy, sources=within))] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", sorted(SHARED.glob("fixtures/**/*.json")), ids=lambda path: str(path.relative_to(SHARED))
)
def test_a_report_of_a_published_document_has_no_english(path: Path) -> None:
    try:
        report = examine(path.read_bytes(), IssuedBy("carrier.example"), sources=offline(now=NOW))
    except Unreadable:
        return
    assert [*ours(report)] == []


def test_a_language_is_one_file(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "ebl", tmp_path / "ebl", ignore=shutil.ignore_patterns("__pycache__"))
    made = {code: dict(variants) for code, variants in catalogue.templates(PSEUDO).items()}
    (tmp_path / "ebl" / "messages" / f"{PSEUDO}.json").write_text(json.dumps(made), encoding="utf-8")
    (tmp_path / "bill.json").write_bytes(to_json(DOCUMENTS["v2 with a title"]))
    program = f"""
from pathlib import Path
from ebl.messages.catalogue import languages
from ebl.policy import UnsafeAnyIssuer
from ebl.sources import offline
from ebl.verify import examine
report = examine(Path("bill.json"), UnsafeAnyIssuer(), sources=offline())
print(*languages(), *report.lines(language="{PSEUDO}"), sep="\\n")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=True, encoding="utf-8"
    )
    languages = done.stdout.splitlines()
    assert {ENGLISH, PSEUDO} <= set(languages)
    assert pseudo("CANNOT BE DETERMINED") in done.stdout


def test_nothing_of_ours_passes_for_words_of_somebody_else() -> None:
    callers = [
        path.relative_to(ROOT / "ebl").as_posix()
        for path in (ROOT / "ebl").rglob("*.py")
        if "own_words(" in path.read_text(encoding="utf-8")
    ]
    assert callers == ["messages/message.py"]


def test_every_language_has_the_templates_of_english_and_their_placeholders() -> None:
    english = catalogue.templates(ENGLISH)
    for language in set(catalogue.languages()) - {ENGLISH}:
        other = {code: one for code, one in catalogue.templates(language).items() if code not in ("means", "to_do")}
        assert {code: set(variants) for code, variants in other.items()} == {
            code: set(one) for code, one in english.items()
        }
        for code, variants in english.items():
            if code in ("style", "span"):  # a language uses the parts of a time that it wants
                continue
            for variant, text in variants.items():
                theirs = {
                    name: catalogue.sort(kind) for name, kind in catalogue.placeholders(other[code][variant]).items()
                }
                assert theirs == {name: catalogue.sort(kind) for name, kind in catalogue.placeholders(text).items()}, (
                    code
                )


@pytest.mark.parametrize(
    ("code", "variant", "name", "value"),
    [("rule", "on_chains", "chains", 7), ("document.ambiguous_version", "several", "formats", "openattestation_v2")],
)
def test_a_list_that_is_cut_says_so(code: str, variant: str, name: str, value: int | str) -> None:
    whole, cut = (say(code, variant, **{name: [value] * count}) for count in (50, 51))
    assert whole.params[name] == tuple(whole.params[name][:1] * 50)  # type: ignore[index, operator]
    assert cut.params[name] == (*whole.params[name], "…")  # type: ignore[misc]
    assert "…" in str(cut) and "…" not in str(whole)


def test_a_list_of_messages_is_never_cut() -> None:
    assert len(say("rule", "all_of", rules=[own_words("a")] * 99).params["rules"]) == 99  # type: ignore[arg-type]


def test_a_fact_of_a_class_that_says_nothing_is_named_by_it() -> None:
    assert str(Fact()) == "established: Fact"
