"""Catalogue of a language: one JSON file, ``LANGUAGE.json``, of templates by code and variant.

A code with one template has it as text; a code with several has an object of them by variant. A placeholder is
``{name:kind}``; each name occurs once. The kind states what fills the placeholder and how that is shown:

=================== ==================================== =======================================================
kind                filled by                            shown
=================== ==================================== =======================================================
``name``            a text without meaning of its own:   as it is
                    a member, a host, a DID, a domain
``quoted``          a text from outside                  between quotes, on one line; quotes in it are escaped
``path``            a place in a document                as it is; as ``quoted`` if it has spaces or quotes
``address``         an account or a contract             as it is
``hash``            bytes                                0x and hex digits
``short``           bytes                                the first 16 hex digits
``number``          a number                             without separators
``count A|B``       a number                             followed by the word for one (A) or for several (B)
``time``            a time                               ISO 8601, UTC
``moment``          a time                               by ``style``, with ``date``, ``clock`` (UTC), ``local`` (UTC+8)
``date``            a day                                ISO 8601
``span``            a duration                           by ``span``, with ``n``, ``clock``, or ``h``, ``m`` and ``s``
``word``            a word of ebl                        by section ``word``
``field``           a field of a bill, by its name       by section ``field``
``assurance``       the assurance of a DNS record        by section ``assurance``
``message``         another message                      in the same language
``[kind]``          several values                       joined with ``list`` of ``style``, messages with ``messages``
=================== ==================================== =======================================================

Templates with the code ``any`` apply to every code that has no template of its own for their variant. Languages may show a
parameter by different kinds, if the kinds are filled by the same type (`sort`): one has the name of a field, another its label.
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
"""The section of the templates that apply to every code."""

CUT: Final = "…"
"""The last item of a list that was cut."""

Filling = Union[str, int, float, "Keyed", tuple["Filling", ...]]
"""A parameter as it is stored: bytes as 0x and hex digits, times and dates in ISO 8601, durations in seconds."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """A key of the catalogue (``code`` and ``variant``) and the values for the placeholders of its template."""

    code: str
    variant: str = ""
    filled: tuple[tuple[str, Filling], ...] = ()

    @property
    def key(self) -> str:
        """The key as it is in reports: ``code/variant``, or ``code`` if the code has only one template."""
        return f"{self.code}/{self.variant}" if self.variant else self.code

    @property
    def params(self) -> dict[str, Filling]:
        """The values of the placeholders, by name."""
        return dict(self.filled)

    def to_dict(self) -> dict[str, Any]:
        """Returns JSON data with the members ``key`` and ``params``; a message among the values has the same members."""
        return {"key": self.key, "params": {name: _plain(value) for name, value in self.filled}}


def _plain(value: Filling) -> Any:
    if isinstance(value, Keyed):
        return value.to_dict()
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


KINDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    **dict.fromkeys(("name", "quoted", "path", "address", "hash", "short", "time", "moment", "date", "word"), str),
    **dict.fromkeys(("field", "assurance"), str),
    **dict.fromkeys(("number", "count"), int),
    "span": (int, float),
    "message": Keyed,
}
"""Every kind of placeholder, and the type of value that fills it."""

_UTC_8: Final = timezone(timedelta(hours=8))
"""The one time zone of Singapore and all of China."""
_SAME: Final = {
    "moment": "time",
    "count": "number",
    "short": "hash",
    **dict.fromkeys(("quoted", "word", "field", "assurance"), "name"),
}
_FULL_WIDTH: Final = "，。：；、（）“”《》"
_FIRST_CHINESE: Final = "\u2e80"
_QUORUM: Final = re.compile(r"quorum\((\d+)\)")
_PLAIN: Final = re.compile(r"[^\s'\"]*")
_FRACTION: Final = re.compile(r"\.[0-9]+(?=Z)")

_FOLDER: Final = Path(__file__).parent  # importlib.resources would take longer than all the rest of this module

Templates = Mapping[str, Mapping[str, str]]


def languages() -> tuple[str, ...]:
    """Returns the languages that have a catalogue, as BCP 47 tags."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


@cache
def templates(language: str) -> Templates:
    """Returns the catalogue of a language by code and variant ("" for the only one). Raises `KeyError` if there is none."""
    if language != ENGLISH and language not in languages():
        raise KeyError(f"no catalogue for {language!r:.40}; available: {', '.join(languages())}")
    text = _FOLDER.joinpath(f"{language}.json").read_text(encoding="utf-8")
    return {code: {"": said} if isinstance(said, str) else said for code, said in json.loads(text).items()}


def template(message: Keyed, language: str) -> str | None:
    """Returns the template of a message; None if the catalogue has none."""
    found = templates(language)
    for code in (message.code, ANY):
        if (text := found.get(code, {}).get(message.variant)) is not None:
            return text
    return None


def render(message: Keyed, language: str = ENGLISH) -> str:
    """Returns the text of a message; its key and parameters if the catalogue does not have the key or cannot fill it."""
    text = template(message, language)
    if text is None:
        return _bare(message)
    try:
        return _Filled(language, message.params).words(text)
    except (LookupError, TypeError, ValueError, OverflowError):  # the message is from another version
        return _bare(message)


