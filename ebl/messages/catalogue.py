"""The words of a language: one JSON file, ``LANGUAGE.json``, of templates by code and variant.

A code with one template has it as text; one with several has an object of them by variant. A placeholder is ``{name:kind}``,
each name once; the kind says what fills it, and how it is shown:

=================== ==================================== =======================================================
kind                filled by                            shown
=================== ==================================== =======================================================
``name``            a text without meaning of its own:   as it is
                    a member, a host, a DID, a domain
``quoted``          a text from outside                  between quotes, in one line; quotes in it escaped
``path``            a place in a document                as it is; as ``quoted``, if it has spaces or quotes
``address``         an account or a contract             as it is
``hash``            bytes                                0x and hex digits
``short``           bytes                                the first 16 hex digits
``number``          a number                             without separators
``count A|B``       a number                             with the word for one (A) or for several (B) behind it
``time``            a time                               ISO 8601, UTC
``moment``          a time                               as ``style`` has it, of ``date``, ``clock`` (UTC) and ``local`` (UTC+8)
``date``            a day                                ISO 8601
``span``            a length of time                     in words, by section ``span``
``word``            a word of ours                       as section ``word`` has it
``message``         another message                      in the same language
``[kind]``          several                              with ``style``'s ``list`` between, messages with ``messages``
=================== ==================================== =======================================================

Templates with the code ``any`` serve for every code that has no template of its own for their variant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from math import isfinite
from pathlib import Path
from string import Formatter
from typing import Any, Final, Union

from ebl.codec.printable import printable
from ebl.codec.timestamp import format_timestamp, parse_timestamp

ENGLISH: Final = "en"
ANY: Final = "any"
"""The section of the templates that serve for every code."""

CUT: Final = "…"
"""The last of a list of which more is not kept."""

Filling = Union[str, int, float, "Keyed", tuple["Filling", ...]]
"""A parameter as it is kept: bytes as 0x and hex digits, times and dates in ISO 8601, lengths of time in seconds."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """A key of the catalogue, ``code`` and ``variant``, and what fills the placeholders of its template."""

    code: str
    variant: str = ""
    filled: tuple[tuple[str, Filling], ...] = ()

    @property
    def key(self) -> str:
        """The key, as reports give it: ``code/variant``, or ``code`` if that has one template only."""
        return f"{self.code}/{self.variant}" if self.variant else self.code

    @property
    def params(self) -> dict[str, Filling]:
        """What fills the placeholders, by their names."""
        return dict(self.filled)

    def to_dict(self) -> dict[str, Any]:
        """As JSON data: ``key`` and ``params``; a message within has the same members."""
        return {"key": self.key, "params": {name: _plain(value) for name, value in self.filled}}


def _plain(value: Filling) -> Any:
    if isinstance(value, Keyed):
        return value.to_dict()
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


KINDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    **dict.fromkeys(("name", "quoted", "path", "address", "hash", "short", "time", "moment", "date", "word"), str),
    **dict.fromkeys(("number", "count"), int),
    "span": (int, float),
    "message": Keyed,
}
"""Every kind of placeholder, and what fills it."""

_UTC_8: Final = timezone(timedelta(hours=8))
"""The one time zone of Singapore and all of China."""
_PLAIN: Final = re.compile(r"[^\s'\"]*")
_FRACTION: Final = re.compile(r"\.[0-9]+(?=Z)")

_FOLDER: Final = Path(__file__).parent  # importlib.resources would cost a command more than all else here

Templates = Mapping[str, Mapping[str, str]]


def languages() -> tuple[str, ...]:
    """The languages that have a catalogue, by their tags (BCP 47)."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


@cache
def templates(language: str) -> Templates:
    """The catalogue of a language, by code and variant (empty for the only one). Raises `KeyError` if there is none."""
    if language != ENGLISH and language not in languages():
        raise KeyError(f"no catalogue for {language!r:.40}; there are {', '.join(languages())}")
    text = _FOLDER.joinpath(f"{language}.json").read_text(encoding="utf-8")
    return {code: {"": said} if isinstance(said, str) else said for code, said in json.loads(text).items()}


def template(message: Keyed, language: str) -> str | None:
    """The template of a message; None if the catalogue has none."""
    found = templates(language)
    for code in (message.code, ANY):
        if (text := found.get(code, {}).get(message.variant)) is not None:
            return text
    return None


def render(message: Keyed, language: str = ENGLISH) -> str:
    """A message in words. One that the catalogue does not have, or cannot fill, is shown by its key and parameters."""
    text = template(message, language)
    if text is None:
        return _bare(message)
    try:
        return _Filled(language, message.params).words(text)
    except (LookupError, TypeError, ValueError, OverflowError):  # what was kept by another version
        return _bare(message)


def word(section: str, name: str, language: str = ENGLISH) -> str:
    """A label of a report, or a word of ours, in a language; itself if the catalogue has none."""
    return templates(language).get(section, {}).get(name, name)


