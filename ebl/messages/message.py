"""What is to be said, as data: the words are in the catalogue of a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Self, Union

from ebl.codec.broken import Reason
from ebl.codec.timestamp import format_timestamp
from ebl.messages.catalogue import ANY, CUT, Filling, Keyed, render

Parameter = Union[str, int, float, bytes, date, timedelta, "Message", Reason, Sequence["Parameter"]]
"""What may fill a placeholder. A `datetime` (which is a `date`) has a zone, and a `Reason` is a message. Never a
sentence of ours."""

LONGEST: Final = 300
"""How many characters of a text from outside are kept."""
_MOST: Final = 50
"""How many of a list are kept, as there may be as many as a stranger likes; one that is cut ends in `CUT`."""
_EXACT: Final = 2**53
"""Readers of JSON may round numbers from here on, so that these are kept as their digits."""


class Message(Keyed):
    """What is to be said: a key of the catalogue and parameters. Make it with `say`.

    ``code`` is one of `ebl.codes`, or a section of the catalogue beside them (``fact``, ``rule`` …). Two messages are equal if
    they say the same. ``str(message)`` is English.
    """

    __slots__ = ()

    @classmethod
    def of(cls, code: str, variant: str, params: Mapping[str, Parameter]) -> Self:
        """What `say` makes."""
        return cls(str(code), variant, tuple((name, _kept(value)) for name, value in params.items()))

    def __str__(self) -> str:
        return render(self)


def say(code: str, variant: str = "", /, **params: Parameter) -> Message:
    """The message with this key and these parameters.

    Not checked here, but by the tests: that the catalogue has the key, and that its placeholders are these.
    """
    return Message.of(code, variant, params)


def own_words(text: str) -> Message:
    """What somebody else's code says in its own words: a source or a policy of the caller's. It is shown as it is."""
    return say(ANY, "own_words", text=text)


def explained(reason: Reason) -> Message:
    """What an algorithm found, as a message: the section is named as its subject."""
    return Message.of(reason.subject, reason.name, dict(reason.params))  # type: ignore[arg-type]


def parse(found: object, *, depth: int = 8) -> Message:
    """The message that `Message.to_dict` wrote, with texts cut as `say` cuts them.

    Raises `ValueError` or `TypeError` if ``found`` is none, or nests deeper.
    """
    if not isinstance(found, dict) or set(found) != {"key", "params"} or depth < 1:
        raise ValueError(f"expected a message of key and params; got {found!r:.80}")
    key, params = found["key"], found["params"]
    if not isinstance(key, str) or len(key) > LONGEST or not isinstance(params, dict):
        raise ValueError(f"expected a key and an object; got {found!r:.80}")
    code, _, variant = key.partition("/")
    return Message(code, variant, tuple((name, _parsed(value, depth)) for name, value in params.items()))


def _parsed(value: object, depth: int) -> Filling:
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, list) and depth:
        return tuple(_parsed(one, depth - 1) for one in value)
    return parse(value, depth=depth - 1)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST or (len(text) == LONGEST + 1 and text[-1] == "…") else f"{text[:LONGEST]}…"


def _kept(value: Parameter) -> Filling:
    match value:
        case str():
            return _cut(str.__str__(value))  # of a code its value
        case int() if abs(value) >= _EXACT:
            return str(value)
        case float() if value.is_integer():
            return _kept(int(value))  # as JSON is read: 1.0 has two readings
        case Message() | int() | float():
            return value
        case Reason():
            return explained(value)
        case bytes():
            return f"0x{value.hex()}"
        case datetime():
            return format_timestamp(value, to="auto")
        case date():
            return value.isoformat()
        case timedelta():
            return _kept(round(value.total_seconds(), 3))
    if len(value) <= _MOST or all(isinstance(one, Message) for one in value):
        return tuple(map(_kept, value))  # messages are ours, so that none is left out
    return (*map(_kept, value[:_MOST]), CUT)
