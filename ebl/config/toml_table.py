"""Reading of a table of a user's file key by key, so that every mistake in it is reported at once."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from ebl.errors import InvalidInput, Problem

_TEXT = re.compile(r"[^\x00-\x1f]{1,200}")
_UNSHOWN = "another form (not shown, as it may hold a password)"


def read_toml(text: str, name: str) -> dict[str, Any]:
    """Reads a TOML text, every value of which can be shown in a message. Raises `InvalidInput` if it is malformed."""
    if text.startswith("\ufeff"):
        raise InvalidInput(f"{name} starts with a byte order mark.", fix="Save it as UTF-8 without one.")
    try:
        content = tomllib.loads(text)
        repr(content)  # fails for a number of thousands of digits, which no other TOML reader would accept
    except RecursionError:
        raise InvalidInput(f"{name} is nested too deeply.") from None
    except ValueError as bad:
        raise InvalidInput(f"{name} is not TOML: {bad}.") from bad
    return content


class TomlTable:
    """One table of a file. Its mistakes go to ``problems``. Call `end` after all its keys were read."""

    def __init__(self, content: Any, pointer: str, problems: list[Problem]) -> None:
        self._pointer, self._problems = pointer, problems
        self._rest: dict[str, Any] = dict(content) if isinstance(content, dict) else {}
        self._known: list[str] = []
        if not isinstance(content, dict):
            self.wrong("", "a table", type(content).__name__)
            self._problems = []  # keys missing from a value that is not a table are not mistakes of their own

    def __contains__(self, key: str) -> bool:
        self._known.append(key)
        return key in self._rest

    def table(self, key: str) -> TomlTable:
        """Returns a table within this one; an empty one if there is none."""
        return TomlTable(self._take(key, {}), f"{self._pointer}/{key}", self._problems)

    def tables(self, key: str, meant: Callable[[Any], str]) -> list[TomlTable]:
        """Returns a list of tables, without values that are not tables. ``meant`` writes the table that such a value means."""
        value = self._take(key, [])
        if not isinstance(value, list):
            self.wrong(key, f"a list of tables, such as [{meant(value)}]", shown(value))
            return []
        found = []
        for at, one in enumerate(value):
            if isinstance(one, dict):
                found.append(TomlTable(one, f"{self._pointer}/{key}/{at}", self._problems))
            else:
                self.wrong(f"{key}/{at}", f"a table, such as {meant(one)}", shown(one))
        return found

    def values(self, key: str) -> list[Any] | None:
        """Returns a list of any values; None if there is none."""
        value = self._take(key, None)
        if value is None or isinstance(value, list):
            return value
        self.wrong(key, "a list", shown(value))
        return None

    def text(
        self,
        key: str,
        default: str | None,
        form: re.Pattern[str] = _TEXT,
        expected: str = "text",
        *,
        secret: bool = False,
    ) -> Any:
        """Returns a text of the given form. A ``secret`` text is never in a message."""
        value = self._take(key, default)
        if value is default or (isinstance(value, str) and form.fullmatch(value)):
            return value
        self.wrong(key, expected, _UNSHOWN if secret else shown(value))
        return default

    def texts(self, key: str, form: re.Pattern[str], expected: str, *, secret: bool = False) -> tuple[str, ...]:
        """Returns a list of texts of the given form. ``secret`` texts are never in a message."""
        value = self._take(key, [])
        if isinstance(value, list) and all(isinstance(word, str) and form.fullmatch(word) for word in value):
            return tuple(value)
        self.wrong(key, f"a list of {expected}", _UNSHOWN if secret else shown(value))
        return ()

    def flag(self, key: str, default: bool = False) -> bool:
        """Returns true or false."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            self.wrong(key, "true or false", shown(value))
        return value is True

    def any(self, key: str) -> Any:
        """Returns any value; None if there is none."""
        return self._take(key, None)

    def date(self, key: str) -> date | None:
        """Returns a day, if there is one."""
        value = self._take(key, None)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.wrong(key, "a day such as 2026-12-31", shown(value))
        return None

    def number(
        self, key: str, default: int | None, expected: str, *, least: int = 1, most: int, whole: bool = True
    ) -> Any:
        """Returns a number from ``least`` to below ``most``. Without a default, it is required."""
        value = self._take(key, default)
        kinds = int if whole else (int, float)
        if isinstance(value, kinds) and not isinstance(value, bool) and least <= value < most:
            return value
        self.wrong(key, expected, "nothing" if value is None else shown(value))
        return default or 0

    def end(self) -> None:
        """Reports every key that was not read: the table has no such key."""
        for key in self._rest:
            self.wrong(key, f"one of {', '.join(dict.fromkeys(self._known))}", shown(key))

    def _take(self, key: str, default: Any = None) -> Any:
        self._known.append(key)
        return self._rest.pop(key, default)

    def wrong(self, key: str, expected: str, came: str, *, detail: str = "") -> None:
        """Records a mistake; ``detail`` explains it in sentences of its own."""
        self._problems.append(Problem(self._place(key), expected, came[:120], detail))

    def is_wrong(self, key: str = "") -> bool:
        """Returns whether a mistake was recorded at a key, or below it: what follows from it is not a mistake of its own."""
        place = self._place(key)
        return any(problem.pointer == place or problem.pointer.startswith(f"{place}/") for problem in self._problems)

    def _place(self, key: str) -> str:
        return f"{self._pointer}/{key}".rstrip("/")


def shown(value: Any) -> str:
    """Returns a value as the file has it, for messages."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list():
            return f"[{', '.join(map(shown, value))}]"
        case dict():
            return f"{{ {', '.join(f'{key} = {shown(inner)}' for key, inner in value.items())} }}" if value else "{}"
    return str(value)
