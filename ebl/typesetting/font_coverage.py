"""The characters that a font has: the ``cmap`` table of an OpenType font or collection, and nothing else of it.

The offsets and formats are those of the OpenType specification. The fonts are ours or the system's, never a document's.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from struct import error as ShortRead
from struct import unpack_from
from typing import Final

_FORMAT_RANK: Final = {12: 2, 4: 1}
_PICTURES: Final = {b"CBDT", b"sbix", b"COLR", b"SVG ", b"fvar"}
"""Tables of fonts with coloured pictures, and of variable fonts. typst draws them in its own way, or not at all."""


@dataclass(frozen=True, slots=True)
class CharacterSet:
    """The characters of a font, as ranges that do not overlap, in order."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __contains__(self, code: int) -> bool:
        at = bisect_right(self.starts, code) - 1
        return at >= 0 and code <= self.ends[at]

    def __len__(self) -> int:
        return sum(end - start + 1 for start, end in zip(self.starts, self.ends, strict=True))


def characters_of(path: Path) -> CharacterSet:
    """Returns the characters of the first font of a file.

    A font with pictures for characters, a variable font, and a file that is not an OpenType font have none. Raises `OSError` if
    the file cannot be read.
    """
    content = path.read_bytes()
    try:
        return _joined(_ranges(content))
    except (ShortRead, ValueError):
        return CharacterSet((), ())


def _joined(ranges: list[tuple[int, int]]) -> CharacterSet:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return CharacterSet(tuple(start for start, _ in joined), tuple(end for _, end in joined))


def _ranges(content: bytes) -> list[tuple[int, int]]:
    base = unpack_from(">I", content, 12)[0] if content[:4] == b"ttcf" else 0
    if content[base : base + 4] not in (b"OTTO", b"\0\1\0\0", b"true"):
        raise ValueError("not an OpenType font")
    (count,) = unpack_from(">H", content, base + 4)
    tables = {
        content[at : at + 4]: unpack_from(">I", content, at + 8)[0]
        for at in range(base + 12, base + 12 + 16 * count, 16)
    }
    if tables.keys() & _PICTURES or b"cmap" not in tables:
        raise ValueError("a font of pictures, or without characters")
    cmap = tables[b"cmap"]
    (encodings,) = unpack_from(">H", content, cmap + 2)
    found = []
    for at in range(cmap + 4, cmap + 4 + 8 * encodings, 8):
        platform, encoding, offset = unpack_from(">HHI", content, at)
        (kind,) = unpack_from(">H", content, cmap + offset)
        if kind in _FORMAT_RANK and (platform == 0 or (platform == 3 and encoding in (1, 10))):
            found.append((_FORMAT_RANK[kind], cmap + offset))
    if not found:
        raise ValueError("no table of Unicode characters")
    rank, at = max(found)
    return _segmented(content, at) if rank == _FORMAT_RANK[4] else _grouped(content, at)


def _grouped(content: bytes, at: int) -> list[tuple[int, int]]:
    """Format 12: groups of a first character, a last one and a first glyph. Glyph 0 means that there is none."""
    (count,) = unpack_from(">I", content, at + 12)
    groups = (unpack_from(">III", content, at + 16 + 12 * number) for number in range(count))
    return [(start + (glyph == 0), end) for start, end, glyph in groups if glyph or end > start]


def _segmented(content: bytes, at: int) -> list[tuple[int, int]]:
    """Format 4: segments of the first 65,536 characters, with a difference or a list of glyphs for each."""
    doubled = unpack_from(">H", content, at + 6)[0]
    count = doubled // 2
    ends = unpack_from(f">{count}H", content, at + 14)
    starts = unpack_from(f">{count}H", content, at + 16 + doubled)
    deltas = unpack_from(f">{count}H", content, at + 16 + 2 * doubled)
    lists = at + 16 + 3 * doubled
    found = []
    for number, (start, end, delta) in enumerate(zip(starts, ends, deltas, strict=True)):
        (offset,) = unpack_from(">H", content, lists + 2 * number)
        for code in range(start, min(end, 0xFFFE) + 1):
            glyph = code
            if offset:
                (glyph,) = unpack_from(">H", content, lists + 2 * number + offset + 2 * (code - start))
            if (glyph or not offset) and (glyph + delta) & 0xFFFF:
                found.append((code, code))
    return found
