"""Identifiers of companies, of which only the form is checked: a well-formed one proves no identity."""

from __future__ import annotations

import re
from typing import Final

_LEI: Final = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
_USCC_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC: Final = re.compile(f"[{_USCC_LETTERS}]{{18}}")
_UEN: Final = (
    re.compile(r"[0-9]{8}[A-Z]"),  # a business
    re.compile(r"(?:18|19|20)[0-9]{7}[A-Z]"),  # a local company: the year of its registration first
    re.compile(r"[RST][0-9]{2}[A-Z0-9]{2}[0-9]{4}[A-Z]"),  # any other entity
)


def is_lei(text: str) -> bool:
    """Returns whether a text is a Legal Entity Identifier (ISO 17442) with the right check digits (ISO 7064, MOD 97-10)."""
    return bool(_LEI.fullmatch(text)) and int("".join(str(int(letter, 36)) for letter in text)) % 97 == 1


def is_uscc(text: str) -> bool:
    """Returns whether a text is a unified social credit code (GB 32100-2015) with the right check character."""
    if not _USCC.fullmatch(text):
        return False
    total = sum(_USCC_LETTERS.index(letter) * pow(3, at, 31) for at, letter in enumerate(text[:17]))
    return _USCC_LETTERS.index(text[17]) == -total % 31


def is_uen(text: str) -> bool:
    """Returns whether a text has one of the three forms of Singapore's Unique Entity Number. Its check letter is not checked."""
    return any(form.fullmatch(text) for form in _UEN)
