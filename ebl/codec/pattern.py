r"""Patterns (regular expressions) whose matching time is linear in the text, for every pattern and every text.

A subset of the usual syntax: characters, ``.``, ``[a-z]`` and ``[^a-z]``, ``\d`` (0 to 9), ``\w`` (ASCII letters, digits, ``_``),
``\s`` (white space), a backslash before any other sign, ``( )``, ``|``, and ``* + ? {n} {n,} {n,m}``. ``(?i)`` at the start
ignores upper and lower case. A pattern matches a whole text; ``^`` at its start and ``$`` at its end change nothing.

There are no back references and no lookaround. So a set of states is followed instead of trying every path (Thompson,
"Regular Expression Search Algorithm", 1968).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

MAX_LENGTH: Final = 200
"""The most characters of a pattern."""
MAX_STATES: Final = 400
_MAX_GROUPS: Final = 20
_CACHED: Final = 2000
_REPEAT: Final = re.compile(r"\{([0-9]{1,3})(?:(,)([0-9]{1,3})?)?\}")
_CLASSES: Final[dict[str, Callable[[str], bool]]] = {
    "d": lambda c: "0" <= c <= "9",
    "w": lambda c: c == "_" or (c.isascii() and c.isalnum()),
    "s": str.isspace,
}

Test = Callable[[str], bool]


class NotAPattern(ValueError):
    """A text is not a pattern, or the pattern is too large."""


@dataclass(slots=True)
class _PatternState:
    """Leads to ``out`` over a character that passes ``test``, or without a character if there is no test."""

    test: Test | None = None
    out: list[int] = field(default_factory=list)


class Pattern:
    """A pattern. Raises `NotAPattern` if the text is not one, or if it is too large."""

    __slots__ = ("_known", "_starts", "_states", "source")

    def __init__(self, source: str) -> None:
        if len(source) > MAX_LENGTH:
            raise NotAPattern(f"a pattern has at most {MAX_LENGTH} characters; this one has {len(source)}.")
        self.source = source
        parser = _Parser(source)
        self._states = parser.states
        self._starts = self._free({parser.start})
        self._known: dict[tuple[frozenset[int], str], frozenset[int]] = {}

    def __reduce__(self) -> tuple[type[Pattern], tuple[str]]:
        """A pattern is sent to another process as its source."""
        return Pattern, (self.source,)

    def matches(self, text: str) -> bool:
        """Returns whether the whole text matches."""
        at = self._starts
        for character in text:
            at = self._after(at, character)
            if not at:
                return False
        return 0 in at

    def _after(self, at: frozenset[int], character: str) -> frozenset[int]:
        """Returns the states after one more character."""
        found = self._known.get((at, character))
        if found is None:
            over = {
                out
                for number in at
                if (state := self._states[number]).test is not None and state.test(character)
                for out in state.out
            }
            found = self._free(over)
            if len(self._known) < _CACHED:
                self._known[at, character] = found
        return found

    def _free(self, states: set[int]) -> frozenset[int]:
        """Returns these states and those reached from them without a character. The end is number 0."""
        seen, todo = set(states), list(states)
        while todo:
            state = self._states[todo.pop()]
            if state.test is None:
                new = [out for out in state.out if out not in seen]
                seen.update(new)
                todo += new
        return frozenset(number for number in seen if number == 0 or self._states[number].test is not None)


class _Parser:
    """Builds the states of a pattern from its end to its start: each piece leads to states that exist already."""

    def __init__(self, source: str) -> None:
        self._fold = source.startswith("(?i)")
        self._text = source.removeprefix("(?i)").removeprefix("^")
        if self._text.endswith("$") and not self._text.endswith("\\$"):
            self._text = self._text[:-1]
        self._at = 0
        self._deep = 0
        self.states: list[_PatternState] = [_PatternState()]
        build = self._choice()
        if self._at < len(self._text):
            raise self._wrong("a ) has no ( before it")
        self.start = build(0)

    def _new(self, test: Test | None, *out: int) -> int:
        if len(self.states) >= MAX_STATES:
            raise NotAPattern("the pattern is too large.")
        self.states.append(_PatternState(test, list(out)))
        return len(self.states) - 1

    def _wrong(self, why: str) -> NotAPattern:
        return NotAPattern(f"{self._text[:60]!r} is not a pattern: {why} (character {self._at + 1}).")

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _choice(self) -> Callable[[int], int]:
        ways = [self._sequence()]
        while self._next() == "|":
            self._at += 1
            ways.append(self._sequence())
        if len(ways) == 1:
            return ways[0]
        return lambda then: self._new(None, *[way(then) for way in ways])

    def _sequence(self) -> Callable[[int], int]:
        pieces: list[Callable[[int], int]] = []
        while self._next() not in ("", "|", ")"):
            pieces.append(self._repeated(self._piece()))

        def build(then: int) -> int:
            for piece in reversed(pieces):
                then = piece(then)
            return then

        return build

    def _repeated(self, piece: Callable[[int], int]) -> Callable[[int], int]:
        sign = self._next()
        if sign not in ("*", "+", "?", "{"):
            return piece
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign, (0, None))
        if sign == "{":
            found = _REPEAT.match(self._text, self._at)
            if found is None:
                raise self._wrong("after { a number of repeats is expected, such as {3} or {1,4}")
            least = int(found[1])
            most = int(found[3]) if found[3] else None if found[2] else least
            if most is not None and most < least:
                raise self._wrong("the first number of repeats is larger than the second")
            self._at = found.end()
        else:
            self._at += 1
        if self._next() in ("*", "+", "?", "{"):
            raise self._wrong("a repeat cannot be repeated; put the first one in ( )")

        def build(then: int) -> int:
            if most is None:
                loop = self._new(None, then)
                self.states[loop].out.append(piece(loop))
                then = loop
            else:
                for _ in range(most - least):
                    then = self._new(None, then, piece(then))
            for _ in range(least):
                then = piece(then)
            return then

        return build

    def _piece(self) -> Callable[[int], int]:
        sign = self._next()
        self._at += 1
        if sign == "(":
            if self._next() == "?":
                raise self._wrong("a ? after ( is only allowed as (?i) at the start")
            self._deep += 1
            if self._deep > _MAX_GROUPS:
                raise self._wrong("( ) are nested too deeply")
            inner = self._choice()
            self._deep -= 1
            if self._next() != ")":
                raise self._wrong("a ) is missing")
            self._at += 1
            return inner
        if sign in ("*", "+", "?", "{"):
            self._at -= 1
            raise self._wrong("a repeat has nothing before it")
        if sign in ("^", "$"):
            raise self._wrong(f"{sign} is only allowed at the start or the end; write \\{sign} for the sign itself")
        test = self._any if sign == "." else self._set() if sign == "[" else self._sign(sign)
        return lambda then: self._new(test, then)

    def _any(self, character: str) -> bool:
        return character != "\n"

    def _sign(self, sign: str) -> Test:
        """Returns the test of one character, or of a backslash and a letter."""
        if sign == "\\":
            sign = self._escaped()
            if sign in _CLASSES:
                return _CLASSES[sign]
        same = {sign, sign.lower(), sign.upper()} if self._fold else {sign}
        return lambda character: character in same

    def _escaped(self) -> str:
        sign = self._next()
        if not sign or (sign.isascii() and sign.isalnum() and sign not in _CLASSES):
            raise self._wrong(f"\\{sign} is not supported")
        self._at += 1
        return sign

    def _set(self) -> Test:
        is_not = self._next() == "^"
        self._at += is_not
        tests: list[Test] = []
        while self._next() not in ("", "]"):
            sign = self._next()
            self._at += 1
            if sign == "[":
                raise self._wrong("write \\[ for the sign within [ ]")
            is_class = False
            if sign == "\\":
                sign = self._escaped()
                is_class = sign in _CLASSES
            if is_class:
                tests.append(_CLASSES[sign])
            elif self._next() == "-" and self._text[self._at + 1 : self._at + 2] not in ("", "]"):
                self._at += 1
                end = self._next()
                self._at += 1
                if end == "\\":
                    end = self._escaped()
                if end < sign:
                    raise self._wrong(f"{sign}-{end} is not a range")
                tests.append(self._range(sign, end))
            else:
                tests.append(self._range(sign, sign))
        if not self._next():
            raise self._wrong("a ] is missing")
        if not tests:
            raise self._wrong("[ ] is empty")
        self._at += 1
        return lambda character: any(test(character) for test in tests) != is_not

    def _range(self, first: str, last: str) -> Test:
        if not self._fold:
            return lambda character: first <= character <= last
        return lambda character: any(first <= one <= last for one in (character, character.lower(), character.upper()))