def phrase(section: str, name: str, language: str = ENGLISH, /, **params: Filling) -> str:
    """A phrase of a report, filled. Raises `KeyError` if the catalogue has none, or it has a placeholder that is not given."""
    return _Filled(language, params).words(templates(language)[section][name])


@cache
def parts(text: str) -> tuple[tuple[str, str | None, str], ...]:
    """The parts of a template: the text before a placeholder, its name and its kind; None and nothing for text at the end."""
    return tuple((literal, name, kind or "") for literal, name, kind, _ in Formatter().parse(text))


def placeholders(text: str) -> dict[str, str]:
    """The placeholders of a template: their kinds by their names. Raises `ValueError` if a name is there twice."""
    found: dict[str, str] = {}
    for _, name, kind in parts(text):
        if name is None:
            continue
        if name in found:
            raise ValueError(f"the placeholder {name} is there twice in: {text}")
        found[name] = kind
    return found


def fits(kind: str, value: Filling) -> bool:
    """Whether a value can fill a placeholder of a kind."""
    if kind.startswith("["):
        return isinstance(value, tuple) and all(one == CUT or fits(kind[1:-1], one) for one in value)
    name = kind.partition(" ")[0]
    if name in ("number", "count") and isinstance(value, str):
        return value.removeprefix("-").isdecimal()  # a large one, kept as its digits
    expected = KINDS.get(name)
    if isinstance(value, float) and not isfinite(value):
        return False
    return expected is not None and isinstance(value, expected) and not isinstance(value, bool)


def sort(kind: str) -> str:
    """What a kind is filled by, however a language shows it: a number is one as ``number`` and as ``count``."""
    inner = kind.removeprefix("[").removesuffix("]").partition(" ")[0]
    same = {"moment": "time", "count": "number", "quoted": "name", "short": "hash"}.get(inner, inner)
    return f"[{same}]" if kind.startswith("[") else same


class _Filled:
    """One filling of a template, in one language."""

    def __init__(self, language: str, params: Mapping[str, Filling]) -> None:
        self.language, self.params = language, params

    def words(self, text: str) -> str:
        return "".join(
            literal if name is None else literal + self.shown(self.params[name], kind)
            for literal, name, kind in parts(text)
        )

    def shown(self, value: Filling, kind: str) -> str:
        if not fits(kind, value):
            raise TypeError(f"expected {kind}; got {value!r:.80}")
        if isinstance(value, tuple):
            inner = kind[1:-1]
            return self.style("messages" if inner == "message" else "list").join(
                CUT if one == CUT else self.shown(one, inner) for one in value
            )
        if isinstance(value, Keyed):
            return render(value, self.language)
        match kind.partition(" "):
            case "quoted", _, _:
                return self.quoted(str(value))
            case "path", _, _ if not (_PLAIN.fullmatch(str(value)) and str(value).isprintable()):
                return self.quoted(str(value))
            case "short", _, _:
                return f"{str(value).removeprefix('0x')[:16]}…"
            case "count", _, words:
                return f"{value} {words.partition('|')[0 if value == 1 else 2]}"
            case "word", _, _:
                return word("word", str(value), self.language)
            case "time", _, _:
                return _FRACTION.sub("", str(value))
            case "moment", _, _:
                return self.moment(parse_timestamp(str(value)))
            case "span", _, _:
                assert isinstance(value, int | float)
                return self.span(value)
        return str(value)

    def quoted(self, text: str) -> str:
        """A text from outside. It cannot end the quotation: a backslash is before each of its marks and backslashes."""
        around = self.style("quote")
        marks = {ord(mark): f"\\{mark}" for mark in f"{around.replace('{}', '').strip()}\\"}
        return around.format(printable(text.translate(marks)))

    def span(self, time: float) -> str:
        if abs(time) < 60:
            return phrase("span", "seconds", self.language, n=f"{time:g}")
        minutes, rest = divmod(int(time), 60)
        if not rest and 1 <= minutes < 120:
            return phrase("span", "minutes", self.language, n=minutes)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        clock = f"{hours}:{minutes:02}:{rest:02}"
        return phrase("span", "days", self.language, n=days, clock=clock) if days else clock

    def moment(self, when: datetime) -> str:
        try:
            local = when.astimezone(_UTC_8)
        except OverflowError:  # the last hours of the year 9999, as a node may have it
            return format_timestamp(when)
        told = {"date": f"{when:%Y-%m-%d}", "clock": f"{when:%H:%M:%S}", "local": f"{local:%Y-%m-%d %H:%M:%S}"}
        text = self.style("moment")
        return _Filled(self.language, {name: told[name] for name in placeholders(text)}).words(text)

    def style(self, name: str) -> str:
        return templates(self.language)["style"][name]


def _bare(message: Keyed) -> str:
    told: Any = message.to_dict()["params"]
    return f"{message.key} {json.dumps(told, ensure_ascii=False)}" if told else message.key
