"""The languages that people choose from, and the one that their system is set to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

Language = Literal["en", "zh-Hans"]
"""A language that has a catalogue, as a BCP 47 tag: what every function with a parameter ``language`` takes."""
Choice = Literal["en", "zh", "both"]
"""What a person writes: one language, or both side by side."""

CHOICES: Final[tuple[Choice, ...]] = ("en", "zh", "both")
_CHOSEN: Final[Mapping[Choice, tuple[Language, ...]]] = {
    "en": ("en",),
    "zh": ("zh-Hans",),
    "both": ("zh-Hans", "en"),
}
_LOCALES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The variables of the environment that name the language of messages. The first that is not empty applies (POSIX)."""


def languages_of(choice: Choice | None, environ: Mapping[str, str]) -> tuple[Language, ...]:
    """Returns the languages to show, the first one first; without a ``choice`` the one of the locale in ``environ``.

    Every locale of Chinese is shown simplified characters, because there is no catalogue in traditional ones; every other
    locale is shown English.
    """
    return _CHOSEN[choice or _of_locale(environ)]


def _of_locale(environ: Mapping[str, str]) -> Choice:
    named = next((value for name in _LOCALES if (value := environ.get(name))), "")
    return "zh" if named.replace("-", "_").partition("_")[0].partition(".")[0].lower() == "zh" else "en"
