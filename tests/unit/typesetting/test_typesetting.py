"""PDF files are made from data alone: nothing in it is markup, invisible or missing, and the same data gives the same bytes."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ebl_fonts
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from ebl.errors import InvalidInput, MissingExtra
from ebl.typesetting import fonts
from ebl.typesetting import typeset as module
from ebl.typesetting.font_coverage import characters_of
from ebl.typesetting.legible import LONGEST, characters, is_hidden, shown
from ebl.typesetting.typeset import Attached, Paper, PdfFile, typeset
from tests.pdf_files import attachment_of, check, fonts_of, info_of, text_of

NOW = datetime(2026, 11, 30, 15, 4, 5, tzinfo=UTC)
TEMPLATE = """#import "/typesetting/page.typ": *
#show: sheet.with(title: "A page", foot: [foot], number: "page {x} of {y}", language: "zh-Hans")
= A page
#for one in data.texts [
  #breakable(one) \\
]
#for one in data.codes [ #mono(one) \\ ]
"""
FILES = sorted(ebl_fonts.FOLDER.glob("*.?tf"))


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "typesetting").mkdir()
    shutil.copy(Path(module.__file__).parent / "page.typ", tmp_path / "typesetting")
    monkeypatch.setattr(module, "_PACKAGE", tmp_path)
    (tmp_path / "page.typ").write_text(TEMPLATE, "utf-8")
    return tmp_path / "page.typ"


def made(template: Path, *texts: str, codes: tuple[str, ...] = (), **options: Any) -> PdfFile:
    return typeset(template, {"texts": [*texts], "codes": [*codes]}, made_at=NOW, **options)


def test_markup_in_data_is_text(template: Path) -> None:
    evil = (
        "#panic() *bold* $x^2$ _it_ `raw` @ref <label> https://evil.example/ = no heading",
        '#read("/etc/passwd") #include "x.typ" #import "@preview/x:1.0.0": * \\ // comment /* */',
        "[content] {code} #let x = 1 --- ... ~ \\u{41}",
    )
    found = made(template, *evil)
    shown_text = " ".join(text_of(found.content).split())
    for one in evil:
        assert one in shown_text
    assert found.replaced == ()
    check(found.content)


def test_the_same_data_gives_the_same_bytes_and_another_date_gives_others(template: Path) -> None:
    first = made(template, "提单 Bill", codes=("0x" + "ab" * 32,))
    module._compiler.cache_clear()
    assert made(template, "提单 Bill", codes=("0x" + "ab" * 32,)) == first
    other = typeset(template, {"texts": ["提单 Bill"], "codes": []}, made_at=NOW.replace(year=2027))
    assert other.content != first.content


@pytest.mark.parametrize(("paper", "size"), [("a4", "A4"), ("us-letter", "letter")])
def test_the_file_is_tagged_pdf_a_with_its_fonts_inside(template: Path, paper: Paper, size: str) -> None:
    pdf = made(template, "提单 Bill شركة שלום", codes=("0xab",), paper=paper).content
    about = info_of(pdf)
    assert "Tagged:          yes" in about
    assert "2026-11-30T15:04:05Z" in about
    assert size in about
    assert b"<pdfaid:part>3<" in pdf and b"<pdfaid:conformance>A<" in pdf and b"<pdfuaid:part>1<" in pdf
    names = (
        "Sans-Regular",
        "Sans-Bold",
        "Sans-SC-Regular-Identity-H",
        "Sans-Arabic-Regular",
        "Sans-Hebrew-Regular",
        "Mono-Regular",
    )
    assert fonts_of(pdf) == {f"Ebl-{name}": True for name in names}


def test_what_cannot_be_seen_is_written_as_its_number_and_reported(template: Path) -> None:
    found = made(template, "a\u202eb\u200bc\x00d\u3164e\ue000f\u2028g\ufe0fh\U0010fffdi\ud800j", "x\ty")
    text = text_of(found.content)
    assert "aU+202EbU+200BcU+0000dU+3164eU+E000fU+2028gU+FE0FhU+10FFFDiU+D800j" in text
    assert "xU+0009y" in text
    assert set(found.replaced) == {
        *("U+0000", "U+0009", "U+2028", "U+200B", "U+202E", "U+3164", "U+D800", "U+E000", "U+FE0F", "U+10FFFD"),
    }


def test_a_character_that_no_font_has_is_written_as_its_number(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_system_files", lambda: ())
    found = made(template, "\U0001f600 한 ဗ 验")
    assert "U+1F600 U+D55C U+1017 验" in text_of(found.content)
    assert found.replaced == ("U+1017", "U+D55C", "U+1F600")


def test_a_font_of_the_system_draws_what_ours_lack(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "\ud55c\uad6d\ud574\uc6b4"
    (tmp_path / "system").mkdir()
    path = tmp_path / "system" / "NotoSansKR-Regular.ttf"
    write_font(path, "Noto Sans KR", text)
    monkeypatch.setattr(fonts, "_folders", lambda: (tmp_path / "system",))
    fonts._system_files.cache_clear()
    try:
        found = made(template, f"{text} \u1017")
    finally:
        fonts._system_files.cache_clear()
    assert found.replaced == ("U+1017",)
    assert text in text_of(found.content)
    assert "NotoSansKR" in fonts_of(found.content)


def write_font(path: Path, family: str, characters: str) -> None:
    """A font with a square for each character."""
    names = [".notdef", *(f"uni{ord(one):04X}" for one in characters)]
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for point in ((100, 700), (800, 700), (800, 0)):
        pen.lineTo(point)
    pen.closePath()
    square = pen.glyph()
    build = FontBuilder(1000, isTTF=True)
    build.setupGlyphOrder(names)
    build.setupCharacterMap({ord(one): name for one, name in zip(characters, names[1:], strict=True)})
    build.setupGlyf(dict.fromkeys(names, square))
    build.setupHorizontalMetrics(dict.fromkeys(names, (900, 100)))
    build.setupHorizontalHeader(ascent=800, descent=-200)
    build.setupNameTable({"familyName": family, "styleName": "Regular", "psName": family.replace(" ", "")})
    build.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    build.setupPost()
    build.save(path)


def test_names_in_use_are_drawn_by_our_own_fonts() -> None:
    names = (
        "𠮷野 镕 堃 喆 中華人民共和國 臺灣 龍 鑫淼 Łódź Ærø İstanbul Đặng Ñandú Αθήνα Санкт-Петербург شركة الملاحة צים"
    )
    assert fonts.own().lacking({ord(one) for one in names}) == set()
    gb2312 = {bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)}
    assert fonts.own().lacking({ord(text) for one in gb2312 if (text := one.decode("gb2312", "ignore"))}) == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_our_reading_of_a_font_is_that_of_fonttools(path: Path) -> None:
    read, expected = characters_of(path), TTFont(path).getBestCmap()
    assert len(read) == len(expected)
    assert all(code in read for code in expected)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_character_of_our_fonts_is_blank(path: Path) -> None:
    font = TTFont(path)
    glyphs = font.getGlyphSet()
    blank = []
    for code, name in font.getBestCmap().items():
        pen = BoundsPen(glyphs)
        glyphs[name].draw(pen)
        if pen.bounds is None and not is_hidden(code) and unicodedata.category(chr(code)) != "Zs":
            blank.append(hex(code))
    assert blank == []


def test_a_font_that_is_broken_or_not_one_has_no_characters(tmp_path: Path) -> None:
    whole = FILES[0].read_bytes()
    for number, content in enumerate((b"", b"no font", whole[:40], whole[:3_000], b"ttcf" + whole[4:])):
        path = tmp_path / f"{number}.ttf"
        path.write_bytes(content)
        assert len(characters_of(path)) in (0, len(characters_of(FILES[0])))


def test_long_texts_are_cut_and_long_words_stay_on_the_page(template: Path) -> None:
    found = made(template, "x" * 200_000, codes=("ab" * 100,))
    assert len(found.content) < 60_000
    text = text_of(found.content, "-bbox")
    assert "…" in text
    right = [float(word.split('"')[0]) for word in text.split('xMax="')[1:]]
    assert max(right) < 595 - 18 / 25.4 * 72 + 1


def test_more_marks_over_a_letter_than_any_script_has_are_written_as_numbers() -> None:
    assert shown(["a" + "\u0301" * 6], {}) == ["a" + "\u0301" * 3 + "U+0301" * 3]
    assert shown({"a": ("e\u0301",)}, {}) == {"a": ["e\u0301"]}


def test_texts_count_as_far_as_they_are_shown() -> None:
    assert characters({"a": ["b", 1, None], "c": "x" * LONGEST + "y"}) == {ord("b"), ord("x")}


def test_data_without_a_bound_is_refused(template: Path) -> None:
    with pytest.raises(InvalidInput, match="at most 8,000,000 characters"):
        typeset(template, {"texts": ["x" * LONGEST] * 2_100, "codes": []}, made_at=NOW)


def test_files_are_kept_inside(template: Path) -> None:
    bill = '{"name":"提单"}\n'
    found = made(template, "a", attached=[Attached("bill.json", bill, description="The bill")])
    assert attachment_of(found.content, "bill.json").decode() == bill


def test_without_typst_the_command_that_installs_it_is_given(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module._compiler.cache_clear()
    fonts.loaded.cache_clear()
    fonts.own.cache_clear()
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtra, match=r'pip install ./fonts ".\[pdf\]"'):
        made(template, "a")


def test_fonts_of_the_system_stand_in_for_ours(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fonts.own.cache_clear()
    monkeypatch.setitem(sys.modules, "ebl_fonts", None)
    try:
        if fonts.from_system({ord("a"), ord("验")}):
            assert made(template, "a 验", codes=("0xab",)).replaced == ()
        monkeypatch.setattr(fonts, "_system_files", lambda: ())
        fonts.own.cache_clear()
        with pytest.raises(MissingExtra):
            made(template, "a")
    finally:
        fonts.own.cache_clear()


def test_typst_is_imported_in_one_room() -> None:
    root = Path(module.__file__).parents[1]
    users = {path.parent.name for path in root.rglob("*.py") if "import typst" in path.read_text("utf-8")}
    assert users == {"typesetting"}


def test_fonts_of_another_version_are_not_used_by_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "ORDER", (*fonts.ORDER, "Ebl Runes"))
    fonts.own.cache_clear()
    try:
        try:
            families = fonts.own().families
        except MissingExtra:
            return
        assert not any(family.startswith("Ebl") for family in families)
    finally:
        monkeypatch.undo()
        fonts.own.cache_clear()
