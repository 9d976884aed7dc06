"""Every message that a test makes is held to the catalogue: its key, the names of its parameters, and what fills them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps

import pytest

from ebl.messages import Message
from ebl.messages.catalogue import CUT, ENGLISH, fits, placeholders, template, templates


def faults(made: Message) -> Iterator[str]:
    """What is wrong with a message; nothing if the catalogue has it, and what fills it is of the right kinds."""
    text = template(made, ENGLISH)
    if text is None:
        yield f"the catalogue has no {made.key}"
        return
    expected = placeholders(text)
    if set(expected) != set(made.params):
        yield f"{made.key}: expected {sorted(expected)}; got {sorted(made.params)}"
    for name, value in made.params.items():
        if name in expected and not fits(expected[name], value):
            yield f"{made.key}: {name} is {expected[name]}; got {value!r:.60}"
        elif expected.get(name) in ("word", "[word]"):
            words = value if isinstance(value, tuple) else (value,)
            yield from (
                f"the catalogue has no word {one}" for one in words if one not in (CUT, *templates(ENGLISH)["word"])
            )


@pytest.fixture(scope="session", autouse=True)
def _messages_are_in_the_catalogue() -> Iterator[None]:
    """A fault is raised where the message is made, so that the test that makes it fails."""
    made = Message.of.__func__  # type: ignore[attr-defined]

    @wraps(made)
    def checked(cls: type[Message], *args: object) -> Message:
        message: Message = made(cls, *args)
        if found := [*faults(message)]:
            raise AssertionError("; ".join(found))
        return message

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Message, "of", classmethod(checked))
        yield
