"""The page of a code in a language: what it means, and what to do."""

from __future__ import annotations

from ebl import codes
from ebl.messages.catalogue import ENGLISH, word


def code_page(code: str, language: str = ENGLISH) -> str:
    """Returns the page of a code in Markdown, as ``ebl explain`` prints it.

    In English it is that of `ebl.codes.page`; another language has it in its catalogue. Raises `ValueError` if there is no such
    code, and `KeyError` if there is no such language.
    """
    english = codes.page(code)
    if language == ENGLISH:
        return english
    parts = (f"**{word('code_page', part, language)}**{word(part, code, language)}" for part in ("means", "to_do"))
    return "\n\n".join((f"# {code}", *parts)) + "\n"