def word(section: str, name: str, language: str = ENGLISH) -> str:
    """Returns a label of a report, or a word of ebl, in a language; ``name`` itself if the catalogue has none."""
    return templates(language).get(section, {}).get(name, name)


def phrase(section: str, name: str, language: str = ENGLISH, /, **params: Filling) -> str:
    """Returns a phrase of a report, filled. Raises `KeyError` if the catalogue has none, or if a placeholder has no value."""
    return _Filled(language, params).words(templates(language)[section][name])


def assurance(name: str, language: str = ENGLISH) -> str:
    """Returns the assurance of a DNS record (`ebl.model.ports.TxtRecords`) in words."""
    if count := _QUORUM.fullmatch(name):
        return phrase("assurance", "quorum", language, n=int(count[1]))
    return word("assurance", name, language)


@cache
def parts(text: str) -> tuple[tuple[str, str | None, str], ...]:
    """Splits a template into texts, each with the name and kind of the placeholder after it (None and "" at the end)."""
    return tuple((literal, name, kind or "") for literal, name, kind, _ in Formatter().parse(text))


def placeholders(text: str) -> dict[str, str]:
    """Returns the kinds of a template's placeholders by name. Raises `ValueError` if a name occurs twice."""
    found: dict[str, str] = {}
    for _, name, kind in parts(text):
        if name is None:
            continue
        if name in found:
            raise ValueError(f"the placeholder {name} occurs twice in: {text}")
        found[name] = kind
    return found


def fits(kind: str, value: Filling) -> bool:
    """Returns whether a value can fill a placeholder of a kind."""
    if kind.startswith("["):
        return isinstance(value, tuple) and all(one == CUT or fits(kind[1:-1], one) for one in value)
    name = kind.partition(" ")[0]
    if name in ("number", "count") and isinstance(value, str):
        return value.removeprefix("-").isdecimal()  # a large number, stored as its digits
    expected = KINDS.get(name)
    if isinstance(value, float) and not isfinite(value):
        return False
    return expected is not None and isinstance(value, expected) and not isinstance(value, bool)


def sort(kind: str) -> str:
    """Returns the type of value that fills a kind, in whatever form it is shown: ``number`` for ``count`` too."""
    inner = kind.removeprefix("[").removesuffix("]").partition(" ")[0]
    same = _SAME.get(inner, inner)
    return f"[{same}]" if kind.startswith("[") else same


class _Filled:
    """Fills one template in one language."""

    def __init__(self, language: str, params: Mapping[str, Filling]) -> None:
        self.language, self.params = language, params

    def words(self, text: str) -> str:
        if not text.isascii():
            return self.spaced(text)
        return "".join(
            literal if name is None else literal + self.shown(self.params[name], kind)
            for literal, name, kind in parts(text)
        )

    def spaced(self, text: str) -> str:
        """Fills a template with a space at each placeholder, as between Chinese and Latin, without those that do not belong."""
        made = ""
        for literal, name, kind in parts(text):
            if literal.startswith(" ") and _is_tight(made[-1:], literal[1:2]):
                literal = literal[1:]
            made += literal
            if name is None:
                continue
            value = self.shown(self.params[name], kind)
            if literal.endswith(" ") and _is_tight(made[-2:-1], value[:1]):
                made = made[:-1]
            made += value
        return made

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
            case ("word" | "field") as section, _, _:
                return word(section, str(value), self.language)
            case "assurance", _, _:
                return assurance(str(value), self.language)
            case "time", _, _:
                return _FRACTION.sub("", str(value))
            case "moment", _, _:
                return self.moment(parse_timestamp(str(value)))
            case "span", _, _:
                assert isinstance(value, int | float)
                return self.span(value)
        return str(value)

    def quoted(self, text: str) -> str:
        """Quotes a text from outside. Its quotation marks and backslashes are escaped, so that it cannot end the quotation."""
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
        clock: dict[str, Filling] = {"h": hours, "m": minutes, "s": rest, "clock": f"{hours}:{minutes:02}:{rest:02}"}
        return phrase("span", "days" if days else "clock", self.language, **clock, n=days)

    def moment(self, when: datetime) -> str:
        try:
            local = when.astimezone(_UTC_8)
        except OverflowError:  # the last hours of the year 9999, which a node may return
            return format_timestamp(when)
        forms = {"date": f"{when:%Y-%m-%d}", "clock": f"{when:%H:%M:%S}", "local": f"{local:%Y-%m-%d %H:%M:%S}"}
        text = self.style("moment")
        return _Filled(self.language, {name: forms[name] for name in placeholders(text)}).words(text)

    def style(self, name: str) -> str:
        return templates(self.language)["style"][name]


def _is_tight(left: str, right: str) -> bool:
    """Returns whether no space belongs between two characters: both are Chinese, or one of them is full-width punctuation."""
    if left in _FULL_WIDTH or right in _FULL_WIDTH:
        return bool(left and right)
    return left >= _FIRST_CHINESE and right >= _FIRST_CHINESE


def _bare(message: Keyed) -> str:
    params: Any = message.to_dict()["params"]
    return f"{message.key} {json.dumps(params, ensure_ascii=False)}" if params else message.key
