"""Makes the fonts of `ebl-fonts` from the Noto fonts of Debian: ``python3 dev.py python tools/fonts.py``.

It needs the Debian packages in `DEBIAN`, and writes the same files from the same packages. The fonts get names of their own,
so that a program that also has the whole Noto fonts cannot take one for the other.
"""

from __future__ import annotations

import bz2
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.scaleUpem import scale_upem

ROOT = Path(__file__).resolve().parents[1]
INTO = ROOT / "fonts" / "ebl_fonts"
DEBIAN = ("fonts-noto-cjk", "fonts-noto-core", "fonts-noto-mono", "unicode-data")
NOTO = Path("/usr/share/fonts")
UNIHAN = Path("/usr/share/unicode/Unihan_OtherMappings.txt.bz2")


@dataclass(frozen=True)
class Made:
    """A font to make: from which face, under which name, with which characters and which features of its layout.

    ``units`` is the number of steps in the height of a line on which outlines are drawn, if it is another than that of the
    source. A fifth of them make the Chinese characters of a report a quarter smaller; at 10 points a step is half a dot of a
    printer with 600 dots an inch.
    """

    file: str
    source: str
    face: str
    family: str
    style: str
    letters: frozenset[int]
    features: tuple[str, ...] = ()
    units: int | None = None


def blocks(*pairs: tuple[int, int]) -> frozenset[int]:
    return frozenset(code for first, last in pairs for code in range(first, last + 1))


def encoded(codec: str, first: range, second: range) -> Iterator[int]:
    """The characters of a double-byte character set."""
    for high in first:
        for low in second:
            try:
                yield ord(bytes((high, low)).decode(codec))
            except UnicodeDecodeError:
                continue


def general_standard() -> Iterator[int]:
    """The 8,105 characters of the Chinese government's table of 2013, which level 2 of GB 18030-2022 is about."""
    for line in bz2.decompress(UNIHAN.read_bytes()).decode("utf-8").splitlines():
        if line.startswith("U+") and line.split("\t")[1] == "kTGH":
            yield int(line.split("\t")[0][2:], 16)


LATIN = blocks(
    (0x20, 0x7E), (0xA0, 0x17F), (0x18F, 0x18F), (0x192, 0x192), (0x1A0, 0x1B0), (0x1CD, 0x1DC), (0x218, 0x21B)
)
LATIN |= blocks((0x250, 0x25F), (0x2B0, 0x2DD), (0x300, 0x33F), (0x370, 0x3FF), (0x400, 0x52F), (0x1E00, 0x1EFF))
LATIN |= blocks(
    (0x2010, 0x205F), (0x2070, 0x209C), (0x20A0, 0x20BF), (0x2100, 0x214F), (0x2150, 0x218B), (0x2190, 0x21FF)
)
LATIN |= blocks((0x2200, 0x22FF), (0x2500, 0x25FF), (0x2713, 0x2718), (0xFB00, 0xFB04), (0xFFFD, 0xFFFD))
MONO = blocks((0x20, 0x7E), (0xA0, 0x17F), (0x2010, 0x2027), (0x2030, 0x205E))
ARABIC = blocks((0x600, 0x6FF), (0x750, 0x77F), (0x200C, 0x200D))
SYMBOLS = blocks((0x2610, 0x2612), (0x2713, 0x2718), (0x26A0, 0x26A0))
HEBREW = blocks((0x5B0, 0x5F4))
CHINESE = blocks((0x3000, 0x303F), (0x3041, 0x30FF), (0xFE30, 0xFE4F), (0xFF01, 0xFFE6), (0x2460, 0x2473))
CHINESE |= blocks((0x2713, 0x2713), (0x2717, 0x2718), (0x2010, 0x2027), (0x20BB7, 0x20BB7), (0x25A0, 0x25CF))
CHINESE |= frozenset(encoded("gb2312", range(0xA1, 0xF8), range(0xA1, 0xFF)))
CHINESE |= frozenset(general_standard()) if UNIHAN.exists() else frozenset()
CHINESE |= frozenset(encoded("big5", range(0xA4, 0xC7), range(0x40, 0xFF)))  # the 5,401 common traditional characters

SANS, CJK = "truetype/noto/NotoSans", "opentype/noto/NotoSansCJK"
SHAPED = ("ccmp", "mark", "mkmk", "kern", "locl")
FONTS = (
    Made("EblSans-Regular.ttf", f"{SANS}-Regular.ttf", "", "Ebl Sans", "Regular", LATIN, SHAPED),
    Made("EblSans-Bold.ttf", f"{SANS}-Bold.ttf", "", "Ebl Sans", "Bold", LATIN, SHAPED),
    Made("EblMono-Regular.ttf", f"{SANS}Mono-Regular.ttf", "", "Ebl Mono", "Regular", MONO, ("ccmp",)),
    Made(
        "EblSansArabic-Regular.ttf",
        f"{SANS}Arabic-Regular.ttf",
        "",
        "Ebl Sans Arabic",
        "Regular",
        ARABIC,
        (*SHAPED, "init", "medi", "fina", "isol", "rlig"),
    ),
    Made("EblSansHebrew-Regular.ttf", f"{SANS}Hebrew-Regular.ttf", "", "Ebl Sans Hebrew", "Regular", HEBREW, SHAPED),
    Made("EblSymbols-Regular.ttf", f"{SANS}Symbols2-Regular.ttf", "", "Ebl Symbols", "Regular", SYMBOLS),
    Made(
        "EblSansSC-Regular.otf", f"{CJK}-Regular.ttc", "Noto Sans CJK SC", "Ebl Sans SC", "Regular", CHINESE, units=200
    ),
)


def opened(made: Made) -> TTFont:
    path = NOTO / made.source
    if not made.face:
        return TTFont(path, recalcTimestamp=False)
    for face in TTCollection(path, recalcTimestamp=False).fonts:
        if face["name"].getDebugName(1) == made.face:
            return face
    raise SystemExit(f"{path} has no face {made.face}")


def make(made: Made) -> bytes:
    font = opened(made)
    options = subset.Options(
        layout_features=list(made.features),
        hinting=False,
        desubroutinize=False,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        name_languages=[0x409],
        notdef_outline=True,
        glyph_names=False,
        recalc_timestamp=False,
        drop_tables=["DSIG", "BASE", "VORG", "vhea", "vmtx", "meta", "STAT"],
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=made.letters)
    cutter.subset(font)
    if made.units:
        scale_upem(font, made.units)
    rename(font, made)
    into = io.BytesIO()
    font.save(into, reorderTables=True)
    return into.getvalue()


def rename(font: TTFont, made: Made) -> None:
    full = f"{made.family} {made.style}"
    names = {1: made.family, 2: made.style, 3: f"{full}; from Noto", 4: full, 6: full.replace(" ", "-")}
    for number, text in names.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    if "CFF " in font:
        top = font["CFF "].cff
        top.fontNames = [names[6]]
        top.topDictIndex[0].FullName, top.topDictIndex[0].FamilyName = full, made.family


def main() -> int:
    if missing := [name for name in (*(NOTO / one.source for one in FONTS), UNIHAN) if not name.exists()]:
        print(f"not found: {missing[0]}; on Debian: apt-get install {' '.join(DEBIAN)}", file=sys.stderr)
        return 2
    for one in FONTS:
        done = make(one)
        (INTO / one.file).write_bytes(done)
        count = len(TTFont(io.BytesIO(done)).getBestCmap())
        print(f"{one.file}: {count:,} characters, {len(done):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
