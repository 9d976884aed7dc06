"""A title's history as a picture: a lane for each party, time downwards, and bars for who held and who was beneficiary.

The picture is SVG without script and without anything from elsewhere. Holder and beneficiary differ in shape, not only in colour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Final
from xml.sax.saxutils import escape

from ebl.chain.titles.endorsements import Endorsement, Position
from ebl.chain.titles.title_state import State, Title
from ebl.codec.printable import printable
from ebl.codec.svg_fonts import SVG_CODE, SVG_TEXT
from ebl.codec.timestamp import format_timestamp
from ebl.messages.catalogue import ENGLISH, phrase, word

Names = Callable[[str], str | None]
"""Returns the reader's own name of an address, if there is one."""

_FIRST: Final = 10
_LAST: Final = 40
"""How many moves are shown at the start and at the end of a long history."""
_MOST_LANES: Final = 12
"""How many parties have a lane of their own. Further ones share the last lane."""
_REMARK: Final = 90
_NAME: Final = 36

_TEXTS: Final = 230
_LANE: Final = 104
_HEAD: Final = 92
_ROW: Final = 34
_LINE: Final = 12
_FOOT: Final = 46
_BAR: Final = 12

_HOLDER, _BENEFICIARY, _NOMINEE, _GREY, _TEXT = "#1f4e79", "#b45309", "#6b7280", "#d1d5db", "#111827"
_ISSUER: Final = ""
"""The lane of the issuer's side, which has no address."""


@dataclass(frozen=True, slots=True)
class _MoveRow:
    """One move, or a gap in a long history (``move`` None), from ``top`` to ``bottom``."""

    move: Endorsement | None
    lines: tuple[tuple[str, str], ...]
    """The texts: the kind (``action``, ``when`` or ``remark``) and the text of each line."""
    top: int
    bottom: int


