"""What values from outside are, as messages: for "expected …; got …", and for lists of names."""

from __future__ import annotations

from collections.abc import Sequence

from ebl.messages.message import Message, say

_TEXT = 60
"""How many characters of a text are shown within a sentence."""


def described(value: object) -> Message:
    """What a value of JSON is, in a few words: the text itself if it is one."""
    match value:
        case str():
            return say("value", "text", text=cut(value))
        case None:
            return say("value", "nothing")
        case bool():
            return say("value", "true" if value else "false")
        case dict():
            return say("value", "object" if value else "empty_object")
        case list():
            return _listed(value)
    return say("value", "number")


def some(names: Sequence[str], limit: int = 5) -> Message:
    """The first few of names from outside, and how many more there are."""
    first = [cut(name) for name in names[:limit]]
    if len(names) > limit:
        return say("value", "some", names=first, more=len(names) - limit)
    return say("value", "names", names=first)


def cut(text: str) -> str:
    """The beginning of a text from outside."""
    return text if len(text) <= _TEXT else f"{text[: _TEXT - 1]}…"


def _listed(values: list[object]) -> Message:
    texts = [one for one in values if isinstance(one, str)]
    if not values:
        return say("value", "empty_list")
    if len(texts) < len(values):
        return say("value", "list")
    return say("value", "list_of", texts=some(texts))
