"""Messages as data: a key and parameters. The texts are in the catalogue of a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Self, Union

from ebl.codec.broken import Reason
from ebl.codec.timestamp import format_timestamp
from ebl.messages.catalogue import ANY, CUT, Filling, Keyed, render

Parameter = Union[str, int, float, bytes, date, timedelta, "Message", Reason, Sequence["Parameter"]]
"""A value that may fill a placeholder. A `datetime` (which is a `date`) has a zone, and a `Reason` is a message. A sentence
written by ebl is never a parameter."""

LONGEST: Final = 300
"""The number of characters kept of a text from outside."""
_MOST: Final = 50
"""The number of items kept of a list, whose length an attacker may choose. A list that was cut ends in `CUT`."""
_EXACT: Final = 2**53
"""JSON readers may round integers from this size on, so larger ones are stored as their digits."""


class Message(Keyed):
    """A key of the catalogue and parameters. Make one with `say`.

    ``code`` is one of `ebl.codes`, or another section of the catalogue (``fact``, ``rule`` …). Messages are equal if key and
    parameters are. ``str(message)`` is English.
    """

    __slots__ = ()

    @classmethod
    def of(cls, code: str, variant: str, params: Mapping[str, Parameter]) -> Self:
        """Makes a message, as `say` does."""
        return cls(str(code), variant, tuple([(name, _kept(value)) for name, value in params.items()]))

    def __str__(self) -> str:
        return render(self)


def say(code: str, variant: str = "", /, **params: Parameter) -> Message:
    """Returns the message with this key and these parameters.

    Not checked here but by the tests: that the catalogue has the key, and that its placeholders match the parameters.
    """
    return Message.of(code, variant, params)


def own_words(text: str) -> Message:
    """Returns a message with the text of other code: a source or a policy of the caller. It is shown unchanged."""
    return say(ANY, "own_words", text=text)


def explained(reason: Reason) -> Message:
    """Returns the reason found by an algorithm as a message; the section of the catalogue is the reason's subject."""
    return Message.of(reason.subject, reason.name, dict(reason.params))  # type: ignore[arg-type]


def parse(found: object, *, depth: int = 8) -> Message:
    """Reads a message from the output of `Message.to_dict`. Texts are cut as `say` cuts them.

    Raises `ValueError` or `TypeError` if ``found`` is not a message, or is nested deeper than ``depth``.
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
    if type(value) is str and len(value) <= LONGEST:  # the usual case
        return value
    match value:
        case str():
            return _cut(str.__str__(value))  # the value of a code
        case int() if abs(value) >= _EXACT:
            return str(value)
        case float() if value.is_integer():
            return _kept(int(value))  # JSON readers read 1.0 as 1 or as 1.0
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
        return tuple(map(_kept, value))  # messages are made by ebl, so none is left out
    return (*map(_kept, value[:_MOST]), CUT)