@dataclass(slots=True)
class _LanesPicture:
    language: str
    names: Names
    parts: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, words: str, *, size: float = 9, style: str = "", mono: bool = False) -> None:
        family = f' font-family="{SVG_CODE}"' if mono else ""
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}"{family}{style}>{escape(printable(words))}</text>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str, *, style: str = "") -> None:
        self.parts.append(f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{colour}"{style}/>')

    def bar(self, kind: str, x: float, top: float, bottom: float) -> None:
        """The bar of a holder (solid), of a beneficiary (hatched) or of a nominee (dashed outline)."""
        fill = {"holder": _HOLDER, "beneficiary": "url(#hatched)", "nominee": "none"}[kind]
        edge = {"holder": _HOLDER, "beneficiary": _BENEFICIARY, "nominee": _NOMINEE}[kind]
        dashes = ' stroke-dasharray="3 2"' if kind == "nominee" else ""
        self.parts.append(
            f'<rect x="{x:g}" y="{top:g}" width="{_BAR}" height="{bottom - top:g}" fill="{fill}" stroke="{edge}"{dashes}/>'
        )


def swim_lanes(
    title: Title,
    moves: Sequence[Endorsement],
    *,
    complete: bool,
    language: str = ENGLISH,
    names: Names = lambda address: None,
) -> str:
    """Returns the picture of a title's history as SVG text; ``complete`` is whether no gap was found in it.

    A history of more than 50 moves is shown by its first 10 and last 40, with the number of those left out. ``names`` gives the
    reader's own names, which are shown above the addresses. Raises `KeyError` if there is no catalogue of the ``language``.
    """
    picture = _LanesPicture(language, names)
    rows = [*_rows(moves, language)]
    lanes = _lanes(moves)
    width = _TEXTS + _LANE * max(*lanes.values(), 1) + _LANE
    end = rows[-1].bottom if rows else _HEAD
    _heads(picture, lanes, end)
    for kind in ("nominee", "beneficiary", "holder"):
        _bars(picture, rows, lanes, kind)
    for row in rows:
        _move(picture, row, lanes, width)
    _legend(picture, _state_of(title, complete, language), end, width)
    return _whole(picture, title, moves, width, end + _FOOT)


def _rows(moves: Sequence[Endorsement], language: str) -> Iterator[_MoveRow]:
    """Yields the rows with their places."""
    shown: list[Endorsement | None] = [*moves]
    left_out = len(moves) - _FIRST - _LAST
    if left_out > 0:
        shown[_FIRST:-_LAST] = [None]
    top = _HEAD
    for move in shown:
        if move is None:
            lines = [("action", phrase("lanes", "left_out", language, n=left_out))]
        else:
            when = f"{move.time:%Y-%m-%d %H:%M:%S} UTC" if move.time else ""
            block = phrase("lanes", "block", language, n=move.block_number)
            lines = [("action", word("action", str(move.action), language)), ("when", f"{when}  {block}".strip())]
            lines += [("remark", text) for text in _folded(move.text or "")]
        bottom = top + _ROW + _LINE * max(0, len(lines) - 2)
        yield _MoveRow(move, tuple(lines), top, bottom)
        top = bottom


def _folded(remark: str) -> list[str]:
    """A remark as at most three lines in quotation marks; what is longer is cut."""
    text = printable(remark)
    if not text:
        return []
    cut = text if len(text) <= _REMARK else f"{text[: _REMARK - 1]}…"
    return wrap(f"“{cut}”", _REMARK // 2 + 1)[:3]


def _lanes(moves: Sequence[Endorsement]) -> dict[str, int]:
    """The lane of each party: first the issuer's side, then the parties as they appear."""
    found = {_ISSUER: 0}
    for move in moves:
        for address in (move.before.holder, move.after.holder, move.after.beneficiary, move.after.nominee, move.by):
            if address and address not in found:
                found[address] = min(len(found), _MOST_LANES)
    return found


def _center(lane: int) -> float:
    return _TEXTS + _LANE * (lane + 0.5)


def _heads(picture: _LanesPicture, lanes: dict[str, int], end: float) -> None:
    for address, lane in lanes.items():
        x = _center(lane) - _LANE / 2 + 4
        picture.line(_center(lane), _HEAD - 8, _center(lane), end, _GREY, style=' stroke-width="1"')
        if lane == _MOST_LANES and [*lanes].index(address) >= _MOST_LANES:
            if [*lanes].index(address) == _MOST_LANES:
                picture.text(x, 20, phrase("lanes", "others", picture.language, n=len(lanes) - _MOST_LANES), size=8.5)
            continue
        if address == _ISSUER:
            picture.text(x, 20, word("lanes", "issuer", picture.language), style=' font-weight="bold"')
            continue
        name = picture.names(address)
        if name:
            short = name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
            for at, part in enumerate(wrap(short, 18)[:3]):
                picture.text(x, 20 + 11 * at, part, style=' font-weight="bold"')
        for at, part in enumerate(_cut(address, 14)):
            picture.text(x, 46 + 11 * at, part, size=9, mono=True)


def _cut(text: str, width: int) -> list[str]:
    return [text[at : at + width] for at in range(0, len(text), width)]


def _party(position: Position, kind: str) -> str | None:
    """Who is holder, beneficiary or nominee; the issuer's side holds what was surrendered to it."""
    if kind == "holder" and position.state is State.RETURNED:
        return _ISSUER
    if position.state is not State.HELD:
        return None
    party: str | None = getattr(position, kind)
    return party


def _bars(picture: _LanesPicture, rows: Sequence[_MoveRow], lanes: dict[str, int], kind: str) -> None:
    """Draws each stretch of rows after which the same party is in the same place as one bar."""
    offset = {"holder": -_BAR - 1.5, "beneficiary": 1.5, "nominee": _BAR + 4.5}[kind]
    begun: tuple[str, float] | None = None
    for row in rows:
        party = None if row.move is None else _party(row.move.after, kind)
        if begun is not None and (row.move is None or party != begun[0]):
            picture.bar(kind, _center(lanes[begun[0]]) + offset, begun[1], row.top + 10)
            begun = None
        if begun is None and party is not None and row.move is not None:
            begun = (party, row.top + 10)
    if begun is not None:
        picture.bar(kind, _center(lanes[begun[0]]) + offset, begun[1], rows[-1].bottom)


def _move(picture: _LanesPicture, row: _MoveRow, lanes: dict[str, int], width: float) -> None:
    picture.line(0, row.top, width, row.top, "#e5e7eb")
    for at, (kind, words) in enumerate(row.lines):
        style = {"action": ' font-weight="bold"', "when": ' fill="#4b5563"', "remark": ' fill="#4b5563"'}[kind]
        picture.text(2, row.top + 14 + _LINE * at, words, size=10 if kind == "action" else 8.5, style=style)
    if row.move is not None:
        lane = lanes[row.move.by or _ISSUER]
        y = row.top + 10
        picture.line(_TEXTS - 8, y, _center(lane) - 4, y, _GREY, style=' stroke-dasharray="1 3"')
        picture.parts.append(
            f'<circle cx="{_center(lane):g}" cy="{y:g}" r="4" fill="#fff" stroke="{_TEXT}" stroke-width="1.5"/>'
        )


def _legend(picture: _LanesPicture, state: str, end: float, width: float) -> None:
    picture.line(0, end, width, end, "#e5e7eb")
    y, x = end + 18, 4.0
    for kind in ("holder", "beneficiary", "nominee"):
        picture.bar(kind, x, y - 9, y + 2)
        label = word("lanes", kind, picture.language)
        picture.text(x + _BAR + 4, y, label)
        x += _BAR + 24 + 7 * sum(2 if ord(letter) > 0x2E7F else 1 for letter in label)
    picture.parts.append(
        f'<circle cx="{x + 5:g}" cy="{y - 3.5:g}" r="4" fill="#fff" stroke="{_TEXT}" stroke-width="1.5"/>'
    )
    picture.text(x + 14, y, word("lanes", "by", picture.language))
    picture.text(4, y + 16, state, size=8.5)


def _state_of(title: Title, complete: bool, language: str) -> str:
    """Whether the history is complete, and as of which block."""
    block, key = title.block, "complete" if complete else "incomplete"
    return phrase("lanes", key, language, n=block.number, chain=title.chain_id, time=format_timestamp(block.time))


def _whole(picture: _LanesPicture, title: Title, moves: Sequence[Endorsement], width: float, height: float) -> str:
    heading = phrase("lanes", "title", picture.language, token=f"0x{title.token_id:064x}")
    told = [f"{kind}: {text}" for kind, text in _told(moves, picture.language)]
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
            f' font-family="{SVG_TEXT}" fill="{_TEXT}" role="img"'
            f' aria-labelledby="lanes-title lanes-text" lang="{picture.language}">'
            f'<title id="lanes-title">{escape(heading)}</title>'
            f'<desc id="lanes-text">{escape(". ".join(told))}</desc>'
            '<defs><pattern id="hatched" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
            f'<rect width="4" height="4" fill="#fff"/>'
            f'<line x1="0" y1="0" x2="0" y2="4" stroke="{_BENEFICIARY}" stroke-width="3"/>'
            "</pattern></defs>"
            f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>',
            *picture.parts,
            "</svg>\n",
        )
    )


def _told(moves: Sequence[Endorsement], language: str) -> Iterator[tuple[str, str]]:
    """The history in words, for readers who do not see the picture."""
    shown = moves if len(moves) <= _FIRST + _LAST else (*moves[:_FIRST], *moves[-_LAST:])
    for move in shown:
        after = move.after
        parties = [
            f"{word('lanes', kind, language)} {party}"
            for kind in ("holder", "beneficiary")
            if (party := _party(after, kind))
        ]
        when = format_timestamp(move.time) if move.time else phrase("lanes", "block", language, n=move.block_number)
        yield word("action", str(move.action), language), ", ".join([when, *parties])
