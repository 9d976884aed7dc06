"""The fonts of a PDF file: those of `ebl-fonts`, and a font of the system for characters that they lack.

Only fonts that are known to draw what they claim are taken from the system: others map every character to a box or to nothing.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ebl.errors import MissingExtra
from ebl.typesetting.font_coverage import CharacterSet, characters_of

if TYPE_CHECKING:
    import typst

_KNOWN: Final = re.compile(
    r"(?i)(noto(sans|serif)(?!.*(emoji|adobeblank))|sourcehan|dejavusans|liberationsans|freesans|pingfang|stheiti|hiragino"
    r"|arial ?unicode|msyh|msgothic|malgun|simsun|simhei|wqy|unifont|droidsansfallback|nanumgothic).*\.(ttf|otf|ttc)$"
)
_PREFERRED: Final = ("sanscjk", "sourcehansans", "notosans", "")
"""Which of several fonts with a character is used, by a part of the file's name."""
_MOST_FILES: Final = 5_000
"""How many files of the system's font folders are looked at."""
_MOST_FONTS: Final = 4
"""How many fonts of the system one file may use."""


@dataclass(frozen=True, slots=True)
class Font:
    """A font file with its family, as typst names it, and its characters."""

    path: Path
    family: str
    characters: CharacterSet


@dataclass(frozen=True, slots=True)
class FontSet:
    """Fonts for one file, the first one with a character draws it. ``folders`` are where typst finds them."""

    fonts: tuple[Font, ...]

    @property
    def families(self) -> tuple[str, ...]:
        """The families, in order."""
        return tuple(dict.fromkeys(font.family for font in self.fonts))

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of the files."""
        return tuple(dict.fromkeys(str(font.path.parent) for font in self.fonts))

    def lacking(self, codes: Set[int]) -> set[int]:
        """Returns the characters that none of the fonts has."""
        return {code for code in codes if not any(code in font.characters for font in self.fonts)}


ORDER: Final = ("Ebl Sans", "Ebl Sans SC", "Ebl Sans Arabic", "Ebl Sans Hebrew", "Ebl Symbols")
"""The families of `ebl-fonts` for text, the first one with a character draws it."""
MONO: Final = "Ebl Mono"


@cache
def own() -> FontSet:
    """Returns the fonts of `ebl-fonts`; those of the system if it is not installed, or is of another version.

    Raises `MissingExtra` if the system has none that can be used.
    """
    try:
        from ebl_fonts import FOLDER
    except ImportError:
        return _instead()
    found = {font.family: font for font in _read((FOLDER,)) if "Bold" not in font.path.name}
    if not found.keys() >= {*ORDER, MONO}:
        return _instead()
    return FontSet(tuple(found[family] for family in (*ORDER, MONO)))


def _instead() -> FontSet:
    """Fonts of the system with ASCII, and with a common Chinese character."""
    wanted = {*range(0x21, 0x7F), 0x9A8C}
    found = from_system(wanted)
    if not found or FontSet(found).lacking(wanted):
        raise MissingExtra("pdf")
    return FontSet(found)


def fitting(codes: Set[int]) -> FontSet:
    """Returns fonts for these characters: ours, and fonts of the system for what ours lack. Some may still be lacking."""
    ours = own()
    lacking = ours.lacking(codes)
    return FontSet((*ours.fonts, *from_system(lacking))) if lacking else ours


def from_system(codes: Set[int]) -> tuple[Font, ...]:
    """Returns fonts of the system that have some of these characters, as few as do, and at most four."""
    lacking, chosen = set(codes), list[Font]()
    for path in _system_files():
        if not lacking or len(chosen) == _MOST_FONTS:
            break
        characters = _characters(path)
        if any(code in characters for code in lacking) and (family := _family(path)):
            lacking = {code for code in lacking if code not in characters}
            chosen.append(Font(path, family, characters))
    return tuple(chosen)


@cache
def _characters(path: Path) -> CharacterSet:
    try:
        return characters_of(path)
    except OSError:
        return CharacterSet((), ())


@cache
def _system_files() -> tuple[Path, ...]:
    """The known fonts of the system, those preferred first, each face in its regular weight."""
    found: list[Path] = []
    for number, path in enumerate(_walked()):
        if number == _MOST_FILES:
            break
        if _KNOWN.search(path.name) and not re.search(
            r"(?i)bold|italic|oblique|black|light|thin|medium|mono", path.name
        ):
            found.append(path)
    rank = {path: next(at for at, part in enumerate(_PREFERRED) if part in path.name.lower()) for path in found}
    return tuple(sorted(found, key=lambda path: (rank[path], path.name, str(path))))


def _walked() -> Iterator[Path]:
    for folder in _folders():
        for place, inside, names in os.walk(folder):
            inside.sort()
            yield from (Path(place, name) for name in sorted(names))


def _folders() -> tuple[Path, ...]:
    if sys.platform == "darwin":
        return Path("/System/Library/Fonts"), Path("/Library/Fonts"), Path.home() / "Library" / "Fonts"
    if sys.platform == "win32":
        return (Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts",)
    return Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local" / "share" / "fonts"


def _read(folders: tuple[Path, ...]) -> list[Font]:
    known = {Path(str(one.path)): one.family for one in loaded(tuple(map(str, folders))).fonts() if one.index == 0}
    return [Font(path, known[path], characters_of(path)) for path in sorted(known)]


def _family(path: Path) -> str | None:
    """The family of a file, as typst names it; None if typst does not read it. Of a collection, that for simplified Chinese."""
    faces = [face.family for face in loaded((str(path.parent),)).fonts() if face.path == str(path)]
    return next((family for family in faces if family.endswith(" SC")), faces[0] if faces else None)


@cache
def loaded(folders: tuple[str, ...]) -> typst.Fonts:
    """Returns the fonts of folders for typst. Raises `MissingExtra` if typst is not installed."""
    try:
        import typst
    except ImportError:
        raise MissingExtra("pdf") from None
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[*folders])
